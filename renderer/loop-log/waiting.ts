// Who waited while one callback held the loop. Only what was measured is told: how long for certain, or at most how long;
// counterparts: callbacks.ts holds the rows, loop/lint shows the answer.
import type { ConnectionId } from '../../preload/contract/vocabulary.ts'
import type { Callback } from './callbacks.ts'
import type { LoopLog } from './loop-log.ts'

/**
 * `since-poll`: at least this long, counted from when poll returned (bytes may have come earlier); `since-due`: a timer,
 * exactly; `at-most`: it came while the loop did not look, so that only the longest possible wait is known.
 */
export type WaitMeasure = 'since-poll' | 'since-due' | 'at-most'

export interface Waiter {
  readonly callback: Callback
  readonly waitedMs: number
  readonly measure: WaitMeasure
}

export interface Waiting {
  readonly callback: Callback
  readonly ranMs: number
  /** ms of it in which garbage was collected. */
  readonly collectedMs: number
  /** In the order they ran; a connection once, with what of it waited first. */
  readonly waiters: readonly Waiter[]
  /** Connections among them. */
  readonly connections: readonly ConnectionId[]
  /** False while the turn after it has not been recorded yet: more may come to light. */
  readonly complete: boolean
}

/** Poll that returned within this time of being entered did not wait: what it returned was there before, ms. */
const noWaitMs = 0.1
/** Callbacks after the one asked for that are looked at, at most. */
const reach = 20_000

const lanesWithoutTurn: ReadonlySet<string> = new Set(['tick', 'microtask'])

/** `position` must be held; a RangeError is thrown where it is not. */
export const whoWaited = (log: LoopLog, position: number): Waiting => {
  const { callbacks, iterations, collections } = log
  const callback = callbacks.at(position)
  const { start, end } = callback
  const turn = iterations.withNumber(callback.iteration, start)
  const nextTurn = turn === null || turn.position + 1 >= iterations.end ? null : iterations.at(turn.position + 1)
  const nextPollDidNotWait = nextTurn?.joined === true && nextTurn.readyAt - nextTurn.start < noWaitMs

  const measureOf = (other: Callback): Pick<Waiter, 'waitedMs' | 'measure'> | null => {
    if (other.readyAt !== null && other.readyAt < end) {
      const measure = other.lane === 'timers' ? 'since-due' : 'since-poll'
      return { waitedMs: other.start - other.readyAt, measure }
    }
    // Poll was entered after the block and returned at once: this had come since poll returned the time before, and
    // waited until the loop looked again. What it then waited for others in the same poll is their doing.
    if (other.lane === 'poll' && nextPollDidNotWait && other.iteration === nextTurn.number)
      return { waitedMs: nextTurn.readyAt - turn!.readyAt, measure: 'at-most' }
    return null
  }

  const waiters: Waiter[] = []
  const connections = new Set<ConnectionId>()
  const last = Math.min(callbacks.end, position + 1 + reach)
  for (let i = position + 1; i < last; i++) {
    const other = callbacks.at(i)
    // What the turn after the next one delivers came after the loop had looked again.
    if (nextTurn !== null && other.start > nextTurn.end && other.iteration > nextTurn.number) break
    if (other.own || lanesWithoutTurn.has(other.lane)) continue
    if (other.connection !== null && (connections.has(other.connection) || other.connection === callback.connection))
      continue
    const measured = measureOf(other)
    if (measured === null) continue
    waiters.push({ callback: other, ...measured })
    if (other.connection !== null) connections.add(other.connection)
  }
  return {
    callback,
    ranMs: end - start,
    collectedMs: collections.coverMs(start, end),
    waiters,
    connections: [...connections],
    // A turn is recorded after what its poll delivered.
    complete: nextTurn !== null,
  }
}
