// The numbers of the Loop screen, against sums made by hand and by brute force.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createLoopLog } from '../../renderer/loop-log/loop-log.ts'
import { delayBinOf, delayBinStart, delayBins, exceedance, measure } from '../../renderer/loop-log/measures.ts'
import { call, type LoopSketch, makeLoopBatch, turn } from './support/loop-batches.ts'

const logOf = (rows: readonly LoopSketch[]) => {
  const log = createLoopLog({ limitBytes: 64 * 1024 * 1024 })
  log.append(makeLoopBatch(1, rows))
  return log
}

/** `count` turns of 10 ms from 0 on: poll waits 8 ms, then the loop works 2 ms. */
const steady = (count: number, first = 1): LoopSketch[] =>
  Array.from({ length: count }, (_, i) => turn(first + i, i * 10, i * 10 + 8, i * 10 + 9, 3))

describe('measures of a stretch', () => {
  test('count the turns and events of the stretch, each once, wherever it is cut', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 1000 }), { minLength: 1, maxLength: 6 }), (cuts) => {
        const log = logOf(steady(100))
        const edges = [...new Set([0, ...cuts, 1000])].sort((a, b) => a - b)
        let iterations = 0
        let events = 0
        for (const [i, from] of edges.entries()) {
          const to = edges[i + 1]
          if (to === undefined) break
          const part = measure(log, from, to, 100)
          iterations += part.iterations
          events += part.events
          expect(part.iterationsByPart.reduce((sum, count) => sum + count, 0)).toBe(part.iterations)
        }
        expect(iterations).toBe(100)
        expect(events).toBe(300)
      }),
    )
  })

  test('agree with libuv’s own numbers: as many turns as the last number is ahead of the first', () => {
    const log = logOf(steady(500, 4711))
    const { iterations } = measure(log, 0, 5000, 100)
    expect(iterations).toBe(log.iterations.at(499).number - log.iterations.at(0).number + 1)
  })

  test('tell busy from waiting, over whole turns only', () => {
    const { busy, coveredMs, ownWork } = measure(logOf(steady(100)), 0, 2000, 100)
    expect(busy).toBeCloseTo(0.2, 10)
    expect(coveredMs).toBe(990)
    expect(ownWork).toBe(0)
  })

  test('count a turn that lasts longer than the stretch for its part in it', () => {
    const log = logOf([turn(1, 0, 600, 601), turn(2, 1000, 1001, 1002)])
    expect(measure(log, 500, 700, 100).busy).toBeCloseTo(0.5, 10)
    expect(measure(log, 100, 200, 100).busy).toBe(0)
    expect(measure(log, 700, 900, 100).busy).toBe(1)
  })

  test('leave Wireloop’s own work out of busy time and delays', () => {
    const log = logOf([
      turn(1, 0, 8, 9),
      call(1, 1, 'poll', 8, 8.5),
      call(2, 1, 'check', 9, 9.5, { own: true }),
      turn(2, 10, 18, 19),
      turn(3, 20, 28, 29),
    ])
    const { busy, ownWork, delays } = measure(log, 0, 30, 100)
    expect(busy).toBeCloseTo(3.5 / 20, 10)
    expect(ownWork).toBeCloseTo(0.5 / 20, 10)
    expect(delays?.max).toBeCloseTo(2, 10)
  })

  test('say nothing of what was not measured', () => {
    const log = logOf([turn(1, 0, 8, 9), turn(50, 500, 508, 509)])
    const { busy, delays, coveredMs, ownWork } = measure(log, 0, 1000, 100)
    expect([busy, delays, coveredMs, ownWork]).toEqual([null, null, 0, null])
  })

  test('put the 99th percentile at a stall that is rare among turns but long in time', () => {
    const rows = steady(900)
    const log = logOf([...rows, turn(901, 9000, 9008, 9009), turn(902, 9210, 9218, 9219), turn(903, 9220, 9228, 9229)])
    const { delays } = measure(log, 0, 10_000, 100)
    expect(delays?.max).toBeCloseTo(202, 6)
    expect(delays!.p99).toBeGreaterThan(180)
    expect(delays!.p50).toBeLessThan(2)
  })

  test('mark the part of the chart in which a slow callback ended', () => {
    const log = logOf([
      turn(1, 0, 100, 400),
      call(1, 1, 'poll', 100, 350),
      call(2, 1, 'check', 350, 640, { own: true }),
      turn(2, 700, 800, 801),
    ])
    const { slowByPart } = measure(log, 0, 3200, 200)
    expect([...slowByPart].flatMap((mark, i) => (mark === 1 ? [i] : []))).toEqual([3])
  })
})

describe('the delay that a share of all moments exceeds', () => {
  test('is the x for which the works’ overhang over x is that share of their sum', () => {
    const works = fc.array(fc.double({ min: 0.0001, max: 5000, noNaN: true }), { minLength: 1, maxLength: 200 })
    fc.assert(
      fc.property(works, fc.double({ min: 0.001, max: 0.999, noNaN: true }), (values, share) => {
        const x = exceedance(Float64Array.from(values))(share)
        const total = values.reduce((sum, value) => sum + value, 0)
        const over = values.reduce((sum, value) => sum + Math.max(0, value - x), 0)
        expect(over / total).toBeCloseTo(share, 6)
      }),
    )
  })

  test('is 0 where nothing worked', () => {
    expect(exceedance(new Float64Array(0))(0.5)).toBe(0)
    expect(exceedance(Float64Array.of(0, 0))(0.01)).toBe(0)
  })
})

test('a length falls into the bin whose bounds enclose it', () => {
  for (const ms of [0.001, 0.01, 0.02, 1, 9.99, 10, 210, 999, 1e6]) {
    const bin = delayBinOf(ms)
    expect(ms).toBeGreaterThanOrEqual(delayBinStart(bin) * (1 - 1e-9))
    if (bin < delayBins - 1) expect(ms).toBeLessThan(delayBinStart(bin + 1) * (1 + 1e-9))
  }
})
