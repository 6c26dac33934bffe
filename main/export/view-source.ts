// What a page looks at, as an export reads it: the live recording as it is now, or an opened file. Counterparts: source.ts,
// main/page-source.ts; file-source.ts does the same for the command line.
import type { ReadCommandName } from '../../preload/contract/captures.ts'
import { openBatch } from '../../preload/contract/event-columns.ts'
import { ok, type Result } from '../../preload/contract/failure.ts'
import { openLoopBatch } from '../../preload/contract/loop-columns.ts'
import type { ConnectionInfo } from '../../preload/contract/vocabulary.ts'
import type { Capture } from '../archive/capture.ts'
import { createFacts } from '../archive/facts.ts'
import { fileSource, liveSource, type PageSource } from '../page-source.ts'
import type { Workbench } from '../workbench.ts'
import { type ExportSource, orThrow, readBytes } from './source.ts'

export interface ViewSource extends ExportSource {
  dispose(): void
}

/** Connections of a recording that is in memory only, from its events: the engine soon forgets those that have ended. */
const connectionsInMemory = (capture: Capture, known: readonly ConnectionInfo[]): readonly ConnectionInfo[] => {
  const facts = createFacts()
  for (let seq = capture.info().firstSeq; ; ) {
    const buffer = capture.read(seq, readBytes, 0)
    if (buffer === null) break
    const batch = openBatch(buffer)
    facts.events(batch)
    seq = batch.firstSeq + batch.count
  }
  facts.state({
    seq: 0,
    probe: 'off',
    endpoints: [],
    connections: known,
    removedEndpoints: [],
    removedConnections: [],
  })
  return [...facts.changedConnections].sort((a, b) => a.id - b.id)
}

/** A reader of its own: the page may look at something else before an export has ended. */
const sourceLike = async (workbench: Workbench, view: PageSource): Promise<Result<PageSource>> => {
  if (view.file === null || workbench.archive === null) return ok(liveSource(workbench))
  const reader = await workbench.archive.open(view.file)
  return reader.ok ? ok(fileSource(reader.value)) : reader
}

/** Failures: the file is gone, or there is no engine to say what is true now. */
export const openViewSource = async (workbench: Workbench, view: PageSource): Promise<Result<ViewSource>> => {
  const opened = await sourceLike(workbench, view)
  if (!opened.ok) return opened
  const source = opened.value
  const snapshot = await source.snapshot()
  if (!snapshot.ok) {
    source.dispose()
    return snapshot
  }
  const { seq, startedAtEpochMs, endpoints, connections } = snapshot.value
  // Writes what waits, and lets the archive tell what its file has by now.
  if (source.file === null) await workbench.archive?.live.snapshot()
  const info = source.info()
  const ask = async <K extends ReadCommandName>(name: K, args: Parameters<typeof source.ask<K>>[1]) =>
    orThrow(await source.ask(name, args))
  const inMemory =
    source.file === null && workbench.archive?.recording().file == null
      ? connectionsInMemory(workbench.capture, connections)
      : null
  // What the file tells of open ones may be of later than the last event that is exported.
  const asOfNow = new Map(source.file === null ? connections.map((each) => [each.id, each]) : [])
  return ok({
    startedAtEpochMs,
    firstSeq: info.firstSeq,
    // Of a live recording exactly what its facts are true of.
    endSeq: source.file === null ? seq : info.nextSeq,
    endpoints,
    events: async (fromSeq, maxBytes) => orThrow(await source.events(fromSeq, maxBytes)),
    connections: async (fromConnection, limit) =>
      inMemory === null
        ? (await ask('readConnections', { fromConnection, limit })).map((info) => asOfNow.get(info.id) ?? info)
        : inMemory.filter(({ id }) => id >= fromConnection).slice(0, limit),
    filter: (filter, fromSeq) => ask('filterEvents', { filter, fromSeq }),
    bookmarks: async () => new Map((await ask('bookmarks', null)).map(({ seq: at, note }) => [at, note])),
    loopRecords: async (fromRecord) => {
      const buffer = await ask('readLoopRecords', { fromRecord, maxBytes: readBytes })
      return buffer === null ? null : openLoopBatch(buffer)
    },
    dispose: () => source.dispose(),
  })
}
