// What a sequence has received: messages, or on a raw stream bytes, that its steps wait for and assert, each looked at once
// by those that wait. Counterparts: sequence.ts, preload/contract/framing.ts and stream-finder.ts.
import { Framer, type Framing } from '../../../preload/contract/framing.ts'
import { concatBytes } from '../../../preload/contract/notation.ts'
import type { Matcher, PatternMatch } from '../../../preload/contract/patterns.ts'
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

/** Bytes of what came last that are kept to be asserted and shown. */
const lastBytes = 64 * 1024

/** What waits to be looked at: the oldest goes where there is too much. */
const createUnread = () => {
  const pieces: Uint8Array[] = []
  let bytes = 0
  let passedOver = 0
  return {
    get passedOver() {
      return passedOver
    },
    push(piece: Uint8Array): void {
      pieces.push(piece)
      bytes += piece.length
      while (bytes > maxUnreadBytes && pieces.length > 1) {
        const oldest = pieces.shift()!
        bytes -= oldest.length
        passedOver += oldest.length
      }
    },
    unshift(piece: Uint8Array): void {
      if (piece.length === 0) return
      pieces.unshift(piece)
      bytes += piece.length
    },
    shift(): Uint8Array | undefined {
      const piece = pieces.shift()
      if (piece !== undefined) bytes -= piece.length
      return piece
    },
  }
}

const rawInbox = (): Inbox => {
  const unread = createUnread()
  let last: Uint8Array | null = null
  return {
    dataReceived(data) {
      // The next read overwrites what was read.
      const piece = data.slice()
      unread.push(piece)
      const all = last === null ? piece : concatBytes([last, piece])
      last = all.length > lastBytes ? all.slice(all.length - lastBytes) : all
    },
    flush() {},
    noteSent() {
      last = null
    },
    search(matcher) {
      const finder = createStreamFinder(matcher)
      return () => {
        for (let piece = unread.shift(); piece !== undefined; piece = unread.shift()) {
          const match = finder.push(piece)
          if (match === null) continue
          unread.unshift(finder.rest())
          return match
        }
        return null
      }
    },
    get last() {
      return last
    },
    get passedOver() {
      return unread.passedOver
    },
  }
}

const framedInbox = (framing: Framing): Inbox => {
  const framer = new Framer(framing)
  const unread = createUnread()
  let last: Uint8Array | null = null
  const take = (body: Uint8Array) => {
    // A view of the bytes that came, which the next read overwrites.
    const message = body.slice()
    unread.push(message)
    last = message
  }
  return {
    dataReceived(data) {
      for (const frame of framer.push(data).frames) take(frame.body)
    },
    flush() {
      const rest = framer.flush() ?? framer.end()
      if (rest !== null) take(rest.body)
    },
    noteSent() {},
    search: (matcher) => () => {
      for (let message = unread.shift(); message !== undefined; message = unread.shift()) {
        const match = matcher(message)
        if (match !== null) return match
      }
      return null
    },
    get last() {
      return last
    },
    get passedOver() {
      return unread.passedOver
    },
  }
}

export const createInbox = (framing: Framing | undefined): Inbox =>
  framing === undefined || framing.kind === 'raw' ? rawInbox() : framedInbox(framing)
