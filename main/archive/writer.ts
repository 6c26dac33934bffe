// Writes one capture file: batches in, segments and rows of facts out, one transaction a commit, oldest segments dropped to
// stay within the limits. Every method throws SQLite's errors. Counterpart: recording.ts, which decides when, and what to
// do when it fails.
import { rmSync } from 'node:fs'
import type { DatabaseSync } from 'node:sqlite'
import type { CaptureLimits } from '../../preload/contract/captures.ts'
import type { EventBatch } from '../../preload/contract/event-columns.ts'
import type { LoopBatch } from '../../preload/contract/loop-columns.ts'
import { EventBuilder, type Mark } from './event-builder.ts'
import { createFactRows } from './fact-rows.ts'
import type { Facts } from './facts.ts'
import { LoopBuilder } from './loop-builder.ts'
import { compactFile, createCaptureFile, numberOf, openToWrite } from './schema.ts'
import { createPieces } from './segment-pieces.ts'
import { createSegmentTables } from './segment-tables.ts'
import { writerName } from './writer-name.ts'

/** What a file has and has dropped, as its one row of `capture` tells. */
export interface Totals {
  lastAt: number
  nextSeq: number
  nextRecord: number
  events: number
  payloadBytes: number
  droppedEvents: number
  records: number
  droppedRecords: number
}

export interface WriterStatus extends Totals {
  readonly firstSeq: number
  readonly firstRecord: number
  /** Bytes of the file that are in use; dropped segments leave room that is used again. */
  readonly usedBytes: number
  readonly connections: number
  readonly endpoints: number
}

export interface CaptureWriter {
  readonly path: string
  events(batch: EventBatch): void
  loop(batch: LoopBatch): void
  bookmark(seq: number, note: string | null): void
  limit(limits: CaptureLimits): void
  /** Bytes written since the last commit. */
  readonly uncommittedBytes: number
  /** Everything up to here is in the file when this returns. */
  commit(): void
  status(): WriterStatus
  /** Gives back what dropped segments took, a little at a time. Value: bytes. */
  compact(): number
  /** Commits, and makes the file one that needs nothing beside it. */
  close(): void
  /** Lets go of the file as it is: it cannot be written to. */
  abandon(): void
}

export interface WriterOptions {
  readonly path: string
  readonly limits: CaptureLimits
  readonly startedAtEpochMs: number
  readonly facts: Facts
}

const dayMs = 24 * 60 * 60 * 1000
const countEveryMs = 1000

const open = (db: DatabaseSync, path: string, options: WriterOptions): CaptureWriter => {
  const { facts } = options
  let { limits } = options
  const { startedAtEpochMs } = options
  const builder = new EventBuilder()
  const loopBuilder = new LoopBuilder()
  const rows = createFactRows(db)
  const row = db.prepare('SELECT * FROM capture').get()!
  const totals: Totals = {
    lastAt: Number(row['last_at']),
    nextSeq: Number(row['next_seq']),
    nextRecord: Number(row['next_record']),
    events: Number(row['events']),
    payloadBytes: Number(row['payload_bytes']),
    droppedEvents: Number(row['dropped_events']),
    records: Number(row['records']),
    droppedRecords: Number(row['dropped_records']),
  }
  let nextNumber = Number(row['next_number'])
  let nextLoopNumber = Number(row['next_loop_number'])
  let nextId = numberOf(db, 'SELECT coalesce(max(id), 0) FROM segments') + 1
  let nextLoopId = numberOf(db, 'SELECT coalesce(max(id), 0) FROM loop_segments') + 1
  let inTransaction = false
  let uncommittedBytes = 0
  let changed = false

  const begin = () => {
    changed = true
    if (inTransaction) return
    db.exec('BEGIN IMMEDIATE')
    inTransaction = true
  }

  const tables = createSegmentTables(db, begin)

  /** Payload in pieces, which goes away with them and comes again with what they are merged into. */
  const pieceBytes = new Map<number, number>()
  const start: Mark = { rows: 0, arenaBytes: 0 }
  const pieces = createPieces<Mark>(
    {
      write(from, to, sealed) {
        begin()
        const segment = builder.cut(from, to)
        const id = nextId++
        tables.insert(id, segment, {
          number: sealed ? nextNumber++ : null,
          droppedBefore: from.rows === 0 ? builder.droppedBefore : 0,
        })
        totals.payloadBytes += segment.payloadBytes
        if (!sealed) pieceBytes.set(id, segment.payloadBytes)
        uncommittedBytes += segment.arenaBytes + segment.keys.length + segment.columns.length + segment.summary.length
        return id
      },
      remove(id) {
        tables.remove(id)
        totals.payloadBytes -= pieceBytes.get(id)!
        pieceBytes.delete(id)
      },
    },
    start,
    (mark) => mark.rows,
  )
  const loopPieces = createPieces<number>(
    {
      write(from, to, sealed) {
        begin()
        const segment = loopBuilder.cut(from, to)
        const id = nextLoopId++
        tables.insertLoop(id, segment, {
          number: sealed ? nextLoopNumber++ : null,
          droppedBefore: from === 0 ? loopBuilder.droppedBefore : 0,
        })
        uncommittedBytes += segment.data.length
        return id
      },
      remove: tables.removeLoop,
    },
    0,
    (mark) => mark,
  )

  const seal = () => {
    pieces.seal(builder.mark)
    builder.clear()
  }
  const sealLoop = () => {
    loopPieces.seal(loopBuilder.count)
    loopBuilder.clear()
  }

  const pageSize = numberOf(db, 'PRAGMA page_size')
  const pageCount = db.prepare('PRAGMA page_count')
  const freePages = db.prepare('PRAGMA freelist_count')
  const usedBytes = () =>
    pageSize * (Number(pageCount.get()!['page_count']) - Number(freePages.get()!['freelist_count']))

  const oldest = db.prepare(
    'SELECT id, count, last_at, payload_bytes FROM segments WHERE number IS NOT NULL ORDER BY id LIMIT 1',
  )
  const oldestLoop = db.prepare(
    'SELECT id, count, last_at FROM loop_segments WHERE number IS NOT NULL ORDER BY id LIMIT 1',
  )
  const forgetConnections = db.prepare('DELETE FROM connections WHERE ended_at < ?')
  const keepWithinLimits = () => {
    const bornAfter = limits.maxDays === null ? Number.NEGATIVE_INFINITY : Date.now() - limits.maxDays * dayMs
    let droppedUntil = Number.NEGATIVE_INFINITY
    for (;;) {
      const segment = oldest.get()
      const loopSegment = oldestLoop.get()
      const endOf = (of: typeof segment) => (of === undefined ? Number.POSITIVE_INFINITY : Number(of['last_at']))
      const at = Math.min(endOf(segment), endOf(loopSegment))
      if (at === Number.POSITIVE_INFINITY) break
      if (usedBytes() <= limits.maxBytes && startedAtEpochMs + at >= bornAfter) break
      if (segment !== undefined && at === endOf(segment)) {
        tables.remove(Number(segment['id']))
        totals.events -= Number(segment['count'])
        totals.droppedEvents += Number(segment['count'])
        totals.payloadBytes -= Number(segment['payload_bytes'])
        droppedUntil = at
      } else {
        tables.removeLoop(Number(loopSegment!['id']))
        totals.records -= Number(loopSegment!['count'])
        totals.droppedRecords += Number(loopSegment!['count'])
      }
    }
    // Of connections that no event is left of, nothing is left to tell either.
    if (droppedUntil > Number.NEGATIVE_INFINITY) forgetConnections.run(droppedUntil)
  }

  const saveTotals = db.prepare(
    `UPDATE capture SET last_at = ?, next_seq = ?, next_record = ?, events = ?, payload_bytes = ?, dropped_events = ?,
      records = ?, dropped_records = ?, next_number = ?, next_loop_number = ?`,
  )
  const firstSeq = db.prepare('SELECT first_seq FROM segments ORDER BY id LIMIT 1')
  const firstRecord = db.prepare('SELECT first_record FROM loop_segments ORDER BY id LIMIT 1')
  const countConnections = db.prepare('SELECT count(*) AS n FROM connections')
  const countEndpoints = db.prepare('SELECT count(*) AS n FROM endpoints')
  const setBookmark = db.prepare('INSERT OR REPLACE INTO bookmarks (seq, note) VALUES (?, ?)')
  const removeBookmark = db.prepare('DELETE FROM bookmarks WHERE seq = ?')

  let counts = { connections: 0, endpoints: 0, at: Number.NEGATIVE_INFINITY }
  /** Counting a million rows takes a moment; nobody needs it ten times a second. */
  const countFacts = () => {
    if (performance.now() - counts.at >= countEveryMs)
      counts = {
        connections: Number(countConnections.get()!['n']),
        endpoints: Number(countEndpoints.get()!['n']),
        at: performance.now(),
      }
    return { connections: counts.connections, endpoints: counts.endpoints }
  }

  const commit = () => {
    pieces.commit(builder.mark)
    loopPieces.commit(loopBuilder.count)
    const endpoints = [...facts.changedEndpoints]
    const connections = [...facts.changedConnections]
    if (endpoints.length + connections.length > 0) begin()
    for (const endpoint of endpoints) rows.endpoint(endpoint)
    for (const connection of connections) rows.connection(connection)
    keepWithinLimits()
    if (!changed) return
    begin()
    saveTotals.run(
      totals.lastAt,
      totals.nextSeq,
      totals.nextRecord,
      totals.events,
      totals.payloadBytes,
      totals.droppedEvents,
      totals.records,
      totals.droppedRecords,
      nextNumber,
      nextLoopNumber,
    )
    db.exec('COMMIT')
    inTransaction = false
    changed = false
    uncommittedBytes = 0
    facts.written()
  }

  return {
    path,
    get uncommittedBytes() {
      return uncommittedBytes
    },
    events(batch) {
      const dropped = Math.max(0, batch.firstSeq - totals.nextSeq)
      totals.droppedEvents += dropped
      totals.nextSeq = batch.firstSeq + batch.count
      changed = true
      if (batch.count === 0) return
      if (!builder.takes(batch)) seal()
      builder.append(batch, dropped)
      totals.events += batch.count
      totals.lastAt = Math.max(totals.lastAt, batch.at[batch.count - 1]!)
      if (builder.isFull) seal()
    },
    loop(batch) {
      // What the loop did before there was a recording is not missing from it.
      const isFirst = totals.nextRecord === 1
      const dropped = isFirst ? batch.droppedBefore : Math.max(0, batch.first - totals.nextRecord)
      totals.droppedRecords += dropped
      totals.nextRecord = batch.first + batch.count
      changed = true
      if (batch.count === 0) return
      if (!loopBuilder.takes(batch)) sealLoop()
      loopBuilder.append(batch, dropped)
      totals.records += batch.count
      if (loopBuilder.isFull) sealLoop()
    },
    bookmark(seq, note) {
      begin()
      if (note === null) removeBookmark.run(seq)
      else setBookmark.run(seq, note)
    },
    limit(next) {
      limits = next
      begin()
      db.prepare('UPDATE capture SET max_bytes = ?, max_days = ?, snap_bytes = ?').run(
        limits.maxBytes,
        limits.maxDays,
        limits.snapBytes,
      )
    },
    commit,
    status: () => ({
      ...totals,
      firstSeq: Number(firstSeq.get()?.['first_seq'] ?? totals.nextSeq),
      firstRecord: Number(firstRecord.get()?.['first_record'] ?? totals.nextRecord),
      usedBytes: usedBytes(),
      ...countFacts(),
    }),
    compact() {
      commit()
      return compactFile(db)
    },
    close() {
      seal()
      sealLoop()
      commit()
      db.exec('UPDATE capture SET closed = 1; PRAGMA busy_timeout = 0')
      try {
        db.exec('PRAGMA wal_checkpoint(TRUNCATE); PRAGMA journal_mode = DELETE')
      } catch {
        // Somebody reads the file: its log stays beside it, as that of a file that is being written to.
      }
      db.close()
    },
    abandon() {
      pieces.clear()
      loopPieces.clear()
      db.close()
    },
  }
}

/** Makes a new file. Throws where there is one, or none can be made. */
export const createCaptureWriter = (options: WriterOptions): CaptureWriter => {
  const db = createCaptureFile(options.path)
  try {
    const { maxBytes, maxDays, snapBytes } = options.limits
    db.prepare(
      'INSERT INTO capture (id, started_at_epoch_ms, writer, max_bytes, max_days, snap_bytes) VALUES (1, ?, ?, ?, ?, ?)',
    ).run(options.startedAtEpochMs, writerName(), maxBytes, maxDays, snapBytes)
    // What makes the file a capture is in the file itself from the start, and not only in the log beside it.
    db.exec('PRAGMA wal_checkpoint(PASSIVE)')
    return open(db, options.path, options)
  } catch (error) {
    db.close()
    rmSync(options.path, { force: true })
    throw error
  }
}

/** Goes on with a file of this process that could not be written to for a while; it may have gone on since. */
export const resumeCaptureWriter = (options: WriterOptions): CaptureWriter => {
  const db = openToWrite(options.path)
  try {
    // What was still to be merged stays as it is: the rows are not at hand any more.
    for (const [table, next] of [
      ['segments', 'next_number'],
      ['loop_segments', 'next_loop_number'],
    ] as const)
      db.exec(`BEGIN IMMEDIATE;
        WITH unmerged AS MATERIALIZED
          (SELECT id, row_number() OVER (ORDER BY id) - 1 AS place FROM ${table} WHERE number IS NULL)
          UPDATE ${table} SET number = (SELECT ${next} FROM capture) + unmerged.place
          FROM unmerged WHERE ${table}.id = unmerged.id;
        UPDATE capture SET ${next} = coalesce((SELECT max(number) + 1 FROM ${table}), ${next});
        COMMIT`)
    return open(db, options.path, options)
  } catch (error) {
    db.close()
    throw error
  }
}
