// A capture file gives back what was written to it, whatever came in which pieces. Counterparts: main/archive/writer.ts,
// capture-file.ts, readings.ts, filter.ts.
import { copyFileSync, existsSync, renameSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { checkCapture } from '../../main/archive/file-care.ts'
import { filterEvents } from '../../main/archive/filter.ts'
import { createMemoryCapture } from '../../main/archive/memory-capture.ts'
import { createReader } from '../../main/archive/reader.ts'
import {
  readBookmarks,
  readEvents,
  readLoopRecords,
  readLoopSummaries,
  readPayload,
  readSnapshot,
  readSummaries,
  seekTime,
} from '../../main/archive/readings.ts'
import { NotACapture, openToWrite, schemaVersion } from '../../main/archive/schema.ts'
import { resumeCaptureWriter } from '../../main/archive/writer.ts'
import type { EventFilter, ReadCommandName } from '../../preload/contract/captures.ts'
import { openBatch } from '../../preload/contract/event-columns.ts'
import type { Result } from '../../preload/contract/failure.ts'
import { LoopBatchWriter, loopKindCode, openLoopBatch, phaseCode } from '../../preload/contract/loop-columns.ts'
import {
  type ConnectionId,
  causes,
  type EndpointId,
  eventKinds,
  type Snapshot,
} from '../../preload/contract/vocabulary.ts'
import { data, lost, made, makeBatch } from '../renderer/support/batches.ts'
import { canMount, mountSmallDisk } from './support/archives.ts'
import {
  type BatchSketch,
  batchSketches,
  fileRows,
  newWriter,
  noLimits,
  openFile,
  type Row,
  readAll,
  rowsOf,
  temporaryFolder,
  writeBatches,
} from './support/captures.ts'

const noLimit = Number.POSITIVE_INFINITY
/** Properties write a file each: some dozens say enough. */
const numRuns = 25

const freshPath = (() => {
  let last = 0
  return (folder: string) => join(folder, `${++last}.wireloop`)
})()

describe('A capture file', () => {
  it('has what the capture in memory has, event by event, from any seq on and in pieces of any size', () => {
    const folder = temporaryFolder()
    fc.assert(
      fc.property(
        batchSketches,
        fc.integer({ min: 1, max: 9 }),
        fc.constantFrom(1, 400, 64 * 1024),
        fc.nat({ max: 300 }),
        (batches, commitEvery, maxBytes, fromSeq) => {
          const path = freshPath(folder)
          const pen = newWriter(path)
          const memory = createMemoryCapture(noLimit)
          let seq = 1
          for (const { gap, events } of batches) {
            memory.append(makeBatch(seq + gap, events, gap).buffer)
            seq += gap + events.length
          }
          const rows = writeBatches(pen, batches, (index) => index % commitEvery === 0)
          pen.writer.commit()
          const expected = rows.filter((row) => row.seq >= fromSeq)
          const live = openFile(path, true)
          expect(fileRows(live, fromSeq, maxBytes)).toEqual(expected)
          live.close()
          pen.writer.close()
          expect(existsSync(`${path}-wal`)).toBe(false)

          const file = openFile(path)
          expect(file.state).toBe('closed')
          expect(fileRows(file, fromSeq, maxBytes)).toEqual(expected)
          const missing = (batch: { droppedBefore: number }) => batch.droppedBefore
          const fromFile = readAll((from) => readEvents(file, from, maxBytes, 5), fromSeq)
          const fromMemory = readAll((from) => memory.read(from, maxBytes, 5), fromSeq)
          expect(fromFile.flatMap(rowsOf)).toEqual(fromMemory.flatMap(rowsOf))
          expect(fromFile.reduce((sum, batch) => sum + missing(batch), 0)).toBe(
            fromMemory.reduce((sum, batch) => sum + missing(batch), 0),
          )
          for (let at = 0; at <= seq; at += 7) {
            const stored = readPayload(file, at)
            const held = memory.payload(at)
            expect(stored.ok ? stored : stored.failure.code).toEqual(held.ok ? held : held.failure.code)
          }
          expect(file.info()).toMatchObject({
            events: rows.length,
            droppedEvents: memory.info().droppedEvents,
          })
          file.close()
        },
      ),
      { numRuns },
    )
  })

  it('merges what comes slowly, so that an event a commit does not cost a segment each', () => {
    const path = freshPath(temporaryFolder())
    const pen = newWriter(path)
    const slow = Array.from({ length: 600 }, (_, i): BatchSketch => ({ gap: 0, events: [data(i, 1, 'sent', 3)] }))
    const rows = writeBatches(pen, slow)
    const file = openFile(path, true)
    expect(file.segments.length).toBeLessThan(30)
    expect(fileRows(file)).toEqual(rows)
    // Those that are still to be merged are not told of as settled.
    expect(readSummaries(file, 0, undefined)).toMatchObject({ segments: 0, nextSegment: 0 })
    file.close()
    pen.writer.close()
    const closed = openFile(path)
    expect(closed.segments.length).toBe(1)
    expect(fileRows(closed)).toEqual(rows)
  })

  it('keeps a chunk of many megabytes whole', () => {
    const path = freshPath(temporaryFolder())
    const pen = newWriter(path)
    const chunk = new Uint8Array(9 * 1024 * 1024).map((_, i) => i * 7)
    const rows = writeBatches(pen, [
      { gap: 0, events: [made(1, 1)] },
      { gap: 0, events: [data(2, 1, 'received', chunk), data(3, 1, 'sent', chunk)] },
      { gap: 0, events: [lost(4, 1, 'closed-here')] },
    ])
    pen.writer.close()
    const file = openFile(path)
    expect(fileRows(file).map((row) => row.bytes === rows[row.seq - 1]!.bytes)).toEqual([true, true, true, true])
    expect(file.info().payloadBytes).toBe(chunk.length)
  })

  it('is not made where there is one of that name', () => {
    const path = freshPath(temporaryFolder())
    newWriter(path).writer.close()
    expect(() => newWriter(path)).toThrow(/exists already/)
  })

  it('goes on after its writer could not write for a while, with what it had merged as it was', () => {
    const path = freshPath(temporaryFolder())
    const pen = newWriter(path)
    const slow = (from: number) =>
      Array.from({ length: 30 }, (_, i): BatchSketch => ({ gap: 0, events: [data(from + i, 1, 'sent', 3)] }))
    const rows = writeBatches(pen, slow(1))
    pen.writer.abandon()
    const { facts } = pen
    const writer = resumeCaptureWriter({ path, limits: noLimits, startedAtEpochMs: 1_000_000, facts })
    rows.push(...writeBatches({ writer, facts }, slow(31), undefined, 31))
    writer.close()
    const file = openFile(path)
    expect(fileRows(file)).toEqual(rows)
    const numbers = file.segments.map((segment) => segment.number)
    expect(numbers).toEqual(numbers.map((_, i) => i))
    expect(file.info()).toMatchObject({ events: 60, payloadBytes: 180 })
  })
})

describe('A filter', () => {
  it('means the events that a look at each of them means', () => {
    const folder = temporaryFolder()
    const ids = <T extends number>(max: number) =>
      fc.option(
        fc.uniqueArray(fc.integer({ min: 1, max }) as fc.Arbitrary<number> as fc.Arbitrary<T>, { maxLength: 3 }),
        {
          nil: undefined,
        },
      )
    const filters = fc.record({
      endpoints: ids<EndpointId>(4),
      connections: ids<ConnectionId>(8),
      kinds: fc.option(fc.uniqueArray(fc.constantFrom(...eventKinds), { maxLength: 4 }), { nil: undefined }),
    })
    fc.assert(
      fc.property(batchSketches, fc.array(filters, { minLength: 1, maxLength: 5 }), (batches, all) => {
        const path = freshPath(folder)
        const pen = newWriter(path)
        const rows = writeBatches(pen, batches, (index) => index % 3 === 0)
        pen.writer.close()
        const file = openFile(path)
        for (const parts of all) {
          const filter = Object.fromEntries(
            Object.entries(parts).filter(([, part]) => part !== undefined),
          ) as EventFilter
          const { firstSeq, endSeq, matches, bits } = file.inSnapshot(() => filterEvents(file, filter))
          const meant = (row: Row) =>
            (filter.endpoints?.includes(row.endpoint as EndpointId) ?? true) &&
            (filter.connections?.includes(row.connection as ConnectionId) ?? true) &&
            (filter.kinds?.includes(row.kind) ?? true)
          const expected = rows.filter(meant).map((row) => row.seq)
          const found: number[] = []
          for (let seq = firstSeq; seq < endSeq; seq++)
            if ((bits[(seq - firstSeq) >> 3]! >> ((seq - firstSeq) & 7)) & 1) found.push(seq)
          expect(found).toEqual(expected)
          expect(matches).toBe(expected.length)
        }
        file.close()
      }),
      { numRuns },
    )
  })
})

describe('Summaries', () => {
  it('add up to the events they stand for, of all connections or of some', () => {
    const folder = temporaryFolder()
    fc.assert(
      fc.property(batchSketches, (batches) => {
        const path = freshPath(folder)
        const pen = newWriter(path)
        const rows = writeBatches(pen, batches)
        pen.writer.close()
        const file = openFile(path)
        const table = readSummaries(file, 0, undefined)
        expect(table.segmentCount.reduce((sum, count) => sum + count, 0)).toBe(rows.length)
        for (let segment = 0; segment < table.segments; segment++) {
          const first = table.segmentFirstSeq[segment]!
          const of = rows.filter((row) => row.seq >= first && row.seq < first + table.segmentCount[segment]!)
          expect(table.segmentFirstAt[segment]).toBe(of[0]!.at)
          expect(table.segmentLastAt[segment]).toBe(of.at(-1)!.at)
          const seen = new Set<number>()
          for (let row = table.rowStart[segment]!; row < table.rowStart[segment + 1]!; row++) {
            const connection = table.connection[row]!
            // The same connection at another endpoint is another slot; the engine has no such, and it is told as two.
            seen.add(connection)
          }
          expect([...seen].sort()).toEqual([...new Set(of.map((row) => row.connection))].sort())
          for (const connection of seen) {
            const mine = of.filter((row) => row.connection === connection)
            const sum = (column: ArrayLike<number>) => {
              let total = 0
              for (let row = table.rowStart[segment]!; row < table.rowStart[segment + 1]!; row++)
                if (table.connection[row] === connection) total += column[row]!
              return total
            }
            const total = (kind: string) =>
              mine.filter((row) => row.kind === kind).reduce((bytes, row) => bytes + row.length, 0)
            expect(sum(table.events)).toBe(mine.length)
            expect(sum(table.bytesReceived)).toBe(total('data-received'))
            expect(sum(table.bytesSent)).toBe(total('data-sent'))
          }
        }
        const some = readSummaries(file, 0, [1, 4])
        expect([...new Set(some.connection)].every((id) => id === 1 || id === 4)).toBe(true)
        expect(some.events.reduce((sum, events) => sum + events, 0)).toBe(
          rows.filter((row) => row.connection === 1 || row.connection === 4).length,
        )
        file.close()
      }),
      { numRuns },
    )
  })
})

describe('Seeking a time', () => {
  it('finds the first event at or after it', () => {
    const path = freshPath(temporaryFolder())
    const pen = newWriter(path)
    const rows = writeBatches(
      pen,
      Array.from({ length: 50 }, (_, i) => ({
        gap: i % 5 === 4 ? 2 : 0,
        events: [data(i * 10, 1, 'sent', 1), data(i * 10 + 3, 1, 'sent', 1)],
      })),
      (index) => index % 7 === 0,
    )
    pen.writer.close()
    const file = openFile(path)
    for (const at of [-5, 0, 1, 3, 200, 204, 492.5, 493])
      expect(seekTime(file, at).seq).toBe(rows.find((row) => row.at >= at)!.seq)
    expect(seekTime(file, 494).seq).toBe(file.nextSeq)
  })
})

describe('Loop records', () => {
  const loopBatch = (first: number, count: number) => {
    const writer = new LoopBatchWriter(count)
    for (; writer.count < count; writer.count++) {
      const i = writer.count
      const c = writer.columns
      c.id[i] = first + i
      c.kind[i] = loopKindCode(i % 5 === 4 ? 'iteration' : i % 5 === 3 ? 'tick' : 'callback')
      c.phase[i] = phaseCode('poll')
      c.own[i] = i % 7 === 0 ? 1 : 0
      c.start[i] = first + i
      c.end[i] = first + i + 0.25 + i / 1000
      c.readyAt[i] = first + i + 0.125
    }
    return openLoopBatch(writer.compact(first, 0))
  }

  it('are read back from any record on, and summed up by lane', () => {
    const path = freshPath(temporaryFolder())
    const { writer } = newWriter(path)
    const all: number[] = []
    let first = 1
    for (let i = 0; i < 40; i++) {
      if (i === 20) first += 9
      writer.loop(loopBatch(first, 600))
      for (let k = 0; k < 600; k++) all.push(first + k)
      first += 600
      if (i % 3 === 0) writer.commit()
    }
    writer.close()
    const file = openFile(path)
    for (const from of [0, 1, 599, 12_001, 12_005, 24_009]) {
      const read: number[] = []
      for (let record = from; ; ) {
        const buffer = readLoopRecords(file, record, 10_000)
        if (buffer === null) break
        expect(buffer.byteLength).toBeLessThanOrEqual(10_000)
        const batch = openLoopBatch(buffer)
        read.push(...batch.id)
        record = batch.first + batch.count
      }
      expect(read).toEqual(all.filter((record) => record >= from))
    }
    const table = readLoopSummaries(file, 0)
    expect(table.count.reduce((sum, count) => sum + count, 0)).toBe(24_000)
    const waits = table.waitedMs.reduce((sum, ms) => sum + ms, 0)
    expect(waits).toBeCloseTo(4800 * 0.125, 3)
    expect(seekTime(file, 300).record).toBe(300)
    expect(file.captureInfo().loop).toMatchObject({ firstRecord: 1, nextRecord: 24_010, droppedRecords: 9 })
  })
})

describe('Connections', () => {
  it('are known with their ends and traffic, whether the engine told of them or not', () => {
    const path = freshPath(temporaryFolder())
    const pen = newWriter(path)
    writeBatches(pen, [
      {
        gap: 0,
        events: [
          made(1, 1),
          made(2, 2, 'out'),
          data(3, 1, 'received', 10),
          data(4, 1, 'sent', 4),
          data(4, 2, 'sent', 7),
        ],
      },
      { gap: 0, events: [{ ...lost(5, 1, 'reset-by-peer') }, data(6, 2, 'received', 1)] },
    ])
    pen.writer.close()
    const file = openFile(path)
    const { connections, seq } = readSnapshot(file)
    expect(seq).toBe(8)
    expect(connections).toMatchObject([
      {
        id: 1,
        direction: 'in',
        state: 'lost',
        cause: 'reset-by-peer',
        madeAt: 1,
        endedAt: 5,
        error: null,
        traffic: { bytesReceived: 10, bytesSent: 4, messagesReceived: 1, messagesSent: 1 },
      },
      {
        id: 2,
        direction: 'out',
        state: 'open',
        endedAt: null,
        error: { code: 'recording-ended' },
        traffic: { bytesReceived: 1, bytesSent: 7 },
      },
    ])
  })
})

describe('The limit of bytes', () => {
  it('drops the oldest segments, counts them, and still knows the count when the file is opened again', () => {
    const path = freshPath(temporaryFolder())
    const maxBytes = 12 * 1024 * 1024
    const pen = newWriter(path, { ...noLimits, maxBytes })
    const batch = (): BatchSketch => ({ gap: 0, events: [made(0, 1), data(0, 1, 'received', 700 * 1024)] })
    const rows = writeBatches(pen, Array.from({ length: 60 }, batch))
    const { usedBytes, firstSeq, droppedEvents, events } = pen.writer.status()
    expect(usedBytes).toBeLessThanOrEqual(maxBytes)
    expect(usedBytes).toBeGreaterThan(maxBytes / 2)
    expect(droppedEvents).toBe(firstSeq - 1)
    expect(events + droppedEvents).toBe(120)
    const live = openFile(path, true)
    expect(fileRows(live)).toEqual(rows.slice(firstSeq - 1))
    live.close()
    pen.writer.close()
    const file = openFile(path)
    expect(file.captureInfo()).toMatchObject({ firstSeq, nextSeq: 121, droppedEvents })
    expect(readPayload(file, 2)).toMatchObject({ ok: false, failure: { code: 'dropped' } })
  })

  it('lets a file that dropped much give the room back', async () => {
    const path = freshPath(temporaryFolder())
    const pen = newWriter(path, { ...noLimits, maxBytes: 40 * 1024 * 1024 })
    const batch = (): BatchSketch => ({ gap: 0, events: [data(0, 1, 'received', 700 * 1024)] })
    writeBatches(pen, Array.from({ length: 50 }, batch))
    pen.writer.limit({ ...noLimits, maxBytes: 10 * 1024 * 1024 })
    pen.writer.commit()
    const before = pen.writer.status()
    expect(pen.writer.compact()).toBeGreaterThan(20 * 1024 * 1024)
    expect(pen.writer.status().firstSeq).toBe(before.firstSeq)
    pen.writer.close()
    expect(await checkCapture(path, false)).toMatchObject({ problems: [] })
  })
})

describe('The limit of days', () => {
  it('drops segments that are older', () => {
    const path = freshPath(temporaryFolder())
    const day = 24 * 60 * 60 * 1000
    // The clock of these captures stood at 0 in 1970: everything is older than a day but what is to come.
    const pen = newWriter(path, { ...noLimits, maxDays: 1 })
    const old = data(1, 1, 'sent', 600 * 1024)
    const fresh = data(Date.now() - day / 2, 1, 'sent', 600 * 1024)
    writeBatches(pen, [
      { gap: 0, events: [old] },
      { gap: 0, events: [old] },
      { gap: 0, events: [fresh] },
    ])
    expect(pen.writer.status()).toMatchObject({ firstSeq: 3, droppedEvents: 2, events: 1 })
  })
})

describe('A file of another version', () => {
  it('of the first is read as it is, and brought forward when it is written to', () => {
    const path = freshPath(temporaryFolder())
    const pen = newWriter(path)
    const rows = writeBatches(pen, [{ gap: 0, events: [made(1, 1), lost(2, 1, 'closed-here')] }])
    pen.writer.close()
    // As the first version had it: no bookmarks.
    const db = new DatabaseSync(path)
    db.exec('DROP TABLE bookmarks; PRAGMA user_version = 1')
    db.close()
    const old = openFile(path)
    expect(old.version).toBe(1)
    expect(fileRows(old)).toEqual(rows)
    expect(readBookmarks(old)).toEqual([])
    old.close()
    const writing = openToWrite(path)
    writing.exec("INSERT INTO bookmarks VALUES (1, 'here')")
    writing.close()
    const file = openFile(path)
    expect(file.version).toBe(schemaVersion)
    expect(fileRows(file)).toEqual(rows)
    expect(readBookmarks(file)).toEqual([{ seq: 1, note: 'here' }])
  })

  it('of a later Wireloop is refused in words', () => {
    const path = freshPath(temporaryFolder())
    newWriter(path).writer.close()
    const db = new DatabaseSync(path)
    db.exec('PRAGMA user_version = 99')
    db.close()
    expect(() => openFile(path)).toThrow(NotACapture)
    expect(() => openFile(path)).toThrow(/newer Wireloop \(version 99/)
  })

  it('that is some other database is refused', () => {
    const path = freshPath(temporaryFolder())
    const db = new DatabaseSync(path)
    db.exec('CREATE TABLE recipes (name TEXT)')
    db.close()
    expect(() => openFile(path)).toThrow(/no Wireloop capture/)
  })
})

describe('A file whose writer was ended before it could close it', () => {
  const leave = (folder: string): { path: string; rows: Row[] } => {
    const from = freshPath(temporaryFolder())
    const pen = newWriter(from)
    const rows = writeBatches(pen, [{ gap: 0, events: [made(1, 1), data(2, 1, 'sent', 10)] }])
    const path = join(folder, 'left.wireloop')
    for (const end of ['', '-wal']) copyFileSync(from + end, path + end)
    // Its writer is this very process, which still runs.
    const db = new DatabaseSync(path)
    db.exec("UPDATE capture SET writer = '999999999 1'")
    for (const end of ['', '-wal']) copyFileSync(path + end, `${path}.as-left${end}`)
    db.close()
    for (const end of ['', '-wal']) renameSync(`${path}.as-left${end}`, path + end)
    return { path, rows }
  }

  it('has everything that was committed, and its connections are told as still open', () => {
    const { path, rows } = leave(temporaryFolder())
    const file = openFile(path)
    expect(file.state).toBe('interrupted')
    expect(fileRows(file)).toEqual(rows)
    expect(readSnapshot(file).connections).toMatchObject([{ id: 1, endedAt: null, error: { code: 'recording-ended' } }])
    // Nobody will merge what was still to be merged.
    expect(readSummaries(file, 0, undefined)).toMatchObject({ segments: 1, nextSegment: 1 })
  })

  it.skipIf(!canMount)(
    'is read in a folder that cannot be written to as far as that goes, and says what is missing',
    () => {
      const disk = mountSmallDisk(8)
      const { path } = leave(disk.folder)
      disk.setReadOnly(true)
      const file = openFile(path)
      expect(file.state).toBe('damaged')
      expect(file.problems).toEqual([expect.stringMatching(/in a log beside the file/)])
      expect(fileRows(file)).toEqual([])
    },
  )
})

describe('A file that somebody has made to do harm', () => {
  it.each([
    ['UPDATE segments SET count = 9e15, first_seq = -5'],
    ["UPDATE segments SET first_seq = 'x'"],
    ["UPDATE keys SET data = x'00'"],
    ['UPDATE columns SET data = zeroblob(10)'],
    ["UPDATE capture SET next_seq = 1e300, writer = x'ff', started_at_epoch_ms = 'now'"],
    ["UPDATE connections SET state = '<script>', cause = 7, error = '[1]', endpoint = 'a'"],
    ['INSERT INTO endpoints VALUES (5, \'a\', \'listener\', \'{"id":5,"spec":{"role":"<b>"}}\')'],
    ["INSERT INTO endpoints VALUES (5, 'a', 'listener', 'nonsense')"],
    ['DROP TABLE connections'],
  ])('tells nothing that is not of the shape that pages count on: %s', async (sql) => {
    const path = freshPath(temporaryFolder())
    const pen = newWriter(path)
    const rows = writeBatches(pen, [
      { gap: 0, events: [made(1, 1), data(2, 1, 'sent', 10), lost(3, 1, 'closed-here')] },
    ])
    pen.writer.close()
    const db = new DatabaseSync(path)
    db.exec(sql)
    db.close()
    const reader = createReader()
    const args = { path, recording: false }
    const ask = async (name: ReadCommandName, asked: unknown) =>
      reader.answer('read', { ...args, name, args: asked }) as Promise<Result<never>>
    const events: Result<ArrayBuffer | null> = await ask('readEvents', { fromSeq: 0, maxBytes: 1000 })
    if (events.ok && events.value !== null)
      for (const row of rowsOf(openBatch(events.value))) expect(row).toEqual(rows[row.seq - 1])
    const snapshot = (await reader.answer('snapshot', args)) as Result<Snapshot>
    if (snapshot.ok) {
      expect(snapshot.value.endpoints).toEqual([])
      for (const connection of snapshot.value.connections) {
        expect(connection.state).toMatch(/^lost$/)
        expect(causes).toContain(connection.cause)
      }
    }
    for (const [name, asked] of [
      ['filterEvents', { filter: {} }],
      ['readSummaries', { fromSegment: 0 }],
      ['readLoopSummaries', { fromSegment: 0 }],
      ['readConnections', { fromConnection: 1, limit: 10 }],
      ['seekTime', { at: 2 }],
      ['bookmarks', null],
      ['startSearch', { search: { pattern: 'a', notation: 'text', ignoreCase: false, filter: {} } }],
    ] as const)
      expect(await ask(name, asked)).toMatchObject({ ok: expect.any(Boolean) })
    reader.dispose()
  })
})
