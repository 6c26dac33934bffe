// How fast facts that pour in are rendered: at once after a rest, then once a period, and never the last of them lost.
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { createPace } from '../../renderer/stores/pace.ts'

const periodMs = 200
let runs: number[]
const pace = () => createPace(() => runs.push(performance.now()), periodMs)

beforeEach(() => {
  vi.useFakeTimers({ now: 0 })
  runs = []
})
afterEach(() => {
  vi.useRealTimers()
})

describe('a pace', () => {
  test('runs at once after a rest', () => {
    const mine = pace()
    mine.ask()
    expect(runs).toHaveLength(1)
    vi.advanceTimersByTime(periodMs)
    mine.ask()
    expect(runs).toHaveLength(2)
  })

  test('runs once a period while it is asked all the time, and once more after the last time it was', () => {
    const mine = pace()
    for (let i = 0; i < 100; i++) {
      mine.ask()
      vi.advanceTimersByTime(10)
    }
    const regular = [0, 200, 400, 600, 800, 1000]
    expect(runs).toEqual(regular)
    vi.advanceTimersByTime(10 * periodMs)
    expect(runs).toEqual(regular)
  })

  test('does not wait with what is wanted now, and does not run for it twice', () => {
    const mine = pace()
    mine.ask()
    mine.ask()
    mine.now()
    expect(runs).toHaveLength(2)
    vi.advanceTimersByTime(periodMs)
    expect(runs).toHaveLength(2)
  })

  test('drops what is still to come when it is disposed of', () => {
    const mine = pace()
    mine.ask()
    mine.ask()
    mine.dispose()
    vi.advanceTimersByTime(periodMs)
    expect(runs).toHaveLength(1)
  })
})
