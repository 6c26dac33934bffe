// Who is said to have waited for a callback: those behind it in its poll, timers past due, and what poll had at once when it
// was entered again; never those who came later, and never Wireloop itself.
import { describe, expect, test } from 'vitest'
import { cardFor, newestSlow } from '../../renderer/loop/lint/slow-callback.ts'
import { createLoopLog } from '../../renderer/loop-log/loop-log.ts'
import { whoWaited } from '../../renderer/loop-log/waiting.ts'
import { call, type LoopSketch, makeLoopBatch, turn } from './support/loop-batches.ts'

const logOf = (rows: readonly LoopSketch[]) => {
  const log = createLoopLog({ limitBytes: 64 * 1024 * 1024 })
  log.append(makeLoopBatch(1, rows))
  return log
}
const told = (rows: readonly LoopSketch[], position: number) =>
  whoWaited(logOf(rows), position).waiters.map(({ callback, waitedMs, measure }) => [
    callback.connection ?? callback.id,
    Math.round(waitedMs * 100) / 100,
    measure,
  ])

describe('while a read holds the loop in poll', () => {
  const rows: LoopSketch[] = [
    call(1, 194, 'poll', 100, 118, { readyAt: 100, connection: 7 }),
    call(2, 194, 'poll', 118, 118.1, { readyAt: 100, connection: 3 }),
    call(3, 194, 'poll', 118.1, 118.2, { readyAt: 100, connection: 5 }),
    call(4, 194, 'poll', 118.2, 118.3, { readyAt: 100, connection: 7 }),
    call(5, 194, 'poll', 118.3, 118.4, { readyAt: 100, own: true }),
    turn(194, 50, 100, 118.5, 5),
    call(6, 194, 'check', 118.5, 118.6, { connection: 6 }),
    call(7, 194, 'timers', 118.7, 118.8, { readyAt: 109.3, connection: 4, type: 'Timeout' }),
    call(8, 194, 'timers', 118.8, 118.9, { readyAt: 118.75, connection: 8, type: 'Timeout' }),
    call(9, 195, 'poll', 130, 130.1, { readyAt: 130, connection: 9 }),
    turn(195, 119, 130, 130.2, 1),
  ]

  test('those behind it in the same poll waited at least since poll returned, late timers since they were due', () => {
    expect(told(rows, 0)).toEqual([
      [3, 18, 'since-poll'],
      [5, 18.1, 'since-poll'],
      [4, 9.4, 'since-due'],
    ])
    expect(whoWaited(logOf(rows), 0)).toMatchObject({ ranMs: 18, connections: [3, 5, 4], complete: true })
  })

  test('nothing final is said before the next turn is recorded', () => {
    expect(whoWaited(logOf(rows.slice(0, 9)), 0).complete).toBe(false)
  })
})

describe('while an immediate holds the loop', () => {
  const stall = (readyAt: number): LoopSketch[] => [
    call(1, 10, 'poll', 1000, 1000.2, { readyAt: 1000, type: 'MESSAGEPORT' }),
    turn(10, 990, 1000, 1000.3, 1),
    call(2, 10, 'check', 1000.4, 1200.4, { type: 'Immediate' }),
    call(3, 11, 'poll', readyAt, readyAt + 0.1, { readyAt, connection: 1 }),
    call(4, 11, 'poll', readyAt + 0.1, readyAt + 0.2, { readyAt, connection: 2 }),
    call(5, 11, 'poll', readyAt + 0.2, readyAt + 0.3, { readyAt, connection: 1 }),
    turn(11, 1200.5, readyAt, readyAt + 0.5, 3),
    call(6, 12, 'poll', readyAt + 1, readyAt + 1.1, { readyAt: readyAt + 1, connection: 3 }),
    turn(12, readyAt + 0.6, readyAt + 1, readyAt + 1.2, 1),
  ]

  test('those that poll had at once waited at most since poll returned the time before', () => {
    expect(told(stall(1200.51), 1)).toEqual([
      [1, 200.51, 'at-most'],
      [2, 200.51, 'at-most'],
    ])
  })

  test('those that poll had to wait for were not delayed', () => {
    expect(told(stall(1230), 1)).toEqual([])
  })
})

test('a collection within the callback is told apart from its own work', () => {
  const log = logOf([
    call(1, 1, 'poll', 0, 150, { readyAt: 0, connection: 1 }),
    turn(1, 0, 0, 151),
    { kind: 'gc', start: 20, end: 140 },
    { kind: 'gc', start: 149, end: 155 },
  ])
  expect(whoWaited(log, 0)).toMatchObject({ ranMs: 150, collectedMs: 121 })
})

describe('the card', () => {
  const log = logOf([
    call(1, 1, 'poll', 0, 150),
    call(2, 2, 'poll', 200, 201),
    call(3, 3, 'check', 300, 420),
    call(4, 4, 'check', 500, 900, { own: true }),
  ])

  test('tells of the newest slow callback that is not own work and was not muted', () => {
    expect(newestSlow(log, 100, new Set())).toBe(2)
    expect(newestSlow(log, 100, new Set([3]))).toBe(0)
    expect(newestSlow(log, 100, new Set([1, 3]))).toBeNull()
    expect(newestSlow(log, 130, new Set())).toBe(0)
  })

  test('tells of the selected one where that is slow', () => {
    expect(cardFor(log, 100, new Set(), 0)).toBe(0)
    expect(cardFor(log, 100, new Set(), 1)).toBe(2)
    expect(cardFor(log, 100, new Set([1]), 0)).toBe(2)
    expect(cardFor(log, 100, new Set(), 3)).toBe(2)
  })
})
