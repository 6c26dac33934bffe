// What a capture file holds, read for `wireloop info` from first to last: its facts, endpoints, connections and the check of
// every byte. Blocks while it reads, which a command that does nothing else may. Counterparts: info.ts, main/archive.
import { basename, dirname, resolve } from 'node:path'
import type { CaptureFileInfo, CaptureLimits, CheckReport } from '../../preload/contract/captures.ts'
import { checkSpec } from '../../preload/contract/checks.ts'
import { ok, type Result } from '../../preload/contract/failure.ts'
import type { Cause, ConnectionId, ConnectionInfo, EndpointInfo } from '../../preload/contract/vocabulary.ts'
import type { CaptureFile } from '../archive/capture-file.ts'
import { openColumns } from '../archive/event-segment.ts'

export interface CaptureFacts extends Omit<CaptureFileInfo, 'id'> {
  /** Null where a limit is not known, because the part of the file that says so cannot be read. */
  readonly limits: CaptureLimits | null
  /** Bytes that data events had on the wire and the file has not: beyond the snap length, or faster than they could be kept. */
  readonly missingBytes: number
  readonly loopRecords: number
  readonly droppedLoopRecords: number
  /** Connections by how they ended; those that have no end under `open`. */
  readonly endings: Readonly<Partial<Record<Cause | 'open', number>>>
  readonly check: CheckReport
}

export interface OpenedCapture {
  readonly facts: CaptureFacts
  readonly endpoints: readonly EndpointInfo[]
  /** By their ids; read as they are asked for, of which there may be millions. */
  connections(): Generator<ConnectionInfo>
  close(): void
}

/** Bytes of data events that a file does not have. */
const missingBytesOf = (file: CaptureFile): number => {
  const columnsOf = file.db.prepare('SELECT data FROM columns WHERE id = ?')
  let missing = 0
  for (const { id, count } of file.segments) {
    const data = columnsOf.get(id)?.['data']
    if (!(data instanceof Uint8Array)) continue
    const { length, dataLength } = openColumns(data, count)
    // Only data has a length.
    for (let i = 0; i < count; i++) if (length[i]! > dataLength[i]!) missing += length[i]! - dataLength[i]!
  }
  return missing
}

/** Bytes of data events that the file does not have; null where that cannot be told. */
export const missingBytesIn = async (path: string): Promise<number | null> => {
  try {
    const { CaptureFile } = await import('../archive/capture-file.ts')
    const file = new CaptureFile(path, false)
    try {
      return missingBytesOf(file)
    } finally {
      file.close()
    }
  } catch {
    return null
  }
}

/** Connections read at once. */
const connectionsAtOnce = 1000

/** Opens a file and reads all of it. Failures: it is no capture, or cannot be read at all. */
export const openCaptureFile = async (path: string): Promise<Result<OpenedCapture>> => {
  const at = resolve(path)
  // Not before it is known that this Node has SQLite.
  const [{ CaptureFile }, { readConnections, readEndpoints }, { checkCapture }, { whyUnreadable }] = await Promise.all([
    import('../archive/capture-file.ts'),
    import('../archive/fact-rows.ts'),
    import('../archive/file-care.ts'),
    import('../archive/reader.ts'),
  ])
  try {
    const check = await checkCapture(at, false)
    const file = new CaptureFile(at, false)
    const orElse = <T>(read: () => T, otherwise: T): T => {
      try {
        return read()
      } catch {
        // The check says what cannot be read.
        return otherwise
      }
    }
    const endings = (): CaptureFacts['endings'] =>
      Object.fromEntries(
        file.db
          .prepare(
            "SELECT CASE WHEN ended_at IS NULL THEN 'open' ELSE cause END AS how, count(*) AS n FROM connections GROUP BY how ORDER BY n DESC",
          )
          .all()
          .map(({ how, n }) => [String(how), Number(n)]),
      )
    const limits = (): CaptureLimits | null => {
      const row = file.db.prepare('SELECT max_bytes, max_days, snap_bytes FROM capture').get()
      if (row === undefined) return null
      const orNull = (value: unknown) => (value === null ? null : Number(value))
      return {
        maxBytes: Number(row['max_bytes']),
        maxDays: orNull(row['max_days']),
        snapBytes: orNull(row['snap_bytes']),
      }
    }
    const info = file.info()
    const { loop } = file.captureInfo()
    const facts: CaptureFacts = {
      name: basename(at),
      folder: dirname(at),
      ...info,
      // The check has looked at more than opening does.
      state: check.problems.length > 0 ? 'damaged' : info.state,
      limits: orElse(limits, null),
      missingBytes: orElse(() => missingBytesOf(file), 0),
      loopRecords: file.loops.reduce((sum, { count }) => sum + count, 0),
      droppedLoopRecords: loop.droppedRecords,
      endings: orElse(endings, {}),
      check,
    }
    return ok({
      facts,
      // A file may have been made by anybody: what is no endpoint is left out.
      endpoints: orElse(() => readEndpoints(file.db, file.isOver), []).filter(({ spec }) => checkSpec(spec).ok),
      *connections() {
        for (let from = 1; ; ) {
          const some = orElse(
            () => readConnections(file.db, from as ConnectionId, connectionsAtOnce, file.isOver),
            [] as ConnectionInfo[],
          )
          yield* some
          const last = some.at(-1)
          if (last === undefined || some.length < connectionsAtOnce) return
          from = last.id + 1
        }
      },
      close: () => file.close(),
    })
  } catch (error) {
    return whyUnreadable(path, error)
  }
}
