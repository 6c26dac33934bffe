// What callSoon and callLater give back. Counterpart: event-loop.ts. As asyncio's Handle and TimerHandle.

/** A callback that waits for its turn in the loop. */
export class Handle {
  #callback: (() => void) | null
  readonly #onCancel: (() => void) | null

  constructor(callback: () => void, onCancel: (() => void) | null = null) {
    this.#callback = callback
    this.#onCancel = onCancel
  }

  /** The callback will not run; does nothing where it already has. */
  cancel(): void {
    if (this.#callback === null) return
    this.#callback = null
    this.#onCancel?.()
  }

  cancelled(): boolean {
    return this.#callback === null
  }

  /** For the loop: runs the callback, unless cancelled. */
  run(): void {
    this.#callback?.()
  }
}

/** A callback that waits for a point in time. */
export class TimerHandle extends Handle {
  readonly #whenMs: number

  constructor(whenMs: number, callback: () => void, onCancel: () => void) {
    super(callback, onCancel)
    this.#whenMs = whenMs
  }

  /** When it is due, on the clock of `loop.time()`, in ms. */
  when(): number {
    return this.#whenMs
  }
}
