// What is known of endpoints and connections while they are recorded: from the engine's states, and from events, because
// the engine forgets connections that have ended, under many of them before it has told of them. Counterparts: writer.ts
// (keeps the rows), fact-rows.ts (their shape in the file).
import { type EventBatch, kindCode, rowDetails } from '../../preload/contract/event-columns.ts'
import {
  type ConnectionId,
  type ConnectionInfo,
  causes,
  type EndpointId,
  type EndpointInfo,
  eventKinds,
  type StateChange,
  type Traffic,
} from '../../preload/contract/vocabulary.ts'

type Writable<T> = { -readonly [K in keyof T]: T[K] }
type Connection = Writable<Omit<ConnectionInfo, 'traffic'>> & { readonly traffic: Writable<Traffic> }

const received = kindCode('data-received')
const sent = kindCode('data-sent')

const hasEnded = (connection: Pick<ConnectionInfo, 'state'>) =>
  connection.state === 'lost' || connection.state === 'failed'

const unknownConnection = (id: number, endpoint: number, at: number): Connection => ({
  id: id as ConnectionId,
  endpoint: endpoint as EndpointId,
  direction: 'in',
  side: null,
  pair: null,
  state: 'open',
  local: null,
  remote: null,
  startedAt: at,
  madeAt: null,
  endedAt: null,
  cause: 'none',
  error: null,
  traffic: { bytesReceived: 0, bytesSent: 0, messagesReceived: 0, messagesSent: 0 },
  bufferedBytes: 0,
  writingPaused: false,
  tls: null,
})

export interface Facts {
  /** A batch of events, in order. */
  events(batch: EventBatch): void
  /** What the engine says is true now; it reflects every event before it. */
  state(change: StateChange): void
  /** Endpoints and connections that have changed since `written`. */
  readonly changedEndpoints: Iterable<EndpointInfo>
  readonly changedConnections: Iterable<ConnectionInfo>
  /** They are in the file: ended ones are forgotten here. */
  written(): void
  /** Forgets the facts of ended connections, those that changed first, where more than so many wait to be written. */
  bound(most: number): void
  /** Events from before those that were seen last: connections of theirs that have ended, and were forgotten, are known again. */
  older(batches: readonly EventBatch[]): void
  /** The file is another one from now on, which knows nothing of what is still there. */
  forgotten(): void
}

export const createFacts = (): Facts => {
  const endpoints = new Map<number, EndpointInfo>()
  const connections = new Map<number, Connection>()
  const changedEndpoints = new Set<EndpointInfo>()
  const changed = new Set<Connection>()

  /** The one looked up last, which is then among the changed: rows of a connection come in runs. */
  let last: Connection | undefined
  const connectionOf = (id: number, endpoint: number, at: number): Connection => {
    if (last?.id === id) return last
    last = connections.get(id)
    if (last === undefined) {
      last = unknownConnection(id, endpoint, at)
      connections.set(id, last)
    }
    changed.add(last)
    return last
  }

  /** An event that is no data. */
  const happened = (connection: Connection, batch: EventBatch, i: number): void => {
    const at = batch.at[i]!
    switch (eventKinds[batch.kind[i]!]!) {
      case 'connection-started': {
        const details = rowDetails<'connection-started'>(batch, i)
        connection.direction = 'out'
        connection.state = 'connecting'
        connection.startedAt = at
        if (details !== null) {
          connection.remote = details.remote
          connection.side = details.side
          connection.pair = details.pair
        }
        break
      }
      case 'connection-made': {
        const details = rowDetails<'connection-made'>(batch, i)
        connection.state = 'open'
        connection.madeAt = at
        if (details !== null) {
          connection.local = details.local
          connection.remote = details.remote
          connection.direction = details.direction
          connection.side = details.side
          connection.pair = details.pair
        }
        break
      }
      case 'connection-failed':
        connection.state = 'failed'
        connection.endedAt = at
        connection.cause = causes[batch.cause[i]!]!
        connection.error = rowDetails<'connection-failed'>(batch, i)?.error ?? null
        break
      case 'eof-received':
        connection.state = 'half-closed-by-peer'
        break
      case 'eof-sent':
        connection.state = 'half-closed-here'
        break
      case 'writing-paused':
        connection.writingPaused = true
        break
      case 'writing-resumed':
        connection.writingPaused = false
        break
      case 'connection-lost':
        connection.state = 'lost'
        connection.endedAt = at
        connection.cause = causes[batch.cause[i]!]!
        connection.error = rowDetails<'connection-lost'>(batch, i)?.error ?? null
        break
      default:
    }
  }

  return {
    changedEndpoints,
    changedConnections: changed,

    events(batch) {
      for (let i = 0; i < batch.count; i++) {
        const id = batch.connection[i]!
        if (id === 0) continue
        const connection = connectionOf(id, batch.endpoint[i]!, batch.at[i]!)
        const kind = batch.kind[i]!
        const { traffic } = connection
        if (kind === received) {
          traffic.bytesReceived += batch.length[i]!
          traffic.messagesReceived++
        } else if (kind === sent) {
          traffic.bytesSent += batch.length[i]!
          traffic.messagesSent++
        } else happened(connection, batch, i)
      }
    },

    state(change) {
      for (const endpoint of change.endpoints) {
        const before = endpoints.get(endpoint.id)
        if (before !== undefined) changedEndpoints.delete(before)
        endpoints.set(endpoint.id, endpoint)
        changedEndpoints.add(endpoint)
      }
      for (const id of change.removedEndpoints) endpoints.delete(id)
      for (const info of change.connections) {
        const { traffic, ...rest } = info
        const connection = connectionOf(info.id, info.endpoint, info.startedAt)
        Object.assign(connection, rest)
        // Events that were dropped count there and not here.
        for (const key of Object.keys(traffic) as (keyof Traffic)[])
          connection.traffic[key] = Math.max(connection.traffic[key], traffic[key])
      }
    },

    written() {
      changedEndpoints.clear()
      for (const connection of changed) if (hasEnded(connection)) connections.delete(connection.id)
      changed.clear()
      last = undefined
    },

    bound(most) {
      for (const connection of changed) {
        if (changed.size <= most) break
        if (!hasEnded(connection)) continue
        changed.delete(connection)
        connections.delete(connection.id)
        if (last === connection) last = undefined
      }
    },

    older(batches) {
      const past = createFacts()
      for (const batch of batches) past.events(batch)
      for (const connection of past.changedConnections) {
        if (connections.has(connection.id)) continue
        // Made here, by the same function: ours to change.
        connections.set(connection.id, connection as Connection)
        changed.add(connection as Connection)
      }
    },

    forgotten() {
      for (const endpoint of endpoints.values()) changedEndpoints.add(endpoint)
      for (const connection of connections.values()) changed.add(connection)
    },
  }
}
