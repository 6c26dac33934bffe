// Where a record is drawn: a lane a phase in libuv's order, and one each for ticks and microtasks, which run between
// callbacks and in no phase. Counterparts: the contract's loop-columns.ts, callbacks.ts, which stores the lane's index.
import { loopKindCode, phases } from '../../preload/contract/loop-columns.ts'

export const lanes = [...phases, 'tick', 'microtask'] as const
export type Lane = (typeof lanes)[number]

const tick = loopKindCode('tick')
const microtask = loopKindCode('microtask')

/** Index into `lanes` of the lane for ticks, and for microtasks. */
export const tickLane = phases.length
export const microtaskLane = phases.length + 1

/** Index into `lanes` for a row of this kind in this phase (indexes into `loopKinds` and `phases`). */
export const laneOf = (kind: number, phase: number): number =>
  kind === tick ? tickLane : kind === microtask ? microtaskLane : phase
