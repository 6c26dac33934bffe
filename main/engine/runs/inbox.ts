// What a sequence has received: messages, or on a raw stream bytes, that its steps wait for and assert, each looked at once
// by those that wait. Counterparts: sequence.ts, preload/contract/framing.ts and stream-finder.ts.
import { Framer, type Framing } from '../../../preload/contract/framing.ts'
import { concatBytes } from '../../../preload/contract/notation.ts'
import type { Matcher, Pattern, PatternMatch } from '../../../preload/contract/patterns.ts'
import { maxUnreadBytes } from '../../../preload/contract/runs.ts'
import { createStreamFinder } from '../../../preload/contract/stream-finder.ts'

export interface Inbox {
  dataReceived(data: Uint8Array): void
  /** The pause of an `idle` framing is over, or nothing more will come. */
  flush(): void
  /** A step has sent: on a raw stream, what comes now is what it is answered. */
  noteSent(): void
  /** Waits for a pattern: a function that answers the match as soon as there is one, and null before. */
  search(matcher: Matcher): () => PatternMatch | null
  /** The last message; on a raw stream all that has come since the last send. Null for none. */
  readonly last: Uint8Array | null
  /** Bytes that no step has waited for and that had to make room for newer ones. */
  readonly passedOver: number
}

/** Bytes of what came last, and of what came first since the last send, that are kept to be asserted and looked at. */
const keptBytes = 64 * 1024
/** Messages or chunks that wait at most, besides the bound of their bytes: a peer may send a million empty lines. */
const maxUnread = 16 * 1024

const noBytes = new Uint8Array(0)

/** Patterns that may say where a message begins. */
const beginning: ReadonlySet<Pattern['match']> = new Set(['exact', 'prefix', 'regex'])

/** A piece of the stream, and where it begins in it. */
interface Piece {
  readonly start: number
  readonly bytes: Uint8Array
}

/**
 * A stream without messages. A pattern may lie anywhere in what no step has had yet, across chunks; one that begins at a
 * beginning (a prefix, `^`) may also begin where the answer to the last send does.
 */
class RawInbox implements Inbox {
  /** What no step has had, in order; the oldest goes where there is too much. */
  #pieces: Piece[] = []
  #unreadBytes = 0
  /** Offset in the stream behind its last byte. */
  #end = 0
  /** Where the answer begins: behind the last send, or the last match. */
  #answerStart = 0
  #answer: Uint8Array = noBytes
  #last: Uint8Array | null = null
  #passedOver = 0

  get last(): Uint8Array | null {
    return this.#last
  }

  get passedOver(): number {
    return this.#passedOver
  }

  dataReceived(data: Uint8Array): void {
    // The next read overwrites what was read.
    const bytes = data.slice()
    this.#pieces.push({ start: this.#end, bytes })
    this.#end += bytes.length
    this.#unreadBytes += bytes.length
    while ((this.#unreadBytes > maxUnreadBytes && this.#pieces.length > 1) || this.#pieces.length > maxUnread) {
      const oldest = this.#pieces.shift()!
      this.#unreadBytes -= oldest.bytes.length
      this.#passedOver += oldest.bytes.length
    }
    const all = concatBytes([this.#last ?? noBytes, bytes])
    this.#last = all.length > keptBytes ? all.slice(all.length - keptBytes) : all
    const room = keptBytes - this.#answer.length
    if (room > 0) this.#answer = concatBytes([this.#answer, bytes.subarray(0, room)])
  }

  flush(): void {}

  noteSent(): void {
    this.#last = null
    this.#answer = noBytes
    this.#answerStart = this.#end
  }

  search(matcher: Matcher): () => PatternMatch | null {
    const finder = createStreamFinder(matcher)
    const mayBegin = beginning.has(matcher.pattern.match)
    /** Offset in the stream of the finder's first byte, as if nothing had been left out since. */
    let origin = this.#pieces[0]?.start ?? this.#end
    let next = origin
    return () => {
      for (const { start, bytes } of this.#pieces) {
        const end = start + bytes.length
        if (end <= next) continue
        // What had to make room is missing to the finder.
        origin += Math.max(0, start - next)
        const match = finder.push(bytes.subarray(Math.max(0, next - start)))
        next = end
        if (match === null) continue
        this.#have(origin + match.end)
        return match
      }
      const match = mayBegin && this.#answer.length > 0 ? matcher(this.#answer) : null
      if (match !== null) this.#have(this.#answerStart + match.end)
      return match
    }
  }

  /** A step has had everything up to this offset. */
  #have(offset: number): void {
    const left: Piece[] = []
    for (const { start, bytes } of this.#pieces) {
      const had = Math.max(0, offset - start)
      if (had < bytes.length) left.push({ start: start + had, bytes: bytes.subarray(had) })
    }
    this.#pieces = left
    this.#unreadBytes = left.reduce((sum, { bytes }) => sum + bytes.length, 0)
    this.#answerStart = Math.max(offset, left[0]?.start ?? offset)
    this.#answer = concatBytes(left.map(({ bytes }) => bytes)).slice(0, keptBytes)
  }
}

/** A stream of messages: each is had by the first step that waits after it has come. */
class FramedInbox implements Inbox {
  readonly #framer: Framer
  readonly #messages: Uint8Array[] = []
  #unreadBytes = 0
  #last: Uint8Array | null = null
  #passedOver = 0

  constructor(framing: Framing) {
    this.#framer = new Framer(framing)
  }

  get last(): Uint8Array | null {
    return this.#last
  }

  get passedOver(): number {
    return this.#passedOver
  }

  dataReceived(data: Uint8Array): void {
    for (const frame of this.#framer.push(data).frames) this.#take(frame.body)
  }

  flush(): void {
    const rest = this.#framer.flush() ?? this.#framer.end()
    if (rest !== null) this.#take(rest.body)
  }

  noteSent(): void {}

  search(matcher: Matcher): () => PatternMatch | null {
    return () => {
      for (let message = this.#messages.shift(); message !== undefined; message = this.#messages.shift()) {
        this.#unreadBytes -= message.length
        const match = matcher(message)
        if (match !== null) return match
      }
      return null
    }
  }

  #take(body: Uint8Array): void {
    // It may be a view of the bytes that came, which the next read overwrites.
    const message = body.slice()
    this.#last = message
    this.#messages.push(message)
    this.#unreadBytes += message.length
    while ((this.#unreadBytes > maxUnreadBytes && this.#messages.length > 1) || this.#messages.length > maxUnread) {
      const oldest = this.#messages.shift()!
      this.#unreadBytes -= oldest.length
      this.#passedOver += oldest.length
    }
  }
}

export const createInbox = (framing: Framing | undefined): Inbox =>
  framing === undefined || framing.kind === 'raw' ? new RawInbox() : new FramedInbox(framing)
