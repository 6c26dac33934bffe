// A relay: accepts a connection, opens one upstream for it, and moves bytes both ways. Counterparts: link.ts (a direction),
// lab/ (what is done to what passes), connecting.ts (the upstream connect).
//
// How ends are carried over, each direction by itself: FIN as FIN (half-close), RST as RST. A reset waits until the kernel
// has the bytes received before it, because they were sent before it; what the kernel cannot deliver any more is lost, as
// with any reset. Reading starts when the upstream is there, so no byte has to be kept before; that upstream was refused is
// told downstream by a reset.
//
// With a lab, ends wait their turn in the chain like bytes: a FIN and an RST come out behind the bytes that were received
// before them, and as late as a latency makes them, as over a long line. An RST that a fault or a person asks for overtakes
// all, as on a machine that has them still to send. A pair that a person ends, or that the relay ends by stopping, lets go at
// once what waits in faults; what is held for a person is thrown away.

import { ok, type Result } from '../../../preload/contract/failure.ts'
import type { FaultEffect, Flow, RelayTraffic } from '../../../preload/contract/faults.ts'
import { checkLab } from '../../../preload/contract/lab-check.ts'
import type { EndpointSpec, RelaySpec } from '../../../preload/contract/vocabulary.ts'
import { systemError } from '../loop/errors.ts'
import { BaseProtocol } from '../loop/protocol.ts'
import type { Transport } from '../loop/transport.ts'
import { AcceptingEndpoint, type ConnectionProtocol } from './accepting.ts'
import { type Connecting, connect } from './connecting.ts'
import { Connection } from './connection.ts'
import type { Engine } from './endpoint.ts'
import { AcceptThrottle, type Acted, refusalOf } from './lab/accept-faults.ts'
import type { RelayLabState } from './lab/flow.ts'
import { HeldChunks } from './lab/held-chunks.ts'
import { Link, type LinkPair } from './link.ts'

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
  readonly #up: Link
  readonly #down: Link
  readonly #number: number
  /** The fault that refuses it; null for none. */
  readonly #refusal: Acted | null
  #connecting: Connecting | null = null
  /** Gives its place up among those that wait to be connected. */
  #leaveQueue: () => void = () => {}
  /** When both halves were there; null before. */
  #madeAt: number | null = null
  /** It is being ended: nothing more is done to what passes. */
  #released = false

  /** `number`: 1 and up, in the order in which the relay has accepted; what is left to chance depends on it. */
  constructor(relay: Relay, number: number) {
    this.#relay = relay
    this.#number = number
    this.#refusal = refusalOf(relay.spec.lab, number)
    const accepted = new Connection(relay, { direction: 'in', side: 'downstream' })
    const opened = new Connection(relay, { direction: 'out', side: 'upstream' })
    if (this.#refusal === null) accepted.pair = opened.id
    opened.pair = accepted.id
    const up = new Link(
      accepted,
      opened,
      this.#linkPair('upstream', () => this.upstream.resetWhenFlushed()),
    )
    const down = new Link(
      opened,
      accepted,
      this.#linkPair('downstream', () => this.downstream.resetWhenFlushed()),
    )
    this.#up = up
    this.#down = down
    this.downstream = new RelayProtocol(
      accepted,
      { out: up, in: down },
      (transport) => this.#accepted(transport),
      (reason) => this.#lost(this.downstream, this.upstream, up, down, reason),
    )
    this.upstream = new RelayProtocol(
      opened,
      { out: down, in: up },
      (transport) => {
        this.#madeAt = relay.engine.recorder.now()
        this.setLab()
        // What a person has said meanwhile may be more than the downstream takes, and a fault may let nothing pass.
        if (down.isPaused) transport.pauseReading()
        if (!up.isPaused) accepted.transport?.resumeReading()
      },
      (reason) => this.#lost(this.upstream, this.downstream, down, up, reason),
    )
    relay.adopt(accepted)
  }

  /** Gives up the upstream connect, and with it the downstream connection. */
  cancelConnecting(): void {
    this.#connecting?.cancel()
  }

  /** Does to what passes what the relay's spec says now. */
  setLab(): void {
    if (this.#madeAt === null || this.#released) return
    const { lab, framing } = this.#relay.spec
    this.#up.setLab(lab?.upstream, framing, this.#madeAt)
    this.#down.setLab(lab?.downstream, framing, this.#madeAt)
  }

  /** Lets go what waits in faults: it is about to be ended. */
  release(): void {
    this.#released = true
    this.#leaveQueue()
    this.#up.release()
    this.#down.release()
  }

  /** The same for one direction, which is about to be ended: the one to this half. */
  releaseTo(connection: Connection): void {
    if (connection === this.downstream.connection) this.#down.release()
    else this.#up.release()
  }

  #linkPair(flow: Flow, resetSink: () => void): LinkPair {
    return {
      flow,
      number: this.#number,
      relay: this.#relay.labState,
      callAt: (whenMs, callback) => this.#relay.callAt(whenMs, callback),
      resetSink,
      close: () => {
        this.release()
        this.downstream.connection.transport?.close()
        this.upstream.connection.transport?.close()
      },
      reset: () => {
        this.#released = true
        this.#up.abandon()
        this.#down.abandon()
        this.downstream.connection.transport?.abort()
        this.upstream.connection.transport?.abort()
      },
    }
  }

  #accepted(transport: Transport): void {
    transport.pauseReading()
    if (this.#refusal !== null) {
      this.#record(this.#refusal, { ended: 'reset' })
      transport.abort()
      return
    }
    this.#leaveQueue = this.#relay.throttle.wait(this.#number, (acted, delayedMs) => {
      if (this.downstream.connection.ended) return
      if (acted !== null && delayedMs > 0) this.#record(acted, { delayedMs })
      this.#connect()
    })
  }

  /** Tells of a fault that acted before there was a pair. */
  #record({ fault, flow }: Acted, effect: FaultEffect): void {
    const { connection } = this.downstream
    const details = { fault: fault.name, action: fault.action.kind, flow, chunk: null, effect }
    this.#relay.engine.recorder.event('fault-applied', 'none', this.#relay.id, connection.id, details)
  }

  #connect(): void {
    const { upstreamHost, upstreamPort, connectTimeoutMs, upstreamTls: tls, socket } = this.#relay.spec
    const target = { host: upstreamHost, port: upstreamPort, connectTimeoutMs, tls, socket }
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

  /** `out`: the direction from this half, `into`: the one to it. */
  #lost(half: RelayProtocol, other: RelayProtocol, out: Link, into: Link, reason: Error | null): void {
    into.abandon()
    this.#leaveQueue()
    if (other.connection.state === 'connecting') {
      this.#connecting?.cancel()
      return
    }
    const byReset = reason !== null || half.connection.info().cause === 'reset-here'
    if (other.connection.ended) out.abandon()
    else if (byReset) out.reset()
    else out.close()
  }
}

type MutableFlowTraffic = { readonly [F in Flow]: { receivedBytes: number; sentBytes: number } }

/** What a half receives goes one way, and what it sends came the other. */
const addTraffic = (sum: MutableFlowTraffic, { side, traffic }: Connection): void => {
  const [from, to] = side === 'downstream' ? [sum.upstream, sum.downstream] : [sum.downstream, sum.upstream]
  from.receivedBytes += traffic.bytesReceived
  to.sentBytes += traffic.bytesSent
}

export class Relay extends AcceptingEndpoint<RelaySpec> {
  readonly #pairs = new Map<Connection, Pair>()
  readonly labState: RelayLabState
  readonly throttle: AcceptThrottle
  /** Of connections that have ended. */
  readonly #ended: MutableFlowTraffic = {
    upstream: { receivedBytes: 0, sentBytes: 0 },
    downstream: { receivedBytes: 0, sentBytes: 0 },
  }
  /** Pairs since it was started. */
  #accepted = 0

  constructor(engine: Engine, spec: RelaySpec) {
    super(engine, spec)
    this.labState = { held: new HeldChunks(this.id, () => this.changed()), waitingBytes: 0 }
    this.throttle = new AcceptThrottle({
      now: () => engine.recorder.now(),
      callAt: (whenMs, callback) => this.callAt(whenMs, callback),
    })
    this.throttle.configure(spec.lab)
  }

  override get held(): HeldChunks {
    return this.labState.held
  }

  override async start(spec?: RelaySpec): Promise<Result<null>> {
    const checked = checkLab((spec ?? this.spec).lab)
    if (!checked.ok) return checked
    if (this.state === 'stopped' || this.state === 'failed') this.#accepted = 0
    const started = super.start(spec)
    this.throttle.configure(this.spec.lab)
    return started
  }

  override update(spec: EndpointSpec): Result<null> {
    const checked = spec.role === 'relay' ? checkLab(spec.lab) : ok(null)
    const result = checked.ok ? super.update(spec) : checked
    if (!result.ok) return result
    this.throttle.configure(this.spec.lab)
    for (const pair of new Set(this.#pairs.values())) pair.setLab()
    return result
  }

  /** What was carried each way since it was made. */
  flowTraffic(): RelayTraffic {
    const sum = { upstream: { ...this.#ended.upstream }, downstream: { ...this.#ended.downstream } }
    for (const connection of this.open.values()) addTraffic(sum, connection)
    return sum
  }

  /** Calls back when the events' clock has reached `whenMs`, never before. Answers what takes that back. */
  callAt(whenMs: number, callback: () => void): () => void {
    const { loop, recorder } = this.engine
    const arm = () => loop.callLater(Math.max(0, whenMs - recorder.now()), fire)
    // Timers count whole milliseconds of a clock of their own, and come up to one too early.
    const fire = () => {
      if (recorder.now() < whenMs) handle = arm()
      else callback()
    }
    let handle = arm()
    return () => handle.cancel()
  }

  protected accept(): ConnectionProtocol {
    const pair = new Pair(this, ++this.#accepted)
    this.#pairs.set(pair.downstream.connection, pair)
    this.#pairs.set(pair.upstream.connection, pair)
    return pair.downstream
  }

  override connectionEnded(connection: Connection): void {
    super.connectionEnded(connection)
    addTraffic(this.#ended, connection)
    const upstream = this.#pairs.get(connection)?.upstream.connection
    this.#pairs.delete(connection)
    // Lost before its handshake was done: nothing was opened for it.
    if (upstream?.state === 'connecting' && !this.open.has(upstream.id)) this.#pairs.delete(upstream)
  }

  override halfClose(connection: Connection): void {
    this.#pairs.get(connection)?.releaseTo(connection)
    super.halfClose(connection)
  }

  override end(connection: Connection, how: 'close' | 'reset' | 'destroy'): void {
    const pair = this.#pairs.get(connection)
    if (connection.state === 'connecting') pair?.cancelConnecting()
    else {
      pair?.release()
      super.end(connection, how)
    }
  }
}
