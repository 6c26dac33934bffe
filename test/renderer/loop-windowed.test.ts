// The loop of any time: the newest records, an earlier stretch read again, and what lies beside it from summaries.
import { describe, expect, test } from 'vitest'
import { loopSummaryLanes } from '../../preload/contract/captures.ts'
import { ok } from '../../preload/contract/failure.ts'
import { LoopBatchWriter, loopKindCode, openLoopBatch, phaseCode } from '../../preload/contract/loop-columns.ts'
import { addBeyond, reachesBeyond } from '../../renderer/loop/flame/beyond.ts'
import { straightMap } from '../../renderer/loop/flame/time-map.ts'
import { lanes } from '../../renderer/loop-log/lanes.ts'
import { createLoopLog } from '../../renderer/loop-log/loop-log.ts'
import { LoopSummaries } from '../../renderer/loop-log/loop-summaries.ts'
import { createWindowedLog } from '../../renderer/loop-log/windowed.ts'

const roomy = 32 * 1024 * 1024

/** Callbacks `from` up to `to` in poll, one every ms and half a ms long; callback n starts at n ms. */
const callbacks = (from: number, to: number) => {
  const writer = new LoopBatchWriter(to - from)
  for (let i = 0; i < to - from; i++, writer.count++) {
    const c = writer.columns
    c.kind[i] = loopKindCode('callback')
    c.phase[i] = phaseCode('poll')
    c.id[i] = from + i
    c.start[i] = from + i
    c.end[i] = from + i + 0.5
    c.readyAt[i] = Number.NaN
  }
  return writer.compact(from, 0)
}

/** Summaries of `callbacks(1, 1001)` … in segments of a thousand. */
const summariesUpTo = (end: number): LoopSummaries => {
  const summaries = new LoopSummaries()
  const segments = Math.ceil((end - 1) / 1000)
  const numbers = Array.from({ length: segments }, (_, i) => i)
  const busyMs = new Float32Array(segments * loopSummaryLanes)
  for (const i of numbers) busyMs[i * loopSummaryLanes + lanes.indexOf('poll')] = 500
  summaries.add({
    segments,
    nextSegment: segments,
    firstRecord: Float64Array.from(numbers, (i) => 1 + i * 1000),
    count: Uint32Array.from(numbers, () => 1000),
    firstAt: Float64Array.from(numbers, (i) => 1 + i * 1000),
    lastAt: Float64Array.from(numbers, (i) => 1000.5 + i * 1000),
    waitedMs: Float32Array.from(numbers, () => 499.5),
    longestMs: Float32Array.from(numbers, (i) => (i === 0 ? 12 : 0.5)),
    longestAt: Float64Array.from(numbers, (i) => 300 + i * 1000),
    busyMs,
  })
  return summaries
}

const settled = async (done: () => boolean) => {
  for (let turn = 0; turn < 2000 && !done(); turn++) await new Promise((resolve) => setTimeout(resolve, 1))
  expect(done()).toBe(true)
}

const windowed = () => {
  const summaries = summariesUpTo(10_001)
  const log = createWindowedLog(
    createLoopLog({ limitBytes: roomy }),
    (firstPosition) => createLoopLog({ limitBytes: roomy, firstPosition }),
    summaries,
  )
  log.connect({
    seekTime: async ({ at }) => ok({ seq: 1, record: Math.max(1, Math.ceil(at)) }),
    readLoopRecords: async ({ fromRecord }) =>
      ok(fromRecord > 10_000 ? null : callbacks(fromRecord, Math.min(10_001, fromRecord + 700))),
  })
  log.startAt(9001)
  log.append(openLoopBatch(callbacks(9001, 10_001)))
  return { log, summaries }
}

describe('the loop log over a longer capture', () => {
  test('shows the newest records, and an earlier stretch once the view rests on it', async () => {
    const { log } = windowed()
    expect([log.firstAt, log.lastAt, log.callbacks.positionOfId(9500) !== null]).toEqual([1, 10_000.5, true])
    log.look({ startMs: 9400, endMs: 9600 })
    expect(log.callbacks.positionOfId(9500)).not.toBe(null)
    const { version } = log
    log.look({ startMs: 2400, endMs: 2600 })
    await settled(() => log.callbacks.positionOfId(2500) !== null)
    expect(log.version).toBeGreaterThan(version)
    expect(log.heldFrom).toBeLessThanOrEqual(2400)
    expect(log.heldTo).toBeGreaterThanOrEqual(2600)
    expect(log.callbacks.at(log.callbacks.positionOfId(2500)!)).toMatchObject({ start: 2500, lane: 'poll' })
    expect(log.live.callbacks.positionOfId(9500)).not.toBe(null)
    // Positions of the one list mean nothing in the other.
    expect(log.callbacks.first).toBeGreaterThan(log.live.callbacks.end)
    expect(log.callbacks.user.positionOf(log.callbacks.user.first)).toBe(log.callbacks.first)
    log.look({ startMs: 9900, endMs: 10_100 })
    expect([log.callbacks.positionOfId(2500), log.callbacks.positionOfId(9950) === null]).toEqual([null, false])
  })

  test('goes on taking records in while an earlier stretch is looked at', async () => {
    const { log } = windowed()
    log.look({ startMs: 100, endMs: 200 })
    await settled(() => log.callbacks.positionOfId(150) !== null)
    log.append(openLoopBatch(callbacks(10_001, 10_011)))
    expect([log.nextRecord, log.lastAt, log.callbacks.positionOfId(10_005)]).toEqual([10_011, 10_010.5, null])
  })

  test('starts afresh with another capture', async () => {
    const { log } = windowed()
    log.look({ startMs: 100, endMs: 200 })
    await settled(() => log.callbacks.positionOfId(150) !== null)
    log.startAt(1)
    expect([log.callbacks.first, log.callbacks.end, log.nextRecord]).toEqual([0, 0, 1])
  })
})

describe('what lies beside the records at hand', () => {
  test('is drawn from summaries, and nothing of it twice', () => {
    const summaries = summariesUpTo(10_001)
    const map = straightMap({ startMs: 0, endMs: 10_000 }, 100)
    const poll = lanes.indexOf('poll')
    const draw = (heldFrom: number) => {
      const busy = new Float32Array(100 * lanes.length)
      const waiting = new Float32Array(100)
      const slowest = addBeyond({ summaries, heldFrom, heldTo: Number.POSITIVE_INFINITY }, map, busy, waiting, 4)
      return { busy: busy.subarray(poll * 100, (poll + 1) * 100), waiting, slowest }
    }
    const all = draw(Number.POSITIVE_INFINITY)
    expect(all.busy[50]).toBeCloseTo(50, 0)
    expect(all.waiting[50]).toBeCloseTo(0.5, 1)
    expect(all.slowest).toEqual([{ at: 300, ranMs: 12 }])
    const rest = draw(5000)
    expect([rest.busy[40]! > 40, rest.busy[60]]).toEqual([true, 0])
    expect(draw(0).slowest).toEqual([])
  })

  test('counts only where something is known there', () => {
    const summaries = summariesUpTo(10_001)
    const beyond = { summaries, heldFrom: 5000, heldTo: Number.POSITIVE_INFINITY }
    expect(reachesBeyond(beyond, 4000, 6000)).toBe(true)
    expect(reachesBeyond(beyond, 6000, 7000)).toBe(false)
    expect(reachesBeyond({ ...beyond, summaries: new LoopSummaries() }, 0, 7000)).toBe(false)
    expect(summaries.recordsWithin(500, 1500)).toBeCloseTo(1000, -1)
  })
})
