// What the log knows about each connection from its events alone: facts, totals and its track of events. It holds as long
// as the connection is open or an event of it is held; where older events can be read from a capture, facts stay for longer,
// and those of connections that ended before the page came are added. Counterpart: the engine's own facts, which
// stores/endpoints has; the two must agree.

import { type EventBatch, kindCode, rowDetails } from '../../preload/contract/event-columns.ts'
import type { Failure } from '../../preload/contract/failure.ts'
import {
  type Address,
  type Cause,
  type ConnectionId,
  type ConnectionInfo,
  causes,
  type EndpointId,
  eventKinds,
  type Side,
  type Traffic,
} from '../../preload/contract/vocabulary.ts'
import { isActCode } from './acts.ts'
import { type Account, Track } from './track.ts'

/** A stretch in which writing was paused; `endAt` null while it still is. Times in ms since the engine's start. */
export interface WritingPause {
  readonly startAt: number
  readonly endAt: number | null
}

/** A connection as its events tell it. Times in ms since the engine's start. */
export interface LoggedConnection extends Traffic {
  readonly id: ConnectionId
  readonly endpoint: EndpointId
  readonly direction: 'in' | 'out'
  readonly side: Side | null
  readonly pair: ConnectionId | null
  readonly local: Address | null
  readonly remote: Address | null
  /** When its first event came. */
  readonly startedAt: number
  /** False where its first events were lost: it may have begun long before `startedAt`. */
  readonly startKnown: boolean
  readonly madeAt: number | null
  /** When TLS was established; null without. */
  readonly securedAt: number | null
  readonly endedAt: number | null
  readonly cause: Cause
  readonly error: Failure | null
  readonly eofReceivedAt: number | null
  readonly eofSentAt: number | null
  readonly writingPauses: readonly WritingPause[]
  /** Events lost after its start may have been its own from this seq on; null where none were. */
  readonly incompleteFrom: number | null
  readonly track: Track
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] }
interface Entry extends Mutable<Omit<LoggedConnection, 'writingPauses'>> {
  writingPauses: Mutable<WritingPause>[]
}

const received = kindCode('data-received')
const sent = kindCode('data-sent')
const started = kindCode('connection-started')
const made = kindCode('connection-made')

/** Ended connections without held events whose facts stay at most: more lines nobody scrolls through. */
const mostRetained = 20_000

/** Memory of an entry beside its track: an object of about 30 fields and its addresses. */
const entryBytes = 500

export interface ConnectionIndex {
  /** In the order of their first events. */
  readonly all: ReadonlyMap<ConnectionId, LoggedConnection>
  /** Those that no event has ended. */
  readonly open: ReadonlySet<LoggedConnection>
  /** Bumped when a connection comes, goes, or changes in anything but its traffic. */
  readonly version: number
  /** Takes in the rows of a batch from `from` on. */
  addBatch(batch: EventBatch, from: number): void
  /** Events before `seq` were lost: every open connection may have lost some. */
  noteGap(seq: number): void
  /** Takes in what a capture knows of connections; what their own events have told stands. */
  addFacts(facts: readonly ConnectionInfo[]): void
  /** An end of its stream was seen elsewhere, at this time (ms); `exactly`: by the event itself. */
  noteEof(id: ConnectionId, way: 'received' | 'sent', at: number, exactly: boolean): void
  /** The oldest held event of this connection is dropped. `retain`: it can be read again, so that its facts stay. */
  dropFirst(id: ConnectionId, retain: boolean): void
  /** Forgets everything. */
  clear(): void
}

export const createConnectionIndex = (account: Account): ConnectionIndex => {
  const all = new Map<ConnectionId, Entry>()
  const open = new Set<Entry>()
  let version = 0
  let last: Entry | undefined
  /** Ended ones without held events, oldest first. */
  const retained = new Set<ConnectionId>()

  const retain = (entry: Entry) => {
    if (retained.has(entry.id)) return
    retained.add(entry.id)
    if (retained.size <= mostRetained) return
    const [oldest] = retained
    remove(all.get(oldest!)!)
  }

  const entryOf = (id: ConnectionId, endpoint: EndpointId, at: number, startKnown: boolean): Entry => {
    if (last?.id === id) return last
    let entry = all.get(id)
    if (entry === undefined) {
      account(entryBytes)
      entry = {
        id,
        endpoint,
        direction: 'in',
        side: null,
        pair: null,
        local: null,
        remote: null,
        startedAt: at,
        startKnown,
        madeAt: null,
        securedAt: null,
        endedAt: null,
        cause: 'none',
        error: null,
        eofReceivedAt: null,
        eofSentAt: null,
        writingPauses: [],
        incompleteFrom: null,
        track: new Track(account),
        bytesReceived: 0,
        bytesSent: 0,
        messagesReceived: 0,
        messagesSent: 0,
      }
      all.set(id, entry)
      open.add(entry)
      version++
    }
    last = entry
    return entry
  }

  const remove = (entry: Entry) => {
    entry.track.dispose()
    account(-entryBytes)
    all.delete(entry.id)
    open.delete(entry)
    retained.delete(entry.id)
    if (last === entry) last = undefined
    version++
  }

  /** What an event other than data says of its connection. */
  const apply = (entry: Entry, batch: EventBatch, row: number) => {
    const at = batch.at[row]!
    const kind = eventKinds[batch.kind[row]!]!
    switch (kind) {
      case 'connection-started': {
        const details = rowDetails<'connection-started'>(batch, row)!
        entry.direction = 'out'
        entry.remote = details.remote
        entry.side = details.side
        entry.pair = details.pair
        break
      }
      case 'connection-made': {
        const details = rowDetails<'connection-made'>(batch, row)!
        entry.direction = details.direction
        entry.local = details.local
        entry.remote = details.remote
        entry.side = details.side
        entry.pair = details.pair
        entry.madeAt = at
        break
      }
      case 'connection-failed': {
        const details = rowDetails<'connection-failed'>(batch, row)!
        entry.direction = 'out'
        entry.remote = details.remote
        entry.error = details.error
        entry.cause = causes[batch.cause[row]!]!
        entry.endedAt = at
        open.delete(entry)
        break
      }
      case 'connection-lost': {
        const details = rowDetails<'connection-lost'>(batch, row)!
        entry.error = details.error
        entry.cause = causes[batch.cause[row]!]!
        entry.endedAt = at
        open.delete(entry)
        endPause(entry, at)
        break
      }
      case 'tls-established':
        entry.securedAt = at
        break
      case 'eof-received':
        entry.eofReceivedAt = at
        break
      case 'eof-sent':
        entry.eofSentAt = at
        break
      case 'writing-paused':
        entry.writingPauses.push({ startAt: at, endAt: null })
        break
      case 'writing-resumed':
        endPause(entry, at)
        break
    }
  }

  const endPause = (entry: Entry, at: number) => {
    const pause = entry.writingPauses.at(-1)
    if (pause?.endAt === null) pause.endAt = at
  }

  return {
    all,
    open,
    get version() {
      return version
    },
    addBatch(batch, from) {
      for (let row = from; row < batch.count; row++) {
        const id = batch.connection[row]! as ConnectionId
        if (id === 0) continue
        const kind = batch.kind[row]!
        const begins = kind === started || kind === made
        const entry = entryOf(id, batch.endpoint[row]! as EndpointId, batch.at[row]!, begins)
        const seq = batch.firstSeq + row
        const length = batch.length[row]!
        if (kind === received) {
          entry.track.push(seq, batch.at[row]!, 'received', length)
          entry.bytesReceived += length
          entry.messagesReceived++
        } else if (kind === sent) {
          entry.track.push(seq, batch.at[row]!, 'sent', length)
          entry.bytesSent += length
          entry.messagesSent++
        } else if (isActCode(kind)) entry.track.push(seq, batch.at[row]!, 'acted', 0)
        else {
          entry.track.push(seq, batch.at[row]!, 'other', 0)
          apply(entry, batch, row)
          version++
        }
      }
    },
    noteGap(seq) {
      for (const entry of all.values()) if (entry.endedAt === null) entry.incompleteFrom ??= seq
    },
    addFacts(facts) {
      for (const info of facts) {
        let entry = all.get(info.id)
        if (entry?.startKnown) continue
        const known = entry !== undefined
        entry ??= entryOf(info.id, info.endpoint, info.startedAt, false)
        entry.startedAt = info.startedAt
        entry.madeAt = info.madeAt
        // To the moment its own event would tell; the handshake follows at once.
        entry.securedAt ??= info.tls == null ? null : info.madeAt
        entry.direction = info.direction
        entry.side = info.side
        entry.pair = info.pair
        entry.local = info.local
        entry.remote = info.remote
        version++
        if (known) continue
        Object.assign(entry, info.traffic)
        entry.endedAt = info.endedAt
        entry.cause = info.cause
        entry.error = info.error
        if (info.endedAt === null) continue
        open.delete(entry)
        retain(entry)
      }
    },
    noteEof(id, way, at, exactly) {
      const entry = all.get(id)
      if (entry === undefined) return
      const known = way === 'received' ? entry.eofReceivedAt : entry.eofSentAt
      if (known === at || (known !== null && !exactly)) return
      if (way === 'received') entry.eofReceivedAt = at
      else entry.eofSentAt = at
      version++
    },
    clear() {
      for (const entry of [...all.values()]) remove(entry)
    },
    dropFirst(id, keep) {
      const entry = last?.id === id ? last : all.get(id)
      if (entry === undefined) return
      last = entry
      entry.track.dropFirst()
      if (entry.track.size > 0) {
        const oldest = entry.track.timeAt(entry.track.first)
        let gone = 0
        while ((entry.writingPauses[gone]?.endAt ?? Number.POSITIVE_INFINITY) < oldest) gone++
        if (gone > 0) entry.writingPauses.splice(0, gone)
      } else if (entry.endedAt !== null) {
        if (keep) retain(entry)
        else remove(entry)
      }
    },
  }
}
