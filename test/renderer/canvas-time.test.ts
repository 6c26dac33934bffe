// The time axis: milliseconds to pixels and back, zooming, panning, fitting, round ticks, and the page's idea of now.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createPageClock } from '../../renderer/canvas/page-clock.ts'
import {
  axisLabel,
  axisTicks,
  clockLabel,
  fitted,
  following,
  minSpanMs,
  niceStep,
  panned,
  readsAsClock,
  revealing,
  spanOf,
  timeToX,
  xToTime,
  zoomed,
} from '../../renderer/canvas/time-scale.ts'

const ranges = fc
  .record({
    startMs: fc.double({ min: 0, max: 1e7, noNaN: true }),
    span: fc.double({ min: 0.05, max: 1e7, noNaN: true }),
  })
  .map(({ startMs, span }) => ({ startMs, endMs: startMs + span }))

describe('a time range', () => {
  test('maps times to pixels and back', () => {
    fc.assert(
      fc.property(ranges, fc.double({ min: -100, max: 2000, noNaN: true }), (range, x) => {
        expect(timeToX(range, 650, xToTime(range, 650, x))).toBeCloseTo(x, 2)
      }),
    )
  })

  test('zooms so that the moment under the pointer stays where it is, until it meets the start of time', () => {
    fc.assert(
      fc.property(
        ranges,
        fc.double({ min: 0.1, max: 10, noNaN: true }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (range, factor, share) => {
          const anchor = range.startMs + share * spanOf(range)
          const next = zoomed(range, factor, anchor)
          expect(next.startMs).toBeGreaterThanOrEqual(0)
          if (next.startMs > 0 && spanOf(range) * factor > minSpanMs)
            expect((anchor - next.startMs) / spanOf(next)).toBeCloseTo(share, 4)
        },
      ),
    )
  })

  test('never zooms in so far that two microseconds look the same', () => {
    let range = { startMs: 0, endMs: 1000 }
    for (let i = 0; i < 100; i++) range = zoomed(range, 0.5, 500)
    expect(spanOf(range)).toBeCloseTo(minSpanMs, 6)
  })

  test('pans neither before the start nor into a future without events', () => {
    const range = { startMs: 100, endMs: 200 }
    expect(panned(range, -500, 1000)).toEqual({ startMs: 0, endMs: 100 })
    expect(panned(range, 50, 1000)).toEqual({ startMs: 150, endMs: 250 })
    expect(panned(range, 5000, 1000)).toEqual({ startMs: 990, endMs: 1090 })
  })

  test('follows now with its span, starting at 0 while little time has passed', () => {
    expect(following({ startMs: 50, endMs: 12_050 }, 3000)).toEqual({ startMs: 0, endMs: 12_000 })
    expect(following({ startMs: 0, endMs: 12_000 }, 31_600)).toEqual({ startMs: 19_600, endMs: 31_600 })
  })

  test('fits everything, with room for the last word', () => {
    expect(fitted(1000, 2000)).toEqual({ startMs: 1000, endMs: 2100 })
  })

  test('moves to reveal a moment only where it is out of view', () => {
    const range = { startMs: 100, endMs: 200 }
    expect(revealing(range, 150)).toBe(range)
    expect(revealing(range, 250)).toEqual({ startMs: 160, endMs: 260 })
    expect(revealing(range, 5)).toEqual({ startMs: 0, endMs: 100 })
  })
})

describe('the ticks of an axis', () => {
  test('stand at round times, in view, and at least so far apart', () => {
    fc.assert(
      fc.property(ranges, fc.integer({ min: 200, max: 3000 }), (range, width) => {
        const { stepMs, ticks } = axisTicks(range, width, 50)
        expect((stepMs / spanOf(range)) * width).toBeGreaterThan(49.9)
        for (const tick of ticks) {
          expect(tick).toBeGreaterThanOrEqual(range.startMs - stepMs * 1e-6)
          expect(tick).toBeLessThanOrEqual(range.endMs + stepMs * 1e-6)
          expect(Math.abs(tick / stepMs - Math.round(tick / stepMs))).toBeLessThan(1e-6)
        }
      }),
    )
  })

  test('step by 1, 2 and 5, and by whole minutes and hours above', () => {
    expect([0.03, 0.7, 3, 12, 450, 4000].map(niceStep)).toEqual([0.05, 1, 5, 20, 500, 5000])
    expect([5001, 11_000, 31_000, 700_000, 4_000_000, 90_000_000].map(niceStep)).toEqual([
      10_000, 15_000, 60_000, 900_000, 7_200_000, 172_800_000,
    ])
  })

  test('writes whole seconds beyond the first hour as a clock, and finer times as seconds', () => {
    const hours = { startMs: 0, endMs: 7_200_000 }
    expect([
      readsAsClock(hours, 60_000),
      readsAsClock(hours, 100),
      readsAsClock({ startMs: 0, endMs: 60_000 }, 1000),
    ]).toEqual([true, false, false])
    expect([clockLabel(0), clockLabel(3_723_000), clockLabel(36_000_000)]).toEqual(['0:00:00', '1:02:03', '10:00:00'])
  })

  test('are written in seconds with as many decimals as tell them apart', () => {
    expect([axisLabel(5000, 1000), axisLabel(5250, 250), axisLabel(5008.431, 0.001), axisLabel(0, 10_000)]).toEqual([
      '5',
      '5.3',
      '5.008431',
      '0',
    ])
  })
})

describe('the page clock', () => {
  test('believes the freshest event, because events arrive late and never early', () => {
    let page = 1000
    const clock = createPageClock(() => page)
    expect(clock.now()).toBe(0)
    clock.note(200)
    page = 1500
    expect(clock.now()).toBe(700)
    clock.note(750)
    expect(clock.now()).toBe(750)
    page = 1600
    clock.note(760)
    expect(clock.now()).toBe(850)
  })
})
