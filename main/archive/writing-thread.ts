// The archive's writing thread as its host has it: given what is recorded, within a bound of what waits for it.
// Counterparts: thread.ts and recording.ts (the other side), archive-host.ts (which owns it).
import { Worker } from 'node:worker_threads'
import type { CaptureLimits } from '../../preload/contract/captures.ts'
import { type BatchBuffer, EventBatchWriter, openBatch } from '../../preload/contract/event-columns.ts'
import { fail, type Result } from '../../preload/contract/failure.ts'
import type { ArchiveOptions } from './archive.ts'
import type { ArchiveThreadData, FromWriter, Recorded, RecordingStatus, ToWriter, WriterQuestion } from './messages.ts'
import { createQuestions, execArgv, threadUrl } from './thread-link.ts'

/** Bytes that wait for the thread above which payloads are left out of the file, and how much further events are kept. */
const defaultWaitingBytes = 48 * 1024 * 1024
const marginBytes = 16 * 1024 * 1024
/** The pause before a thread that died is started again, in ms. */
const restartMs = 1000

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

export interface WritingThread {
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
export const createWritingThread = (
  options: ArchiveOptions,
  limits: CaptureLimits,
  onStatus: () => void,
): WritingThread => {
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
