// An eventual result. Counterpart: event-loop.ts, which runs the done callbacks; task.ts, a future that drives code.
// As asyncio.Future, and awaitable in Node's way. Difference: nothing is logged when a failed future is never looked at.
import { CancelledError, InvalidStateError } from './errors.ts'

/** The part of the loop a future needs. */
export interface CallSoon {
  isClosed(): boolean
  callSoon<A extends unknown[]>(callback: (...args: A) => void, ...args: A): unknown
}

type Outcome<T> =
  | { readonly state: 'pending' }
  | { readonly state: 'finished'; readonly value: T }
  | { readonly state: 'failed'; readonly error: Error }
  | { readonly state: 'cancelled'; readonly error: CancelledError }

export class Future<T> implements PromiseLike<T> {
  readonly #loop: CallSoon
  #outcome: Outcome<T> = { state: 'pending' }
  #callbacks: ((future: Future<T>) => void)[] = []

  constructor(loop: CallSoon) {
    this.#loop = loop
  }

  done(): boolean {
    return this.#outcome.state !== 'pending'
  }

  cancelled(): boolean {
    return this.#outcome.state === 'cancelled'
  }

  /** The result. Throws its exception, CancelledError, or InvalidStateError while it is pending. */
  result(): T {
    const outcome = this.#outcome
    if (outcome.state === 'finished') return outcome.value
    if (outcome.state === 'pending') throw new InvalidStateError('Result is not set.')
    throw outcome.error
  }

  /** The exception, or null where there is a result. Throws CancelledError or InvalidStateError as `result` does. */
  exception(): Error | null {
    const outcome = this.#outcome
    if (outcome.state === 'pending') throw new InvalidStateError('Exception is not set.')
    if (outcome.state === 'cancelled') throw outcome.error
    return outcome.state === 'failed' ? outcome.error : null
  }

  setResult(value: T): void {
    this.#settle({ state: 'finished', value })
  }

  setException(error: Error): void {
    this.#settle({ state: 'failed', error })
  }

  /** Cancels it; false where it was done already. */
  cancel(message?: string): boolean {
    if (this.done()) return false
    this.#settle({ state: 'cancelled', error: new CancelledError(message) })
    return true
  }

  /** `callback` is called with the future, through `callSoon`, once it is done. */
  addDoneCallback(callback: (future: Future<T>) => void): void {
    if (this.done()) this.#loop.callSoon(callback, this)
    else this.#callbacks.push(callback)
  }

  /** Removes all of this callback; answers how many there were. */
  removeDoneCallback(callback: (future: Future<T>) => void): number {
    const before = this.#callbacks.length
    this.#callbacks = this.#callbacks.filter((each) => each !== callback)
    return before - this.#callbacks.length
  }

  // biome-ignore lint/suspicious/noThenProperty: being awaitable is what a future is for
  then<A = T, B = never>(
    onfulfilled?: ((value: T) => A | PromiseLike<A>) | null,
    onrejected?: ((reason: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    return new Promise<T>((resolve, reject) => {
      this.addDoneCallback(() => {
        const outcome = this.#outcome
        if (outcome.state === 'finished') resolve(outcome.value)
        else if (outcome.state !== 'pending') reject(outcome.error)
      })
    }).then(onfulfilled, onrejected)
  }

  #settle(outcome: Outcome<T>): void {
    if (this.done()) throw new InvalidStateError('The future is already done.')
    this.#outcome = outcome
    const callbacks = this.#callbacks
    this.#callbacks = []
    for (const callback of callbacks) this.#loop.callSoon(callback, this)
  }
}
