// A client: one connection at a time to one target, kept open, opened again on request. Counterpart: connecting.ts.
import { type Failure, fail, ok, type Result } from '../../../preload/contract/failure.ts'
import type {
  ClientSpec,
  EndpointInfo,
  EndpointSpec,
  EndpointState,
  EventDetails,
  Reconnect,
} from '../../../preload/contract/vocabulary.ts'
import { Answers } from './behaviours/answers.ts'
import { type Connecting, connect } from './connecting.ts'
import { Connection } from './connection.ts'
import { alreadyRunning, checkRole, Endpoint, type Engine } from './endpoint.ts'
import { Reconnection } from './reconnecting.ts'

export class Client extends Endpoint {
  #spec: ClientSpec
  #connecting: Connecting | null = null
  readonly #reconnection: Reconnection
  readonly #answers = new Answers(this)
  /** A person has ended this connection; that it then ends otherwise, a moment earlier, is no reason to make it again. */
  #ending = false

  constructor(engine: Engine, spec: ClientSpec) {
    super(engine)
    this.#reconnection = new Reconnection(engine.loop)
    this.#spec = spec
  }

  override get scriptFailed(): EventDetails['script-failed'] | null {
    return this.#answers.scriptFailed
  }

  get spec(): ClientSpec {
    return this.#spec
  }

  /** Without the opening: it may be large, and what was sent is told by events. */
  override info(): EndpointInfo {
    const { opening: _opening, ...spec } = this.#spec
    const reconnecting = this.#reconnection.planned
    return { ...super.info(), spec, ...(reconnecting === null ? {} : { reconnecting }) }
  }

  /** Starts connecting and resolves at once; whether it was made is in the state. */
  async start(spec?: EndpointSpec): Promise<Result<null>> {
    const role = checkRole(this, spec)
    if (!role.ok) return role
    if (this.open.size > 0) return alreadyRunning(this)
    const answers = this.#answers.check((spec as ClientSpec | undefined) ?? this.#spec)
    if (!answers.ok) return answers
    this.#reconnection.cancel()
    this.#reconnection.made()
    this.#spec = (spec as ClientSpec | undefined) ?? this.#spec
    this.#connect()
    return ok(null)
  }

  #connect(): void {
    this.#ending = false
    this.setState('starting')
    const connection = new Connection(this, { direction: 'out', side: null })
    const connecting = connect(connection, this.#spec, this.#answers.protocol(connection, this.#spec.opening))
    this.#connecting = connecting
    void connecting.made.then(() => {
      if (this.#connecting === connecting) this.#connecting = null
    })
  }

  update(spec: EndpointSpec): Result<null> {
    const role = checkRole(this, spec)
    if (!role.ok) return role
    const answers = this.#answers.apply(spec as ClientSpec)
    if (!answers.ok) return answers
    const before = this.#spec.socket
    this.#spec = spec as ClientSpec
    if (this.#spec.socket !== before) this.setSockets(this.#spec.socket)
    if (this.#spec.reconnect === undefined) this.#giveUp()
    this.changed()
    return ok(null)
  }

  protected override setState(state: EndpointState, reason: Failure | null = null): void {
    if (state === 'starting') this.#answers.start(this.#spec)
    else if (state === 'stopped' || state === 'failed') this.#answers.stop()
    super.setState(state, reason)
  }

  stopAccepting(): Result<null> {
    return fail('wrong-state', 'A client does not accept connections; close its connection instead')
  }

  stop(): void {
    if (this.open.size > 0) this.setState('stopping')
    this.#connecting?.cancel()
    this.endAll('close')
  }

  override endAll(how: 'close' | 'reset'): number {
    this.#ending = true
    this.#giveUp()
    return super.endAll(how)
  }

  /** What a person ends is not tried again. */
  #giveUp(): void {
    if (this.#reconnection.cancel()) this.setState('stopped')
  }

  override connectionMade(connection: Connection): void {
    this.local = connection.info().local
    super.connectionMade(connection)
    if (connection.transport?.isSecuring() !== true) this.connectionSecured()
  }

  override connectionSecured(): void {
    this.#reconnection.made()
    this.setState('live')
  }

  override connectionEnded(connection: Connection): void {
    super.connectionEnded(connection)
    this.local = null
    const { cause, error } = connection.info()
    const endedHere = (cause === 'closed-here' || cause === 'reset-here') && error === null
    const orderly = cause === 'cancelled' || endedHere || (cause === 'closed-by-peer' && error === null)
    const reason = orderly ? null : error
    const { reconnect } = this.#spec
    const wanted = cause === 'cancelled' || endedHere || this.#ending
    if (reconnect === undefined || wanted || !this.#planNext(reconnect, reason))
      this.setState(orderly ? 'stopped' : 'failed', reason)
  }

  #planNext(reconnect: Reconnect, reason: Failure | null): boolean {
    const { recorder } = this.engine
    const now = recorder.now()
    const planned = this.#reconnection.plan(reconnect, now, () => this.#connect())
    if (planned === null) return false
    const { attempt, at } = planned
    recorder.event('reconnect-planned', 'none', this.id, 0, { attempt, inMs: at - now })
    this.setState('starting', reason)
    return true
  }

  override end(connection: Connection, how: 'close' | 'reset' | 'destroy'): void {
    this.#ending = true
    if (connection.state === 'connecting') this.#connecting?.cancel()
    else super.end(connection, how)
  }
}
