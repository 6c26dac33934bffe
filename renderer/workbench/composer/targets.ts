// Which connection the composer writes to. Pure. Counterparts: composer.tsx, stores/composer.ts.
import type {
  ConnectionId,
  ConnectionInfo,
  EndpointId,
  EndpointInfo,
  Side,
} from '../../../preload/contract/vocabulary.ts'
import { canSend } from '../../stores/endpoints.ts'

/**
 * What the person wants to write to. The connection is the one they chose; where it has ended, the newest of the same
 * endpoint and side takes its place, and never one of another endpoint: bytes must not go where nobody meant them to.
 */
export interface Wanted {
  readonly connection: ConnectionId | null
  readonly endpoint: EndpointId
  readonly side: Side | null
}

type Connections = ReadonlyMap<ConnectionId, ConnectionInfo>

const newest = (connections: Connections, fits: (connection: ConnectionInfo) => boolean): ConnectionInfo | null => {
  let found: ConnectionInfo | null = null
  for (const connection of connections.values())
    if (canSend(connection) && fits(connection) && connection.id > (found?.id ?? 0)) found = connection
  return found
}

/** The connection to write to now; null where there is none. With nothing wanted, a client's comes before any other. */
export const resolveTarget = (
  wanted: Wanted | null,
  connections: Connections,
  endpoints: ReadonlyMap<EndpointId, EndpointInfo>,
): ConnectionInfo | null => {
  if (wanted !== null && endpoints.has(wanted.endpoint)) {
    const chosen = wanted.connection === null ? undefined : connections.get(wanted.connection)
    if (chosen !== undefined && canSend(chosen)) return chosen
    return newest(
      connections,
      (connection) =>
        connection.endpoint === wanted.endpoint && (wanted.side === null || connection.side === wanted.side),
    )
  }
  const client = newest(connections, (connection) => connection.direction === 'out' && connection.side === null)
  return client ?? newest(connections, () => true)
}

export interface Target {
  readonly connection: ConnectionInfo
  readonly endpoint: EndpointInfo
}

/** Everything that can be written to, in the order of endpoints and ids. */
export const targetsOf = (
  connections: Connections,
  endpoints: ReadonlyMap<EndpointId, EndpointInfo>,
): readonly Target[] => {
  const list: Target[] = []
  for (const connection of connections.values()) {
    const endpoint = endpoints.get(connection.endpoint)
    if (endpoint !== undefined && canSend(connection)) list.push({ connection, endpoint })
  }
  const roleOrder = { client: 0, listener: 1, relay: 2 } as const
  return list.sort(
    (a, b) =>
      roleOrder[a.endpoint.spec.role] - roleOrder[b.endpoint.spec.role] ||
      a.endpoint.id - b.endpoint.id ||
      a.connection.id - b.connection.id,
  )
}
