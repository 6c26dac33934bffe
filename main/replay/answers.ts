// Answers as they come, compared with those that are recorded, byte by byte, to the first difference. Counterpart: replay.ts.
import type { Difference } from '../../preload/contract/exports.ts'
import type { StreamChunk } from '../export/streams.ts'

/** Answers that wait to be compared, in bytes: the recorded ones are read from a file. Beyond, it is given up. */
export const waitingAnswerBytes = 16 * 1024 * 1024
/** Bytes told of each side of a difference. */
const shownBytes = 16

export interface Answers {
  /** `length` bytes came; `data` are those of them that are known. */
  came(data: Uint8Array, length: number): void
  /** No more come. Resolves with what was found. */
  end(): Promise<{ readonly difference: Difference | null; readonly notCompared: string | null }>
  readonly bytes: number
}

export const compareAnswers = (recorded: AsyncGenerator<StreamChunk>): Answers => {
  const waiting: Uint8Array[] = []
  let waitingBytes = 0
  let bytes = 0
  let offset = 0
  let difference: Difference | null = null
  let notCompared: string | null = null
  let ended = false
  let wake: () => void = () => undefined

  const isOver = () => difference !== null || notCompared !== null

  /** What came next, as much as there is; null where nothing comes any more. */
  const more = async (): Promise<Uint8Array | null> => {
    while (waiting.length === 0 && !ended && !isOver()) {
      await new Promise<void>((resolve) => {
        wake = resolve
      })
    }
    return waiting[0] ?? null
  }
  const took = (count: number) => {
    const first = waiting[0]!
    waitingBytes -= count
    offset += count
    if (count === first.length) waiting.shift()
    else waiting[0] = first.subarray(count)
  }

  const differs = (expected: Uint8Array, came: Uint8Array) => {
    difference = { offset, recorded: expected.slice(0, shownBytes), came: came.slice(0, shownBytes) }
  }

  const compareChunk = async (expected: Uint8Array): Promise<void> => {
    for (let at = 0; at < expected.length; ) {
      const came = await more()
      if (isOver()) return
      if (came === null) return differs(expected.subarray(at), new Uint8Array(0))
      const count = Math.min(came.length, expected.length - at)
      let same = 0
      while (same < count && came[same] === expected[at + same]) same++
      took(same)
      at += same
      if (same < count) return differs(expected.subarray(at), came.subarray(same))
    }
  }

  /** Bytes that nobody recorded: any do. */
  const passOver = async (count: number): Promise<void> => {
    for (let left = count; left > 0; ) {
      const came = await more()
      if (came === null || isOver()) return
      const taken = Math.min(came.length, left)
      took(taken)
      left -= taken
    }
  }

  const run = async (): Promise<void> => {
    for await (const { data, length } of recorded) {
      // The batch that it lies in is not needed: the chunk is compared before the next one is asked for.
      await compareChunk(data)
      if (!isOver()) await passOver(length - data.length)
      if (isOver()) return
    }
    const rest = await more()
    if (rest !== null && !isOver()) differs(new Uint8Array(0), rest)
  }
  const finished = run().catch((error: Error) => {
    notCompared = `The recorded answers cannot be read: ${error.message}`
  })

  return {
    get bytes() {
      return bytes
    },
    came(data, length) {
      bytes += length
      if (isOver()) return
      if (data.length < length) notCompared = 'Not all bytes of the answers could be kept'
      else if (waitingBytes + length > waitingAnswerBytes)
        notCompared = `More than ${waitingAnswerBytes} bytes of answers came before they could be compared`
      else {
        waiting.push(data.slice())
        waitingBytes += length
      }
      wake()
    },
    async end() {
      ended = true
      wake()
      await finished
      return { difference, notCompared }
    },
  }
}
