// One message again and again, on a fixed grid of times: what is late does not make the next one late, and what was missed
// is counted, never caught up with. Counterparts: run.ts, ../loop/event-loop.ts (whose clock it goes by).
import type { RunId, RunInfo, RunSpec } from '../../../preload/contract/runs.ts'
import { expandMessage } from '../../../preload/contract/runs-expand.ts'
import type { Connection } from '../endpoints/connection.ts'
import type { TimerHandle } from '../loop/handles.ts'
import { Run } from './run.ts'

export class Repetition extends Run {
  readonly #spec: Extract<RunSpec, { kind: 'repeat' }>
  /** The loop's time at which the first one was due. */
  #startMs = 0
  /** How many times were due, sent or not. */
  #due = 0
  #sent = 0
  #missed = 0
  #timer: TimerHandle | null = null
  #begun = false

  constructor(
    id: RunId,
    connection: Connection,
    spec: Extract<RunSpec, { kind: 'repeat' }>,
    onEnd: (run: Run) => void,
  ) {
    super(id, connection, onEnd)
    this.#spec = spec
  }

  start(): void {
    this.changed()
    if (this.connection.transport !== null) this.#begin()
  }

  stop(): void {
    this.end('stopped', 'Stopped by hand')
  }

  override connectionMade(): void {
    this.#begin()
  }

  override dataReceived(): void {}
  override eofReceived(): void {}
  override writingResumed(): void {}

  override ended(): void {
    this.end('stopped', this.whyNotSent)
  }

  protected override end(state: 'passed' | 'failed' | 'stopped', message: string): void {
    this.#timer?.cancel()
    this.#timer = null
    super.end(state, message)
  }

  protected facts(): Pick<RunInfo, 'kind' | 'name' | 'steps' | 'repeat'> {
    const { name, everyMs, times } = this.#spec
    return { kind: 'repeat', name, steps: [], repeat: { everyMs, times, sent: this.#sent, missed: this.#missed } }
  }

  /** Never at once: a transport that tells of itself is not to be written to. */
  #begin(): void {
    this.loop.callSoon(() => {
      // With TLS, it is told again once that is established.
      if (this.#begun || this.connection.transport?.isSecuring() === true) return
      this.#begun = true
      this.#startMs = this.loop.time()
      this.#tick()
    })
  }

  #tick(): void {
    if (!this.running) return
    const { connection } = this
    const { everyMs, times } = this.#spec
    if (!connection.canSend) {
      this.end('stopped', this.whyNotSent)
      return
    }
    // A peer that does not read is not sent more: what waits for it would grow without bound.
    if (connection.sendingPaused) this.#missed++
    else {
      this.#sent++
      connection.endpoint.send(connection, expandMessage(this.#spec.message, this.#sent))
    }
    this.changed()
    if (times !== null && this.#sent >= times) {
      this.end('passed', '')
      return
    }
    this.#due++
    const late = Math.floor((this.loop.time() - this.#startMs) / everyMs) - this.#due + 1
    if (late > 0) {
      this.#missed += late
      this.#due += late
    }
    this.#timer = this.loop.callAt(this.#startMs + this.#due * everyMs, () => this.#tick())
  }
}
