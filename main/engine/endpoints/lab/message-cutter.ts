// Cuts the pieces of a direction into the messages of the endpoint's framing, and knows of each which chunks it came in.
// Counterparts: preload/contract/framing.ts (does the cutting), replacer.ts and triggered.ts (look at messages).
import { type Frame, Framer, type Framing, type FramingFailure } from '../../../../preload/contract/framing.ts'
import type { Piece } from './piece.ts'

/** A message, or what is left of one where the stream ended or is not to be cut any more. */
export interface Message {
  /** All of its bytes, and the part that patterns look at: a view of them. */
  readonly bytes: Uint8Array
  readonly body: Uint8Array
  /** The same bytes in the chunks that they came in; never empty. */
  readonly pieces: readonly Piece[]
}

export interface CutterClock {
  now(): number
  callAt(whenMs: number, callback: () => void): () => void
}

/** Where the bytes of a piece lie in the stream of this cutter. */
interface Place {
  readonly seq: number
  readonly offset: number
  readonly last: boolean
  readonly start: number
  readonly end: number
}

export class MessageCutter {
  readonly #framer: Framer | null
  readonly #idleMs: number | null
  readonly #clock: CutterClock
  readonly #onMessage: (message: Message) => void
  readonly #onFailed: (failure: FramingFailure, seq: number) => void
  /** Of pieces that are in no message yet, or not all of them. */
  #places: Place[] = []
  #pushed = 0
  /** What is being pushed: a message may be a view of it. */
  #current: Piece | null = null
  #cancel: (() => void) | null = null
  #disposed = false

  /** `onFailed`: the bytes cannot be cut as the framing says; from there on every piece is a message. Told once at most. */
  constructor(
    framing: Framing | undefined,
    clock: CutterClock,
    onMessage: (message: Message) => void,
    onFailed: (failure: FramingFailure, seq: number) => void,
  ) {
    this.#framer = framing === undefined || framing.kind === 'raw' ? null : new Framer(framing)
    this.#idleMs = framing?.kind === 'idle' ? framing.idleMs : null
    this.#clock = clock
    this.#onMessage = onMessage
    this.#onFailed = onFailed
  }

  push(piece: Piece): void {
    if (this.#framer === null) {
      this.#onMessage({ bytes: piece.data, body: piece.data, pieces: [piece] })
      return
    }
    const { seq, offset, last, data } = piece
    this.#places.push({ seq, offset, last, start: this.#pushed, end: this.#pushed + data.length })
    this.#pushed += data.length
    this.#current = piece
    const { frames, failure } = this.#framer.push(data, this.#clock.now())
    if (failure !== null) this.#onFailed(failure, seq)
    for (const frame of frames) this.#deliver(frame)
    this.#current = null
    if (!this.#disposed) this.#waitForSilence()
  }

  /** Gives out what is left as a message: nothing follows, or nothing more is to be cut. */
  end(): void {
    this.#cancel?.()
    const frame = this.#framer?.end()
    if (frame != null) this.#deliver(frame)
  }

  dispose(): void {
    this.#disposed = true
    this.#cancel?.()
    this.#places = []
  }

  #waitForSilence(): void {
    this.#cancel?.()
    this.#cancel = null
    if (this.#idleMs === null || this.#framer === null || this.#framer.pendingBytes === 0) return
    this.#cancel = this.#clock.callAt(this.#clock.now() + this.#idleMs, () => {
      const frame = this.#framer?.flush()
      if (frame != null) this.#deliver(frame)
    })
  }

  #deliver({ bytes, body, start, end }: Frame): void {
    // What one message caused (a reset) may have ended this direction while others of the same chunk were to follow.
    if (this.#disposed) return
    const current = this.#current
    const kept = current === null || current.kept || bytes.buffer !== current.data.buffer
    const pieces: Piece[] = []
    let done = 0
    for (const place of this.#places) {
      if (place.start >= end) break
      if (place.end <= end) done++
      const from = Math.max(start, place.start)
      const to = Math.min(end, place.end)
      pieces.push({
        data: bytes.subarray(from - start, to - start),
        seq: place.seq,
        offset: place.offset + from - place.start,
        last: place.last && to === place.end,
        kept,
      })
    }
    this.#places.splice(0, done)
    this.#onMessage({ bytes, body, pieces })
  }
}
