// The reading thread's side: questions about capture files, answered one after the other, long ones in slices.
// Counterparts: thread.ts (the messages), archive-host.ts (who asks), readings.ts, filter.ts, search.ts, file-care.ts.
import { basename } from 'node:path'
import { pagePreviewBytes } from '../../preload/contract/api.ts'
import type { CaptureCommands, ReadCommandName, SearchProgress } from '../../preload/contract/captures.ts'
import { fail, ok, type Result } from '../../preload/contract/failure.ts'
import { importPacketFile } from '../import/importer.ts'
import { CaptureFile } from './capture-file.ts'
import { readConnections } from './fact-rows.ts'
import { checkCapture, compactCapture, deleteCapture, listCaptures, saveCapture } from './file-care.ts'
import { answerFilter, filterEvents } from './filter.ts'
import type { ReaderQuestionName, ReaderQuestions } from './messages.ts'
import {
  readBookmarks,
  readEvents,
  readLoopRecords,
  readLoopSummaries,
  readPayload,
  readSnapshot,
  readSummaries,
  seekTime,
} from './readings.ts'
import { NotACapture, openToWrite } from './schema.ts'
import { createSearch, type Search } from './search.ts'
import { compilePattern } from './search-pattern.ts'

/** How long a search runs before others are answered, and how often it tells of its progress at least, in ms. */
const sliceMs = 20
const progressMs = 250

interface RunningSearch {
  readonly path: string
  readonly search: Search
  /** Who waits for something to be told. */
  waiting: ((progress: Result<SearchProgress>) => void) | null
  toldAt: number
  cancelled: boolean
}

type Answers = {
  [K in ReaderQuestionName]: (
    args: ReaderQuestions[K]['args'],
  ) => Result<ReaderQuestions[K]['value']> | Promise<Result<ReaderQuestions[K]['value']>>
}

type Readings = {
  [K in ReadCommandName]: (
    file: CaptureFile,
    args: CaptureCommands[K]['args'],
  ) => Result<CaptureCommands[K]['value']> | Promise<Result<CaptureCommands[K]['value']>>
}

export interface Reader {
  /** Never rejects: what a file has wrong is a failure. */
  answer(name: ReaderQuestionName, args: unknown): Promise<Result<unknown>>
  dispose(): void
}

/** Why a file cannot be opened, as a failure. */
export const whyUnreadable = (path: string, error: unknown): Result<never> => {
  const { message } = error as Error
  if (error instanceof NotACapture || /not a database/.test(message))
    return fail(
      'not-a-capture',
      error instanceof NotACapture ? `${basename(path)}: ${message}` : `${basename(path)} is no Wireloop capture`,
    )
  return fail('unreadable', `${basename(path)} cannot be read: ${message}`)
}

export const createReader = (): Reader => {
  const files = new Map<string, CaptureFile>()
  const searches = new Map<number, RunningSearch>()
  let lastSearch = 0

  const open = (path: string, recording: boolean): CaptureFile => {
    const known = files.get(path)
    if (known !== undefined) return known
    const file = new CaptureFile(path, recording)
    files.set(path, file)
    return file
  }

  const close = (path: string) => {
    for (const [id, running] of searches) if (running.path === path) cancel(id)
    files.get(path)?.close()
    files.delete(path)
  }

  /** True for a file that a running Wireloop writes; false for one that cannot even be opened, and may go. */
  const isWritten = (path: string): boolean => {
    try {
      return open(path, false).state === 'recording'
    } catch {
      return false
    }
  }

  const cancel = (id: number) => {
    const running = searches.get(id)
    if (running === undefined) return
    running.cancelled = true
    searches.delete(id)
    running.waiting?.(fail('not-found', 'The search was cancelled'))
  }

  const tell = (running: RunningSearch) => {
    const { waiting, search } = running
    if (waiting === null) return
    const due = performance.now() - running.toldAt >= progressMs
    if (!search.done && !search.hasMatches && !due) return
    running.waiting = null
    running.toldAt = performance.now()
    waiting(ok(search.take()))
  }

  const run = (id: number, running: RunningSearch) => {
    if (running.cancelled) return
    const until = performance.now() + sliceMs
    let more = true
    try {
      // A first match is told at once; after that, of as many as a slice brings.
      do more = running.search.step()
      while (more && performance.now() < until)
    } catch (error) {
      running.waiting?.(whyUnreadable(running.path, error))
      cancel(id)
      return
    }
    tell(running)
    if (more) setImmediate(run, id, running)
  }

  const readings: Readings = {
    readEvents: (file, { fromSeq, maxBytes }) => ok(readEvents(file, fromSeq, maxBytes, pagePreviewBytes)),
    readLoopRecords: (file, { fromRecord, maxBytes }) => ok(readLoopRecords(file, fromRecord, maxBytes)),
    seekTime: (file, { at }) => ok(seekTime(file, at)),
    filterEvents: (file, { filter, fromSeq }) => answerFilter(() => filterEvents(file, filter, fromSeq)),
    readSummaries: (file, { fromSegment, connections }) => ok(readSummaries(file, fromSegment, connections)),
    readLoopSummaries: (file, { fromSegment }) => ok(readLoopSummaries(file, fromSegment)),
    readConnections: (file, { fromConnection, limit }) =>
      ok(readConnections(file.db, fromConnection, limit, file.isOver)),
    startSearch: (file, { search: spec }) => {
      const pattern = compilePattern(spec)
      if (!pattern.ok) return pattern
      const id = ++lastSearch
      const search = createSearch(file, spec, pattern.value)
      const running = { path: file.path, search, waiting: null, toldAt: performance.now(), cancelled: false }
      searches.set(id, running)
      setImmediate(run, id, running)
      return ok(id)
    },
    continueSearch: (_file, { search: id }) => {
      const running = searches.get(id)
      if (running === undefined) return fail('not-found', 'There is no such search')
      if (running.waiting !== null) return fail('wrong-state', 'The search is being waited for already')
      return new Promise((resolve) => {
        running.waiting = (progress) => {
          if (progress.ok && progress.value.done) searches.delete(id)
          resolve(progress)
        }
        tell(running)
      })
    },
    cancelSearch: (_file, { search }) => {
      cancel(search)
      return ok(null)
    },
    bookmarks: (file) => ok(readBookmarks(file)),
    setBookmark: ({ path }, { seq, note }) => {
      const db = openToWrite(path)
      try {
        if (note === null) db.prepare('DELETE FROM bookmarks WHERE seq = ?').run(seq)
        else db.prepare('INSERT OR REPLACE INTO bookmarks (seq, note) VALUES (?, ?)').run(seq, note)
      } finally {
        db.close()
      }
      // It may have been of a version that knew no bookmarks.
      close(path)
      return ok(null)
    },
  }
  /** Those that go on over several turns of the loop, or that no snapshot may be open for. */
  const withoutSnapshot: ReadonlySet<ReadCommandName> = new Set(['continueSearch', 'cancelSearch', 'setBookmark'])

  const answers: Answers = {
    info({ path, recording }) {
      const held = files.has(path)
      const file = open(path, recording)
      try {
        return ok(file.inSnapshot(() => file.info()))
      } finally {
        if (!held) close(path)
      }
    },
    list: ({ folder }) => ok(listCaptures(folder)),
    captureInfo({ path, recording }) {
      const file = open(path, recording)
      return ok(file.inSnapshot(() => file.captureInfo()))
    },
    read({ path, recording, name, args }) {
      const file = open(path, recording)
      const read = readings[name] as (file: CaptureFile, args: unknown) => Result<never> | Promise<Result<never>>
      return withoutSnapshot.has(name) ? read(file, args) : file.inSnapshot(() => read(file, args))
    },
    snapshot({ path, recording }) {
      const file = open(path, recording)
      return ok(file.inSnapshot(() => readSnapshot(file)))
    },
    payload({ path, recording, seq }) {
      const file = open(path, recording)
      return file.inSnapshot(() => readPayload(file, seq))
    },
    events({ path, recording, fromSeq, maxBytes }) {
      const file = open(path, recording)
      return ok(file.inSnapshot(() => readEvents(file, fromSeq, maxBytes, Number.POSITIVE_INFINITY)))
    },
    close({ path }) {
      close(path)
      return ok(null)
    },
    save({ path, to, replaces }) {
      if (replaces && isWritten(to)) return fail('wrong-state', `${basename(to)} is being recorded by another Wireloop`)
      if (replaces) close(to)
      return saveCapture(path, to, replaces)
    },
    delete({ path }) {
      if (isWritten(path)) return fail('wrong-state', `${basename(path)} is being recorded by another Wireloop`)
      close(path)
      return deleteCapture(path)
    },
    compact({ path }) {
      if (isWritten(path)) return fail('wrong-state', `${basename(path)} is being recorded by another Wireloop`)
      close(path)
      return compactCapture(path)
    },
    check: async ({ path, recording }) => ok(await checkCapture(path, recording)),
    importPackets: ({ path, to }) => importPacketFile(path, to),
  }

  return {
    async answer(name, args) {
      try {
        return await (answers[name] as (args: unknown) => Result<unknown> | Promise<Result<unknown>>)(args)
      } catch (error) {
        return whyUnreadable((args as { path?: string }).path ?? 'The file', error)
      }
    },
    dispose() {
      for (const path of [...files.keys()]) close(path)
    },
  }
}
