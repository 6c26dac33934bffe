// Lines on their way to a stream that may be slower than the wire, or gone. Bounded: first payloads are left out, then
// events are counted instead of printed, as the recorder does it; neither the engine nor this process ever waits for a
// reader. Counterpart: session.ts, which fills it.
//
// What waits is kept as bytes in slabs that are used again and again. As strings it would be old by the time it is
// written, and the heap would grow by many times the limit before its garbage is collected.
import type { Writable } from 'node:stream'

/**
 * Above this many bytes waiting for a slow reader (8 MiB), lines are made without payloads that are not small. Several
 * full batches fit below: each is turned into lines at one go, before anything can be written.
 */
export const payloadLimitBytes = 8 * 1024 * 1024
/** A payload of so many bytes takes little more room than the line around it. */
export const smallPayloadBytes = 1024
/** Above this many (32 MiB), events are dropped and counted. */
export const queueLimitBytes = 32 * 1024 * 1024
/** Also how much one write hands over: small, so that a reader's progress is noticed. */
const slabBytes = 64 * 1024
/** Slabs kept for reuse, enough for `payloadLimitBytes`; more are left to the garbage collector. */
const maxSpares = payloadLimitBytes / slabBytes
/** Bytes turned into base64 at a time, a multiple of 3; a string this short does not outlive its turn. */
const base64StepBytes = 12 * 1024
/** A reader that takes nothing for so long at the end is not waited for any longer. */
const stalledMs = 5_000

/** Takes the parts of one line. */
export interface LineParts {
  /** False where the reader is behind and a payload of so many bytes is to be left out. */
  takesPayload(bytes: number): boolean
  text(text: string): void
  /** Bytes, written as base64. */
  base64(bytes: Uint8Array): void
}

export interface LineQueue {
  /** Queues the line whose parts `write` gives; past the limit it is counted instead, and not even formatted. */
  push(write: (parts: LineParts) => void): void
  /** Counts events that were lost before they came here. */
  drop(count: number): void
  /** Resolves when all is written, the stream has failed, or its reader has taken nothing for 5 s. Call it once, last. */
  end(): Promise<void>
  /** Resolves, never rejects, when the stream has failed; `EPIPE` is a reader that has seen enough (`| head`). */
  readonly failed: Promise<NodeJS.ErrnoException>
}

interface Slab {
  readonly bytes: Buffer
  used: number
}

/** Owns the writes to `stream`, but does not close it: standard output belongs to the process. */
export const createLineQueue = (stream: Writable, formatDropped: (count: number) => string): LineQueue => {
  const encoder = new TextEncoder()
  /** Oldest first; only the last one has room. */
  const waiting: Slab[] = []
  const spares: Slab[] = []
  /** Bytes waiting or being written. */
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
      resolve(error)
      onProgress()
    })
  })

  /** A slab with room for at least one character of UTF-8. */
  const slabWithRoom = (): Slab => {
    const last = waiting.at(-1)
    if (last !== undefined && slabBytes - last.used >= 4) return last
    const slab = spares.pop() ?? { bytes: Buffer.allocUnsafeSlow(slabBytes), used: 0 }
    waiting.push(slab)
    return slab
  }

  const text = (whole: string) => {
    for (let rest = whole; rest !== ''; ) {
      const slab = slabWithRoom()
      const { read, written } = encoder.encodeInto(rest, slab.bytes.subarray(slab.used))
      slab.used += written
      size += written
      rest = rest.slice(read)
    }
  }

  const base64 = (bytes: Uint8Array) => {
    const all = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    for (let at = 0; at < all.length; at += base64StepBytes) text(all.toString('base64', at, at + base64StepBytes))
  }

  const takesPayload = (bytes: number) => bytes <= smallPayloadBytes || size < payloadLimitBytes
  const parts: LineParts = { takesPayload, text, base64 }

  const tellDropped = () => {
    if (dropped === 0) return
    text(`${formatDropped(dropped)}\n`)
    dropped = 0
  }

  const flush = () => {
    const slab = waiting[0]
    if (writing || broken || slab === undefined) return
    waiting.shift()
    writing = true
    stream.write(slab.bytes.subarray(0, slab.used), () => {
      writing = false
      size -= slab.used
      slab.used = 0
      if (spares.length < maxSpares) spares.push(slab)
      // Hysteresis, so that a reader at the limit gets long runs of lines and not every other one.
      if (dropping && size <= queueLimitBytes / 2) dropping = false
      if (!dropping) tellDropped()
      flush()
      onProgress()
    })
  }

  return {
    failed,
    push(write) {
      if (broken) return
      if (size >= queueLimitBytes) dropping = true
      if (dropping) {
        dropped++
        return
      }
      tellDropped()
      write(parts)
      text('\n')
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
