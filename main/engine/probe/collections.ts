// Garbage collections of this thread, so that no callback is blamed for them. Counterpart: probe.ts.
import { PerformanceObserver } from 'node:perf_hooks'
import type { LoopRecorder } from '../record/loop-recorder.ts'

export class CollectionWatch {
  readonly #observer: PerformanceObserver

  constructor(recorder: LoopRecorder) {
    this.#observer = new PerformanceObserver((list) => {
      recorder.own()
      for (const entry of list.getEntries()) recorder.collection(entry.startTime, entry.startTime + entry.duration)
    })
  }

  enable(): void {
    this.#observer.observe({ entryTypes: ['gc'] })
  }

  disable(): void {
    this.#observer.disconnect()
  }
}
