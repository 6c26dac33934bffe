// What passes between the engine and the thread of a script. Counterparts: script-runner.ts (the engine's side),
// main/scripts/thread.ts (the script's).
import type { Failure } from '../../../preload/contract/failure.ts'
import type { Address } from '../../../preload/contract/vocabulary.ts'

/**
 * A script's text made ready to run, or why it cannot be. Made by the host, once for all threads: reading TypeScript takes
 * WebAssembly, and V8 falls over now and then where that comes and goes with threads (nodejs/node#64500).
 */
export type PreparedScript =
  | {
      readonly ok: true
      /** A script whose value is an async function of (mark, runtime). */
      readonly code: string
      /** Lines and columns by place, two numbers each: what a mark is called with. The first stands for the text itself. */
      readonly places: Int32Array
      /** What was put into the text. */
      readonly added: readonly { readonly at: number; readonly length: number }[]
    }
  | { readonly ok: false; readonly error: { readonly message: string; readonly line: number; readonly column: number } }

/** What a thread is started with. */
export interface ScriptData {
  readonly source: string
  readonly prepared: PreparedScript & { readonly ok: true }
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
  /** It begins to run. */
  | { readonly type: 'begins' }
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
