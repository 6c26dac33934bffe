// What an export reads: events with their whole payloads, facts of endpoints and connections, a person's notes. Counterparts:
// file-source.ts (a capture file, read here and now), page-source.ts above (what a page looks at), exporting.ts.
import type { EventFilter, FilterResult } from '../../preload/contract/captures.ts'
import { type EventBatch, openBatch } from '../../preload/contract/event-columns.ts'
import type { Failure, Result } from '../../preload/contract/failure.ts'
import type { LoopBatch } from '../../preload/contract/loop-columns.ts'
import type { ConnectionId, ConnectionInfo, EndpointInfo } from '../../preload/contract/vocabulary.ts'

/** Bytes of events that are read at once; one event may be more. */
export const readBytes = 1024 * 1024
/** Connections whose facts are read at once. */
export const connectionsAtOnce = 1000

/** An expected failure on its way out of a generator; whoever runs the export turns it into a `Result`. */
export class ExportFailure extends Error {
  readonly failure: Failure

  constructor(failure: Failure) {
    super(failure.message)
    this.failure = failure
  }
}

/** The value, or the failure thrown. */
export const orThrow = <T>(result: Result<T>): T => {
  if (!result.ok) throw new ExportFailure(result.failure)
  return result.value
}

/** One capture, as far as it goes at the moment at which the source was made. Methods throw `ExportFailure`. */
export interface ExportSource {
  readonly startedAtEpochMs: number
  /** The oldest event that is kept, and the seq after the last one that is exported. */
  readonly firstSeq: number
  readonly endSeq: number
  readonly endpoints: readonly EndpointInfo[]
  /** Events from `fromSeq` on with their whole payloads, of at most `maxBytes` or one; null where there are none. */
  events(fromSeq: number, maxBytes: number): Promise<ArrayBufferLike | null>
  /** At most `limit` connections from this id on, in the order of their ids. */
  connections(fromConnection: ConnectionId, limit: number): Promise<readonly ConnectionInfo[]>
  /** Of events from `fromSeq` on; it may end before the last one (`endSeq`), and is then asked from there. */
  filter(filter: EventFilter, fromSeq: number): Promise<FilterResult>
  bookmarks(): Promise<ReadonlyMap<number, string>>
  /** Loop records from `fromRecord` on; null where there are none. */
  loopRecords(fromRecord: number): Promise<LoopBatch | null>
}

/** All events of a source from first to last, batch after batch, those at and after `endSeq` left out. */
export async function* batchesOf(source: ExportSource, fromSeq = source.firstSeq): AsyncGenerator<EventBatch> {
  for (let seq = fromSeq; seq < source.endSeq; ) {
    const buffer = await source.events(seq, readBytes)
    if (buffer === null) return
    const batch = openBatch(buffer)
    seq = batch.firstSeq + batch.count
    yield seq <= source.endSeq ? batch : { ...batch, count: Math.max(0, source.endSeq - batch.firstSeq) }
  }
}

/** Every connection of a source, in the order of their ids. */
export async function* connectionsOf(source: ExportSource): AsyncGenerator<ConnectionInfo> {
  for (let from = 1; ; ) {
    const some = await source.connections(from as ConnectionId, connectionsAtOnce)
    yield* some
    const last = some.at(-1)
    if (last === undefined || some.length < connectionsAtOnce) return
    from = last.id + 1
  }
}

export interface ConnectionFacts {
  /** Null where nothing is known of a connection. */
  find(id: number): Promise<ConnectionInfo | null>
}

/** Windows of facts that are kept at once: connections of one time have ids that are near each other. */
const keptWindows = 16

/** Facts looked up by id. Reads many at once, and keeps few. */
export const createConnectionFacts = (source: ExportSource): ConnectionFacts => {
  const windows = new Map<number, Map<number, ConnectionInfo>>()
  return {
    async find(id) {
      const first = id - (id % connectionsAtOnce)
      let window = windows.get(first)
      if (window === undefined) {
        window = new Map()
        for (const info of await source.connections(Math.max(1, first) as ConnectionId, connectionsAtOnce))
          if (info.id < first + connectionsAtOnce) window.set(info.id, info)
        windows.set(first, window)
        if (windows.size > keptWindows) windows.delete(windows.keys().next().value!)
      }
      return window.get(id) ?? null
    },
  }
}
