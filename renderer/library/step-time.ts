// The times of a sequence's steps as they are typed, in ms, and whether they can be used. Pure. Counterparts: step-row.tsx
// (their fields), sequence-run.ts (says what is wrong), the contract's workspace-checks.ts (the same bounds).
import type { SequenceStep } from '../../preload/contract/workspace.ts'

/** The longest time of a step: a day. */
export const mostStepMs = 86_400_000

/** The shortest: nothing comes within no time at all, but a delay may be none. */
export const leastStepMs = { expect: 1, delay: 0 } as const

/** What is typed, in ms; 0 for nothing. One digit more than the longest time has stays, to be told of. */
export const typedMs = (text: string): number => Number(text.replace(/\D/g, '').slice(0, 9))

/** What stands in the field of a time: nothing where 0 is none. */
export const shownMs = (ms: number, least: number): string => (ms < least ? '' : `${ms}`)

/** The time of a step; null for a step that has none. */
const timeOf = (step: SequenceStep): number | null =>
  step.kind === 'expect' ? step.timeoutMs : step.kind === 'delay' ? step.delayMs : null

/** The least that its time can be where that is wrong; null where it is right, or there is none. */
export const wrongTime = (step: SequenceStep): number | null => {
  const ms = timeOf(step)
  if (ms === null) return null
  const least = step.kind === 'expect' ? leastStepMs.expect : leastStepMs.delay
  return ms >= least && ms <= mostStepMs ? null : least
}
