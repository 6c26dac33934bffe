// A capture file as an export reads it, in this thread: for commands that do nothing else meanwhile. Counterparts:
// source.ts, main/archive (which reads the file); page-export-source.ts does the same for what a page looks at.
import { resolve } from 'node:path'
import type { FilterResult } from '../../preload/contract/captures.ts'
import { ok, type Result } from '../../preload/contract/failure.ts'
import { type LoopBatch, openLoopBatch } from '../../preload/contract/loop-columns.ts'
import { type ExportSource, readBytes } from './source.ts'

export interface FileSource extends ExportSource {
  close(): void
}

/** Opens a capture. Failures: it is none, or cannot be read at all. */
export const openFileSource = async (path: string): Promise<Result<FileSource>> => {
  // Not before it is known that this Node has SQLite.
  const [{ CaptureFile }, { readConnections, readEndpoints }, readings, { filterEvents }, { whyUnreadable }] =
    await Promise.all([
      import('../archive/capture-file.ts'),
      import('../archive/fact-rows.ts'),
      import('../archive/readings.ts'),
      import('../archive/filter.ts'),
      import('../archive/reader.ts'),
    ])
  try {
    const file = new CaptureFile(resolve(path), false)
    const { firstSeq, nextSeq } = file.captureInfo()
    return ok({
      startedAtEpochMs: file.startedAtEpochMs,
      firstSeq,
      endSeq: nextSeq,
      endpoints: readEndpoints(file.db, file.isOver),
      events: async (fromSeq, maxBytes) =>
        file.inSnapshot(() => readings.readEvents(file, fromSeq, maxBytes, Number.POSITIVE_INFINITY)),
      connections: async (from, limit) => readConnections(file.db, from, limit, file.isOver),
      filter: async (filter, fromSeq): Promise<FilterResult> =>
        file.inSnapshot(() => filterEvents(file, filter, fromSeq)),
      bookmarks: async () => new Map(readings.readBookmarks(file).map(({ seq, note }) => [seq, note])),
      loopRecords: async (from): Promise<LoopBatch | null> => {
        const buffer = file.inSnapshot(() => readings.readLoopRecords(file, from, readBytes))
        return buffer === null ? null : openLoopBatch(buffer)
      },
      close: () => file.close(),
    })
  } catch (error) {
    return whyUnreadable(path, error)
  }
}
