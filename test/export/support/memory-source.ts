// An export's source made of sketches of events, with facts as a recording would have them. Counterparts: main/export/source.ts,
// test/renderer/support/batches.ts.
import { createFacts } from '../../../main/archive/facts.ts'
import { createByteSink } from '../../../main/export/byte-sink.ts'
import { createExporting } from '../../../main/export/exporting.ts'
import type { ExportSource } from '../../../main/export/source.ts'
import type { FilterResult } from '../../../preload/contract/captures.ts'
import { type EventBatch, openBatch } from '../../../preload/contract/event-columns.ts'
import type { ExportSpec } from '../../../preload/contract/exports.ts'
import type { LoopBatch } from '../../../preload/contract/loop-columns.ts'
import { type Address, type ConnectionInfo, eventKinds } from '../../../preload/contract/vocabulary.ts'
import { type EventSketch, makeBatch } from '../../renderer/support/batches.ts'

/** Events with what is missing before each run of them. */
export interface Run {
  readonly gap?: number
  readonly events: readonly EventSketch[]
}

export interface SourceOptions {
  readonly startedAtEpochMs?: number
  readonly loop?: LoopBatch
  readonly notes?: Readonly<Record<number, string>>
  /** Changes the facts of a connection, as events that were dropped would have. */
  readonly facts?: (info: ConnectionInfo) => ConnectionInfo
}

export const memorySource = (runs: readonly Run[], options: SourceOptions = {}): ExportSource => {
  const facts = createFacts()
  const batches: EventBatch[] = []
  let seq = 1
  for (const { gap = 0, events } of runs) {
    const batch = makeBatch(seq + gap, events, gap)
    seq += gap + events.length
    facts.events(batch)
    batches.push(batch)
  }
  const connections = [...facts.changedConnections].map(options.facts ?? ((info) => info)).sort((a, b) => a.id - b.id)
  return {
    startedAtEpochMs: options.startedAtEpochMs ?? 1_700_000_000_000,
    firstSeq: batches[0]?.firstSeq ?? 1,
    endSeq: seq,
    endpoints: [],
    async events(fromSeq) {
      const batch = batches.find(({ firstSeq, count }) => firstSeq + count > fromSeq)
      return batch?.buffer ?? null
    },
    connections: async (from, limit) => connections.filter(({ id }) => id >= from).slice(0, limit),
    async filter(filter): Promise<FilterResult> {
      const bits = new Uint8Array(Math.ceil(seq / 8) + 1)
      let matches = 0
      for (const { buffer } of batches) {
        const { firstSeq, count, connection, kind } = openBatch(buffer)
        for (let i = 0; i < count; i++) {
          const kinds: readonly string[] | undefined = filter.kinds
          const ids: readonly number[] | undefined = filter.connections
          if (ids?.includes(connection[i]!) === false || kinds?.includes(eventKinds[kind[i]!]!) === false) continue
          bits[(firstSeq + i) >> 3]! |= 1 << ((firstSeq + i) & 7)
          matches++
        }
      }
      return { firstSeq: 0, endSeq: seq, matches, bits }
    },
    bookmarks: async () => new Map(Object.entries(options.notes ?? {}).map(([at, note]) => [Number(at), note])),
    loopRecords: async (from) =>
      options.loop !== undefined && from < options.loop.first + options.loop.count ? options.loop : null,
  }
}

export const everything: ExportSpec = { format: 'pcapng', filter: {}, direction: 'both', comments: true }

/** All bytes of an export, and what it counted. */
export const exportOf = async (source: ExportSource, spec: Partial<ExportSpec> = {}) => {
  const { chunks, counts } = createExporting(source, { ...everything, ...spec })
  const sink = createByteSink()
  for await (const chunk of chunks) sink.write(chunk)
  return { bytes: sink.take() ?? new Uint8Array(0), counts }
}

/** A connection's making, from one address to another. */
export const madeAs = (
  at: number,
  connection: number,
  direction: 'in' | 'out',
  local: Address,
  remote: Address,
  endpoint = 1,
): EventSketch => ({
  kind: 'connection-made',
  at,
  connection,
  endpoint,
  details: { local, remote, direction, side: null, pair: null },
})
