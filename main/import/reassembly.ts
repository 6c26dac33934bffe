// One direction of a connection put in order again: what comes late waits for what is before it, what comes twice is told once,
// and what never comes is a hole of a known size. Counterpart: flows.ts.

/** Bytes of a direction that wait for a hole to be filled, and packets; beyond, the hole is given up. */
export const waitingBytes = 4 * 1024 * 1024
export const waitingPackets = 4096

export interface Direction {
  /** The next byte's number is known. */
  readonly hasBegun: boolean
  /** The number of the first byte (that of the SYN and one). */
  begin(firstNumber: number): void
  /** Takes a packet's bytes; `length` of them were on the wire. Tells of what is in order by now. */
  take(number: number, data: Uint8Array, length: number): void
  /** The direction ends with this number. */
  finish(number: number): void
  /** The other side has everything before this number: what we have not will not come any more. */
  acknowledged(number: number): void
  /** No packet comes any more: tells of all that waits, holes between. */
  flush(): void
  readonly repeatedBytes: number
}

export interface DirectionListener {
  /** Bytes in order: `length` of them, of which `data` was captured; none of a hole. */
  bytes(data: Uint8Array, length: number): void
  /** All bytes have been told, and then came FIN. */
  end(): void
}

interface Waiting {
  /** Bytes from the next byte of the stream that is told. */
  readonly at: number
  readonly data: Uint8Array
  readonly length: number
}

const nothing = new Uint8Array(0)

export const createDirection = (listener: DirectionListener): Direction => {
  /** The number of the next byte; null until one is known. */
  let next: number | null = null
  /** Bytes told of. */
  let told = 0
  /** By their places in the stream, in order; places are not numbers: they do not wrap. */
  let waiting: Waiting[] = []
  let heldBytes = 0
  let repeatedBytes = 0
  let endsAt: number | null = null
  let ended = false
  let acknowledgedTo = 0

  /** The place of a number in the stream, which may be before what was told. */
  const placeOf = (number: number): number => told + ((number - next!) | 0)

  const tell = (data: Uint8Array, length: number) => {
    if (length === 0) return
    listener.bytes(data, length)
    told += length
    next = (next! + length) >>> 0
  }

  /** Tells of what adjoins what was told. */
  const drain = () => {
    let count = 0
    for (const { at, data, length } of waiting) {
      if (at > told) break
      const before = told - at
      repeatedBytes += Math.min(before, length)
      if (before < length) tell(data.subarray(Math.min(before, data.length)), length - before)
      heldBytes -= data.length
      count++
    }
    if (count > 0) waiting = waiting.slice(count)
    if (endsAt !== null && told >= endsAt && !ended) {
      ended = true
      // Nothing of a stream comes behind its end.
      waiting = []
      heldBytes = 0
      listener.end()
    }
  }

  /** Gives the hole up that is in front of everything that waits. */
  const skipHole = () => {
    const first = waiting[0]?.at ?? endsAt
    if (first !== undefined && first !== null && first > told) tell(nothing, first - told)
    drain()
  }

  return {
    get hasBegun() {
      return next !== null
    },
    get repeatedBytes() {
      return repeatedBytes
    },
    begin(firstNumber) {
      if (next === null) next = firstNumber >>> 0
    },
    take(number, data, length) {
      if (length === 0) return
      next ??= number >>> 0
      const at = placeOf(number)
      if (at + length <= told || ended) {
        repeatedBytes += length
        return
      }
      if (at <= told) {
        repeatedBytes += told - at
        tell(data.subarray(Math.min(told - at, data.length)), length - (told - at))
      } else {
        let place = waiting.length
        while (place > 0 && waiting[place - 1]!.at > at) place--
        // Its memory is the file's, and is used again.
        waiting.splice(place, 0, { at, data: data.slice(), length })
        heldBytes += data.length
      }
      drain()
      while (heldBytes > waitingBytes || waiting.length > waitingPackets) skipHole()
      // A hole that the other side has said to be none.
      while (waiting.length > 0 && waiting[0]!.at <= acknowledgedTo) skipHole()
    },
    finish(number) {
      next ??= number >>> 0
      const at = placeOf(number)
      if (at >= told) endsAt = at
      drain()
    },
    acknowledged(number) {
      if (next === null) return
      const at = placeOf(number)
      if (at > acknowledgedTo) acknowledgedTo = at
      while (waiting.length > 0 && waiting[0]!.at <= acknowledgedTo) skipHole()
    },
    flush() {
      if (next === null) return
      while (waiting.length > 0) skipHole()
      // One more than there are bytes is a FIN that was not captured.
      const last = endsAt ?? (acknowledgedTo === told + 1 ? told : acknowledgedTo)
      if (last > told && !ended) tell(nothing, last - told)
      drain()
    },
  }
}
