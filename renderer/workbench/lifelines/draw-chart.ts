// The lifelines' whole picture, from back to front: grid, bands, what is missing, guide line, rows, labels, ring, axis.
// Only the rows in view are drawn. Counterpart: lifelines.tsx, which owns the canvas and says what is in view.

import { drawTorn } from '../../canvas/marks.ts'
import { textWidth } from '../../canvas/text-width.ts'
import type { LoggedConnection } from '../../event-log/connections.ts'
import type { EventLog } from '../../event-log/event-log.ts'
import { drawAxis, ticksOf } from './draw-axis.ts'
import { drawJoins } from './draw-joins.ts'
import { bracketWidth, drawLabel, drawPairBracket, numbersEnd } from './draw-label.ts'
import { drawBookmarks, drawMatches, type MatchLayer } from './draw-matches.ts'
import { drawRow, type RowWords } from './draw-row.ts'
import { eventBox } from './event-box.ts'
import { axisHeight, gutterWidth, type Plot, plotX } from './plot.ts'
import type { LifelineRow, RowLook } from './rows.ts'

export interface ChartWords extends RowWords {
  readonly seconds: string
  readonly clock: string
  /** What a gap in the stream says. */
  missing(events: number): string
}

export interface Chart {
  readonly plot: Plot
  readonly log: EventLog
  readonly rows: readonly LifelineRow[]
  readonly look: RowLook
  /** How far the rows are scrolled, px. */
  readonly scrollTop: number
  readonly selectedConnection: LoggedConnection['id'] | null
  readonly selectedSeq: number | null
  readonly hoverAt: number | null
  /** The name of a connection's endpoint; empty where it is not known any more. */
  readonly nameOf: (connection: LoggedConnection) => string
  readonly words: ChartWords
  /** What stands out, from back to front. */
  readonly layers: readonly MatchLayer[]
  readonly bookmarks: Iterable<number>
}

interface VisibleRow extends LifelineRow {
  readonly top: number
  readonly selected: boolean
}

const visibleRows = (chart: Chart): readonly VisibleRow[] => {
  const { rows, look, scrollTop, plot } = chart
  const first = Math.max(0, Math.floor(scrollTop / look.height))
  const end = Math.min(rows.length, Math.ceil((scrollTop + plot.height - axisHeight) / look.height))
  return rows.slice(first, end).map((row, i) => ({
    ...row,
    top: axisHeight + (first + i) * look.height - scrollTop,
    selected: row.connection.id === chart.selectedConnection,
  }))
}

const drawBands = (chart: Chart, rows: readonly VisibleRow[]): void => {
  const { context, palette, left, width } = chart.plot
  const { height } = chart.look
  const right = left + width + 20
  for (const row of rows) {
    if (row.selected) {
      context.fillStyle = palette.colour['accent-soft']
      context.fillRect(0, row.top, right, height - 1)
      context.fillStyle = palette.colour.accent
      context.fillRect(0, row.top, 2, height - 1)
    } else if (row.pair !== null) {
      context.fillStyle = palette.colour.bg
      context.fillRect(bracketWidth, row.top, right, height - 1)
    }
    if (!chart.look.labels) continue
    context.fillStyle = palette.colour[row.pair === 'below' ? 'bg-canvas' : 'line']
    context.fillRect(row.pair === null ? 0 : bracketWidth, row.top + height - 1, right, 1)
  }
}

/** What is not held: everything before the torn edge, and the gaps between. */
const drawMissing = (chart: Chart): void => {
  const { plot, log, words } = chart
  const { context, palette } = plot
  const tornX = plotX(plot, log.firstAt)
  if (log.droppedOldest > 0 && tornX > plot.left) {
    context.fillStyle = palette.colour.bg
    context.fillRect(plot.left, axisHeight, tornX - plot.left, plot.height)
    drawTorn(context, tornX, axisHeight, plot.height, palette.colour['line-3'])
  }
  context.font = `11px ${palette.uiFont}`
  for (const gap of log.gaps()) {
    const from = plotX(plot, gap.afterAt)
    const to = Math.max(from + 3, plotX(plot, gap.beforeAt))
    if (to < plot.left || from > plot.left + plot.width) continue
    context.fillStyle = palette.colour.bg
    context.fillRect(from, axisHeight, to - from, plot.height)
    drawTorn(context, from - 3, axisHeight, plot.height, palette.colour['line-3'])
    drawTorn(context, to, axisHeight, plot.height, palette.colour['line-3'])
    const text = words.missing(gap.events)
    if (textWidth(context, text) + 12 > to - from) continue
    context.fillStyle = palette.colour['text-3']
    context.textAlign = 'center'
    context.fillText(text, (from + to) / 2, axisHeight + 10)
  }
}

const drawMoments = (chart: Chart, selectedAt: number | null): void => {
  const { plot, hoverAt } = chart
  const { context, palette } = plot
  if (selectedAt !== null) {
    context.globalAlpha = 0.6
    context.fillStyle = palette.colour.accent
    context.fillRect(Math.round(plotX(plot, selectedAt)), axisHeight, 1, plot.height)
    context.globalAlpha = 1
  }
  // The pointer rests on what it has just selected: the guide line stays to be seen.
  if (hoverAt !== null && hoverAt !== selectedAt) {
    context.fillStyle = palette.colour['text-3']
    context.fillRect(Math.round(plotX(plot, hoverAt)), axisHeight, 1, plot.height)
  }
}

const drawRing = (chart: Chart, rows: readonly VisibleRow[]): void => {
  const { plot, selectedSeq, log, look } = chart
  if (selectedSeq === null || !log.has(selectedSeq)) return
  const id = log.connection(selectedSeq)
  const row = rows.find((item) => item.connection.id === id)
  if (row === undefined) return
  const box = eventBox(log, selectedSeq, look)
  const { context, palette } = plot
  context.strokeStyle = palette.colour.accent
  context.lineWidth = 1.5
  context.beginPath()
  const x = Math.round(plotX(plot, log.at(selectedSeq)))
  context.roundRect(x - box.halfWidth - 1.5, row.top + box.top - 3, 2 * box.halfWidth + 3, box.height + 6, 2)
  context.stroke()
}

/** Draws everything on a cleared surface. */
export const drawChart = (chart: Chart): void => {
  const { plot, log, look, words } = chart
  const { context, palette, left, width, height } = plot
  const rows = visibleRows(chart)
  const ticks = ticksOf(plot)
  const inView = (at: number) => at >= plot.range.startMs && at <= plot.range.endMs
  const at = chart.selectedSeq !== null && log.has(chart.selectedSeq) ? log.at(chart.selectedSeq) : null
  const selectedAt = at !== null && inView(at) ? at : null
  context.textBaseline = 'middle'
  context.lineCap = 'butt'

  context.fillStyle = palette.colour.line
  context.globalAlpha = 0.75
  for (const tick of ticks.ticks) context.fillRect(Math.round(plotX(plot, tick)), axisHeight, 1, height)
  context.globalAlpha = 1
  if (log.count > 0) drawMissingClipped(chart)
  drawBands(chart, rows)

  context.save()
  context.beginPath()
  context.rect(left - 1, axisHeight, width + 20, height)
  context.clip()
  drawMoments({ ...chart, hoverAt: chart.hoverAt !== null && inView(chart.hoverAt) ? chart.hoverAt : null }, selectedAt)
  if (look.labels)
    for (const [i, row] of rows.entries()) {
      const lower = rows[i + 1]
      if (row.pair === 'below' && lower !== undefined)
        drawJoins(plot, log, row.connection, lower.connection, row.top, look)
    }
  const tops = new Map<number, number>(rows.map((row) => [row.connection.id, row.top]))
  for (const layer of chart.layers) if (layer.colour !== null) drawMatches(plot, log, layer, tops, look)
  for (const row of rows) drawRow(plot, row.connection, row.top, look, row.selected, words)
  for (const layer of chart.layers) if (layer.colour === null) drawMatches(plot, log, layer, tops, look)
  drawBookmarks(plot, log, chart.bookmarks, tops, look)
  if (selectedAt !== null) drawRing(chart, rows)
  context.restore()

  if (look.labels) {
    context.save()
    context.beginPath()
    context.rect(0, axisHeight, gutterWidth - 2, height)
    context.clip()
    const numberEnd = numbersEnd(rows.reduce((largest, row) => Math.max(largest, row.connection.id), 0))
    for (const row of rows) {
      drawLabel(plot, row.connection, chart.nameOf(row.connection), row.top, look, numberEnd, row.selected)
      if (row.pair === 'below') drawPairBracket(plot, row.top, look)
    }
    // A pair that is cut by the upper edge still shows the lower half of its bracket.
    const [first] = rows
    if (first?.pair === 'above') drawPairBracket(plot, first.top - look.height, look)
    context.restore()
  }
  drawAxis(plot, ticks, selectedAt, words)
}

const drawMissingClipped = (chart: Chart): void => {
  const { context, left, width, height } = chart.plot
  context.save()
  context.beginPath()
  context.rect(left, axisHeight, width, height)
  context.clip()
  drawMissing(chart)
  context.restore()
}
