// The lists of a capture file's segments, read as far as they can be, and made up for where they cannot: each segment says of
// itself what its list says. Counterparts: schema.ts (the tables), capture-file.ts (which keeps the lists).
import type { DatabaseSync } from 'node:sqlite'
import { crc32 } from 'node:zlib'
import { openLoopBatch } from '../../preload/contract/loop-columns.ts'
import { readHeader, type SegmentHeader } from './event-segment.ts'
import { type LoopSummary, summarizeLoop } from './loop-builder.ts'

/** A segment as the index has it. */
export interface SegmentEntry extends SegmentHeader {
  readonly id: number
  readonly keysCrc: number
}

export interface LoopEntry extends LoopSummary {
  readonly id: number
  readonly number: number | null
  readonly firstRecord: number
  readonly count: number
  readonly droppedBefore: number
  readonly columnsCrc: number
}

/** Rows of the index that are read at once. */
const indexRows = 1024

export type Row = Record<string, unknown>
export const number = (value: unknown): number => (typeof value === 'number' ? value : Number.NaN)
const numberOrNull = (value: unknown): number | null => (typeof value === 'number' ? value : null)

export const toSegment = (row: Row): SegmentEntry => ({
  id: number(row['id']),
  number: numberOrNull(row['number']),
  firstSeq: number(row['first_seq']),
  count: number(row['count']),
  droppedBefore: number(row['dropped_before']),
  firstAt: number(row['first_at']),
  lastAt: number(row['last_at']),
  kinds: number(row['kinds']),
  firstConnection: number(row['first_connection']),
  lastConnection: number(row['last_connection']),
  arenaBytes: number(row['arena_bytes']),
  payloadBytes: number(row['payload_bytes']),
  keysCrc: number(row['keys_crc']),
  columnsCrc: number(row['columns_crc']),
  arenaCrc: number(row['arena_crc']),
  summaryCrc: number(row['summary_crc']),
})

export const toLoop = (row: Row): LoopEntry => {
  const busy = row['busy']
  return {
    id: number(row['id']),
    number: numberOrNull(row['number']),
    firstRecord: number(row['first_record']),
    count: number(row['count']),
    droppedBefore: number(row['dropped_before']),
    firstAt: number(row['first_at']),
    lastAt: number(row['last_at']),
    waitedMs: number(row['waited_ms']),
    longestMs: number(row['longest_ms']),
    longestAt: row['longest_at'] === null ? Number.NaN : number(row['longest_at']),
    busyMs: busy instanceof Uint8Array ? new Float32Array(busy.slice().buffer) : new Float32Array(0),
    columnsCrc: number(row['columns_crc']),
  }
}

/**
 * Rows of a table in the order of their ids, from `fromId` on. Where a page of the table cannot be read, the rest is read
 * from the other end, and `onGap` is told.
 */
export const readIndex = (db: DatabaseSync, table: string, fromId: number, onGap: (why: string) => void): Row[] => {
  const upwards = db.prepare(`SELECT * FROM ${table} WHERE id > ? ORDER BY id LIMIT ${indexRows}`)
  const rows: Row[] = []
  let last = fromId - 1
  try {
    for (;;) {
      // One by one: what comes before an unreadable page is then kept.
      let more = false
      for (const row of upwards.iterate(last)) {
        rows.push(row)
        last = number(row['id'])
        more = true
      }
      if (!more) return rows
    }
  } catch (error) {
    onGap((error as Error).message)
  }
  const rest: Row[] = []
  try {
    for (const row of db.prepare(`SELECT * FROM ${table} WHERE id > ? ORDER BY id DESC`).iterate(last)) rest.push(row)
  } catch {
    // The same place from the other side.
  }
  return [...rows, ...rest.reverse()]
}

/** Segments whose place in the list is lost, from what their keys say of them. */
export const recoverSegments = (db: DatabaseSync, known: ReadonlySet<number>): SegmentEntry[] => {
  const found: SegmentEntry[] = []
  for (const { id, data } of readIndex(db, 'keys', 0, () => undefined)) {
    if (known.has(number(id)) || !(data instanceof Uint8Array)) continue
    try {
      found.push({ id: number(id), ...readHeader(data), keysCrc: crc32(data) })
    } catch {
      // Too short to be keys.
    }
  }
  return found
}

/** The same of loop records, which are batches that tell of themselves. */
export const recoverLoops = (db: DatabaseSync, known: ReadonlySet<number>): LoopEntry[] => {
  const found: LoopEntry[] = []
  for (const { id, data } of readIndex(db, 'loop_columns', 0, () => undefined)) {
    if (known.has(number(id)) || !(data instanceof Uint8Array)) continue
    try {
      const batch = openLoopBatch(data.slice().buffer)
      const { first, count } = batch
      const common = { id: number(id), number: null, firstRecord: first, count, droppedBefore: 0 }
      found.push({ ...common, ...summarizeLoop(batch), columnsCrc: crc32(data) })
    } catch {
      // No batch.
    }
  }
  return found
}

/** One that a hostile or damaged file may hold is left out. */
export const isSound = (count: number, first: number, after: number) =>
  Number.isSafeInteger(first) && first >= after && Number.isSafeInteger(count) && count > 0
