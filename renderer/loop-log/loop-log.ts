// The page's copy of the loop records: columns outside React, one version number, bounded by bytes, and everything that is
// not held counted. Counterparts: link/ appends what arrives, the Loop screen and the wire's loop strip read;
// event-log/event-log.ts is its twin for the wire.
import { type LoopBatch, loopKindCode } from '../../preload/contract/loop-columns.ts'
import { type FrameLoop, frameLoop } from '../canvas/frame-loop.ts'
import { callbackChunkBytes } from './callback-chunk.ts'
import { CallbackTable } from './callbacks.ts'
import { CollectionTable, collectionBytes } from './collections.ts'
import { IterationTable, iterationChunkBytes } from './iterations.ts'
import { loopSummaries } from './loop-summaries.ts'
import { createWindowedLog } from './windowed.ts'

/** What the page keeps at most: 32 MiB, some 400,000 callbacks. */
export const loopLogLimitBytes = 32 * 1024 * 1024

/** Records lost between two that are held. Times in ms. */
export interface LoopGap {
  readonly afterAt: number
  readonly beforeAt: number
  readonly records: number
}

export interface LoopLog {
  /** Bumped on every change. */
  readonly version: number
  readonly callbacks: CallbackTable
  readonly iterations: IterationTable
  readonly collections: CollectionTable
  /** The number that the next record will have: where to subscribe. */
  readonly nextRecord: number
  /** Records of the stream that are not held; those of them that are missing before the oldest held. */
  readonly droppedRecords: number
  readonly droppedOldest: number
  /** The others, oldest first. */
  gaps(): readonly LoopGap[]
  readonly limitBytes: number
  readonly storedBytes: number
  /** Turns of the loop that this page was told of, held or not. */
  readonly countedIterations: number
  /** libuv's number of the newest turn, 0 before the first. */
  readonly lastIteration: number
  /** Times (ms on the event clock) of the first and the last thing held; 0 where nothing is. */
  readonly firstAt: number
  readonly lastAt: number
  /** Forgets everything; the next record will have this number. */
  startAt(nextRecord: number): void
  /** Takes in a batch; rows that are held already (a new subscription) are passed over, holes are counted. */
  append(batch: LoopBatch): void
  /** Calls back after changes, at most once a frame. Answers a function that ends it. */
  subscribe(listener: () => void): () => void
}

export interface LoopLogOptions {
  readonly limitBytes: number
  /** The position of its first callback; 0 where not given. */
  readonly firstPosition?: number
  /** The page's own where not given. */
  readonly frameLoop?: FrameLoop
}

/** The number of an engine's very first record (main/engine/record/loop-recorder.ts). */
const firstRecordEver = 1
const kind = { iteration: loopKindCode('iteration'), gc: loopKindCode('gc') }

export const createLoopLog = (options: LoopLogOptions): LoopLog => {
  const callbacks = new CallbackTable(options.firstPosition)
  const iterations = new IterationTable()
  const collections = new CollectionTable()
  let gaps: LoopGap[] = []
  let version = 0
  let nextRecord = firstRecordEver
  let droppedOldest = 0
  let countedIterations = 0
  let lastIteration = 0
  let lastAt = 0
  /** Lost since the newest record, to stand before the next one that has a time. */
  let gapToCome = 0
  const listeners = new Set<() => void>()
  const notify = (options.frameLoop ?? frameLoop).add('data', () => {
    for (const listener of [...listeners]) listener()
  })

  const storedBytes = () =>
    callbacks.chunks.length * callbackChunkBytes +
    iterations.chunks.length * iterationChunkBytes +
    collections.all.length * collectionBytes

  const firstAt = () => {
    const callback = callbacks.chunks[0]?.columns.start[0]
    const iteration = iterations.chunks[0]?.columns.start[0]
    if (callback === undefined) return iteration ?? 0
    return iteration === undefined ? callback : Math.min(callback, iteration)
  }

  /** The chunk that ended first goes, of whichever table; the newest stays. Answers whether there was one to spare. */
  const dropOldest = (): boolean => {
    if (callbacks.chunks.length + iterations.chunks.length < 2) return false
    const [callbackChunk] = callbacks.chunks
    const [iterationChunk] = iterations.chunks
    const endOf = (chunk: { readonly columns: { readonly end: Float64Array }; readonly count: number } | undefined) =>
      chunk === undefined ? Number.POSITIVE_INFINITY : chunk.columns.end[chunk.count - 1]!
    const fromCallbacks = endOf(callbackChunk) <= endOf(iterationChunk)
    droppedOldest += fromCallbacks ? callbacks.dropOldest() : iterations.dropOldest()
    const first = firstAt()
    collections.dropBefore(first)
    for (const gap of gaps) if (gap.beforeAt <= first) droppedOldest += gap.records
    gaps = gaps.filter((gap) => gap.beforeAt > first)
    return true
  }

  const noteGap = (records: number) => {
    if (records === 0) return
    if (callbacks.chunks.length === 0 && iterations.chunks.length === 0) droppedOldest += records
    else gapToCome += records
  }

  const take = (batch: LoopBatch, i: number) => {
    if (batch.kind[i] === kind.gc) {
      collections.add(batch.start[i]!, batch.end[i]!)
      return
    }
    if (gapToCome > 0) {
      gaps.push({ afterAt: lastAt, beforeAt: Math.max(lastAt, batch.start[i]!), records: gapToCome })
      gapToCome = 0
    }
    lastAt = Math.max(lastAt, batch.end[i]!)
    if (batch.kind[i] === kind.iteration) {
      countedIterations++
      lastIteration = batch.iteration[i]!
      iterations.append(batch, i)
    } else callbacks.append(batch, i)
  }

  return {
    get version() {
      return version
    },
    callbacks,
    iterations,
    collections,
    get nextRecord() {
      return nextRecord
    },
    get droppedRecords() {
      return droppedOldest + gapToCome + gaps.reduce((sum, gap) => sum + gap.records, 0)
    },
    get droppedOldest() {
      return droppedOldest
    },
    gaps: () => gaps,
    limitBytes: options.limitBytes,
    get storedBytes() {
      return storedBytes()
    },
    get countedIterations() {
      return countedIterations
    },
    get lastIteration() {
      return lastIteration
    },
    get firstAt() {
      return firstAt()
    },
    get lastAt() {
      return lastAt
    },
    append(batch) {
      const from = Math.max(0, nextRecord - batch.first)
      if (from > 0 && from >= batch.count) return
      noteGap(from > 0 ? 0 : Math.max(batch.first - nextRecord, batch.droppedBefore))
      for (let i = from; i < batch.count; i++) take(batch, i)
      nextRecord = batch.first + batch.count
      while (storedBytes() > options.limitBytes && dropOldest()) {
        // until it fits again
      }
      version++
      notify.mark()
    },
    startAt(record) {
      callbacks.clear()
      iterations.clear()
      collections.clear()
      gaps = []
      nextRecord = record
      droppedOldest = 0
      countedIterations = 0
      lastIteration = 0
      lastAt = 0
      gapToCome = 0
      version++
      notify.mark()
    },
    subscribe(listener) {
      listeners.add(listener)
      return () => {
        listeners.delete(listener)
      }
    },
  }
}

/** Of an earlier stretch, as much as is read at once and a little more. */
const pastLimitBytes = 24 * 1024 * 1024

/** The page's loop log: the newest records, or the earlier stretch that is looked at. */
export const loopLog = createWindowedLog(
  createLoopLog({ limitBytes: loopLogLimitBytes }),
  (firstPosition) => createLoopLog({ limitBytes: pastLimitBytes, firstPosition }),
  loopSummaries,
)
