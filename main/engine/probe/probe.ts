// The loop probe: what it looks at, by level, switchable while everything runs. Counterparts: heartbeat.ts, callbacks.ts,
// collections.ts (the three watches), ../record/loop-recorder.ts (where their rows go).
import type { ProbeLevel } from '../../../preload/contract/loop-columns.ts'
import type { LoopRecorder } from '../record/loop-recorder.ts'
import { CallbackWatch } from './callbacks.ts'
import { CollectionWatch } from './collections.ts'
import { Heartbeat } from './heartbeat.ts'

/** What is watched unless told otherwise: every byte then leads to its callback. */
export const defaultProbeLevel: ProbeLevel = 'callbacks'

export class Probe {
  readonly #heartbeat: Heartbeat
  readonly #callbacks: CallbackWatch
  readonly #collections: CollectionWatch
  #level: ProbeLevel = 'off'

  constructor(recorder: LoopRecorder) {
    this.#heartbeat = new Heartbeat(recorder)
    this.#callbacks = new CallbackWatch(recorder, this.#heartbeat)
    this.#collections = new CollectionWatch(recorder)
  }

  get level(): ProbeLevel {
    return this.#level
  }

  setLevel(level: ProbeLevel): void {
    if (level === this.#level) return
    this.#level = level
    this.#callbacks.disable()
    if (level === 'off') {
      this.#heartbeat.stop()
      this.#collections.disable()
      return
    }
    this.#heartbeat.start()
    this.#collections.enable()
    if (level !== 'heartbeat') this.#callbacks.enable(level === 'microtasks')
  }
}
