// What passes between the engine and the thread of a script. Counterparts: script-runner.ts (the engine's side),
// main/scripts/thread.ts (the script's).
import type { Failure } from '../../../preload/contract/failure.ts'
import type { Address } from '../../../preload/contract/vocabulary.ts'

/** What a thread is started with. */
export interface ScriptData {
  readonly source: string
  /** See `shared`. */
  readonly shared: SharedArrayBuffer
  /** The heap that the script may take beyond what its thread starts with, and what it has outside of it (buffers), each. */
  readonly memoryBytes: number
}

/**
 * Places in memory that both threads see, 32 bits each; the thread writes them, so that the engine knows where a script is
 * that never comes back: the place in its text, how many things it has begun, and the connection that it serves. `stop` is
 * written by either: the script is not to go on. A thread that is only terminated may run on for ever in some loops (V8 13).
 */
export const shared = { place: 0, begun: 1, connection: 2, stop: 3, length: 4 } as const

export interface ScriptConnection {
  readonly id: number
  readonly direction: 'in' | 'out'
  readonly local: Address | null
  readonly remote: Address | null
}

export type ToScript =
  | { readonly type: 'made'; readonly connection: ScriptConnection }
  /** A message; `bodyFrom` to `bodyTo` is what is in its frame. */
  | {
      readonly type: 'message'
      readonly connection: number
      readonly data: Uint8Array
      readonly bodyFrom: number
      readonly bodyTo: number
    }
  | { readonly type: 'eof'; readonly connection: number }
  | { readonly type: 'lost'; readonly connection: number; readonly error: Failure | null }
  | { readonly type: 'paused'; readonly connection: number; readonly on: boolean }
  /** Written bytes that the engine has taken. */
  | { readonly type: 'taken'; readonly bytes: number }
  /** Asks for a sign of life. */
  | { readonly type: 'ping' }
  /** Nothing follows; the thread ends once everything before is done. */
  | { readonly type: 'finish' }

/** What a script did. */
export type ScriptCommand =
  | { readonly what: 'write'; readonly connection: number; readonly data: Uint8Array }
  | { readonly what: 'eof' | 'close' | 'abort'; readonly connection: number }
  /** `connection`: 0 where none is served. */
  | { readonly what: 'log'; readonly connection: number; readonly text: string }

export type FromScript =
  /** The text could be read and begins to run; lines and columns by place, two numbers each. */
  | { readonly type: 'begins'; readonly places: Int32Array }
  /** It has run to its end and has a protocol. */
  | { readonly type: 'ready' }
  | { readonly type: 'did'; readonly commands: readonly ScriptCommand[] }
  /** So many of the messages are done, with so many bytes. */
  | { readonly type: 'done'; readonly count: number; readonly bytes: number }
  | {
      readonly type: 'failed'
      readonly error: Failure
      readonly line: number
      readonly column: number
      readonly connection: number
    }
