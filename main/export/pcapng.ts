// A capture as packets: every connection as TCP that adds up, so that Wireshark's Follow Stream shows what was sent. What is
// missing of a stream shows as missing. Counterparts: tcp-talk.ts, frames.ts, pcapng-blocks.ts, twins.ts, missing.ts.
import { type EventBatch, isData, rowBytesOf, rowDetails } from '../../preload/contract/event-columns.ts'
import {
  type Cause,
  type ConnectionInfo,
  causes,
  type EventKind,
  eventKinds,
} from '../../preload/contract/vocabulary.ts'
import { createByteSink } from './byte-sink.ts'
import type { Counts } from './counts.ts'
import { eventWords } from './event-words.ts'
import { frameBytes, putFrame } from './frames.ts'
import { bytesOf, countAcrossGaps, type SeenBytes } from './missing.ts'
import { createInterfaces, endsOf } from './packet-ends.ts'
import { putPacket, putSectionHeader } from './pcapng-blocks.ts'
import { createPhaseNames, type PhaseNames } from './phase-names.ts'
import { batchesOf, createConnectionFacts, type ExportSource } from './source.ts'
import { createTalk, type Talk, type Whose } from './tcp-talk.ts'
import { findTwins } from './twins.ts'

export interface PcapngOptions {
  /** False for connections that are left out. */
  readonly isChosen: (connection: number) => boolean
  readonly comments: boolean
  /** Names and version of what writes. */
  readonly application: string
}

/** Comments of a connection that wait for its next packet, at most. */
const waitingComments = 100

interface Followed {
  readonly info: ConnectionInfo
  readonly talk: Talk
  readonly comments: string[]
  readonly seen: SeenBytes
  /** What is missing of it has its place. */
  placed: boolean
}

const noPhases: PhaseNames = { readUntil: async () => undefined, of: () => null }

/** Those whose details name the event with the chunk that they are about. */
const aboutChunk: ReadonlySet<EventKind> = new Set([
  'fault-applied',
  'chunk-held',
  'chunk-released',
  'chunk-replaced',
  'rule-matched',
  'framing-failed',
])

/**
 * The chunks of a pcapng file. Holds one batch of events, what is open, and facts of some thousand connections; where both ends
 * of connections are ours, also which belong together.
 */
export async function* writePcapng(
  source: ExportSource,
  options: PcapngOptions,
  counts: Counts,
): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  const sink = createByteSink()
  const facts = createConnectionFacts(source)
  const bookmarks = options.comments ? await source.bookmarks() : new Map<number, string>()
  const phaseNames = options.comments ? createPhaseNames(source) : noPhases
  const twins = await findTwins(source, ({ id }) => options.isChosen(id))
  const interfaceOf = createInterfaces(sink, source.endpoints)
  const startedAtNs = BigInt(Math.round(source.startedAtEpochMs * 1000)) * 1000n
  const followed = new Map<number, Followed | null>()
  let acrossGaps: ReadonlyMap<number, SeenBytes> | null = null

  const follow = (info: ConnectionInfo): Followed | null => {
    const ends = endsOf(info)
    if (ends === null) {
      counts.withoutAddress++
      return null
    }
    const comments: string[] = []
    const opener = info.direction === 'out' ? 'local' : 'remote'
    // Knuth's multiplier spreads neighbours apart: a port that is used again has other numbers.
    const talk = createTalk(ends, opener, Math.imul(info.id, 2_654_435_761), (from, at, segment) => {
      const facts = {
        interfaceId: interfaceOf(info.endpoint),
        timeNs: startedAtNs + BigInt(Math.round(at * 1e6)),
        bytes: frameBytes(segment),
        direction: from === 'local' ? ('outbound' as const) : ('inbound' as const),
        comments: comments.splice(0),
      }
      putPacket(sink, facts, (to, place) => putFrame(to, place, segment))
      counts.packets++
      counts.payloadBytes += segment.payload.length
    })
    counts.connections++
    return { info, talk, comments, seen: { received: 0, sent: 0 }, placed: false }
  }

  /** A connection that was made, and whose making nobody saw, begins with what is known of it. */
  const begin = ({ talk, info }: Followed, at: number) => {
    // Of one whose making nobody has seen at all, no packets are made up for it.
    if (!talk.hasBegun && info.madeAt !== null) talk.made(Math.min(info.madeAt, at))
  }

  /** Bytes that went over the wire, and that the capture has not. */
  const skip = ({ talk }: Followed, from: Whose, bytes: number) => {
    talk.skip(from, bytes)
    counts.missingBytes += bytes
  }

  const stream = (one: Followed, from: Whose, batch: EventBatch, i: number) => {
    const kept = rowBytesOf(batch, i)
    begin(one, batch.at[i]!)
    one.talk.data(from, batch.at[i]!, kept)
    skip(one, from, batch.length[i]! - kept.length)
    if (from === 'local') one.seen.sent += batch.length[i]!
    else one.seen.received += batch.length[i]!
  }

  /** Puts the bytes that events were dropped of where the first gap is. */
  const place = (one: Followed, seenBefore: SeenBytes) => {
    if (one.placed) return
    one.placed = true
    const after = acrossGaps?.get(one.info.id) ?? { received: 0, sent: 0 }
    for (const from of ['remote', 'local'] as const) {
      const all = from === 'local' ? one.info.traffic.bytesSent : one.info.traffic.bytesReceived
      const missing = all - bytesOf(seenBefore, from) - bytesOf(after, from)
      if (!(missing > 0)) continue
      skip(one, from, missing)
      one.comments.push(`${missing} bytes ${from === 'local' ? 'sent' : 'received'} before this are not in the capture`)
    }
  }

  const nothingSeen: SeenBytes = { received: 0, sent: 0 }

  const gap = async (fromSeq: number) => {
    const first = acrossGaps === null
    acrossGaps ??= await countAcrossGaps(source, fromSeq)
    for (const one of followed.values())
      if (one !== null) {
        begin(one, Number.POSITIVE_INFINITY)
        // Of those that have begun after the first gap, the count has all bytes, also those before this one.
        place(one, first ? one.seen : nothingSeen)
      }
  }

  const lost = (one: Followed, cause: Cause, at: number, unreadBytes: number) => {
    const { talk } = one
    skip(one, 'remote', unreadBytes)
    if (cause === 'reset-by-peer') talk.reset('remote', at)
    else if (cause === 'reset-here') talk.reset('local', at)
    else if (cause === 'closed-by-peer') {
      talk.finish('remote', at)
      talk.finish('local', at)
      talk.closed(at)
    } else if (cause === 'closed-here') {
      talk.finish('local', at)
      talk.closed(at)
    }
  }

  const failed = (one: Followed, cause: Cause, at: number) => {
    one.talk.open(Math.min(one.info.startedAt, at))
    if (cause === 'refused') one.talk.reset(one.info.direction === 'out' ? 'remote' : 'local', at)
  }

  const happened = (one: Followed, batch: EventBatch, i: number) => {
    const { talk } = one
    const at = batch.at[i]!
    const cause = causes[batch.cause[i]!]!
    switch (eventKinds[batch.kind[i]!]!) {
      case 'connection-started':
        talk.open(at)
        break
      case 'connection-made':
        talk.made(at)
        break
      case 'data-received':
        stream(one, 'remote', batch, i)
        break
      case 'data-sent':
        stream(one, 'local', batch, i)
        break
      case 'eof-received':
        begin(one, at)
        talk.finish('remote', at)
        break
      case 'eof-sent':
        begin(one, at)
        talk.finish('local', at)
        break
      case 'connection-lost':
        begin(one, at)
        lost(one, cause, at, rowDetails<'connection-lost'>(batch, i)?.unreadBytes ?? 0)
        break
      case 'connection-failed':
        failed(one, cause, at)
        break
      default:
    }
  }

  /** Comments on events of this batch that others of it are about, by the event's seq; and the rows that they are in. */
  const aboutChunks = (batch: EventBatch) => {
    const bySeq = new Map<number, string[]>()
    const rows = new Set<number>()
    if (!options.comments) return { bySeq, rows }
    for (let i = 0; i < batch.count; i++) {
      if (!aboutChunk.has(eventKinds[batch.kind[i]!]!)) continue
      const chunk = (rowDetails(batch, i) as { readonly chunk?: number | null } | null)?.chunk
      if (chunk == null || chunk < batch.firstSeq || chunk >= batch.firstSeq + i) continue
      rows.add(i)
      const words = eventWords(batch, i, phaseNames)
      const list = bySeq.get(chunk)
      if (list === undefined) bySeq.set(chunk, [words])
      else list.push(words)
    }
    return { bySeq, rows }
  }

  const comment = (one: Followed, batch: EventBatch, i: number, others: readonly string[] | undefined) => {
    if (one.comments.length >= waitingComments) return
    one.comments.push(eventWords(batch, i, phaseNames), ...(others ?? []))
    const note = bookmarks.get(batch.firstSeq + i)
    if (note !== undefined) one.comments.push(note === '' ? 'bookmark' : `bookmark: ${note}`)
  }

  const isOver = (kind: number) => eventKinds[kind] === 'connection-lost' || eventKinds[kind] === 'connection-failed'

  putSectionHeader(sink, options.application)
  for (const { id } of source.endpoints) interfaceOf(id)

  let next = source.firstSeq
  if (next > 1) {
    counts.droppedEvents += next - 1
    acrossGaps = await countAcrossGaps(source, next)
  }
  for await (const batch of batchesOf(source)) {
    if (batch.firstSeq > next) {
      counts.droppedEvents += batch.firstSeq - next
      await gap(batch.firstSeq)
    }
    next = batch.firstSeq + batch.count
    if (options.comments && batch.count > 0) await phaseNames.readUntil(batch.at[batch.count - 1]!)
    const about = aboutChunks(batch)
    for (let i = 0; i < batch.count; i++) {
      const id = batch.connection[i]!
      if (id === 0 || !options.isChosen(id)) continue
      counts.events++
      const twin = twins.get(id)
      const kind = batch.kind[i]!
      if (twin !== undefined) {
        const kept = followed.get(twin)
        // What faults and rules did on this side belongs to the same packets.
        if (options.comments && kept != null && aboutChunk.has(eventKinds[kind]!)) comment(kept, batch, i, undefined)
        if (eventKinds[kind] === 'connection-made') counts.twins++
        continue
      }
      let one = followed.get(id)
      if (one === undefined) {
        const info = await facts.find(id)
        one = info === null ? null : follow(info)
        if (info === null) counts.withoutAddress++
        followed.set(id, one)
        const begins = eventKinds[kind] === 'connection-started' || eventKinds[kind] === 'connection-made'
        if (one !== null && !begins && acrossGaps !== null) {
          begin(one, batch.at[i]!)
          place(one, nothingSeen)
        }
      }
      if (one === null) {
        if (isData(kind)) counts.missingBytes += batch.length[i]!
      } else {
        if (options.comments && !about.rows.has(i)) comment(one, batch, i, about.bySeq.get(batch.firstSeq + i))
        happened(one, batch, i)
      }
      if (isOver(kind)) followed.delete(id)
    }
    const chunk = sink.take()
    if (chunk !== null) yield chunk
  }
  // Those whose end is known, and whose last event is not there.
  for (const one of followed.values())
    if (one !== null && one.info.endedAt !== null && one.talk.hasBegun && acrossGaps !== null)
      lost(one, one.info.cause, one.info.endedAt, 0)
  const rest = sink.take()
  if (rest !== null) yield rest
}
