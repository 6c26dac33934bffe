// The times of a sequence's steps as they are typed. Counterparts: renderer/library/step-time.ts, workspace-checks.ts.
import { describe, expect, it } from 'vitest'
import type { SequenceStep } from '../../preload/contract/workspace.ts'
import { leastStepMs, mostStepMs, shownMs, typedMs, wrongTime } from '../../renderer/library/step-time.ts'

const expecting = (timeoutMs: number): SequenceStep => ({
  kind: 'expect',
  name: '',
  pattern: { match: 'contains', text: 'x' },
  timeoutMs,
})
const delaying = (delayMs: number): SequenceStep => ({ kind: 'delay', name: '', delayMs })

/** Types into a field that shows what it was told, a key at a time. */
const type = (keys: string, least: number): number =>
  [...keys].reduce((ms, key) => typedMs(shownMs(ms, least) + key), typedMs(''))

describe('The time of a step', () => {
  it('is what is typed into a field that was cleared', () => {
    expect(type('2000', leastStepMs.expect)).toBe(2000)
    expect(type('2000', leastStepMs.delay)).toBe(2000)
  })

  it('is wrong where it is missing or longer than a day, and is not cut to something else', () => {
    expect(wrongTime(expecting(typedMs('')))).toBe(1)
    expect(wrongTime(expecting(1))).toBeNull()
    expect(wrongTime(delaying(typedMs('')))).toBeNull()
    expect(wrongTime(expecting(type(`${mostStepMs}`, 1)))).toBeNull()
    expect(wrongTime(expecting(type(`${mostStepMs + 1}`, 1)))).toBe(1)
    expect(wrongTime(delaying(type('100000000', 0)))).toBe(0)
  })

  it('is none of a step that sends', () => {
    expect(wrongTime({ kind: 'send', name: '', text: '', mode: 'text', encoding: 'utf-8', ending: 'lf' })).toBeNull()
  })
})
