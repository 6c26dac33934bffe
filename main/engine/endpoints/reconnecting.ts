// When a client tries again: waits that double, up to a longest one, and a number of attempts. Counterpart: client.ts, which
// knows what is to be tried again and what not.
import type { Reconnect, Reconnecting } from '../../../preload/contract/vocabulary.ts'
import type { EventLoop } from '../loop/event-loop.ts'
import type { TimerHandle } from '../loop/handles.ts'

/** The wait before the `attempt`th attempt, from 1, in ms. */
export const waitBefore = ({ firstMs, maxMs }: Reconnect, attempt: number): number =>
  Math.min(maxMs, firstMs * 2 ** (attempt - 1))

export class Reconnection {
  readonly #loop: EventLoop
  #timer: TimerHandle | null = null
  #planned: Reconnecting | null = null
  /** Attempts since a connection was last made. */
  #attempts = 0

  constructor(loop: EventLoop) {
    this.#loop = loop
  }

  /** The attempt that is waited for. */
  get planned(): Reconnecting | null {
    return this.#planned
  }

  /** Waits for the next attempt, and then calls `attempt`. Null where there were as many as there may be. */
  plan(by: Reconnect, now: number, attempt: () => void): Reconnecting | null {
    this.cancel()
    if (by.attempts !== null && this.#attempts >= by.attempts) return null
    this.#attempts++
    const inMs = waitBefore(by, this.#attempts)
    this.#planned = { attempt: this.#attempts, at: now + inMs }
    this.#timer = this.#loop.callLater(inMs, () => {
      this.#planned = null
      this.#timer = null
      attempt()
    })
    return this.#planned
  }

  /** There is a connection: the next that is lost waits as little as the first. */
  made(): void {
    this.#attempts = 0
  }

  /** True where an attempt was waited for. */
  cancel(): boolean {
    const waited = this.#planned !== null
    this.#timer?.cancel()
    this.#timer = null
    this.#planned = null
    return waited
  }
}
