// How bytes move: the handle a protocol gets to its connection. Counterpart: protocol.ts; socket-transport.ts implements it.
import type { Socket } from 'node:net'
import type { CertificateFacts, TlsFacts } from '../../../preload/contract/tls.ts'
import type { Address, Cause, SocketOptions } from '../../../preload/contract/vocabulary.ts'

/** What `getExtraInfo` knows, by asyncio's names. */
export interface ExtraInfo {
  readonly peername: Address
  readonly sockname: Address
  /** Node's socket. Only for looking: reading or writing it past the transport breaks the event order. */
  readonly socket: Socket
}

export interface Transport {
  /**
   * Queues bytes for the peer. After `close`, `abort` or a lost connection it does nothing but count (`ignoredBytes`);
   * after `writeEof` it throws a RuntimeError. The bytes must not be changed afterwards.
   */
  write(data: Uint8Array): void
  /** Sends FIN once the buffer is flushed; receiving goes on. Does nothing the second time. */
  writeEof(): void
  /**
   * Stops receiving, flushes the buffer, sends FIN; then `connectionLost(null)`. As with asyncio and any close(2), bytes
   * of the peer that are still unread in the kernel make it answer with RST after the FIN.
   */
  close(): void
  /** Sends RST and drops the buffer; then `connectionLost(null)`. */
  abort(): void
  /**
   * Drops the buffer and closes at once, as close(2) does: FIN behind what the kernel has already, with TLS no
   * `close_notify` before it; an RST where bytes of the peer are unread. Then `connectionLost(null)`.
   */
  destroy(): void
  isClosing(): boolean
  /** True while the TLS handshake is under way: the connection is made, and the protocol not yet told. */
  isSecuring(): boolean
  /** Stops `dataReceived`; the kernel's window then slows the peer. Does nothing the second time. */
  pauseReading(): void
  resumeReading(): void
  isReading(): boolean
  /**
   * Takes nothing from the kernel while `on`, whatever the protocol says of reading, and unseen by it: for whoever owns the
   * loop and has no room for more. asyncio has no such thing.
   */
  holdReading(on: boolean): void
  /**
   * Sets the write buffer's water marks in bytes: 64 KiB and a quarter of that where nothing is given, otherwise the one
   * that is missing so that high is four times low. Throws a RangeError unless `0 <= lowBytes <= highBytes`.
   */
  setWriteBufferLimits(highBytes?: number, lowBytes?: number): void
  getWriteBufferLimits(): { readonly lowBytes: number; readonly highBytes: number }
  /** Sets the socket while it works; what is left out goes back to how the loop has it. asyncio has no such thing. */
  setSocketOptions(options: SocketOptions): void
  /** Bytes written that the kernel has not taken yet. */
  getWriteBufferSize(): number
  getExtraInfo<K extends keyof ExtraInfo>(name: K): ExtraInfo[K]
  /** Bytes that `write` ignored because the transport was closing. */
  readonly ignoredBytes: number
}

/** Why a connection ended, with what was left over. */
export interface Ending {
  readonly cause: Cause
  readonly error: Error | null
  /** Bytes written here that were never handed to the kernel. */
  readonly unsentBytes: number
  /** Bytes read from the kernel that no `dataReceived` ever got, because reading was paused or the transport closing. */
  readonly unreadBytes: number
  /** Bytes that somebody tried to write while the transport was closing. */
  readonly ignoredBytes: number
}

/**
 * Sees everything that a transport does, in the order in which it happens, just before the protocol does. The recorder
 * is one; asyncio has no such hook. An observer must not throw and must not touch the transport.
 */
export interface TransportObserver {
  connectionMade(transport: Transport): void
  /** The handshake is done; the protocol's `connectionMade` follows. */
  tlsEstablished?(facts: TlsFacts): void
  /** It has failed, or the chain was refused; `connectionLost` follows, and the protocol is told of neither. */
  tlsFailed?(error: Error, chain: readonly CertificateFacts[]): void
  /**
   * `data` lies in the memory that sockets read into, which the next read uses again. Answers the bytes that the protocol
   * is to be given: `data`, or a copy that the observer has made anyway and keeps until `release`.
   */
  dataReceived(data: Uint8Array): Uint8Array
  /** The bytes are being written and have to stay as they are until `release`. */
  retain(data: Uint8Array): void
  release(data: Uint8Array): void
  dataSent(data: Uint8Array): void
  eofReceived(): void
  /** Our FIN is with the kernel, behind all bytes written before it. */
  eofSent(): void
  writingPaused(bufferedBytes: number, highWaterBytes: number): void
  writingResumed(bufferedBytes: number): void
  readingPaused(): void
  readingResumed(): void
  /** `close` was called; what is buffered is being flushed. */
  closing(): void
  connectionLost(ending: Ending): void
}
