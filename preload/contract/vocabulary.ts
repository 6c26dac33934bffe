// The one vocabulary from socket to pixel: ids, event kinds, causes of endings, and the facts about endpoints and
// connections. Kinds and causes are stored as their index, in captures too: append to these lists, never reorder them.
import type { Failure } from './failure.ts'
import type { FaultEffect, FaultKind, Flow, RelayLab } from './faults.ts'
import type { Framing } from './framing.ts'
import type { ProbeLevel } from './loop-columns.ts'
import type { ReplyRule, ReplyScript } from './replies.ts'
import type { RunId, RunInfo } from './runs.ts'
import type { CertificateFacts, TlsClientSpec, TlsFacts, TlsServerSpec } from './tls.ts'

declare const brand: unique symbol
/** A listener, client or relay; 1 and up, never reused while the engine runs. */
export type EndpointId = number & { readonly [brand]: 'EndpointId' }
/** One TCP connection as one side sees it (a relay's pair is two); 1 and up, never reused while the engine runs. */
export type ConnectionId = number & { readonly [brand]: 'ConnectionId' }

export const eventKinds = [
  'listener-started',
  'listener-stopped',
  'listener-failed',
  /** An outgoing connection was asked for; `connection-made` or `connection-failed` follows. */
  'connection-started',
  /** One address of several (happy eyeballs) did not answer; the connection may still be made to another. */
  'attempt-failed',
  'connection-made',
  'connection-failed',
  'data-received',
  'data-sent',
  'eof-received',
  'eof-sent',
  'writing-paused',
  'writing-resumed',
  'reading-paused',
  'reading-resumed',
  'connection-lost',
  /** Connections that came could not be accepted, and were closed at once: as many as its details count. */
  'accept-failed',
  /** The handshake is done; bytes from here on are what was inside. */
  'tls-established',
  /** The handshake failed, or the peer's certificate was refused; `connection-lost` or `connection-failed` follows. */
  'tls-failed',
  /** A reply rule matched a message. */
  'rule-matched',
  /** A script wrote a line. */
  'script-logged',
  /** A script threw, ran too long or took too much memory. */
  'script-failed',
  /** The bytes cannot be cut into messages any more as the endpoint's framing says. */
  'framing-failed',
  /** A relay's fault did something to a chunk, or to its pair. */
  'fault-applied',
  /** A chunk waits for a person, and was let go or dropped. */
  'chunk-held',
  'chunk-released',
  /** A relay's replacement changed a message. */
  'chunk-replaced',
  /** One step of a sequence has passed or failed. */
  'step-ended',
  /** A lost connection will be made again by itself. */
  'reconnect-planned',
] as const
export type EventKind = (typeof eventKinds)[number]

export const causes = [
  'none',
  // how a connection was lost
  /** The peer sent FIN first. */
  'closed-by-peer',
  /** We sent FIN first. */
  'closed-here',
  'reset-by-peer',
  'reset-here',
  'timed-out',
  'error',
  // why a connection was not made, or a listener not started
  'refused',
  'unreachable',
  'name-not-found',
  'address-in-use',
  'address-not-available',
  'permission-denied',
  /** Given up here before it was made. */
  'cancelled',
] as const
export type Cause = (typeof causes)[number]

/** A TCP address; `host` is a numeric IPv4 or IPv6 address without brackets, except where a person typed a name. */
export interface Address {
  readonly host: string
  readonly port: number
}

/** Which half of a relay's pair a connection is: `downstream` was accepted, `upstream` was opened by the relay. */
export type Side = 'downstream' | 'upstream'

export const replies = ['echo', 'echo-close', 'discard', 'none'] as const
/** What a listener does with what it receives; `none` leaves the answer to the person. */
export type Reply = (typeof replies)[number]

/** What a socket is set to; where something is left out, as the loop has it: no delay, no keep-alive. */
export interface SocketOptions {
  /** TCP_NODELAY: small writes leave at once. */
  readonly noDelay?: boolean
  /** SO_KEEPALIVE, first asked after so many ms of silence; null for none. */
  readonly keepAliveMs?: number | null
  /** The write buffer's high-water mark in bytes, above which writing pauses. */
  readonly highWaterBytes?: number
}

/** What every endpoint may say of itself. */
export interface CommonSpec {
  /** Bytes of each payload that capture files keep; left out: as the capture's limits have it. */
  readonly snapBytes?: number
  /** How its streams are cut into messages; left out: every chunk is one. */
  readonly framing?: Framing
  readonly socket?: SocketOptions
}

/** Where rules and a script are given, the script answers; then the first rule that matches; then `reply`. */
export interface AnsweringSpec {
  readonly rules?: readonly ReplyRule[]
  readonly script?: ReplyScript
}

export interface ListenerSpec extends CommonSpec, AnsweringSpec {
  readonly role: 'listener'
  readonly name: string
  readonly host: string
  /** 0 means any free port. */
  readonly port: number
  readonly reply: Reply
  /** Bytes sent first on every accepted connection; empty for none. */
  readonly greeting: Uint8Array
  readonly tls?: TlsServerSpec
}

/** A lost or refused connection is made again by itself. */
export interface Reconnect {
  /** The first wait, and the longest; each is twice the one before. */
  readonly firstMs: number
  readonly maxMs: number
  /** Attempts in a row that may fail before it is given up; null: never. */
  readonly attempts: number | null
}

/** An attempt that a client waits for. */
export interface Reconnecting {
  /** Its number, from 1; since a connection was last made. */
  readonly attempt: number
  /** When it begins; milliseconds since the engine started. */
  readonly at: number
}

/** What a client sends as soon as its connection is made, before anything of the peer's can come in between. */
export interface Opening {
  /** One write each, in order. */
  readonly messages: readonly Uint8Array[]
  /** Then FIN; receiving goes on. */
  readonly halfClose: boolean
}

export interface ClientSpec extends CommonSpec, AnsweringSpec {
  readonly role: 'client'
  readonly name: string
  readonly host: string
  readonly port: number
  readonly connectTimeoutMs: number
  readonly opening?: Opening
  readonly tls?: TlsClientSpec
  /** Left out: it stays lost. */
  readonly reconnect?: Reconnect
}

export interface RelaySpec extends CommonSpec {
  readonly role: 'relay'
  readonly name: string
  readonly host: string
  readonly port: number
  readonly upstreamHost: string
  readonly upstreamPort: number
  readonly connectTimeoutMs: number
  /** Left out: everything passes as it is. */
  readonly lab?: RelayLab
  /** Clients speak TLS to the relay; it speaks TLS to the upstream. */
  readonly listenTls?: TlsServerSpec
  readonly upstreamTls?: TlsClientSpec
}

export type EndpointSpec = ListenerSpec | ClientSpec | RelaySpec
export type EndpointRole = EndpointSpec['role']

export type EndpointState = 'starting' | 'live' | 'stopping' | 'stopped' | 'failed'

/** Bytes and messages; a message is one read from the socket or one write to it, as the loop saw it. */
export interface Traffic {
  readonly bytesReceived: number
  readonly bytesSent: number
  readonly messagesReceived: number
  readonly messagesSent: number
}

/** Connections that could not be accepted, and why the last one was not. */
export interface NotAccepted {
  readonly count: number
  readonly error: Failure
}

export interface EndpointInfo {
  readonly id: EndpointId
  readonly spec: EndpointSpec
  readonly state: EndpointState
  /** Why it failed, where it did. */
  readonly reason: Failure | null
  /** Where a listener or relay is bound, once it is. */
  readonly local: Address | null
  readonly connectionsNow: number
  readonly connectionsTotal: number
  /** Since it was started; null for none. */
  readonly notAccepted: NotAccepted | null
  /** Chunks of a relay that wait for a person. */
  readonly held: number
  /** Why its script answers nothing any more, where it does not: until an update or the next start. */
  readonly scriptFailed?: EventDetails['script-failed']
  /** A client that is `starting` and waits before it tries again; left out otherwise. */
  readonly reconnecting?: Reconnecting
  readonly traffic: Traffic
}

/**
 * `half-closed-here`: we sent FIN and still receive; `half-closed-by-peer`: the peer did and we may still send;
 * `closing`: closed here, unsent bytes are being flushed; `lost` and `failed` are ends.
 */
export type ConnectionState =
  | 'connecting'
  | 'open'
  | 'half-closed-here'
  | 'half-closed-by-peer'
  | 'closing'
  | 'lost'
  | 'failed'

export interface ConnectionInfo {
  readonly id: ConnectionId
  readonly endpoint: EndpointId
  /** `in`: we accepted it; `out`: we opened it. */
  readonly direction: 'in' | 'out'
  readonly side: Side | null
  /** The other half of a relay's pair. */
  readonly pair: ConnectionId | null
  readonly state: ConnectionState
  readonly local: Address | null
  readonly remote: Address | null
  /** Milliseconds since the engine started; see `Snapshot.startedAtEpochMs`. */
  readonly startedAt: number
  readonly madeAt: number | null
  readonly endedAt: number | null
  readonly cause: Cause
  readonly error: Failure | null
  readonly traffic: Traffic
  /** Bytes written here that the kernel has not taken yet. */
  readonly bufferedBytes: number
  /** True between `writing-paused` and `writing-resumed`. */
  readonly writingPaused: boolean
  /** What TLS agreed on; null without, and until then. */
  readonly tls: TlsFacts | null
}

/** What an event says beyond its columns: JSON in the arena for every kind but `data-received` and `data-sent`. */
export interface EventDetails {
  'listener-started': { readonly local: Address }
  'listener-stopped': { readonly local: Address | null }
  'listener-failed': { readonly error: Failure; readonly local: Address }
  'connection-started': {
    readonly remote: Address
    readonly side: Side | null
    readonly pair: ConnectionId | null
  }
  'attempt-failed': { readonly remote: Address; readonly error: Failure }
  'connection-made': {
    readonly local: Address
    readonly remote: Address
    readonly direction: 'in' | 'out'
    readonly side: Side | null
    readonly pair: ConnectionId | null
  }
  'connection-failed': { readonly error: Failure; readonly remote: Address }
  'data-received': null
  'data-sent': null
  'eof-received': null
  'eof-sent': null
  'writing-paused': { readonly bufferedBytes: number; readonly highWaterBytes: number }
  'writing-resumed': { readonly bufferedBytes: number; readonly pausedMs: number }
  'reading-paused': null
  'reading-resumed': null
  'connection-lost': {
    readonly error: Failure | null
    /** Bytes written here that were never handed to the kernel. */
    readonly unsentBytes: number
    /** Bytes read from the kernel that no `dataReceived` ever got, because the connection was closing or paused. */
    readonly unreadBytes: number
    /** Bytes that somebody tried to write after the connection was closing. */
    readonly ignoredBytes: number
  }
  /** `count`: connections since the event before it; `error` is the last one's. */
  'accept-failed': NotAccepted
  'tls-established': TlsFacts
  'tls-failed': { readonly error: Failure; readonly chain: readonly CertificateFacts[] }
  /** `chunk`: the event with the message's last byte. `rule`: its place, from 0. */
  'rule-matched': {
    readonly rule: number
    readonly name: string
    readonly chunk: number
    readonly messageBytes: number
  }
  'script-logged': { readonly text: string }
  /** Line and column of the person's own text, from 1; 0 where it is not known. */
  'script-failed': { readonly error: Failure; readonly line: number; readonly column: number }
  'framing-failed': { readonly error: Failure; readonly chunk: number }
  /** `chunk`: its `data-received` event; null where it acted on the pair only. */
  'fault-applied': {
    readonly fault: string
    readonly action: FaultKind
    readonly flow: Flow
    readonly chunk: number | null
    readonly effect: FaultEffect
  }
  'chunk-held': { readonly held: number; readonly flow: Flow; readonly chunk: number }
  'chunk-released': {
    readonly held: number
    readonly flow: Flow
    readonly chunk: number
    readonly decision: 'forwarded' | 'edited' | 'dropped'
    /** Bytes that went on. */
    readonly bytes: number
    readonly heldMs: number
  }
  'chunk-replaced': { readonly name: string; readonly flow: Flow; readonly chunk: number; readonly count: number }
  'step-ended': {
    readonly sequence: string
    /** Its place, from 0. */
    readonly step: number
    readonly name: string
    readonly passed: boolean
    /** Why it failed, or what it found. */
    readonly message: string
    readonly tookMs: number
  }
  'reconnect-planned': { readonly attempt: number; readonly inMs: number }
}

/** The whole state of the engine at one point of its event stream. */
export interface Snapshot {
  /** Every event with a smaller seq is reflected in this state. */
  readonly seq: number
  /** Wall clock (ms since 1970) at which the engine's event clock stood at 0. */
  readonly startedAtEpochMs: number
  /** How much of the loop is watched. */
  readonly probe: ProbeLevel
  /** `uv_metrics_info.loop_count` of the engine's loop. */
  readonly iteration: number
  readonly endpoints: readonly EndpointInfo[]
  /** Open connections, and the most recent ended ones. */
  readonly connections: readonly ConnectionInfo[]
  /** Repetitions and sequences that are under way, and the most recent ended ones; left out where there are none. */
  readonly runs?: readonly RunInfo[]
}

/** What changed since the last snapshot or change: whole new values, so that applying one twice does no harm. */
export interface StateChange {
  readonly seq: number
  /** How much of the loop is watched now. */
  readonly probe: ProbeLevel
  readonly endpoints: readonly EndpointInfo[]
  readonly connections: readonly ConnectionInfo[]
  readonly removedEndpoints: readonly EndpointId[]
  /** Ended connections that the engine no longer keeps facts about. Their events stay in the capture. */
  readonly removedConnections: readonly ConnectionId[]
  /** Left out where none has changed. */
  readonly runs?: readonly RunInfo[]
  readonly removedRuns?: readonly RunId[]
}
