// Expected failures travel as data, bugs throw. Counterparts: every handler in main/ and every caller in renderer/.

/** What went wrong, for a person (`message`) and for a program (`code`, an errno name or one of ours). */
export interface Failure {
  /** An errno name (`EADDRINUSE`), or one of `FailureCode`. */
  readonly code: string
  /** One sentence: what was wrong, where, and what would be right. */
  readonly message: string
  /** The field of the command's argument that was wrong, dotted (`spec.port`), where one was. */
  readonly path?: string
}

/** Failure codes that are ours rather than the operating system's. */
export type FailureCode =
  /** The argument did not have the shape that the command asks for. */
  | 'bad-argument'
  /** No endpoint, connection or event of that id. */
  | 'not-found'
  /** The endpoint or connection is not in a state that allows it (a send after close, a start while live). */
  | 'wrong-state'
  /** The caller may not use the contract (a foreign frame, a missing token). */
  | 'refused'
  /** The engine thread is not there to answer. */
  | 'engine-stopped'
  /** The bytes were recorded, but have since been dropped to stay within the capture's limit. */
  | 'dropped'

/** A value or the failure that stood in its way. */
export type Result<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly failure: Failure }

export const ok = <T>(value: T): Result<T> => ({ ok: true, value })

export const fail = (code: FailureCode | (string & {}), message: string, path?: string): Result<never> => ({
  ok: false,
  failure: path === undefined ? { code, message } : { code, message, path },
})
