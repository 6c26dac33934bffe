// The event table's scroll bar: exact while the browser can be that high, a share of the log above, and never lost.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  clampTop,
  lastTop,
  maxSpacerPx,
  rowPx,
  scrollOf,
  spacerPx,
  topAfterScroll,
  topToReveal,
} from '../../renderer/workbench/event-table/scroll-map.ts'

const sizes = fc.record({ rows: fc.integer({ min: 0, max: 3_000_000 }), viewPx: fc.integer({ min: 60, max: 1500 }) })

describe('the table scroll', () => {
  test('is never higher than a browser draws, and shows the last row in full at its end', () => {
    fc.assert(
      fc.property(sizes, (size) => {
        expect(spacerPx(size)).toBeLessThanOrEqual(maxSpacerPx)
        expect(scrollOf(size, lastTop(size))).toBe(Math.max(0, lastTop(size) === 0 ? 0 : spacerPx(size) - size.viewPx))
        const rowsBelowTop = size.rows - lastTop(size)
        expect(rowsBelowTop * rowPx).toBeLessThanOrEqual(Math.max(size.viewPx, rowPx * Math.min(1, size.rows)))
      }),
    )
  })

  test('stands pixel for pixel where it can', () => {
    const size = { rows: 1000, viewPx: 300 }
    expect([scrollOf(size, 0), scrollOf(size, 1), scrollOf(size, 500.5)]).toEqual([0, 24, 12_012])
  })

  test('moves by rows with the wheel, however long the log is', () => {
    const size = { rows: 3_000_000, viewPx: 480 }
    const top = 1_234_567
    const at = scrollOf(size, top)
    expect(topAfterScroll(size, top, at, at + 48)).toBe(top + 2)
    expect(topAfterScroll(size, top, at, at - 120)).toBe(top - 5)
  })

  test('goes to a share of the log where the scroll bar is dragged, and to both ends exactly', () => {
    const size = { rows: 3_000_000, viewPx: 480 }
    const range = spacerPx(size) - size.viewPx
    expect(topAfterScroll(size, 10, scrollOf(size, 10), range / 2)).toBeCloseTo(lastTop(size) / 2, 0)
    expect(topAfterScroll(size, 10, scrollOf(size, 10), 0)).toBe(0)
    expect(topAfterScroll(size, 10, scrollOf(size, 10), range)).toBe(lastTop(size))
  })

  test('stays inside the log after any scroll', () => {
    fc.assert(
      fc.property(
        sizes,
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.integer({ min: -100, max: maxSpacerPx }),
        (size, share, px) => {
          const top = clampTop(size, share * size.rows)
          const next = topAfterScroll(size, top, scrollOf(size, top), px)
          expect(next).toBeGreaterThanOrEqual(0)
          expect(next).toBeLessThanOrEqual(lastTop(size))
        },
      ),
    )
  })

  test('brings a row to the middle only where it is out of view', () => {
    const size = { rows: 1000, viewPx: 240 }
    expect(topToReveal(size, 100, 105)).toBe(100)
    expect(topToReveal(size, 100, 109)).toBe(100)
    expect(topToReveal(size, 100, 110)).toBe(106)
    expect(topToReveal(size, 100, 3)).toBe(0)
    expect(topToReveal(size, 100, 999)).toBe(990)
  })
})
