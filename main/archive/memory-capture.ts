// A capture in memory: batches as they come, oldest out when the limit of bytes is reached, and what was dropped counted.
// Counterpart: capture.ts (the seam it stands behind).
import type { CaptureInfo, Payload } from '../../preload/contract/api.ts'
import {
  arenaStart,
  type EventBatch,
  EventBatchWriter,
  isData,
  openBatch,
  rowBytesOf,
} from '../../preload/contract/event-columns.ts'
import { fail, ok, type Result } from '../../preload/contract/failure.ts'
import type { Capture } from './capture.ts'

/** What a capture in memory keeps unless told otherwise: 64 MiB of batches. */
export const defaultLimitBytes = 64 * 1024 * 1024

/** What a batch costs beyond its buffer: the views and objects around it. */
const overheadBytes = 1024

/** Small batches in a row that are put together into one, and what counts as small, in bytes. */
const mergeCount = 64
const smallBytes = 16 * 1024

const sizeOf = (batch: EventBatch) => batch.buffer.byteLength + overheadBytes
const endOf = (batch: EventBatch) => batch.firstSeq + batch.count

/** `limitBytes`: kept at most, buffers and overhead together; the newest batch always stays. */
export const createMemoryCapture = (limitBytes = defaultLimitBytes): Capture => {
  const batches: EventBatch[] = []
  const listeners = new Set<() => void>()
  let storedBytes = 0
  let droppedEvents = 0
  let nextSeq = 1

  /** Index of the first batch that ends after `seq`. */
  const find = (seq: number): number => {
    let low = 0
    let high = batches.length
    while (low < high) {
      const middle = (low + high) >> 1
      if (endOf(batches[middle]!) <= seq) low = middle + 1
      else high = middle
    }
    return low
  }

  /** Trailing batches that are small and follow each other without a gap. */
  let smallTail = 0

  /** One event a batch, for hours, must not cost a kilobyte an event. */
  const mergeTail = () => {
    const tail = batches.splice(batches.length - smallTail)
    const rows = tail.reduce((sum, batch) => sum + batch.count, 0)
    // Bytes that were received and sent again are stored once in a batch; copying rows keeps it so.
    const arena = tail.reduce((sum, batch) => sum + batch.arenaBytes, 0)
    const writer = new EventBatchWriter(rows, arena)
    for (const batch of tail) {
      storedBytes -= sizeOf(batch)
      for (let i = 0; i < batch.count; i++) writer.copyRow(batch, i, Number.POSITIVE_INFINITY)
    }
    const merged = openBatch(writer.take(tail[0]!.firstSeq, tail[0]!.droppedBefore))
    batches.push(merged)
    storedBytes += sizeOf(merged)
    smallTail = 0
  }

  const drop = () => {
    let excess = 0
    while (storedBytes > limitBytes && excess < batches.length - 1) {
      storedBytes -= sizeOf(batches[excess]!)
      droppedEvents += batches[excess]!.count
      excess++
    }
    if (excess > 0) batches.splice(0, excess)
    smallTail = Math.min(smallTail, batches.length)
  }

  const firstSeq = () => batches[0]?.firstSeq ?? nextSeq

  return {
    append(buffer) {
      const batch = openBatch(buffer)
      if (batch.buffer.byteLength > smallBytes) smallTail = 0
      else smallTail = batch.firstSeq === nextSeq ? smallTail + 1 : 1
      batches.push(batch)
      storedBytes += sizeOf(batch)
      droppedEvents += batch.droppedBefore
      nextSeq = endOf(batch)
      if (smallTail === mergeCount) mergeTail()
      drop()
      for (const listener of [...listeners]) listener()
    },

    read(fromSeq, maxBytes, previewBytes) {
      let index = find(fromSeq)
      if (index === batches.length) return null
      const start = Math.max(fromSeq, batches[index]!.firstSeq)
      // First how many rows fit, then one buffer of just that size. A batch is contiguous, so a gap ends the run.
      let rows = 0
      let arena = 0
      let seq = start
      const kept = (batch: EventBatch, i: number) =>
        isData(batch.kind[i]!) ? Math.min(batch.dataLength[i]!, previewBytes) : batch.dataLength[i]!
      count: for (let at = index; at < batches.length; at++) {
        const batch = batches[at]!
        if (batch.firstSeq > seq) break
        for (let i = seq - batch.firstSeq; i < batch.count; i++) {
          const more = kept(batch, i)
          if (rows > 0 && arenaStart(rows + 1) + arena + more > maxBytes) break count
          rows++
          arena += more
          seq++
        }
      }
      const writer = new EventBatchWriter(rows, arena)
      seq = start
      while (writer.count < rows) {
        const batch = batches[index++]!
        for (let i = seq - batch.firstSeq; i < batch.count && writer.count < rows; i++, seq++)
          writer.copyRow(batch, i, previewBytes)
      }
      return writer.take(start, Math.max(0, start - Math.max(1, fromSeq)))
    },

    payload(seq): Result<Payload> {
      const batch = batches[find(seq)]
      if (batch === undefined) return fail('not-found', `There is no event ${seq} yet; the next one will be ${nextSeq}`)
      if (seq < batch.firstSeq)
        return fail('dropped', `Event ${seq} was dropped to keep the capture within ${limitBytes} bytes`)
      const i = seq - batch.firstSeq
      if (!isData(batch.kind[i]!)) return fail('not-found', `Event ${seq} has no payload`)
      return ok({ data: rowBytesOf(batch, i).slice(), length: batch.length[i]! })
    },

    info(): CaptureInfo {
      return { firstSeq: firstSeq(), nextSeq, droppedEvents, storedBytes, limitBytes }
    },

    onAppend(listener) {
      listeners.add(listener)
      return () => {
        listeners.delete(listener)
      }
    },
  }
}
