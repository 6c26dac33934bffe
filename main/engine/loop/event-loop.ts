// The event loop: where protocols and transports meet, and where callbacks wait their turn. Counterparts: server.ts,
// socket-transport.ts, future.ts, task.ts, executor.ts.
//
// The model is asyncio's (docs.python.org/3/library/asyncio-eventloop.html). One difference goes through all of it: the
// loop that turns is libuv's, of this thread, and it turns by itself. `runForever` and `runUntilComplete` therefore do not
// block; they return promises, and "running" means that callbacks given to `callSoon` and `callLater` are let through.
// While the loop is not running they wait, in order. Sockets are served either way. Times are milliseconds.
import type net from 'node:net'
import { performance } from 'node:perf_hooks'
import type { Address } from '../../../preload/contract/vocabulary.ts'
import { CancelledError, RuntimeError, systemError } from './errors.ts'
import { type Executor, ThreadPoolExecutor } from './executor.ts'
import { Future } from './future.ts'
import { Handle, TimerHandle } from './handles.ts'
import { connectSocket } from './node-sockets.ts'
import type { Protocol, ProtocolFactory } from './protocol.ts'
import { Server, type ServerOptions } from './server.ts'
import { SocketTransport } from './socket-transport.ts'
import { type Coroutine, Task } from './task.ts'
import type { Transport, TransportObserver } from './transport.ts'

/** What an exception handler is told, by asyncio's keys. */
export interface ExceptionContext {
  readonly message: string
  readonly exception: Error
  readonly protocol?: Protocol
}

export type ExceptionHandler = (loop: EventLoop, context: ExceptionContext) => void

export interface ConnectionOptions<P extends Protocol = Protocol> {
  readonly host: string
  readonly port: number
  /** Gives up with ETIMEDOUT after this many ms; without it the operating system decides (two minutes and more). */
  readonly timeoutMs?: number
  /** The local address to connect from. */
  readonly localHost?: string
  readonly localPort?: number
  /** Gives up with the signal's CancelledError. */
  readonly signal?: AbortSignal
  /** One of several addresses did not answer (happy eyeballs, RFC 8305); the next is tried. */
  readonly onAttemptFailed?: (remote: Address, error: Error) => void
  /** Gives the observer of the connection, by the protocol just made for it. */
  readonly observe?: (protocol: P) => TransportObserver
}

/** One `runForever`, from its call to its end. */
interface Run {
  readonly end: () => void
}

const asError = (thrown: unknown): Error => (thrown instanceof Error ? thrown : new Error(String(thrown)))

/**
 * Reports the attempts of a connect that tries several addresses. A single address needs no such report: its failure is
 * the connection's, so a failure is held back until another attempt follows.
 */
const reportAttempts = (socket: net.Socket, report: ConnectionOptions['onAttemptFailed']) => {
  let attempts = 0
  let held: (() => void) | null = null
  const release = () => {
    held?.()
    held = null
  }
  const failed = (host: string, port: number, error: Error) => {
    release()
    held = () => report?.({ host, port }, error)
  }
  socket.on('connectionAttempt', () => {
    attempts++
    release()
  })
  socket.on('connectionAttemptFailed', (host, port, _family, error) => failed(host, port, error))
  socket.on('connectionAttemptTimeout', (host, port) =>
    failed(host, port, systemError('ETIMEDOUT', 'no answer before the next address was tried')),
  )
  return {
    allFailed: () => {
      if (attempts > 1) release()
    },
  }
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

  /** Runs `callback` when `loop.time()` reaches `whenMs`. */
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
    const timeout = setTimeout(
      () => {
        this.#timers.delete(handle)
        // Due while the loop is not running: it waits with the others.
        if (this.#run === null) this.#ready.push(handle)
        else this.#runHandle(handle)
      },
      Math.max(0, whenMs - this.time()),
    )
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
    if (this.#stopping) setImmediate(this.#endIfStopping)
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
    if (this.#run !== null) setImmediate(this.#endIfStopping)
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
    this.#executor ??= executor === null ? new ThreadPoolExecutor() : null
    const future = this.createFuture<Awaited<T>>()
    const job = (executor ?? this.#executor!).submit(fn, args)
    job.then(
      (value) => {
        if (!future.done()) future.setResult(value)
      },
      (error: unknown) => {
        if (!future.done()) future.setException(asError(error))
      },
    )
    return future
  }

  setDefaultExecutor(executor: Executor): void {
    this.#executor = executor
  }

  /** Shuts the default executor down and waits for its threads to end. */
  async shutdownDefaultExecutor(): Promise<void> {
    const executor = this.#executor
    this.#executor = null
    await executor?.shutdown()
  }

  /** Starts listening. Rejects with the system error; see `ServerOptions`. */
  createServer<P extends Protocol>(protocolFactory: ProtocolFactory<P>, options: ServerOptions<P>): Promise<Server> {
    this.#checkClosed()
    return Server.start(protocolFactory, options, this.#reportProtocolException)
  }

  /**
   * Connects and gives the transport and its protocol, `connectionMade` called. Rejects with the system error
   * (`ECONNREFUSED`, `ENOTFOUND`, `ETIMEDOUT` …; of several addresses the first one's), or with CancelledError.
   */
  createConnection<P extends Protocol>(
    protocolFactory: ProtocolFactory<P>,
    options: ConnectionOptions<P>,
  ): Promise<[Transport, P]> {
    this.#checkClosed()
    return new Promise((resolve, reject) => {
      const { signal } = options
      if (signal?.aborted) {
        reject(asError(signal.reason))
        return
      }
      const raw = connectSocket({
        host: options.host,
        port: options.port,
        autoSelectFamily: true,
        ...(options.localHost === undefined ? {} : { localAddress: options.localHost }),
        ...(options.localPort === undefined ? {} : { localPort: options.localPort }),
      })
      const { socket } = raw
      const timeout =
        options.timeoutMs === undefined
          ? undefined
          : setTimeout(
              () => socket.destroy(systemError('ETIMEDOUT', `no answer within ${options.timeoutMs} ms`)),
              options.timeoutMs,
            )
      const onAbort = () => socket.destroy(asError(signal?.reason ?? new CancelledError()))
      const settle = () => {
        clearTimeout(timeout)
        signal?.removeEventListener('abort', onAbort)
        socket.off('error', onError)
      }
      const onError = (error: Error) => {
        settle()
        attempts.allFailed()
        reject(error instanceof AggregateError && error.errors.length > 0 ? asError(error.errors[0]) : error)
      }
      const attempts = reportAttempts(socket, options.onAttemptFailed)
      signal?.addEventListener('abort', onAbort, { once: true })
      socket.once('error', onError)
      socket.once('connect', () => {
        settle()
        // Node resets the connection where the peer was gone before we could look at it.
        if (socket.remoteAddress === undefined) {
          socket.destroy()
          reject(systemError('ECONNRESET', 'the connection was reset as soon as it was made'))
          return
        }
        const protocol = protocolFactory()
        const transport = new SocketTransport(
          raw,
          protocol,
          options.observe?.(protocol) ?? null,
          this.#reportProtocolException,
        )
        resolve([transport, protocol])
      })
    })
  }

  setExceptionHandler(handler: ExceptionHandler | null): void {
    this.#exceptionHandler = handler
  }

  /** Reports an exception that nobody caught. Without a handler of your own it is written to stderr. */
  callExceptionHandler(context: ExceptionContext): void {
    if (this.#exceptionHandler !== null) this.#exceptionHandler(this, context)
    else process.stderr.write(`${context.message}\n${context.exception.stack ?? context.exception.message}\n`)
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
    if (this.#batchLeft === 0) this.#endIfStopping()
  }

  #runHandle(handle: Handle): void {
    try {
      handle.run()
    } catch (thrown) {
      this.callExceptionHandler({ message: 'Exception in callback', exception: asError(thrown) })
    }
  }

  readonly #endIfStopping = (): void => {
    if (!this.#stopping || this.#run === null || this.#batchLeft > 0) return
    const { end } = this.#run
    this.#stopping = false
    this.#run = null
    this.#batchLeft = 0
    end()
  }

  #ensureFuture<T>(awaited: Future<T> | PromiseLike<T> | Coroutine<T>): Future<T> {
    if (awaited instanceof Future) return awaited
    if (typeof awaited === 'object' && 'then' in awaited) return this.createTask(() => awaited)
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
