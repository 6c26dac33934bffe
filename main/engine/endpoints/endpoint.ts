// What listeners, clients and relays have in common: id, state, counters, their open connections.
// Counterparts: listener.ts, client.ts, relay.ts.
import { type Failure, fail, ok, type Result } from '../../../preload/contract/failure.ts'
import type { HeldChunk } from '../../../preload/contract/faults.ts'
import type {
  Address,
  ConnectionId,
  EndpointId,
  EndpointInfo,
  EndpointSpec,
  EndpointState,
  EventDetails,
  NotAccepted,
  SocketOptions,
} from '../../../preload/contract/vocabulary.ts'
import { failureOf } from '../loop/errors.ts'
import type { EventLoop } from '../loop/event-loop.ts'
import type { Recorder } from '../record/recorder.ts'
import type { Connection } from './connection.ts'
import type { Directory } from './directory.ts'
import type { Secrets } from './tls-material.ts'
import { type MutableTraffic, newTraffic } from './traffic.ts'

/** What every endpoint works with. */
export interface Engine {
  readonly loop: EventLoop
  readonly recorder: Recorder
  readonly directory: Directory<Endpoint, Connection>
  /** Left out: no endpoint can show a certificate. */
  readonly secrets?: Secrets
}

/** Chunks that wait for a person's decision, in order of arrival. */
export interface Held {
  readonly count: number
  readonly bytes: number
  list(limit: number): readonly HeldChunk[]
  /** Lets them go on, all where `chunks` is null, with `data` in place of the bytes of the only one; answers how many there were. */
  forward(chunks: readonly number[] | null, data?: Uint8Array): number
  drop(chunks: readonly number[] | null): number
}

export abstract class Endpoint {
  readonly engine: Engine
  readonly id: EndpointId
  readonly traffic: MutableTraffic = newTraffic()
  /** Connections that are being made or open. */
  readonly open = new Map<ConnectionId, Connection>()
  hasNews = false
  #state: EndpointState = 'stopped'
  #reason: Failure | null = null
  #connectionsTotal = 0
  protected local: Address | null = null

  constructor(engine: Engine) {
    this.engine = engine
    this.id = engine.directory.nextEndpointId()
  }

  abstract readonly spec: EndpointSpec
  /** Starts; a failure is in the state, not thrown. With a spec of the same role, with that one from now on. */
  abstract start(spec?: EndpointSpec): Promise<Result<null>>
  /** Stops accepting and closes every connection in order. Resolves at once; the state says when it is done. */
  abstract stop(): void
  /** Works by this spec, of its own role, from the next chunk on; addresses and TLS from the next start on. */
  abstract update(spec: EndpointSpec): Result<null>
  /** Stops accepting; connections stay open. */
  abstract stopAccepting(): Result<null>

  /** Connections that came and could not be accepted; null for none, and for what accepts none. */
  get notAccepted(): NotAccepted | null {
    return null
  }

  /** Chunks that wait for a person; null for what never holds any. */
  get held(): Held | null {
    return null
  }

  /** Why its script answers nothing any more; null where it has none, or one that does. */
  get scriptFailed(): EventDetails['script-failed'] | null {
    return null
  }

  get state(): EndpointState {
    return this.#state
  }

  info(): EndpointInfo {
    const { scriptFailed } = this
    return {
      id: this.id,
      spec: this.spec,
      state: this.#state,
      reason: this.#reason,
      local: this.local,
      connectionsNow: this.open.size,
      connectionsTotal: this.#connectionsTotal,
      notAccepted: this.notAccepted,
      held: this.held?.count ?? 0,
      traffic: { ...this.traffic },
      ...(scriptFailed === null ? {} : { scriptFailed }),
    }
  }

  changed(): void {
    this.engine.directory.endpointChanged(this)
  }

  /** A connection is being asked for, or was accepted. */
  adopt(connection: Connection): void {
    this.open.set(connection.id, connection)
  }

  connectionMade(connection: Connection): void {
    this.#connectionsTotal++
    this.engine.directory.connectionChanged(connection)
    this.changed()
  }

  /** Its TLS handshake is done. */
  connectionSecured(_connection: Connection): void {}

  connectionEnded(connection: Connection): void {
    this.open.delete(connection.id)
    this.engine.directory.connectionEnded(connection)
    this.changed()
  }

  /** Closes or resets every open connection; answers how many there were. */
  endAll(how: 'close' | 'reset'): number {
    const connections = [...this.open.values()]
    for (const connection of connections) this.end(connection, how)
    return connections.length
  }

  end(connection: Connection, how: 'close' | 'reset' | 'destroy'): void {
    if (how === 'close') connection.transport?.close()
    else if (how === 'reset') connection.transport?.abort()
    else connection.transport?.destroy()
  }

  /** Sets the open connections' sockets as a changed spec has it. */
  protected setSockets(options: SocketOptions = {}): void {
    for (const { transport } of this.open.values()) transport?.setSocketOptions(options)
  }

  send(connection: Connection, data: Uint8Array): void {
    connection.transport?.write(data)
  }

  halfClose(connection: Connection): void {
    connection.eofAsked()
    connection.transport?.writeEof()
  }

  protected setState(state: EndpointState, reason: Failure | null = null): void {
    this.#state = state
    this.#reason = reason
    this.changed()
  }
}

/** What a live endpoint answers to another start. */
export const alreadyRunning = (endpoint: Endpoint): Result<never> =>
  fail('wrong-state', `${endpoint.spec.name || 'The endpoint'} is ${endpoint.state} already; stop it first`)

/** What starting with another kind of spec answers. */
export const checkRole = (endpoint: Endpoint, spec: EndpointSpec | undefined): Result<null> =>
  spec === undefined || spec.role === endpoint.spec.role
    ? ok(null)
    : fail('bad-argument', `A ${endpoint.spec.role} cannot become a ${spec.role}; make a new one`, 'spec.role')

/** The failure of a bind, in words that name the way out. */
export const bindFailure = (endpoint: Endpoint, error: Error, at: Address): Failure => {
  const failure = failureOf(error)
  if (failure.code === 'EADDRINUSE') {
    const holder = [...endpoint.engine.directory.endpoints.values()].find(
      (other) => other !== endpoint && other.info().local?.port === at.port && other.state !== 'stopped',
    )
    const by = holder === undefined ? 'another program' : `${holder.spec.role} ${holder.spec.name || holder.id}`
    return { code: failure.code, message: `Port ${at.port} on ${at.host} is taken by ${by}`, path: 'port' }
  }
  if (failure.code === 'EACCES')
    return { code: failure.code, message: `Port ${at.port} needs more rights; use 1024 or above`, path: 'port' }
  if (failure.code === 'EADDRNOTAVAIL')
    return { code: failure.code, message: `${at.host} is not an address of this machine`, path: 'host' }
  if (failure.code === 'ENOTFOUND' || failure.code === 'EAI_AGAIN')
    return { code: failure.code, message: `No address was found for the name ${at.host}`, path: 'host' }
  return failure
}
