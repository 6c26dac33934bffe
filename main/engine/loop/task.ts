// A future that drives a coroutine. Counterpart: event-loop.ts (createTask), future.ts. As asyncio.Task.
//
// A coroutine is either a generator object, which does nothing until it is driven and yields the awaitables it waits for
// (asyncio's own coroutines before `async def`), or an async function that has not been called yet. A generator can be
// cancelled at any `yield`: CancelledError is thrown in there. An async function cannot be interrupted from outside in
// JavaScript; it gets an AbortSignal, and is cancelled when it lets the signal's reason (a CancelledError) out, bare or as
// the cause of the AbortError that Node's own functions throw.
import { inspect } from 'node:util'
import { asError, CancelledError, RuntimeError } from './errors.ts'
import { type CallSoon, Future } from './future.ts'

export type Coroutine<T> = Generator<unknown, T, never> | ((signal: AbortSignal) => PromiseLike<T>)

const isGenerator = (value: unknown): value is Generator<unknown, unknown, unknown> =>
  typeof value === 'object' && value !== null && 'next' in value && 'throw' in value && Symbol.iterator in value

/** True for futures, tasks and promises. */
export const isAwaitable = (value: unknown): value is PromiseLike<unknown> =>
  typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function'

export class Task<T> extends Future<T> {
  readonly #loop: CallSoon
  readonly #generator: Generator<unknown, T, unknown> | null
  readonly #abort = new AbortController()
  readonly #name: string
  /** What the coroutine waits for now. */
  #waiter: unknown = null
  #step = 0
  #cancelMessage: string | undefined
  #mustCancel = false
  #cancelling = 0

  /** Schedules the coroutine's first step for the next iteration; nothing of it runs before. */
  constructor(loop: CallSoon, coroutine: Coroutine<T>, name = 'Task') {
    super(loop)
    this.#loop = loop
    this.#name = name
    if (isGenerator(coroutine)) {
      this.#generator = coroutine as Generator<unknown, T, unknown>
      loop.callSoon(() => this.#advance(() => this.#generator!.next()))
    } else if (typeof coroutine === 'function') {
      this.#generator = null
      loop.callSoon(() => this.#run(coroutine))
    } else {
      throw new TypeError(
        'A coroutine was expected: a generator object, or an async function that has not been called yet',
      )
    }
  }

  getName(): string {
    return this.#name
  }

  /** How often `cancel` was asked for. */
  cancelling(): number {
    return this.#cancelling
  }

  /** Asks the coroutine to end with a CancelledError at its next turn. It may catch that; false where it is done. */
  override cancel(message?: string): boolean {
    if (this.done()) return false
    this.#cancelling++
    this.#cancelMessage = message
    if (this.#generator === null) {
      if (this.#step === 0) this.#mustCancel = true
      this.#abort.abort(new CancelledError(message))
      return true
    }
    if (this.#waiter instanceof Future && this.#waiter.cancel(message)) return true
    this.#mustCancel = true
    if (this.#waiter !== null && !(this.#waiter instanceof Future)) this.#stopWaiting()
    return true
  }

  override setResult(): never {
    throw new RuntimeError('Task does not support setResult operation')
  }

  override setException(): never {
    throw new RuntimeError('Task does not support setException operation')
  }

  async #run(coroutine: (signal: AbortSignal) => PromiseLike<T>): Promise<void> {
    this.#step = 1
    if (this.#mustCancel) {
      super.cancel(this.#cancelMessage)
      return
    }
    let end: () => void
    try {
      const value = await coroutine(this.#abort.signal)
      end = () => super.setResult(value)
    } catch (thrown) {
      end = () => this.#fail(thrown)
    }
    // As a generator is left where it stands: nobody can be told any more.
    if (!this.#loop.isClosed()) end()
  }

  #fail(thrown: unknown): void {
    if (thrown instanceof CancelledError) super.cancel(thrown.message)
    else if (this.#abort.signal.aborted && thrown instanceof Error && thrown.cause === this.#abort.signal.reason)
      super.cancel(this.#cancelMessage)
    else super.setException(asError(thrown))
  }

  /** Resumes the generator soon, unless it has gone on meanwhile. */
  #wakeSoon(resume: () => IteratorResult<unknown, T>): void {
    const step = this.#step
    this.#loop.callSoon(() => {
      if (step === this.#step) this.#advance(resume)
    })
  }

  /** A promise cannot be cancelled; its waiter can turn away from it. */
  #stopWaiting(): void {
    this.#wakeSoon(() => this.#generator!.next(undefined))
  }

  /** One turn of the generator: resumes it, then waits for what it yields. */
  #advance(resume: () => IteratorResult<unknown, T>): void {
    if (this.done()) return
    this.#waiter = null
    this.#step++
    let turn: IteratorResult<unknown, T>
    try {
      if (this.#mustCancel) {
        this.#mustCancel = false
        turn = this.#generator!.throw(new CancelledError(this.#cancelMessage))
      } else {
        turn = resume()
      }
    } catch (thrown) {
      this.#fail(thrown)
      return
    }
    if (turn.done) {
      if (this.#mustCancel) super.cancel(this.#cancelMessage)
      else super.setResult(turn.value)
      return
    }
    const generator = this.#generator!
    const awaited = turn.value
    const step = this.#step
    if (awaited === undefined) {
      // A bare yield gives the other callbacks a turn, as asyncio.sleep(0) does.
      this.#wakeSoon(() => generator.next(undefined))
    } else if (awaited === this) {
      this.#wakeSoon(() => generator.throw(new RuntimeError(`Task cannot await on itself: ${this.#name}`)))
    } else if (awaited instanceof Future) {
      this.#waiter = awaited
      awaited.addDoneCallback((future: Future<unknown>) => {
        if (step === this.#step) this.#advance(() => resumeWith(generator, future))
      })
      if (this.#mustCancel && awaited.cancel(this.#cancelMessage)) this.#mustCancel = false
    } else if (isAwaitable(awaited)) {
      this.#waiter = awaited
      // Through the loop, as everything that a coroutine does.
      const wake = (resume: () => IteratorResult<unknown, T>) => {
        if (step === this.#step && !this.#loop.isClosed()) this.#wakeSoon(resume)
      }
      awaited.then(
        (value) => wake(() => generator.next(value)),
        (error: unknown) => wake(() => generator.throw(error)),
      )
      if (this.#mustCancel) this.#stopWaiting()
    } else {
      const error = new RuntimeError(`Task got bad yield: ${inspect(awaited)}; yield a future, a promise or nothing`)
      this.#wakeSoon(() => generator.throw(error))
    }
  }
}

/** Gives a generator the result of the future that it waited for. */
const resumeWith = <T>(generator: Generator<unknown, T, unknown>, future: Future<unknown>) => {
  let value: unknown
  try {
    value = future.result()
  } catch (error) {
    return generator.throw(error)
  }
  return generator.next(value)
}
