// Connections of which both ends are ours: client and listener in one Wireloop tell of the same bytes twice. Of such twins an
// export of packets has one, the side that made the connection; twice the same packets would pass for retransmissions.
// Counterpart: pcapng.ts.
import type { Address, ConnectionInfo } from '../../preload/contract/vocabulary.ts'
import { addressBytes } from './frames.ts'
import { connectionsOf, type ExportSource } from './source.ts'

/** An end that has been over for so long is nobody's twin any more: its port may belong to another connection. */
const forgetMs = 60_000

const name = (address: Address): string => {
  const ip = addressBytes(address.host)
  return `${ip === null ? address.host : Buffer.from(ip).toString('hex')}:${address.port}`
}

interface Waiting {
  readonly id: number
  readonly endedAt: number | null
}

/**
 * For every accepted connection whose other end is ours as well, the connection that it is the same as. `isChosen`: both
 * have to be exported; who asks for the accepted side alone gets it.
 */
export const findTwins = async (
  source: ExportSource,
  isChosen: (connection: ConnectionInfo) => boolean,
): Promise<ReadonlyMap<number, number>> => {
  const twins = new Map<number, number>()
  const waiting = { in: new Map<string, Waiting[]>(), out: new Map<string, Waiting[]>() }
  const forget = (before: number) => {
    for (const side of [waiting.in, waiting.out])
      for (const [key, list] of side) {
        const kept = list.filter(({ endedAt }) => endedAt === null || endedAt >= before)
        if (kept.length === 0) side.delete(key)
        else side.set(key, kept)
      }
  }
  let seen = 0
  for await (const connection of connectionsOf(source)) {
    const { id, local, remote, direction, endedAt, startedAt } = connection
    if (local === null || remote === null || !isChosen(connection)) continue
    const key = direction === 'out' ? `${name(local)} ${name(remote)}` : `${name(remote)} ${name(local)}`
    const other = waiting[direction === 'out' ? 'in' : 'out'].get(key)?.shift()
    if (other !== undefined) twins.set(direction === 'in' ? id : other.id, direction === 'in' ? other.id : id)
    else {
      const list = waiting[direction].get(key)
      if (list === undefined) waiting[direction].set(key, [{ id, endedAt }])
      else list.push({ id, endedAt })
    }
    if (++seen % 10_000 === 0) forget(startedAt - forgetMs)
  }
  return twins
}
