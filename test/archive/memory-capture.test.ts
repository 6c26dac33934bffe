// The capture in memory: bounded, and exact about what it keeps and what it dropped. Counterparts:
// main/archive/memory-capture.ts and main/archive/segments.ts.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Capture } from '../../main/archive/capture.ts'
import { createMemoryCapture } from '../../main/archive/memory-capture.ts'
import { detailsText, type EventBatch, openBatch, rowBytesOf } from '../../preload/contract/event-columns.ts'
import { LoopBatchWriter, openLoopBatch } from '../../preload/contract/loop-columns.ts'
import { causes, eventKinds } from '../../preload/contract/vocabulary.ts'
import { data, type EventSketch, lost, made, makeBatch } from '../renderer/support/batches.ts'

const noLimit = Number.POSITIVE_INFINITY

/** One event as a test compares it. */
interface Row {
  readonly seq: number
  readonly kind: string
  readonly cause: string
  readonly at: number
  readonly connection: number
  readonly length: number
  /** One character a byte, because texts are compared a thousand times as fast as lists of numbers. */
  readonly bytes: string
}

const spelled = (bytes: Uint8Array) => Buffer.from(bytes).toString('latin1')

const rowsOf = (batch: EventBatch): Row[] =>
  Array.from({ length: batch.count }, (_, i) => ({
    seq: batch.firstSeq + i,
    kind: eventKinds[batch.kind[i]!]!,
    cause: causes[batch.cause[i]!]!,
    at: batch.at[i]!,
    connection: batch.connection[i]!,
    length: batch.length[i]!,
    bytes: spelled(rowBytesOf(batch, i)),
  }))

/** The batches of a capture from `fromSeq` to the end, as a page reads them. */
const readAll = (capture: Capture, fromSeq = 0, maxBytes = 64 * 1024, previewBytes = noLimit): EventBatch[] => {
  const all: EventBatch[] = []
  for (let seq = fromSeq; ; ) {
    const buffer = capture.read(seq, maxBytes, previewBytes)
    if (buffer === null) return all
    const batch = openBatch(buffer)
    expect(batch.count + batch.droppedBefore).toBeGreaterThan(0)
    expect(buffer.byteLength <= maxBytes || batch.count <= 1).toBe(true)
    all.push(batch)
    seq = batch.firstSeq + batch.count
  }
}

/** Appends batches of these events one after the other, each after a gap of `gap` events; answers all rows. */
const appendAll = (capture: Capture, batches: readonly { gap?: number; events: readonly EventSketch[] }[]): Row[] => {
  const rows: Row[] = []
  let seq = 1
  for (const { gap = 0, events } of batches) {
    const batch = makeBatch(seq + gap, events, gap)
    rows.push(...rowsOf(batch))
    seq += gap + events.length
    capture.append(batch.buffer)
  }
  return rows
}

/** The payload of an event, or the code of the failure. */
const payloadOf = (capture: Capture, seq: number): { bytes?: string; length?: number; code?: string } => {
  const payload = capture.payload(seq)
  return payload.ok
    ? { bytes: spelled(payload.value.data), length: payload.value.length }
    : { code: payload.failure.code }
}

const text = (letters: string) => new TextEncoder().encode(letters)

describe('A capture without a limit', () => {
  it('is empty at first, and the next event is number 1', () => {
    const capture = createMemoryCapture()
    expect(capture.info()).toMatchObject({ firstSeq: 1, nextSeq: 1, droppedEvents: 0, storedBytes: 0 })
    expect(capture.read(0, 1000, 100)).toBeNull()
    expect(capture.payload(1)).toMatchObject({ ok: false, failure: { code: 'not-found' } })
  })

  it('gives back what was appended, from any seq on', () => {
    const capture = createMemoryCapture(noLimit)
    const rows = appendAll(capture, [
      { events: [made(1, 1), data(2, 1, 'received', text('Hello')), data(3, 1, 'sent', text('Hello'))] },
      { events: [lost(4, 1, 'closed-by-peer')] },
    ])
    for (const fromSeq of [0, 1, 2, 3, 4])
      expect(readAll(capture, fromSeq).flatMap(rowsOf)).toEqual(rows.slice(Math.max(0, fromSeq - 1)))
    expect(capture.read(5, 1000, 100)).toBeNull()
    expect(capture.info()).toMatchObject({ firstSeq: 1, nextSeq: 5, droppedEvents: 0 })
  })

  it('cuts payloads to a preview and leaves details whole and lengths true', () => {
    const capture = createMemoryCapture(noLimit)
    appendAll(capture, [{ events: [made(1, 1), data(2, 1, 'received', 1000), lost(3, 1, 'reset-here')] }])
    const [batch] = readAll(capture, 0, 64 * 1024, 10)
    const [first, second, third] = rowsOf(batch!)
    expect(first!.bytes).toBe(spelled(Buffer.from(detailsText(made(1, 1).details!))))
    expect(second).toMatchObject({ length: 1000, bytes: '\0'.repeat(10) })
    expect(third!.bytes.length).toBeGreaterThan(10)
  })

  it('reads no more bytes at once than asked for, unless one event alone is larger', () => {
    const capture = createMemoryCapture(noLimit)
    const rows = appendAll(capture, [
      { events: [1, 500, 5000, 1, 1, 300].map((size, i) => data(i, 1, 'received', size)) },
      { events: [data(9, 1, 'sent', 20_000), data(9, 1, 'sent', 1)] },
    ])
    const batches = readAll(capture, 0, 1000)
    expect(batches.map((batch) => batch.count)).toEqual([2, 1, 3, 1, 1])
    expect(batches.flatMap(rowsOf)).toEqual(rows)
  })

  it('reads across batches, and stops at a gap, which the next reading counts', () => {
    const capture = createMemoryCapture(noLimit)
    const one = [data(1, 1, 'received', 3)]
    appendAll(capture, [{ events: one }, { events: one }, { gap: 7, events: one }, { events: one }])
    expect(readAll(capture).map(({ firstSeq, count, droppedBefore }) => [firstSeq, count, droppedBefore])).toEqual([
      [1, 2, 0],
      [10, 2, 7],
    ])
    expect(openBatch(capture.read(5, 1000, 10)!)).toMatchObject({ firstSeq: 10, droppedBefore: 5 })
    expect(capture.info().droppedEvents).toBe(7)
  })

  it('sends bytes that were received and sent again only once', () => {
    const capture = createMemoryCapture(noLimit)
    const chunk = new Uint8Array(10_000).fill(7)
    appendAll(capture, [{ events: [data(1, 1, 'received', chunk), data(1, 1, 'sent', chunk)] }])
    const buffer = capture.read(0, 64 * 1024, noLimit)!
    expect(buffer.byteLength).toBeLessThan(11_000)
    expect(rowsOf(openBatch(buffer)).map((row) => row.bytes)).toEqual([spelled(chunk), spelled(chunk)])
    expect(rowsOf(openBatch(capture.read(2, 64 * 1024, noLimit)!)).map((row) => row.bytes)).toEqual([spelled(chunk)])
  })

  it('tells its listeners after every batch, until they leave', () => {
    const capture = createMemoryCapture()
    const seen: number[] = []
    const stop = capture.onAppend(() => seen.push(capture.info().nextSeq))
    appendAll(capture, [{ events: [made(1, 1)] }, { events: [made(2, 2), made(3, 3)] }])
    stop()
    capture.append(makeBatch(4, [made(4, 4)]).buffer)
    expect(seen).toEqual([2, 4])
  })
})

describe('A payload', () => {
  it('is the whole of what was stored, in a copy of its own', () => {
    const capture = createMemoryCapture()
    appendAll(capture, [{ events: [made(1, 1), data(2, 1, 'received', text('Hello World!'))] }])
    const read = () => {
      const payload = capture.payload(2)
      if (!payload.ok) throw new Error(payload.failure.message)
      return payload.value
    }
    expect(read()).toEqual({ data: text('Hello World!'), length: 12 })
    read().data.fill(0)
    expect(read().data).toEqual(text('Hello World!'))
  })

  it('tells the size on the wire where the recorder kept only a part, or nothing', () => {
    const capture = createMemoryCapture()
    appendAll(capture, [{ events: [{ ...data(1, 1, 'received', 0), length: 65_536 }] }])
    expect(capture.payload(1)).toEqual({ ok: true, value: { data: new Uint8Array(), length: 65_536 } })
  })

  it.each([
    ['an event that has none', 1, 'not-found', /^Event 1 has no payload$/],
    ['an event that is still to come', 4, 'not-found', /no event 4 yet; the next one will be 4$/],
    ['no event at all', 0, 'not-found', /numbered from 1$/],
  ])('is not found for %s', (_, seq, code, message) => {
    const capture = createMemoryCapture()
    appendAll(capture, [{ events: [made(1, 1), data(2, 1, 'sent', 5), lost(3, 1, 'closed-here')] }])
    expect(capture.payload(seq)).toMatchObject({
      ok: false,
      failure: { code, message: expect.stringMatching(message) },
    })
  })

  it('is dropped where its event went to make room, or was never recorded, and the failure says which', () => {
    const capture = createMemoryCapture(20_000)
    const big = { events: [data(1, 1, 'received', 9000)] }
    appendAll(capture, [big, big, big, { gap: 2, events: [data(1, 1, 'received', 10)] }])
    expect(capture.info()).toMatchObject({ firstSeq: 3, nextSeq: 7 })
    expect(capture.payload(2)).toMatchObject({
      ok: false,
      failure: { code: 'dropped', message: 'Event 2 was dropped to keep the capture within 20000 bytes' },
    })
    expect(capture.payload(5)).toMatchObject({
      ok: false,
      failure: { code: 'dropped', message: expect.stringContaining('was not recorded') },
    })
    expect(capture.payload(3).ok && capture.payload(6).ok).toBe(true)
  })
})

describe('The limit', () => {
  it('drops the oldest batches and counts their events', () => {
    const capture = createMemoryCapture(100_000)
    const rows = appendAll(
      capture,
      Array.from({ length: 50 }, (_, i) => ({ events: [data(i, 1, 'received', 20_000), data(i, 1, 'sent', 1)] })),
    )
    const { firstSeq, nextSeq, storedBytes, droppedEvents } = capture.info()
    expect(nextSeq).toBe(101)
    expect(storedBytes).toBeLessThanOrEqual(100_000)
    expect(storedBytes).toBeGreaterThan(80_000)
    expect(droppedEvents).toBe(firstSeq - 1)
    expect(readAll(capture).flatMap(rowsOf)).toEqual(rows.slice(firstSeq - 1))
  })

  it('counts what a reader from an earlier seq has missed', () => {
    const capture = createMemoryCapture(30_000)
    appendAll(
      capture,
      Array.from({ length: 10 }, (_, i) => ({ events: [data(i, 1, 'received', 9_000)] })),
    )
    const { firstSeq } = capture.info()
    expect(firstSeq).toBeGreaterThan(5)
    expect(openBatch(capture.read(0, 1000, 10)!)).toMatchObject({ firstSeq, droppedBefore: firstSeq - 1 })
    expect(openBatch(capture.read(4, 1000, 10)!)).toMatchObject({ firstSeq, droppedBefore: firstSeq - 4 })
    expect(openBatch(capture.read(firstSeq, 1000, 10)!)).toMatchObject({ firstSeq, droppedBefore: 0 })
  })

  it('always leaves the newest batch, however large', () => {
    const capture = createMemoryCapture(1000)
    const rows = appendAll(capture, [
      { events: [data(1, 1, 'received', 5000)] },
      { events: [data(2, 1, 'received', 50_000)] },
    ])
    expect(readAll(capture).flatMap(rowsOf)).toEqual(rows.slice(1))
    expect(capture.info()).toMatchObject({ firstSeq: 2, nextSeq: 3, droppedEvents: 1 })
  })

  it('holds for a batch that costs more around it than in it', () => {
    const capture = createMemoryCapture(256 * 1024)
    for (let seq = 1; seq <= 5000; seq++) capture.append(makeBatch(seq, [data(seq, 1, 'received', 1)]).buffer)
    const info = capture.info()
    expect(info.storedBytes).toBeLessThanOrEqual(256 * 1024)
    expect(info.nextSeq - info.firstSeq + info.droppedEvents).toBe(5000)
    // An event of one byte is to cost its row and some, not the kilobyte that a batch of its own does.
    expect(info.nextSeq - info.firstSeq).toBeGreaterThan(2000)
  })
})

describe('Small batches in a row', () => {
  it('are put together without a byte altered', () => {
    const capture = createMemoryCapture(noLimit)
    const rows = appendAll(
      capture,
      Array.from({ length: 1000 }, (_, i) => ({
        events: [data(i, i % 7, i % 2 ? 'sent' : 'received', text(`no ${i}`))],
      })),
    )
    expect(capture.info().storedBytes).toBeLessThan(200 * 1000)
    expect(readAll(capture).flatMap(rowsOf)).toEqual(rows)
    expect(rows.map(({ seq }) => payloadOf(capture, seq).bytes)).toEqual(rows.map(({ bytes }) => bytes))
  })

  it('may share bytes between rows that are not neighbours, as a greeting of many connections is', () => {
    const greeting = new Uint8Array(500).fill(0x2a)
    const events = [1, 2, 3].flatMap((connection) => [made(1, connection), data(1, connection, 'sent', greeting)])
    const capture = createMemoryCapture(noLimit)
    const rows = appendAll(
      capture,
      Array.from({ length: 200 }, () => ({ events })),
    )
    expect(readAll(capture).flatMap(rowsOf)).toEqual(rows)
  })

  it('stay apart where events are missing between them', () => {
    const capture = createMemoryCapture(noLimit)
    const rows = appendAll(
      capture,
      Array.from({ length: 200 }, (_, i) => ({ gap: i % 40 === 39 ? 3 : 0, events: [data(i, 1, 'sent', 2)] })),
    )
    expect(readAll(capture).flatMap(rowsOf)).toEqual(rows)
    expect(capture.info()).toMatchObject({ nextSeq: 216, droppedEvents: 15 })
  })
})

describe('Loop records', () => {
  /** A batch of records whose ids are their numbers. */
  const loopBuffer = (first: number, count: number, droppedBefore: number) => {
    const writer = new LoopBatchWriter(count)
    for (; writer.count < count; writer.count++) writer.columns.id[writer.count] = first + writer.count
    return writer.compact(first, droppedBefore)
  }

  it('are read from any record on, each once, in pieces of the size asked for, with what is missing counted', () => {
    const batch = fc.record({
      gap: fc.oneof({ weight: 9, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.integer({ min: 1, max: 9 }) }),
      count: fc.integer({ min: 1, max: 40 }),
    })
    fc.assert(
      fc.property(
        fc.array(batch, { maxLength: 150, size: 'max' }),
        fc.constantFrom(1, 500, 5000, 64 * 1024),
        fc.nat({ max: 3000 }),
        (batches, maxBytes, from) => {
          const capture = createMemoryCapture()
          const appended: number[] = []
          let next = 1
          for (const { gap, count } of batches) {
            capture.appendLoop(loopBuffer(next + gap, count, gap))
            next += gap
            for (let i = 0; i < count; i++) appended.push(next++)
          }
          const read: number[] = []
          let missing = 0
          for (let record = from; ; ) {
            const buffer = capture.readLoop(record, maxBytes)
            if (buffer === null) break
            const piece = openLoopBatch(buffer)
            expect(buffer.byteLength <= maxBytes || piece.count === 1).toBe(true)
            read.push(...piece.id)
            missing += piece.droppedBefore
            record = piece.first + piece.count
          }
          expect(read).toEqual(appended.filter((record) => record >= from))
          if (read.length > 0) expect(Math.max(1, from) + read.length + missing).toBe(next)
          const { loop } = capture.info()
          expect([loop.nextRecord, loop.droppedRecords]).toEqual([next, next - 1 - appended.length])
        },
      ),
    )
  })

  it('leave no room to the caller to change what is kept', () => {
    const capture = createMemoryCapture()
    capture.appendLoop(loopBuffer(1, 3, 0))
    openLoopBatch(capture.readLoop(0, 64 * 1024)!).id.fill(9)
    expect(Array.from(openLoopBatch(capture.readLoop(0, 64 * 1024)!).id)).toEqual([1, 2, 3])
  })
})

describe('Any sequence of batches', () => {
  /** Payloads to choose from, so that rows of a batch may share the very same bytes, next to each other or not. */
  const chunks = [0, 1, 5, 255, 256, 257, 4000].map((size, i) => new Uint8Array(size).fill(i + 1))
  const anyEvent: fc.Arbitrary<EventSketch> = fc.oneof(
    {
      weight: 4,
      arbitrary: fc
        .tuple(fc.nat({ max: 9 }), fc.constantFrom(...chunks))
        .map(([c, chunk]) => data(1, c, 'received', chunk)),
    },
    {
      weight: 4,
      arbitrary: fc
        .tuple(fc.nat({ max: 9 }), fc.constantFrom(...chunks))
        .map(([c, chunk]) => data(2, c, 'sent', chunk)),
    },
    fc.nat({ max: 9 }).map((c) => made(3, c)),
    fc.nat({ max: 9 }).map((c) => lost(4, c, 'reset-by-peer')),
    fc.constant<EventSketch>({ kind: 'eof-received', at: 5, connection: 1 }),
  )
  const events = fc.record({
    gap: fc.oneof({ weight: 9, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.integer({ min: 1, max: 9 }) }),
    events: fc.oneof(
      { weight: 5, arbitrary: fc.array(anyEvent, { minLength: 1, maxLength: 1 }) },
      { weight: 2, arbitrary: fc.array(anyEvent, { minLength: 1, maxLength: 30 }) },
    ),
  })
  /** All that is left of a burst whose last events were dropped. */
  const nothingButAGap = fc.record({ gap: fc.integer({ min: 1, max: 9 }), events: fc.constant([]) })
  const anyBatch = fc.oneof({ weight: 20, arbitrary: events }, { weight: 1, arbitrary: nothingButAGap })
  const anyBatches = fc.array(anyBatch, { maxLength: 300, size: 'max' })

  it('is read back exactly, less what is counted as dropped', () => {
    fc.assert(
      fc.property(
        anyBatches,
        fc.constantFrom(5_000, 50_000, 200_000, noLimit),
        fc.constantFrom(100, 1000, 64 * 1024),
        fc.constantFrom(0, 1, 256, noLimit),
        (batches, limitBytes, maxBytes, previewBytes) => {
          const capture = createMemoryCapture(limitBytes)
          const rows = appendAll(capture, batches)
          const info = capture.info()
          const kept = rows.filter((row) => row.seq >= info.firstSeq)
          const read = readAll(capture, 0, maxBytes, previewBytes)

          const cut = (row: Row) =>
            row.kind.startsWith('data-') ? { ...row, bytes: row.bytes.slice(0, previewBytes) } : row
          expect(read.flatMap(rowsOf)).toEqual(kept.map(cut))
          expect(info.nextSeq).toBe(1 + batches.reduce((sum, { gap, events }) => sum + gap + events.length, 0))
          expect(info.droppedEvents).toBe(info.nextSeq - 1 - kept.length)
          // What the reader is told was missing, and what it got, is all there was.
          expect(read.reduce((sum, batch) => sum + batch.droppedBefore + batch.count, 0)).toBe(info.nextSeq - 1)
          const newest = batches.at(-1)?.events ?? []
          if (info.storedBytes > limitBytes) expect(kept.length).toBeLessThanOrEqual(Math.max(64, newest.length))
          const payloads = rows.map((row) => payloadOf(capture, row.seq))
          const expected = rows.map((row) => {
            if (row.seq < info.firstSeq) return { code: 'dropped' }
            return row.kind.startsWith('data-') ? { bytes: row.bytes, length: row.length } : { code: 'not-found' }
          })
          expect(payloads).toEqual(expected)
        },
      ),
      { numRuns: 60 },
    )
  })

  it('is read the same while it grows, by a reader that keeps up', () => {
    fc.assert(
      fc.property(anyBatches, (batches) => {
        const capture = createMemoryCapture(noLimit)
        const seen: Row[] = []
        let next = 0
        capture.onAppend(() => {
          for (const batch of readAll(capture, next)) {
            seen.push(...rowsOf(batch))
            next = batch.firstSeq + batch.count
          }
        })
        expect(appendAll(capture, batches)).toEqual(seen)
      }),
      { numRuns: 40 },
    )
  })
})
