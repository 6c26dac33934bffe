// Sequential code over a transport: StreamReader, StreamWriter and the protocol between. Counterpart: protocol.ts.
// As asyncio's streams (docs.python.org/3/library/asyncio-stream.html); methods that wait give promises.
import { IncompleteReadError, LimitOverrunError, RuntimeError } from './errors.ts'
import type { ConnectionOptions, EventLoop } from './event-loop.ts'
import { BaseProtocol } from './protocol.ts'
import type { Server, ServerOptions } from './server.ts'
import type { ExtraInfo, Transport } from './transport.ts'

/** asyncio's default limit of a reader's buffer, in bytes. Above twice the limit the transport is paused. */
export const defaultLimitBytes = 64 * 1024

export class StreamReader {
  readonly #limitBytes: number
  #buffer: Buffer = Buffer.alloc(0)
  #eof = false
  #error: Error | null = null
  #transport: Transport | null = null
  #wake: (() => void) | null = null

  constructor(limitBytes = defaultLimitBytes) {
    if (!(limitBytes > 0)) throw new RangeError(`limitBytes must be above 0, not ${limitBytes}`)
    this.#limitBytes = limitBytes
  }

  setTransport(transport: Transport): void {
    this.#transport = transport
  }

  feedData(data: Uint8Array): void {
    if (this.#eof) throw new RuntimeError('feedData after feedEof')
    if (data.length === 0) return
    this.#buffer = Buffer.concat([this.#buffer, data])
    if (this.#buffer.length > 2 * this.#limitBytes) this.#transport?.pauseReading()
    this.#wake?.()
  }

  feedEof(): void {
    this.#eof = true
    this.#wake?.()
  }

  setException(error: Error): void {
    this.#error = error
    this.#wake?.()
  }

  exception(): Error | null {
    return this.#error
  }

  /** True when the peer's FIN was seen and the buffer is empty. */
  atEof(): boolean {
    return this.#eof && this.#buffer.length === 0
  }

  /** Up to `maxBytes`: what there is, or waits for some; empty at eof. Without an argument, everything up to eof. */
  async read(maxBytes = -1): Promise<Uint8Array> {
    if (maxBytes === 0) return new Uint8Array(0)
    if (maxBytes < 0) {
      const parts: Uint8Array[] = []
      for (;;) {
        const part = await this.read(this.#limitBytes)
        if (part.length === 0) return Buffer.concat(parts)
        parts.push(part)
      }
    }
    this.#throwIfFailed()
    if (this.#buffer.length === 0 && !this.#eof) await this.#waitForData('read')
    return this.#take(Math.min(maxBytes, this.#buffer.length))
  }

  /** Exactly `bytes`. Rejects with IncompleteReadError, and what there was, where eof comes first. */
  async readexactly(bytes: number): Promise<Uint8Array> {
    if (bytes < 0) throw new RangeError('readexactly size can not be less than zero')
    this.#throwIfFailed()
    while (this.#buffer.length < bytes) {
      if (this.#eof) throw new IncompleteReadError(this.#take(this.#buffer.length), bytes)
      await this.#waitForData('readexactly')
    }
    return this.#take(bytes)
  }

  /**
   * Up to and including `separator`. Rejects with IncompleteReadError at eof, and with LimitOverrunError where the
   * separator is not within the limit; the bytes then stay in the buffer.
   */
  async readuntil(separator: Uint8Array = Uint8Array.of(0x0a)): Promise<Uint8Array> {
    if (separator.length === 0) throw new RangeError('Separator should be at least one-byte string')
    this.#throwIfFailed()
    let searched = 0
    for (;;) {
      const found = this.#buffer.indexOf(separator, searched)
      if (found >= 0) {
        if (found > this.#limitBytes)
          throw new LimitOverrunError('Separator is found, but chunk is longer than limit', found)
        return this.#take(found + separator.length)
      }
      searched = Math.max(0, this.#buffer.length - separator.length + 1)
      if (searched > this.#limitBytes)
        throw new LimitOverrunError('Separator is not found, and chunk exceed the limit', searched)
      if (this.#eof) throw new IncompleteReadError(this.#take(this.#buffer.length), null)
      await this.#waitForData('readuntil')
    }
  }

  /** A line with its `\n`; at eof what is left. A line beyond the limit is dropped from the buffer and rejected. */
  async readline(): Promise<Uint8Array> {
    try {
      return await this.readuntil()
    } catch (error) {
      if (error instanceof IncompleteReadError) return error.partial
      if (error instanceof LimitOverrunError) {
        this.#take(this.#buffer[error.consumedBytes] === 0x0a ? error.consumedBytes + 1 : this.#buffer.length)
        throw new RangeError(error.message)
      }
      throw error
    }
  }

  /** Lines until eof. */
  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array, void, void> {
    for (;;) {
      const line = await this.readline()
      if (line.length === 0) return
      yield line
    }
  }

  #throwIfFailed(): void {
    if (this.#error !== null) throw this.#error
  }

  #take(bytes: number): Uint8Array {
    const taken = this.#buffer.subarray(0, bytes)
    this.#buffer = this.#buffer.subarray(bytes)
    if (this.#buffer.length <= this.#limitBytes) this.#transport?.resumeReading()
    return taken
  }

  async #waitForData(method: string): Promise<void> {
    if (this.#wake !== null)
      throw new RuntimeError(`${method}() called while another coroutine is already waiting for incoming data`)
    this.#transport?.resumeReading()
    await new Promise<void>((resolve) => {
      this.#wake = resolve
    })
    this.#wake = null
    this.#throwIfFailed()
  }
}

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

  /** Waits while the write buffer is above its high-water mark. Rejects where the connection was lost meanwhile. */
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
      if (exception === null) return
      this.#loop.callExceptionHandler({
        message: 'Unhandled exception in client_connected_cb',
        exception,
        protocol: this,
      })
      transport.close()
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
    for (const waiter of this.#drainWaiters.splice(0)) waiter.reject(reason ?? new RuntimeError('Connection lost'))
  }

  override pauseWriting(): void {
    this.#paused = true
  }

  override resumeWriting(): void {
    this.#paused = false
    for (const waiter of this.#drainWaiters.splice(0)) waiter.resolve()
  }

  async drain(): Promise<void> {
    if (this.#lost !== undefined) throw this.#lost ?? new RuntimeError('Connection lost')
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
