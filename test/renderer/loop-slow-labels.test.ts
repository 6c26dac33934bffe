// Where the names of slow callbacks stand in a view that is too full for other labels.
import { describe, expect, test } from 'vitest'
import { laneBoxes } from '../../renderer/loop/flame/lane-boxes.ts'
import { placeSlowLabels, type SlowBlock } from '../../renderer/loop/flame/slow-labels.ts'
import { lanes } from '../../renderer/loop-log/lanes.ts'

const boxes = laneBoxes(400)
const poll = lanes.indexOf('poll')
const check = lanes.indexOf('check')
const charPx = 6
const width = 900
const free = () => true
const full = () => false
const block = (lane: number, x0: number, x1: number, label: string, ranMs = 200): SlowBlock => ({
  lane,
  x0,
  x1,
  ranMs,
  label,
})
const placed = (blocks: readonly SlowBlock[], isFree: (lane: number, from: number, to: number) => boolean) =>
  placeSlowLabels(blocks, boxes, width, charPx, isFree).map(({ block: { label }, place, x }) => [label, place, x])

describe('the name of a slow callback', () => {
  test('stands in its block where it fits, and begins in view', () => {
    expect(placed([block(check, 100, 300, 'block the loop')], full)).toEqual([['block the loop', 'inside', 108]])
    expect(placed([block(check, -500, 300, 'block the loop')], full)).toEqual([['block the loop', 'inside', 8]])
  })

  test('stands beside a narrow block, right of it, else left', () => {
    expect(placed([block(check, 100, 110, 'block the loop')], free)).toEqual([['block the loop', 'beside', 116]])
    expect(placed([block(check, 880, 890, 'block the loop')], free)).toEqual([['block the loop', 'beside', 790]])
  })

  test('stands below its block where the lane beside it is busy and has a second row, and nowhere where it has none', () => {
    expect(placed([block(poll, 100, 110, 'data-received')], full)).toEqual([['data-received', 'below', 100]])
    expect(placed([block(check, 100, 110, 'setImmediate')], full)).toEqual([])
  })

  test('never covers another one’s: the longest is named first', () => {
    const blocks = [block(check, 100, 110, 'shorter', 150), block(check, 120, 130, 'longest', 900)]
    expect(placed(blocks, free)).toEqual([
      ['longest', 'beside', 136],
      ['shorter', 'beside', 52],
    ])
    const crowd = Array.from({ length: 200 }, (_, i) => block(poll, i * 4, i * 4 + 2, `callback ${i}`, 100 + i))
    const labels = placeSlowLabels(crowd, boxes, width, charPx, full)
    const stretches = labels.map(({ block: { label }, x }) => [x, x + label.length * charPx] as const)
    expect(labels.length).toBeGreaterThan(0)
    expect(labels.length).toBeLessThanOrEqual(12)
    for (const [i, [from, to]] of stretches.entries())
      for (const [otherFrom, otherTo] of stretches.slice(i + 1)) expect(from >= otherTo || to <= otherFrom).toBe(true)
  })
})
