// What is asked of an open capture file, but for filters and searches. Every answer is of one view of the file.
// Counterparts: capture-file.ts (the segments), reader.ts (who asks), filter.ts and search.ts (the other questions).
import type { Payload } from '../../preload/contract/api.ts'
import {
  type Bookmark,
  type LoopSummaryTable,
  loopSummaryLanes,
  type SummaryTable,
} from '../../preload/contract/captures.ts'
import {
  arenaStart,
  type EventBatch,
  EventBatchWriter,
  isData,
  rowBytesOf,
} from '../../preload/contract/event-columns.ts'
import { fail, ok, type Result } from '../../preload/contract/failure.ts'
import { cutLoopBatch, loopRowsIn } from '../../preload/contract/loop-columns.ts'
import type { Snapshot } from '../../preload/contract/vocabulary.ts'
import type { CaptureFile } from './capture-file.ts'
import type { LoopEntry, SegmentEntry } from './capture-index.ts'
import { readEndpoints, readLatestConnections } from './fact-rows.ts'

/** How many ended connections a snapshot tells of, as the engine's does; `readConnections` has the others. */
const snapshotConnections = 1000

/** A batch's rows from `from` on that fit into `maxBytes`, or one: how many, and the bytes of their arena. */
interface Fit {
  readonly batch: EventBatch
  readonly from: number
  readonly rows: number
}

/**
 * Events from `fromSeq` on, as `Capture.read` has them of memory: one batch, previews of payloads, what is missing before
 * its first event counted. A segment that cannot be read counts as missing.
 */
export const readEvents = (
  file: CaptureFile,
  fromSeq: number,
  maxBytes: number,
  previewBytes: number,
): ArrayBuffer | null => {
  const kept = (batch: EventBatch, i: number) =>
    isData(batch.kind[i]!) ? Math.min(batch.dataLength[i]!, previewBytes) : batch.dataLength[i]!
  const fits: Fit[] = []
  let rows = 0
  let arena = 0
  let start = 0
  let seq = fromSeq
  let full = false
  for (let at = file.findSeq(fromSeq); at < file.segments.length && !full; at++) {
    const segment = file.segments[at]!
    if (rows > 0 && segment.firstSeq > seq) break
    const batch = file.rows(segment)
    if (batch === null) {
      if (rows > 0) break
      continue
    }
    if (rows === 0) {
      start = Math.max(fromSeq, segment.firstSeq)
      seq = start
    }
    const from = seq - segment.firstSeq
    let i = from
    for (; i < batch.count; i++) {
      const shares =
        i > from && batch.dataOffset[i] === batch.dataOffset[i - 1] && kept(batch, i) === kept(batch, i - 1)
      const more = shares ? 0 : kept(batch, i)
      if (rows > 0 && arenaStart(rows + 1) + arena + more > maxBytes) {
        full = true
        break
      }
      rows++
      arena += more
    }
    seq += i - from
    fits.push({ batch, from, rows: i - from })
  }
  if (rows === 0) return null
  const writer = new EventBatchWriter(rows, arena)
  for (const fit of fits)
    for (let i = fit.from; i < fit.from + fit.rows; i++) writer.copyRow(fit.batch, i, previewBytes)
  return writer.take(start, Math.max(0, start - Math.max(1, fromSeq))) as ArrayBuffer
}

/** Loop records from `fromRecord` on, in one batch of at most `maxBytes`. */
export const readLoopRecords = (file: CaptureFile, fromRecord: number, maxBytes: number): ArrayBuffer | null => {
  for (let at = file.findRecord(fromRecord); at < file.loops.length; at++) {
    const batch = file.loopRows(file.loops[at]!)
    if (batch === null) continue
    const start = Math.max(fromRecord, batch.first)
    const dropped = start - Math.max(1, fromRecord)
    return cutLoopBatch(batch, start - batch.first, loopRowsIn(maxBytes), Math.max(0, dropped)) as ArrayBuffer
  }
  return null
}

export const readPayload = (file: CaptureFile, seq: number): Result<Payload> => {
  const segment = file.segments[file.findSeq(seq)]
  if (seq < 1) return fail('not-found', 'Events are numbered from 1')
  if (segment === undefined)
    return seq < file.nextSeq
      ? fail('dropped', `Event ${seq} was not recorded: more happened at once than could be kept`)
      : fail('not-found', `There is no event ${seq}; the last one is ${file.nextSeq - 1}`)
  if (seq < file.segments[0]!.firstSeq)
    return fail('dropped', `Event ${seq} was dropped to keep the capture within its limits`)
  if (seq < segment.firstSeq)
    return fail('dropped', `Event ${seq} was not recorded: more happened at once than could be kept`)
  const batch = file.rows(segment)
  if (batch === null) return fail('dropped', `Event ${seq} lies in a damaged part of the file`)
  const i = seq - segment.firstSeq
  if (!isData(batch.kind[i]!)) return fail('not-found', `Event ${seq} has no payload`)
  return ok({ data: rowBytesOf(batch, i).slice(), length: batch.length[i]! })
}

/** Index of the first entry whose last time is at or after `at`. */
const firstEndingAt = (entries: readonly { readonly lastAt: number }[], at: number): number => {
  let low = 0
  let high = entries.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (entries[middle]!.lastAt < at) low = middle + 1
    else high = middle
  }
  return low
}

/** The first event at or after a time, and the first loop record that started then or later. */
export const seekTime = (file: CaptureFile, at: number): { seq: number; record: number } => {
  const seek = (): number => {
    for (let index = firstEndingAt(file.segments, at); index < file.segments.length; index++) {
      const segment = file.segments[index]!
      const batch = file.rows(segment)
      const i = batch?.at.findIndex((time) => time >= at) ?? -1
      if (i >= 0) return segment.firstSeq + i
    }
    return file.nextSeq
  }
  const seekRecord = (): number => {
    for (let index = firstEndingAt(file.loops, at); index < file.loops.length; index++) {
      const loop = file.loops[index]!
      const i = file.loopRows(loop)?.start.findIndex((time) => time >= at) ?? -1
      if (i >= 0) return loop.firstRecord + i
    }
    return file.nextRecord
  }
  return { seq: seek(), record: seekRecord() }
}

/**
 * Segments from `fromNumber` on that do not change any more, with their numbers. Where nobody writes the file any more,
 * those that were never merged count on.
 */
const settled = <E extends SegmentEntry | LoopEntry>(file: CaptureFile, all: readonly E[], fromNumber: number) => {
  const kept: E[] = []
  let next = 0
  for (const entry of all) {
    if (entry.number === null && !file.isOver) break
    const number = entry.number ?? next
    next = number + 1
    if (number >= fromNumber) kept.push(entry)
  }
  return { kept, next: Math.max(next, fromNumber) }
}

export const readSummaries = (
  file: CaptureFile,
  fromSegment: number,
  connections: readonly number[] | undefined,
): SummaryTable => {
  const { kept, next } = settled(file, file.segments, fromSegment)
  const wanted = connections === undefined ? null : new Set(connections)
  const lowest = connections === undefined ? 0 : connections.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY)
  const highest = connections === undefined ? 0 : connections.reduce((a, b) => Math.max(a, b), 0)
  const all = kept.map((segment) => {
    if (wanted !== null && (segment.lastConnection < lowest || segment.firstConnection > highest)) return null
    return file.summary(segment)
  })
  // First how many rows there are, then one table of just that size.
  const chosen = all.map((summary) => {
    const slots: number[] = []
    if (summary !== null)
      for (let slot = 0; slot < summary.connection.length; slot++)
        if (wanted === null || wanted.has(summary.connection[slot]!)) slots.push(slot)
    return slots
  })
  const rows = chosen.reduce((sum, slots) => sum + slots.length, 0)
  const table = {
    segments: kept.length,
    nextSegment: next,
    segmentFirstSeq: Float64Array.from(kept, (segment) => segment.firstSeq),
    segmentCount: Uint32Array.from(kept, (segment) => segment.count),
    segmentFirstAt: Float64Array.from(kept, (segment) => segment.firstAt),
    segmentLastAt: Float64Array.from(kept, (segment) => segment.lastAt),
    rowStart: new Uint32Array(kept.length + 1),
    connection: new Uint32Array(rows),
    firstAt: new Float64Array(rows),
    lastAt: new Float64Array(rows),
    events: new Uint32Array(rows),
    bytesReceived: new Float64Array(rows),
    bytesSent: new Float64Array(rows),
    longestReceived: new Uint32Array(rows),
    longestSent: new Uint32Array(rows),
    kinds: new Uint32Array(rows),
  }
  let row = 0
  for (const [index, slots] of chosen.entries()) {
    const summary = all[index]!
    // Events of no connection belong to several endpoints' slots, and are one row here.
    let ofNone = -1
    for (const slot of slots) {
      const connection = summary.connection[slot]!
      if (connection === 0 && ofNone >= 0) {
        table.firstAt[ofNone] = Math.min(table.firstAt[ofNone]!, summary.firstAt[slot]!)
        table.lastAt[ofNone] = Math.max(table.lastAt[ofNone]!, summary.lastAt[slot]!)
        table.events[ofNone]! += summary.events[slot]!
        table.bytesReceived[ofNone]! += summary.bytesReceived[slot]!
        table.bytesSent[ofNone]! += summary.bytesSent[slot]!
        table.longestReceived[ofNone] = Math.max(table.longestReceived[ofNone]!, summary.longestReceived[slot]!)
        table.longestSent[ofNone] = Math.max(table.longestSent[ofNone]!, summary.longestSent[slot]!)
        table.kinds[ofNone]! |= summary.kinds[slot]!
        continue
      }
      if (connection === 0) ofNone = row
      table.connection[row] = connection
      table.firstAt[row] = summary.firstAt[slot]!
      table.lastAt[row] = summary.lastAt[slot]!
      table.events[row] = summary.events[slot]!
      table.bytesReceived[row] = summary.bytesReceived[slot]!
      table.bytesSent[row] = summary.bytesSent[slot]!
      table.longestReceived[row] = summary.longestReceived[slot]!
      table.longestSent[row] = summary.longestSent[slot]!
      table.kinds[row] = summary.kinds[slot]!
      row++
    }
    table.rowStart[index + 1] = row
  }
  return row === rows ? table : cutRows(table, row)
}

const cutRows = (table: SummaryTable, rows: number): SummaryTable => ({
  ...table,
  connection: table.connection.slice(0, rows),
  firstAt: table.firstAt.slice(0, rows),
  lastAt: table.lastAt.slice(0, rows),
  events: table.events.slice(0, rows),
  bytesReceived: table.bytesReceived.slice(0, rows),
  bytesSent: table.bytesSent.slice(0, rows),
  longestReceived: table.longestReceived.slice(0, rows),
  longestSent: table.longestSent.slice(0, rows),
  kinds: table.kinds.slice(0, rows),
})

export const readLoopSummaries = (file: CaptureFile, fromSegment: number): LoopSummaryTable => {
  const { kept, next } = settled(file, file.loops, fromSegment)
  const busyMs = new Float32Array(kept.length * loopSummaryLanes)
  for (const [index, loop] of kept.entries())
    busyMs.set(loop.busyMs.subarray(0, loopSummaryLanes), index * loopSummaryLanes)
  return {
    segments: kept.length,
    nextSegment: next,
    firstRecord: Float64Array.from(kept, (loop) => loop.firstRecord),
    count: Uint32Array.from(kept, (loop) => loop.count),
    firstAt: Float64Array.from(kept, (loop) => loop.firstAt),
    lastAt: Float64Array.from(kept, (loop) => loop.lastAt),
    waitedMs: Float32Array.from(kept, (loop) => loop.waitedMs),
    longestMs: Float32Array.from(kept, (loop) => loop.longestMs),
    longestAt: Float64Array.from(kept, (loop) => loop.longestAt),
    busyMs,
  }
}

/** Endpoints and connections as the file has them last. */
export const readSnapshot = (file: CaptureFile): Snapshot => ({
  seq: file.nextSeq,
  startedAtEpochMs: file.startedAtEpochMs,
  probe: 'off',
  iteration: 0,
  endpoints: readEndpoints(file.db, file.isOver),
  connections: readLatestConnections(file.db, snapshotConnections, file.isOver),
})

/** In the order of their events; a file from before there were bookmarks has none. */
export const readBookmarks = (file: CaptureFile): Bookmark[] =>
  file.version < 2
    ? []
    : file.db
        .prepare('SELECT seq, note FROM bookmarks ORDER BY seq')
        .all()
        .map((row) => ({ seq: Number(row['seq']), note: String(row['note']) }))
