// Steps over one connection, one after the other; each ends with a result, which is an event too, and the first that fails
// ends it. Counterparts: run.ts, inbox.ts (what has come), preload/contract/runs.ts (what a step is).
import { formatEscaped } from '../../../preload/contract/notation.ts'
import type { Matcher, Pattern } from '../../../preload/contract/patterns.ts'
import type { RunId, RunInfo, RunSpec, RunStep, StepResult } from '../../../preload/contract/runs.ts'
import { expandMessage } from '../../../preload/contract/runs-expand.ts'
import type { Connection } from '../endpoints/connection.ts'
import type { TimerHandle } from '../loop/handles.ts'
import { createInbox, type Inbox } from './inbox.ts'
import { Run } from './run.ts'

/** How a step went; null where the run was stopped meanwhile. */
type Outcome = { readonly passed: boolean; readonly message: string } | null

const passed = (message: string): Outcome => ({ passed: true, message })
const failed = (message: string): Outcome => ({ passed: false, message })

/** Characters of received bytes that a result shows. */
const shownLength = 160

const shown = (bytes: Uint8Array): string => {
  const text = formatEscaped(bytes.subarray(0, shownLength))
  return text.length > shownLength || bytes.length > shownLength ? `${text.slice(0, shownLength)}…` : text
}

const patternWords = (pattern: Pattern): string =>
  pattern.match === 'always' ? 'anything' : `${pattern.match} “${pattern.text.slice(0, shownLength)}”`

export class SequenceRun extends Run {
  readonly #spec: Extract<RunSpec, { kind: 'sequence' }>
  /** One a step; null for those without a pattern. */
  readonly #matchers: readonly (Matcher | null)[]
  readonly #steps: StepResult[]
  readonly #inbox: Inbox
  readonly #idleMs: number | null
  #idleTimer: TimerHandle | null = null
  /** How many messages this run has sent, for `{{counter}}`. */
  #sent = 0
  /** Looks whether what is waited for has come. */
  #look: () => void = () => {}

  /** `matchers`: the patterns of the steps, ready. */
  constructor(
    id: RunId,
    connection: Connection,
    spec: Extract<RunSpec, { kind: 'sequence' }>,
    matchers: readonly (Matcher | null)[],
    onEnd: (run: Run) => void,
  ) {
    super(id, connection, onEnd)
    this.#spec = spec
    this.#matchers = matchers
    this.#steps = spec.steps.map(({ name, kind }) => ({ name, kind, state: 'waiting', message: '', tookMs: 0 }))
    const { framing } = connection.endpoint.spec
    this.#inbox = createInbox(framing)
    this.#idleMs = framing?.kind === 'idle' ? framing.idleMs : null
  }

  start(): void {
    this.changed()
    void this.#work()
  }

  stop(): void {
    const step = this.#steps.findIndex(({ state }) => state === 'running')
    if (step >= 0) this.#set(step, { state: 'skipped', message: 'Stopped by hand' })
    this.#skipRest()
    this.end('stopped', 'Stopped by hand')
  }

  override connectionMade(): void {
    this.#look()
  }

  override dataReceived(data: Uint8Array): void {
    this.#inbox.dataReceived(data)
    if (this.#idleMs !== null) {
      this.#idleTimer?.cancel()
      this.#idleTimer = this.loop.callLater(this.#idleMs, () => {
        this.#inbox.flush()
        this.#look()
      })
    }
    this.#look()
  }

  override eofReceived(): void {
    this.#inbox.flush()
    this.#look()
  }

  override writingResumed(): void {
    this.#look()
  }

  override ended(): void {
    this.#inbox.flush()
    this.#look()
  }

  protected override end(state: 'passed' | 'failed' | 'stopped', message: string): void {
    this.#idleTimer?.cancel()
    super.end(state, message)
    this.#look()
  }

  protected facts(): Pick<RunInfo, 'kind' | 'name' | 'steps' | 'repeat'> {
    return { kind: 'sequence', name: this.#spec.name, steps: [...this.#steps], repeat: null }
  }

  async #work(): Promise<void> {
    const { connection } = this
    await this.#until(() => (connection.transport?.isSecuring() === false || connection.ended ? true : null), null)
    for (const [i, step] of this.#spec.steps.entries()) {
      if (!this.running) return
      this.#set(i, { state: 'running' })
      const startedMs = this.loop.time()
      const outcome = await this.#perform(step, this.#matchers[i] ?? null)
      if (outcome === null || !this.running) return
      const tookMs = this.loop.time() - startedMs
      this.#set(i, { state: outcome.passed ? 'passed' : 'failed', message: outcome.message, tookMs })
      this.#record(i, outcome, tookMs)
      if (!outcome.passed) {
        this.#skipRest()
        this.end('failed', `Step ${i + 1} (${this.#nameOf(i)}): ${outcome.message}`)
        return
      }
    }
    this.end('passed', '')
  }

  #perform(step: RunStep, matcher: Matcher | null): Promise<Outcome> {
    switch (step.kind) {
      case 'send':
        return this.#send(step)
      case 'expect':
        return this.#expect(step, matcher!)
      case 'delay':
        return this.#until(() => null, step.delayMs).then(() => (this.running ? passed('') : null))
      case 'assert':
        return Promise.resolve(this.#assert(step, matcher!))
      case 'close':
        return Promise.resolve(this.#close(step))
    }
  }

  async #send(step: Extract<RunStep, { kind: 'send' }>): Promise<Outcome> {
    const { connection } = this
    await this.#until(() => (connection.sendingPaused && !connection.ended ? null : true), null)
    if (!this.running) return null
    if (!connection.canSend) return failed(this.whyNotSent)
    const bytes = expandMessage(step.message, ++this.#sent)
    this.#inbox.noteSent()
    connection.endpoint.send(connection, bytes)
    return passed(`${bytes.length} B`)
  }

  async #expect(step: Extract<RunStep, { kind: 'expect' }>, matcher: Matcher): Promise<Outcome> {
    const find = this.#inbox.search(matcher)
    const found = await this.#until(() => find() ?? (this.connection.ended ? 'ended' : null), step.timeoutMs)
    if (!this.running) return null
    if (found !== null && found !== 'ended') return passed(shown(found.groups[0] ?? new Uint8Array(0)))
    const { last, passedOver } = this.#inbox
    const came = last === null || last.length === 0 ? 'nothing came' : `what came last is “${shown(last)}”`
    const gone = passedOver === 0 ? '' : ` (${passedOver} earlier bytes that no step waited for were passed over)`
    return failed(
      found === 'ended'
        ? `${this.whyNotSent} before ${patternWords(step.pattern)} came; ${came}${gone}`
        : `${patternWords(step.pattern)} did not come within ${step.timeoutMs} ms; ${came}${gone}`,
    )
  }

  #assert(step: Extract<RunStep, { kind: 'assert' }>, matcher: Matcher): Outcome {
    const { last } = this.#inbox
    const matches = last !== null && matcher(last) !== null
    const came = last === null ? 'nothing was received' : `“${shown(last)}”`
    if (matches === step.matches) return passed(came)
    return failed(
      step.matches
        ? `${patternWords(step.pattern)} is not in the last message: ${came}`
        : `${patternWords(step.pattern)} is in the last message: ${came}`,
    )
  }

  #close(step: Extract<RunStep, { kind: 'close' }>): Outcome {
    const { connection } = this
    const { endpoint } = connection
    if (step.how === 'half-close') {
      if (!connection.canSend) return failed(this.whyNotSent)
      endpoint.halfClose(connection)
      return passed('FIN')
    }
    if (connection.ended) {
      const { cause } = connection.info()
      const orderly = cause === 'closed-by-peer' || cause === 'closed-here'
      return step.how === 'close' && orderly ? passed(`Was closed already (${cause})`) : failed(this.whyNotSent)
    }
    endpoint.end(connection, step.how)
    return passed(step.how === 'close' ? 'FIN' : 'RST')
  }

  /** Resolves with what `look` answers as soon as that is not null; with null when the time is over, or the run. */
  #until<T>(look: () => T | null, timeoutMs: number | null): Promise<T | null> {
    return new Promise((resolve) => {
      let timer: TimerHandle | null = null
      const settle = (value: T | null) => {
        timer?.cancel()
        this.#look = () => {}
        resolve(value)
      }
      this.#look = () => {
        if (!this.running) {
          settle(null)
          return
        }
        const value = look()
        if (value !== null) settle(value)
      }
      if (timeoutMs !== null) timer = this.loop.callLater(timeoutMs, () => settle(null))
      this.#look()
    })
  }

  #set(step: number, change: Partial<StepResult>): void {
    this.#steps[step] = { ...this.#steps[step]!, ...change }
    this.changed()
  }

  #nameOf(step: number): string {
    const { name, kind } = this.#spec.steps[step]!
    return name === '' ? kind : name
  }

  #skipRest(): void {
    for (const [i, { state }] of this.#steps.entries()) if (state === 'waiting') this.#set(i, { state: 'skipped' })
  }

  #record(step: number, outcome: NonNullable<Outcome>, tookMs: number): void {
    const { connection } = this
    const { recorder } = connection.endpoint.engine
    recorder.event('step-ended', 'none', connection.endpoint.id, connection.id, {
      sequence: this.#spec.name,
      step,
      name: this.#nameOf(step),
      passed: outcome.passed,
      message: outcome.message,
      tookMs,
    })
  }
}
