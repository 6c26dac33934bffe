// From an errno name to the word for it, for failures that come without an event. Counterpart: the engine's own table,
// which gives every event its cause.
import type { Cause } from '../../preload/contract/vocabulary.ts'

const byCode: Readonly<Record<string, Cause>> = {
  EADDRINUSE: 'address-in-use',
  EADDRNOTAVAIL: 'address-not-available',
  EACCES: 'permission-denied',
  EPERM: 'permission-denied',
  ECONNREFUSED: 'refused',
  ECONNRESET: 'reset-by-peer',
  EPIPE: 'reset-by-peer',
  ENOTFOUND: 'name-not-found',
  EAI_AGAIN: 'name-not-found',
  ENODATA: 'name-not-found',
  ETIMEDOUT: 'timed-out',
  EHOSTUNREACH: 'unreachable',
  ENETUNREACH: 'unreachable',
  EHOSTDOWN: 'unreachable',
  ENETDOWN: 'unreachable',
}

/** The cause that an errno name stands for; `error` where none is known. */
export const causeOfCode = (code: string): Cause => (Object.hasOwn(byCode, code) ? byCode[code]! : 'error')
