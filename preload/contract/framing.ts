// Where one message ends and the next begins, for services that put messages on TCP's stream of bytes. Chunks stay what they
// are, reads and writes as the loop saw them; frames are an overlay on them. Pure; the engine, the page and exports use it.

/** How a stream is cut into messages; every endpoint has one, `raw` where nothing is said. */
export type Framing =
  /** Every chunk is a message. */
  | { readonly kind: 'raw' }
  /** Up to and with LF; a CR before it belongs to the line ending too. */
  | { readonly kind: 'line' }
  | { readonly kind: 'delimiter'; readonly delimiter: Uint8Array }
  /**
   * A number of `size` bytes that stands `offset` bytes into the message says how many bytes follow it, or, where
   * `inclusive`, how long the message is with everything before them.
   */
  | {
      readonly kind: 'length'
      readonly size: 1 | 2 | 4 | 8
      readonly endian: 'big' | 'little'
      readonly offset: number
      readonly inclusive: boolean
    }
  | { readonly kind: 'fixed'; readonly bytes: number }
  /** What comes without a pause of this many ms. */
  | { readonly kind: 'idle'; readonly idleMs: number }

export const framingKinds = [
  'raw',
  'line',
  'delimiter',
  'length',
  'fixed',
  'idle',
] as const satisfies readonly Framing['kind'][]
