// What the loop was doing at one moment of the recording: the turn, the phase, the callback under way, and what was still
// to come in that turn. Pure, from rows alone. Counterparts: ring/ (draws it), playback.ts (moves the moment).
import type { Callback } from '../loop-log/callbacks.ts'
import type { Iteration } from '../loop-log/iterations.ts'
import { type Lane, lanes } from '../loop-log/lanes.ts'
import type { LoopLog } from '../loop-log/loop-log.ts'

export interface Moment {
  readonly at: number
  readonly turn: Iteration | null
  /** `poll` also while it waits; null where nothing is recorded. */
  readonly phase: Lane | null
  /** Poll waits for something to happen. */
  readonly polling: boolean
  readonly running: Callback | null
  /** Wireloop's own work runs, which is hidden. */
  readonly hidden: boolean
  /** The callback that ran last before the moment, where none runs. */
  readonly before: Callback | null
  /** Ticks and microtasks that run after this callback and before the next; null where they were not watched. */
  readonly ticks: number | null
  readonly microtasks: number | null
  /** Callbacks of this turn that have not started yet, in order, by lane. */
  readonly toCome: ReadonlyMap<Lane, readonly Callback[]>
  /** How many more there are than are listed. */
  readonly more: ReadonlyMap<Lane, number>
}

/** Callbacks of a lane that are listed, and looked at in all. */
const listed = 6
const reach = 2000

const isMicro = (callback: Callback): boolean => callback.lane === 'tick' || callback.lane === 'microtask'

/** `own` callbacks count only where they are shown; from `microFrom` on ticks and microtasks are known to be watched. */
export const momentAt = (log: LoopLog, at: number, own: boolean, microFrom: number | null): Moment => {
  const { callbacks, iterations } = log
  const turn = iterations.turnAt(at)
  const position = callbacks.runningAt(at)
  const found = position === null ? null : callbacks.at(position)
  const running = found !== null && (own || !found.own) ? found : null
  let before: Callback | null = null
  for (let i = callbacks.positionAtTime(at) - 1; running === null && i >= callbacks.first; i--) {
    const candidate = callbacks.at(i)
    if (candidate.end > at || (candidate.own && !own) || isMicro(candidate)) continue
    before = candidate
    break
  }
  const polling = running === null && turn !== null && at >= turn.start && at < turn.readyAt
  const main = running !== null && isMicro(running) ? previousMain(log, running.position) : running
  const phase = polling ? 'poll' : (main?.lane ?? (isLate(before, turn) ? null : (before?.lane ?? null)))
  return {
    at,
    turn,
    phase,
    polling,
    running,
    hidden: found !== null && running === null,
    before,
    ...drained(log, main ?? before, microFrom),
    ...remaining(log, at, turn, own),
  }
}

/** True where a whole turn lies between, so that the callback says nothing about the moment. */
const isLate = (callback: Callback | null, turn: Iteration | null): boolean =>
  callback !== null && turn !== null && callback.end < turn.start

const previousMain = (log: LoopLog, position: number): Callback | null => {
  for (let i = position - 1; i >= log.callbacks.first; i--) {
    const candidate = log.callbacks.at(i)
    if (!isMicro(candidate)) return candidate
  }
  return null
}

const drained = (
  log: LoopLog,
  after: Callback | null,
  microFrom: number | null,
): Pick<Moment, 'ticks' | 'microtasks'> => {
  if (after === null) return { ticks: null, microtasks: null }
  let ticks = 0
  let microtasks = 0
  for (let i = after.position + 1; i < Math.min(log.callbacks.end, after.position + reach); i++) {
    const candidate = log.callbacks.at(i)
    if (candidate.lane === 'tick') ticks++
    else if (candidate.lane === 'microtask') microtasks++
    else break
  }
  // A level that does not watch them leaves none behind: where none stands near, it must be known that they were watched.
  const known = (microFrom !== null && after.start >= microFrom) || watchesMicro(log, after.position)
  return known ? { ticks, microtasks } : { ticks: null, microtasks: null }
}

/** True where ticks or microtasks were recorded around a callback. */
const watchesMicro = (log: LoopLog, position: number): boolean => {
  const from = Math.max(log.callbacks.first, position - 100)
  for (let i = from; i < Math.min(log.callbacks.end, position + 100); i++) if (isMicro(log.callbacks.at(i))) return true
  return false
}

const remaining = (log: LoopLog, at: number, turn: Iteration | null, own: boolean): Pick<Moment, 'toCome' | 'more'> => {
  const toCome = new Map<Lane, Callback[]>(lanes.map((lane) => [lane, []]))
  const more = new Map<Lane, number>()
  const from = log.callbacks.positionAtTime(at)
  for (let i = from; turn !== null && i < Math.min(log.callbacks.end, from + reach); i++) {
    const callback = log.callbacks.at(i)
    if (callback.iteration !== turn.number) break
    if (callback.start <= at || (callback.own && !own) || isMicro(callback)) continue
    const list = toCome.get(callback.lane)!
    if (list.length < listed) list.push(callback)
    else more.set(callback.lane, (more.get(callback.lane) ?? 0) + 1)
  }
  return { toCome, more }
}
