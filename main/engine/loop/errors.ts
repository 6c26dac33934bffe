// The errors of the loop core, by asyncio's names, and how system errors are read. Counterpart: every file beside it.
import type { Failure } from '../../../preload/contract/failure.ts'
import type { Cause } from '../../../preload/contract/vocabulary.ts'
import { sentenceOf } from './failure-words.ts'

/** Misuse of the loop or a transport: a closed loop, a loop that is already running, a write after `writeEof`. */
export class RuntimeError extends Error {
  override readonly name: string = 'RuntimeError'
}

/** A future or task was cancelled. */
export class CancelledError extends Error {
  override readonly name: string = 'CancelledError'
  constructor(message = 'The operation was cancelled') {
    super(message)
  }
}

/** A future was asked for something that its state does not allow. */
export class InvalidStateError extends Error {
  override readonly name: string = 'InvalidStateError'
}

/** The stream ended before all bytes that were asked for had come. */
export class IncompleteReadError extends Error {
  override readonly name: string = 'IncompleteReadError'
  readonly partial: Uint8Array
  readonly expectedBytes: number | null

  constructor(partial: Uint8Array, expectedBytes: number | null) {
    super(`${partial.length} bytes read on a total of ${expectedBytes ?? 'undefined'} expected bytes`)
    this.partial = partial
    this.expectedBytes = expectedBytes
  }
}

/** The buffer limit was reached while a separator was looked for. */
export class LimitOverrunError extends Error {
  override readonly name: string = 'LimitOverrunError'
  /** Bytes in the buffer that can be read and hold no separator. */
  readonly consumedBytes: number

  constructor(message: string, consumedBytes: number) {
    super(message)
    this.consumedBytes = consumedBytes
  }
}

/** Whatever was thrown, as an Error. */
export const asError = (thrown: unknown): Error => (thrown instanceof Error ? thrown : new Error(String(thrown)))

/** The errno name of an error, or undefined where it is no system error. */
export const errnoName = (error: unknown): string | undefined =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined

const causeOfErrno: Readonly<Record<string, Cause>> = {
  ECONNRESET: 'reset-by-peer',
  // a write met the RST of a peer that had closed: the reset came from there, whichever call saw it first
  EPIPE: 'reset-by-peer',
  ECONNABORTED: 'reset-by-peer',
  ETIMEDOUT: 'timed-out',
  ECONNREFUSED: 'refused',
  ENETUNREACH: 'unreachable',
  EHOSTUNREACH: 'unreachable',
  ENETDOWN: 'unreachable',
  EHOSTDOWN: 'unreachable',
  ENOTFOUND: 'name-not-found',
  EAI_AGAIN: 'name-not-found',
  EAI_NONAME: 'name-not-found',
  EADDRINUSE: 'address-in-use',
  EADDRNOTAVAIL: 'address-not-available',
  EACCES: 'permission-denied',
  EPERM: 'permission-denied',
  // TLS
  ERR_TLS_HANDSHAKE_TIMEOUT: 'timed-out',
  'peer-closed': 'closed-by-peer',
}

/** The cause that an error stands for. */
export const causeOfError = (error: Error): Cause =>
  error instanceof CancelledError ? 'cancelled' : (causeOfErrno[errnoName(error) ?? ''] ?? 'error')

/** An error as data: its errno name, and what it means in a sentence. */
export const failureOf = (error: Error): Failure => ({
  code: errnoName(error) ?? error.name,
  message: sentenceOf(error),
})

/** An error like the ones of Node's `net`: with an errno name as its `code`. */
export const systemError = (code: string, message: string): Error =>
  Object.assign(new Error(`${message} (${code})`), { code })
