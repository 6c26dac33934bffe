// What the lifelines draw of the time before the newest events: those that were read, one by one, and for the rest what the
// capture's segments come to. Says too which events are worth reading for the stretch in view. Counterparts:
// event-log/summaries.ts, event-log/reader.ts; draw-row.ts draws both alike.
import { kindCode } from '../../../preload/contract/event-columns.ts'
import type { ConnectionId } from '../../../preload/contract/vocabulary.ts'
import type { TimeRange } from '../../canvas/time-scale.ts'
import { isActCode } from '../../event-log/acts.ts'
import type { EventChunk } from '../../event-log/chunk.ts'
import type { EventLog } from '../../event-log/event-log.ts'
import type { Stretch } from '../../event-log/reader.ts'
import type { Summaries } from '../../event-log/summaries.ts'
import { weightOfLength } from '../../event-log/weight.ts'

/** A stretch of at most so many events is read to be drawn one by one; a longer one is drawn from its summaries. */
const mostRead = 100_000
/** Events read beyond the stretch where it is not known to the event where it begins and ends. */
const margin = 1024
const received = kindCode('data-received')
const sent = kindCode('data-sent')
const resumedKind = kindCode('writing-resumed')
const paused = 1 << kindCode('writing-paused')

export interface Older {
  readonly range: TimeRange
  /** ms: from here on the newest events say everything. */
  readonly endMs: number
  readonly runs: readonly EventChunk[]
  readonly summaries: Summaries
  /** Stretches (ms) in which every event is among the runs, in order. */
  readonly read: readonly { readonly fromMs: number; readonly toMs: number }[]
  /** Segments in view, from one up to another. */
  readonly fromSegment: number
  readonly toSegment: number
}

/** Runs that follow each other without a gap say everything of the time from the first to the last of them. */
const stretchesRead = (log: EventLog, runs: readonly EventChunk[]): Older['read'] => {
  const read: { fromMs: number; toMs: number }[] = []
  let next = -1
  for (const run of runs) {
    const toMs = run.columns.at[run.count - 1]!
    const last = read.at(-1)
    // The first event of all begins where time does.
    const fromMs = run.firstSeq <= log.firstSeq ? Number.NEGATIVE_INFINITY : run.columns.at[0]!
    if (last !== undefined && run.firstSeq <= next) last.toMs = Math.max(last.toMs, toMs)
    else read.push({ fromMs, toMs })
    next = log.next(run.endSeq - 1) ?? log.nextSeq
    if (next >= log.tailSeq) read.at(-1)!.toMs = Number.POSITIVE_INFINITY
  }
  return read
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
  const runs = log.runsWithin(range.startMs, endMs)
  return { range, endMs, runs, summaries, read: stretchesRead(log, runs), fromSegment, toSegment }
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
  /** Told of a pixel in which a fault did something. */
  acted(x: number): void
  /** Told of pixels from one up to another in which less happened than there are pixels, nobody knows where. */
  scattered(from: number, to: number, sent: boolean, received: boolean): void
  /** Told of pixels in which writing was paused; `exactly`: all the time, else at some time. */
  paused(from: number, to: number, exactly: boolean): void
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
      if (kind[row] === resumedKind && at[row]! >= range.startMs) {
        const pausedMs = run.details<'writing-resumed'>(row)?.pausedMs ?? 0
        const from = at[row]! - pausedMs
        if (from <= endMs) columns.paused(pixelOf(Math.max(range.startMs, from)), pixelOf(at[row]!), true)
      }
      if (at[row]! < range.startMs - columns.perPx) continue
      if (at[row]! > endMs) break
      const x = pixelOf(at[row]!)
      if (kind[row] === sent) raise(columns.sent, x, x, weightOfLength(length[row]!))
      else if (kind[row] === received) raise(columns.received, x, x, weightOfLength(length[row]!))
      else if (isActCode(kind[row]!)) columns.acted(x)
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
    // Only what was not read stands for itself: before a stretch that was, or after it.
    let fromMs = Math.max(range.startMs, c.firstAt[row]!)
    let toMs = Math.min(range.endMs, endMs, c.lastAt[row]!)
    for (const stretch of read) {
      if (stretch.fromMs <= fromMs && stretch.toMs > fromMs) fromMs = stretch.toMs
      if (stretch.toMs >= toMs && stretch.fromMs < toMs) toMs = stretch.fromMs
    }
    if (fromMs > toMs || (fromMs === toMs && c.firstAt[row]! < c.lastAt[row]!)) continue
    const from = pixelOf(fromMs)
    const to = pixelOf(toMs)
    if (c.kinds[row]! & paused) columns.paused(from, to + 1, to - from < 2)
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
