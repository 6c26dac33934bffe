// An endpoint that accepts connections: the server side of listeners and relays. Counterparts: listener.ts, relay.ts.
import { fail, ok, type Result } from '../../../preload/contract/failure.ts'
import type { ListenerSpec, RelaySpec } from '../../../preload/contract/vocabulary.ts'
import { causeOfError } from '../loop/errors.ts'
import type { Protocol } from '../loop/protocol.ts'
import type { Server } from '../loop/server.ts'
import type { Connection } from './connection.ts'
import { alreadyRunning, bindFailure, checkRole, Endpoint, type Engine } from './endpoint.ts'

/** A protocol that knows the facts of its connection. */
export interface ConnectionProtocol extends Protocol {
  readonly connection: Connection
}

export abstract class AcceptingEndpoint<S extends ListenerSpec | RelaySpec> extends Endpoint {
  #spec: S
  #server: Server | null = null

  constructor(engine: Engine, spec: S) {
    super(engine)
    this.#spec = spec
  }

  get spec(): S {
    return this.#spec
  }

  /** Makes the protocol of a connection that was just accepted. */
  protected abstract accept(): ConnectionProtocol

  async start(spec?: S): Promise<Result<null>> {
    const role = checkRole(this, spec)
    if (!role.ok) return role
    if (this.state === 'live' || this.state === 'starting' || this.#server?.isServing()) return alreadyRunning(this)
    this.#spec = spec ?? this.#spec
    const { host, port } = this.#spec
    this.setState('starting')
    try {
      const server = await this.engine.loop.createServer(() => this.accept(), {
        host,
        port,
        observe: (protocol) => protocol.connection,
      })
      this.#server = server
      this.local = server.sockets[0]!
      for (const local of server.sockets) this.engine.recorder.event('listener-started', 'none', this.id, 0, { local })
      this.setState('live')
    } catch (thrown) {
      const error = thrown as Error
      const failure = bindFailure(this, error, { host, port })
      this.engine.recorder.event('listener-failed', causeOfError(error), this.id, 0, {
        error: failure,
        local: { host, port },
      })
      this.setState('failed', failure)
    }
    return ok(null)
  }

  stopAccepting(): Result<null> {
    const server = this.#server
    if (server === null || !server.isServing())
      return fail('wrong-state', `${this.spec.name || 'The endpoint'} is not accepting connections`)
    this.setState('stopping')
    const { local } = this
    server.close()
    void server.waitClosed().then(() => {
      this.engine.recorder.event('listener-stopped', 'none', this.id, 0, { local })
      // It may have been started again while old connections were still open.
      if (this.#server !== server) return
      this.#server = null
      this.local = null
      this.setState('stopped')
    })
    return ok(null)
  }

  stop(): void {
    this.stopAccepting()
    this.endAll('close')
  }
}
