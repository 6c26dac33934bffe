// The event loop: where protocols and transports meet, and where callbacks wait their turn. Counterparts: server.ts,
// socket-transport.ts, future.ts, task.ts, executor.ts.
//
// The model is asyncio's (docs.python.org/3/library/asyncio-eventloop.html). One difference goes through all of it: the
// loop that turns is libuv's, of this thread, and it turns by itself. `runForever` and `runUntilComplete` therefore do not
// block; they return promises, and "running" means that callbacks given to `callSoon` and `callLater` are let through.
// While the loop is not running they wait, in order. Sockets are served either way. Times are milliseconds.
import { performance } from 'node:perf_hooks'
import { type ConnectionOptions, connect } from './connect.ts'
import { asError, RuntimeError } from './errors.ts'
import { type Executor, ThreadPoolExecutor } from './executor.ts'
import { Future } from './future.ts'
import { Handle, TimerHandle } from './handles.ts'
import type { Protocol, ProtocolFactory } from './protocol.ts'
import { Server, type ServerOptions } from './server.ts'
import { type Coroutine, isAwaitable, Task } from './task.ts'
import type { Transport } from './transport.ts'

export type { ConnectionOptions } from './connect.ts'

/** What an exception handler is told, by asyncio's keys. */
export interface ExceptionContext {
  readonly message: string
  readonly exception: Error
  readonly protocol?: Protocol
}

export type ExceptionHandler = (loop: EventLoop, context: ExceptionContext) => void

/** One `runForever`, from its call to its end. */
interface Run {
  readonly end: () => void
}

/** The longest that a timer of Node can wait, in ms. */
const longestTimeoutMs = 2 ** 31 - 1

const writeException = ({ message, exception }: ExceptionContext): void => {
  process.stderr.write(`${message}\n${exception.stack ?? exception.message}\n`)
}

export class EventLoop {
  /** Callbacks that wait for their turn, in order. Each has one immediate armed for it while the loop runs. */
  readonly #ready: Handle[] = []
  readonly #timers = new Set<TimerHandle>()
  /** Callbacks left in the batch that runs now: what was ready when its iteration reached the check phase. */
  #batchLeft = 0
  #run: Run | null = null
  #stopping = false
  #closed = false
  #exceptionHandler: ExceptionHandler | null = null
  #executor: Executor | null = null
  #executorShutdown = false

  /** The loop's clock in ms: monotonic, of this thread. */
  time(): number {
    return performance.now()
  }

  isRunning(): boolean {
    return this.#run !== null
  }

  isClosed(): boolean {
    return this.#closed
  }

  /** Runs `callback` in the next iteration, after the callbacks that were given before it. In libuv's check phase. */
  callSoon<A extends unknown[]>(callback: (...args: A) => void, ...args: A): Handle {
    this.#checkClosed()
    const handle = new Handle(() => callback(...args))
    this.#ready.push(handle)
    if (this.#run !== null) setImmediate(this.#runNext, this.#run)
    return handle
  }

  /**
   * Runs `callback` after `delayMs`. Two timers of different delays that fall due in the same millisecond may run in
   * either order (Node keeps one list a delay).
   */
  callLater<A extends unknown[]>(delayMs: number, callback: (...args: A) => void, ...args: A): TimerHandle {
    return this.callAt(this.time() + delayMs, callback, ...args)
  }

  /** Runs `callback` when `loop.time()` reaches `whenMs`, to the millisecond: Node's timers count whole ones. */
  callAt<A extends unknown[]>(whenMs: number, callback: (...args: A) => void, ...args: A): TimerHandle {
    this.#checkClosed()
    const handle: TimerHandle = new TimerHandle(
      whenMs,
      () => callback(...args),
      () => {
        clearTimeout(timeout)
        this.#timers.delete(handle)
      },
    )
    this.#timers.add(handle)
    const arm = () => setTimeout(fire, Math.min(longestTimeoutMs, Math.max(0, Math.ceil(whenMs - this.time()))))
    const fire = () => {
      if (whenMs - this.time() >= 1) {
        timeout = arm()
        return
      }
      this.#timers.delete(handle)
      // Due while the loop is not running: it waits with the others.
      if (this.#run === null) this.#ready.push(handle)
      else this.#runHandle(handle)
    }
    let timeout = arm()
    return handle
  }

  createFuture<T>(): Future<T> {
    return new Future<T>(this)
  }

  /** Schedules a coroutine to run concurrently; nothing of it runs before the next iteration. */
  createTask<T>(coroutine: Coroutine<T>, options: { readonly name?: string } = {}): Task<T> {
    this.#checkClosed()
    return new Task(this, coroutine, options.name)
  }

  /** A future that is done after `delayMs`, and takes its timer away when cancelled. */
  sleep(delayMs: number): Future<void> {
    const future = this.createFuture<void>()
    const timer = this.callLater(delayMs, () => {
      if (!future.done()) future.setResult(undefined)
    })
    future.addDoneCallback(() => timer.cancel())
    return future
  }

  /** Lets callbacks through until `stop`. Rejects where the loop is closed or runs already. */
  async runForever(): Promise<void> {
    this.#checkRunnable()
    let end = () => {}
    const ended = new Promise<void>((resolve) => {
      end = resolve
    })
    const run = { end }
    this.#run = run
    for (let i = 0; i < this.#ready.length; i++) setImmediate(this.#runNext, run)
    if (this.#stopping) setImmediate(this.#endIfStopping, run)
    await ended
  }

  /** Runs until the future, promise or coroutine is done, and gives its result or throws its exception. */
  async runUntilComplete<T>(awaited: Future<T> | PromiseLike<T> | Coroutine<T>): Promise<T> {
    this.#checkRunnable()
    const future = this.#ensureFuture(awaited)
    const running = this.runForever()
    const onDone = () => this.stop()
    future.addDoneCallback(onDone)
    await running
    future.removeDoneCallback(onDone)
    if (!future.done()) throw new RuntimeError('Event loop stopped before Future completed.')
    return future.result()
  }

  /** The callbacks that are ready still run; those that they schedule wait for the next run. */
  stop(): void {
    this.#stopping = true
    if (this.#run !== null) setImmediate(this.#endIfStopping, this.#run)
  }

  /** Drops what waits and shuts the default executor down. Throws while the loop is running; again, it does nothing. */
  close(): void {
    if (this.isRunning()) throw new RuntimeError('Cannot close a running event loop')
    if (this.#closed) return
    this.#closed = true
    for (const handle of [...this.#ready, ...this.#timers]) handle.cancel()
    this.#ready.length = 0
    this.#timers.clear()
    void this.#executor?.shutdown()
    this.#executor = null
  }

  /**
   * Calls `fn(...args)` in a worker thread and gives a future of its result; null is the loop's own pool. `fn` travels as
   * its source text: it must be self-contained, and arguments and result are copied (structured clone).
   */
  runInExecutor<A extends unknown[], T>(
    executor: Executor | null,
    fn: (...args: A) => T,
    ...args: A
  ): Future<Awaited<T>> {
    this.#checkClosed()
    const future = this.createFuture<Awaited<T>>()
    // As in asyncio, a result that comes when the loop is closed is nobody's any more.
    const settle = (set: () => void) => {
      if (!(future.done() || this.#closed)) set()
    }
    ;(executor ?? this.#defaultExecutor()).submit(fn, args).then(
      (value) => settle(() => future.setResult(value)),
      (error: unknown) => settle(() => future.setException(asError(error))),
    )
    return future
  }

  setDefaultExecutor(executor: Executor): void {
    this.#executor = executor
  }

  /** Shuts the default executor down for good and waits for its threads to end. */
  async shutdownDefaultExecutor(): Promise<void> {
    this.#executorShutdown = true
    const executor = this.#executor
    this.#executor = null
    await executor?.shutdown()
  }

  /** Starts listening. Rejects with the system error; see `ServerOptions`. */
  async createServer<P extends Protocol>(
    protocolFactory: ProtocolFactory<P>,
    options: ServerOptions<P>,
  ): Promise<Server> {
    this.#checkClosed()
    return Server.start(protocolFactory, options, this.#reportProtocolException)
  }

  /**
   * Connects and gives the transport and its protocol, `connectionMade` called. Rejects with the system error
   * (`ECONNREFUSED`, `ENOTFOUND`, `ETIMEDOUT` …; of several addresses the first one's), with CancelledError, or with
   * what the factory throws.
   */
  async createConnection<P extends Protocol>(
    protocolFactory: ProtocolFactory<P>,
    options: ConnectionOptions<P>,
  ): Promise<[Transport, P]> {
    this.#checkClosed()
    return connect(protocolFactory, options, this.#reportProtocolException)
  }

  setExceptionHandler(handler: ExceptionHandler | null): void {
    this.#exceptionHandler = handler
  }

  /** Reports an exception that nobody caught. Without a handler of your own it is written to stderr. */
  callExceptionHandler(context: ExceptionContext): void {
    if (this.#exceptionHandler === null) {
      writeException(context)
      return
    }
    try {
      this.#exceptionHandler(this, context)
    } catch (thrown) {
      writeException({ message: 'Unhandled error in exception handler', exception: asError(thrown) })
      writeException(context)
    }
  }

  readonly #reportProtocolException = (message: string, exception: Error, protocol: Protocol | null): void => {
    this.callExceptionHandler(protocol === null ? { message, exception } : { message, exception, protocol })
  }

  /** Runs the callback at the head. An immediate left over from a run that has ended does nothing. */
  readonly #runNext = (run: Run): void => {
    if (run !== this.#run) return
    if (this.#batchLeft === 0) this.#batchLeft = this.#ready.length
    this.#batchLeft--
    this.#runHandle(this.#ready.shift()!)
    if (this.#batchLeft === 0) this.#endIfStopping(run)
  }

  #runHandle(handle: Handle): void {
    try {
      handle.run()
    } catch (thrown) {
      this.callExceptionHandler({ message: 'Exception in callback', exception: asError(thrown) })
    }
  }

  readonly #endIfStopping = (run: Run): void => {
    if (run !== this.#run || !this.#stopping || this.#batchLeft > 0) return
    this.#stopping = false
    this.#run = null
    run.end()
  }

  #defaultExecutor(): Executor {
    if (this.#executorShutdown) throw new RuntimeError('Executor shutdown has been called')
    this.#executor ??= new ThreadPoolExecutor()
    return this.#executor
  }

  #ensureFuture<T>(awaited: Future<T> | PromiseLike<T> | Coroutine<T>): Future<T> {
    if (awaited instanceof Future) return awaited
    if (isAwaitable(awaited)) return this.createTask(() => awaited)
    return this.createTask(awaited)
  }

  #checkClosed(): void {
    if (this.#closed) throw new RuntimeError('Event loop is closed')
  }

  #checkRunnable(): void {
    this.#checkClosed()
    if (this.isRunning()) throw new RuntimeError('This event loop is already running')
  }
}
