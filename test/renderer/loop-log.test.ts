// The page's loop log: what goes in comes out by position, id, time and turn; own work can be left out; what is not held is
// counted.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { chunkRows } from '../../renderer/loop-log/callback-chunk.ts'
import { createLoopLog, type LoopLog } from '../../renderer/loop-log/loop-log.ts'
import { call, type LoopSketch, makeLoopBatch, turn } from './support/loop-batches.ts'

const roomy = 64 * 1024 * 1024

/** `count` callbacks of 0.5 ms, one a ms, every third own work. */
const stream = (count: number, firstId = 1): LoopSketch[] =>
  Array.from({ length: count }, (_, i) =>
    call(firstId + i, firstId + i, 'poll', firstId + i, firstId + i + 0.5, { own: (firstId + i) % 3 === 0 }),
  )

const filled = (rows: readonly LoopSketch[]): LoopLog => {
  const log = createLoopLog({ limitBytes: roomy })
  if (rows.length > 0) log.append(makeLoopBatch(1, rows))
  return log
}

describe('a loop log', () => {
  test('gives back every callback, in order, however the records were batched', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 300 }),
        fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 1 }),
        (count, cuts) => {
          const rows = stream(count)
          const log = createLoopLog({ limitBytes: roomy })
          for (let start = 0, n = 0; start < count; n++) {
            const end = Math.min(count, start + cuts[n % cuts.length]!)
            log.append(makeLoopBatch(start + 1, rows.slice(start, end)))
            start = end
          }
          expect(log.nextRecord).toBe(count + 1)
          expect(log.callbacks.end).toBe(count)
          for (const [position, row] of rows.entries()) {
            expect(log.callbacks.at(position)).toMatchObject({
              position,
              id: row.id,
              start: row.start,
              end: row.end,
              iteration: row.iteration,
              lane: 'poll',
              own: row.own,
              readyAt: null,
            })
            expect(log.callbacks.positionOfId(row.id!)).toBe(position)
          }
        },
      ),
      { numRuns: 40 },
    )
  })

  test('passes over rows that it holds already, as a new subscription sends them again', () => {
    const log = filled(stream(10))
    log.append(makeLoopBatch(1, stream(10)))
    log.append(makeLoopBatch(6, stream(10, 6)))
    expect(log.callbacks.end).toBe(15)
    expect(log.nextRecord).toBe(16)
    expect(log.droppedRecords).toBe(0)
  })

  test('numbers the callbacks that are not own work without holes, and finds them both ways', () => {
    const count = chunkRows * 2 + 100
    const log = filled(stream(count))
    const { all, user } = log.callbacks
    const expected = Array.from({ length: count }, (_, position) => position).filter((i) => (i + 1) % 3 !== 0)
    expect(user.end - user.first).toBe(expected.length)
    expect(Array.from({ length: user.end }, (_, number) => user.positionOf(number))).toEqual(expected)
    for (const position of [0, 1, 2, 3, chunkRows - 1, chunkRows, chunkRows + 1, count - 1])
      expect(user.numberFrom(position)).toBe(expected.filter((each) => each < position).length)
    expect(all.positionOf(17)).toBe(17)
    expect(() => user.positionOf(user.end)).toThrow(RangeError)
  })

  test('finds callbacks by time, and which of them ran at a moment', () => {
    const log = filled(stream(5000))
    for (const at of [0, 1, 1.2, 4095.9, 4096, 4096.4, 4999.75, 6000]) {
      const rows = stream(5000)
      const first = rows.findIndex((row) => row.start >= at)
      expect(log.callbacks.positionAtTime(at)).toBe(first < 0 ? 5000 : first)
      const running = rows.findIndex((row) => row.start <= at && at < row.end)
      expect(log.callbacks.runningAt(at)).toBe(running < 0 ? null : running)
    }
  })

  test('says which callback ran longest, own work left out', () => {
    const rows = [
      ...stream(5000),
      call(5001, 5001, 'poll', 5001, 5031),
      call(5002, 5002, 'check', 5040, 5540, { own: true }),
    ]
    expect(filled(rows).callbacks.longest()).toBe(5000)
    expect(filled([]).callbacks.longest()).toBeNull()
    expect(filled([call(1, 1, 'poll', 1, 2, { own: true })]).callbacks.longest()).toBeNull()
  })

  test('counts every turn and tells of turns between that were not watched', () => {
    const log = filled([turn(7, 0, 1, 2), turn(8, 3, 4, 5), turn(20, 30, 31, 32), turn(21, 33, 34, 35)])
    expect(log.countedIterations).toBe(4)
    expect(log.lastIteration).toBe(21)
    expect(log.iterations.breaks).toEqual([2])
    expect([0, 1, 2, 3].map((i) => log.iterations.at(i).joined)).toEqual([false, true, false, true])
  })

  test('finds the turn of a moment, and a turn by its number near a moment', () => {
    const log = filled([turn(7, 0, 1, 2), turn(8, 3, 4, 5), turn(1, 30, 31, 32), turn(2, 33, 34, 35)])
    expect(log.iterations.turnAt(-1)).toBeNull()
    expect(log.iterations.turnAt(3)?.number).toBe(8)
    expect(log.iterations.turnAt(29)?.number).toBe(8)
    // A new engine thread counts anew: the same number stands for different turns.
    expect(log.iterations.withNumber(2, 34)?.start).toBe(33)
    expect(log.iterations.withNumber(8, 2.5)?.start).toBe(3)
    expect(log.iterations.withNumber(8, 34)).toBeNull()
  })

  test('tells of records lost between two that it holds, and counts them once', () => {
    const log = filled(stream(4))
    log.append(makeLoopBatch(10, stream(3, 10), 5))
    expect(log.gaps()).toEqual([{ afterAt: 4.5, beforeAt: 10, records: 5 }])
    expect(log.droppedRecords).toBe(5)
    log.append(makeLoopBatch(13, stream(3, 13), 7))
    expect(log.droppedRecords).toBe(12)
    expect(log.gaps().map((gap) => gap.records)).toEqual([5, 7])
  })

  test('counts what was dropped before its first record as missing at the front', () => {
    const log = createLoopLog({ limitBytes: roomy })
    log.append(makeLoopBatch(1001, stream(3, 1001), 1000))
    expect(log.droppedOldest).toBe(1000)
    expect(log.gaps()).toEqual([])
  })

  test('drops the oldest at its limit, counts it, and keeps positions and numbers', () => {
    const log = createLoopLog({ limitBytes: 3 * 1024 * 1024 })
    let next = 1
    for (let i = 0; i < 40; i++, next += 4000) log.append(makeLoopBatch(next, stream(4000, next)))
    expect(log.storedBytes).toBeLessThanOrEqual(log.limitBytes)
    expect(log.callbacks.first).toBeGreaterThan(0)
    expect(log.callbacks.end).toBe(160_000)
    expect(log.callbacks.end - log.callbacks.first + log.droppedRecords).toBe(160_000)
    expect(log.callbacks.at(159_999).id).toBe(160_000)
    expect(log.callbacks.positionOfId(1)).toBeNull()
    expect(log.callbacks.positionOfId(160_000)).toBe(159_999)
    const { user } = log.callbacks
    expect(log.callbacks.at(user.positionOf(user.first)).own).toBe(false)
    expect(() => log.callbacks.at(0)).toThrow(RangeError)
  })

  test('stays within its limit where only turns are recorded, and goes on counting them', () => {
    const log = createLoopLog({ limitBytes: 1024 * 1024 })
    log.append(makeLoopBatch(1, stream(10)))
    const turns = 200_000
    for (let n = 0; n < turns; n += 5000)
      log.append(
        makeLoopBatch(
          11 + n,
          Array.from({ length: 5000 }, (_, i) => turn(n + i + 1, 100 + n + i, 100.5 + n + i, 100.7 + n + i)),
        ),
      )
    expect(log.storedBytes).toBeLessThanOrEqual(log.limitBytes)
    expect(log.countedIterations).toBe(turns)
    expect(log.iterations.at(log.iterations.end - 1).number).toBe(turns)
    // The callbacks were older than any turn that is held; new ones get the positions that follow.
    expect(log.callbacks.first).toBe(10)
    log.append(makeLoopBatch(11 + turns, [call(900, turns, 'poll', 300_000, 300_001)]))
    expect(log.callbacks.positionOfId(900)).toBe(10)
    expect(log.callbacks.user.numberFrom(10)).toBe(7)
  })

  test('keeps collections in order, though they are told of late, and covers their overlaps once', () => {
    const log = filled([
      { kind: 'gc', start: 10, end: 14 },
      { kind: 'gc', start: 2, end: 3 },
      { kind: 'gc', start: 11, end: 12 },
      { kind: 'gc', start: 13, end: 16 },
    ])
    expect(log.collections.all.map(({ start }) => start)).toEqual([2, 10, 11, 13])
    expect(log.collections.coverMs(0, 20)).toBe(7)
    expect(log.collections.coverMs(11.5, 13.5)).toBe(2)
    expect(log.collections.within(3, 10)).toEqual([])
  })

  test('tells its listeners of a batch once, and not after they have left', async () => {
    const log = createLoopLog({ limitBytes: roomy })
    let told = 0
    const leave = log.subscribe(() => {
      told++
    })
    log.append(makeLoopBatch(1, stream(2)))
    log.append(makeLoopBatch(3, stream(2, 3)))
    await expect.poll(() => told).toBe(1)
    leave()
    log.append(makeLoopBatch(5, stream(2, 5)))
    await new Promise((resolve) => setTimeout(resolve, 5))
    expect(told).toBe(1)
  })
})
