// A relay: accepts a connection, opens one upstream for it, and moves bytes both ways. Counterparts: link.ts (a direction),
// connecting.ts (the upstream connect).
//
// How ends are carried over, each direction by itself: FIN as FIN (half-close), RST as RST. A reset waits until the kernel
// has the bytes received before it, because they were sent before it; what the kernel cannot deliver any more is lost, as
// with any reset. Reading starts when the upstream is there, so no byte has to be kept before; that upstream was refused is
// told downstream by a reset.
import type { RelaySpec } from '../../../preload/contract/vocabulary.ts'
import { systemError } from '../loop/errors.ts'
import { BaseProtocol } from '../loop/protocol.ts'
import type { Transport } from '../loop/transport.ts'
import { AcceptingEndpoint, type ConnectionProtocol } from './accepting.ts'
import { type Connecting, connect } from './connecting.ts'
import { Connection } from './connection.ts'
import { Link } from './link.ts'

/** One half of a pair. */
class RelayProtocol extends BaseProtocol implements ConnectionProtocol {
  readonly connection: Connection
  /** What this half receives goes here. */
  readonly #out: Link
  /** What this half sends comes from here. */
  readonly #in: Link
  readonly #onMade: (transport: Transport) => void
  readonly #onLost: (reason: Error | null) => void
  #resetWhenFlushed = false

  constructor(
    connection: Connection,
    links: { readonly out: Link; readonly in: Link },
    onMade: (transport: Transport) => void,
    onLost: (reason: Error | null) => void,
  ) {
    super()
    this.connection = connection
    this.#out = links.out
    this.#in = links.in
    this.#onMade = onMade
    this.#onLost = onLost
  }

  override connectionMade(transport: Transport): void {
    this.#onMade(transport)
  }

  override dataReceived(data: Uint8Array): void {
    this.#out.forward(data)
  }

  override eofReceived(): boolean {
    this.#out.eof()
    return true
  }

  override pauseWriting(): void {
    if (!this.#resetWhenFlushed) this.#in.pause()
  }

  override resumeWriting(): void {
    if (this.#resetWhenFlushed) this.connection.transport?.abort()
    else this.#in.resume()
  }

  override connectionLost(reason: Error | null): void {
    this.#onLost(reason)
  }

  /** Sends RST behind everything that is buffered. */
  resetWhenFlushed(): void {
    const { transport } = this.connection
    if (transport === null || this.#resetWhenFlushed) return
    if (transport.getWriteBufferSize() === 0) {
      transport.abort()
      return
    }
    this.#resetWhenFlushed = true
    transport.pauseReading()
    // With both marks at 0 the transport says `resumeWriting` when the last byte has left.
    transport.setWriteBufferLimits(0, 0)
  }
}

/** A downstream connection and its upstream one. */
class Pair {
  readonly #relay: Relay
  readonly downstream: RelayProtocol
  readonly upstream: RelayProtocol
  #connecting: Connecting | null = null

  constructor(relay: Relay) {
    this.#relay = relay
    const accepted = new Connection(relay, { direction: 'in', side: 'downstream' })
    const opened = new Connection(relay, { direction: 'out', side: 'upstream' })
    accepted.pair = opened.id
    opened.pair = accepted.id
    const up = new Link(accepted, opened)
    const down = new Link(opened, accepted)
    this.downstream = new RelayProtocol(
      accepted,
      { out: up, in: down },
      (transport) => this.#accepted(transport),
      (reason) => this.#lost(this.downstream, this.upstream, reason),
    )
    this.upstream = new RelayProtocol(
      opened,
      { out: down, in: up },
      (transport) => {
        // What a person has said meanwhile may be more than the downstream takes.
        if (accepted.sendingPaused) transport.pauseReading()
        accepted.transport?.resumeReading()
      },
      (reason) => this.#lost(this.upstream, this.downstream, reason),
    )
    relay.adopt(accepted)
  }

  /** Gives up the upstream connect, and with it the downstream connection. */
  cancelConnecting(): void {
    this.#connecting?.cancel()
  }

  #accepted(transport: Transport): void {
    transport.pauseReading()
    const { upstreamHost, upstreamPort, connectTimeoutMs } = this.#relay.spec
    const target = { host: upstreamHost, port: upstreamPort, connectTimeoutMs }
    this.#connecting = connect(this.upstream.connection, target, this.upstream)
    void this.#connecting.made.then((made) => {
      this.#connecting = null
      if (!made) this.#refuse()
      // The downstream went while we were connecting, and cancelling came too late.
      else if (this.downstream.connection.ended) this.upstream.connection.transport?.abort()
    })
  }

  #refuse(): void {
    const { connection } = this.downstream
    if (connection.ended) return
    const error = this.upstream.connection.info().error
    if (error !== null) connection.explain(systemError(error.code, `upstream: ${error.message}`))
    connection.transport?.abort()
  }

  #lost(half: RelayProtocol, other: RelayProtocol, reason: Error | null): void {
    if (other.connection.state === 'connecting') {
      this.#connecting?.cancel()
      return
    }
    const byReset = reason !== null || half.connection.info().cause === 'reset-here'
    if (byReset) other.resetWhenFlushed()
    else other.connection.transport?.close()
  }
}

export class Relay extends AcceptingEndpoint<RelaySpec> {
  readonly #pairs = new Map<Connection, Pair>()

  protected accept(): ConnectionProtocol {
    const pair = new Pair(this)
    this.#pairs.set(pair.downstream.connection, pair)
    this.#pairs.set(pair.upstream.connection, pair)
    return pair.downstream
  }

  override connectionEnded(connection: Connection): void {
    super.connectionEnded(connection)
    this.#pairs.delete(connection)
  }

  override end(connection: Connection, how: 'close' | 'reset'): void {
    if (connection.state === 'connecting') this.#pairs.get(connection)?.cancelConnecting()
    else super.end(connection, how)
  }
}
