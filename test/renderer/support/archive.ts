// A capture that answers as the archive does, over batches in memory: what the page's readers are tested against without
// files and threads. Counterpart: main/archive, whose own tests prove the same answers from a file.
import type { SummaryTable } from '../../../preload/contract/captures.ts'
import { type EventBatch, EventBatchWriter, isData, kindCode } from '../../../preload/contract/event-columns.ts'
import { fail, ok, type Result } from '../../../preload/contract/failure.ts'

const received = kindCode('data-received')

/** At most `rows` rows of a batch from `row` on, as a batch of their own. */
const cut = (batch: EventBatch, row: number, rows: number): ArrayBuffer => {
  const end = Math.min(batch.count, row + rows)
  let arena = 0
  for (let i = row; i < end; i++) arena += batch.dataLength[i]!
  const writer = new EventBatchWriter(end - row, arena)
  for (let i = row; i < end; i++) writer.copyRow(batch, i, Number.POSITIVE_INFINITY)
  return writer.take(batch.firstSeq + row, 0)
}

/** Each batch is a segment. `rowsAtOnce`: what one `readEvents` answers at most, whatever its bytes. */
export const archiveOf = (segments: readonly EventBatch[], rowsAtOnce = Number.POSITIVE_INFINITY) => {
  const asked: number[] = []
  return {
    /** The seqs that were read from, in order. */
    asked,
    async readEvents({ fromSeq }: { fromSeq: number; maxBytes: number }): Promise<Result<ArrayBuffer | null>> {
      asked.push(fromSeq)
      const batch = segments.find((each) => each.firstSeq + each.count > fromSeq)
      return ok(batch === undefined ? null : cut(batch, Math.max(0, fromSeq - batch.firstSeq), rowsAtOnce))
    },
    async readSummaries({ fromSegment }: { fromSegment: number }): Promise<Result<SummaryTable>> {
      const told = segments.slice(fromSegment)
      const rows = told.flatMap((batch) => {
        const byConnection = new Map<number, number[]>()
        for (let i = 0; i < batch.count; i++)
          byConnection.set(batch.connection[i]!, [...(byConnection.get(batch.connection[i]!) ?? []), i])
        return [[...byConnection].map(([connection, at]) => ({ batch, connection, at }))]
      })
      const flat = rows.flat()
      const sum = (wanted: boolean) =>
        Float64Array.from(flat, ({ batch, at }) =>
          at.reduce(
            (bytes, i) =>
              bytes + (isData(batch.kind[i]!) && (batch.kind[i] === received) === wanted ? batch.length[i]! : 0),
            0,
          ),
        )
      const longest = (wanted: boolean) =>
        Uint32Array.from(flat, ({ batch, at }) =>
          at.reduce(
            (most, i) =>
              isData(batch.kind[i]!) && (batch.kind[i] === received) === wanted
                ? Math.max(most, batch.length[i]!)
                : most,
            0,
          ),
        )
      const starts = [0]
      for (const each of rows) starts.push(starts.at(-1)! + each.length)
      return ok({
        segments: told.length,
        nextSegment: segments.length,
        segmentFirstSeq: Float64Array.from(told, (batch) => batch.firstSeq),
        segmentCount: Uint32Array.from(told, (batch) => batch.count),
        segmentFirstAt: Float64Array.from(told, (batch) => batch.at[0]!),
        segmentLastAt: Float64Array.from(told, (batch) => batch.at[batch.count - 1]!),
        rowStart: Uint32Array.from(starts),
        connection: Uint32Array.from(flat, ({ connection }) => connection),
        firstAt: Float64Array.from(flat, ({ batch, at }) => batch.at[at[0]!]!),
        lastAt: Float64Array.from(flat, ({ batch, at }) => batch.at[at.at(-1)!]!),
        events: Uint32Array.from(flat, ({ at }) => at.length),
        bytesReceived: sum(true),
        bytesSent: sum(false),
        longestReceived: longest(true),
        longestSent: longest(false),
        kinds: Uint32Array.from(flat, ({ batch, at }) => at.reduce((bits, i) => bits | (1 << batch.kind[i]!), 0)),
      })
    },
    readLoopSummaries: async () => fail('not-found', 'This capture keeps no loop records'),
    readConnections: async () => fail('not-found', 'This capture keeps no facts'),
  }
}
