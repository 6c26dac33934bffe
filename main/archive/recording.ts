// The recording as the writing thread runs it: when what is recorded is committed, and how it goes on in memory while the
// file cannot be written to. Counterparts: writer.ts (the file), thread.ts (the messages), archive-host.ts.
import { statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { CaptureLimits } from '../../preload/contract/captures.ts'
import { type EventBatch, EventBatchWriter, isData, openBatch } from '../../preload/contract/event-columns.ts'
import { openLoopBatch } from '../../preload/contract/loop-columns.ts'
import { freshCapturePath, makeFolder } from './capture-paths.ts'
import { createFacts } from './facts.ts'
import type { Recorded, RecordingStatus } from './messages.ts'
import { captureInfoOf, fileInfoOf, plainReason } from './recording-status.ts'
import { type CaptureWriter, createCaptureWriter, resumeCaptureWriter, type WriterStatus } from './writer.ts'

/** The longest that anything waits for its commit, in ms: with the engine's 16 ms well below the promised 250. */
const commitMs = 100
/** Bytes after which a commit is made at once: what is written twice is to be in the processor's cache the second time. */
const commitBytes = 2 * 1024 * 1024
/** How often the state of the recording is told of at most, in ms. */
const statusMs = 100
/** How often a file that cannot be written to is tried again, in ms. */
const retryMs = 1000
/** Bytes of batches kept for a file that cannot be written to; beyond, the oldest are given up. */
const waitingBytes = 64 * 1024 * 1024
/** Bytes of loop records from before the first event that go into the file with it. */
const leadBytes = 4 * 1024 * 1024
/** Ended connections whose facts are kept for a file that cannot be written to. */
const waitingConnections = 100_000

export interface Recording {
  /** Takes something recorded, in order. */
  record(recorded: Recorded): void
  /** Writes all there is, if it can. */
  flush(): void
  /** Events from before those at hand, which were in a file that is lost: they go into the next one. */
  refill(buffers: readonly ArrayBuffer[]): void
  setLimits(limits: CaptureLimits): void
  bookmark(seq: number, note: string | null): void
  status(): RecordingStatus
  /** Gives back what dropped segments took. Value: bytes. Throws SQLite's errors. */
  compact(): number
  /** Writes all there is, if it can, and closes the file. */
  dispose(): void
}

export interface RecordingOptions {
  readonly folder: string
  /** The file to write to; null for one of its own in the folder. */
  readonly file: string | null
  readonly limits: CaptureLimits
  readonly startedAtEpochMs: number
  /** So many of what was recorded are not needed any more. */
  readonly onWritten: (count: number) => void
  readonly onStatus: (status: RecordingStatus) => void
  /** The file is lost with all that was in it; a new one is begun, with what `refill` brings of events before this seq. */
  readonly onLost: (beforeSeq: number) => void
}

interface Waiting {
  readonly recorded: Recorded
  readonly bytes: number
  /** For events: opened once. */
  readonly batch: EventBatch | null
}

/** The file is not the one it was: another has to be begun. */
class FileLost extends Error {}

const isLoss = (error: unknown): boolean =>
  error instanceof FileLost || /malformed|not a database|is gone/.test((error as Error).message)

const sizeOf = ({ type, ...recorded }: Recorded): number =>
  type === 'state' || !('buffer' in recorded) ? 1024 : recorded.buffer.byteLength

export const createRecording = (options: RecordingOptions): Recording => {
  const { folder, startedAtEpochMs } = options
  const facts = createFacts()
  /** Of endpoints that say for themselves how much of a payload is kept. */
  const snapOf = new Map<number, number>()
  let { limits } = options
  let writer: CaptureWriter | null = null
  /** The file, once there is one; what the file system said of it last. */
  let path: string | null = null
  let inode = 0
  let sizeSeen = 0
  /** What is not in the file yet, in order: it is kept until the commit that writes it. */
  let waiting: Waiting[] = []
  let heldBytes = 0
  /** How much of `waiting` the writer has been given. */
  let handed = 0
  let reason: string | null = null
  let lostEvents = 0
  let lastStatus: WriterStatus | null = null
  let commitTimer: NodeJS.Timeout | undefined
  let retryTimer: NodeJS.Timeout | undefined
  let disposed = false

  const snapped = (batch: EventBatch): EventBatch => {
    if (limits.snapBytes === null && snapOf.size === 0) return batch
    const kept = (i: number) =>
      isData(batch.kind[i]!)
        ? (snapOf.get(batch.endpoint[i]!) ?? limits.snapBytes ?? Number.POSITIVE_INFINITY)
        : Number.POSITIVE_INFINITY
    let bytes = 0
    for (let i = 0; i < batch.count; i++) bytes += Math.min(batch.dataLength[i]!, kept(i))
    const copy = new EventBatchWriter(batch.count, bytes)
    for (let i = 0; i < batch.count; i++) copy.copyRow(batch, i, kept(i))
    return openBatch(copy.take(batch.firstSeq, batch.droppedBefore))
  }

  const hand = (to: CaptureWriter) => {
    for (; handed < waiting.length; handed++) {
      const { recorded, batch } = waiting[handed]!
      if (batch !== null) to.events(snapped(batch))
      else if (recorded.type === 'loop') to.loop(openLoopBatch(recorded.buffer as ArrayBuffer))
    }
  }

  const status = (): RecordingStatus => ({
    path,
    to: reason === null ? 'file' : 'memory',
    reason,
    limits,
    waitingEvents: reason === null ? 0 : waiting.reduce((sum, { batch }) => sum + (batch?.count ?? 0), 0),
    lostEvents,
    info: lastStatus === null ? null : captureInfoOf(lastStatus, limits),
    file: lastStatus === null ? null : fileInfoOf(lastStatus, startedAtEpochMs),
  })

  let toldAt = Number.NEGATIVE_INFINITY
  let tellTimer: NodeJS.Timeout | undefined
  const tell = () => {
    clearTimeout(tellTimer)
    tellTimer = undefined
    toldAt = performance.now()
    options.onStatus(status())
  }

  const open = (): CaptureWriter => {
    if (writer !== null) return writer
    const common = { limits, startedAtEpochMs, facts }
    if (path !== null) writer = resumeCaptureWriter({ ...common, path })
    else {
      makeFolder(options.file === null ? folder : dirname(options.file))
      const fresh = options.file ?? freshCapturePath(folder, new Date())
      writer = createCaptureWriter({ ...common, path: fresh })
      path = fresh
      facts.forgotten()
    }
    const found = statSync(path)
    inode = found.ino
    sizeSeen = found.size
    return writer
  }

  /** Throws `FileLost` where the path does not lead to the file any more, or the file is shorter than it was. */
  const look = (at: string) => {
    const found = statSync(at, { throwIfNoEntry: false })
    if (found?.ino !== inode) throw new FileLost(`The capture file ${at} was removed while it was recorded to`)
    if (found.size < sizeSeen) throw new FileLost(`The capture file ${at} was cut short while it was recorded to`)
    sizeSeen = found.size
  }

  /** Puts everything into the file. */
  const commit = () => {
    clearTimeout(commitTimer)
    commitTimer = undefined
    const to = open()
    hand(to)
    look(to.path)
    to.commit()
    lastStatus = to.status()
    const count = waiting.length
    waiting = []
    heldBytes = 0
    handed = 0
    if (count > 0) options.onWritten(count)
    const goesOn = reason === null
    reason = null
    if (!goesOn || performance.now() - toldAt >= statusMs) tell()
    else tellTimer ??= setTimeout(tell, statusMs)
  }

  /** The bound of what waits for a file: the oldest go. */
  const giveUpOldest = (maxBytes = waitingBytes) => {
    let count = 0
    for (; heldBytes > maxBytes && count < waiting.length - 1; count++) {
      heldBytes -= waiting[count]!.bytes
      lostEvents += waiting[count]!.batch?.count ?? 0
    }
    if (count > 0) {
      waiting = waiting.slice(count)
      options.onWritten(count)
    }
    facts.bound(waitingConnections)
  }

  const failed = (error: unknown) => {
    clearTimeout(commitTimer)
    commitTimer = undefined
    try {
      writer?.abandon()
    } catch {
      // It cannot be written to; that it cannot be closed in order either is no news.
    }
    writer = null
    handed = 0
    const at = path ?? options.file ?? join(folder, 'capture')
    reason = error instanceof FileLost ? error.message : plainReason(error, at)
    if (path !== null && isLoss(error)) {
      path = null
      lastStatus = null
      options.onLost(waiting.find(({ batch }) => batch !== null)?.batch?.firstSeq ?? nextSeq)
    }
    giveUpOldest()
    tell()
    if (!disposed) retryTimer ??= setTimeout(retry, retryMs)
  }

  /** There is a file, or an event that asks for one. */
  const hasBegun = () => path !== null || waiting.some(({ batch }) => batch !== null)

  const attempt = (run: () => void) => {
    try {
      run()
    } catch (error) {
      failed(error)
    }
  }

  const retry = () => {
    retryTimer = undefined
    attempt(commit)
  }

  /** The seq after the last event taken. */
  let nextSeq = 1

  const add = (recorded: Recorded, batch: EventBatch | null) => {
    const bytes = sizeOf(recorded)
    heldBytes += bytes
    waiting.push({ recorded, bytes, batch })
  }

  return {
    status,

    record(recorded) {
      if (recorded.type === 'state') {
        facts.state(recorded.change)
        for (const { id, spec } of recorded.change.endpoints)
          if (spec.snapBytes === undefined) snapOf.delete(id)
          else snapOf.set(id, spec.snapBytes)
        add(recorded, null)
      } else if (recorded.type === 'events') {
        const batch = openBatch(recorded.buffer as ArrayBuffer)
        facts.events(batch)
        nextSeq = batch.firstSeq + batch.count
        add(recorded, batch)
      } else add(recorded, null)
      if (reason !== null) {
        giveUpOldest()
        return
      }
      attempt(() => {
        // Without an event there is no file: an app that was started, looked at and left is no capture.
        if (!hasBegun()) {
          giveUpOldest(leadBytes)
          return
        }
        const to = open()
        hand(to)
        if (to.uncommittedBytes >= commitBytes) commit()
        else commitTimer ??= setTimeout(() => attempt(commit), commitMs)
      })
    },

    refill(buffers) {
      // Too late: the new file has newer ones already.
      if (reason === null) return
      const older = buffers.map(
        (buffer): Waiting => ({
          recorded: { type: 'events', buffer },
          bytes: buffer.byteLength,
          batch: openBatch(buffer),
        }),
      )
      facts.older(older.map(({ batch }) => batch!))
      waiting.unshift(...older)
      for (const { bytes } of older) heldBytes += bytes
    },

    flush() {
      if (reason !== null || !hasBegun()) return
      attempt(commit)
      // Whoever asked for it is to know of it.
      if (tellTimer !== undefined) tell()
    },

    setLimits(next) {
      limits = next
      if (reason === null && writer !== null)
        attempt(() => {
          writer!.limit(next)
          commit()
          tell()
        })
    },

    bookmark(seq, note) {
      if (writer === null) throw new Error('There is no capture file that it could be kept in')
      writer.bookmark(seq, note)
      attempt(commit)
    },

    compact() {
      if (writer === null) throw new Error('There is no capture file')
      const gained = writer.compact()
      sizeSeen = 0
      return gained
    },

    dispose() {
      disposed = true
      clearTimeout(retryTimer)
      if (hasBegun()) attempt(commit)
      if (writer !== null) attempt(() => writer!.close())
      clearTimeout(commitTimer)
      clearTimeout(tellTimer)
    },
  }
}
