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
import {
  cutLoopBatch,
  type LoopBatch,
  loopRowsIn,
  mergeLoopBatches,
  openLoopBatch,
} from '../../preload/contract/loop-columns.ts'
import type { Capture } from './capture.ts'
import { createSegments } from './segments.ts'

/** What a capture in memory keeps unless told otherwise: 64 MiB of batches. */
export const defaultLimitBytes = 64 * 1024 * 1024

/** The loop's records have a bound of their own: 32 MiB, about 400,000 callbacks. */
export const loopLimitBytes = 32 * 1024 * 1024

const mergeEvents = (batches: readonly EventBatch[]): EventBatch => {
  const rows = batches.reduce((sum, batch) => sum + batch.count, 0)
  // Room for every row's own bytes: copying lets neighbours go on sharing theirs, but not rows further apart.
  const arena = batches.reduce((sum, batch) => batch.dataLength.reduce((bytes, length) => bytes + length, sum), 0)
  const writer = new EventBatchWriter(rows, arena)
  for (const batch of batches) for (let i = 0; i < batch.count; i++) writer.copyRow(batch, i, Number.POSITIVE_INFINITY)
  return openBatch(writer.compact(batches[0]!.firstSeq, batches[0]!.droppedBefore))
}

/**
 * `limitBytes`: kept of the wire's events at most, buffers and overhead together; the newest batch always stays. `giveBack`
 * is told of appended buffers that are not needed any more.
 */
export const createMemoryCapture = (
  limitBytes = defaultLimitBytes,
  giveBack: (buffer: ArrayBufferLike) => void = () => {},
): Capture => {
  const events = createSegments<EventBatch>({
    limitBytes,
    first: (batch) => batch.firstSeq,
    merge: mergeEvents,
    onRemove: ({ buffer }) => giveBack(buffer),
  })
  const loop = createSegments<LoopBatch>({
    limitBytes: loopLimitBytes,
    first: (batch) => batch.first,
    merge: mergeLoopBatches,
  })
  const batches = events.all
  const listeners = new Set<() => void>()
  const appended = () => {
    for (const listener of [...listeners]) listener()
  }

  return {
    append(buffer) {
      events.append(openBatch(buffer))
      appended()
    },

    appendLoop(buffer) {
      loop.append(openLoopBatch(buffer))
      appended()
    },

    readLoop(fromRecord, maxBytes) {
      const batch = loop.all[loop.find(fromRecord)]
      if (batch === undefined) return null
      const start = Math.max(fromRecord, batch.first)
      const dropped = start - Math.max(1, fromRecord)
      return cutLoopBatch(batch, start - batch.first, loopRowsIn(maxBytes), Math.max(0, dropped))
    },

    read(fromSeq, maxBytes, previewBytes) {
      let index = events.find(fromSeq)
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
        const from = seq - batch.firstSeq
        for (let i = from; i < batch.count; i++) {
          // As `copyRow` has it: a row that shares its bytes with the one before it goes on doing so.
          const shares =
            i > from && batch.dataOffset[i] === batch.dataOffset[i - 1] && kept(batch, i) === kept(batch, i - 1)
          const more = shares ? 0 : kept(batch, i)
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
      const batch = batches[events.find(seq)]
      if (batch === undefined)
        return fail('not-found', `There is no event ${seq} yet; the next one will be ${events.nextRow}`)
      if (seq < 1) return fail('not-found', 'Events are numbered from 1')
      if (seq < events.firstRow)
        return fail('dropped', `Event ${seq} was dropped to keep the capture within ${limitBytes} bytes`)
      if (seq < batch.firstSeq)
        return fail('dropped', `Event ${seq} was not recorded: more happened at once than could be kept`)
      const i = seq - batch.firstSeq
      if (!isData(batch.kind[i]!)) return fail('not-found', `Event ${seq} has no payload`)
      return ok({ data: rowBytesOf(batch, i).slice(), length: batch.length[i]! })
    },

    info(): CaptureInfo {
      return {
        firstSeq: events.firstRow,
        nextSeq: events.nextRow,
        droppedEvents: events.droppedRows,
        storedBytes: events.storedBytes,
        limitBytes,
        loop: {
          firstRecord: loop.firstRow,
          nextRecord: loop.nextRow,
          droppedRecords: loop.droppedRows,
          storedBytes: loop.storedBytes,
          limitBytes: loopLimitBytes,
        },
      }
    },

    onAppend(listener) {
      listeners.add(listener)
      return () => {
        listeners.delete(listener)
      }
    },
  }
}
