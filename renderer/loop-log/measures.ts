// What a stretch of the loop amounts to: turns, busy time, and how long what becomes ready has to wait. Pure, from rows
// alone: a turn counts from where poll was entered to where it was entered again, and only where both were seen.
// Counterparts: loop-log.ts holds the rows, loop/metrics and the title bar's pill show the numbers.
import { blockRows } from './callback-chunk.ts'
import type { LoopLog } from './loop-log.ts'

/** The parts that a stretch is cut into for the small charts. */
export const chartParts = 32
/** Bins of the delay chart: each 10 to the 1/3 wide, from below 10 µs to above 1 s. */
export const delayBins = 16
const firstBinMs = 0.01

/**
 * How long something that becomes ready while the loop works has to wait until the loop polls again, in ms, over all such
 * moments alike: half of them wait longer than `p50`, one in a hundred longer than `p99`.
 */
export interface Delays {
  readonly p50: number
  readonly p99: number
  readonly max: number
}

export interface Measures {
  /** The stretch, in ms on the event clock, and how much of it the turns held cover. */
  readonly fromAt: number
  readonly toAt: number
  readonly coveredMs: number
  /** Turns in which poll returned within the stretch, and the events that it returned. */
  readonly iterations: number
  readonly events: number
  /** Neither waiting in poll nor Wireloop's own work, 0 to 1; null where no turn was seen whole. */
  readonly busy: number | null
  /** Wireloop's own callbacks, 0 to 1. */
  readonly ownWork: number | null
  readonly delays: Delays | null
  /** By part of the stretch: turns, busy share, and whether a callback of at least `slowMs` ended in it. */
  readonly iterationsByPart: Float64Array
  readonly busyByPart: Float64Array
  readonly slowByPart: Uint8Array
  /** Turns by how long their work took. */
  readonly delayCounts: Float64Array
}

export const delayBinOf = (ms: number): number =>
  Math.min(delayBins - 1, Math.max(0, 1 + Math.floor(Math.log10(ms / firstBinMs) * 3)))

/** The length in ms above which work falls into a bin. */
export const delayBinStart = (bin: number): number => (bin === 0 ? 0 : firstBinMs * 10 ** ((bin - 1) / 3))

/** Works by their length on a log scale, four bins an octave from 0.1 µs on. */
const perOctave = 4
const workBins = 40 * perOctave
const leastWorkMs = 1e-4
const workStarts = Float64Array.from({ length: workBins + 1 }, (_, bin) =>
  bin === 0 ? 0 : bin === workBins ? Number.POSITIVE_INFINITY : leastWorkMs * 2 ** ((bin - 1) / perOctave),
)

const workBinOf = (ms: number): number => {
  if (ms < leastWorkMs) return 0
  let bin = Math.min(workBins - 1, Math.floor(Math.log2(ms / leastWorkMs) * perOctave) + 1)
  // What the logarithm rounds across a bound goes back to where the bounds say.
  if (ms < workStarts[bin]!) bin--
  else if (ms >= workStarts[bin + 1]!) bin++
  return bin
}

/**
 * Answers, for a share, the x for which Σ max(0, work − x) is that share of Σ work: of all the moments within the works,
 * the share waits longer than x. Values in ms; exact, though no more than one bin of them is ever sorted.
 */
export const exceedance = (works: Float64Array): ((share: number) => number) => {
  const sums = new Float64Array(workBins)
  const counts = new Float64Array(workBins)
  let total = 0
  for (const work of works) {
    const bin = workBinOf(work)
    sums[bin]! += work
    counts[bin]!++
    total += work
  }
  return (share) => {
    const wanted = total * share
    let sum = 0
    let count = 0
    for (let bin = workBins - 1; bin >= 0; bin--) {
      if (counts[bin] === 0) continue
      const start = workStarts[bin]!
      if (bin > 0 && sum + sums[bin]! - (count + counts[bin]!) * start < wanted) {
        sum += sums[bin]!
        count += counts[bin]!
        continue
      }
      // The answer lies among the values of this bin, or just below the bins before.
      const end = workStarts[bin + 1]!
      const within = works.filter((work) => work >= start && work < end).sort()
      for (let i = within.length - 1; i >= 0; i--) {
        if (count > 0 && sum - count * within[i]! >= wanted) break
        sum += within[i]!
        count++
      }
      break
    }
    return count === 0 ? 0 : Math.max(0, (sum - wanted) / count)
  }
}

/** Adds the length of a stretch to the parts that it lies in. */
const spread = (parts: Float64Array, fromAt: number, partMs: number, start: number, end: number): void => {
  const last = parts.length - 1
  const first = Math.floor((start - fromAt) / partMs)
  if (first >= last || end <= fromAt + (first + 1) * partMs) {
    parts[Math.min(first, last)]! += end - start
    return
  }
  for (let at = start, part = first; at < end && part <= last; part++) {
    const until = part === last ? end : Math.min(end, fromAt + (part + 1) * partMs)
    if (until > at) parts[part]! += until - at
    at = Math.max(at, until)
  }
}

/** `slowMs`: callbacks that ran at least this long mark their part of the chart. */
export const measure = (log: LoopLog, fromAt: number, toAt: number, slowMs: number): Measures => {
  const partMs = (toAt - fromAt) / chartParts
  const partOf = (at: number) => Math.min(chartParts - 1, Math.max(0, Math.floor((at - fromAt) / partMs)))
  const iterationsByPart = new Float64Array(chartParts)
  const workByPart = new Float64Array(chartParts)
  const ownByPart = new Float64Array(chartParts)
  const coveredByPart = new Float64Array(chartParts)
  const slowByPart = new Uint8Array(chartParts)
  const delayCounts = new Float64Array(delayBins)
  let iterations = 0
  let events = 0
  let coveredMs = 0
  let workMs = 0
  let ownMs = 0

  /** Own work that ended between two moments that lie after all asked for before. */
  const own = createOwnWork(log, fromAt)

  const { chunks } = log.iterations
  const works = new Float64Array(log.iterations.end - log.iterations.positionAtTime(fromAt) + 1)
  let workCount = 0
  let before: { start: number; readyAt: number } | null = null
  for (const chunk of chunks) {
    const c = chunk.columns
    // The turn that was under way when the stretch began counts for the part that lies within it.
    if (c.end[chunk.count - 1]! < fromAt && chunk !== chunks.at(-1)) {
      before = { start: c.start[chunk.count - 1]!, readyAt: c.readyAt[chunk.count - 1]! }
      continue
    }
    for (let row = 0; row < chunk.count; row++) {
      const start = c.start[row]!
      const readyAt = c.readyAt[row]!
      if (readyAt >= fromAt && readyAt < toAt) {
        iterations++
        events += c.events[row]!
        iterationsByPart[partOf(readyAt)]!++
      }
      if (before !== null && c.joined[row] === 1 && start > fromAt && before.start < toAt) {
        const from = Math.max(fromAt, before.start)
        const to = Math.min(toAt, start)
        const workFrom = Math.min(to, Math.max(from, before.readyAt))
        coveredMs += to - from
        workMs += to - workFrom
        spread(coveredByPart, fromAt, partMs, from, to)
        spread(workByPart, fromAt, partMs, workFrom, to)
        const ownHere = own.between(workFrom, to)
        ownMs += ownHere
        ownByPart[partOf(to)]! += ownHere
        if (before.readyAt >= fromAt && start <= toAt) {
          const work = Math.max(0, start - before.readyAt - ownHere)
          works[workCount++] = work
          delayCounts[delayBinOf(work)]!++
        }
      }
      before = { start, readyAt }
      if (start >= toAt) break
    }
    if (before !== null && before.start >= toAt) break
  }
  markSlow(log, fromAt, toAt, slowMs, (at) => {
    slowByPart[partOf(at)] = 1
  })
  const seen = works.subarray(0, workCount)
  const exceededBy = exceedance(seen)
  const busyMs = Math.max(0, workMs - ownMs)
  return {
    fromAt,
    toAt,
    coveredMs,
    iterations,
    events,
    busy: coveredMs > 0 ? busyMs / coveredMs : null,
    ownWork: coveredMs > 0 ? ownMs / coveredMs : null,
    delays:
      workCount === 0
        ? null
        : {
            p50: exceededBy(0.5),
            p99: exceededBy(0.01),
            max: seen.reduce((most, work) => Math.max(most, work), 0),
          },
    iterationsByPart,
    busyByPart: workByPart.map((work, part) =>
      coveredByPart[part]! > 0 ? Math.min(1, Math.max(0, work - ownByPart[part]!) / coveredByPart[part]!) : 0,
    ),
    slowByPart,
    delayCounts,
  }
}

/** Sums up own work in stretches that ascend. */
const createOwnWork = (log: LoopLog, fromAt: number) => {
  const { chunks } = log.callbacks
  let chunk = chunks.findIndex((each) => each.columns.end[each.count - 1]! >= fromAt)
  let row = chunk < 0 ? 0 : chunks[chunk]!.rowAtTime(fromAt)
  return {
    between(from: number, to: number): number {
      let sum = 0
      for (; chunk >= 0 && chunk < chunks.length; chunk++, row = 0) {
        const { columns, count } = chunks[chunk]!
        for (; row < count; row++) {
          if (columns.start[row]! >= to) return sum
          if (columns.own[row] === 1 && columns.start[row]! >= from) sum += columns.end[row]! - columns.start[row]!
        }
      }
      return sum
    },
  }
}

const markSlow = (log: LoopLog, fromAt: number, toAt: number, slowMs: number, mark: (endAt: number) => void): void => {
  for (const chunk of log.callbacks.chunks) {
    const { start, end, own } = chunk.columns
    if (end[chunk.count - 1]! < fromAt) continue
    if (start[0]! > toAt) return
    for (let block = 0; block < chunk.longest.length; block++) {
      if (chunk.longest[block]! < slowMs) continue
      for (let row = block * blockRows; row < Math.min(chunk.count, (block + 1) * blockRows); row++)
        if (own[row] === 0 && end[row]! - start[row]! >= slowMs && end[row]! >= fromAt && end[row]! <= toAt)
          mark(end[row]!)
    }
  }
}
