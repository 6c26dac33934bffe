// Where one message ends and the next begins, for services that put messages on TCP's stream of bytes. Chunks stay what they
// are, reads and writes as the loop saw them; frames are an overlay on them. Pure; the engine, the page and exports use it.
// Counterparts: frame-cuts.ts (finds the end of a message), pattern-checks.ts (what a framing may be).
import { type Cut, cutOf } from './frame-cuts.ts'

/** The most bytes of one message that framing waits for: 16 MiB. */
export const maxFrameBytes = 16 * 1024 * 1024

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

/** One message of a stream. */
export interface Frame {
  /**
   * All of it. A view of the bytes that were pushed where it lies in one push, and then valid as long as they are;
   * otherwise memory of its own.
   */
  readonly bytes: Uint8Array
  /**
   * Without what only frames it: the line ending, the delimiter, a length that stands first. What patterns look at. A
   * length with something before it stays: what stands around it is the message's own head.
   */
  readonly body: Uint8Array
  /** Offsets in the stream: of its first byte, and behind its last. */
  readonly start: number
  readonly end: number
  /** False for what was left when the stream ended before the message did. */
  readonly complete: boolean
}

/** Why a stream cannot be cut as its framing says. */
export interface FramingFailure {
  readonly code: 'message-too-long' | 'bad-length'
  readonly message: string
  /** Offset in the stream of the message that could not be cut. */
  readonly at: number
}

export interface FramingStep {
  readonly frames: readonly Frame[]
  /** Once at most; from there on every push is one frame, as with `raw`. */
  readonly failure: FramingFailure | null
}

const nothing = new Uint8Array(0)
const noStep: FramingStep = { frames: [], failure: null }
/** Memory for a message that comes in parts begins with so many bytes, and doubles. */
const firstPartBytes = 256

/**
 * Cuts one direction of one connection into messages. It keeps what has come of the message that is not whole yet, up to
 * `maxFrameBytes`, and looks at every byte once, however small the pieces are in which they come.
 *
 * `idle` has no clock of its own: the caller sets a timer of `idleMs` after each push and calls `flush` when it fires. Where
 * pushes carry their time (`atMs`), a pause between two of them also ends a message by itself, without a timer.
 */
export class Framer {
  #cut: Cut
  #idleMs: number
  /** What has come of the message that is not whole yet: the first `#length` bytes. */
  #parts: Uint8Array = nothing
  #length = 0
  /** Offset in the stream of the first byte that is in no frame yet. */
  #start: number
  #lastAtMs: number | undefined

  /** `start`: the offset in the stream of the first byte that will be pushed. */
  constructor(framing: Framing, start = 0) {
    this.#cut = cutOf(framing, maxFrameBytes)
    this.#idleMs = framing.kind === 'idle' ? framing.idleMs : Number.POSITIVE_INFINITY
    this.#start = start
  }

  /** Bytes of the message that is not whole yet. */
  get pendingBytes(): number {
    return this.#length
  }

  /** The messages that end in these bytes. `atMs`: when they came; only `idle` asks. */
  push(bytes: Uint8Array, atMs?: number): FramingStep {
    if (bytes.length === 0) return noStep
    const frames: Frame[] = []
    if (this.#length > 0 && atMs !== undefined && this.#lastAtMs !== undefined)
      if (atMs - this.#lastAtMs >= this.#idleMs) frames.push(this.#take(true))
    this.#lastAtMs = atMs
    let failure: FramingFailure | null = null
    for (let from = 0; from < bytes.length; ) {
      const end = this.#cut.end(this.#parts, this.#length, bytes, from)
      if (typeof end !== 'number') {
        failure = { ...end, at: this.#start }
        this.#cut = cutOf({ kind: 'raw' }, maxFrameBytes)
        this.#idleMs = Number.POSITIVE_INFINITY
      } else if (end < 0) {
        this.#keep(bytes, from)
        break
      } else {
        frames.push(this.#frame(bytes, from, end))
        from = end
      }
    }
    return { frames, failure }
  }

  /** Ends a message of `idle`: nothing came for `idleMs`. Null where nothing waits, and for every other framing. */
  flush(): Frame | null {
    return this.#idleMs === Number.POSITIVE_INFINITY || this.#length === 0 ? null : this.#take(true)
  }

  /** The stream has ended: what is left of a message, if anything is. */
  end(): Frame | null {
    return this.#length === 0 ? null : this.#take(this.#idleMs !== Number.POSITIVE_INFINITY)
  }

  /**
   * Cuts by another framing from here on; what has come of a message is looked at again, as the beginning of the next one.
   * No byte is lost and none comes twice.
   */
  reframe(framing: Framing): FramingStep {
    const rest = this.#parts.subarray(0, this.#length)
    const atMs = this.#lastAtMs
    this.#parts = nothing
    this.#length = 0
    this.#cut = cutOf(framing, maxFrameBytes)
    this.#idleMs = framing.kind === 'idle' ? framing.idleMs : Number.POSITIVE_INFINITY
    return this.push(rest, atMs)
  }

  #frame(chunk: Uint8Array, from: number, end: number): Frame {
    if (this.#length > 0) {
      this.#append(chunk.subarray(from, end))
      return this.#take(true)
    }
    return this.#made(chunk.subarray(from, end), true)
  }

  /** All that was kept, as a frame; its memory goes with it. */
  #take(complete: boolean): Frame {
    const bytes = this.#parts.subarray(0, this.#length)
    this.#parts = nothing
    this.#length = 0
    return this.#made(bytes, complete)
  }

  #made(bytes: Uint8Array, complete: boolean): Frame {
    const start = this.#start
    this.#start += bytes.length
    const body = complete ? this.#cut.body(bytes) : bytes
    this.#cut.reset()
    return { bytes, body, start, end: this.#start, complete }
  }

  #keep(chunk: Uint8Array, from: number): void {
    this.#append(from === 0 ? chunk : chunk.subarray(from))
  }

  #append(bytes: Uint8Array): void {
    const length = this.#length + bytes.length
    if (length > this.#parts.length) {
      const larger = new Uint8Array(Math.max(length, this.#parts.length * 2, firstPartBytes))
      larger.set(this.#parts.subarray(0, this.#length))
      this.#parts = larger
    }
    this.#parts.set(bytes, this.#length)
    this.#length = length
  }
}
