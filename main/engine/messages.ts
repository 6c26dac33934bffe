// What passes between the engine thread and its host. Counterparts: thread.ts and main/engine-host.ts.
import type { EngineCommandName } from '../../preload/contract/api.ts'
import type { Result } from '../../preload/contract/failure.ts'
import type { StateChange } from '../../preload/contract/vocabulary.ts'

export type ToEngine =
  | { readonly type: 'command'; readonly id: number; readonly name: EngineCommandName; readonly args: unknown }
  /** A batch of `bytes` was taken in; `spare` gives its buffer back (transferred). */
  | { readonly type: 'acknowledge'; readonly bytes: number; readonly spare?: ArrayBuffer }
  | { readonly type: 'acknowledge-loop'; readonly bytes: number }
  /** End everything in order, within `graceMs`; what is still open then is reset. `stopped` answers. */
  | { readonly type: 'stop'; readonly graceMs: number }

export type FromEngine =
  /** `reusable`: the recorder would like the buffer back, if nobody keeps it. */
  | { readonly type: 'batch'; readonly buffer: ArrayBuffer; readonly reusable: boolean }
  | { readonly type: 'loop'; readonly buffer: ArrayBuffer }
  | { readonly type: 'state'; readonly change: StateChange }
  | { readonly type: 'reply'; readonly id: number; readonly result: Result<unknown> }
  | { readonly type: 'stopped' }
