// The rows that a segment has in its tables: written and removed together, and with checksums. Counterparts: schema.ts (the
// tables), writer.ts (says when), capture-file.ts (reads them).
import type { DatabaseSync } from 'node:sqlite'
import { crc32 } from 'node:zlib'
import { type EventSegment, type SegmentHeader, writeHeader } from './event-segment.ts'
import type { LoopSegment } from './loop-builder.ts'

const insertInto = (db: DatabaseSync, table: string, columns: readonly string[]) =>
  db.prepare(`INSERT INTO ${table} (${columns.join(', ')}) VALUES (${columns.map(() => '?').join(', ')})`)

const segmentColumns = [
  'id',
  'number',
  'first_seq',
  'count',
  'dropped_before',
  'first_at',
  'last_at',
  'kinds',
  'first_connection',
  'last_connection',
  'arena_bytes',
  'payload_bytes',
  'keys_crc',
  'columns_crc',
  'arena_crc',
  'summary_crc',
] as const
const loopSegmentColumns = [
  'id',
  'number',
  'first_record',
  'count',
  'dropped_before',
  'first_at',
  'last_at',
  'waited_ms',
  'longest_ms',
  'longest_at',
  'busy',
  'columns_crc',
] as const

/** A segment's place among the others: its number is null while it is still to be merged. */
type Place = Pick<SegmentHeader, 'number' | 'droppedBefore'>

/** `begin` is called before anything is changed: what belongs together comes into one transaction. */
export const createSegmentTables = (db: DatabaseSync, begin: () => void) => {
  const segment = insertInto(db, 'segments', segmentColumns)
  const keys = insertInto(db, 'keys', ['id', 'data'])
  const columns = insertInto(db, 'columns', ['id', 'data'])
  const arenas = insertInto(db, 'arenas', ['id', 'data'])
  const summaries = insertInto(db, 'summaries', ['id', 'data'])
  const loopSegment = insertInto(db, 'loop_segments', loopSegmentColumns)
  const loopColumns = insertInto(db, 'loop_columns', ['id', 'data'])
  const removing = (tables: readonly string[]) => {
    const statements = tables.map((table) => db.prepare(`DELETE FROM ${table} WHERE id = ?`))
    return (id: number): void => {
      begin()
      for (const statement of statements) statement.run(id)
    }
  }

  return {
    insert(id: number, parts: EventSegment, place: Place): void {
      begin()
      const header: SegmentHeader = {
        ...parts,
        ...place,
        columnsCrc: crc32(parts.columns),
        arenaCrc: crc32(parts.arena),
        summaryCrc: crc32(parts.summary),
      }
      writeHeader(parts.keys, header)
      segment.run(
        id,
        header.number,
        header.firstSeq,
        header.count,
        header.droppedBefore,
        header.firstAt,
        header.lastAt,
        header.kinds,
        header.firstConnection,
        header.lastConnection,
        header.arenaBytes,
        header.payloadBytes,
        crc32(parts.keys),
        header.columnsCrc,
        header.arenaCrc,
        header.summaryCrc,
      )
      keys.run(id, parts.keys)
      columns.run(id, parts.columns)
      arenas.run(id, parts.arena)
      summaries.run(id, parts.summary)
    },
    insertLoop(id: number, parts: LoopSegment, { number, droppedBefore }: Place): void {
      begin()
      loopSegment.run(
        id,
        number,
        parts.firstRecord,
        parts.count,
        droppedBefore,
        parts.firstAt,
        parts.lastAt,
        parts.waitedMs,
        parts.longestMs,
        Number.isNaN(parts.longestAt) ? null : parts.longestAt,
        new Uint8Array(parts.busyMs.buffer),
        crc32(parts.data),
      )
      loopColumns.run(id, parts.data)
    },
    remove: removing(['segments', 'keys', 'columns', 'arenas', 'summaries']),
    removeLoop: removing(['loop_segments', 'loop_columns']),
  }
}
