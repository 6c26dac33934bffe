// Time ↔ pixels of the flame timeline: straight, or with long waits of poll folded to a few pixels each so that the work
// between them has the room. Pure. Counterparts: canvas/time-scale.ts (the stretch itself), draw-flame.ts, flame.tsx (hits).
import { spanOf, type TimeRange } from '../../canvas/time-scale.ts'
import type { IterationTable } from '../../loop-log/iterations.ts'

/** Waits longer than this are folded, ms. */
export const foldFromMs = 2
/** What a folded wait takes, px, where there is room for all. */
export const foldPx = 24
/** Folded waits take at most this share of the width. */
const foldShare = 0.6

export interface Fold {
  readonly fromAt: number
  readonly toAt: number
  readonly x: number
  readonly width: number
}

export interface TimeMap {
  readonly range: TimeRange
  readonly width: number
  readonly folds: readonly Fold[]
  /** px from the left edge of the plot. Quick where the times asked for ascend. */
  x(at: number): number
  /** ms on the event clock. */
  time(x: number): number
}

export const straightMap = (range: TimeRange, width: number): TimeMap => {
  const pxPerMs = width / spanOf(range)
  return {
    range,
    width,
    folds: [],
    x: (at) => (at - range.startMs) * pxPerMs,
    time: (x) => range.startMs + x / pxPerMs,
  }
}

/** `waits` ascend and do not overlap; ms on the event clock. */
export const squeezedMap = (
  range: TimeRange,
  width: number,
  waits: readonly { readonly fromAt: number; readonly toAt: number }[],
): TimeMap => {
  const seen = waits
    .map(({ fromAt, toAt }) => ({ fromAt: Math.max(fromAt, range.startMs), toAt: Math.min(toAt, range.endMs) }))
    .filter(({ fromAt, toAt }) => toAt - fromAt > foldFromMs)
  const foldedMs = seen.reduce((sum, wait) => sum + wait.toAt - wait.fromAt, 0)
  const openMs = spanOf(range) - foldedMs
  if (seen.length === 0 || openMs <= 0) return straightMap(range, width)
  const each = Math.min(foldPx, (width * foldShare) / seen.length)
  const pxPerMs = (width - each * seen.length) / openMs
  // A fold must never be wider than the wait would be without it.
  if (each >= ((foldedMs / seen.length) * width) / spanOf(range)) return straightMap(range, width)
  const times: number[] = [range.startMs]
  const xs: number[] = [0]
  const folds: Fold[] = []
  for (const { fromAt, toAt } of seen) {
    const x = xs.at(-1)! + (fromAt - times.at(-1)!) * pxPerMs
    times.push(fromAt, toAt)
    xs.push(x, x + each)
    folds.push({ fromAt, toAt, x, width: each })
  }
  times.push(range.endMs)
  xs.push(width)
  let cursor = 0
  const last = times.length - 2
  const between = (from: readonly number[], to: readonly number[], value: number): number => {
    // Drawing asks for neighbouring times, mostly rising ones.
    if (cursor > last || value < from[cursor]!) cursor = 0
    let step = 1
    while (cursor + step <= last && from[cursor + step]! <= value) {
      cursor += step
      step *= 2
    }
    while (step >= 1) {
      if (cursor + step <= last && from[cursor + step]! <= value) cursor += step
      step >>= 1
    }
    const span = from[cursor + 1]! - from[cursor]!
    const share = span === 0 ? 0 : (value - from[cursor]!) / span
    return to[cursor]! + share * (to[cursor + 1]! - to[cursor]!)
  }
  return {
    range,
    width,
    folds,
    x: (at) => between(times, xs, at),
    time: (x) => between(xs, times, x),
  }
}

/** The waits of poll within a stretch that are long enough to be folded. */
export const longWaits = (iterations: IterationTable, range: TimeRange): { fromAt: number; toAt: number }[] => {
  const waits: { fromAt: number; toAt: number }[] = []
  for (const chunk of iterations.chunks) {
    const { start, readyAt } = chunk.columns
    if (readyAt[chunk.count - 1]! < range.startMs) continue
    if (start[0]! > range.endMs) break
    for (let row = 0; row < chunk.count; row++)
      if (readyAt[row]! - start[row]! > foldFromMs && readyAt[row]! > range.startMs && start[row]! < range.endMs)
        waits.push({ fromAt: start[row]!, toAt: readyAt[row]! })
  }
  return waits
}
