// One direction of one connection cut into messages: which chunks each message lies in, and where in a chunk messages begin.
// Pure. Counterparts: contract/framing.ts (which cuts), messages.ts (which brings the chunks).
import { Framer, type Framing, type FramingFailure } from '../../preload/contract/framing.ts'
import type { ConnectionId } from '../../preload/contract/vocabulary.ts'

export type Direction = 'received' | 'sent'

/** A message as the table has it. */
export interface Message {
  readonly connection: ConnectionId
  readonly direction: Direction
  /** Its chunks, in order; of very many the first ones. */
  readonly seqs: readonly number[]
  readonly firstSeq: number
  readonly lastSeq: number
  readonly chunks: number
  readonly size: number
  /** When its last byte came or went; ms since the engine's start. */
  readonly at: number
  /** Its first bytes, in memory of its own. */
  readonly head: Uint8Array
  /** False where the stream, or what is known of it, ended before the message did. */
  readonly complete: boolean
}

/** A chunk as it is cut. */
export interface Chunk {
  readonly seq: number
  readonly at: number
  /** All of it. */
  readonly bytes: Uint8Array
  readonly length: number
}

export interface CutChunk {
  /** Messages that end in it. */
  readonly messages: readonly Message[]
  /** Offsets in the chunk at which messages begin. */
  readonly starts: readonly number[]
  /** Why the stream cannot be cut any more as it should be. */
  readonly failure: FramingFailure | null
}

/** Chunks of a message that are remembered one by one. */
const seqsKept = 64
/** Bytes of a message that a line of the table has room for. */
const headBytes = 160

/** What has come of the message that is not whole yet. */
interface Pending {
  readonly seqs: number[]
  chunks: number
  firstSeq: number
  lastSeq: number
  at: number
}

export class StreamCutter {
  readonly connection: ConnectionId
  readonly direction: Direction
  #framing: Framing
  #framer: Framer
  /** Offset in the stream of the next chunk. */
  #offset = 0
  #pending: Pending | null = null

  constructor(connection: ConnectionId, direction: Direction, framing: Framing) {
    this.connection = connection
    this.direction = direction
    this.#framing = framing
    this.#framer = new Framer(framing)
  }

  get framing(): Framing {
    return this.#framing
  }

  /** When its newest chunk came or went; ms since the engine's start. */
  lastAt = 0

  /** True while the beginning of a message waits for its end. */
  get waits(): boolean {
    return this.#pending !== null
  }

  #message(pending: Pending, size: number, head: Uint8Array, complete: boolean): Message {
    const { seqs, chunks, firstSeq, lastSeq, at } = pending
    const { connection, direction } = this
    return {
      connection,
      direction,
      seqs,
      firstSeq,
      lastSeq,
      chunks,
      at,
      size,
      head: head.slice(0, headBytes),
      complete,
    }
  }

  push(chunk: Chunk): CutChunk {
    const messages: Message[] = []
    const starts: number[] = []
    const before = this.#offset
    this.lastAt = chunk.at
    this.#offset += chunk.bytes.length
    if (this.#framer.pendingBytes === 0 && chunk.bytes.length > 0) starts.push(0)
    const { frames, failure } = this.#framer.push(chunk.bytes, chunk.at)
    for (const frame of frames) {
      const end = frame.end - before
      // A pause has ended what was there before this chunk.
      const ofBefore = end <= 0
      const pending = this.#pending ?? { seqs: [], chunks: 0, firstSeq: chunk.seq, lastSeq: chunk.seq, at: chunk.at }
      if (!ofBefore) this.#note(pending, chunk)
      messages.push(this.#message(pending, frame.bytes.length, frame.bytes, frame.complete))
      this.#pending = null
      if (end >= 0 && end < chunk.bytes.length) starts.push(end)
    }
    if (this.#framer.pendingBytes > 0) {
      this.#pending ??= { seqs: [], chunks: 0, firstSeq: chunk.seq, lastSeq: chunk.seq, at: chunk.at }
      this.#note(this.#pending, chunk)
    }
    return { messages, starts: [...new Set(starts)], failure }
  }

  #note(pending: Pending, { seq, at }: Chunk): void {
    pending.chunks++
    if (pending.seqs.length < seqsKept) pending.seqs.push(seq)
    pending.lastSeq = seq
    pending.at = at
  }

  /** A pause of `idle` framing is over: the message that it ends, if one waits. */
  flush(): Message | null {
    return this.#close(this.#framer.flush())
  }

  /** The stream is over, or what comes next does not adjoin: what is left of a message. Cuts anew from there. */
  end(framing = this.#framing): Message | null {
    const left = this.#close(this.#framer.end())
    this.#framing = framing
    this.#framer = new Framer(framing)
    this.#offset = 0
    return left
  }

  #close(frame: ReturnType<Framer['end']>): Message | null {
    const pending = this.#pending
    this.#pending = null
    return frame === null || pending === null
      ? null
      : this.#message(pending, frame.bytes.length, frame.bytes, frame.complete)
  }
}
