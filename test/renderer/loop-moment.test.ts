// What the loop did at one moment: turn, phase, callback, what drained after it, and what was still to come.
import { describe, expect, test } from 'vitest'
import { momentAt } from '../../renderer/loop/moment.ts'
import { lookLately } from '../../renderer/loop/moment-store.ts'
import { advanced } from '../../renderer/loop/playback.ts'
import { createLoopLog } from '../../renderer/loop-log/loop-log.ts'
import { call, type LoopSketch, makeLoopBatch, turn } from './support/loop-batches.ts'

const micro = (kind: 'tick' | 'microtask', id: number, start: number): LoopSketch => ({
  kind,
  id,
  start,
  end: start + 0.1,
  iteration: 194,
})

const rows: readonly LoopSketch[] = [
  turn(193, 0, 10, 12, 1),
  call(1, 194, 'poll', 30, 40, { readyAt: 30, connection: 7 }),
  micro('tick', 2, 40),
  micro('tick', 3, 40.2),
  micro('microtask', 4, 40.4),
  call(5, 194, 'poll', 41, 42, { readyAt: 30, connection: 3 }),
  call(6, 194, 'poll', 42, 43, { readyAt: 30, own: true }),
  turn(194, 13, 30, 44, 3),
  call(7, 194, 'check', 45, 46, { connection: 6 }),
  call(8, 194, 'timers', 47, 48, { readyAt: 35, connection: 4, type: 'Timeout' }),
  turn(195, 50, 80, 81, 0),
]
const log = createLoopLog({ limitBytes: 64 * 1024 * 1024 })
log.append(makeLoopBatch(1, rows))

describe('at a moment', () => {
  test('within a callback the phase is the callback’s, and the rest of its turn is to come', () => {
    const { running, phase, polling, turn: iteration, toCome, ticks, microtasks } = momentAt(log, 36, false, null)
    expect(running?.id).toBe(1)
    expect([phase, polling, iteration?.number]).toEqual(['poll', false, 194])
    expect(toCome.get('poll')?.map(({ id }) => id)).toEqual([5])
    expect(toCome.get('check')?.map(({ id }) => id)).toEqual([7])
    expect(toCome.get('timers')?.map(({ id }) => id)).toEqual([8])
    expect([ticks, microtasks]).toEqual([2, 1])
  })

  test('Wireloop’s own callbacks count where they are shown', () => {
    expect(
      momentAt(log, 36, true, null)
        .toCome.get('poll')
        ?.map(({ id }) => id),
    ).toEqual([5, 6])
    expect(momentAt(log, 42.5, false, null)).toMatchObject({ running: null, hidden: true })
    expect(momentAt(log, 42.5, true, null)).toMatchObject({ running: { id: 6 }, hidden: false })
    expect(momentAt(log, 42.5, true, null).running?.id).toBe(6)
  })

  test('within a wait of poll nothing runs', () => {
    expect(momentAt(log, 20, false, null)).toMatchObject({ polling: true, phase: 'poll', running: null })
    expect(momentAt(log, 60, false, null)).toMatchObject({ polling: true, turn: { number: 195 } })
  })

  test('within a tick the phase is that of the callback before it', () => {
    expect(momentAt(log, 40.25, false, null)).toMatchObject({
      phase: 'poll',
      running: { id: 3 },
      ticks: 2,
      microtasks: 1,
    })
  })

  test('between callbacks the last one tells the phase', () => {
    expect(momentAt(log, 46.5, false, null)).toMatchObject({ phase: 'check', running: null, before: { id: 7 } })
  })

  test('before anything was recorded nothing is claimed', () => {
    expect(momentAt(log, -5, false, null)).toMatchObject({ turn: null, phase: null, running: null, ticks: null })
  })

  test('ticks are not counted as none where they were not watched', () => {
    const other = createLoopLog({ limitBytes: 1024 * 1024 })
    other.append(
      makeLoopBatch(
        1,
        rows.filter(({ kind }) => kind === 'callback' || kind === 'iteration'),
      ),
    )
    expect(momentAt(other, 36, false, null)).toMatchObject({ ticks: null, microtasks: null })
    expect(momentAt(other, 36, false, 35)).toMatchObject({ ticks: null, microtasks: null })
    expect(momentAt(other, 36, false, 5)).toMatchObject({ ticks: 0, microtasks: 0 })
  })
})

test('while following, what ran in the last second is counted by phase, and lit where it is new', () => {
  const { counts, lit, iteration } = lookLately(log, 5, false)
  expect(counts).toMatchObject({ poll: 2, check: 1, timers: 1, tick: 2, microtask: 1, closing: 0 })
  expect([...lit].sort()).toEqual(['check', 'timers'])
  expect(iteration).toBe(195)
})
test('playing advances by the speed, and crosses a folded wait in a moment', () => {
  expect(advanced(36, 16, 0.01, false)).toBeCloseTo(36.16, 10)
  expect(advanced(36, 16, 1, true)).toBe(52)
  // The page's own log holds no wait here; the fold is only crossed where one is recorded.
  expect(advanced(36, 16, 0.001, true)).toBeCloseTo(36.016, 10)
})
