// The page's event log: what goes in comes out by seq, by time, by row and by connection; what is not held is counted.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { ConnectionId, EndpointId } from '../../preload/contract/vocabulary.ts'
import { createEventLog, type EventLog } from '../../renderer/event-log/event-log.ts'
import { data, type EventSketch, lost, made, makeBatch } from './support/batches.ts'

const roomy = 64 * 1024 * 1024
const one = 1 as ConnectionId

/** `count` sent events on connection 1, one every ms, each `bytes` long. */
const stream = (count: number, bytes = 64, startAt = 0): EventSketch[] =>
  Array.from({ length: count }, (_, i) => data(startAt + i, 1, 'sent', bytes))

const rowsOf = (log: EventLog): string[] =>
  Array.from({ length: log.endRow - log.firstRow }, (_, i) => {
    const row = log.row(log.firstRow + i)
    return row.kind === 'event' ? `${row.seq}` : `${row.oldest ? 'oldest' : 'gap'} ${row.events}`
  })

describe('an event log', () => {
  test('gives back every column of every event, however it was batched', () => {
    fc.assert(
      fc.property(
        fc.array(fc.record({ size: fc.nat(300), sent: fc.boolean(), connection: fc.integer({ min: 1, max: 4 }) }), {
          maxLength: 200,
        }),
        fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1 }),
        (events, cuts) => {
          const log = createEventLog({ limitBytes: roomy })
          const sketches = events.map((event, i) =>
            data(i, event.connection, event.sent ? 'sent' : 'received', new Uint8Array(event.size).fill(i)),
          )
          for (let start = 0, n = 0; start < sketches.length; n++) {
            const end = start + cuts[n % cuts.length]!
            log.append(makeBatch(start + 1, sketches.slice(start, end)))
            start = end
          }
          expect(log.count).toBe(events.length)
          expect(log.nextSeq).toBe(events.length + 1)
          for (const [before, event] of events.entries()) {
            const i = before + 1
            expect(log.kind(i)).toBe(event.sent ? 'data-sent' : 'data-received')
            expect(log.connection(i)).toBe(event.connection)
            expect(log.length(i)).toBe(event.size)
            expect(log.at(i)).toBe(before)
            expect(log.preview(i)).toEqual(new Uint8Array(event.size).fill(before))
          }
          const sum = (sent: boolean) =>
            events.reduce((total, event) => total + (event.sent === sent ? event.size : 0), 0)
          expect(log.totals).toMatchObject({
            events: events.length,
            bytesSent: sum(true),
            bytesReceived: sum(false),
          })
        },
      ),
      { numRuns: 50 },
    )
  })

  test('merges single events, so that an hour of one event a batch does not cost a batch an event', () => {
    const log = createEventLog({ limitBytes: roomy })
    for (let i = 1; i <= 20_000; i++) log.append(makeBatch(i, [data(i, 1, 'sent', 64)]))
    expect(log.storedBytes / log.count).toBeLessThan(200)
  })

  test('drops its oldest events at the limit, and counts them', () => {
    const log = createEventLog({ limitBytes: 2 * 1024 * 1024 })
    for (let seq = 1; seq <= 100_000; seq += 1000) log.append(makeBatch(seq, stream(1000, 64, seq)))
    expect(log.storedBytes).toBeLessThanOrEqual(log.limitBytes)
    expect(log.droppedEvents).toBeGreaterThan(0)
    expect(log.count + log.droppedEvents).toBe(100_000)
    expect(log.firstSeq).toBe(log.droppedEvents + 1)
    expect(log.has(log.firstSeq - 1)).toBe(false)
    expect(log.at(log.firstSeq)).toBe(log.firstSeq)
    expect(log.totals).toMatchObject({ events: 100_000, bytesSent: 6_400_000 })
    expect(log.connections.get(one)).toMatchObject({ bytesSent: 6_400_000, messagesSent: 100_000 })
    expect(log.connections.get(one)!.track.size).toBe(log.count)
  })

  test('forgets a connection with the last of its events, unless it is still open', () => {
    const log = createEventLog({ limitBytes: 2 * 1024 * 1024 })
    log.append(makeBatch(1, [made(0, 1), made(0, 2), lost(1, 2, 'closed-here'), made(2, 3)]))
    for (let seq = 5; seq < 100_000; seq += 1000)
      log.append(
        makeBatch(
          seq,
          Array.from({ length: 1000 }, (_, i) => data(seq + i, 3, 'received', 64)),
        ),
      )
    expect([...log.connections.keys()]).toEqual([1, 3])
  })

  test('passes over what it holds already when a subscription starts again', () => {
    const log = createEventLog({ limitBytes: roomy })
    log.append(makeBatch(1, stream(10, 64, 1)))
    log.append(makeBatch(1, stream(10, 64, 1)))
    log.append(makeBatch(5, stream(10, 64, 5)))
    expect(log.count).toBe(14)
    expect(log.droppedEvents).toBe(0)
    expect(log.at(12)).toBe(12)
    expect(log.connections.get(one)!.messagesSent).toBe(14)
  })

  test('shows a hole in the seqs as a row that says how many events are missing', () => {
    const log = createEventLog({ limitBytes: roomy })
    log.append(makeBatch(1, stream(2)))
    log.append(makeBatch(7, stream(2, 64, 7)))
    expect(rowsOf(log)).toEqual(['1', '2', 'gap 4', '7', '8'])
    expect(log.droppedEvents).toBe(4)
    expect([log.has(2), log.has(3), log.has(6), log.has(7)]).toEqual([true, false, false, true])
    expect([log.next(2), log.previous(7), log.previous(1), log.next(8)]).toEqual([7, 2, null, null])
    expect(log.rowOf(7) - log.rowOf(2)).toBe(2)
    expect(() => log.at(3)).toThrow('event 3 is not held')
  })

  test('shows events that were lost before they got a seq', () => {
    const log = createEventLog({ limitBytes: roomy })
    log.append(makeBatch(1, stream(2)))
    log.append(makeBatch(3, stream(1, 64, 3), 9))
    expect(rowsOf(log)).toEqual(['1', '2', 'gap 9', '3'])
    expect(log.droppedEvents).toBe(9)
  })

  test('counts lost events that none have followed yet, and shows them once some do', () => {
    const log = createEventLog({ limitBytes: roomy })
    log.append(makeBatch(1, stream(2)))
    log.append(makeBatch(8, [], 5))
    expect([log.droppedEvents, log.nextSeq, log.count]).toEqual([5, 8, 2])
    expect(rowsOf(log)).toEqual(['1', '2'])
    log.append(makeBatch(8, stream(1, 64, 8)))
    expect(rowsOf(log)).toEqual(['1', '2', 'gap 5', '8'])
    expect(log.droppedEvents).toBe(5)
    expect(log.gaps()).toMatchObject([{ afterAt: 1, beforeAt: 8, events: 5 }])
  })

  test('says at its top what is missing before its first event', () => {
    const log = createEventLog({ limitBytes: roomy })
    log.append(makeBatch(100, stream(2, 64, 100)))
    expect(rowsOf(log)).toEqual(['oldest 99', '100', '101'])
  })

  test('does not renumber its rows when it drops', () => {
    const log = createEventLog({ limitBytes: 4 * 1024 * 1024 })
    for (let seq = 1; seq < 30_000; seq += 100) log.append(makeBatch(seq, stream(100, 64, seq)))
    const { firstRow } = log
    const row = log.rowOf(29_999)
    for (let seq = 30_001; seq < 45_000; seq += 100) log.append(makeBatch(seq, stream(100, 64, seq)))
    expect(log.firstRow).toBeGreaterThan(firstRow)
    expect(log.rowOf(29_999)).toBe(row)
    expect(log.row(row)).toEqual({ kind: 'event', seq: 29_999 })
    expect(log.row(log.firstRow)).toEqual({ kind: 'gap', events: log.firstSeq - 1, oldest: true })
  })

  test('finds the first event at or after a time, over chunks and equal times', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 1, maxLength: 300 }),
        fc.array(fc.boolean()),
        fc.integer({ min: -1, max: 900 }),
        (steps, holes, at) => {
          const log = createEventLog({ limitBytes: roomy })
          let time = 0
          let seq = 1
          const times = new Map<number, number>()
          for (const [i, step] of steps.entries()) {
            time += step
            if (holes[i]) seq += 2
            log.append(makeBatch(seq, [data(time, 1, 'sent', 1)]))
            times.set(seq++, time)
          }
          const expected = [...times].find(([, t]) => t >= at)?.[0] ?? log.nextSeq
          expect(log.seqAtTime(at)).toBe(expected)
        },
      ),
      { numRuns: 200 },
    )
  })

  test('finds the heaviest data between two times without looking at every event', () => {
    fc.assert(
      fc.property(
        fc.array(fc.record({ size: fc.integer({ min: 1, max: 100_000 }), sent: fc.boolean() }), {
          minLength: 1,
          maxLength: 400,
        }),
        fc.nat(400),
        fc.nat(400),
        (events, a, b) => {
          const log = createEventLog({ limitBytes: roomy })
          const sketches = events.map(
            (event, i): EventSketch => ({
              ...data(i, 1, event.sent ? 'sent' : 'received', 0),
              length: event.size,
            }),
          )
          log.append(makeBatch(1, sketches))
          const [from, to] = [Math.min(a, b), Math.max(a, b)]
          const whole = { received: 0, sent: 0 }
          log.addWeights(from, to, whole)
          const { track } = log.connections.get(one)!
          const own = { received: 0, sent: 0 }
          track.addWeights(track.positionOfTime(from), track.positionOfTime(to), own)
          expect(own).toEqual(whole)
          const largest = (sent: boolean) =>
            Math.max(0, ...events.slice(from, to).map((event) => (event.sent === sent ? event.size : 0)))
          expect(whole.sent === 0).toBe(largest(true) === 0)
          if (whole.sent > 0) expect(Math.abs(whole.sent - 1 - 4 * Math.log2(largest(true)))).toBeLessThanOrEqual(0.5)
        },
      ),
      { numRuns: 100 },
    )
  })

  test('tells its listeners once however much arrives', async () => {
    const log = createEventLog({ limitBytes: roomy })
    let calls = 0
    await new Promise<void>((resolve) => {
      log.subscribe(() => {
        calls++
        resolve()
      })
      for (let i = 1; i <= 100; i++) log.append(makeBatch(i, stream(1)))
    })
    expect(calls).toBe(1)
    expect(log.version).toBe(100)
  })
})

describe('a connection in the log', () => {
  test('has the facts that its events tell', () => {
    const log = createEventLog({ limitBytes: roomy })
    log.append(
      makeBatch(1, [
        {
          kind: 'connection-started',
          at: 1,
          connection: 1,
          details: { remote: { host: '::1', port: 9 }, side: null, pair: null },
        },
        made(2, 1, 'out'),
        data(3, 1, 'sent', 10),
        { kind: 'writing-paused', at: 4, connection: 1, details: { bufferedBytes: 5, highWaterBytes: 4 } },
        { kind: 'writing-resumed', at: 6, connection: 1, details: { bufferedBytes: 0, pausedMs: 2 } },
        { kind: 'eof-received', at: 7, connection: 1 },
        { kind: 'writing-paused', at: 8, connection: 1, details: { bufferedBytes: 5, highWaterBytes: 4 } },
        lost(9, 1, 'reset-by-peer'),
      ]),
    )
    expect(log.connections.get(one)).toMatchObject({
      direction: 'out',
      remote: { host: '127.0.0.1', port: 50_001 },
      startedAt: 1,
      startKnown: true,
      madeAt: 2,
      endedAt: 9,
      cause: 'reset-by-peer',
      eofReceivedAt: 7,
      eofSentAt: null,
      writingPauses: [
        { startAt: 4, endAt: 6 },
        { startAt: 8, endAt: 9 },
      ],
      bytesSent: 10,
    })
    expect(log.details<'writing-resumed'>(5)).toEqual({ bufferedBytes: 0, pausedMs: 2 })
  })

  test('knows where in its stream each chunk stands, also after its first events were dropped', () => {
    fc.assert(
      fc.property(
        fc.array(fc.record({ size: fc.integer({ min: 1, max: 90 }), sent: fc.boolean() }), {
          minLength: 400,
          maxLength: 400,
        }),
        (events) => {
          const log = createEventLog({ limitBytes: 600_000 })
          log.append(makeBatch(1, [made(0, 1)]))
          const offsets: number[] = []
          const sums = { sent: 0, received: 0 }
          for (let i = 0; i < 9000; i++) {
            const event = events[i % events.length]!
            const way = event.sent ? 'sent' : 'received'
            offsets.push(sums[way])
            sums[way] += event.size
          }
          for (let start = 0; start < 9000; start += 100)
            log.append(
              makeBatch(
                start + 2,
                Array.from({ length: 100 }, (_, i) => {
                  const event = events[(start + i) % events.length]!
                  return data(start + i, 1, event.sent ? 'sent' : 'received', event.size)
                }),
              ),
            )
          expect(log.firstSeq).toBeGreaterThan(1)
          for (let seq = log.firstSeq; seq < log.nextSeq; seq += 37)
            expect(log.streamOffset(seq)).toBe(offsets[seq - 2])
          expect(log.streamOffset(log.nextSeq - 1)).toBe(offsets[8999])
        },
      ),
      { numRuns: 5 },
    )
  })

  test('does not claim a stream offset where events were lost', () => {
    const log = createEventLog({ limitBytes: roomy })
    log.append(makeBatch(1, [made(0, 1), data(1, 1, 'sent', 10)]))
    log.append(makeBatch(5, [data(2, 1, 'sent', 10)]))
    expect([log.streamOffset(2), log.streamOffset(5)]).toEqual([0, null])
    const late = createEventLog({ limitBytes: roomy })
    late.append(makeBatch(5, [data(2, 1, 'sent', 10)]))
    expect(late.streamOffset(5)).toBe(null)
  })

  test('names what a chunk answers: the last one the other way', () => {
    const log = createEventLog({ limitBytes: roomy })
    log.append(
      makeBatch(1, [
        made(0, 1),
        data(1, 1, 'received', 4),
        data(2, 1, 'sent', 4),
        data(3, 2, 'received', 4),
        ...Array.from({ length: 300 }, (_, i) => data(4 + i, 1, 'received', 4)),
      ]),
    )
    expect([1, 2, 3, 4, 5, 304].map((seq) => log.answers(seq))).toEqual([null, null, 2, null, 3, 3])
  })
})

describe('a log over a longer capture', () => {
  /** A log that holds `held` events from `tailSeq` on, of a capture that begins at seq 1, one event a ms. */
  const overCapture = (tailSeq: number, held = 10): EventLog => {
    const log = createEventLog({ limitBytes: roomy })
    log.setKept({ firstSeq: 1, firstAt: 1, lastAt: 77 })
    log.append(makeBatch(tailSeq, stream(held, 64, tailSeq), tailSeq - 1))
    return log
  }

  test('has a row for every event, held or not, and nothing missing', () => {
    const log = overCapture(1_000_000)
    expect([log.firstSeq, log.nextSeq, log.tailSeq, log.droppedEvents]).toEqual([1, 1_000_010, 1_000_000, 0])
    expect(log.endRow - log.firstRow).toBe(1_000_009)
    expect(log.row(log.firstRow)).toEqual({ kind: 'event', seq: 1 })
    expect([log.has(1), log.has(999_999), log.has(1_000_000)]).toEqual([false, false, true])
    expect([log.previous(1_000_000), log.next(1), log.previous(1)]).toEqual([999_999, 2, null])
    expect([log.firstAt, log.tailAt]).toEqual([1, 1_000_000])
  })

  test('holds what was read of it, whatever else it holds', () => {
    const log = overCapture(1000)
    log.fill(makeBatch(500, stream(50, 64, 500)))
    log.fill(makeBatch(300, stream(50, 64, 300)))
    log.fill(makeBatch(510, stream(20, 64, 510)))
    expect([299, 300, 349, 350, 499, 500, 549, 550].map((seq) => log.has(seq))).toEqual([
      false,
      true,
      true,
      false,
      false,
      true,
      true,
      false,
    ])
    expect(log.at(525)).toBe(525)
    expect([log.firstUnheld(1), log.firstUnheld(310), log.firstUnheld(500), log.firstUnheld(1000)]).toEqual([
      1, 350, 550, 1010,
    ])
    expect(log.runsWithin(320, 505).map((run) => run.firstSeq)).toEqual([300, 500])
    expect([log.seqAtTime(320), log.seqAtTime(1003)]).toEqual([320, 1003])
  })

  test('gives up what was not looked at for longest, and keeps within its budget', () => {
    const log = createEventLog({ limitBytes: 2 * 1024 * 1024 })
    log.setKept({ firstSeq: 1, firstAt: 1, lastAt: 77 })
    log.append(makeBatch(900_000, stream(4000, 64, 900_000), 899_999))
    for (let seq = 1; seq < 100_000; seq += 1000) {
      log.fill(makeBatch(seq, stream(1000, 64, seq)))
      expect(log.has(1)).toBe(true)
      expect(log.storedBytes).toBeLessThanOrEqual(log.limitBytes)
    }
    expect(log.has(99_001)).toBe(true)
    expect(log.has(1001)).toBe(false)
    expect(log.has(903_999)).toBe(true)
  })

  test('holds the event that somebody reads, whatever else has to go', () => {
    const log = createEventLog({ limitBytes: 2 * 1024 * 1024 })
    log.append(makeBatch(1, stream(4000)))
    log.pin(2000)
    for (let seq = 4001; seq < 100_000; seq += 1000) log.append(makeBatch(seq, stream(1000, 64, seq)))
    expect([log.tailSeq > 10_000, log.has(2000), log.kind(2000), log.has(9000)]).toEqual([
      true,
      true,
      'data-sent',
      false,
    ])
    log.setKept({ firstSeq: 1, firstAt: 1, lastAt: 77 })
    log.pin(9000)
    expect([log.has(2000), log.has(9000)]).toEqual([true, false])
    log.fill(makeBatch(8900, stream(200, 64, 8900)))
    for (let seq = 10_001; seq < 60_000; seq += 1000) log.fill(makeBatch(seq, stream(1000, 64, seq)))
    expect([log.has(9000), log.has(10_001)]).toEqual([true, false])
    expect(log.has(2000)).toBe(true)
    log.pin(null)
    expect([log.has(2000), log.has(9000)]).toEqual([false, true])
    log.pin(null)
    expect(log.has(9000)).toBe(false)
  })

  test('numbers rows anew once a gap is known to be one, and says what is missing there', () => {
    const log = overCapture(1000)
    log.fill(makeBatch(1, stream(10, 64, 1)))
    const { renumbered } = log
    log.noteMissing(101, 201, 100, 201)
    log.noteMissing(101, 201, 100, 201)
    log.noteMissing(301, 401, 300, 401)
    expect(log.renumbered).toBeGreaterThan(renumbered)
    expect(log.droppedEvents).toBe(200)
    expect(log.endRow - log.firstRow).toBe(1009 - 198)
    expect([log.row(100), log.row(101), log.row(102)]).toEqual([
      { kind: 'event', seq: 100 },
      { kind: 'gap', events: 100, oldest: false },
      { kind: 'event', seq: 201 },
    ])
    expect([log.next(100), log.previous(201), log.firstUnheld(101), log.rowOf(150)]).toEqual([201, 100, 201, 101])
    for (let row = log.firstRow; row < log.endRow; row++) {
      const item = log.row(row)
      if (item.kind === 'event') expect(log.rowOf(item.seq)).toBe(row)
    }
  })

  test('says at its top what the capture has dropped since', () => {
    const log = overCapture(1000)
    log.setKept({ firstSeq: 301, firstAt: 301, lastAt: 999 })
    expect([log.firstSeq, log.droppedEvents]).toEqual([301, 300])
    expect(log.row(log.firstRow)).toEqual({ kind: 'gap', events: 300, oldest: true })
    expect(log.rowOf(1000)).toBe(1000)
  })

  test('keeps the facts of connections whose events can be read again, and takes in those it never saw', () => {
    const log = createEventLog({ limitBytes: 2 * 1024 * 1024 })
    log.setKept({ firstSeq: 1, firstAt: 0, lastAt: 0 })
    log.append(makeBatch(1, [made(0, 8), lost(1, 8, 'closed-here'), made(2, 9)]))
    for (let seq = 4; seq < 100_000; seq += 1000)
      log.append(
        makeBatch(
          seq,
          Array.from({ length: 1000 }, (_, i) => data(seq + i, 9, 'received', 64)),
        ),
      )
    log.addFacts([
      {
        id: 3 as ConnectionId,
        endpoint: 1 as EndpointId,
        direction: 'out',
        side: null,
        pair: null,
        state: 'lost',
        local: null,
        remote: { host: '127.0.0.1', port: 7 },
        startedAt: -5,
        madeAt: -4,
        endedAt: -3,
        cause: 'reset-by-peer',
        error: null,
        traffic: { bytesReceived: 1, bytesSent: 2, messagesReceived: 1, messagesSent: 1 },
        bufferedBytes: 0,
        writingPaused: false,
        tls: null,
      },
    ])
    expect([...log.connections.keys()]).toEqual([8, 9, 3])
    expect(log.connections.get(8 as ConnectionId)).toMatchObject({ endedAt: 1, cause: 'closed-here' })
    expect(log.connections.get(3 as ConnectionId)).toMatchObject({ endedAt: -3, bytesSent: 2, startKnown: false })
  })

  test('starts afresh where another capture is looked at', () => {
    const log = overCapture(1000)
    log.startAt(500)
    expect([log.count, log.firstSeq, log.nextSeq, log.lastAt, log.connections.size]).toEqual([0, 500, 500, 0, 0])
    log.setKept({ firstSeq: 1, firstAt: 1, lastAt: 77 })
    expect(log.endRow - log.firstRow).toBe(499)
    expect([log.totals.events, log.lastAt]).toEqual([0, 77])
  })
})
