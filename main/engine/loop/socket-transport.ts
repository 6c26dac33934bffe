// The transport on a TCP socket, or on the TLS that goes over it: the one place that touches node:net's Socket. Counterpart:
// protocol.ts above it, event-loop.ts and server.ts that make it. Semantics as in asyncio's _SelectorSocketTransport; differences:
// - `getWriteBufferSize` counts what the kernel left of a chunk until it has taken all of it, not byte by byte;
// - when both sides have sent FIN the connection is over and `connectionLost(null)` follows without a `close()`;
// - with TLS the observer sees the connection made and then secured; the protocol's `connectionMade` comes after both.
import type { Socket } from 'node:net'
import type { TlsFacts } from '../../../preload/contract/tls.ts'
import type { Address, Cause, SocketOptions } from '../../../preload/contract/vocabulary.ts'
import { writeDirectly } from './direct-writes.ts'
import { asError, CancelledError, causeOfError, RuntimeError, systemError } from './errors.ts'
import { eofWasReset, type RawSocket, setSocketOptions } from './node-sockets.ts'
import type { Protocol } from './protocol.ts'
import { lasting } from './read-buffers.ts'
import { peerClosed, type StartTls } from './tls.ts'
import type { ExtraInfo, Transport, TransportObserver } from './transport.ts'

/** asyncio's default high-water mark of a stream transport, in bytes. */
export const defaultHighWaterBytes = 64 * 1024

const nothing = new Uint8Array(0)

/** Told of an exception that nobody caught, and of the protocol whose callback threw it, where one did. */
export type ReportException = (message: string, error: Error, protocol: Protocol | null) => void

/** What a handshake came to: null where it is done, else why the connection was lost without it. */
export type OnSecured = (error: Error | null) => void

export class SocketTransport implements Transport {
  readonly #tcp: Socket
  /** Where bytes of the protocol's go: the TCP socket, or the TLS one over it once there is one. */
  #socket: Socket
  readonly #observer: TransportObserver | null
  readonly #reportException: ReportException
  readonly #sockname: Address
  readonly #peername: Address
  #protocol: Protocol
  #highBytes = defaultHighWaterBytes
  #lowBytes = defaultHighWaterBytes / 4
  #writingPaused = false
  #readingPaused = false
  /** False until reading began: a pause from the very start is no interruption. */
  #readingStarted = false
  /** Somebody else than the protocol wants no bytes for now. */
  #held = false
  #closing = false
  #eofWritten = false
  #eofReceived = false
  #aborted = false
  /** Who sent FIN first, once anybody has. */
  #firstFin: 'here' | 'peer' | null = null
  #error: Error | null = null
  #ignoredBytes = 0
  /** Bytes handed to the socket, and those of them known to be with the kernel. */
  #writtenBytes = 0
  #takenBytes = 0
  /** A direct write of which the kernel has left something, in bytes. */
  #direct: { readonly bytes: Uint8Array; readonly left: number } | null = null
  #unsentBytes = 0
  #unreadBytes = 0
  /** Stops waiting for the handshake; null where none is under way. */
  #stopSecuring: (() => void) | null = null

  /**
   * Takes over a connected socket that has not been read from. Calls `connectionMade` at once, or when its TLS handshake is
   * done, and starts reading unless the protocol paused it. `onSecured` is told of a handshake, and of nothing else.
   */
  constructor(
    raw: RawSocket,
    protocol: Protocol,
    observer: TransportObserver | null,
    reportException: ReportException,
    onSecured: OnSecured = () => {},
  ) {
    const { socket } = raw
    this.#tcp = socket
    this.#socket = socket
    this.#protocol = protocol
    this.#observer = observer
    this.#reportException = reportException
    this.#sockname = raw.local ?? { host: socket.localAddress ?? '', port: socket.localPort ?? 0 }
    this.#peername = { host: socket.remoteAddress ?? '', port: socket.remotePort ?? 0 }
    if (raw.options?.highWaterBytes !== undefined) this.setWriteBufferLimits(raw.options.highWaterBytes)
    if (raw.tls !== null) {
      this.#secure(raw.tls, onSecured)
      return
    }
    this.#listen()
    observer?.connectionMade(this)
    this.#guard('connectionMade', () => protocol.connectionMade(this))
    // Set last: no byte may arrive before connectionMade.
    raw.onRead = this.#onRead
    if (this.#readingPaused || this.#closing) socket.pause()
    else this.#readingStarted = true
  }

  #listen(): void {
    const socket = this.#socket
    socket.on('error', (error) => this.#onError(error))
    socket.on('end', () => this.#onEnd())
    socket.on('finish', () => this.#onFinish())
    socket.once('close', () => this.#onClose())
  }

  /** The connection is made; the protocol hears of it when its bytes are safe. */
  #secure(start: StartTls, onSecured: OnSecured): void {
    const tcp = this.#tcp
    const onClose = () => {
      this.#stopSecuring?.()
      this.#stopSecuring = null
      // Nobody said why: the peer's FIN is known here before it is known to be the end of a handshake.
      if (!this.#closing) {
        this.#error = peerClosed()
        this.#observer?.tlsFailed?.(this.#error, [])
      }
      this.#lose()
      onSecured(this.#error ?? new CancelledError('Closed here before the handshake was done'))
    }
    // What breaks the connection now breaks the handshake, which tells of it.
    tcp.on('error', () => {})
    tcp.once('close', onClose)
    this.#stopSecuring = () => {}
    this.#observer?.connectionMade(this)
    // The observer may have closed it at once.
    if (this.#closing) return
    this.#stopSecuring = start(tcp, {
      established: (socket, facts) => {
        if (this.#closing) return
        tcp.off('close', onClose)
        this.#socket = socket
        this.#stopSecuring = null
        this.#secured(facts)
        onSecured(null)
      },
      failed: (error, chain) => {
        if (this.#closing) return
        this.#closing = true
        this.#error = error
        this.#observer?.tlsFailed?.(error, chain)
        tcp.destroy()
      },
    })
  }

  #secured(facts: TlsFacts): void {
    const socket = this.#socket
    this.#listen()
    this.#observer?.tlsEstablished?.(facts)
    this.#guard('connectionMade', () => this.#protocol.connectionMade(this))
    if (this.#readingPaused || this.#closing || this.#held) socket.pause()
    if (!(this.#readingPaused || this.#closing)) this.#readingStarted = true
    // Flows from here on, where it was not paused: no byte may arrive before connectionMade.
    socket.on('data', this.#onRead)
  }

  get ignoredBytes(): number {
    return this.#ignoredBytes
  }

  write(data: Uint8Array): void {
    if (data.length === 0) return
    if (this.isClosing()) {
      this.#ignoredBytes += data.length
      return
    }
    if (this.#eofWritten) throw new RuntimeError('Cannot call write() after writeEof()')
    if (this.#stopSecuring !== null) throw new RuntimeError('Cannot call write() before connectionMade()')
    this.#observer?.dataSent(data)
    const bytes = lasting(data)
    this.#writtenBytes += bytes.length
    const plain = this.#socket === this.#tcp
    const left = plain && this.getWriteBufferSize() === 0 ? writeDirectly(this.#tcp, bytes, this.#onTaken) : null
    if (left === 0) {
      this.#takenBytes = this.#writtenBytes
      return
    }
    // It has failed: nobody reads from the bytes, and what follows is connectionLost.
    if (this.#socket.destroyed) return
    this.#observer?.retain(bytes)
    if (left === null) {
      this.#socket.write(bytes, (error) => {
        this.#observer?.release(bytes)
        this.#onWritten(error)
      })
    } else {
      this.#direct = { bytes, left }
      // Keeps the socket's own queue busy as long as the kernel is: FIN and RST then wait their turn as ever.
      this.#socket.write(nothing)
    }
    this.#noteTaken()
    this.#pauseWritingIfAbove()
  }

  writeEof(): void {
    if (this.#eofWritten || this.isClosing()) return
    if (this.#stopSecuring !== null) throw new RuntimeError('Cannot call writeEof() before connectionMade()')
    this.#eofWritten = true
    this.#socket.end()
  }

  close(): void {
    if (this.isClosing()) return
    // There is nothing to flush, and no TLS yet to say goodbye with.
    if (this.#stopSecuring !== null) {
      this.destroy()
      return
    }
    this.#closing = true
    this.#firstFin ??= 'here'
    this.#socket.pause()
    this.#observer?.closing()
    this.#socket.destroySoon()
  }

  destroy(): void {
    if (this.#aborted || this.#socket.destroyed) return
    if (!this.#closing) this.#observer?.closing()
    this.#closing = true
    this.#firstFin ??= 'here'
    this.#unsentBytes = this.getWriteBufferSize()
    this.#tcp.destroy()
  }

  abort(): void {
    // A socket that is destroyed has ended in its own way; only connectionLost is still to come.
    if (this.#aborted || this.#socket.destroyed) return
    const socket = this.#socket
    // Everything is flushed and shutdown(2) is under way: libuv refuses a reset until it is done (EINVAL).
    const shuttingDown = socket.writableEnded && !socket.writableFinished && this.getWriteBufferSize() === 0
    // Then a close is as good as over; only a half-close still has something to reset.
    if (shuttingDown && this.#closing) return
    this.#aborted = true
    this.#closing = true
    this.#unsentBytes = this.getWriteBufferSize()
    // Of the TCP socket: TLS knows no reset.
    if (shuttingDown) socket.once('finish', () => this.#tcp.resetAndDestroy())
    else this.#tcp.resetAndDestroy()
  }

  isSecuring(): boolean {
    return this.#stopSecuring !== null
  }

  isClosing(): boolean {
    return this.#closing || this.#socket.destroyed
  }

  pauseReading(): void {
    if (!this.isReading()) return
    this.#readingPaused = true
    this.#socket.pause()
    if (this.#readingStarted) this.#observer?.readingPaused()
  }

  resumeReading(): void {
    if (!this.#readingPaused || this.isClosing()) return
    this.#readingPaused = false
    if (this.#readingStarted) this.#observer?.readingResumed()
    this.#readingStarted = true
    if (!this.#held) this.#socket.resume()
  }

  holdReading(on: boolean): void {
    if (on === this.#held) return
    this.#held = on
    // A handshake is not held up; what follows it is.
    if (!this.isReading() || this.#stopSecuring !== null) return
    if (on) this.#socket.pause()
    else this.#socket.resume()
  }

  isReading(): boolean {
    return !(this.#readingPaused || this.#eofReceived || this.isClosing())
  }

  setWriteBufferLimits(high?: number, lowBytes = Math.floor((high ?? defaultHighWaterBytes) / 4)): void {
    const highBytes = high ?? 4 * lowBytes
    if (!(lowBytes >= 0 && lowBytes <= highBytes))
      throw new RangeError(`highBytes (${highBytes}) must be >= lowBytes (${lowBytes}) must be >= 0`)
    this.#highBytes = highBytes
    this.#lowBytes = lowBytes
    if (this.isClosing()) return
    const wasPaused = this.#writingPaused
    this.#pauseWritingIfAbove()
    // The chunks now buffered were written without a report; an empty chunk behind them brings one.
    if (this.#writingPaused && !wasPaused && !this.#eofWritten) this.#socket.write(nothing, this.#onWritten)
    if (wasPaused) this.#onWritten()
  }

  setSocketOptions(options: SocketOptions): void {
    if (this.isClosing()) return
    setSocketOptions(this.#tcp, options)
    // At 0 somebody waits for the last byte to leave, and says what is to follow.
    if (this.#highBytes > 0) this.setWriteBufferLimits(options.highWaterBytes)
  }

  getWriteBufferLimits(): { lowBytes: number; highBytes: number } {
    return { lowBytes: this.#lowBytes, highBytes: this.#highBytes }
  }

  getWriteBufferSize(): number {
    return this.#socket.writableLength + (this.#direct?.left ?? 0)
  }

  getExtraInfo<K extends keyof ExtraInfo>(name: K): ExtraInfo[K] {
    const info: ExtraInfo = { peername: this.#peername, sockname: this.#sockname, socket: this.#socket }
    return info[name]
  }

  /** Changes the protocol that gets the callbacks from now on. */
  setProtocol(protocol: Protocol): void {
    this.#protocol = protocol
  }

  #guard(callback: keyof Protocol, call: () => void): void {
    try {
      call()
    } catch (thrown) {
      const error = asError(thrown)
      this.#reportException(`Fatal error: protocol.${callback}() call failed.`, error, this.#protocol)
      this.#error ??= error
      this.abort()
    }
  }

  readonly #onRead = (data: Uint8Array): void => {
    if (this.#closing) {
      this.#unreadBytes += data.length
      return
    }
    try {
      this.#protocol.dataReceived(this.#observer === null ? data : this.#observer.dataReceived(data))
    } catch (thrown) {
      this.#guard('dataReceived', () => {
        throw thrown
      })
    }
  }

  #onEnd(): void {
    if (this.#eofReceived || this.#closing) return
    if (eofWasReset(this.#socket, this.getWriteBufferSize())) {
      this.#socket.destroy(systemError('ECONNRESET', 'read'))
      return
    }
    this.#eofReceived = true
    this.#firstFin ??= 'peer'
    this.#observer?.eofReceived()
    let keepOpen: boolean | undefined
    this.#guard('eofReceived', () => {
      keepOpen = this.#protocol.eofReceived()
    })
    if (keepOpen !== true) this.close()
  }

  #onFinish(): void {
    if (this.#aborted) return
    this.#firstFin ??= 'here'
    if (this.#eofWritten) this.#observer?.eofSent()
    // Nothing is buffered any more, whichever chunk was to report that.
    this.#onWritten()
  }

  #onError(error: Error): void {
    this.#error ??= error
    if (this.#aborted) return
    // Node empties its buffer when a write fails, before it says so, and otherwise after.
    const failedWrite = 'syscall' in error && error.syscall === 'write'
    this.#unsentBytes = failedWrite ? this.#writtenBytes - this.#takenBytes : this.getWriteBufferSize()
  }

  #onClose(): void {
    this.#lose()
    try {
      this.#protocol.connectionLost(this.#error)
    } catch (thrown) {
      this.#reportException('Fatal error: protocol.connectionLost() call failed.', asError(thrown), this.#protocol)
    }
  }

  #lose(): void {
    const ending = {
      cause: this.#cause(),
      error: this.#error,
      unsentBytes: this.#unsentBytes,
      unreadBytes: this.#unreadBytes + this.#socket.readableLength,
      ignoredBytes: this.#ignoredBytes,
    }
    this.#observer?.connectionLost(ending)
  }

  #cause(): Cause {
    if (this.#aborted) return 'reset-here'
    if (this.#error !== null) return causeOfError(this.#error)
    return this.#firstFin === 'peer' ? 'closed-by-peer' : 'closed-here'
  }

  #noteTaken(): void {
    if (this.#socket.errored === null) this.#takenBytes = this.#writtenBytes - this.getWriteBufferSize()
  }

  #pauseWritingIfAbove(): void {
    const buffered = this.getWriteBufferSize()
    if (this.#writingPaused || buffered <= this.#highBytes) return
    this.#writingPaused = true
    this.#observer?.writingPaused(buffered, this.#highBytes)
    this.#guard('pauseWriting', () => this.#protocol.pauseWriting())
  }

  /** One function a transport, not one a write: Node keeps it beside every buffered chunk. */
  readonly #onWritten = (error?: Error | null): void => {
    // A write that failed is followed by connectionLost, and by nothing before that.
    if (error || this.#socket.destroyed) return
    this.#noteTaken()
    if (this.#writingPaused && this.getWriteBufferSize() <= this.#lowBytes) this.#resumeWriting()
  }

  /** The kernel has taken what it had left of a direct write, or never will. */
  readonly #onTaken = (): void => {
    if (this.#direct !== null) this.#observer?.release(this.#direct.bytes)
    if (!this.#socket.destroyed) this.#direct = null
    this.#onWritten()
  }

  #resumeWriting(): void {
    this.#writingPaused = false
    this.#observer?.writingResumed(this.getWriteBufferSize())
    this.#guard('resumeWriting', () => this.#protocol.resumeWriting())
  }
}
