// How many bytes of a connection's streams are not in a capture, because events were dropped: what the connection had in all,
// less what its events tell of. Counterpart: pcapng.ts, which leaves so much out of the numbers at the first gap.
import { type EventBatch, kindCode } from '../../preload/contract/event-columns.ts'
import { batchesOf, type ExportSource } from './source.ts'
import type { Whose } from './tcp-talk.ts'

export interface SeenBytes {
  received: number
  sent: number
}

const received = kindCode('data-received')
const sent = kindCode('data-sent')
const begins: ReadonlySet<number> = new Set([kindCode('connection-started'), kindCode('connection-made')])
const ends: ReadonlySet<number> = new Set([kindCode('connection-lost'), kindCode('connection-failed')])

/** Connections across gaps whose bytes are counted; beyond, what is missing of further ones is not known. */
export const countedConnections = 1_000_000

/** Bytes by connection, of all connections that were there while events were dropped, from `fromSeq` to the end. */
export const countAcrossGaps = async (
  source: ExportSource,
  fromSeq: number,
): Promise<ReadonlyMap<number, SeenBytes>> => {
  const across = new Map<number, SeenBytes>()
  /** Those that have begun since the last gap, and have not ended. */
  const whole = new Map<number, SeenBytes>()
  let next = fromSeq
  const count = (batch: EventBatch, i: number) => {
    const id = batch.connection[i]!
    const kind = batch.kind[i]!
    let bytes = across.get(id) ?? whole.get(id)
    if (bytes === undefined) {
      bytes = { received: 0, sent: 0 }
      if (begins.has(kind)) whole.set(id, bytes)
      else if (across.size < countedConnections) across.set(id, bytes)
    }
    if (kind === received) bytes.received += batch.length[i]!
    else if (kind === sent) bytes.sent += batch.length[i]!
    else if (ends.has(kind)) whole.delete(id)
  }
  for await (const batch of batchesOf(source, fromSeq)) {
    if (batch.firstSeq > next)
      for (const [id, bytes] of whole) {
        if (across.size < countedConnections) across.set(id, bytes)
        whole.delete(id)
      }
    next = batch.firstSeq + batch.count
    for (let i = 0; i < batch.count; i++) if (batch.connection[i]! !== 0) count(batch, i)
  }
  return across
}

export const bytesOf = (seen: SeenBytes, from: Whose): number => (from === 'local' ? seen.sent : seen.received)
