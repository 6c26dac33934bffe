// The page's copy of the event stream: columns outside React, one version number, and an index of connections over them.
// Bounded by bytes: the oldest chunk goes first, and everything that is not held is counted.
// Counterparts: link/ appends what arrives, the workbench's panes read.
import { type EventBatch, isData, kindCode, rowDetails } from '../../preload/contract/event-columns.ts'
import {
  type Cause,
  type ConnectionId,
  causes,
  type EndpointId,
  type EventDetails,
  type EventKind,
  eventKinds,
  type Traffic,
} from '../../preload/contract/vocabulary.ts'
import { type FrameLoop, frameLoop } from '../canvas/frame-loop.ts'
import { EventChunk, type Weights } from './chunk.ts'
import { createConnectionIndex, type IndexedEvent, type LoggedConnection } from './connections.ts'
import { lowerBoundBy } from './search.ts'

/** What the page keeps at most: 64 MiB, some 500,000 events of 64 B. */
export const eventLogLimitBytes = 64 * 1024 * 1024

/** Every event that the page was told of, held or not. */
export interface LogTotals extends Traffic {
  readonly events: number
}

/** A row of the event table: an event, or a note that events are missing between its neighbours. */
export type LogRow =
  | { readonly kind: 'event'; readonly seq: number }
  | {
      readonly kind: 'gap'
      /** How many events are missing here. */
      readonly events: number
      /** True at the top of the log: they were dropped to stay within a limit, here or in the capture. */
      readonly oldest: boolean
    }

/** Events lost between two that are held. Times in ms. */
export interface LogGap {
  readonly afterAt: number
  readonly beforeAt: number
  readonly events: number
}

export interface EventLog {
  /** Bumped on every change; equal versions mean equal contents. */
  readonly version: number
  /** Events held. Seqs run from `firstSeq` to `nextSeq - 1`, with holes where `has` says no. */
  readonly count: number
  readonly firstSeq: number
  readonly nextSeq: number
  /** Events of the stream that are not held: dropped at a limit, or lost on the way. */
  readonly droppedEvents: number
  /** Those of them that are missing before the oldest event held. */
  readonly droppedOldest: number
  /** The others, oldest first. */
  gaps(): readonly LogGap[]
  readonly limitBytes: number
  /** Memory in use for events and their index. */
  readonly storedBytes: number
  readonly totals: LogTotals
  /** Times (ms since the engine's start) of the oldest and newest event held; 0 where none is. */
  readonly firstAt: number
  readonly lastAt: number

  has(seq: number): boolean
  // The columns of one event. They throw a RangeError for a seq that is not held.
  at(seq: number): number
  kind(seq: number): EventKind
  endpoint(seq: number): EndpointId | null
  connection(seq: number): ConnectionId | null
  /** Bytes of a data event on the wire, 0 for other kinds. */
  length(seq: number): number
  iteration(seq: number): number
  /** The `id` of the loop record of the callback it happened in; 0 where callbacks were not watched. */
  callback(seq: number): number
  cause(seq: number): Cause
  /** The first bytes of a data event's payload; empty for other kinds. A view, not a copy. */
  preview(seq: number): Uint8Array
  /** What an event of another kind says beyond its columns. */
  details<K extends EventKind = EventKind>(seq: number): EventDetails[K] | null

  /** The first held seq whose time (ms) is not below `at`; `nextSeq` where there is none. */
  seqAtTime(at: number): number
  /** The held seq nearest before or after `seq`, itself excluded; null where there is none. */
  previous(seq: number): number | null
  next(seq: number): number | null
  /** Raises `into` to the heaviest data events from one time (ms) up to another, over all connections. */
  addWeights(fromAt: number, toAt: number, into: Weights): void

  /** In the order of their first events. */
  readonly connections: ReadonlyMap<ConnectionId, LoggedConnection>
  /** Bumped when `connections` changes in anything but traffic. */
  readonly connectionsVersion: number
  /** The connection's event nearest before or after `seq`; null where there is none. */
  previousInConnection(id: ConnectionId, seq: number): number | null
  nextInConnection(id: ConnectionId, seq: number): number | null
  /** How many bytes of its direction came before a data event; null where events before it were lost. */
  streamOffset(seq: number): number | null
  /** The last data event of the other direction before a data event: what it may answer; null where there is none. */
  answers(seq: number): number | null

  // Rows are absolute: dropping the oldest does not renumber. They run from `firstRow` to `endRow - 1`.
  readonly firstRow: number
  readonly endRow: number
  row(row: number): LogRow
  rowOf(seq: number): number

  /** Takes in a batch; rows that are held already (a new subscription) are passed over, holes are counted. */
  append(batch: EventBatch): void
  /** Calls back after changes, at most once a frame. Answers a function that ends it. */
  subscribe(listener: () => void): () => void
}

export interface EventLogOptions {
  readonly limitBytes: number
  /** The page's own where not given. */
  readonly frameLoop?: FrameLoop
}

/** The seq of an engine's very first event (main/engine/record/recorder.ts). */
const firstSeqEver = 1
const received = kindCode('data-received')

export const createEventLog = (options: EventLogOptions): EventLog => {
  const chunks: EventChunk[] = []
  let version = 0
  let count = 0
  let nextSeq = firstSeqEver
  let chunkBytes = 0
  let indexBytes = 0
  /** Missing before the first chunk, and between chunks. */
  let droppedOldest = 0
  let droppedBetween = 0
  /** Lost since the newest chunk, to stand before the next one. */
  let gapToCome = 0
  const totals = { events: 0, bytesReceived: 0, bytesSent: 0, messagesReceived: 0, messagesSent: 0 }
  const listeners = new Set<() => void>()
  const notify = (options.frameLoop ?? frameLoop).add('data', () => {
    for (const listener of [...listeners]) listener()
  })
  const index = createConnectionIndex((bytes) => {
    indexBytes += bytes
  })

  /** Index of the last chunk that begins at or before `seq`; -1 where none does. */
  const chunkIndexOf = (seq: number) => lowerBoundBy(chunks, seq + 1, (chunk) => chunk.firstSeq) - 1
  let found: EventChunk | undefined
  const chunkOf = (seq: number): EventChunk | undefined => {
    if (found !== undefined && seq >= found.firstSeq && seq < found.endSeq) return found
    const chunk = chunks[chunkIndexOf(seq)]
    if (chunk === undefined || !(seq < chunk.endSeq)) return undefined
    found = chunk
    return chunk
  }
  const held = (seq: number): EventChunk => {
    const chunk = chunkOf(seq)
    if (chunk === undefined) throw new RangeError(`event ${seq} is not held (${firstSeq()} to ${nextSeq - 1} are)`)
    return chunk
  }
  const firstSeq = () => chunks[0]?.firstSeq ?? nextSeq

  const openChunk = (seq: number, gap: number): EventChunk => {
    const before = chunks.at(-1)
    if (before !== undefined) {
      chunkBytes -= before.byteLength
      before.seal()
      chunkBytes += before.byteLength
    }
    const endRow = before === undefined ? 1 : before.firstRow + before.count
    const chunk = new EventChunk(seq, gap, endRow + (gap > 0 ? 1 : 0))
    chunks.push(chunk)
    chunkBytes += chunk.byteLength
    return chunk
  }

  const indexRows = (batch: EventBatch, from: number, to: number) => {
    for (let i = from; i < to; i++) {
      const kind = batch.kind[i]!
      const id = batch.connection[i]! as ConnectionId
      const length = batch.length[i]!
      const seq = batch.firstSeq + i
      if (isData(kind)) {
        if (kind === received) {
          totals.bytesReceived += length
          totals.messagesReceived++
        } else {
          totals.bytesSent += length
          totals.messagesSent++
        }
        if (id !== 0) index.addData(id, batch.endpoint[i]! as EndpointId, seq, batch.at[i]!, kind !== received, length)
      } else if (id !== 0) {
        const event: IndexedEvent = {
          seq,
          at: batch.at[i]!,
          kind: eventKinds[kind]!,
          cause: causes[batch.cause[i]!]!,
          length,
          endpoint: batch.endpoint[i]! as EndpointId,
          details: () => rowDetails(batch, i),
        }
        index.add(id, event)
      }
    }
  }

  const dropOldest = () => {
    const chunk = chunks.shift()!
    chunkBytes -= chunk.byteLength
    count -= chunk.count
    droppedOldest += chunk.count
    if (found === chunk) found = undefined
    const connection = chunk.columns.connection
    for (let i = 0; i < chunk.count; i++) if (connection[i] !== 0) index.dropFirst(connection[i]! as ConnectionId)
    const next = chunks[0]!
    droppedOldest += next.gapBefore
    droppedBetween -= next.gapBefore
  }

  const neighbour = (id: ConnectionId, seq: number, step: -1 | 1): number | null => {
    const track = index.all.get(id)?.track
    if (track === undefined) return null
    const position = step === 1 ? track.positionOfSeq(seq + 1) : track.positionOfSeq(seq) - 1
    return position >= track.first && position < track.end ? track.seqAt(position) : null
  }

  /** The track of a data event's connection and the event's position on it. */
  const dataOnTrack = (seq: number) => {
    const chunk = held(seq)
    const row = seq - chunk.firstSeq
    const connection = index.all.get(chunk.columns.connection[row]! as ConnectionId)
    if (!isData(chunk.columns.kind[row]!) || connection === undefined) return null
    return {
      connection,
      position: connection.track.positionOfSeq(seq),
      event: chunk.columns.kind[row] === received ? ('received' as const) : ('sent' as const),
    }
  }

  return {
    get version() {
      return version
    },
    get count() {
      return count
    },
    get firstSeq() {
      return firstSeq()
    },
    get nextSeq() {
      return nextSeq
    },
    get droppedEvents() {
      return droppedOldest + droppedBetween
    },
    get droppedOldest() {
      return droppedOldest
    },
    gaps: () =>
      chunks.flatMap((chunk, i) => {
        const before = chunks[i - 1]
        if (chunk.gapBefore === 0 || before === undefined) return []
        return {
          afterAt: before.columns.at[before.count - 1]!,
          beforeAt: chunk.columns.at[0]!,
          events: chunk.gapBefore,
        }
      }),
    limitBytes: options.limitBytes,
    get storedBytes() {
      return chunkBytes + indexBytes
    },
    totals,
    get firstAt() {
      return chunks[0]?.columns.at[0] ?? 0
    },
    get lastAt() {
      const chunk = chunks.at(-1)
      return chunk?.columns.at[chunk.count - 1] ?? 0
    },

    has: (seq) => chunkOf(seq) !== undefined,
    at(seq) {
      const chunk = held(seq)
      return chunk.columns.at[seq - chunk.firstSeq]!
    },
    kind(seq) {
      const chunk = held(seq)
      return eventKinds[chunk.columns.kind[seq - chunk.firstSeq]!]!
    },
    endpoint(seq) {
      const chunk = held(seq)
      const id = chunk.columns.endpoint[seq - chunk.firstSeq]!
      return id === 0 ? null : (id as EndpointId)
    },
    connection(seq) {
      const chunk = held(seq)
      const id = chunk.columns.connection[seq - chunk.firstSeq]!
      return id === 0 ? null : (id as ConnectionId)
    },
    length(seq) {
      const chunk = held(seq)
      return chunk.columns.length[seq - chunk.firstSeq]!
    },
    iteration(seq) {
      const chunk = held(seq)
      return chunk.columns.iteration[seq - chunk.firstSeq]!
    },
    callback(seq) {
      const chunk = held(seq)
      return chunk.columns.callback[seq - chunk.firstSeq]!
    },
    cause(seq) {
      const chunk = held(seq)
      return causes[chunk.columns.cause[seq - chunk.firstSeq]!]!
    },
    preview(seq) {
      const chunk = held(seq)
      const row = seq - chunk.firstSeq
      return isData(chunk.columns.kind[row]!) ? chunk.bytes(row) : new Uint8Array(0)
    },
    details(seq) {
      const chunk = held(seq)
      return chunk.details(seq - chunk.firstSeq)
    },

    seqAtTime(at) {
      // The chunk before the first one that begins at or after `at` may still end with events of that very time.
      const i = lowerBoundBy(chunks, at, (chunk) => chunk.columns.at[0]!)
      const before = chunks[i - 1]
      const row = before?.rowAtTime(at) ?? 0
      if (before !== undefined && row < before.count) return before.firstSeq + row
      return chunks[i]?.firstSeq ?? nextSeq
    },
    previous(seq) {
      const chunk = chunks[chunkIndexOf(seq - 1)]
      return chunk === undefined ? null : Math.min(seq, chunk.endSeq) - 1
    },
    next(seq) {
      if (chunkOf(seq + 1) !== undefined) return seq + 1
      return chunks[chunkIndexOf(seq) + 1]?.firstSeq ?? null
    },
    addWeights(fromAt, toAt, into) {
      const first = Math.max(0, lowerBoundBy(chunks, fromAt, (chunk) => chunk.columns.at[0]!) - 1)
      for (let i = first; i < chunks.length; i++) {
        const chunk = chunks[i]!
        if (chunk.columns.at[0]! >= toAt) return
        chunk.addWeights(chunk.rowAtTime(fromAt), chunk.rowAtTime(toAt), into)
      }
    },

    connections: index.all,
    get connectionsVersion() {
      return index.version
    },
    previousInConnection: (id, seq) => neighbour(id, seq, -1),
    nextInConnection: (id, seq) => neighbour(id, seq, 1),
    streamOffset(seq) {
      const data = dataOnTrack(seq)
      if (data === null) return null
      const { connection, position, event } = data
      if (!connection.startKnown || (connection.incompleteFrom !== null && seq >= connection.incompleteFrom))
        return null
      const { track } = connection
      const near = track.bytesUpTo(position)
      let offset = near[event]
      for (let i = position; i < near.to; i++)
        if (track.eventAt(i) === event) {
          const other = track.seqAt(i)
          const chunk = held(other)
          offset -= chunk.columns.length[other - chunk.firstSeq]!
        }
      return offset
    },
    answers(seq) {
      const data = dataOnTrack(seq)
      if (data === null) return null
      const { track } = data.connection
      const position = track.lastBefore(data.position, data.event === 'received' ? 'sent' : 'received')
      return position < 0 ? null : track.seqAt(position)
    },

    get firstRow() {
      const chunk = chunks[0]
      if (chunk === undefined) return 0
      return chunk.firstRow - (droppedOldest > 0 ? 1 : 0)
    },
    get endRow() {
      const chunk = chunks.at(-1)
      return chunk === undefined ? 0 : chunk.firstRow + chunk.count
    },
    row(row) {
      const i = lowerBoundBy(chunks, row + 1, (chunk) => chunk.firstRow) - 1
      const chunk = chunks[i]
      if (chunk !== undefined && row < chunk.firstRow + chunk.count)
        return { kind: 'event', seq: chunk.firstSeq + row - chunk.firstRow }
      const after = chunks[i + 1]
      if (after === undefined || row !== after.firstRow - 1 || (i < 0 && droppedOldest === 0))
        throw new RangeError(`the log has no row ${row}`)
      return i < 0
        ? { kind: 'gap', events: droppedOldest, oldest: true }
        : { kind: 'gap', events: after.gapBefore, oldest: false }
    },
    rowOf(seq) {
      const chunk = held(seq)
      return chunk.firstRow + seq - chunk.firstSeq
    },

    append(batch) {
      const from = Math.max(0, nextSeq - batch.firstSeq)
      if (from > 0 && from >= batch.count) return
      // Lost events may or may not have been given seqs before they were lost; either way each is counted once.
      const gap = from > 0 ? 0 : Math.max(batch.firstSeq - nextSeq, batch.droppedBefore)
      if (gap > 0) {
        if (chunks.length === 0) droppedOldest += gap
        else {
          droppedBetween += gap
          gapToCome += gap
        }
        index.noteGap(batch.firstSeq)
        nextSeq = batch.firstSeq
      }
      for (let row = from; row < batch.count; ) {
        let chunk = chunks.at(-1)
        if (chunk === undefined || chunk.full || gapToCome > 0) {
          chunk = openChunk(batch.firstSeq + row, gapToCome)
          gapToCome = 0
        }
        chunkBytes -= chunk.byteLength
        const taken = chunk.append(batch, row, batch.count)
        chunkBytes += chunk.byteLength
        row += taken
      }
      indexRows(batch, from, batch.count)
      const taken = batch.count - from
      count += taken
      totals.events += taken
      nextSeq = batch.firstSeq + batch.count
      while (chunks.length > 1 && chunkBytes + indexBytes > options.limitBytes) dropOldest()
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

/** The page's event log. */
export const eventLog: EventLog = createEventLog({ limitBytes: eventLogLimitBytes })
