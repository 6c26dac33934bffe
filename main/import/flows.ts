// TCP connections out of packets, told in the vocabulary of events, as the side that opened each of them saw it: SYN is
// `connection-started`, what it sent `data-sent`, what came back `data-received`. Counterparts: layers.ts, reassembly.ts,
// capture-builder.ts (which records what is told here).
import type { Address, Cause } from '../../preload/contract/vocabulary.ts'
import type { TcpPacket } from './layers.ts'
import { createDirection, type Direction } from './reassembly.ts'

/** Connections that are followed at once; beyond, the one that was silent longest is left as it is. */
export const followedConnections = 100_000
/** How long a connection that is over is known, for packets that come late, in ms of the capture. */
const lingerMs = 30_000

export interface FlowListener {
  /** A connection that was not seen before. `midway`: its beginning is not in the capture. */
  opened(id: number, at: number, client: Address, server: Address, midway: boolean): void
  made(id: number, at: number): void
  failed(id: number, at: number, cause: Cause): void
  /** `length` bytes, of which `data` was captured. */
  data(id: number, at: number, from: 'client' | 'server', data: Uint8Array, length: number): void
  end(id: number, at: number, from: 'client' | 'server'): void
  lost(id: number, at: number, cause: Cause): void
}

export interface Flows {
  /** Packets in the order of the file; `at` in ms. */
  take(packet: TcpPacket, at: number): void
  /** No more packets: what waits is told of. Connections that have no end stay open. */
  end(): void
  readonly connections: number
  readonly repeatedBytes: number
}

const [fin, syn, rst, ack] = [1, 2, 4, 16]

interface Flow {
  readonly id: number
  /** Who opened it, as it stands in packets. */
  readonly client: string
  readonly sides: Readonly<Record<'client' | 'server', Direction>>
  readonly firstNumbers: { client: number | null; server: number | null }
  made: boolean
  /** Who has ended first; null while nobody has. */
  firstEnd: 'client' | 'server' | null
  ends: number
  overAt: number | null
  lastAt: number
}

const other = (from: 'client' | 'server') => (from === 'client' ? 'server' : 'client')

export const createFlows = (listener: FlowListener): Flows => {
  /** By their two ends; those last seen are last. */
  const flows = new Map<string, Flow>()
  let lastId = 0
  let repeatedBytes = 0
  let now = 0

  const forget = (key: string, flow: Flow) => {
    flows.delete(key)
    if (flow.overAt === null) for (const side of ['client', 'server'] as const) flow.sides[side].flush()
    repeatedBytes += flow.sides.client.repeatedBytes + flow.sides.server.repeatedBytes
  }

  const over = (flow: Flow) => {
    flow.overAt = now
  }

  const made = (flow: Flow) => {
    if (flow.made) return
    flow.made = true
    listener.made(flow.id, now)
  }

  const open = (key: string, packet: TcpPacket): Flow => {
    const begins = (packet.flags & syn) !== 0
    const answers = begins && (packet.flags & ack) !== 0
    // Of one that was open before the capture began, whoever has the lower port is taken for the server.
    const fromClient = begins ? !answers : packet.fromPort >= packet.toPort
    const from = { host: packet.fromHost, port: packet.fromPort }
    const to = { host: packet.toHost, port: packet.toPort }
    const [client, server] = fromClient ? [from, to] : [to, from]
    const id = ++lastId
    const midway = !begins
    const direction = (whose: 'client' | 'server') =>
      createDirection({
        bytes: (data, length) => {
          if (flow.overAt !== null) return
          if (!midway) made(flow)
          listener.data(id, now, whose, data, length)
        },
        end: () => {
          if (flow.overAt !== null) return
          listener.end(id, now, whose)
          flow.firstEnd ??= whose
          if (++flow.ends < 2) return
          listener.lost(id, now, flow.firstEnd === 'client' ? 'closed-here' : 'closed-by-peer')
          over(flow)
        },
      })
    const flow: Flow = {
      id,
      client: `${client.host} ${client.port}`,
      sides: { client: direction('client'), server: direction('server') },
      firstNumbers: { client: null, server: null },
      made: midway,
      firstEnd: null,
      ends: 0,
      overAt: null,
      lastAt: now,
    }
    listener.opened(id, now, client, server, midway)
    flows.set(key, flow)
    return flow
  }

  /** The connection that a packet is of; a SYN with other numbers begins another one between the same ends. */
  const flowOf = (packet: TcpPacket): Flow | null => {
    const ends = [`${packet.fromHost} ${packet.fromPort}`, `${packet.toHost} ${packet.toPort}`].sort()
    const key = ends.join(' ')
    const known = flows.get(key)
    const begins = (packet.flags & (syn | ack)) === syn
    const isAnother =
      known !== undefined &&
      begins &&
      (known.client !== `${packet.fromHost} ${packet.fromPort}` || known.firstNumbers.client !== packet.seq)
    if (known !== undefined && !isAnother && (known.overAt === null || now - known.overAt < lingerMs)) {
      // The one seen last goes last.
      flows.delete(key)
      flows.set(key, known)
      return known
    }
    if (known !== undefined) forget(key, known)
    // A reset or a last acknowledgement of what nobody has seen begins nothing.
    if (!begins && (packet.flags & rst) !== 0) return null
    if ((packet.flags & (syn | fin)) === 0 && packet.payloadBytes === 0) return null
    const [oldest] = flows
    if (flows.size >= followedConnections && oldest !== undefined) forget(...oldest)
    return open(key, packet)
  }

  const reset = (flow: Flow, from: 'client' | 'server') => {
    for (const side of ['client', 'server'] as const) flow.sides[side].flush()
    if (flow.overAt !== null) return
    if (flow.made) listener.lost(flow.id, now, from === 'client' ? 'reset-here' : 'reset-by-peer')
    else listener.failed(flow.id, now, from === 'client' ? 'cancelled' : 'refused')
    over(flow)
  }

  return {
    get connections() {
      return lastId
    },
    get repeatedBytes() {
      let sum = repeatedBytes
      for (const { sides } of flows.values()) sum += sides.client.repeatedBytes + sides.server.repeatedBytes
      return sum
    },
    take(packet, at) {
      now = Math.max(now, at)
      const flow = flowOf(packet)
      if (flow === null) return
      flow.lastAt = now
      const from = `${packet.fromHost} ${packet.fromPort}` === flow.client ? 'client' : 'server'
      const { flags } = packet
      const side = flow.sides[from]
      let number = packet.seq
      if ((flags & syn) !== 0) {
        flow.firstNumbers[from] = packet.seq
        number = (packet.seq + 1) >>> 0
        side.begin(number)
      }
      // What comes after the end nobody has received.
      if (flow.overAt !== null) return
      if ((flags & rst) !== 0) {
        reset(flow, from)
        return
      }
      // The client knows that it is made when the server's SYN has come.
      if (from === 'server' && (flags & (syn | ack)) === (syn | ack)) made(flow)
      if ((flags & ack) !== 0) flow.sides[other(from)].acknowledged(packet.ack)
      side.take(number, packet.payload, packet.payloadBytes)
      if ((flags & fin) !== 0) side.finish((number + packet.payloadBytes) >>> 0)
    },
    end() {
      for (const [key, flow] of [...flows]) forget(key, flow)
    },
  }
}
