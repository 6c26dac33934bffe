// One kind of framing a function: where the message ends that has begun. Counterpart: framing.ts, which keeps what is not
// whole yet and asks here.
import { ByteSearch } from './byte-search.ts'
import type { Framing, FramingFailure } from './framing.ts'

export interface Cut {
  /**
   * Of a message of which `parts` (its first `known` bytes) came earlier, and which goes on in `chunk` at `from`: the
   * offset in `chunk` behind its last byte, -1 where that has not come yet, or why it cannot be found. Called with every
   * byte once: what was in `parts` was in a `chunk` before.
   */
  end(parts: Uint8Array, known: number, chunk: Uint8Array, from: number): number | Omit<FramingFailure, 'at'>
  /** The part of a whole message that patterns look at. */
  body(message: Uint8Array): Uint8Array
  /** A message is over. */
  reset(): void
}

const lf = 0x0a
const cr = 0x0d
const whole = (message: Uint8Array) => message
const stateless = () => {}
const tooLong = (maxBytes: number, what: string): Omit<FramingFailure, 'at'> => ({
  code: 'message-too-long',
  message: `${what}; a message has at most ${maxBytes} bytes`,
})

/** -1 as long as what waits stays within the bound. */
const waiting = (known: number, chunk: Uint8Array, from: number, maxBytes: number, what: string) =>
  known + chunk.length - from > maxBytes ? tooLong(maxBytes, what) : -1

const rawCut: Cut = {
  end: (_parts, _known, chunk) => chunk.length,
  body: whole,
  reset: stateless,
}

const lineCut = (maxBytes: number): Cut => ({
  end(_parts, known, chunk, from) {
    const at = chunk.indexOf(lf, from)
    const end = at < 0 ? chunk.length : at + 1
    if (known + end - from > maxBytes) return tooLong(maxBytes, 'No line ending (LF) came')
    return at < 0 ? -1 : end
  },
  body: (line) => line.subarray(0, line.length - (line.at(-2) === cr ? 2 : 1)),
  reset: stateless,
})

const delimiterCut = (delimiter: Uint8Array, maxBytes: number): Cut => {
  const search = new ByteSearch(delimiter)
  return {
    end(_parts, known, chunk, from) {
      const end = search.next(chunk, from)
      if (known + (end < 0 ? chunk.length : end) - from > maxBytes) return tooLong(maxBytes, 'No delimiter came')
      return end
    },
    body: (message) => message.subarray(0, message.length - delimiter.length),
    reset: () => search.reset(),
  }
}

/** Ends after so many bytes. */
const sizedEnd = (size: number, known: number, chunk: Uint8Array, from: number): number =>
  chunk.length - from >= size - known ? from + size - known : -1

const fixedCut = (size: number): Cut => ({
  end: (_parts, known, chunk, from) => sizedEnd(size, known, chunk, from),
  body: whole,
  reset: stateless,
})

const lengthCut = (framing: Extract<Framing, { kind: 'length' }>, maxBytes: number): Cut => {
  const { size, endian, offset, inclusive } = framing
  const head = offset + size
  /** The message's length, once it is known. */
  let total = -1
  return {
    end(parts, known, chunk, from) {
      if (total < 0) {
        if (known + chunk.length - from < head) return -1
        // A double holds every whole number up to 2^53; above that the length is too large in any case.
        let value = 0
        for (let i = 0; i < size; i++) {
          const at = offset + (endian === 'big' ? i : size - 1 - i)
          value = value * 256 + (at < known ? parts[at]! : chunk[from + at - known]!)
        }
        if (inclusive && value < head)
          return {
            code: 'bad-length',
            message: `The length says ${value} bytes in all, less than the ${head} up to and with itself`,
          }
        const length = inclusive ? value : head + value
        if (length > maxBytes)
          return tooLong(
            maxBytes,
            value > Number.MAX_SAFE_INTEGER ? 'The length says more than 2^53 bytes' : `The length says ${value} bytes`,
          )
        total = length
      }
      return sizedEnd(total, known, chunk, from)
    },
    body: (message) => (offset === 0 ? message.subarray(size) : message),
    reset: () => {
      total = -1
    },
  }
}

const idleCut = (maxBytes: number): Cut => ({
  end: (_parts, known, chunk, from) => waiting(known, chunk, from, maxBytes, 'No pause came'),
  body: whole,
  reset: stateless,
})

export const cutOf = (framing: Framing, maxBytes: number): Cut => {
  switch (framing.kind) {
    case 'raw':
      return rawCut
    case 'line':
      return lineCut(maxBytes)
    case 'delimiter':
      return delimiterCut(framing.delimiter, maxBytes)
    case 'length':
      return lengthCut(framing, maxBytes)
    case 'fixed':
      return fixedCut(framing.bytes)
    case 'idle':
      return idleCut(maxBytes)
  }
}
