// One connection as packets: from what happened at one of its ends to what went over the wire, with sequence numbers that add
// up. What is not kept of a stream is left out of it, never made up. Counterparts: frames.ts, pcapng.ts.
import { maxSegmentBytes, type Segment, tcpFlags, type WireEnd } from './frames.ts'

export type Whose = 'local' | 'remote'

/** After so many bytes that only one side has sent, the other acknowledges them: what is on its way stays below its window. */
const acknowledgeBytes = 256 * 1024

const { fin, syn, rst, psh, ack } = tcpFlags
const nothing = new Uint8Array(0)

interface End {
  readonly end: WireEnd
  /** The number of its next byte, modulo 2^32. */
  next: number
  /** It has sent a packet. */
  seen: boolean
  finished: boolean
  /** Bytes of it that the other side has not acknowledged. */
  unacknowledged: number
}

export interface Talk {
  readonly hasBegun: boolean
  readonly isOver: boolean
  /** SYN, unless it was sent. */
  open(at: number): void
  /** SYN where it is still to come, SYN/ACK, ACK. */
  made(at: number): void
  data(from: Whose, at: number, payload: Uint8Array): void
  /** Bytes that went over the wire, and of which there is nothing: no packet is made up for them, and the numbers go on. */
  skip(from: Whose, bytes: number): void
  /** FIN, unless it was sent. */
  finish(from: Whose, at: number): void
  /** The last ACK, where both sides have sent FIN. */
  closed(at: number): void
  reset(from: Whose, at: number): void
}

/** `firstNumber`: the opener's first sequence number; the other side's is derived from it. */
export const createTalk = (
  ends: Readonly<Record<Whose, WireEnd>>,
  opener: Whose,
  firstNumber: number,
  emit: (from: Whose, at: number, segment: Segment) => void,
): Talk => {
  const newEnd = (end: WireEnd, next: number): End => ({ end, next, seen: false, finished: false, unacknowledged: 0 })
  const numberOf = (whose: Whose): number => (whose === opener ? firstNumber : firstNumber ^ 0x5bd1e995) >>> 0
  const sides: Record<Whose, End> = {
    local: newEnd(ends.local, numberOf('local')),
    remote: newEnd(ends.remote, numberOf('remote')),
  }
  const otherOf = (from: Whose): Whose => (from === 'local' ? 'remote' : 'local')
  let over = false
  /** Which side has sent FIN last. */
  let lastFin: Whose | null = null

  const send = (from: Whose, at: number, flags: number, payload: Uint8Array = nothing) => {
    const side = sides[from]
    const other = sides[otherOf(from)]
    // Only what opens a connection has nothing to acknowledge.
    const withAck = (flags & syn) === 0 || other.seen ? flags | ack : flags
    emit(from, at, {
      from: side.end,
      to: other.end,
      seq: side.next,
      ack: other.next,
      flags: withAck,
      payload,
    })
    const numbers = payload.length + ((flags & (syn | fin)) === 0 ? 0 : 1)
    side.next = (side.next + numbers) >>> 0
    side.seen = true
    side.unacknowledged += payload.length
    if ((withAck & ack) !== 0) other.unacknowledged = 0
  }

  const talk: Talk = {
    get hasBegun() {
      return sides.local.seen || sides.remote.seen
    },
    get isOver() {
      return over
    },
    open(at) {
      if (!sides[opener].seen) send(opener, at, syn)
    },
    made(at) {
      talk.open(at)
      send(otherOf(opener), at, syn)
      send(opener, at, ack)
    },
    data(from, at, payload) {
      if (over) return
      for (let offset = 0; offset < payload.length; offset += maxSegmentBytes) {
        const end = Math.min(payload.length, offset + maxSegmentBytes)
        send(from, at, end === payload.length ? psh : 0, payload.subarray(offset, end))
        if (sides[from].unacknowledged >= acknowledgeBytes && sides[otherOf(from)].seen) send(otherOf(from), at, ack)
      }
    },
    skip(from, bytes) {
      sides[from].next = (sides[from].next + bytes) % 0x1_0000_0000
    },
    finish(from, at) {
      if (over || sides[from].finished) return
      send(from, at, fin)
      sides[from].finished = true
      lastFin = from
    },
    closed(at) {
      if (!over && lastFin !== null && sides.local.finished && sides.remote.finished) send(otherOf(lastFin), at, ack)
      over = true
    },
    reset(from, at) {
      if (!over) send(from, at, rst)
      over = true
    },
  }
  return talk
}
