// Endpoints and connections as the engine would tell of them, from the few fields that a test is about. Counterpart:
// contract/vocabulary.ts.
import type {
  ConnectionId,
  ConnectionInfo,
  EndpointId,
  EndpointInfo,
  EndpointSpec,
  Traffic,
} from '../../../preload/contract/vocabulary.ts'

export const noTraffic: Traffic = { bytesReceived: 0, bytesSent: 0, messagesReceived: 0, messagesSent: 0 }

export const endpointId = (id: number): EndpointId => id as EndpointId
export const connectionId = (id: number): ConnectionId => id as ConnectionId

export const listenerSpec = (port: number, name = 'Echo'): EndpointSpec => ({
  role: 'listener',
  name,
  host: '127.0.0.1',
  port,
  reply: 'echo',
  greeting: new Uint8Array(0),
})
export const clientSpec = (port: number, name = 'client'): EndpointSpec => ({
  role: 'client',
  name,
  host: '127.0.0.1',
  port,
  connectTimeoutMs: 5000,
})
export const relaySpec = (port: number, upstreamPort: number, name = 'relay'): EndpointSpec => ({
  role: 'relay',
  name,
  host: '127.0.0.1',
  port,
  upstreamHost: '127.0.0.1',
  upstreamPort,
  connectTimeoutMs: 5000,
})

/** A live endpoint, bound where its spec says unless it is a client. */
export const endpoint = (id: number, spec: EndpointSpec, more: Partial<EndpointInfo> = {}): EndpointInfo => ({
  id: endpointId(id),
  spec,
  state: 'live',
  reason: null,
  local: spec.role === 'client' ? null : { host: spec.host, port: spec.port },
  connectionsNow: 0,
  connectionsTotal: 0,
  notAccepted: null,
  held: 0,
  traffic: noTraffic,
  ...more,
})

/** An open connection that was accepted, unless `more` says otherwise. */
export const connection = (id: number, of: number, more: Partial<ConnectionInfo> = {}): ConnectionInfo => ({
  id: connectionId(id),
  endpoint: endpointId(of),
  direction: 'in',
  side: null,
  pair: null,
  state: 'open',
  local: { host: '127.0.0.1', port: 8888 },
  remote: { host: '127.0.0.1', port: 50_000 + id },
  startedAt: 0,
  madeAt: 0,
  endedAt: null,
  cause: 'none',
  error: null,
  traffic: noTraffic,
  bufferedBytes: 0,
  writingPaused: false,
  tls: null,
  ...more,
})

export const mapOf = <T extends { readonly id: number }>(...values: readonly T[]): ReadonlyMap<T['id'], T> =>
  new Map(values.map((value) => [value.id, value]))
