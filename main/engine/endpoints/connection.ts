// The facts of one connection, kept while its transport works: the observer that records every event of it.
// Counterparts: ../loop/transport.ts (calls it), ../record/recorder.ts (gets the events), endpoint.ts (sums up).
import type { CertificateFacts, TlsFacts } from '../../../preload/contract/tls.ts'
import type {
  Address,
  Cause,
  ConnectionId,
  ConnectionInfo,
  ConnectionState,
  EventDetails,
  EventKind,
  Side,
} from '../../../preload/contract/vocabulary.ts'
import { causeOfError, failureOf } from '../loop/errors.ts'
import type { Ending, Transport, TransportObserver } from '../loop/transport.ts'
import type { Endpoint } from './endpoint.ts'
import { type MutableTraffic, newTraffic } from './traffic.ts'

export interface ConnectionOrigin {
  readonly direction: 'in' | 'out'
  readonly side: Side | null
}

/**
 * Sees what happens on one connection, besides the recorder and before the protocol. Like an observer it must not throw,
 * nor touch the transport while it is told.
 */
export interface ConnectionWatcher {
  /** With TLS once more, when that is established. */
  connectionMade(): void
  /** The bytes are valid until this returns. */
  dataReceived(data: Uint8Array): void
  eofReceived(): void
  writingResumed(): void
  /** It is lost, or was not made. */
  ended(): void
}

export class Connection implements TransportObserver {
  readonly id: ConnectionId
  readonly endpoint: Endpoint
  readonly direction: 'in' | 'out'
  readonly side: Side | null
  readonly traffic: MutableTraffic = newTraffic()
  pair: ConnectionId | null = null
  /** Null before it is made and after it is lost. */
  transport: Transport | null = null
  hasNews = false
  #state: ConnectionState = 'connecting'
  #remote: Address | null = null
  #local: Address | null = null
  #cause: Cause = 'none'
  #error: Error | null = null
  readonly #startedAt: number
  #madeAt: number | null = null
  #endedAt: number | null = null
  #pausedAt: number | null = null
  #ignoredBytes = 0
  #eofSent = false
  #tls: TlsFacts | null = null
  /** Null for none: what every chunk asks. */
  #watchers: readonly ConnectionWatcher[] | null = null

  constructor(endpoint: Endpoint, origin: ConnectionOrigin) {
    this.endpoint = endpoint
    this.id = endpoint.engine.directory.nextConnectionId()
    this.direction = origin.direction
    this.side = origin.side
    this.#startedAt = endpoint.engine.recorder.now()
  }

  get state(): ConnectionState {
    return this.#state
  }

  get ended(): boolean {
    return this.#state === 'lost' || this.#state === 'failed'
  }

  /** True while bytes can be handed to the transport. */
  get canSend(): boolean {
    const open = this.#state === 'open' || this.#state === 'half-closed-by-peer'
    // A reset is over in a moment, but not yet.
    return open && !this.#eofSent && this.transport?.isClosing() === false && !this.transport.isSecuring()
  }

  /** True between `writing-paused` and `writing-resumed`. */
  get sendingPaused(): boolean {
    return this.#pausedAt !== null
  }

  /** Returns a function that stops. */
  watch(watcher: ConnectionWatcher): () => void {
    this.#watchers = [...(this.#watchers ?? []), watcher]
    return () => {
      const left = this.#watchers?.filter((other) => other !== watcher) ?? []
      this.#watchers = left.length === 0 ? null : left
    }
  }

  info(): ConnectionInfo {
    return {
      id: this.id,
      endpoint: this.endpoint.id,
      direction: this.direction,
      side: this.side,
      pair: this.pair,
      state: this.#state,
      local: this.#local,
      remote: this.#remote,
      startedAt: this.#startedAt,
      madeAt: this.#madeAt,
      endedAt: this.#endedAt,
      cause: this.#cause,
      error: this.#error === null ? null : failureOf(this.#error),
      traffic: { ...this.traffic },
      bufferedBytes: this.ended ? 0 : (this.transport?.getWriteBufferSize() ?? 0),
      writingPaused: this.sendingPaused,
      tls: this.#tls,
    }
  }

  /** An outgoing connection is being asked for. */
  starting(remote: Address): void {
    this.#remote = remote
    this.#record('connection-started', 'none', { remote, side: this.side, pair: this.pair })
    this.#changed()
  }

  attemptFailed(remote: Address, error: Error): void {
    this.#record('attempt-failed', causeOfError(error), { remote, error: failureOf(error) })
  }

  /** The outgoing connection was not made. */
  failed(error: Error): void {
    this.#state = 'failed'
    this.#cause = causeOfError(error)
    this.#error = error
    this.#endedAt = this.endpoint.engine.recorder.now()
    const remote = this.#remote ?? { host: '', port: 0 }
    this.#record('connection-failed', this.#cause, { error: failureOf(error), remote })
    this.endpoint.connectionEnded(this)
    for (const watcher of this.#watchers ?? []) watcher.ended()
  }

  /** Says why we are about to end the connection, where that is not the person's own wish (an upstream that refused). */
  explain(error: Error): void {
    this.#error = error
  }

  /** Bytes that were meant for this peer and could not be written any more. */
  ignored(bytes: number): void {
    this.#ignoredBytes += bytes
  }

  connectionMade(transport: Transport): void {
    this.transport = transport
    this.#state = 'open'
    this.#madeAt = this.endpoint.engine.recorder.now()
    this.#local = transport.getExtraInfo('sockname')
    this.#remote = transport.getExtraInfo('peername')
    this.#record('connection-made', 'none', {
      local: this.#local,
      remote: this.#remote,
      direction: this.direction,
      side: this.side,
      pair: this.pair,
    })
    // That event too may have been the one that was too much.
    if (this.endpoint.engine.recorder.isWaiting) transport.holdReading(true)
    this.endpoint.connectionMade(this)
    for (const watcher of this.#watchers ?? []) watcher.connectionMade()
  }

  dataReceived(data: Uint8Array): Uint8Array {
    const { endpoint } = this
    const kept = endpoint.engine.recorder.data('received', endpoint.id, this.id, data)
    this.traffic.messagesReceived++
    this.traffic.bytesReceived += data.length
    endpoint.traffic.messagesReceived++
    endpoint.traffic.bytesReceived += data.length
    this.#changed()
    if (this.#watchers !== null) for (const watcher of this.#watchers) watcher.dataReceived(kept)
    return kept
  }

  retain(data: Uint8Array): void {
    this.endpoint.engine.recorder.retain(data)
  }

  release(data: Uint8Array): void {
    this.endpoint.engine.recorder.release(data)
  }

  dataSent(data: Uint8Array): void {
    const { endpoint } = this
    endpoint.engine.recorder.data('sent', endpoint.id, this.id, data)
    this.traffic.messagesSent++
    this.traffic.bytesSent += data.length
    endpoint.traffic.messagesSent++
    endpoint.traffic.bytesSent += data.length
    this.#changed()
  }

  tlsEstablished(facts: TlsFacts): void {
    this.#tls = facts
    this.#record('tls-established', 'none', facts)
    this.#changed()
    this.endpoint.connectionSecured(this)
    for (const watcher of this.#watchers ?? []) watcher.connectionMade()
  }

  tlsFailed(error: Error, chain: readonly CertificateFacts[]): void {
    this.#error = error
    this.#record('tls-failed', causeOfError(error), { error: failureOf(error), chain })
    this.#changed()
  }

  eofReceived(): void {
    if (this.#state === 'open') this.#state = 'half-closed-by-peer'
    this.#record('eof-received', 'none', null)
    this.#changed()
    for (const watcher of this.#watchers ?? []) watcher.eofReceived()
  }

  /** Our FIN was asked for; from now on nothing can be sent. */
  eofAsked(): void {
    this.#eofSent = true
    this.#changed()
  }

  eofSent(): void {
    this.#eofSent = true
    if (this.#state === 'open') this.#state = 'half-closed-here'
    this.#record('eof-sent', 'none', null)
    this.#changed()
  }

  writingPaused(bufferedBytes: number, highWaterBytes: number): void {
    this.#pausedAt = this.endpoint.engine.recorder.now()
    this.#record('writing-paused', 'none', { bufferedBytes, highWaterBytes })
    this.#changed()
  }

  writingResumed(bufferedBytes: number): void {
    const pausedMs = this.endpoint.engine.recorder.now() - (this.#pausedAt ?? 0)
    this.#pausedAt = null
    this.#record('writing-resumed', 'none', { bufferedBytes, pausedMs })
    this.#changed()
    for (const watcher of this.#watchers ?? []) watcher.writingResumed()
  }

  readingPaused(): void {
    this.#record('reading-paused', 'none', null)
  }

  readingResumed(): void {
    this.#record('reading-resumed', 'none', null)
  }

  closing(): void {
    this.#state = 'closing'
    this.#changed()
  }

  connectionLost(ending: Ending): void {
    this.#state = 'lost'
    this.#pausedAt = null
    this.#cause = ending.cause
    this.#error = ending.error ?? this.#error
    this.#endedAt = this.endpoint.engine.recorder.now()
    this.#record('connection-lost', ending.cause, {
      error: this.#error === null ? null : failureOf(this.#error),
      unsentBytes: ending.unsentBytes,
      unreadBytes: ending.unreadBytes,
      ignoredBytes: ending.ignoredBytes + this.#ignoredBytes,
    })
    // The facts outlive it, for a while; its socket and streams need not.
    this.transport = null
    this.endpoint.connectionEnded(this)
    for (const watcher of this.#watchers ?? []) watcher.ended()
  }

  #record<K extends Exclude<EventKind, 'data-received' | 'data-sent'>>(
    kind: K,
    cause: Cause,
    details: EventDetails[K],
  ): void {
    this.endpoint.engine.recorder.event(kind, cause, this.endpoint.id, this.id, details)
  }

  #changed(): void {
    this.endpoint.engine.directory.connectionChanged(this)
    this.endpoint.changed()
  }
}
