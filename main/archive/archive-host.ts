// The archive as the hosts have it: feeds the thread that writes, asks the one that reads, and keeps what waits bounded.
// Counterparts: archive.ts (what it is), thread.ts (the other side), workbench.ts and cli/ (which own one).
import { createHash } from 'node:crypto'
import { isBuiltin } from 'node:module'
import { basename, dirname, extname, join, resolve } from 'node:path'
import { Worker } from 'node:worker_threads'
import type { CaptureInfo } from '../../preload/contract/api.ts'
import type { CaptureFileInfo, CaptureId, CaptureLimits, RecordingState } from '../../preload/contract/captures.ts'
import { EventBatchWriter, openBatch } from '../../preload/contract/event-columns.ts'
import { fail, ok, type Result } from '../../preload/contract/failure.ts'
import type { Archive, ArchiveOptions, BatchBuffer, CaptureReader, ReadCommandName } from './archive.ts'
import { captureExtension } from './capture-paths.ts'
import type {
  ArchiveThreadData,
  FromReader,
  FromWriter,
  ReaderQuestionName,
  ReaderQuestions,
  Recorded,
  RecordingStatus,
  ToWriter,
  WriterQuestion,
} from './messages.ts'

/** What a capture keeps unless told otherwise: 4 GiB, for ever, whole payloads. */
export const defaultLimits: CaptureLimits = { maxBytes: 4 * 1024 * 1024 * 1024, maxDays: null, snapBytes: null }

/** Bytes that wait for the thread above which payloads are left out of the file, and how much further events are kept. */
const defaultWaitingBytes = 48 * 1024 * 1024
const marginBytes = 16 * 1024 * 1024
/** The pause before a thread that died is started again, in ms. */
const restartMs = 1000

// Run from the sources (Node strips the types), the thread is a .ts file; built, a bundle beside the chunks.
const threadUrl = import.meta.url.endsWith('.ts')
  ? new URL('./thread.ts', import.meta.url)
  : new URL(import.meta.url.includes('/chunks/') ? '../archive.js' : './archive.js', import.meta.url)

/** Node 22 warns that its SQLite is new; the person at the terminal can do nothing about it. */
const execArgv = ['--disable-warning=ExperimentalWarning']

/** The same events without their payloads, in a buffer of their own. */
const withoutPayloads = (buffer: BatchBuffer): ArrayBuffer => {
  const batch = openBatch(buffer as ArrayBuffer)
  const writer = new EventBatchWriter(batch.count, batch.arenaBytes)
  for (let i = 0; i < batch.count; i++) writer.copyRow(batch, i, 0)
  return writer.compact(batch.firstSeq, batch.droppedBefore) as ArrayBuffer
}

/** Events up to and without `beforeSeq`; null where there are none. */
const cutBefore = (buffer: ArrayBuffer, beforeSeq: number): ArrayBuffer | null => {
  const batch = openBatch(buffer)
  const rows = Math.min(batch.count, beforeSeq - batch.firstSeq)
  if (rows <= 0) return null
  if (rows === batch.count) return buffer
  const writer = new EventBatchWriter(rows, batch.arenaBytes)
  for (let i = 0; i < rows; i++) writer.copyRow(batch, i, Number.POSITIVE_INFINITY)
  return writer.compact(batch.firstSeq, batch.droppedBefore) as ArrayBuffer
}

const idOf = (path: string): CaptureId =>
  createHash('sha256').update(path).digest('base64url').slice(0, 16) as CaptureId

/** Asks a thread, and answers for one that has died. */
const createQuestions = () => {
  const waiting = new Map<number, (result: Result<never>) => void>()
  let lastId = 0
  return {
    ask: <V>(post: (id: number) => void): Promise<Result<V>> =>
      new Promise((resolve) => {
        const id = ++lastId
        waiting.set(id, resolve as (result: Result<never>) => void)
        post(id)
      }),
    answer(id: number, result: Result<unknown>): void {
      waiting.get(id)?.(result as Result<never>)
      waiting.delete(id)
    },
    fail(message: string): void {
      for (const answer of waiting.values()) answer(fail('archive-stopped', message))
      waiting.clear()
    },
  }
}

/** The thread that reads, started when it is first asked, and again where it has died. */
const createReadingThread = () => {
  const questions = createQuestions()
  let worker: Worker | null = null
  let disposed = false

  const start = (): Worker => {
    const thread = new Worker(threadUrl, {
      name: 'wireloop-archive-reader',
      workerData: { role: 'reader' } satisfies ArchiveThreadData,
      execArgv,
    })
    let why = 'The archive thread has ended'
    thread.on('message', ({ id, result }: FromReader) => questions.answer(id, result))
    thread.on('error', (error) => {
      why = `The archive thread failed: ${error instanceof Error ? error.message : String(error)}`
    })
    thread.once('exit', () => {
      if (worker === thread) worker = null
      questions.fail(why)
    })
    return thread
  }

  return {
    ask<K extends ReaderQuestionName>(
      name: K,
      args: ReaderQuestions[K]['args'],
    ): Promise<Result<ReaderQuestions[K]['value']>> {
      if (disposed) return Promise.resolve(fail('archive-stopped', 'Wireloop is quitting'))
      worker ??= start()
      const thread = worker
      return questions.ask((id) => thread.postMessage({ id, name, args }))
    },
    async dispose(): Promise<void> {
      disposed = true
      const thread = worker
      if (thread === null) return
      const exited = new Promise((done) => thread.once('exit', done))
      thread.postMessage({ name: 'stop' })
      await exited
    },
  }
}

interface WritingThread {
  /** Resolves when the thread runs, or has failed to. */
  readonly ready: Promise<void>
  readonly status: RecordingStatus
  /** Events given up before they reached the thread. */
  readonly lostEvents: number
  record(recorded: Recorded, done: () => void): void
  ask<V>(question: WriterQuestion): Promise<Result<V>>
  dispose(): Promise<void>
}

/** The thread that writes. `onStatus` is called whenever it has told of itself. */
const createWritingThread = (options: ArchiveOptions, limits: CaptureLimits, onStatus: () => void): WritingThread => {
  const questions = createQuestions()
  const highBytes = options.waitingBytes ?? defaultWaitingBytes
  const dropBytes = highBytes + marginBytes
  /** What the thread has and does not need to give back yet, in order. */
  const held: { readonly bytes: number; readonly done: () => void }[] = []
  let heldBytes = 0
  let lostEvents = 0
  let worker: Worker | null = null
  let restart: NodeJS.Timeout | undefined
  let disposed = false
  let isReady = (): void => undefined
  const ready = new Promise<void>((resolve) => {
    isReady = resolve
  })
  let status: RecordingStatus = {
    path: null,
    to: 'file',
    reason: null,
    limits,
    waitingEvents: 0,
    lostEvents: 0,
    info: null,
    file: null,
  }

  const release = (count: number) => {
    for (const { bytes, done } of held.splice(0, count)) {
      heldBytes -= bytes
      done()
    }
  }

  const refill = (beforeSeq: number) => {
    const buffers: ArrayBuffer[] = []
    for (let seq = 0; options.tail !== undefined; ) {
      const buffer = options.tail(seq)
      if (buffer === null) break
      const { firstSeq, count } = openBatch(buffer)
      const cut = cutBefore(buffer, beforeSeq)
      if (cut === null) break
      buffers.push(cut)
      seq = firstSeq + count
    }
    if (buffers.length > 0) worker?.postMessage({ type: 'refill', buffers } satisfies ToWriter, buffers)
  }

  const receive = (message: FromWriter) => {
    switch (message.type) {
      case 'ready':
        isReady()
        break
      case 'written':
        release(message.count)
        break
      case 'status':
        status = message.status
        onStatus()
        break
      case 'reply':
        questions.answer(message.id, message.result)
        break
      case 'lost':
        refill(message.beforeSeq)
        break
      case 'stopped':
        break
    }
  }

  const start = () => {
    restart = undefined
    const data: ArchiveThreadData = {
      role: 'writer',
      folder: options.folder,
      file: options.file ?? null,
      limits: status.limits,
      startedAtEpochMs: options.startedAtEpochMs,
    }
    const thread = new Worker(threadUrl, { name: 'wireloop-archive', workerData: data, execArgv })
    worker = thread
    thread.on('message', receive)
    thread.on('error', (error) => {
      const why = error instanceof Error ? error.message : String(error)
      status = { ...status, to: 'memory', reason: `The archive thread failed: ${why}`, path: null }
    })
    thread.once('exit', () => {
      worker = null
      isReady()
      release(held.length)
      questions.fail('The archive thread has ended')
      onStatus()
      // With a file of its own: what the last thread had is as it left it.
      if (!disposed) restart = setTimeout(start, restartMs)
    })
  }
  start()

  const countOf = (recorded: Recorded) =>
    recorded.type === 'events' ? openBatch(recorded.buffer as ArrayBuffer).count : 0

  return {
    ready,
    get status() {
      return status
    },
    get lostEvents() {
      return lostEvents
    },

    record(recorded, done) {
      if (worker === null) {
        lostEvents += countOf(recorded)
        done()
        return
      }
      if (recorded.type === 'state') {
        held.push({ bytes: 0, done })
        worker.postMessage(recorded)
        return
      }
      const { buffer } = recorded
      // A thread whose file cannot be written to has a bound of its own, and keeps the newest.
      const waits = status.to === 'memory'
      if (heldBytes > (waits ? 2 * dropBytes : dropBytes)) {
        // A file of which events are missing knows it by their numbers.
        lostEvents += countOf(recorded)
        done()
        return
      }
      if (!waits && heldBytes > highBytes && recorded.type === 'events') {
        const thin = withoutPayloads(buffer)
        heldBytes += thin.byteLength
        held.push({ bytes: thin.byteLength, done: () => undefined })
        worker.postMessage({ type: 'events', buffer: thin } satisfies ToWriter, [thin])
        done()
        return
      }
      heldBytes += buffer.byteLength
      const shared = buffer instanceof SharedArrayBuffer
      held.push({ bytes: buffer.byteLength, done: shared ? done : () => undefined })
      worker.postMessage(recorded)
      // Without shared memory the thread has a copy.
      if (!shared) done()
    },

    ask(question) {
      const thread = worker
      if (thread === null || disposed)
        return Promise.resolve(fail('archive-stopped', status.reason ?? 'The archive thread is not running'))
      return questions.ask((id) => thread.postMessage({ type: 'ask', id, question } satisfies ToWriter))
    },

    async dispose() {
      disposed = true
      clearTimeout(restart)
      const thread = worker
      if (thread === null) return
      const exited = new Promise((done) => thread.once('exit', done))
      thread.postMessage({ type: 'stop' } satisfies ToWriter)
      await exited
    },
  }
}

/** Why there can be no capture files here, in a sentence; null where there can. */
export const whyNoCaptures = (): string | null =>
  isBuiltin('node:sqlite') ? null : `Capture files need Node.js 22.13 or newer; this is ${process.versions.node}`

/** Live questions that must see what was recorded up to now. */
const needsFlush: ReadonlySet<ReadCommandName> = new Set(['filterEvents', 'seekTime', 'startSearch', 'readConnections'])

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

  const name = (path: string): CaptureId => {
    const id = idOf(path)
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
      if (needsFlush.has(command)) await flush()
      const path = livePath()
      if (path === null) return fail('not-found', writing?.status.reason ?? 'Nothing is recorded yet')
      if (command === 'setBookmark')
        return writing!.ask({ type: 'bookmark', ...(args as { seq: number; note: string | null }) })
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
      return path === null
        ? fail('not-found', 'Nothing is recorded yet')
        : reading.ask('payload', { path, recording: true, seq })
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
        const saved = await reading.ask('save', { path, to: named })
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
    check: (id) => withPath(id, (path) => reading.ask('check', { path, recording: isLive(path) })),
    async dispose() {
      // The reader first: the file can only be closed for good when nobody reads it.
      await reading.dispose()
      await writing?.dispose()
    },
  }
}
