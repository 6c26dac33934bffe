// Sequential code over a transport: StreamWriter and the protocol between it, the reader and the transport. Counterparts:
// stream-reader.ts (the reader), protocol.ts.
// As asyncio's streams (docs.python.org/3/library/asyncio-stream.html); methods that wait give promises.
import { systemError } from './errors.ts'
import type { ConnectionOptions, EventLoop } from './event-loop.ts'
import { BaseProtocol } from './protocol.ts'
import type { Server, ServerOptions } from './server.ts'
import { StreamReader } from './stream-reader.ts'
import type { ExtraInfo, Transport } from './transport.ts'

export { defaultLimitBytes, StreamReader } from './stream-reader.ts'

/** asyncio's ConnectionResetError('Connection lost'). */
const connectionLost = () => systemError('ECONNRESET', 'Connection lost')

export class StreamWriter {
  readonly transport: Transport
  readonly #protocol: StreamReaderProtocol

  constructor(transport: Transport, protocol: StreamReaderProtocol) {
    this.transport = transport
    this.#protocol = protocol
  }

  write(data: Uint8Array): void {
    this.transport.write(data)
  }

  writelines(chunks: Iterable<Uint8Array>): void {
    for (const chunk of chunks) this.transport.write(chunk)
  }

  writeEof(): void {
    this.transport.writeEof()
  }

  canWriteEof(): boolean {
    return true
  }

  close(): void {
    this.transport.close()
  }

  isClosing(): boolean {
    return this.transport.isClosing()
  }

  /** Resolves when the connection is lost; rejects with the error that ended it. */
  waitClosed(): Promise<void> {
    return this.#protocol.closed
  }

  /**
   * Waits while the write buffer is above its high-water mark. Rejects where the connection was lost, also meanwhile, and
   * also in order (where asyncio's waiter goes on), with ECONNRESET unless it had an error of its own.
   */
  drain(): Promise<void> {
    return this.#protocol.drain()
  }

  getExtraInfo<K extends keyof ExtraInfo>(name: K): ExtraInfo[K] {
    return this.transport.getExtraInfo(name)
  }
}

export type ClientConnected = (reader: StreamReader, writer: StreamWriter) => PromiseLike<void> | void

/** Feeds a reader and wakes a writer: the bridge from callbacks to sequential code. */
export class StreamReaderProtocol extends BaseProtocol {
  readonly reader: StreamReader
  writer: StreamWriter | null = null
  /** Settles with the connection's end; a rejection that nobody waits for is no unhandled one. */
  readonly closed: Promise<void>
  readonly #loop: EventLoop
  readonly #clientConnected: ClientConnected | null
  #settleClosed: (error: Error | null) => void = () => {}
  #paused = false
  #lost: Error | null | undefined
  #drainWaiters: { readonly resolve: () => void; readonly reject: (error: Error) => void }[] = []

  constructor(loop: EventLoop, reader: StreamReader, clientConnected: ClientConnected | null = null) {
    super()
    this.#loop = loop
    this.reader = reader
    this.#clientConnected = clientConnected
    this.closed = new Promise((resolve, reject) => {
      this.#settleClosed = (error) => (error === null ? resolve() : reject(error))
    })
    this.closed.catch(() => {})
  }

  override connectionMade(transport: Transport): void {
    this.reader.setTransport(transport)
    this.writer = new StreamWriter(transport, this)
    if (this.#clientConnected === null) return
    const handler = this.#clientConnected
    const writer = this.writer
    const task = this.#loop.createTask(async () => {
      await handler(this.reader, writer)
    })
    task.addDoneCallback(() => {
      const exception = task.cancelled() ? null : task.exception()
      if (exception !== null)
        this.#loop.callExceptionHandler({
          message: 'Unhandled exception in client_connected_cb',
          exception,
          protocol: this,
        })
      if (exception !== null || task.cancelled()) transport.close()
    })
  }

  override dataReceived(data: Uint8Array): void {
    this.reader.feedData(data)
  }

  override eofReceived(): boolean {
    this.reader.feedEof()
    return true
  }

  override connectionLost(reason: Error | null): void {
    this.#lost = reason
    if (reason === null) this.reader.feedEof()
    else this.reader.setException(reason)
    this.#settleClosed(reason)
    for (const waiter of this.#drainWaiters.splice(0)) waiter.reject(reason ?? connectionLost())
  }

  override pauseWriting(): void {
    this.#paused = true
  }

  override resumeWriting(): void {
    this.#paused = false
    for (const waiter of this.#drainWaiters.splice(0)) waiter.resolve()
  }

  async drain(): Promise<void> {
    // Whoever writes and drains in a loop must see the connection end, so the event loop must get to it.
    if (this.writer?.isClosing()) await new Promise((resolve) => setImmediate(resolve))
    if (this.#lost !== undefined) throw this.#lost ?? connectionLost()
    if (!this.#paused) return
    await new Promise<void>((resolve, reject) => this.#drainWaiters.push({ resolve, reject }))
  }
}

/** Connects and gives a reader and a writer. Rejects as `createConnection` does. */
export const openConnection = async (
  loop: EventLoop,
  options: ConnectionOptions & { readonly limitBytes?: number },
): Promise<[StreamReader, StreamWriter]> => {
  const reader = new StreamReader(options.limitBytes)
  const [, protocol] = await loop.createConnection(() => new StreamReaderProtocol(loop, reader), options)
  return [reader, protocol.writer!]
}

/** Listens, and runs `clientConnected` as a task for every connection. */
export const startServer = (
  loop: EventLoop,
  clientConnected: ClientConnected,
  options: ServerOptions & { readonly limitBytes?: number },
): Promise<Server> =>
  loop.createServer(
    () => new StreamReaderProtocol(loop, new StreamReader(options.limitBytes), clientConnected),
    options,
  )
