// Counts what an engine recorded, to be held against what the load generator says it did. Counterparts: wireloop-server.ts,
// churn.bench.ts, relay.bench.ts.
import type { CaptureFileInfo } from '../../../preload/contract/captures.ts'
import { openBatch } from '../../../preload/contract/event-columns.ts'
import { type EventKind, eventKinds } from '../../../preload/contract/vocabulary.ts'

export interface Counts {
  readonly events: number
  readonly droppedEvents: number
  readonly kinds: Readonly<Record<EventKind, number>>
  /** Connections with exactly one `connection-made`, and exactly one `connection-lost` that names its cause. */
  readonly wholeConnections: number
  /** Bytes that were received, and how many of them were stored. */
  readonly receivedBytes: number
  readonly storedReceivedBytes: number
}

/** What the server answers when it is asked. */
export interface WireloopReport {
  /** Null where it was not told to count. */
  readonly counts: Counts | null
  /** What the capture in memory holds, overhead and all. */
  readonly storedBytes: number
  /** The capture file, where there is one, and events that are not in it. */
  readonly file: CaptureFileInfo | null
  readonly unwrittenEvents: number
}

export interface Tally {
  add(buffer: Parameters<typeof openBatch>[0]): void
  counts(): Counts
}

const code = (kind: EventKind) => eventKinds.indexOf(kind)
const made = code('connection-made')
const lost = code('connection-lost')
const received = code('data-received')

export const createTally = (): Tally => {
  const kinds = new Float64Array(eventKinds.length)
  /** Per connection: made in the low four bits, lost in the high ones. */
  let endings = new Uint8Array(1 << 16)
  let events = 0
  let droppedEvents = 0
  let receivedBytes = 0
  let storedReceivedBytes = 0

  const ending = (connection: number, weight: number) => {
    if (connection >= endings.length) {
      const larger = new Uint8Array(2 ** Math.ceil(Math.log2(connection + 1)))
      larger.set(endings)
      endings = larger
    }
    endings[connection]! += weight
  }

  return {
    add(buffer) {
      const batch = openBatch(buffer)
      events += batch.count
      droppedEvents += batch.droppedBefore
      for (let i = 0; i < batch.count; i++) {
        const kind = batch.kind[i]!
        kinds[kind]!++
        if (kind === made) ending(batch.connection[i]!, 1)
        else if (kind === lost) ending(batch.connection[i]!, batch.cause[i] === 0 ? 0 : 16)
        else if (kind === received) {
          receivedBytes += batch.length[i]!
          storedReceivedBytes += batch.dataLength[i]!
        }
      }
    },
    counts: () => ({
      events,
      droppedEvents,
      kinds: Object.fromEntries(eventKinds.map((kind, i) => [kind, kinds[i]!])) as Record<EventKind, number>,
      wholeConnections: endings.reduce((sum, each) => sum + (each === 17 ? 1 : 0), 0),
      receivedBytes,
      storedReceivedBytes,
    }),
  }
}
