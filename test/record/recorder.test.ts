// The recorder: when it publishes, what it stores once, and how it stays honest when its host is behind.
// Counterpart: main/engine/record/recorder.ts.

import { performance } from 'node:perf_hooks'
import fc from 'fast-check'
import { describe, expect, it, onTestFinished } from 'vitest'
import { defaultLimits, Recorder, type RecorderLimits, type RecorderOrigin } from '../../main/engine/record/recorder.ts'
import {
  type BatchBuffer,
  type EventBatch,
  openBatch,
  rowBytesOf,
  rowDetails,
} from '../../preload/contract/event-columns.ts'
import { causes, eventKinds } from '../../preload/contract/vocabulary.ts'
import { leftovers, noteBefore } from '../support/leftovers.ts'
import { until } from '../support/loopback.ts'

interface Recording {
  readonly recorder: Recorder
  readonly batches: readonly EventBatch[]
  /** Sizes of the batches posted and not acknowledged by the test. */
  readonly posted: { readonly buffer: BatchBuffer; readonly loan: number | null }[]
}

/** A recorder whose batches the test takes; nothing is acknowledged unless the test does. */
const record = (limits: Partial<RecorderLimits> = {}, origin?: RecorderOrigin): Recording => {
  const batches: EventBatch[] = []
  const posted: { buffer: BatchBuffer; loan: number | null }[] = []
  const recorder = new Recorder(
    (buffer, loan) => {
      batches.push(openBatch(buffer))
      posted.push({ buffer, loan })
    },
    () => undefined,
    { ...defaultLimits, flushMs: 1, ...limits },
    origin,
  )
  onTestFinished(() => recorder.flush())
  return { recorder, batches, posted }
}

const bytes = (size: number, fill = 0x61) => new Uint8Array(size).fill(fill)

const rowsOf = (batches: readonly EventBatch[]) =>
  batches.flatMap((batch) =>
    Array.from({ length: batch.count }, (_, i) => ({
      seq: batch.firstSeq + i,
      kind: eventKinds[batch.kind[i]!]!,
      length: batch.length[i]!,
      stored: batch.dataLength[i]!,
    })),
  )

/** Seqs of all rows, with what each batch says was dropped before it. */
const outline = (batches: readonly EventBatch[]) =>
  batches.map((batch) => ({ dropped: batch.droppedBefore, from: batch.firstSeq, count: batch.count }))

describe('Publishing', () => {
  it('happens by itself a moment after the first event, once for all that has come by then', async () => {
    const { recorder, batches } = record()
    recorder.data('received', 1, 7, bytes(5))
    recorder.event('eof-received', 'none', 1, 7, null)
    expect(batches).toHaveLength(0)
    await until(
      () => batches.length > 0,
      () => 'the timer to publish',
    )
    expect(outline(batches)).toEqual([{ dropped: 0, from: 1, count: 2 }])
  })

  it('happens at once where a batch has all the rows it can hold', () => {
    const { recorder, batches } = record({ rows: 4 })
    for (let i = 0; i < 11; i++) recorder.event('eof-sent', 'none', 1, 1, null)
    expect(outline(batches)).toEqual([
      { dropped: 0, from: 1, count: 4 },
      { dropped: 0, from: 5, count: 4 },
    ])
    recorder.flush()
    expect(outline(batches).at(-1)).toEqual({ dropped: 0, from: 9, count: 3 })
  })

  it('happens at once where the bytes do not fit any more', () => {
    const { recorder, batches } = record({ arenaBytes: 100 })
    for (const size of [60, 40, 1, 99, 50, 51]) recorder.data('received', 1, 1, bytes(size))
    recorder.flush()
    expect(batches.map((batch) => Array.from(batch.dataLength))).toEqual([[60, 40], [1, 99], [50], [51]])
    expect(rowsOf(batches).map((row) => row.seq)).toEqual([1, 2, 3, 4, 5, 6])
  })

  it('stores a chunk that is larger than any batch whole, in a batch made for it', () => {
    const { recorder, batches } = record({ arenaBytes: 100 })
    const large = Uint8Array.from({ length: 1000 }, (_, i) => i)
    recorder.data('received', 1, 1, bytes(10))
    const kept = recorder.data('received', 1, 1, large)
    recorder.data('sent', 1, 1, kept)
    recorder.data('received', 1, 1, bytes(10, 0x62))
    recorder.flush()
    expect(rowsOf(batches).map(({ seq, stored }) => [seq, stored])).toEqual([
      [1, 10],
      [2, 1000],
      [3, 1000],
      [4, 10],
    ])
    expect(batches.map((batch) => batch.arenaBytes)).toEqual([10, 1000, 10])
    expect(rowBytesOf(batches[1]!, 1)).toEqual(large)
    expect(rowBytesOf(batches[2]!, 0)).toEqual(bytes(10, 0x62))
  })

  it('leaves no timer behind while nothing happens', async () => {
    const before = noteBefore()
    const { recorder, batches } = record()
    expect(leftovers(before)).toEqual([])
    recorder.data('received', 1, 1, bytes(1))
    expect(leftovers(before)).not.toEqual([])
    await until(
      () => batches.length === 1,
      () => 'the timer to publish',
    )
    expect(leftovers(before)).toEqual([])
    recorder.data('received', 1, 1, bytes(1))
    recorder.flush()
    expect(leftovers(before)).toEqual([])
    recorder.flush()
    expect(batches).toHaveLength(2)
  })
})

describe('Without a timer of its own', () => {
  it('a recorder publishes when a batch is full or it is told to, and arms none, not even for a gap', () => {
    const before = noteBefore()
    const { recorder, batches, posted } = record({
      flushMs: Number.POSITIVE_INFINITY,
      rows: 2,
      highBytes: 0,
      dropBytes: 0,
    })
    for (let i = 0; i < 5; i++) recorder.event('eof-sent', 'none', 1, 1, null)
    // The second batch goes out because the fourth event has to be dropped.
    const full = { dropped: 0, from: 1, count: 2 }
    const beforeTheGap = { dropped: 0, from: 3, count: 1 }
    expect(outline(batches)).toEqual([full, beforeTheGap])
    for (const { buffer } of posted.splice(0)) recorder.acknowledge(buffer.byteLength)
    expect(leftovers(before)).toEqual([])
    recorder.flush()
    expect(outline(batches)).toEqual([full, beforeTheGap, { dropped: 2, from: 6, count: 0 }])
  })
})

describe('What is recorded', () => {
  it('is every column of an event, with its details', () => {
    const { recorder, batches } = record()
    const error = { code: 'ECONNRESET', message: 'read ECONNRESET' }
    const details = { error, unsentBytes: 1, unreadBytes: 2, ignoredBytes: 3 }
    const before = recorder.now()
    recorder.event('connection-lost', 'reset-by-peer', 3, 12, details)
    const after = recorder.now()
    recorder.flush()
    const [batch] = batches
    expect([eventKinds[batch!.kind[0]!], causes[batch!.cause[0]!]]).toEqual(['connection-lost', 'reset-by-peer'])
    expect([batch!.endpoint[0], batch!.connection[0], batch!.length[0]]).toEqual([3, 12, 0])
    expect(rowDetails(batch!, 0)).toEqual(details)
    expect(batch!.at[0]).toBeGreaterThanOrEqual(before)
    expect(batch!.at[0]).toBeLessThanOrEqual(after)
  })

  it('is stored once where the very bytes that were received are sent again', () => {
    const { recorder, batches } = record()
    const chunk = bytes(1000)
    const kept = recorder.data('received', 1, 1, chunk)
    recorder.event('writing-paused', 'none', 1, 2, { bufferedBytes: 1, highWaterBytes: 1 })
    const afterDetails = rowsOf(batches).length
    expect(recorder.data('sent', 1, 2, kept)).toBe(kept)
    recorder.data('sent', 1, 3, kept.subarray(0))
    recorder.data('sent', 1, 3, chunk)
    recorder.flush()
    expect(afterDetails).toBe(0)
    const [batch] = batches
    const details = batch!.dataLength[1]!
    expect(batch!.arenaBytes).toBe(2000 + details)
    for (const row of [0, 2, 3, 4]) expect(rowBytesOf(batch!, row)).toEqual(chunk)
  })

  it('is stored once also where only a part of it is sent again', () => {
    const { recorder, batches } = record()
    const kept = recorder.data(
      'received',
      1,
      1,
      Uint8Array.from({ length: 100 }, (_, i) => i),
    )
    recorder.data('sent', 1, 2, kept.subarray(10, 30))
    recorder.data('sent', 1, 2, kept.subarray(30))
    recorder.flush()
    expect(batches[0]!.arenaBytes).toBe(100)
    expect([...rowBytesOf(batches[0]!, 1), ...rowBytesOf(batches[0]!, 2)]).toEqual([...kept.subarray(10)])
  })

  it('is stored again where the batch with the first copy is gone', () => {
    const { recorder, batches } = record()
    const chunk = bytes(10)
    const kept = recorder.data('received', 1, 1, chunk)
    recorder.flush()
    recorder.data('sent', 1, 1, kept.slice())
    recorder.flush()
    expect(batches.map((batch) => rowBytesOf(batch, 0))).toEqual([chunk, chunk])
  })

  it('does not change when its bytes are overwritten afterwards', () => {
    const { recorder, batches } = record()
    const chunk = bytes(10)
    recorder.data('received', 1, 1, chunk)
    chunk.fill(0)
    recorder.flush()
    expect(rowBytesOf(batches[0]!, 0)).toEqual(bytes(10))
  })

  it('goes on in seq and time where another recorder ended', () => {
    const startedAt = performance.now() - 60_000
    const { recorder, batches } = record({}, { startedAt, nextSeq: 1001, nextRecord: 5, lastCallback: 9 })
    expect(recorder.nextSeq).toBe(1001)
    expect(recorder.now()).toBeGreaterThanOrEqual(60_000)
    recorder.data('received', 1, 1, bytes(1))
    recorder.flush()
    expect(outline(batches)).toEqual([{ dropped: 0, from: 1001, count: 1 }])
    expect(batches[0]!.at[0]).toBeGreaterThanOrEqual(60_000)
  })
})

describe('A host that is behind', () => {
  // One batch of one chunk of 400 bytes goes above the high mark, a second one above the drop mark.
  const limits = { highBytes: 300, dropBytes: 800 }
  const large = bytes(400)

  it('gets events without their payloads above the high mark, with their true length', () => {
    const { recorder, batches, posted } = record(limits)
    recorder.data('received', 1, 1, large)
    recorder.flush()
    recorder.data('received', 1, 1, bytes(50))
    recorder.data('sent', 1, 1, bytes(60))
    recorder.event('eof-received', 'none', 1, 1, null)
    recorder.flush()
    expect(rowsOf(batches)).toEqual([
      { seq: 1, kind: 'data-received', length: 400, stored: 400 },
      { seq: 2, kind: 'data-received', length: 50, stored: 0 },
      { seq: 3, kind: 'data-sent', length: 60, stored: 0 },
      { seq: 4, kind: 'eof-received', length: 0, stored: 0 },
    ])
    for (const { buffer } of posted) recorder.acknowledge(buffer.byteLength)
    recorder.data('received', 1, 1, bytes(70))
    recorder.flush()
    expect(rowsOf(batches).at(-1)).toEqual({ seq: 5, kind: 'data-received', length: 70, stored: 70 })
    expect(recorder.droppedEvents).toBe(0)
  })

  it('never gets other bytes than those of the event, when payloads come back for bytes left out before', () => {
    const { recorder, batches, posted } = record(limits)
    const chunk = bytes(20)
    recorder.data('received', 1, 1, large)
    recorder.flush()
    recorder.data('received', 1, 1, chunk)
    recorder.acknowledge(posted[0]!.buffer.byteLength)
    recorder.data('sent', 1, 1, chunk)
    recorder.flush()
    expect(rowsOf(batches).map((row) => row.stored)).toEqual([400, 0, 20])
    expect(rowBytesOf(batches[1]!, 1)).toEqual(chunk)
  })

  it('misses whole events above the drop mark, and the next batch counts them where they are missing', () => {
    const { recorder, batches, posted } = record(limits)
    for (let i = 0; i < 2; i++) {
      recorder.data('received', 1, 1, large)
      recorder.flush()
      recorder.acknowledge(0)
    }
    // Above the high mark, so the second one came without its payload; still below the drop mark.
    expect(recorder.droppedEvents).toBe(0)
    for (let i = 0; i < 20; i++) {
      recorder.event('writing-resumed', 'none', 1, 1, { bufferedBytes: 0, pausedMs: 1 })
      recorder.flush()
    }
    const kept = rowsOf(batches).length
    expect(kept).toBeLessThan(22)
    expect(recorder.nextSeq).toBe(23)
    expect(recorder.droppedEvents).toBe(22 - kept)
    for (const { buffer } of posted.splice(0)) recorder.acknowledge(buffer.byteLength)
    recorder.data('sent', 1, 1, bytes(5))
    recorder.flush()
    expect(outline(batches).at(-1)).toEqual({ dropped: 22 - kept, from: 23, count: 1 })
  })

  it('is told of the gap at its very place: what was in hand goes out before it', () => {
    const { recorder, batches, posted } = record({ ...limits, rows: 3 })
    recorder.data('received', 1, 1, large)
    recorder.flush()
    // Three rows fill a batch, which goes out when the fourth comes: above the drop mark with that, but one is in hand.
    for (let i = 0; i < 30; i++) recorder.event('writing-resumed', 'none', 1, i, { bufferedBytes: 0, pausedMs: 1 })
    for (const { buffer } of posted.splice(0)) recorder.acknowledge(buffer.byteLength)
    recorder.event('eof-sent', 'none', 1, 99, null)
    recorder.flush()
    let next = 1
    for (const batch of batches) {
      expect(batch.firstSeq - next).toBe(batch.droppedBefore)
      next = batch.firstSeq + batch.count
    }
    expect(next).toBe(recorder.nextSeq)
    expect(batches.at(-1)!.droppedBefore).toBe(recorder.droppedEvents)
    expect(recorder.droppedEvents).toBeGreaterThan(0)
  })

  it('is told of events that were dropped last, though none follows them', async () => {
    const { recorder, batches, posted } = record({ highBytes: 100, dropBytes: 200 })
    recorder.data('received', 1, 1, large)
    recorder.flush()
    for (let i = 0; i < 5; i++) recorder.event('eof-sent', 'none', 1, 1, null)
    expect(recorder.droppedEvents).toBe(5)
    recorder.acknowledge(posted[0]!.buffer.byteLength)
    await until(
      () => batches.length === 2,
      () => 'a batch that counts the five',
    )
    expect(outline(batches).at(-1)).toEqual({ dropped: 5, from: 7, count: 0 })
  })
})

describe('Buffers', () => {
  it('that come back are filled again', () => {
    const { recorder, posted } = record({ rows: 2, arenaBytes: 64 })
    const fill = (size: number) => {
      recorder.data('received', 1, 1, bytes(size))
      recorder.data('sent', 1, 1, bytes(32))
      recorder.flush()
    }
    fill(32)
    const { buffer, loan } = posted[0]!
    // The recorder has taken a new one already, so the spare serves the batch after the next.
    recorder.reuse(loan!)
    fill(31)
    fill(30)
    expect(posted[2]!.buffer).toBe(buffer)
    expect(Array.from(openBatch(buffer).dataLength)).toEqual([30, 32])
  })

  it('are not filled again while a write reads from them', () => {
    const { recorder, posted } = record({ rows: 2, arenaBytes: 64 })
    const fill = () => {
      const kept = recorder.data('received', 1, 1, bytes(32))
      recorder.data('sent', 1, 1, bytes(32, 0x62))
      recorder.flush()
      return kept
    }
    const written = fill()
    recorder.retain(written)
    recorder.retain(written.subarray(1))
    recorder.reuse(posted[0]!.loan!)
    for (let i = 0; i < 3; i++) fill()
    recorder.release(written.subarray(1))
    fill()
    expect(written).toEqual(bytes(32))
    expect(posted.slice(1).map(({ buffer }) => buffer)).not.toContain(posted[0]!.buffer)
    recorder.release(written)
    for (let i = 0; i < 2; i++) fill()
    expect(posted.slice(1).map(({ buffer }) => buffer)).toContain(posted[0]!.buffer)
  })

  it('whose rows were copied out are not filled again while a write reads from them', () => {
    const { recorder, batches } = record()
    const written = recorder.data('received', 1, 1, bytes(32))
    recorder.retain(written)
    recorder.flush()
    recorder.data('received', 1, 1, bytes(32, 0x62))
    recorder.flush()
    expect(batches).toHaveLength(2)
    expect(written).toEqual(bytes(32))
    recorder.release(written)
  })

  it('are not kept from being filled again by any number of writes: beyond some, what is written is no part of them', () => {
    const { recorder, batches, posted } = record({ rows: 1, arenaBytes: 64 })
    const chunk = bytes(64)
    const retained: Uint8Array[] = []
    const receive = () => {
      const kept = recorder.data('received', 1, 1, chunk)
      for (const { buffer, loan } of posted.splice(0)) {
        recorder.acknowledge(buffer.byteLength)
        if (loan !== null) recorder.reuse(loan)
      }
      return kept
    }
    for (let kept = receive(); kept !== chunk; kept = receive()) {
      recorder.retain(kept)
      retained.push(kept)
      expect(retained.length).toBeLessThan(100)
    }
    // All is stored nevertheless, and what is retained stays as it is.
    chunk.fill(0x62)
    for (let i = 0; i < 5; i++) expect(receive()).toBe(chunk)
    recorder.flush()
    expect(batches.slice(-5).map((batch) => rowBytesOf(batch, 0))).toEqual(Array(5).fill(bytes(64, 0x62)))
    for (const kept of retained) expect(kept).toEqual(bytes(64))
    for (const kept of retained) recorder.release(kept)
    expect(receive()).not.toBe(chunk)
  })

  it('whose rows were copied out for want of room are not filled again while the callback that was given bytes of them runs', () => {
    const { recorder, batches } = record({ rows: 1 })
    const given = recorder.data('received', 1, 1, bytes(32))
    recorder.data('sent', 1, 2, given)
    recorder.retain(given)
    for (let i = 0; i < 3; i++) recorder.data('received', 1, 1, bytes(48, 0x62))
    expect(given).toEqual(bytes(32))
    for (let i = 0; i < 3; i++) {
      recorder.flush()
      recorder.data('received', 1, 1, bytes(48, 0x62))
    }
    expect(given).toEqual(bytes(32))
    expect(rowBytesOf(batches[1]!, 0)).toEqual(bytes(32))
    recorder.release(given)
    // Nobody needs it any more: it is among what is filled next.
    for (let i = 0; i < 4; i++) recorder.data('received', 1, 1, bytes(48, 0x62))
    expect(given).toEqual(bytes(32, 0x62))
  })

  it('are all filled again when they come back at once', () => {
    const { recorder, posted } = record()
    const fillUp = () => {
      for (let i = 0; i < 16; i++) recorder.data('received', 1, 1, bytes(64 * 1024))
    }
    // Below the mark at which payloads are left out.
    const burst = 8
    for (let i = 0; i < burst; i++) fillUp()
    recorder.flush()
    const first = posted.map(({ buffer }) => buffer)
    expect(first).toHaveLength(burst)
    for (const { buffer, loan } of [...posted]) {
      recorder.acknowledge(buffer.byteLength)
      recorder.reuse(loan!)
    }
    // One more than came back: the recorder had taken a new one already.
    for (let i = 0; i < burst + 1; i++) fillUp()
    recorder.flush()
    const again = posted.slice(burst + 1).map(({ buffer }) => buffer)
    // The very same memory, not just equal bytes.
    expect(first.filter((buffer) => again.includes(buffer))).toHaveLength(burst)
  })

  it('are of just the size of what is in them where that is little', () => {
    const { recorder, posted } = record()
    recorder.data('received', 1, 1, bytes(10))
    recorder.flush()
    expect(posted[0]).toMatchObject({ loan: null })
    expect(posted[0]!.buffer.byteLength).toBeLessThan(200)
  })
})

describe('Whatever happens, in whatever order', () => {
  const step = fc.oneof(
    {
      weight: 6,
      arbitrary: fc.record({
        what: fc.constantFrom('received', 'sent'),
        size: fc.nat({ max: 300 }),
        again: fc.boolean(),
      }),
    },
    { weight: 3, arbitrary: fc.constant('event' as const) },
    { weight: 2, arbitrary: fc.constant('flush' as const) },
    { weight: 2, arbitrary: fc.constant('acknowledge' as const) },
  )

  it('every seq is in a batch or counted as dropped before one, in order, with the right bytes', () => {
    fc.assert(
      fc.property(
        fc.array(step, { maxLength: 200, size: 'max' }),
        fc.record({
          rows: fc.integer({ min: 1, max: 8 }),
          arenaBytes: fc.integer({ min: 1, max: 500 }),
          highBytes: fc.integer({ min: 0, max: 1500 }),
          dropBytes: fc.integer({ min: 0, max: 3000 }),
        }),
        (steps, limits) => {
          const { recorder, batches, posted } = record(limits)
          const sent = new Map<number, Uint8Array>()
          let chunk = bytes(3)
          let filling = 0
          for (const each of steps) {
            if (each === 'flush') recorder.flush()
            else if (each === 'event') recorder.event('eof-received', 'none', 1, 1, null)
            else if (each === 'acknowledge') {
              const oldest = posted.shift()
              if (oldest !== undefined) recorder.acknowledge(oldest.buffer.byteLength)
            } else {
              if (!each.again) chunk = bytes(each.size, ++filling)
              sent.set(recorder.nextSeq, chunk)
              recorder.data(each.what, 1, 1, chunk)
            }
          }
          for (const { buffer } of posted.splice(0)) recorder.acknowledge(buffer.byteLength)
          recorder.event('eof-sent', 'none', 1, 1, null)
          recorder.flush()

          let next = 1
          let dropped = 0
          for (const batch of batches) {
            dropped += batch.droppedBefore
            expect(batch.firstSeq).toBe(next + batch.droppedBefore)
            next = batch.firstSeq + batch.count
            for (let i = 0; i < batch.count; i++) {
              const data = sent.get(batch.firstSeq + i)
              if (data === undefined) continue
              expect(batch.length[i]).toBe(data.length)
              if (batch.dataLength[i] !== 0) expect(Buffer.compare(rowBytesOf(batch, i), data)).toBe(0)
            }
          }
          expect(next).toBe(recorder.nextSeq)
          expect(dropped).toBe(recorder.droppedEvents)
        },
      ),
      { numRuns: 300 },
    )
  })
})
