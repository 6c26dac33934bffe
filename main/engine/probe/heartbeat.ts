// One beat an iteration, without keeping the loop awake: an unref'd immediate that arms itself again. (A ref'd one turns
// one iteration a second into a million.) Counterparts: probe.ts; callbacks.ts asks it where the iteration stands.
import { performance } from 'node:perf_hooks'
import type { LoopRecorder } from '../record/loop-recorder.ts'

const { nodeTiming } = performance

export class Heartbeat {
  readonly #recorder: LoopRecorder
  #immediate: NodeJS.Immediate | null = null
  #lastIdleMs = 0
  #lastEvents = 0
  /** When the previous iteration's work ended, as far as is known: its beat. */
  #lastBeatAt = 0
  #pollReturnedAt: number | null = null
  /** The iteration whose check phase has come last. */
  checked = -1

  constructor(recorder: LoopRecorder) {
    this.#recorder = recorder
  }

  start(): void {
    if (this.#immediate !== null) return
    this.#lastIdleMs = nodeTiming.idleTime
    this.#lastEvents = nodeTiming.uvMetricsInfo.events
    this.#lastBeatAt = this.#recorder.now()
    this.#arm()
  }

  stop(): void {
    if (this.#immediate !== null) clearImmediate(this.#immediate)
    this.#immediate = null
    this.checked = -1
    this.#recorder.noBeats()
  }

  /** The first callback of this iteration's poll phase has started. */
  pollReturned(at: number): void {
    this.#pollReturnedAt ??= at
  }

  #arm(): void {
    this.#immediate = setImmediate(this.#beat).unref()
  }

  readonly #beat = (): void => {
    this.#recorder.own()
    const { loopCount, events } = nodeTiming.uvMetricsInfo
    const idleMs = nodeTiming.idleTime
    const now = this.#recorder.now()
    const waitedMs = idleMs - this.#lastIdleMs
    // Poll returned when its first callback started; without one, the wait ended just now.
    const readyAt = this.#pollReturnedAt ?? now
    this.#recorder.iteration(
      loopCount,
      Math.max(this.#lastBeatAt, readyAt - waitedMs),
      readyAt,
      now,
      events - this.#lastEvents,
    )
    this.checked = loopCount
    this.#lastIdleMs = idleMs
    this.#lastEvents = events
    this.#lastBeatAt = now
    this.#pollReturnedAt = null
    this.#arm()
  }
}
