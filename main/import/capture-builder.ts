// A capture file made of connections that somebody else has captured: one client endpoint for every server that was talked to,
// its connections and their events. Counterparts: flows.ts (which tells of them), main/archive/writer.ts (the file).
import { formatAddress } from '../../preload/contract/checks.ts'
import { causeCode, detailsText, EventBatchWriter, kindCode, openBatch } from '../../preload/contract/event-columns.ts'
import type {
  Address,
  Cause,
  ConnectionId,
  ConnectionInfo,
  EndpointId,
  EndpointInfo,
  EventDetails,
  EventKind,
} from '../../preload/contract/vocabulary.ts'
import { createFacts } from '../archive/facts.ts'
import { createCaptureWriter } from '../archive/writer.ts'
import type { FlowListener } from './flows.ts'

/** Servers that become an endpoint of their own; the connections of further ones are those of the last. */
export const maxEndpoints = 10_000

const batchRows = 4096
const batchBytes = 1024 * 1024
/** Bytes written between two commits. */
const commitBytes = 2 * 1024 * 1024

const noTraffic = { bytesReceived: 0, bytesSent: 0, messagesReceived: 0, messagesSent: 0 } as const

export interface CaptureBuilder extends FlowListener {
  readonly payloadBytes: number
  readonly missingBytes: number
  /** Writes what is left and closes the file. */
  close(): void
  /** Lets go of a file that is not to be. */
  abandon(): void
}

/** Makes a new file. Throws where there is one, or none can be made. */
export const createCaptureBuilder = (path: string, startedAtEpochMs: number): CaptureBuilder => {
  const facts = createFacts()
  const limits = { maxBytes: Number.MAX_SAFE_INTEGER, maxDays: null, snapBytes: null }
  const writer = createCaptureWriter({ path, limits, startedAtEpochMs, facts })
  const endpoints = new Map<string, { info: EndpointInfo; connections: number }>()
  const endpointOf = new Map<number, EndpointId>()
  const ends = new Map<number, { client: Address; server: Address }>()
  let batch = new EventBatchWriter(batchRows, batchBytes)
  let nextSeq = 1
  let payloadBytes = 0
  let missingBytes = 0

  const flush = () => {
    if (batch.count === 0) return
    const opened = openBatch(batch.take(nextSeq, 0))
    nextSeq += opened.count
    facts.events(opened)
    writer.events(opened)
    batch = new EventBatchWriter(batchRows, batchBytes)
    if (writer.uncommittedBytes >= commitBytes) writer.commit()
  }

  const append = (kind: EventKind, cause: Cause, at: number, id: number, bytes: Uint8Array, length: number) => {
    if (!batch.fits(bytes.length)) flush()
    // A packet of any size fits into a batch of its own.
    if (!batch.fits(bytes.length)) batch = new EventBatchWriter(1, bytes.length)
    const offset = batch.store(bytes)
    batch.append(kindCode(kind), causeCode(cause), at, endpointOf.get(id) ?? 0, id, length, 0, 0, offset, bytes.length)
  }

  const event = <K extends EventKind>(kind: K, cause: Cause, at: number, id: number, details: EventDetails[K]) =>
    append(kind, cause, at, id, new TextEncoder().encode(detailsText(details)), 0)

  const endpointFor = (server: Address): EndpointId => {
    const name = formatAddress(server)
    let endpoint = endpoints.get(name)
    if (endpoint === undefined && endpoints.size >= maxEndpoints) endpoint = [...endpoints.values()].at(-1)
    if (endpoint === undefined) {
      const info: EndpointInfo = {
        id: (endpoints.size + 1) as EndpointId,
        spec: { role: 'client', name, host: server.host, port: server.port, connectTimeoutMs: 10_000 },
        state: 'stopped',
        reason: null,
        local: null,
        connectionsNow: 0,
        connectionsTotal: 0,
        notAccepted: null,
        held: 0,
        traffic: noTraffic,
      }
      endpoint = { info, connections: 0 }
      endpoints.set(name, endpoint)
    }
    endpoint.connections++
    return endpoint.info.id
  }

  /** What no event tells: the ends of a connection whose beginning is not in the capture. */
  const tell = (info: ConnectionInfo) =>
    facts.state({
      seq: nextSeq,
      probe: 'off',
      endpoints: [],
      connections: [info],
      removedEndpoints: [],
      removedConnections: [],
    })

  const over = (id: number) => {
    endpointOf.delete(id)
    ends.delete(id)
  }

  return {
    get payloadBytes() {
      return payloadBytes
    },
    get missingBytes() {
      return missingBytes
    },
    opened(id, at, client, server, midway) {
      const endpoint = endpointFor(server)
      endpointOf.set(id, endpoint)
      ends.set(id, { client, server })
      if (midway) {
        flush()
        tell({
          id: id as ConnectionId,
          endpoint,
          direction: 'out',
          side: null,
          pair: null,
          state: 'open',
          local: client,
          remote: server,
          startedAt: at,
          madeAt: null,
          endedAt: null,
          cause: 'none',
          error: null,
          traffic: noTraffic,
          bufferedBytes: 0,
          writingPaused: false,
          tls: null,
        })
      } else event('connection-started', 'none', at, id, { remote: server, side: null, pair: null })
    },
    made(id, at) {
      const { client, server } = ends.get(id)!
      event('connection-made', 'none', at, id, {
        local: client,
        remote: server,
        direction: 'out',
        side: null,
        pair: null,
      })
    },
    failed(id, at, cause) {
      const { server } = ends.get(id)!
      const refused = cause === 'refused'
      const error = {
        code: refused ? 'ECONNREFUSED' : 'ECANCELED',
        message: refused ? `${formatAddress(server)} answered with RST` : 'It was reset by the side that opened it',
      }
      event('connection-failed', cause, at, id, { error, remote: server })
      over(id)
    },
    data(id, at, from, data, length) {
      payloadBytes += length
      missingBytes += length - data.length
      append(from === 'client' ? 'data-sent' : 'data-received', 'none', at, id, data, length)
    },
    end(id, at, from) {
      event(from === 'client' ? 'eof-sent' : 'eof-received', 'none', at, id, null)
    },
    lost(id, at, cause) {
      event('connection-lost', cause, at, id, { error: null, unsentBytes: 0, unreadBytes: 0, ignoredBytes: 0 })
      over(id)
    },
    close() {
      flush()
      facts.state({
        seq: nextSeq,
        probe: 'off',
        endpoints: [...endpoints.values()].map(({ info, connections }) => ({ ...info, connectionsTotal: connections })),
        connections: [],
        removedEndpoints: [],
        removedConnections: [],
      })
      writer.close()
    },
    abandon() {
      writer.abandon()
    },
  }
}
