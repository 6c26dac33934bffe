// The ends of a connection and the interface that its packets are of. Counterparts: pcapng.ts, frames.ts (what an end is made
// of), pcapng-blocks.ts.
import { formatAddress } from '../../preload/contract/checks.ts'
import type { Address, ConnectionInfo, EndpointInfo } from '../../preload/contract/vocabulary.ts'
import type { ByteSink } from './byte-sink.ts'
import { type WireEnd, wireEnd } from './frames.ts'
import { putInterface } from './pcapng-blocks.ts'
import type { Whose } from './tcp-talk.ts'

const isLoopback = ({ ip }: WireEnd): boolean =>
  ip.length === 4 ? ip[0] === 127 : ip.every((byte, i) => byte === (i === 15 ? 1 : 0))

/** The local end of a connection that was never made: nobody knows its port; one of the ephemeral ones stands for it. */
const standIn = (remote: WireEnd, id: number): WireEnd => ({
  ip: isLoopback(remote) ? remote.ip : new Uint8Array(remote.ip.length),
  port: 49_152 + (id % 16_384),
})

/** Both ends as they stand in packets; null where the remote one has no numeric address. */
export const endsOf = (info: ConnectionInfo): Readonly<Record<Whose, WireEnd>> | null => {
  const remote = info.remote === null ? null : wireEnd(info.remote)
  if (remote === null) return null
  const known = info.local === null || info.local.port === 0 ? null : wireEnd(info.local)
  return { remote, local: known?.ip.length === remote.ip.length ? known : standIn(remote, info.id) }
}

const describeEndpoint = ({ spec }: EndpointInfo): string => {
  const at: Address = { host: spec.host, port: spec.port }
  return spec.role === 'relay'
    ? `relay ${formatAddress(at)} to ${formatAddress({ host: spec.upstreamHost, port: spec.upstreamPort })}`
    : `${spec.role} ${formatAddress(at)}`
}

/** One interface for each endpoint, so that its packets can be told apart: answers the number of an endpoint's. */
export const createInterfaces = (sink: ByteSink, endpoints: readonly EndpointInfo[]) => {
  const numbers = new Map<number, number>()
  return (endpoint: number): number => {
    const known = numbers.get(endpoint)
    if (known !== undefined) return known
    const info = endpoints.find(({ id }) => id === endpoint)
    const number = numbers.size
    numbers.set(endpoint, number)
    putInterface(sink, info?.spec.name || `endpoint ${endpoint}`, info === undefined ? '' : describeEndpoint(info))
    return number
  }
}
