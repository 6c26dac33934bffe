// What an export counts on its way, and tells of at its end. Counterparts: the writers, which count; preload/contract/exports.ts,
// which says what each number means.
import type { ExportSummary } from '../../preload/contract/exports.ts'

export type Counts = { -readonly [K in keyof ExportSummary]: ExportSummary[K] }

export const newCounts = (): Counts => ({
  events: 0,
  packets: 0,
  connections: 0,
  payloadBytes: 0,
  missingBytes: 0,
  droppedEvents: 0,
  twins: 0,
  withoutAddress: 0,
  writtenBytes: 0,
})

/** Connections that are told apart at most: 1 million. Beyond, the count of them stays. */
export const maxCountedConnections = 1_000_000

/** Counts connections, each once. */
export const createConnectionCount = () => {
  const seen = new Set<number>()
  return {
    add(connection: number): void {
      if (connection !== 0 && seen.size < maxCountedConnections) seen.add(connection)
    },
    get count() {
      return seen.size
    },
  }
}
