// What the lifelines draw of the time before the newest events: those that were read, one by one, and for the rest what the
// capture's segments come to. Says too which events are worth reading for the stretch in view. Counterparts:
// event-log/summaries.ts, event-log/reader.ts; draw-row.ts draws both alike.
import { kindCode } from '../../../preload/contract/event-columns.ts'
import type { ConnectionId } from '../../../preload/contract/vocabulary.ts'
import type { TimeRange } from '../../canvas/time-scale.ts'
import type { EventChunk } from '../../event-log/chunk.ts'
import type { EventLog } from '../../event-log/event-log.ts'
import type { Stretch } from '../../event-log/reader.ts'
import type { Summaries } from '../../event-log/summaries.ts'
import { weightOfLength } from '../../event-log/weight.ts'

/** A stretch of at most so many events is read to be drawn one by one; a longer one is drawn from its summaries. */
const mostRead = 100_000
/** Events read beyond the stretch where it is not known to the event where it begins and ends. */
const margin = 1024
/** Whether segments are held is looked at for so many of them at most: more are never all read. */
const mostChecked = 64

const received = kindCode('data-received')
const sent = kindCode('data-sent')
const paused = 1 << kindCode('writing-paused')

export interface Older {
  readonly range: TimeRange
  /** ms: from here on the newest events say everything. */
  readonly endMs: number
  readonly runs: readonly EventChunk[]
  readonly summaries: Summaries
  /** Segments in view, from one up to another; `read` has those whose events are all among the runs. */
  readonly fromSegment: number
  readonly toSegment: number
  readonly read: ReadonlySet<number>
}

/** What there is of a stretch (ms) before the newest events; null where they cover it. */
export const olderIn = (log: EventLog, summaries: Summaries, range: TimeRange): Older | null => {
  const tailAt = log.tailSeq < log.nextSeq ? log.tailAt : Number.POSITIVE_INFINITY
  const endMs = Math.min(range.endMs, tailAt)
  if (range.startMs >= endMs || log.firstSeq >= log.tailSeq) return null
  const fromSegment = summaries.segmentAtTime(range.startMs)
  let toSegment = Math.min(summaries.end, summaries.segmentAtTime(endMs) + 1)
  // What the newest events begin with may be a segment's last ones.
  while (toSegment > fromSegment && summaries.segments.firstAt[toSegment - 1]! >= endMs) toSegment--
  const read = new Set<number>()
  if (toSegment - fromSegment <= mostChecked)
    for (let segment = fromSegment; segment < toSegment; segment++) {
      const from = summaries.segments.firstSeq[segment]!
      const to = Math.min(log.tailSeq, from + summaries.segments.count[segment]!)
      if (log.firstUnheld(from, to) >= to) read.add(segment)
    }
  return { range, endMs, runs: log.runsWithin(range.startMs, endMs), summaries, fromSegment, toSegment, read }
}

/** The events worth reading for a stretch of time (ms); none where they are too many. */
export const wantedIn = (log: EventLog, summaries: Summaries, range: TimeRange): readonly Stretch[] => {
  if (log.firstSeq >= log.tailSeq) return []
  const tailAt = log.tailSeq < log.nextSeq ? log.tailAt : Number.POSITIVE_INFINITY
  if (range.startMs >= tailAt) return []
  let from = summaries.seqNear(range.startMs)
  if (from === null) return []
  let to = range.endMs >= tailAt ? log.tailSeq : (summaries.seqNear(range.endMs) ?? log.tailSeq)
  // Events do not come evenly: what has been read tells on which side more are missing.
  const reach = to - from + margin
  while (from > log.firstSeq && to - from < mostRead && log.has(from) && log.at(from) > range.startMs) from -= reach
  while (to < log.tailSeq && to - from < mostRead && log.has(to) && log.at(to) < range.endMs) to += reach
  if (to - from > mostRead) return []
  return [{ from: Math.max(log.firstSeq, from - margin), to: Math.min(log.tailSeq, to + margin) }]
}

/** Where a connection's older data is drawn: the heaviest events by pixel column. */
export interface OlderColumns {
  readonly perPx: number
  readonly sent: Uint8Array
  readonly received: Uint8Array
  /** Told of pixels from one up to another in which less happened than there are pixels, nobody knows where. */
  scattered(from: number, to: number, sent: boolean, received: boolean): void
  /** Told of pixels in which writing was paused at some time. */
  paused(from: number, to: number): void
}

const raise = (column: Uint8Array, from: number, to: number, weight: number): void => {
  for (let x = Math.max(0, from); x <= Math.min(column.length - 1, to); x++) if (weight > column[x]!) column[x] = weight
}

/** Raises the columns (weights by pixel) to what a connection did before the newest events. */
export const addOlder = (older: Older, connection: ConnectionId, columns: OlderColumns): void => {
  const { range, endMs, runs, summaries, fromSegment, toSegment, read } = older
  const pixelOf = (at: number) => Math.round((at - range.startMs) / columns.perPx)
  for (const run of runs) {
    const rows = run.rowsOf(connection)
    if (rows === undefined) continue
    const { at, kind, length } = run.columns
    for (const row of rows) {
      if (at[row]! < range.startMs - columns.perPx) continue
      if (at[row]! > endMs) break
      const x = pixelOf(at[row]!)
      if (kind[row] === sent) raise(columns.sent, x, x, weightOfLength(length[row]!))
      else if (kind[row] === received) raise(columns.received, x, x, weightOfLength(length[row]!))
    }
  }
  const rows = summaries.rowsOf(connection)
  const c = summaries.columns
  let low = 0
  let high = rows.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if (c.segment[rows[middle]!]! < fromSegment) low = middle + 1
    else high = middle
  }
  for (let i = low; i < rows.length; i++) {
    const row = rows[i]!
    const segment = c.segment[row]!
    if (segment >= toSegment) break
    if (read.has(segment)) continue
    const from = pixelOf(c.firstAt[row]!)
    const to = pixelOf(Math.min(endMs, c.lastAt[row]!))
    if (c.kinds[row]! & paused) columns.paused(from, to + 1)
    if (to - from > 2 && c.events[row]! < to - from) {
      columns.scattered(from, to + 1, c.weightSent[row]! > 0, c.weightReceived[row]! > 0)
      continue
    }
    if (c.weightSent[row]! > 0) raise(columns.sent, from, to, c.weightSent[row]!)
    if (c.weightReceived[row]! > 0) raise(columns.received, from, to, c.weightReceived[row]!)
  }
}

/** The event of a connection nearest to a time (ms) among those that were read; null for none within `toleranceMs`. */
export const nearestRead = (
  log: EventLog,
  connection: ConnectionId,
  at: number,
  toleranceMs: number,
  preferred: 'received' | 'sent' | 'other',
): number | null => {
  let best: number | null = null
  let bestDistance = Number.POSITIVE_INFINITY
  for (const run of log.runsWithin(at - toleranceMs, at + toleranceMs)) {
    for (const row of run.rowsOf(connection) ?? []) {
      const distance = Math.abs(run.columns.at[row]! - at)
      if (distance > toleranceMs) continue
      const kind = run.columns.kind[row]!
      const event = kind === received ? 'received' : kind === sent ? 'sent' : 'other'
      // Another kind only where nothing of the preferred one is within reach.
      const weighed = event === preferred ? distance : distance + 2 * toleranceMs
      if (weighed >= bestDistance) continue
      best = run.firstSeq + row
      bestDistance = weighed
    }
  }
  return best
}
