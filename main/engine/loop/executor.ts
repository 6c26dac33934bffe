// Worker threads that compute off the loop. Counterpart: event-loop.ts (runInExecutor). As concurrent.futures'
// ThreadPoolExecutor, with one difference: JavaScript threads share no memory, so the function travels as its source text
// and must not use anything from around it; arguments and result are copied by structured clone.
import { availableParallelism } from 'node:os'
import { Script } from 'node:vm'
import { Worker } from 'node:worker_threads'
import { RuntimeError } from './errors.ts'

export interface Executor {
  /** Calls `fn(...args)` elsewhere. Rejects with what it throws, or with a RuntimeError after `shutdown`. */
  submit<A extends unknown[], T>(fn: (...args: A) => T, args: A): Promise<Awaited<T>>
  /** Takes no more work, waits for what was submitted, ends the threads. */
  shutdown(): Promise<void>
}

interface Job {
  readonly source: string
  readonly args: unknown[]
  readonly resolve: (value: never) => void
  readonly reject: (error: unknown) => void
}

type Answer = { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly error: unknown }

// What each thread runs. The parentheses make a function expression of the source, in sloppy or strict mode alike. Node 20
// clones a DOMException (a result that cannot be cloned is one) without its message.
const threadSource = `
const { parentPort } = require('node:worker_threads')
parentPort.on('message', async ({ source, args }) => {
  try {
    parentPort.postMessage({ ok: true, value: await (0, eval)('(' + source + ')')(...args) })
  } catch (thrown) {
    const error = thrown instanceof DOMException ? new Error(thrown.message) : thrown
    try { parentPort.postMessage({ ok: false, error }) } catch { parentPort.postMessage({ ok: false, error: new Error(String(error)) }) }
  }
})`

/** The function's source, or a TypeError that says why it cannot travel. */
const sourceOf = (fn: (...args: never[]) => unknown): string => {
  const source = fn.toString()
  const name = fn.name || 'The function'
  if (/\{\s*\[native code\]\s*\}$/.test(source))
    throw new TypeError(`${name} is native or bound and has no source to send; wrap it: (...a) => f(...a)`)
  if (/^class\b/.test(source) || !isExpression(source))
    throw new TypeError(`${name} is a method or class; only functions and arrow functions can be sent`)
  return source
}

/** The source of a method is none: it stands only inside a class or an object. */
const isExpression = (source: string): boolean => {
  try {
    new Script(`(${source})`)
    return true
  } catch {
    return false
  }
}

export class ThreadPoolExecutor implements Executor {
  readonly #maxWorkers: number
  readonly #queue: Job[] = []
  readonly #idle: Worker[] = []
  readonly #busy = new Map<Worker, Job>()
  #shutdown = false
  #whenDrained: (() => void)[] = []

  /** At most `maxWorkers` threads, started when first needed. */
  constructor(maxWorkers = availableParallelism()) {
    if (!(Number.isInteger(maxWorkers) && maxWorkers > 0))
      throw new RangeError(`maxWorkers must be a whole number above 0, not ${maxWorkers}`)
    this.#maxWorkers = maxWorkers
  }

  submit<A extends unknown[], T>(fn: (...args: A) => T, args: A): Promise<Awaited<T>> {
    if (this.#shutdown) return Promise.reject(new RuntimeError('cannot schedule new futures after shutdown'))
    return new Promise((resolve, reject) => {
      this.#queue.push({ source: sourceOf(fn), args, resolve, reject })
      this.#dispatch()
    })
  }

  async shutdown(): Promise<void> {
    this.#shutdown = true
    if (this.#busy.size > 0 || this.#queue.length > 0)
      await new Promise<void>((resolve) => this.#whenDrained.push(resolve))
    await Promise.all(this.#idle.splice(0).map((worker) => worker.terminate()))
  }

  #dispatch(): void {
    while (this.#queue.length > 0) {
      const worker = this.#idle.pop() ?? (this.#busy.size < this.#maxWorkers ? this.#spawn() : undefined)
      if (worker === undefined) return
      const job = this.#queue.shift()!
      try {
        worker.postMessage({ source: job.source, args: job.args })
      } catch (error) {
        // An argument that cannot be cloned is this job's failure, not the thread's.
        job.reject(error)
        this.#idle.push(worker)
        continue
      }
      this.#busy.set(worker, job)
      worker.ref()
    }
  }

  #spawn(): Worker {
    const worker = new Worker(threadSource, { eval: true })
    worker.unref()
    worker.on('message', (answer: Answer) => {
      const job = this.#busy.get(worker)
      this.#busy.delete(worker)
      this.#idle.push(worker)
      worker.unref()
      if (answer.ok) job?.resolve(answer.value as never)
      else job?.reject(answer.error)
      this.#next()
    })
    worker.on('error', (error) => this.#drop(worker, error))
    worker.on('exit', () =>
      this.#drop(worker, new RuntimeError('The worker thread ended before the function returned')),
    )
    return worker
  }

  #drop(worker: Worker, error: unknown): void {
    const job = this.#busy.get(worker)
    this.#busy.delete(worker)
    const idleAt = this.#idle.indexOf(worker)
    if (idleAt >= 0) this.#idle.splice(idleAt, 1)
    job?.reject(error)
    this.#next()
  }

  #next(): void {
    this.#dispatch()
    if (this.#busy.size > 0 || this.#queue.length > 0) return
    for (const drained of this.#whenDrained.splice(0)) drained()
  }
}
