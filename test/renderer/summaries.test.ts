// Summaries of segments, and what the lifelines and the page's knowledge of the capture make of them.
import { describe, expect, test } from 'vitest'
import type { ConnectionId } from '../../preload/contract/vocabulary.ts'
import type { LoggedConnection } from '../../renderer/event-log/connections.ts'
import { createEventLog } from '../../renderer/event-log/event-log.ts'
import { Summaries } from '../../renderer/event-log/summaries.ts'
import { lengthOfWeight } from '../../renderer/event-log/weight.ts'
import { createCaptureFollower } from '../../renderer/link/capture-follow.ts'
import { LoopSummaries } from '../../renderer/loop-log/loop-summaries.ts'
import { Hits } from '../../renderer/search/hits.ts'
import { findReadJoins } from '../../renderer/workbench/lifelines/draw-joins.ts'
import { readColumns } from '../../renderer/workbench/lifelines/draw-minimap.ts'
import { addOlder, nearestRead, olderIn, wantedIn } from '../../renderer/workbench/lifelines/older.ts'
import { archiveOf } from './support/archive.ts'
import { data, makeBatch } from './support/batches.ts'

/** Events `from` up to `to`, one a ms: connection 1 sends 64 B and connection 2 receives 4 KiB by turns. */
const segment = (from: number, to: number) =>
  makeBatch(
    from,
    Array.from({ length: to - from }, (_, i) =>
      (from + i) % 2 === 0 ? data(from + i, 1, 'sent', 64) : data(from + i, 2, 'received', 4096),
    ),
  )

const segments = [segment(1, 1001), segment(1001, 2001), segment(2501, 3501)]
const one = 1 as ConnectionId
const two = 2 as ConnectionId

const info = (firstSeq: number) => ({
  firstSeq,
  nextSeq: 3501,
  droppedEvents: 0,
  storedBytes: 0,
  limitBytes: 1,
  loop: { firstRecord: 1, nextRecord: 1, droppedRecords: 0, storedBytes: 0, limitBytes: 1 },
})

const filled = async () => {
  const summaries = new Summaries()
  const answer = await archiveOf(segments).readSummaries({ fromSegment: 0 })
  if (answer.ok) summaries.add(answer.value)
  return summaries
}

/** A log of an opened capture, all that is known of it being its summaries. */
const opened = async () => {
  const log = createEventLog({ limitBytes: 64 * 1024 * 1024 })
  log.startAt(3501)
  const summaries = new Summaries()
  const follower = createCaptureFollower(archiveOf(segments), log, summaries, {
    summaries: new LoopSummaries(),
    log: { droppedOldest: 0 },
  })
  follower.take(info(1), true)
  for (let turn = 0; turn < 100 && summaries.end === 0; turn++) await new Promise((resolve) => setImmediate(resolve))
  return { log, summaries, follower }
}

describe('summaries', () => {
  test('are found by time, by seq and by connection', async () => {
    const summaries = await filled()
    expect([summaries.end, summaries.nextSegment, summaries.rows]).toEqual([3, 3, 6])
    expect([0, 1, 1000, 1000.5, 2000, 2400, 9999].map((at) => summaries.segmentAtTime(at))).toEqual([
      0, 0, 0, 1, 1, 2, 3,
    ])
    expect([1, 1000, 1001, 2001, 2501, 4000].map((seq) => summaries.segmentOfSeq(seq))).toEqual([0, 0, 1, 2, 2, 3])
    expect([...summaries.rowsOf(two)]).toEqual([0, 2, 4])
    expect([...summaries.rowsOf(9 as ConnectionId)]).toEqual([])
    const { weightSent, weightReceived, events } = summaries.columns
    const row = summaries.rowsOf(one)[1]!
    expect([events[row], Math.round(lengthOfWeight(weightSent[row]!)), weightReceived[row]]).toEqual([500, 64, 0])
    expect([summaries.seqNear(1), summaries.seqNear(500), summaries.seqNear(2400), summaries.seqNear(9999)]).toEqual([
      1,
      expect.closeTo(500, -0.5),
      2501,
      null,
    ])
    expect(summaries.timeNear(2600)).toBeCloseTo(2600)
  })

  test('leave out what the capture has dropped', async () => {
    const summaries = await filled()
    summaries.dropBefore(1500)
    expect([summaries.first, summaries.segmentAtTime(5)]).toEqual([1, 1])
    summaries.clear()
    expect([summaries.first, summaries.end, summaries.rowsOf(one).length]).toEqual([0, 0, 0])
  })
})

describe('a page that looks at a capture', () => {
  test('learns how far it reaches and what is missing in it', async () => {
    const { log, follower } = await opened()
    expect([log.firstSeq, log.nextSeq, log.firstAt, log.lastAt, log.count]).toEqual([1, 3501, 1, 3500, 0])
    expect([log.droppedEvents, log.endRow - log.firstRow]).toEqual([500, 3001])
    follower.take(info(1001), true)
    expect([log.firstSeq, log.firstAt]).toEqual([1001, 1001])
    follower.reset()
  })

  test('draws what it does not hold from its summaries, and what it has read event by event', async () => {
    const { log, summaries } = await opened()
    const range = { startMs: 0, endMs: 4000 }
    const columns = () => {
      const told: string[] = []
      const drawn = {
        perPx: 40,
        sent: new Uint8Array(101),
        received: new Uint8Array(101),
        scattered: (from: number, to: number) => told.push(`scattered ${from} to ${to}`),
        paused: () => told.push('paused'),
        acted: () => told.push('acted'),
      }
      addOlder(olderIn(log, summaries, range)!, one, drawn)
      return { ...drawn, told }
    }
    const rough = columns()
    expect([rough.sent[10]! > 0, rough.sent[55], rough.received.some((weight) => weight > 0)]).toEqual([true, 0, false])
    log.fill(segment(1, 1001))
    expect(olderIn(log, summaries, range)!.read).toEqual([{ fromMs: Number.NEGATIVE_INFINITY, toMs: 1000 }])
    expect(columns().sent).toEqual(rough.sent)
    expect(nearestRead(log, one, 500.2, 3, 'sent')).toBe(500)
    expect(nearestRead(log, one, 1700, 3, 'sent')).toBe(null)
  })

  test('says that little happened somewhere, where nobody knows where', async () => {
    const { log, summaries } = await opened()
    const told: [number, number][] = []
    const sent = new Uint8Array(4001)
    addOlder(olderIn(log, summaries, { startMs: 0, endMs: 1000 })!, one, {
      perPx: 0.25,
      sent,
      received: new Uint8Array(4001),
      scattered: (from, to) => told.push([from, to]),
      paused: () => undefined,
      acted: () => undefined,
    })
    expect(told).toEqual([[8, 4001]])
    expect(sent.every((weight) => weight === 0)).toBe(true)
  })

  test('reads events for the stretch in view until both its ends are known, and none where they are too many', async () => {
    const { log, summaries } = await opened()
    const range = { startMs: 2600, endMs: 2700 }
    const [wanted] = wantedIn(log, summaries, range)
    expect(wanted!.from).toBeLessThanOrEqual(2600)
    expect(wanted!.to).toBeGreaterThan(2700)
    expect(wantedIn(log, summaries, { startMs: 5000, endMs: 6000 })).toEqual([])
  })

  test('draws pauses of what it has read as long as they were, and joins what a relay read to what it wrote', async () => {
    const { log, summaries } = await opened()
    const relayed = (iteration: number) => ({ iteration })
    log.fill(
      makeBatch(100, [
        { ...data(100, 1, 'received', 50), ...relayed(7) },
        { ...data(100.5, 2, 'sent', 50), ...relayed(7) },
        { ...data(101, 1, 'received', 60), ...relayed(8) },
        { ...data(101.5, 2, 'sent', 60), ...relayed(9) },
        { kind: 'writing-resumed', at: 180, connection: 2, details: { bufferedBytes: 0, pausedMs: 40 } },
        { kind: 'eof-received', at: 190, connection: 2 },
      ]),
    )
    const older = olderIn(log, summaries, { startMs: 100, endMs: 200 })!
    const paused: [number, number, boolean][] = []
    addOlder(older, two, {
      perPx: 1,
      sent: new Uint8Array(101),
      received: new Uint8Array(101),
      scattered: () => undefined,
      paused: (from, to, exactly) => paused.push([from, to, exactly]),
      acted: () => undefined,
    })
    expect(paused).toEqual([[40, 80, true]])
    const half = (id: ConnectionId) => ({ id }) as LoggedConnection
    expect(findReadJoins(older.runs, half(one), half(two), 0, 300)).toEqual([{ fromAt: 100, toAt: 100.5 }])
    expect(log.answers(101)).toBe(null)
  })

  test('has it all in the minimap: traffic, and where matches begin', async () => {
    const { log, summaries } = await opened()
    const hits = new Hits()
    hits.add(Float64Array.of(500, 2600), Uint32Array.of(0, 0), Uint32Array.of(1, 1))
    const columns = readColumns({ log, summaries, hits, bookmarks: [] }, { startMs: 0, endMs: 3500 }, 350)
    expect([columns.sent[50]! > 0, columns.received[150]! > 0, columns.sent[220], columns.sent[300]! > 0]).toEqual([
      true,
      true,
      0,
      true,
    ])
    expect(columns.hits.length).toBe(2)
    expect(Math.abs(columns.hits[0]! - 50)).toBeLessThanOrEqual(1)
    expect(Math.abs(columns.hits[1]! - 260)).toBeLessThanOrEqual(1)
  })
})
