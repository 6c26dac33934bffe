// What a page looks at: the live recording (the newest events in memory, all of them in its file) or an opened capture.
// Counterparts: page-session.ts, which asks; archive/, which answers.
import { type CaptureInfo, type Payload, pagePreviewBytes } from '../preload/contract/api.ts'
import type { CaptureCommands, CaptureId, ReadCommandName } from '../preload/contract/captures.ts'
import { fail, ok, type Result } from '../preload/contract/failure.ts'
import type { Snapshot } from '../preload/contract/vocabulary.ts'
import type { CaptureReader } from './archive/archive.ts'
import type { Capture } from './archive/capture.ts'
import { filterMemory } from './archive/memory-filter.ts'
import type { Workbench } from './workbench.ts'

export interface PageSource {
  /** The opened file; null for the live recording. */
  readonly file: CaptureId | null
  snapshot(): Promise<Result<Snapshot>>
  payload(seq: number): Promise<Result<Payload>>
  /** Events from `fromSeq` on with their whole payloads, for exports; null at the end. */
  events(fromSeq: number, maxBytes: number): Promise<Result<ArrayBuffer | null>>
  info(): CaptureInfo
  ask<K extends ReadCommandName>(
    name: K,
    args: CaptureCommands[K]['args'],
  ): Promise<Result<CaptureCommands[K]['value']>>
  dispose(): void
}

/** An opened capture; the source owns its reader. */
export const fileSource = (reader: CaptureReader): PageSource => ({
  file: reader.id,
  snapshot: () => reader.snapshot(),
  payload: (seq) => reader.payload(seq),
  events: (fromSeq, maxBytes) => reader.events(fromSeq, maxBytes),
  info: () => reader.info(),
  ask: (name, args) => reader.ask(name, args),
  dispose: () => reader.dispose(),
})

type Readings = {
  [K in ReadCommandName]: (args: CaptureCommands[K]['args']) => Promise<Result<CaptureCommands[K]['value']>>
}

/** False where the file has nothing to say, and memory goes on; a file that cannot be read is told of. */
const isThere = (older: Result<ArrayBuffer | null>): boolean =>
  older.ok ? older.value !== null : older.failure.code !== 'not-found' && older.failure.code !== 'unsupported'

/** Bookmarks that are kept of a recording without a file. */
const maxNotes = 10_000
const notesOfCaptures = new WeakMap<Capture, Map<number, string>>()

/** The bookmarks of a recording in memory, which all its pages share. */
const notesOf = (capture: Capture): Map<number, string> => {
  const notes = notesOfCaptures.get(capture) ?? new Map<number, string>()
  notesOfCaptures.set(capture, notes)
  return notes
}

/** What is recorded now. Of events that memory still has, the file is not asked. */
export const liveSource = ({ engine, capture, archive }: Workbench): PageSource => {
  const fromFile = async <K extends ReadCommandName>(
    name: K,
    args: CaptureCommands[K]['args'],
  ): Promise<Result<CaptureCommands[K]['value']>> =>
    archive === null
      ? fail('wrong-state', 'Nothing is recorded to a file here, and memory holds the newest events only')
      : archive.live.ask(name, args)

  const special: Partial<Readings> = {
    async readEvents({ fromSeq, maxBytes }) {
      const inMemory = () => ok(capture.read(fromSeq, maxBytes, pagePreviewBytes))
      if (archive === null || fromSeq >= capture.info().firstSeq) return inMemory()
      const older = await fromFile('readEvents', { fromSeq, maxBytes })
      return isThere(older) ? older : inMemory()
    },
    async readLoopRecords({ fromRecord, maxBytes }) {
      const inMemory = () => ok(capture.readLoop(fromRecord, maxBytes))
      if (archive === null || fromRecord >= capture.info().loop.firstRecord) return inMemory()
      const older = await fromFile('readLoopRecords', { fromRecord, maxBytes })
      return isThere(older) ? older : inMemory()
    },
  }

  const notes = notesOf(capture)
  /** What is known of events without a file: filters and bookmarks work there as well, for as long as memory has them. */
  const withoutFile: Partial<Readings> = {
    filterEvents: ({ filter, fromSeq }) => filterMemory(capture, filter, fromSeq ?? 0, notes),
    bookmarks: async () => ok([...notes].sort(([a], [b]) => a - b).map(([seq, note]) => ({ seq, note }))),
    async setBookmark({ seq, note }) {
      if (note === null) notes.delete(seq)
      else if (notes.size >= maxNotes && !notes.has(seq))
        return fail('limit', `At most ${maxNotes} bookmarks are kept in memory`)
      else notes.set(seq, note)
      return ok(null)
    },
  }
  const ask = async <K extends ReadCommandName>(
    name: K,
    args: CaptureCommands[K]['args'],
  ): Promise<Result<CaptureCommands[K]['value']>> => {
    const fallback = (withoutFile as Readings)[name]
    const asked = await ((special as Readings)[name]?.(args) ?? fromFile(name, args))
    const noFile = !asked.ok && (archive === null || asked.failure.code === 'unsupported')
    return noFile && fallback !== undefined ? fallback(args) : asked
  }

  return {
    file: null,
    snapshot: () => engine.ask('snapshot', null),
    async payload(seq) {
      const held = capture.payload(seq)
      if (held.ok || held.failure.code !== 'dropped' || archive === null) return held
      return archive.live.payload(seq)
    },
    async events(fromSeq, maxBytes) {
      const inMemory = () => ok(capture.read(fromSeq, maxBytes, Number.POSITIVE_INFINITY))
      if (archive === null || fromSeq >= capture.info().firstSeq) return inMemory()
      const older = await archive.live.events(fromSeq, maxBytes)
      return isThere(older) ? older : inMemory()
    },
    info() {
      const memory = capture.info()
      const file = archive?.live.info()
      if (file === undefined || file.nextSeq === file.firstSeq) return memory
      return {
        ...file,
        firstSeq: Math.min(file.firstSeq, memory.firstSeq),
        nextSeq: memory.nextSeq,
        loop: {
          ...file.loop,
          firstRecord: Math.min(file.loop.firstRecord, memory.loop.firstRecord),
          nextRecord: memory.loop.nextRecord,
        },
      }
    },
    ask,
    // The live capture's reader belongs to the archive.
    dispose: () => undefined,
  }
}
