// The archive as the hosts have it: feeds the thread that writes, asks the one that reads, and keeps what waits bounded.
// Counterparts: archive.ts (what it is), thread.ts (the other side), workbench.ts and cli/ (which own one).
import { createHash } from 'node:crypto'
import { isBuiltin } from 'node:module'
import { basename, dirname, extname, join, resolve } from 'node:path'
import type { CaptureInfo } from '../../preload/contract/api.ts'
import type {
  CaptureFileInfo,
  CaptureId,
  CaptureLimits,
  ReadCommandName,
  RecordingState,
} from '../../preload/contract/captures.ts'
import { fail, ok, type Result } from '../../preload/contract/failure.ts'
import type { Archive, ArchiveOptions, CaptureReader } from './archive.ts'
import { captureExtension, freePath, makeFolder } from './capture-paths.ts'
import type { RecordingStatus } from './messages.ts'
import { createReadingThread } from './reading-thread.ts'
import { createWritingThread } from './writing-thread.ts'

/** What a capture keeps unless told otherwise: 4 GiB, for ever, whole payloads. */
export const defaultLimits: CaptureLimits = { maxBytes: 4 * 1024 * 1024 * 1024, maxDays: null, snapBytes: null }

const idOf = (path: string): CaptureId =>
  createHash('sha256').update(path).digest('base64url').slice(0, 16) as CaptureId

/** Why there can be no capture files here, in a sentence; null where there can. */
export const whyNoCaptures = (): string | null =>
  isBuiltin('node:sqlite') ? null : `Capture files need Node.js 22.13 or newer; this is ${process.versions.node}`

/** Live questions that must see what was recorded up to now. */
const needsFlush: ReadonlySet<ReadCommandName> = new Set(['filterEvents', 'seekTime', 'startSearch', 'readConnections'])
/** Live questions that answer null where the file ends. */
const endsWithFile: ReadonlySet<ReadCommandName> = new Set(['readEvents', 'readLoopRecords'])

const nothingYet: CaptureInfo = {
  firstSeq: 1,
  nextSeq: 1,
  droppedEvents: 0,
  storedBytes: 0,
  limitBytes: 0,
  loop: { firstRecord: 1, nextRecord: 1, droppedRecords: 0, storedBytes: 0, limitBytes: 0 },
}

/** Starts the thread that writes. Never rejects: where there can be no file, the archive says so, and records nothing. */
export const createArchive = (options: ArchiveOptions): Archive => {
  const unavailable = whyNoCaptures()
  const limits = { ...defaultLimits, ...options.limits }
  const listeners = new Set<(recording: RecordingState) => void>()
  const known = new Map<CaptureId, string>()
  const views = new Map<string, number>()
  const reading = createReadingThread()
  let told = ''

  const recording = (): RecordingState => {
    if (writing === null)
      return { to: 'memory', reason: unavailable, file: null, limits, waitingEvents: 0, lostEvents: 0 }
    const { status } = writing
    return {
      to: status.to,
      reason: status.reason,
      file: status.path === null || status.file === null ? null : withName(status.path, status.file),
      limits: status.limits,
      waitingEvents: status.waitingEvents,
      lostEvents: status.lostEvents + writing.lostEvents,
    }
  }

  const tell = () => {
    const state = recording()
    const now = `${state.to} ${state.reason} ${state.file?.id}`
    if (now === told) return
    told = now
    for (const listener of [...listeners]) listener(state)
  }

  const writing = unavailable === null ? createWritingThread(options, limits, tell) : null
  const livePath = () => writing?.status.path ?? null
  const isLive = (path: string) => path === livePath()

  const ids = new Map<string, CaptureId>()
  const name = (path: string): CaptureId => {
    const id = ids.get(path) ?? idOf(path)
    ids.set(path, id)
    known.set(id, path)
    return id
  }
  const withName = (path: string, info: Omit<CaptureFileInfo, 'id' | 'name' | 'folder'>): CaptureFileInfo => ({
    ...info,
    id: name(path),
    name: basename(path),
    folder: dirname(path),
  })

  const flush = async () => {
    await writing?.ask({ type: 'flush' })
  }

  const infoOf = async (path: string): Promise<Result<CaptureFileInfo>> => {
    const info = await reading.ask('info', { path, recording: isLive(path) })
    return info.ok ? ok(withName(path, info.value)) : info
  }

  const pathOf = (id: CaptureId): Result<string> => {
    const path = known.get(id)
    return path === undefined ? fail('not-found', 'There is no such capture') : ok(path)
  }

  /** Runs something with the path of a capture, what was recorded up to now included. */
  const withPath = async <V>(id: CaptureId, run: (path: string) => Promise<Result<V>>): Promise<Result<V>> => {
    if (unavailable !== null) return fail('unsupported', unavailable)
    const path = pathOf(id)
    if (!path.ok) return path
    // Also what tells which one is recorded to, right after the first event.
    await flush()
    return run(path.value)
  }

  const read = <K extends ReadCommandName>(path: string, command: K, args: unknown) =>
    reading.ask('read', { path, recording: isLive(path), name: command, args }) as Promise<Result<never>>

  const live: CaptureReader = {
    get id() {
      const path = livePath()
      return path === null ? ('' as CaptureId) : name(path)
    },
    async ask(command, args) {
      if (unavailable !== null) return fail('unsupported', unavailable)
      // Right after the first event the file is there, and nobody has told of it yet.
      if (needsFlush.has(command) || livePath() === null) await flush()
      const path = livePath()
      if (path === null) return fail('not-found', writing?.status.reason ?? 'Nothing is recorded yet')
      if (command === 'setBookmark')
        return writing!.ask({ type: 'bookmark', ...(args as { seq: number; note: string | null }) })
      const answer = await read(path, command, args)
      // What memory has just let go of may be on its way into the file still: no end before that has been written.
      if (!endsWithFile.has(command) || !answer.ok || answer.value !== null) return answer
      await flush()
      return read(path, command, args)
    },
    async snapshot() {
      await flush()
      const path = livePath()
      return path === null
        ? fail('not-found', 'Nothing is recorded yet')
        : reading.ask('snapshot', { path, recording: true })
    },
    async payload(seq) {
      const path = livePath()
      if (path === null) return fail('not-found', 'Nothing is recorded yet')
      const payload = await reading.ask('payload', { path, recording: true, seq })
      if (payload.ok || payload.failure.code !== 'not-found') return payload
      await flush()
      return reading.ask('payload', { path, recording: true, seq })
    },
    async events(fromSeq, maxBytes) {
      const path = livePath()
      if (path === null) return fail('not-found', 'Nothing is recorded yet')
      const args = { path, recording: true, fromSeq, maxBytes }
      const answer = await reading.ask('events', args)
      if (!answer.ok || answer.value !== null) return answer
      // As with previews: what memory has just let go of may be on its way into the file still.
      await flush()
      return reading.ask('events', args)
    },
    info: () => writing?.status.info ?? { ...nothingYet, limitBytes: limits.maxBytes },
    dispose: () => undefined,
  }

  const openReader = async (path: string): Promise<Result<CaptureReader>> => {
    const info = await reading.ask('captureInfo', { path, recording: isLive(path) })
    if (!info.ok) return info
    views.set(path, (views.get(path) ?? 0) + 1)
    let disposed = false
    const ask = <V>(run: () => Promise<Result<V>>): Promise<Result<V>> =>
      disposed ? Promise.resolve(fail('not-found', 'The capture was closed')) : run()
    return ok({
      id: name(path),
      ask: (command, args) => ask(() => read(path, command, args)),
      snapshot: () => ask(() => reading.ask('snapshot', { path, recording: isLive(path) })),
      payload: (seq) => ask(() => reading.ask('payload', { path, recording: isLive(path), seq })),
      events: (fromSeq, maxBytes) =>
        ask(() => reading.ask('events', { path, recording: isLive(path), fromSeq, maxBytes })),
      info: () => info.value,
      dispose() {
        if (disposed) return
        disposed = true
        const others = views.get(path)! - 1
        views.set(path, others)
        if (others === 0 && !isLive(path)) void reading.ask('close', { path })
      },
    })
  }

  return {
    ready: writing?.ready ?? Promise.resolve(),
    record: (buffer, done) => (writing === null ? done() : writing.record({ type: 'events', buffer }, done)),
    recordLoop: (buffer, done) => (writing === null ? done() : writing.record({ type: 'loop', buffer }, done)),
    recordState: (change) => writing?.record({ type: 'state', change }, () => undefined),
    recording,
    onRecording(listener) {
      listeners.add(listener)
      return () => {
        listeners.delete(listener)
      }
    },
    async setLimits(next) {
      if (writing === null) return fail('unsupported', unavailable!)
      const set = await writing.ask<RecordingStatus>({ type: 'limits', limits: next })
      return set.ok ? ok({ ...recording(), limits: next }) : set
    },
    live,

    async list() {
      if (unavailable !== null) return fail('unsupported', unavailable)
      await flush()
      const found = await reading.ask('list', { folder: options.folder })
      if (!found.ok) return found
      const paths = new Set([...found.value, ...known.values()])
      const own = livePath()
      if (own !== null) paths.add(own)
      const all: CaptureFileInfo[] = []
      for (const path of paths) {
        const info = await infoOf(path)
        if (info.ok) all.push(info.value)
      }
      return ok(all.sort((a, b) => b.startedAtEpochMs - a.startedAtEpochMs || b.lastAt - a.lastAt))
    },
    async know(path) {
      if (unavailable !== null) return fail('unsupported', unavailable)
      return infoOf(resolve(path))
    },
    open: (id) => withPath(id, openReader),
    save: (id, to) =>
      withPath(id, async (path) => {
        const target = 'path' in to ? to.path : join(options.folder, to.name)
        const named = resolve(extname(target) === '' ? target + captureExtension : target)
        // What a person has named with its extension, the dialog has asked about; anything else they have not seen.
        const replaces = 'path' in to && named === resolve(to.path)
        if (replaces && (named === path || isLive(named)))
          return fail(
            'wrong-state',
            `${named} is ${named === path ? 'this capture itself' : 'being recorded'}; choose another name`,
          )
        const saved = await reading.ask('save', { path, to: named, replaces })
        return saved.ok ? infoOf(named) : saved
      }),
    delete: (id) =>
      withPath(id, async (path) => {
        if (isLive(path)) return fail('wrong-state', 'This capture is being recorded; it cannot be deleted')
        const deleted = await reading.ask('delete', { path })
        if (deleted.ok) known.delete(id)
        return deleted
      }),
    compact: (id) =>
      withPath(id, (path) =>
        isLive(path) ? writing!.ask<number>({ type: 'compact' }) : reading.ask('compact', { path }),
      ),
    async importPackets(path, name) {
      if (unavailable !== null) return fail('unsupported', unavailable)
      try {
        makeFolder(options.folder)
      } catch (error) {
        return fail('error', `No capture can be made in ${options.folder}: ${(error as Error).message}`)
      }
      const to = freePath(options.folder, basename(name, extname(name)))
      const summary = await reading.ask('importPackets', { path, to })
      if (!summary.ok) return summary
      const file = await infoOf(to)
      return file.ok ? ok({ file: file.value, summary: summary.value }) : file
    },
    check: (id) => withPath(id, (path) => reading.ask('check', { path, recording: isLive(path) })),
    async dispose() {
      // The reader first: the file can only be closed for good when nobody reads it.
      await reading.dispose()
      await writing?.dispose()
    },
  }
}
