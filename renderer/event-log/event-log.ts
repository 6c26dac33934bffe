// The page's copy of the event stream: columns outside React, one version number, and an index of connections over them.
// Bounded by bytes: the oldest chunk goes first, and everything that is not held is counted.
// Counterparts: link/ appends what arrives, the workbench's panes read.
import { type EventBatch, isData, kindCode } from '../../preload/contract/event-columns.ts'
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
import type { EventChunk, Weights } from './chunk.ts'
import { ChunkList, type LogGap, type LogRow } from './chunk-list.ts'
import { createConnectionIndex, type LoggedConnection } from './connections.ts'

/** What the page keeps at most: 64 MiB, some 500,000 events of 64 B. */
export const eventLogLimitBytes = 64 * 1024 * 1024

/** Every event that the page was told of, held or not. */
export interface LogTotals extends Traffic {
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
  const chunks = new ChunkList()
  let version = 0
  let nextSeq = firstSeqEver
  let indexBytes = 0
  const totals = { events: 0, bytesReceived: 0, bytesSent: 0, messagesReceived: 0, messagesSent: 0 }
  const listeners = new Set<() => void>()
  const notify = (options.frameLoop ?? frameLoop).add('data', () => {
    for (const listener of [...listeners]) listener()
  })
  const index = createConnectionIndex((bytes) => {
    indexBytes += bytes
  })

  const firstSeq = () => chunks.firstSeq ?? nextSeq
  const held = (seq: number): EventChunk => {
    const chunk = chunks.chunkOf(seq)
    if (chunk === undefined) throw new RangeError(`event ${seq} is not held (${firstSeq()} to ${nextSeq - 1} are)`)
    return chunk
  }

  const count = (batch: EventBatch, from: number) => {
    totals.events += batch.count - from
    for (let i = from; i < batch.count; i++) {
      if (!isData(batch.kind[i]!)) continue
      if (batch.kind[i] === received) {
        totals.bytesReceived += batch.length[i]!
        totals.messagesReceived++
      } else {
        totals.bytesSent += batch.length[i]!
        totals.messagesSent++
      }
    }
  }

  const dropOldest = () => {
    const chunk = chunks.dropOldest()
    const { connection } = chunk.columns
    for (let i = 0; i < chunk.count; i++) if (connection[i] !== 0) index.dropFirst(connection[i]! as ConnectionId)
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

  const length = (seq: number): number => {
    const chunk = held(seq)
    return chunk.columns.length[seq - chunk.firstSeq]!
  }

  return {
    get version() {
      return version
    },
    get count() {
      return chunks.count
    },
    get firstSeq() {
      return firstSeq()
    },
    get nextSeq() {
      return nextSeq
    },
    get droppedEvents() {
      return chunks.lostEvents
    },
    get droppedOldest() {
      return chunks.lostOldest
    },
    gaps: () => chunks.gaps(),
    limitBytes: options.limitBytes,
    get storedBytes() {
      return chunks.byteLength + indexBytes
    },
    totals,
    get firstAt() {
      return chunks.firstAt
    },
    get lastAt() {
      return chunks.lastAt
    },

    has: (seq) => chunks.chunkOf(seq) !== undefined,
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
    length,
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

    seqAtTime: (at) => chunks.seqAtTime(at) ?? nextSeq,
    previous: (seq) => chunks.previous(seq),
    next: (seq) => chunks.next(seq),
    addWeights: (fromAt, toAt, into) => chunks.addWeights(fromAt, toAt, into),

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
      const { track, startKnown, incompleteFrom } = connection
      if (!startKnown || (incompleteFrom !== null && seq >= incompleteFrom)) return null
      const near = track.bytesUpTo(position)
      let offset = near[event]
      for (let i = position; i < near.to; i++) if (track.eventAt(i) === event) offset -= length(track.seqAt(i))
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
      return chunks.firstRow
    },
    get endRow() {
      return chunks.endRow
    },
    row: (row) => chunks.row(row),
    rowOf(seq) {
      const chunk = held(seq)
      return chunk.firstRow + seq - chunk.firstSeq
    },

    append(batch) {
      const from = Math.max(0, nextSeq - batch.firstSeq)
      if (from > 0 && from >= batch.count) return
      // Lost events may or may not have been given seqs before they were lost; either way each is counted once.
      const lost = from > 0 ? 0 : Math.max(batch.firstSeq - nextSeq, batch.droppedBefore)
      if (lost > 0) {
        chunks.lose(lost)
        index.noteGap(batch.firstSeq)
      }
      chunks.append(batch, from)
      index.addBatch(batch, from)
      count(batch, from)
      nextSeq = batch.firstSeq + batch.count
      while (chunks.length > 1 && chunks.byteLength + indexBytes > options.limitBytes) dropOldest()
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
