// An endpoint that accepts connections: the server side of listeners and relays. Counterparts: listener.ts, relay.ts.
import { type Failure, fail, ok, type Result } from '../../../preload/contract/failure.ts'
import type { TlsServerSpec } from '../../../preload/contract/tls.ts'
import type {
  Address,
  Cause,
  EndpointSpec,
  ListenerSpec,
  NotAccepted,
  RelaySpec,
} from '../../../preload/contract/vocabulary.ts'
import { causeOfError } from '../loop/errors.ts'
import type { Protocol } from '../loop/protocol.ts'
import type { Server } from '../loop/server.ts'
import { AcceptFailures } from './accept-failures.ts'
import type { Connection } from './connection.ts'
import { alreadyRunning, bindFailure, checkRole, Endpoint, type Engine } from './endpoint.ts'
import { serverTlsOf } from './tls-material.ts'

/**
 * Connections that the kernel may hold until they are accepted; it cuts the number to its own (Linux: `somaxconn`, 4096). With
 * asyncio's 100, many that come at once are left to try again for seconds.
 */
const backlog = 4096

/** A protocol that knows the facts of its connection. */
export interface ConnectionProtocol extends Protocol {
  readonly connection: Connection
}

export abstract class AcceptingEndpoint<S extends ListenerSpec | RelaySpec> extends Endpoint {
  #spec: S
  readonly #failures = new AcceptFailures(this)
  #server: Server | null = null
  /** The start that is under way. */
  #starting: symbol | null = null
  /** To be done when the last connection has ended. */
  #whenAllEnded: (() => void) | null = null

  constructor(engine: Engine, spec: S) {
    super(engine)
    this.#spec = spec
  }

  override get notAccepted(): NotAccepted | null {
    return this.#failures.all
  }

  get spec(): S {
    return this.#spec
  }

  /** Makes the protocol of a connection that was just accepted. */
  protected abstract accept(): ConnectionProtocol

  async start(spec?: S): Promise<Result<null>> {
    const role = checkRole(this, spec)
    if (!role.ok) return role
    if (this.#starting !== null || this.#server?.isServing()) return alreadyRunning(this)
    // Started again, it waits no longer for what the last start has left open.
    this.#allEnded()
    this.#spec = spec ?? this.#spec
    const { host, port } = this.#spec
    const starting = Symbol('starting')
    this.#starting = starting
    this.#failures.reset()
    this.setState('starting')
    const tls = this.#tlsSpec === undefined ? null : serverTlsOf(this, this.#tlsSpec)
    if (tls?.ok === false) {
      this.#failedBecause('error', tls.failure, { host, port })
      return ok(null)
    }
    try {
      const server = await this.engine.loop.createServer(() => this.accept(), {
        host,
        port,
        observe: (protocol) => protocol.connection,
        backlog,
        onAcceptFailed: (error) => this.#failures.add(error),
        socketOptions: () => this.#spec.socket,
        ...(tls === null ? {} : { tls: tls.value }),
      })
      if (this.#starting === starting) this.#live(server)
      else server.close()
    } catch (thrown) {
      if (this.#starting === starting) this.#failed(thrown as Error, { host, port })
    }
    return ok(null)
  }

  update(spec: EndpointSpec): Result<null> {
    const role = checkRole(this, spec)
    if (!role.ok) return role
    const before = this.#spec.socket
    this.#spec = spec as S
    if (this.#spec.socket !== before) this.setSockets(this.#spec.socket)
    this.changed()
    return ok(null)
  }

  /** How connections are to be secured that are accepted. */
  get #tlsSpec(): TlsServerSpec | undefined {
    const spec: ListenerSpec | RelaySpec = this.#spec
    return spec.role === 'relay' ? spec.listenTls : spec.tls
  }

  #live(server: Server): void {
    this.#starting = null
    this.#server = server
    this.local = server.sockets[0]!
    for (const local of server.sockets) this.engine.recorder.event('listener-started', 'none', this.id, 0, { local })
    this.setState('live')
  }

  #failed(error: Error, local: Address): void {
    this.#failedBecause(causeOfError(error), bindFailure(this, error, local), local)
  }

  #failedBecause(cause: Cause, error: Failure, local: Address): void {
    this.#starting = null
    // Connections of an earlier start may still be open; their end is not to hide this one's failure.
    this.#server = null
    this.local = null
    this.engine.recorder.event('listener-failed', cause, this.id, 0, { error, local })
    this.setState('failed', error)
  }

  stopAccepting(): Result<null> {
    const server = this.#server
    if (this.#starting !== null) {
      // Whatever comes of the start is nobody's any more.
      this.#starting = null
      this.setState(server === null ? 'stopped' : 'stopping')
      return ok(null)
    }
    if (server === null || !server.isServing())
      return fail('wrong-state', `${this.spec.name || 'The endpoint'} is not accepting connections`)
    this.setState('stopping')
    const { sockets } = server
    server.close()
    this.#failures.flush()
    const stopped = () => {
      for (const local of sockets) this.engine.recorder.event('listener-stopped', 'none', this.id, 0, { local })
      // It may have been started again while old connections were still open.
      if (this.#server !== server) return
      this.#server = null
      this.local = null
      this.setState('stopped')
    }
    void server.waitClosed().then(() => {
      // What a relay has opened upstream may outlive what it accepted; it belongs to the stopping too.
      if (this.open.size === 0 || this.#server !== server) stopped()
      else this.#whenAllEnded = stopped
    })
    return ok(null)
  }

  override connectionEnded(connection: Connection): void {
    super.connectionEnded(connection)
    if (this.open.size === 0) this.#allEnded()
  }

  #allEnded(): void {
    const then = this.#whenAllEnded
    this.#whenAllEnded = null
    then?.()
  }

  stop(): void {
    this.stopAccepting()
    this.endAll('close')
  }
}
