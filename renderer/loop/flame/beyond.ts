// What of the loop lies beside the records at hand, from the summaries of the capture's segments: each one's work and waits
// spread evenly over its time, for nobody knows better without reading it. Counterparts: loop-log/loop-summaries.ts,
// columns.ts (what is at hand), the strip and the flame timeline, which draw both.
import { loopSummaryLanes } from '../../../preload/contract/captures.ts'
import { lanes } from '../../loop-log/lanes.ts'
import type { LoopSummaries } from '../../loop-log/loop-summaries.ts'
import type { TimeMap } from './time-map.ts'

export interface Beyond {
  readonly summaries: LoopSummaries
  /** ms: between these the records at hand say everything. */
  readonly heldFrom: number
  readonly heldTo: number
}

/** A slow callback that a summary tells of. */
export interface Slowest {
  readonly at: number
  readonly ranMs: number
}

/**
 * Adds to ms of work by lane and pixel (`lane * width + x`) and to the share of each pixel in which poll waited. Answers the
 * longest callback of each segment that ran at least `slowMs`.
 */
export const addBeyond = (
  beyond: Beyond,
  map: TimeMap,
  busy: Float32Array,
  waiting: Float32Array,
  slowMs: number,
): readonly Slowest[] => {
  const { summaries, heldFrom, heldTo } = beyond
  const { startMs, endMs } = map.range
  const width = busy.length / lanes.length
  const slowest: Slowest[] = []
  const isHeld = (at: number) => at >= heldFrom && at <= heldTo

  const add = (segment: number, fromMs: number, toMs: number) => {
    if (toMs <= fromMs) return
    const spanMs = Math.max(1e-6, summaries.lastAt[segment]! - summaries.firstAt[segment]!)
    const from = Math.max(0, Math.floor(map.x(Math.max(fromMs, startMs))))
    const to = Math.min(width - 1, Math.floor(map.x(Math.min(toMs, endMs))))
    for (let x = from; x <= to; x++) {
      const here = Math.min(toMs, map.time(x + 1)) - Math.max(fromMs, map.time(x))
      if (here <= 0) continue
      const share = here / spanMs
      for (let lane = 0; lane < loopSummaryLanes; lane++)
        busy[lane * width + x]! += summaries.busyMs[segment * loopSummaryLanes + lane]! * share
      const pixelMs = map.time(x + 1) - map.time(x)
      waiting[x] = Math.min(1, waiting[x]! + (summaries.waitedMs[segment]! * share) / pixelMs)
    }
  }

  for (let segment = summaries.segmentAtTime(startMs); segment < summaries.end; segment++) {
    const firstAt = summaries.firstAt[segment]!
    const lastAt = summaries.lastAt[segment]!
    if (firstAt > endMs) break
    add(segment, firstAt, Math.min(lastAt, heldFrom))
    add(segment, Math.max(firstAt, heldTo), lastAt)
    const at = summaries.longestAt[segment]!
    const ranMs = summaries.longestMs[segment]!
    if (ranMs >= slowMs && !isHeld(at) && at >= startMs && at <= endMs) slowest.push({ at, ranMs })
  }
  return slowest
}

/** True where a stretch (ms) reaches beyond the records at hand, and something is known there. */
export const reachesBeyond = ({ summaries, heldFrom, heldTo }: Beyond, startMs: number, endMs: number): boolean => {
  if (startMs >= heldFrom && endMs <= heldTo) return false
  const segment = summaries.segmentAtTime(startMs)
  if (segment === summaries.end || summaries.firstAt[segment]! > endMs) return false
  return summaries.firstAt[segment]! < heldFrom || summaries.lastAt[summaries.end - 1]! > heldTo
}
