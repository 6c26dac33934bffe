// Endpoints and connections as rows of a capture file, one each. Counterparts: schema.ts (the tables), facts.ts (what is
// written), capture-file.ts (reads them).
import type { DatabaseSync } from 'node:sqlite'
import * as v from 'valibot'
import { checkSpec } from '../../preload/contract/checks.ts'
import type { Failure } from '../../preload/contract/failure.ts'
import {
  type Address,
  type Cause,
  type ConnectionId,
  type ConnectionInfo,
  type ConnectionState,
  causes,
  type EndpointId,
  type EndpointInfo,
} from '../../preload/contract/vocabulary.ts'

/** Bytes (a greeting, an opening) as JSON can have them. */
const bytesAsText = (_key: string, value: unknown): unknown =>
  value instanceof Uint8Array ? { base64: Buffer.from(value).toString('base64') } : value

const textAsBytes = (_key: string, value: unknown): unknown =>
  typeof value === 'object' && value !== null && 'base64' in value && typeof value.base64 === 'string'
    ? new Uint8Array(Buffer.from(value.base64, 'base64'))
    : value

const connectionColumns = [
  'id',
  'endpoint',
  'direction',
  'side',
  'pair',
  'state',
  'local_host',
  'local_port',
  'remote_host',
  'remote_port',
  'started_at',
  'made_at',
  'ended_at',
  'cause',
  'error',
  'bytes_received',
  'bytes_sent',
  'messages_received',
  'messages_sent',
] as const

/**
 * Inserts a row, or sets all of the one that has its id. Not by INSERT OR REPLACE: with columns that may not be null SQLite
 * then keeps a copy of every page it touches, which made a row cost five times as much.
 */
const upsert = (db: DatabaseSync, table: string, [id, ...others]: readonly string[]) =>
  db.prepare(
    `INSERT INTO ${table} (${[id, ...others].join(', ')}) VALUES (?${', ?'.repeat(others.length)})
      ON CONFLICT (${id}) DO UPDATE SET ${others.map((name) => `${name} = excluded.${name}`).join(', ')}`,
  )

/** Writes and replaces rows. */
export const createFactRows = (db: DatabaseSync) => {
  const endpoint = upsert(db, 'endpoints', ['id', 'name', 'role', 'info'])
  const connection = upsert(db, 'connections', connectionColumns)
  return {
    endpoint(info: EndpointInfo): void {
      endpoint.run(info.id, info.spec.name, info.spec.role, JSON.stringify(info, bytesAsText))
    },
    connection(info: ConnectionInfo): void {
      connection.run(
        info.id,
        info.endpoint,
        info.direction,
        info.side,
        info.pair,
        info.state,
        info.local?.host ?? null,
        info.local?.port ?? null,
        info.remote?.host ?? null,
        info.remote?.port ?? null,
        info.startedAt,
        info.madeAt,
        info.endedAt,
        info.cause,
        info.error === null ? null : JSON.stringify(info.error),
        info.traffic.bytesReceived,
        info.traffic.bytesSent,
        info.traffic.messagesReceived,
        info.traffic.messagesSent,
      )
    },
  }
}

// A file may come from anybody: what a page is told has the shape that it counts on.
const failure = v.object({ code: v.string(), message: v.string() })
const count = v.pipe(v.number(), v.finite())
const endpointInfo = v.object({
  id: count,
  spec: v.custom((spec) => checkSpec(spec).ok),
  state: v.picklist(['starting', 'live', 'stopping', 'stopped', 'failed']),
  reason: v.nullable(failure),
  local: v.nullable(v.object({ host: v.string(), port: count })),
  connectionsNow: count,
  connectionsTotal: count,
  notAccepted: v.nullish(v.object({ count, error: failure })),
  traffic: v.object({ bytesReceived: count, bytesSent: count, messagesReceived: count, messagesSent: count }),
})
const connectionStates: readonly string[] = [
  'connecting',
  'open',
  'half-closed-here',
  'half-closed-by-peer',
  'closing',
  'lost',
  'failed',
] satisfies ConnectionState[]

/** The failure that a column holds; null for none, and for what is none. */
const failureIn = (text: unknown): Failure | null => {
  if (typeof text !== 'string') return null
  const parsed = v.safeParse(failure, JSON.parse(text))
  return parsed.success ? parsed.output : null
}

const address = (host: unknown, port: unknown): Address | null =>
  typeof host === 'string' ? { host, port: Number(port) } : null

const timeOrNull = (value: unknown): number | null => (value === null ? null : Number(value))

/** What an open connection of a file is told with: nobody saw its end. */
export const stillOpen: Failure = {
  code: 'recording-ended',
  message: 'It was still open when the recording ended',
}

const toConnection = (row: Record<string, unknown>, ended: boolean): ConnectionInfo => ({
  id: Number(row['id']) as ConnectionId,
  endpoint: Number(row['endpoint']) as EndpointId,
  direction: row['direction'] === 'out' ? 'out' : 'in',
  side: row['side'] === 'downstream' || row['side'] === 'upstream' ? row['side'] : null,
  pair: row['pair'] === null ? null : (Number(row['pair']) as ConnectionId),
  state: (connectionStates.includes(String(row['state'])) ? row['state'] : 'lost') as ConnectionState,
  local: address(row['local_host'], row['local_port']),
  remote: address(row['remote_host'], row['remote_port']),
  startedAt: Number(row['started_at']),
  madeAt: timeOrNull(row['made_at']),
  endedAt: timeOrNull(row['ended_at']),
  cause: (causes as readonly unknown[]).includes(row['cause']) ? (row['cause'] as Cause) : 'none',
  error: failureIn(row['error']) ?? (ended && row['ended_at'] === null ? stillOpen : null),
  traffic: {
    bytesReceived: Number(row['bytes_received']),
    bytesSent: Number(row['bytes_sent']),
    messagesReceived: Number(row['messages_received']),
    messagesSent: Number(row['messages_sent']),
  },
  bufferedBytes: 0,
  writingPaused: false,
  tls: null,
})

/** At most `limit` connections from this id on; `ended`: nobody records them any more. */
export const readConnections = (
  db: DatabaseSync,
  fromConnection: number,
  limit: number,
  ended: boolean,
): ConnectionInfo[] =>
  db
    .prepare('SELECT * FROM connections WHERE id >= ? ORDER BY id LIMIT ?')
    .all(fromConnection, limit)
    .map((row) => toConnection(row, ended))

/** Those that have no end, and the last `limit` of those that have, in the order of their ids. */
export const readLatestConnections = (db: DatabaseSync, limit: number, ended: boolean): ConnectionInfo[] => {
  const found: ConnectionInfo[] = []
  for (const which of ['ended_at IS NULL ORDER BY id', 'ended_at IS NOT NULL ORDER BY ended_at'])
    try {
      for (const row of db.prepare(`SELECT * FROM connections WHERE ${which} DESC LIMIT ?`).iterate(limit))
        found.push(toConnection(row, ended))
    } catch {
      // A page cannot be read: what came before it is told.
    }
  return found.sort((a, b) => a.id - b.id)
}

/** All endpoints; of a file that nobody records to any more none is live. */
export const readEndpoints = (db: DatabaseSync, ended: boolean): EndpointInfo[] => {
  const found: EndpointInfo[] = []
  try {
    for (const row of db.prepare('SELECT info FROM endpoints ORDER BY id').iterate()) {
      const info = JSON.parse(String(row['info']), textAsBytes) as EndpointInfo
      if (!v.is(endpointInfo, info)) continue
      const isLive = ended && info.state !== 'stopped' && info.state !== 'failed'
      found.push(isLive ? { ...info, state: 'stopped', connectionsNow: 0 } : info)
    }
  } catch {
    // As above.
  }
  return found
}
