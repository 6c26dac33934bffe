// The flame timeline's arithmetic: time to pixels and back, what is gathered by pixel, and where labels stand.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { TimeRange } from '../../renderer/canvas/time-scale.ts'
import { gatherCallbacks, gatherTurns, leastBlockPx } from '../../renderer/loop/flame/columns.ts'
import { hitCallback } from '../../renderer/loop/flame/hit.ts'
import { axesHeight, laneBoxes, rowPx } from '../../renderer/loop/flame/lane-boxes.ts'
import { layOut } from '../../renderer/loop/flame/scene.ts'
import { foldFromMs, longWaits, squeezedMap, straightMap } from '../../renderer/loop/flame/time-map.ts'
import { lanes } from '../../renderer/loop-log/lanes.ts'
import { createLoopLog } from '../../renderer/loop-log/loop-log.ts'
import { call, type LoopSketch, makeLoopBatch, turn } from './support/loop-batches.ts'

const logOf = (rows: readonly LoopSketch[]) => {
  const log = createLoopLog({ limitBytes: 64 * 1024 * 1024 })
  if (rows.length > 0) log.append(makeLoopBatch(1, rows))
  return log
}

/** Waits that ascend without touching, in a stretch from 0 on. */
const waits = fc
  .array(fc.tuple(fc.double({ min: 0.1, max: 60, noNaN: true }), fc.double({ min: 0.1, max: 60, noNaN: true })), {
    maxLength: 40,
  })
  .map((pairs) => {
    let at = 0
    return pairs.map(([before, length]) => {
      const fromAt = at + before
      at = fromAt + length
      return { fromAt, toAt: at }
    })
  })

describe('a map of time to pixels', () => {
  test('runs over the whole width, ascends, and leads back to the time it came from', () => {
    fc.assert(
      fc.property(
        waits,
        fc.double({ min: 1, max: 3000, noNaN: true }),
        fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 2, maxLength: 30 }),
        (list, spanMs, shares) => {
          const range: TimeRange = { startMs: 5, endMs: 5 + spanMs }
          const width = 900
          for (const map of [straightMap(range, width), squeezedMap(range, width, list)]) {
            expect(map.x(range.startMs)).toBeCloseTo(0, 6)
            expect(map.x(range.endMs)).toBeCloseTo(width, 6)
            const times = shares.map((share) => range.startMs + share * spanMs).sort((a, b) => a - b)
            let before = Number.NEGATIVE_INFINITY
            for (const at of times) {
              const x = map.x(at)
              expect(x).toBeGreaterThanOrEqual(before - 1e-9)
              expect(map.time(x)).toBeCloseTo(at, 4)
              before = x
            }
            // Any order of asking gives the same answers.
            for (const at of [...times].reverse()) expect(map.x(at)).toBeCloseTo(map.x(at), 9)
          }
        },
      ),
    )
  })

  test('folds every wait of more than 2 ms to the same few pixels, and gives the room to the work', () => {
    const range = { startMs: 0, endMs: 1000 }
    const map = squeezedMap(range, 1000, [
      { fromAt: 10, toAt: 400 },
      { fromAt: 410, toAt: 411.9 },
      { fromAt: 420, toAt: 990 },
    ])
    expect(map.folds.map(({ width }) => width)).toEqual([24, 24])
    expect(map.x(420) - map.x(400)).toBeGreaterThan(400)
    expect(foldFromMs).toBe(2)
  })

  test('stays straight where folding would widen a wait', () => {
    const map = squeezedMap({ startMs: 0, endMs: 100 }, 400, [{ fromAt: 10, toAt: 13 }])
    expect(map.folds).toEqual([])
  })

  test('finds the long waits of the stretch only', () => {
    const log = logOf([turn(1, 0, 10, 11), turn(2, 12, 12.5, 13), turn(3, 14, 40, 41), turn(4, 42, 90, 91)])
    expect(longWaits(log.iterations, { startMs: 11, endMs: 41 })).toEqual([{ fromAt: 14, toAt: 40 }])
  })
})

/** Callbacks one after the other from 0 on, as the pairs of pause and length say. */
const runs = fc
  .array(
    fc.record({ pause: fc.nat(40), length: fc.integer({ min: 1, max: 60 }), own: fc.boolean(), poll: fc.boolean() }),
    {
      minLength: 1,
      maxLength: 400,
    },
  )
  .map((list) => {
    let at = 0
    return list.map(({ pause, length, own, poll }, i) => {
      const start = at + pause / 10
      at = start + length / 10
      return call(i + 1, i + 1, poll ? 'poll' : 'timers', start, at, { own })
    })
  })

describe('what is gathered by pixel', () => {
  test('is all the work of the stretch but what is drawn by itself, lane by lane', () => {
    fc.assert(
      fc.property(runs, fc.integer({ min: 20, max: 900 }), fc.boolean(), (rows, width, own) => {
        const log = logOf(rows)
        const range = { startMs: 0, endMs: rows.at(-1)!.end + 1 }
        const map = straightMap(range, width)
        const columns = gatherCallbacks(log.callbacks, map, 1e9, own)
        for (const lane of ['poll', 'timers'] as const) {
          const at = lanes.indexOf(lane)
          const sum = (cells: Float32Array) => cells.slice(at * width, (at + 1) * width).reduce((a, b) => a + b, 0)
          const wanted = (isOwn: boolean) =>
            rows
              .filter((row) => row.phase === lane && row.own === isOwn && (own || !isOwn))
              .reduce((total, row) => total + row.end - row.start, 0)
          const wide = (isOwn: boolean) =>
            columns.wide
              .map((position) => log.callbacks.at(position))
              .filter((callback) => callback.lane === lane && callback.own === isOwn)
              .reduce((total, callback) => total + callback.end - callback.start, 0)
          expect(sum(columns.busy) + wide(false)).toBeCloseTo(wanted(false), 2)
          expect(sum(columns.ownBusy) + wide(true)).toBeCloseTo(wanted(true), 2)
        }
        for (const position of columns.wide) {
          const { start, end } = log.callbacks.at(position)
          expect(map.x(end) - map.x(start)).toBeGreaterThanOrEqual(leastBlockPx)
        }
      }),
      { numRuns: 60 },
    )
  })

  test('never loses a slow callback, however many others share its pixel', () => {
    const rows = Array.from({ length: 20_000 }, (_, i) => call(i + 1, i + 1, 'poll', i, i + 0.1))
    const slow = 12_345
    rows[slow] = call(slow + 1, slow + 1, 'poll', slow, slow + 0.9)
    const { slow: found, wide } = gatherCallbacks(
      logOf(rows).callbacks,
      straightMap({ startMs: 0, endMs: 20_000 }, 500),
      0.5,
      false,
    )
    expect([...found.values()]).toEqual([slow])
    expect(wide).toEqual([])
  })

  test('tells the share of each pixel in which poll waited', () => {
    const rows = Array.from({ length: 2000 }, (_, i) => turn(i + 1, i, i + 0.75, i + 0.8))
    const { waiting, turns } = gatherTurns(logOf(rows).iterations, straightMap({ startMs: 0, endMs: 2000 }, 100))
    expect(turns).toEqual([])
    for (const share of waiting) expect(share).toBeCloseTo(0.75, 1)
  })
})

describe('callbacks told one by one', () => {
  const boxes = laneBoxes(360)
  const words = {
    label: (callback: { id: number }) => `data-received · conn 3 · ${callback.id}`,
    wait: () => '18.03 ms waiting',
  }

  test('have labels that never cover each other in a row, nor leave the plot on the right', () => {
    fc.assert(
      fc.property(runs, fc.integer({ min: 200, max: 1400 }), (rows, width) => {
        const log = logOf(rows)
        const map = straightMap({ startMs: 0, endMs: rows.at(-1)!.end }, width)
        const callbacks = rows.map((_, position) => log.callbacks.at(position))
        const { items } = layOut(callbacks, map, boxes, 100, 6.6, words)
        expect(items.map((item) => item.callback.position)).toEqual(rows.map((_, i) => i))
        const spans = items
          .filter((item) => item.place !== 'none')
          .map((item) => {
            const textPx = item.label.length * 6.6
            expect(item.labelX + textPx).toBeLessThanOrEqual(width + 0.001)
            return { key: `${item.lane}/${item.labelRow}`, from: item.labelX, to: item.labelX + textPx }
          })
        for (const key of new Set(spans.map((span) => span.key))) {
          const row = spans.filter((span) => span.key === key).sort((a, b) => a.from - b.from)
          for (const [i, span] of row.entries()) expect(span.from).toBeGreaterThanOrEqual(row[i - 1]?.to ?? 0)
        }
        for (const item of items) expect(item.row).toBeLessThan(boxes[item.lane]!.rows)
      }),
      { numRuns: 60 },
    )
  })

  test('show a long wait as a whisker from when it was ready, with the wait in words', () => {
    const log = logOf([
      call(1, 1, 'poll', 20, 38, { readyAt: 20 }),
      call(2, 1, 'poll', 38, 38.1, { readyAt: 20 }),
      call(3, 1, 'poll', 38.1, 38.2, { readyAt: 36 }),
    ])
    const map = straightMap({ startMs: 0, endMs: 40 }, 900)
    const { items } = layOut(
      [0, 1, 2].map((i) => log.callbacks.at(i)),
      map,
      boxes,
      10,
      6.6,
      words,
    )
    expect(items[0]).toMatchObject({ slow: true, whiskerX: null, place: 'inside' })
    expect(items[1]).toMatchObject({ whiskerX: map.x(20), place: 'whisker', waitLabel: '18.03 ms waiting' })
    expect(items[2]).toMatchObject({ whiskerX: null, waitLabel: '' })
  })

  test('count ticks in a row as one mark', () => {
    const micro = (id: number, start: number, kind: 'tick' | 'microtask'): LoopSketch => ({
      kind,
      id,
      start,
      end: start + 0.01,
      iteration: 1,
    })
    const log = logOf([micro(1, 1, 'tick'), micro(2, 1.02, 'tick'), micro(3, 1.04, 'microtask'), micro(4, 9, 'tick')])
    const { groups } = layOut(
      [0, 1, 2, 3].map((i) => log.callbacks.at(i)),
      straightMap({ startMs: 0, endMs: 10 }, 900),
      boxes,
      100,
      6.6,
      words,
    )
    expect(groups.map(({ lane, count }) => [lanes[lane], count])).toEqual([
      ['tick', 2],
      ['microtask', 1],
      ['tick', 1],
    ])
  })

  test('are hit where they are drawn, and by their labels', () => {
    const log = logOf([
      call(1, 1, 'check', 10, 11),
      call(2, 1, 'timers', 20, 20.01),
      call(3, 1, 'poll', 25, 25.01, { own: true }),
    ])
    const map = straightMap({ startMs: 0, endMs: 40 }, 900)
    const scene = layOut(
      [0, 1].map((i) => log.callbacks.at(i)),
      map,
      boxes,
      100,
      6.6,
      words,
    )
    const y = (lane: 'check' | 'timers' | 'poll') => boxes[lanes.indexOf(lane)]!.blockTop + 4
    const hit = (x: number, lane: 'check' | 'timers' | 'poll', own = false) =>
      hitCallback(log, { map, scene }, boxes, x, y(lane), own)
    expect(hit(map.x(10.5), 'check')).toBe(0)
    expect(hit(map.x(10.5), 'timers')).toBeNull()
    expect(hit(map.x(20) - 3, 'timers')).toBe(1)
    expect(hit(scene.items[1]!.labelX + 30, 'timers')).toBe(1)
    expect(hit(map.x(25), 'poll')).toBeNull()
    expect(hit(map.x(25), 'poll', true)).toBe(2)
    expect(hitCallback(log, { map, scene }, boxes, 300, 4, false)).toBeNull()
  })
})

test('all lanes stand in libuv’s order at any height, and fill it', () => {
  for (const height of [240, 300, 356, 700]) {
    const boxes = laneBoxes(height)
    expect(boxes).toHaveLength(lanes.length)
    let top = axesHeight
    for (const box of boxes) {
      expect(box.top).toBe(top)
      expect(box.blockTop + (box.rows - 1) * rowPx + box.blockHeight).toBeLessThanOrEqual(box.top + box.height)
      top += box.height
    }
    if (height >= 300) expect(top).toBe(height)
  }
})
