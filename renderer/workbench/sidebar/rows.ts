// The side bar as a flat list of rows, which is what a virtual list and arrow keys need; a row that shows the same as before
// stays the same object, so that traffic alone renders nothing. Pure. Counterparts: sidebar.tsx, tree.tsx.
import type {
  ConnectionId,
  ConnectionInfo,
  EndpointId,
  EndpointInfo,
  EndpointRole,
  EndpointSpec,
} from '../../../preload/contract/vocabulary.ts'
import { isOpen, sameButTraffic } from '../../stores/endpoints.ts'

export type SidebarRow =
  | { readonly kind: 'section'; readonly role: EndpointRole; readonly count: number }
  | { readonly kind: 'empty'; readonly role: EndpointRole }
  | {
      readonly kind: 'endpoint'
      readonly endpoint: EndpointInfo
      /** Open connections, a relay's pair counted once. */
      readonly open: number
      /** The connection that ended last, of a relay's the upstream one; null where none has. */
      readonly last: ConnectionInfo | null
    }
  | { readonly kind: 'connection'; readonly connection: ConnectionInfo }
  /** A relay's pair; one half may still be missing or be gone already. */
  | { readonly kind: 'pair'; readonly downstream: ConnectionInfo | null; readonly upstream: ConnectionInfo | null }
  | { readonly kind: 'more'; readonly endpoint: EndpointId; readonly hidden: number }
  | { readonly kind: 'fewer'; readonly endpoint: EndpointId }

/** Rows of one endpoint that stand there before the rest is folded into "and N more". */
export const shownAtOnce = 12

const roles: readonly EndpointRole[] = ['listener', 'client', 'relay']

const pairsOf = (connections: readonly ConnectionInfo[]): SidebarRow[] => {
  const rows: SidebarRow[] = []
  const seen = new Set<ConnectionId>()
  const open = new Map(connections.map((connection) => [connection.id, connection]))
  for (const connection of connections) {
    if (seen.has(connection.id)) continue
    const other = connection.pair === null ? undefined : open.get(connection.pair)
    if (other !== undefined) seen.add(other.id)
    const halves = [connection, other]
    const half = (side: 'downstream' | 'upstream') => halves.find((one) => one?.side === side) ?? null
    rows.push({ kind: 'pair', downstream: half('downstream'), upstream: half('upstream') })
  }
  return rows
}

/** All rows, top to bottom. `unfolded` are the endpoints whose every connection is shown. */
export const sidebarRows = (
  endpoints: Iterable<EndpointInfo>,
  connections: Iterable<ConnectionInfo>,
  unfolded: ReadonlySet<EndpointId>,
): readonly SidebarRow[] => {
  const openOf = new Map<EndpointId, ConnectionInfo[]>()
  const lastOf = new Map<EndpointId, ConnectionInfo>()
  for (const connection of connections) {
    if (isOpen(connection)) {
      const list = openOf.get(connection.endpoint)
      if (list === undefined) openOf.set(connection.endpoint, [connection])
      else list.push(connection)
    } else if (connection.side !== 'downstream') {
      const last = lastOf.get(connection.endpoint)
      if (last === undefined || (connection.endedAt ?? 0) >= (last.endedAt ?? 0))
        lastOf.set(connection.endpoint, connection)
    }
  }
  const all = [...endpoints]
  const rows: SidebarRow[] = []
  for (const role of roles) {
    const members = all.filter((endpoint) => endpoint.spec.role === role)
    rows.push({ kind: 'section', role, count: members.length })
    if (members.length === 0) rows.push({ kind: 'empty', role })
    for (const endpoint of members) {
      const open = openOf.get(endpoint.id) ?? []
      const children: SidebarRow[] =
        role === 'relay' ? pairsOf(open) : open.map((connection) => ({ kind: 'connection', connection }))
      rows.push({ kind: 'endpoint', endpoint, open: children.length, last: lastOf.get(endpoint.id) ?? null })
      // A fold that hides one single row would only take its place.
      const folded = children.length > shownAtOnce + 1
      if (!folded) rows.push(...children)
      else if (unfolded.has(endpoint.id)) rows.push(...children, { kind: 'fewer', endpoint: endpoint.id })
      else
        rows.push(...children.slice(0, shownAtOnce), {
          kind: 'more',
          endpoint: endpoint.id,
          hidden: children.length - shownAtOnce,
        })
    }
  }
  return rows
}

/** The row's key: stable while the thing it shows exists. */
export const rowKey = (row: SidebarRow): string => {
  switch (row.kind) {
    case 'section':
    case 'empty':
      return `${row.kind}-${row.role}`
    case 'endpoint':
      return `endpoint-${row.endpoint.id}`
    case 'connection':
      return `connection-${row.connection.id}`
    case 'pair': {
      // The lower id of the two, also while one half is not there: the row stays itself when a half ends.
      const one = row.downstream ?? row.upstream
      return `pair-${Math.min(one?.id ?? 0, one?.pair ?? Number.POSITIVE_INFINITY)}`
    }
    case 'more':
    case 'fewer':
      return `${row.kind}-${row.endpoint}`
  }
}

/** False for heads and for the words that stand in place of rows. */
export const canFocus = (row: SidebarRow): boolean => row.kind !== 'section' && row.kind !== 'empty'

/** Heights in px, as the look says; the first section has the title bar's line above it. */
export const rowHeight = (row: SidebarRow): number => {
  switch (row.kind) {
    case 'section':
      return 36
    case 'endpoint':
      return 44
    default:
      return 24
  }
}

const sameValue = (a: unknown, b: unknown): boolean =>
  a === b || (typeof a === 'object' && typeof b === 'object' && JSON.stringify(a) === JSON.stringify(b))

/** A spec's fields; what came over a pipe is new each time. A greeting's bytes the side bar does not show. */
const sameSpec = (a: EndpointSpec, b: EndpointSpec): boolean => {
  const fields = new Map<string, unknown>(Object.entries(b))
  const own = Object.entries(a)
  return (
    own.length === fields.size &&
    own.every(([name, value]) => value instanceof Uint8Array || sameValue(value, fields.get(name)))
  )
}

const sameEndpoint = (a: EndpointInfo, b: EndpointInfo): boolean =>
  a === b ||
  (a.state === b.state &&
    a.reason?.code === b.reason?.code &&
    a.local?.host === b.local?.host &&
    a.local?.port === b.local?.port &&
    a.connectionsNow === b.connectionsNow &&
    a.held === b.held &&
    (a.scriptFailed === undefined) === (b.scriptFailed === undefined) &&
    a.notAccepted?.count === b.notAccepted?.count &&
    sameSpec(a.spec, b.spec))

/** True where two rows of one key show the same. */
const sameRow = (a: SidebarRow, b: SidebarRow): boolean => {
  switch (a.kind) {
    case 'section':
      return b.kind === 'section' && a.count === b.count
    case 'endpoint':
      return (
        b.kind === 'endpoint' &&
        a.open === b.open &&
        sameEndpoint(a.endpoint, b.endpoint) &&
        sameButTraffic(a.last, b.last)
      )
    case 'connection':
      return b.kind === 'connection' && sameButTraffic(a.connection, b.connection)
    case 'pair':
      return b.kind === 'pair' && sameButTraffic(a.downstream, b.downstream) && sameButTraffic(a.upstream, b.upstream)
    case 'more':
      return b.kind === 'more' && a.hidden === b.hidden
    case 'empty':
    case 'fewer':
      return true
  }
}

/** `now`, with every row of `before` in it that shows the same; `before` itself where all of them do. */
export const keepRows = (before: readonly SidebarRow[], now: readonly SidebarRow[]): readonly SidebarRow[] => {
  const held = new Map(before.map((row) => [rowKey(row), row]))
  const rows = now.map((row) => {
    const old = held.get(rowKey(row))
    return old !== undefined && sameRow(old, row) ? old : row
  })
  return rows.length === before.length && rows.every((row, i) => row === before[i]) ? before : rows
}
