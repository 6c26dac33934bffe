// The faults that act before there is a pair: connections that are refused, and connections that wait for their turn.
// Counterparts: flow.ts (all other faults), ../relay.ts (asks before it connects upstream).
import { type Fault, type Flow, flows, type RelayLab } from '../../../../preload/contract/faults.ts'
import { chanceOf } from './chance.ts'
import { roundMs } from './stage.ts'

export interface AcceptClock {
  now(): number
  callAt(whenMs: number, callback: () => void): () => void
}

/** Timers are late by a millisecond or two; that is made up for, and a silence before is not. */
const lateMs = 5

/** A fault that acted, in the direction in whose list it stands. */
export interface Acted {
  readonly fault: Fault
  readonly flow: Flow
}

interface Waiting {
  readonly pair: number
  readonly since: number
  /** Takes the connection up; `null` where no fault is to blame any more. */
  readonly take: (acted: Acted | null, delayedMs: number) => void
}

const leaveNothing = () => {}

const findActing = (lab: RelayLab | undefined, kind: 'refuse' | 'throttle-accept', pair: number): Acted | null => {
  if (lab === undefined) return null
  for (const flow of flows)
    for (const fault of lab[flow].faults)
      if (fault.action.kind === kind && fault.on && chanceOf(fault.seed, pair) < fault.toxicity) return { fault, flow }
  return null
}

/** The fault that refuses this pair; null for none. */
export const refusalOf = (lab: RelayLab | undefined, pair: number): Acted | null => findActing(lab, 'refuse', pair)

/** Lets so many connections a second through, in the order in which they came. */
export class AcceptThrottle {
  readonly #clock: AcceptClock
  #lab: RelayLab | undefined
  #waiting: Waiting[] = []
  /** When the next one may be taken up. */
  #nextAt = 0
  #cancel: (() => void) | null = null

  constructor(clock: AcceptClock) {
    this.#clock = clock
  }

  configure(lab: RelayLab | undefined): void {
    this.#lab = lab
    // A faster rate is felt by those that wait already.
    this.#nextAt = Math.min(this.#nextAt, this.#clock.now() + this.#intervalMs())
    this.#run()
  }

  /** Calls `take` when this pair's turn has come: at once, where no fault is in force. Answers what gives its place up. */
  wait(pair: number, take: Waiting['take']): () => void {
    if (findActing(this.#lab, 'throttle-accept', pair) === null) {
      take(null, 0)
      return leaveNothing
    }
    const waiting: Waiting = { pair, since: this.#clock.now(), take }
    if (this.#waiting.length === 0 && waiting.since - this.#nextAt > lateMs) this.#nextAt = waiting.since
    this.#waiting.push(waiting)
    this.#run()
    return () => {
      this.#waiting = this.#waiting.filter((each) => each !== waiting)
    }
  }

  /** The slowest of the faults that are on; 0 without one. */
  #intervalMs(): number {
    let intervalMs = 0
    for (const flow of flows)
      for (const { on, action } of this.#lab?.[flow].faults ?? [])
        if (on && action.kind === 'throttle-accept') intervalMs = Math.max(intervalMs, 1000 / action.perSecond)
    return intervalMs
  }

  readonly #run = (): void => {
    this.#cancel?.()
    this.#cancel = null
    for (let first = this.#waiting[0]; first !== undefined; first = this.#waiting[0]) {
      const acted = findActing(this.#lab, 'throttle-accept', first.pair)
      const now = this.#clock.now()
      if (acted !== null && this.#nextAt > now) {
        this.#cancel = this.#clock.callAt(this.#nextAt, this.#run)
        return
      }
      this.#waiting.shift()
      if (acted !== null) this.#nextAt += this.#intervalMs()
      first.take(acted, roundMs(now - first.since))
    }
  }
}
