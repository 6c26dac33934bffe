// The whole capture in 28 px: sent up, received down, endings in error as squares, matches of the search along the top, and
// the brush over what the lifelines show.
// Counterparts: minimap.tsx (the brush as a thing to drag), view.ts (the range).

import type { Context } from '../../canvas/marks.ts'
import { drawTorn, isErrCause, tickHeights } from '../../canvas/marks.ts'
import type { Palette } from '../../canvas/palette.ts'
import { textWidth } from '../../canvas/text-width.ts'
import { type TimeRange, timeToX } from '../../canvas/time-scale.ts'
import type { Weights } from '../../event-log/chunk.ts'
import type { EventLog } from '../../event-log/event-log.ts'
import type { Summaries } from '../../event-log/summaries.ts'
import type { Hits } from '../../search/hits.ts'

/** The strip inside the band, px. */
export const minimapTop = 4
export const minimapHeight = 28
/** Ticks may be so high, px; `tickHeights` go to 8. */
const mostTick = 10

/** The heaviest data events of each pixel column, as heights in px, and the columns with an ending in error. */
export interface MinimapColumns {
  readonly sent: Uint8Array
  readonly received: Uint8Array
  readonly errs: readonly number[]
  /** Columns in which matches of the search begin. */
  readonly hits: readonly number[]
  /** Columns with bookmarks. */
  readonly bookmarks: readonly number[]
}

/** What the minimap is worked out from. */
export interface MinimapSource {
  readonly log: EventLog
  readonly summaries: Summaries
  /** What the search has found. */
  readonly hits: Hits
  /** Events with bookmarks. */
  readonly bookmarks: Iterable<number>
}

const raise = (heights: Uint8Array, from: number, to: number, weight: number): void => {
  const height = Math.round((tickHeights[weight]! * mostTick) / 8)
  for (let x = Math.max(0, from); x <= Math.min(heights.length - 1, to); x++)
    if (height > heights[x]!) heights[x] = height
}

/** The columns in which matches begin. */
const hitColumns = (
  { log, summaries, hits }: MinimapSource,
  startMs: number,
  perPx: number,
  columns: number,
): number[] => {
  if (hits.count === 0) return []
  const seqAt = (at: number): number =>
    log.tailSeq < log.nextSeq && at >= log.tailAt ? log.seqAtTime(at) : (summaries.seqNear(at) ?? log.tailSeq)
  const found: number[] = []
  let from = seqAt(startMs)
  for (let x = 0; x < columns; x++) {
    const to = x === columns - 1 ? log.nextSeq : seqAt(startMs + (x + 1) * perPx)
    if (to > from && hits.anyBetween(from, to)) found.push(x)
    from = Math.max(from, to)
  }
  return found
}

export const readColumns = (source: MinimapSource, extent: TimeRange, widthPx: number): MinimapColumns => {
  const { log, summaries } = source
  const columns = Math.max(0, Math.floor(widthPx))
  const sent = new Uint8Array(columns)
  const received = new Uint8Array(columns)
  const perPx = (extent.endMs - extent.startMs) / columns
  const pixelOf = (at: number) => Math.floor((at - extent.startMs) / perPx)
  const holdsNewest = log.tailSeq < log.nextSeq
  // What is not held, from the summaries of its segments; the newest events themselves from there on.
  const { firstSeq, firstAt, lastAt, weightReceived, weightSent } = summaries.segments
  for (let segment = summaries.first; segment < summaries.end; segment++) {
    if (firstSeq[segment]! >= log.tailSeq) break
    const from = pixelOf(firstAt[segment]!)
    const to = pixelOf(holdsNewest ? Math.min(lastAt[segment]!, log.tailAt) : lastAt[segment]!)
    if (weightSent[segment]! > 0) raise(sent, from, to, weightSent[segment]!)
    if (weightReceived[segment]! > 0) raise(received, from, to, weightReceived[segment]!)
  }
  const weights: Weights = { received: 0, sent: 0 }
  if (holdsNewest)
    for (let x = Math.max(0, pixelOf(log.tailAt)); x < columns; x++) {
      weights.received = 0
      weights.sent = 0
      log.addWeights(extent.startMs + x * perPx, extent.startMs + (x + 1) * perPx, weights)
      if (weights.sent > 0) raise(sent, x, x, weights.sent)
      if (weights.received > 0) raise(received, x, x, weights.received)
    }
  const errs = new Set<number>()
  for (const { endedAt, cause } of log.connections.values())
    if (endedAt !== null && endedAt <= extent.endMs && isErrCause(cause))
      errs.add(Math.round((endedAt - extent.startMs) / perPx))
  const marked = new Set<number>()
  for (const seq of source.bookmarks) {
    const at = log.has(seq) ? log.at(seq) : summaries.timeNear(seq)
    if (at !== null && at >= extent.startMs && at <= extent.endMs) marked.add(pixelOf(at))
  }
  return {
    sent,
    received,
    errs: [...errs],
    hits: hitColumns(source, extent.startMs, perPx, columns),
    bookmarks: [...marked],
  }
}

export interface Minimap {
  readonly context: Context
  readonly palette: Palette
  readonly left: number
  readonly width: number
  readonly extent: TimeRange
  readonly columns: MinimapColumns
  /** What the lifelines show. */
  readonly range: TimeRange
  readonly selectedAt: number | null
  readonly hoverAt: number | null
  /** What is missing before the extent, in words; null where nothing is. */
  readonly dropped: string | null
}

/** The brush's edges in px from the strip's left; at least 3 px wide, so that it can be seen and caught. */
export const brushEdges = (
  extent: TimeRange,
  range: TimeRange,
  width: number,
): { readonly from: number; readonly to: number } => {
  const from = Math.min(width - 3, Math.max(0, timeToX(extent, width, range.startMs)))
  const to = Math.min(width, Math.max(from + 3, timeToX(extent, width, range.endMs)))
  return { from, to }
}

export const drawMinimap = (map: Minimap): void => {
  const { context, palette, left, width, extent, columns } = map
  const middle = minimapTop + minimapHeight / 2
  context.textBaseline = 'middle'
  context.fillStyle = palette.colour['bg-canvas']
  context.fillRect(left, minimapTop, width, minimapHeight)
  context.fillStyle = palette.colour.line
  context.fillRect(left, middle - 1, width, 2)
  drawColumns(context, columns.sent, left, palette.colour['sent-mark'], (height) => [middle - 1 - height, height])
  drawColumns(context, columns.received, left, palette.colour['recv-mark'], (height) => [middle + 1, height])
  context.fillStyle = palette.colour['err-mark']
  for (const x of columns.errs) context.fillRect(left + x - 1, middle - 2, 3, 4)

  context.fillStyle = palette.colour.accent
  for (const x of columns.hits) context.fillRect(left + x - 1, minimapTop, 2, 4)

  context.fillStyle = palette.colour.text
  for (const x of columns.bookmarks) {
    context.fillRect(left + x, minimapTop, 1, 8)
    context.fillRect(left + x, minimapTop, 5, 4)
  }

  const { from, to } = brushEdges(extent, map.range, width)
  // Outside the brush everything stands at 38 %.
  context.globalAlpha = 0.62
  context.fillStyle = palette.colour.bg
  context.fillRect(left, minimapTop, from, minimapHeight)
  context.fillRect(left + to, minimapTop, width - to, minimapHeight)
  context.globalAlpha = 1
  if (map.dropped !== null) {
    drawTorn(context, left, minimapTop, minimapTop + minimapHeight, palette.colour['text-3'])
    context.font = `11px ${palette.uiFont}`
    context.textAlign = 'left'
    context.fillStyle = palette.colour.bg
    context.fillRect(left + 5, minimapTop + 1, textWidth(context, map.dropped) + 6, 14)
    context.fillStyle = palette.colour['text-3']
    context.fillText(map.dropped, left + 8, minimapTop + 8)
  }
  drawMoment(map, map.hoverAt, palette.colour['text-3'])
  drawMoment(map, map.selectedAt, palette.colour.accent)

  context.strokeStyle = palette.colour['text-3']
  context.lineWidth = 1
  context.beginPath()
  context.roundRect(left + from + 0.5, minimapTop + 0.5, Math.max(2, to - from - 1), minimapHeight - 1, 2)
  context.stroke()
  context.fillStyle = palette.colour.life
  for (const x of [from, to]) {
    context.beginPath()
    context.roundRect(left + x - 2, middle - 6, 4, 12, 1.5)
    context.fill()
  }
}

const drawMoment = ({ context, left, width, extent }: Minimap, at: number | null, colour: string): void => {
  if (at === null || at < extent.startMs || at > extent.endMs) return
  context.fillStyle = colour
  context.fillRect(left + Math.round(timeToX(extent, width, at)), minimapTop, 1, minimapHeight)
}

/** Runs of equal height become one rectangle. */
const drawColumns = (
  context: Context,
  heights: Uint8Array,
  left: number,
  colour: string,
  box: (height: number) => readonly [y: number, height: number],
): void => {
  context.fillStyle = colour
  let from = 0
  for (let x = 1; x <= heights.length; x++) {
    if (x < heights.length && heights[x] === heights[from]) continue
    if (heights[from]! > 0) {
      const [y, height] = box(heights[from]!)
      context.fillRect(left + from, y, x - from, height)
    }
    from = x
  }
}
