// Lines on their way to a stream that may be slower than the wire, or gone. Bounded: what does not fit is counted and
// said, and neither the engine nor this process ever waits for a reader. Counterpart: session.ts, which fills it.
import type { Writable } from 'node:stream'

/** The most that waits for a slow reader, in characters; about 8 MiB. */
export const queueLimit = 8 * 1024 * 1024
/** How much one write hands over, in characters; small, so that a reader's progress is noticed. */
const writeSize = 64 * 1024
/** A reader that takes nothing for so long at the end is not waited for any longer. */
const stalledMs = 5_000

export interface LineQueue {
  /** Queues the line that `format` makes; past the limit it is counted instead, and not even formatted. */
  push(format: () => string): void
  /** Counts events that were lost before they came here. */
  drop(count: number): void
  /** Resolves when all is written, the stream has failed, or its reader has taken nothing for 5 s. Call it once, last. */
  end(): Promise<void>
  /** Resolves, never rejects, when the stream has failed; `EPIPE` is a reader that has seen enough (`| head`). */
  readonly failed: Promise<NodeJS.ErrnoException>
}

/** Owns the writes to `stream`, but does not close it: standard output belongs to the process. */
export const createLineQueue = (stream: Writable, formatDropped: (count: number) => string): LineQueue => {
  let waiting: string[] = []
  /** Characters waiting or being written. */
  let size = 0
  /** Events not told of yet; while `dropping`, every further one is counted here. */
  let dropped = 0
  let dropping = false
  let writing = false
  let broken = false
  let onProgress: () => void = () => {}

  const failed = new Promise<NodeJS.ErrnoException>((resolve) => {
    stream.on('error', (error) => {
      broken = true
      waiting = []
      resolve(error)
      onProgress()
    })
  })

  const add = (line: string) => {
    waiting.push(`${line}\n`)
    size += line.length + 1
  }

  const tellDropped = () => {
    if (dropped === 0) return
    add(formatDropped(dropped))
    dropped = 0
  }

  const flush = () => {
    if (writing || broken || waiting.length === 0) return
    let lines = 0
    for (let taken = 0; lines < waiting.length && taken < writeSize; lines++) taken += waiting[lines]!.length
    const text = waiting.splice(0, lines).join('')
    writing = true
    stream.write(text, () => {
      writing = false
      size -= text.length
      // Hysteresis, so that a reader at the limit gets long runs of lines and not every other one.
      if (dropping && size <= queueLimit / 2) dropping = false
      if (!dropping) tellDropped()
      flush()
      onProgress()
    })
  }

  return {
    failed,
    push(format) {
      if (broken) return
      if (size >= queueLimit) dropping = true
      if (dropping) {
        dropped++
        return
      }
      tellDropped()
      add(format())
      flush()
    },
    drop(count) {
      dropped += count
    },
    end() {
      dropping = false
      tellDropped()
      return new Promise((resolve) => {
        const stalled = setTimeout(resolve, stalledMs)
        onProgress = () => {
          stalled.refresh()
          if (writing && !broken) return
          clearTimeout(stalled)
          resolve()
        }
        flush()
        onProgress()
      })
    },
  }
}
