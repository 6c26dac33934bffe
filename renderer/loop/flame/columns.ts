// What of a stretch is too small to be drawn by itself, gathered by pixel: so that a frame costs its width and not its
// callbacks. A block of 64 that fits into two pixels is taken from its summary. Counterparts: draw-columns.ts draws them,
// loop-log/callbacks.ts keeps the summaries.
import { blockRows } from '../../loop-log/callback-chunk.ts'
import type { CallbackTable } from '../../loop-log/callbacks.ts'
import { type IterationTable, turnBlockRows } from '../../loop-log/iterations.ts'
import { lanes } from '../../loop-log/lanes.ts'
import type { TimeMap } from './time-map.ts'

/** Narrower than this, px, a callback is not drawn by itself. */
export const leastBlockPx = 2

export interface FlameColumns {
  /** ms of work by lane and pixel (`lane * width + x`), without and of own work. */
  readonly busy: Float32Array
  readonly ownBusy: Float32Array
  /** Slow callbacks too narrow to be drawn by themselves: by lane and pixel (as `busy`), the position of the longest. */
  readonly slow: ReadonlyMap<number, number>
  /** Positions of the callbacks that are wide enough. */
  readonly wide: readonly number[]
}

/** `own`: own work is gathered too. */
export const gatherCallbacks = (callbacks: CallbackTable, map: TimeMap, slowMs: number, own: boolean): FlameColumns => {
  const width = Math.max(1, Math.ceil(map.width))
  const cells = width * lanes.length
  const busy = new Float32Array(cells)
  const ownBusy = new Float32Array(cells)
  const slow = new Map<number, number>()
  const slowMsOf = new Map<number, number>()
  const wide: number[] = []
  const { startMs, endMs } = map.range
  const pixelOf = (x: number) => Math.min(width - 1, Math.max(0, Math.floor(x)))
  for (const chunk of callbacks.chunks) {
    const { start, end, own: isOwn } = chunk.columns
    if (end[chunk.count - 1]! < startMs) continue
    if (start[0]! > endMs) break
    let row = Math.max(0, chunk.rowAtTime(startMs) - 1)
    const rowEnd = chunk.rowAtTime(endMs)
    while (row < rowEnd) {
      const block = row / blockRows
      const blockEnd = row + blockRows
      if (row % blockRows === 0 && blockEnd <= rowEnd && chunk.longest[block]! < slowMs) {
        const x = map.x(start[row]!)
        if (map.x(end[blockEnd - 1]!) - x < leastBlockPx) {
          const pixel = pixelOf(x)
          for (let lane = 0; lane < lanes.length; lane++) {
            busy[lane * width + pixel]! += chunk.busy[block * lanes.length + lane]!
            if (own) ownBusy[lane * width + pixel]! += chunk.ownBusy[block * lanes.length + lane]!
          }
          row = blockEnd
          continue
        }
      }
      if (own || isOwn[row] === 0) {
        const x = map.x(start[row]!)
        const ranMs = end[row]! - start[row]!
        if (map.x(end[row]!) - x >= leastBlockPx) wide.push(chunk.first + row)
        else {
          const cell = chunk.lane[row]! * width + pixelOf(x)
          if (isOwn[row] === 1) ownBusy[cell]! += Math.max(ranMs, Number.MIN_VALUE)
          else {
            // However short: something ran here.
            busy[cell]! += Math.max(ranMs, 1e-6)
            if (ranMs >= slowMs && ranMs > (slowMsOf.get(cell) ?? 0)) {
              slow.set(cell, chunk.first + row)
              slowMsOf.set(cell, ranMs)
            }
          }
        }
      }
      row++
    }
  }
  return { busy, ownBusy, slow, wide }
}

export interface TurnColumns {
  /** Share of each pixel in which poll waited, 0 to 1. */
  readonly waiting: Float32Array
  /** Positions of the turns wide enough to be told apart; empty where they are too many. */
  readonly turns: readonly number[]
}

/** Turns are told apart from this width on, px. */
const leastTurnPx = 4

export const gatherTurns = (iterations: IterationTable, map: TimeMap): TurnColumns => {
  const width = Math.max(1, Math.ceil(map.width))
  const waiting = new Float32Array(width)
  const { startMs, endMs } = map.range
  const from = Math.max(iterations.first, iterations.positionAtTime(startMs) - 1)
  const to = iterations.positionAtTime(endMs)
  const turns: number[] = []
  if (to - from <= width / leastTurnPx) for (let position = from; position < to; position++) turns.push(position)
  for (const chunk of iterations.chunks) {
    const first = Math.max(0, from - chunk.first)
    const last = Math.min(chunk.count, to - chunk.first)
    if (first >= last) continue
    const { start, readyAt } = chunk.columns
    for (let row = first; row < last; ) {
      const blockEnd = row + turnBlockRows
      if (row % turnBlockRows === 0 && blockEnd <= last) {
        const x = map.x(start[row]!)
        const until = map.x(readyAt[blockEnd - 1]!)
        if (until - x < 1) {
          addShare(waiting, map, x, chunk.waits[row / turnBlockRows]!)
          row = blockEnd
          continue
        }
      }
      fill(waiting, map.x(start[row]!), map.x(readyAt[row]!))
      row++
    }
  }
  return { waiting, turns }
}

/** Adds a wait of some ms at a pixel. */
const addShare = (shares: Float32Array, map: TimeMap, x: number, ms: number): void => {
  const pixel = Math.min(shares.length - 1, Math.max(0, Math.floor(x)))
  const pixelMs = map.time(pixel + 1) - map.time(pixel)
  if (pixelMs > 0) shares[pixel] = Math.min(1, shares[pixel]! + ms / pixelMs)
}

/** Adds the pixels, and parts of pixels, from one x up to another. */
const fill = (shares: Float32Array, from: number, to: number): void => {
  const left = Math.max(0, from)
  const right = Math.min(shares.length, to)
  for (let pixel = Math.floor(left); pixel < right; pixel++) {
    const part = Math.min(right, pixel + 1) - Math.max(left, pixel)
    if (part > 0) shares[pixel] = Math.min(1, shares[pixel]! + part)
  }
}
