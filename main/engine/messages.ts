// What passes between the engine thread and its host. Counterparts: thread.ts and main/engine-host.ts.
import type { EngineCommandName } from '../../preload/contract/api.ts'
import type { BatchBuffer } from '../../preload/contract/event-columns.ts'
import type { Result } from '../../preload/contract/failure.ts'
import type { IdentityName } from '../../preload/contract/tls.ts'
import type { EndpointId, StateChange } from '../../preload/contract/vocabulary.ts'
import type { TlsIdentity } from './loop/tls.ts'
import type { PreparedScript } from './scripts/messages.ts'

/**
 * Where a thread takes up: after a restart seqs, record numbers, ids and time go on, because they
 * are recorded in the same capture.
 */
export interface EngineOrigin {
  /** Where the event clock stands at 0, in ms: of `process.hrtime`, and since 1970. */
  readonly startedAtMonotonicMs: number
  readonly startedAtEpochMs: number
  readonly nextSeq: number
  readonly nextRecord: number
  /** The highest ids given so far. */
  readonly lastCallback: number
  readonly lastEndpoint: number
  readonly lastConnection: number
}

/** `workerData` of the engine thread. */
export interface EngineThreadData {
  readonly origin: EngineOrigin
  /**
   * Bytes of batches that the host has acknowledged since the thread was started, as one 64-bit integer that it adds to. Not only
   * messages tell of them: one turn of a busy loop may record more than may be under way.
   */
  readonly acknowledged: SharedArrayBuffer
  /** Sockets wait while the host has too much that it has not acknowledged; otherwise some of it is left out. */
  readonly waits: boolean
}

export type ToEngine =
  | { readonly type: 'command'; readonly id: number; readonly name: EngineCommandName; readonly args: unknown }
  /** More is acknowledged than before. */
  | { readonly type: 'acknowledge' }
  /** Nobody looks at the memory of this loan any more. */
  | { readonly type: 'reuse'; readonly loan: number }
  | { readonly type: 'acknowledge-loop'; readonly bytes: number }
  /** What specs that name this identity mean by it, before a command that has such a spec. No page can say this. */
  | { readonly type: 'identity'; readonly name: IdentityName; readonly identity: TlsIdentity }
  /** A script of a spec, made ready to run, before a command that has such a spec. */
  | { readonly type: 'script'; readonly source: string; readonly script: PreparedScript }
  /** End everything in order, within `graceMs`; what is still open then is reset. `stopped` answers. */
  | { readonly type: 'stop'; readonly graceMs: number }

export type FromEngine =
  /** Everything is set up; the first message. */
  | { readonly type: 'ready' }
  /** `loan`: what to name the memory by to give it back (`reuse`), where it is shared and wanted back. */
  | { readonly type: 'batch'; readonly buffer: BatchBuffer; readonly loan: number | null }
  | { readonly type: 'loop'; readonly buffer: ArrayBuffer }
  | { readonly type: 'state'; readonly change: StateChange }
  /** A line for the key log of an endpoint that asks for one. */
  | { readonly type: 'key-log'; readonly endpoint: EndpointId; readonly line: string }
  | { readonly type: 'reply'; readonly id: number; readonly result: Result<unknown> }
  /** Everything is closed and told of; the last message. */
  | { readonly type: 'stopped' }
