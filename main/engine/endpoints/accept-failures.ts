// Connections that an endpoint could not accept: counted all, told of at most once a second, so that a flood of them does
// not become a flood of events. Counterpart: accepting.ts.
import type { NotAccepted } from '../../../preload/contract/vocabulary.ts'
import { failureOf } from '../loop/errors.ts'
import type { TimerHandle } from '../loop/handles.ts'
import type { Endpoint } from './endpoint.ts'

/** The shortest time between two events of one endpoint, in ms. */
const toldEveryMs = 1000

export class AcceptFailures {
  readonly #endpoint: Endpoint
  #all: NotAccepted | null = null
  #untold = 0
  #timer: TimerHandle | null = null

  constructor(endpoint: Endpoint) {
    this.#endpoint = endpoint
  }

  /** All since the endpoint was started; null for none. */
  get all(): NotAccepted | null {
    return this.#all
  }

  add(error: Error): void {
    this.#all = { count: (this.#all?.count ?? 0) + 1, error: failureOf(error) }
    this.#untold++
    this.#endpoint.changed()
    if (this.#timer === null) this.#tell()
  }

  /** Tells of what is not told yet, and waits for no more. */
  flush(): void {
    this.#timer?.cancel()
    this.#timer = null
    this.#record()
  }

  /** The endpoint starts anew. */
  reset(): void {
    this.flush()
    this.#all = null
  }

  readonly #tell = (): void => {
    this.#timer = this.#untold === 0 ? null : this.#endpoint.engine.loop.callLater(toldEveryMs, this.#tell)
    this.#record()
  }

  #record(): void {
    if (this.#untold === 0 || this.#all === null) return
    const { engine, id } = this.#endpoint
    engine.recorder.event('accept-failed', 'error', id, 0, { error: this.#all.error, count: this.#untold })
    this.#untold = 0
  }
}
