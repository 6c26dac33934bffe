// What repetitions and sequences have in common: an id, a connection that they watch, a state, and an end. Counterparts:
// repetition.ts, sequence.ts, runs.ts (which starts and stops them).
import type { RunId, RunInfo, RunState } from '../../../preload/contract/runs.ts'
import type { Connection, ConnectionWatcher } from '../endpoints/connection.ts'

export abstract class Run implements ConnectionWatcher {
  readonly id: RunId
  readonly connection: Connection
  hasNews = false
  #state: RunState = 'running'
  #message = ''
  readonly #startedAt: number
  #endedAt: number | null = null
  readonly #unwatch: () => void
  readonly #onEnd: (run: Run) => void

  /** `onEnd` is called once, when it is over. */
  constructor(id: RunId, connection: Connection, onEnd: (run: Run) => void) {
    this.id = id
    this.connection = connection
    this.#startedAt = connection.endpoint.engine.recorder.now()
    this.#onEnd = onEnd
    this.#unwatch = connection.watch(this)
  }

  /** Begins as soon as its connection is there. Called once. */
  abstract start(): void
  /** Ends it by the person's wish; not twice. */
  abstract stop(): void
  /** What differs from kind to kind. */
  protected abstract facts(): Pick<RunInfo, 'kind' | 'name' | 'steps' | 'repeat'>

  abstract connectionMade(): void
  abstract dataReceived(data: Uint8Array): void
  abstract eofReceived(): void
  abstract writingResumed(): void
  abstract ended(): void

  get running(): boolean {
    return this.#state === 'running'
  }

  protected get loop() {
    return this.connection.endpoint.engine.loop
  }

  info(): RunInfo {
    const { endpoint } = this.connection
    return {
      id: this.id,
      endpoint: endpoint.id,
      connection: this.connection.id,
      state: this.#state,
      message: this.#message,
      startedAt: this.#startedAt,
      endedAt: this.#endedAt,
      ...this.facts(),
    }
  }

  protected changed(): void {
    this.connection.endpoint.engine.directory.runChanged(this)
  }

  protected end(state: Exclude<RunState, 'running'>, message: string): void {
    if (!this.running) return
    this.#unwatch()
    this.#state = state
    this.#message = message
    this.#endedAt = this.connection.endpoint.engine.recorder.now()
    this.#onEnd(this)
  }

  /** Why nothing can be sent, in words. */
  protected get whyNotSent(): string {
    const { state, cause, error } = this.connection.info()
    if (!this.connection.ended) return `Connection ${this.connection.id} takes no bytes: it is ${state}`
    const because = error === null ? '' : `: ${error.message} (${error.code})`
    return `Connection ${this.connection.id} is over (${cause})${because}`
  }
}
