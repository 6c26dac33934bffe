// The page's window on the event stream: the newest events as they arrive and older ones as they are read from the capture,
// in columns outside React, with one version number and an index of connections over them. Bounded by bytes; every event
// that the capture has can be named, selected and scrolled to, held or not. Counterparts: link/ appends what arrives,
// reader.ts fetches what is looked at, the workbench's panes read.
import { type EventBatch, isData, kindCode } from '../../preload/contract/event-columns.ts'
import {
  type Cause,
  type ConnectionId,
  type ConnectionInfo,
  causes,
  type EndpointId,
  type EventDetails,
  type EventKind,
  eventKinds,
  type Traffic,
} from '../../preload/contract/vocabulary.ts'
import { type FrameLoop, frameLoop } from '../canvas/frame-loop.ts'
import { ActIndex } from './acts.ts'
import type { EventChunk, Weights } from './chunk.ts'
import { ChunkList } from './chunk-list.ts'
import { createConnectionIndex, type LoggedConnection } from './connections.ts'
import { RangeCache } from './range-cache.ts'
import { type LogGap, type LogRow, SeqGaps } from './seq-gaps.ts'

/** What the page keeps at most: 64 MiB, some 500,000 events of 64 B. */
export const eventLogLimitBytes = 64 * 1024 * 1024
/** The share of it that older events may take, read again from the capture. */
const cacheShare = 0.375

/** Every event that the page was told of, held or not. */
export interface LogTotals extends Traffic {
  readonly events: number
}

/** What the capture says of itself, as far as the log must know. */
export interface KeptExtent {
  /** The oldest seq that can still be read. */
  readonly firstSeq: number
  /** Times (ms) of that event and of the last one written. */
  readonly firstAt: number
  readonly lastAt: number
}

export interface EventLog {
  /** Bumped on every change; equal versions mean equal contents. */
  readonly version: number
  /** Events held: those that arrived last, and older ones that were read. */
  readonly count: number
  /** Seqs run from `firstSeq` to `nextSeq - 1`, as far as the capture keeps them; `has` says which are held. */
  readonly firstSeq: number
  readonly nextSeq: number
  /** The oldest of the newest events, which are all held, and its time (ms); `nextSeq` and 0 where none is. */
  readonly tailSeq: number
  readonly tailAt: number
  /** Events of the stream that nobody has: dropped at a limit, or lost on the way. */
  readonly droppedEvents: number
  /** Those of them that are missing before the first. */
  readonly droppedOldest: number
  /** The others, oldest first. */
  gaps(): readonly LogGap[]
  readonly limitBytes: number
  /** Memory in use for events and their index. */
  readonly storedBytes: number
  readonly totals: LogTotals
  /** Times (ms since the engine's start) of the oldest event that can be read and of the newest; 0 where there is none. */
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

  /** The first seq held whose time (ms) is not below `at`; `nextSeq` where there is none. */
  seqAtTime(at: number): number
  /** The seq before or after `seq` that the capture has, held or not; null where there is none. */
  previous(seq: number): number | null
  next(seq: number): number | null
  /** The first seq from `seq` on that the capture has and the page does not hold; `until` where all before it are held. */
  firstUnheld(seq: number, until?: number): number
  /** The run that holds an event; undefined where none does. */
  runOf(seq: number): EventChunk | undefined
  /** Runs of older events that were read, from one time (ms) up to another. */
  runsWithin(fromAt: number, toAt: number): readonly EventChunk[]
  /** Raises `into` to the heaviest of the newest data events from one time (ms) up to another, over all connections. */
  addWeights(fromAt: number, toAt: number, into: Weights): void

  /** In the order of their first events. */
  readonly connections: ReadonlyMap<ConnectionId, LoggedConnection>
  /** Those of them that no event has ended. */
  readonly openConnections: ReadonlySet<LoggedConnection>
  /** Bumped when `connections` changes in anything but traffic. */
  readonly connectionsVersion: number
  /** Adds what the capture knows of connections that ended before their events came here. */
  addFacts(facts: readonly ConnectionInfo[]): void
  /** About when (ms) an end of a connection's stream came, as a summary tells it, where no event does. */
  noteEof(id: ConnectionId, way: 'received' | 'sent', at: number): void
  /** How many bytes of its direction came before a data event; null where events before it were lost. */
  streamOffset(seq: number): number | null
  /** The last data event of the other direction before a data event: what it may answer; null where there is none. */
  answers(seq: number): number | null
  /** The events held that tell what was done to a chunk (`data-received`) on its way through a relay, in order. */
  acts(seq: number): readonly number[]

  // Rows are absolute: dropping the oldest does not renumber. They run from `firstRow` to `endRow - 1`.
  readonly firstRow: number
  readonly endRow: number
  row(row: number): LogRow
  /** The row of an event, held or not. */
  rowOf(seq: number): number
  /** Bumped when rows are numbered anew, because a gap before them was found late. */
  readonly renumbered: number

  /** Takes in a batch; rows that are held already (a new subscription) are passed over, holes are counted. */
  append(batch: EventBatch): void
  /** Takes in a batch of older events that were read; it is the log's from now on. */
  fill(batch: EventBatch): void
  /** Bumped by `fill`: what somebody waited for has come, whether the view is paused or not. */
  readonly filled: number
  /** Older events than are held can be read, from here on; null where they cannot, or not any more. */
  setKept(extent: KeptExtent | null): void
  /** True where events may be missing between the newest ones, which only the capture can tell. */
  readonly hasHoles: boolean
  /** Holds an event and its neighbours from now on, for as long as somebody reads it; the one before it for one more. */
  pin(seq: number | null): void
  /** Notes that nobody has the seqs from `from` up to `to`; times (ms) of the events before and after. */
  noteMissing(from: number, to: number, afterAt: number, beforeAt: number): void
  /** Forgets everything. The next event will have this seq. */
  startAt(nextSeq: number): void
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
const eofReceived = kindCode('eof-received')
const eofSent = kindCode('eof-sent')

export const createEventLog = (options: EventLogOptions): EventLog => {
  const tail = new ChunkList()
  const cache = new RangeCache()
  const gaps = new SeqGaps()
  const acts = new ActIndex()
  let kept: KeptExtent | null = null
  let version = 0
  let nextSeq = firstSeqEver
  let hasHoles = false
  interface Pin {
    readonly seq: number
    run: EventChunk | undefined
  }
  let pinned: Pin | null = null
  /** The one before, which may still be on the screen. */
  let pinnedBefore: Pin | null = null
  /** Lost since the newest event: the seq they begin with, and how many. */
  let pending: { from: number; events: number } | null = null
  /** Lost before the first event, without ever having had a seq. */
  let lostWithoutSeq = 0
  let indexBytes = 0
  let renumbered = 0
  let filled = 0
  const noTotals = { events: 0, bytesReceived: 0, bytesSent: 0, messagesReceived: 0, messagesSent: 0 }
  const totals = { ...noTotals }
  const listeners = new Set<() => void>()
  const notify = (options.frameLoop ?? frameLoop).add('data', () => {
    for (const listener of [...listeners]) listener()
  })
  const index = createConnectionIndex((bytes) => {
    indexBytes += bytes
  })

  const tailSeq = () => tail.firstSeq ?? nextSeq
  const firstSeq = () => (kept === null ? tailSeq() : Math.min(kept.firstSeq, tailSeq()))
  /** The seq after the last event, or the last loss that has been followed by one. */
  const endSeq = () => pending?.from ?? nextSeq
  const chunkOf = (seq: number): EventChunk | undefined =>
    (seq >= tailSeq() ? tail.chunkOf(seq) : undefined) ?? cache.chunkOf(seq) ?? pinnedRun(seq)
  const pinnedRun = (seq: number): EventChunk | undefined => {
    for (const pin of [pinned, pinnedBefore]) {
      const run = pin?.run
      if (run !== undefined && seq >= run.firstSeq && seq < run.endSeq) return run
    }
    return undefined
  }
  const held = (seq: number): EventChunk => {
    const chunk = chunkOf(seq)
    if (chunk === undefined) throw new RangeError(`event ${seq} is not held (${tailSeq()} to ${nextSeq - 1} are)`)
    return chunk
  }
  const droppedOldest = () => firstSeq() - firstSeqEver + lostWithoutSeq
  const changed = () => {
    version++
    notify.mark()
  }
  const shrink = () => {
    cache.shrinkTo(options.limitBytes * cacheShare)
    while (tail.length > 1 && tail.byteLength + cache.byteLength + indexBytes > options.limitBytes) dropOldest()
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
    const chunk = tail.dropOldest()
    const { connection } = chunk.columns
    const retain = kept !== null
    for (let i = 0; i < chunk.count; i++)
      if (connection[i] !== 0) index.dropFirst(connection[i]! as ConnectionId, retain)
    lostWithoutSeq += gaps.dropBefore(firstSeq())
  }

  /** The track of a data event's connection and the event's position on it. */
  const dataOnTrack = (seq: number) => {
    const chunk = held(seq)
    const row = seq - chunk.firstSeq
    const connection = index.all.get(chunk.columns.connection[row]! as ConnectionId)
    if (!isData(chunk.columns.kind[row]!) || connection === undefined || seq < tailSeq()) return null
    return {
      connection,
      position: connection.track.positionOfSeq(seq),
      event: chunk.columns.kind[row] === received ? ('received' as const) : ('sent' as const),
    }
  }

  /** The last data event of the other direction before a row, in its run alone. */
  const answeredIn = (run: EventChunk, row: number): number | null => {
    const { kind, connection } = run.columns
    if (!isData(kind[row]!)) return null
    const rows = run.rowsOf(connection[row]!) ?? new Uint32Array(0)
    for (let i = rows.indexOf(row) - 1; i >= 0; i--) {
      const before = rows[i]!
      if (isData(kind[before]!) && kind[before] !== kind[row]) return run.firstSeq + before
    }
    return null
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
      return tail.count + cache.count
    },
    get firstSeq() {
      return firstSeq()
    },
    get nextSeq() {
      return nextSeq
    },
    get tailSeq() {
      return tailSeq()
    },
    get tailAt() {
      return tail.firstAt
    },
    get droppedEvents() {
      return droppedOldest() + gaps.events + (pending?.events ?? 0)
    },
    get droppedOldest() {
      return droppedOldest()
    },
    gaps: () => gaps.all,
    limitBytes: options.limitBytes,
    get storedBytes() {
      return tail.byteLength + cache.byteLength + indexBytes
    },
    totals,
    get firstAt() {
      return kept !== null && kept.firstSeq < tailSeq() ? kept.firstAt : tail.firstAt
    },
    get lastAt() {
      return tail.length === 0 ? (kept?.lastAt ?? 0) : tail.lastAt
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

    seqAtTime: (at) =>
      (tail.length === 0 || at < tail.firstAt ? cache.seqAtTime(at) : null) ?? tail.seqAtTime(at) ?? nextSeq,
    previous(seq) {
      const before = gaps.atOrBefore(Math.min(seq, endSeq()) - 1)
      return before >= firstSeq() ? before : null
    },
    next(seq) {
      const after = gaps.atOrAfter(Math.max(seq + 1, firstSeq()))
      return after < endSeq() ? after : null
    },
    firstUnheld(seq, until = nextSeq) {
      let at = gaps.atOrAfter(seq)
      while (at < until) {
        const chunk = chunkOf(at)
        if (chunk === undefined) return at
        at = gaps.atOrAfter(chunk.endSeq)
      }
      return until
    },
    runOf: chunkOf,
    runsWithin: (fromAt, toAt) => cache.within(fromAt, toAt),
    addWeights: (fromAt, toAt, into) => tail.addWeights(fromAt, toAt, into),

    connections: index.all,
    openConnections: index.open,
    get connectionsVersion() {
      return index.version
    },
    noteEof: (id, way, at) => index.noteEof(id, way, at, false),
    addFacts(facts) {
      index.addFacts(facts)
      shrink()
      changed()
    },
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
      const run = seq < tailSeq() ? chunkOf(seq) : undefined
      if (run !== undefined) return answeredIn(run, seq - run.firstSeq)
      const data = dataOnTrack(seq)
      if (data === null) return null
      const { track } = data.connection
      const position = track.lastBefore(data.position, data.event === 'received' ? 'sent' : 'received')
      return position < 0 ? null : track.seqAt(position)
    },
    acts(seq) {
      const known = acts.of(seq)
      return known.length === 0 ? known : known.filter((act) => chunkOf(act) !== undefined)
    },

    get firstRow() {
      return gaps.rowOf(firstSeq()) - (droppedOldest() > 0 ? 1 : 0)
    },
    get endRow() {
      return endSeq() <= firstSeq() ? gaps.rowOf(firstSeq()) : gaps.rowOf(endSeq())
    },
    row(row) {
      if (!(row >= this.firstRow && row < this.endRow)) throw new RangeError(`the log has no row ${row}`)
      if (row < gaps.rowOf(firstSeq())) return { kind: 'gap', events: droppedOldest(), oldest: true }
      return gaps.at(row)
    },
    rowOf: (seq) => gaps.rowOf(seq),
    get renumbered() {
      return renumbered
    },

    append(batch) {
      const from = Math.max(0, nextSeq - batch.firstSeq)
      if (from > 0 && from >= batch.count) return
      // Lost events may or may not have been given seqs before they were lost; either way each is counted once.
      const lost = from > 0 ? 0 : Math.max(batch.firstSeq - nextSeq, batch.droppedBefore)
      if (lost > 0) {
        index.noteGap(batch.firstSeq)
        // What comes with the first events was missed before they came: the top of the log says so. And where the
        // capture can be asked, it says what of it was lost and what only has not come.
        if (tail.length === 0 && kept === null) lostWithoutSeq += lost - (batch.firstSeq - nextSeq)
        else if (kept === null) pending = { from: pending?.from ?? nextSeq, events: (pending?.events ?? 0) + lost }
      }
      if (batch.count > 0 && pending !== null) {
        const { from: gapFrom, events } = pending
        pending = null
        gaps.note({ from: gapFrom, to: batch.firstSeq, afterAt: tail.lastAt, beforeAt: batch.at[0]!, events })
      }
      tail.append(batch, from)
      index.addBatch(batch, from)
      acts.addBatch(batch, from)
      count(batch, from)
      nextSeq = batch.firstSeq + batch.count
      shrink()
      changed()
    },
    fill(batch) {
      if (batch.firstSeq >= nextSeq || tail.chunkOf(batch.firstSeq) !== undefined) return
      cache.add(batch)
      acts.addBatch(batch, 0)
      filled++
      for (let i = 0; i < batch.count; i++) {
        const kind = batch.kind[i]
        if (kind === eofReceived) index.noteEof(batch.connection[i]! as ConnectionId, 'received', batch.at[i]!, true)
        else if (kind === eofSent) index.noteEof(batch.connection[i]! as ConnectionId, 'sent', batch.at[i]!, true)
      }
      if (pinned !== null) pinned.run ??= chunkOf(pinned.seq)
      shrink()
      changed()
    },
    get filled() {
      return filled
    },
    pin(seq) {
      pinnedBefore = pinned
      pinned = seq === null ? null : { seq, run: chunkOf(seq) }
    },
    get hasHoles() {
      return hasHoles
    },
    setKept(extent) {
      const same =
        kept?.firstSeq === extent?.firstSeq && kept?.firstAt === extent?.firstAt && kept?.lastAt === extent?.lastAt
      if (same) return
      kept = extent
      lostWithoutSeq += gaps.dropBefore(firstSeq())
      changed()
    },
    noteMissing(from, to, afterAt, beforeAt) {
      if (!gaps.note({ from, to, afterAt, beforeAt, events: to - from })) return
      renumbered++
      changed()
    },
    startAt(seq) {
      tail.clear()
      cache.clear()
      gaps.clear()
      acts.clear()
      renumbered++
      index.clear()
      kept = null
      pending = null
      pinned = null
      pinnedBefore = null
      lostWithoutSeq = 0
      nextSeq = seq
      hasHoles = false
      Object.assign(totals, noTotals)
      changed()
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
