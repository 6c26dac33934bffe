// One connection's lifeline: bar, ticks, hatch, notches and end cap on the time axis. Counterparts: rows.ts says where the
// parts stand, draw-label.ts writes the gutter, canvas/marks.ts has the marks themselves.

import {
  capRadius,
  drawCap,
  drawChevron,
  drawConnecting,
  drawHollowTicks,
  drawTicks,
  fillHatch,
  frame,
  isErrCause,
  tickHeights,
} from '../../canvas/marks.ts'
import { textWidth } from '../../canvas/text-width.ts'
import { spanOf } from '../../canvas/time-scale.ts'
import type { LoggedConnection } from '../../event-log/connections.ts'
import type { Track } from '../../event-log/track.ts'
import { drawLock } from './draw-lock.ts'
import { endOf } from './ending.ts'
import { addOlder } from './older.ts'
import { msPerPx, type Plot, plotX, rightPadding } from './plot.ts'
import type { RowLook } from './rows.ts'

export interface RowWords {
  /** How a connection ended, in a word or two. */
  readonly cause: Readonly<Record<LoggedConnection['cause'], string>>
  readonly halfClosed: string
}

/** When the connection ended, as far as is shown; null while it is open. */
const shownEnd = (connection: LoggedConnection, nowMs: number): number | null => {
  const endedAt = endOf(connection)
  return endedAt !== null && endedAt <= nowMs ? endedAt : null
}

/** Draws the row whose top is at `top` px. */
export const drawRow = (
  plot: Plot,
  connection: LoggedConnection,
  top: number,
  look: RowLook,
  selected: boolean,
  words: RowWords,
): void => {
  const { context, palette, nowMs, range } = plot
  const endedAt = shownEnd(connection, nowMs)
  if (connection.startedAt > Math.min(nowMs, range.endMs)) return
  const right = plot.left + plot.width
  const middle = top + look.barTop + look.barHeight / 2
  const startX = Math.max(plotX(plot, connection.startedAt), plot.left - 10)
  const endX = Math.min(plotX(plot, endedAt ?? nowMs), right)
  if (endX >= plot.left) {
    const madeAt = connection.madeAt !== null && connection.madeAt <= nowMs ? connection.madeAt : null
    if (madeAt !== null || !connection.startKnown) {
      const madeX = madeAt === null ? startX : plotX(plot, madeAt)
      if (madeX - startX > 3) drawConnecting(context, startX + 1, madeX, middle, palette.colour['bar-line'])
      drawBar(plot, connection, Math.max(madeX, plot.left), endX, top, look, selected)
      drawPauses(plot, connection, endX, top, look)
      if (madeX >= plot.left && madeAt !== null) drawStroke(plot, madeX, top, look)
      drawLock(plot, connection, endX, top, look)
    } else if (endX - startX > 6) {
      drawConnecting(context, Math.max(startX + 2, plot.left), endX, middle, palette.colour['bar-line'])
      if (startX >= plot.left) drawStroke(plot, startX, top, look)
    }
  }
  drawData(plot, connection, top, look)
  if (endedAt === null || endedAt > range.endMs) {
    if (endX >= plot.left && look.labels) drawChevron(context, endX + 6, middle, palette.colour['text-3'])
  } else drawEnd(plot, connection, plotX(plot, endedAt), middle, look, words)
  if (look.labels) drawHalfClosed(plot, connection, endedAt, endX, top, look, words)
}

/** The tall stroke where a connection was made, or asked for. */
const drawStroke = ({ context, palette }: Plot, x: number, top: number, look: RowLook): void => {
  context.fillStyle = palette.colour.life
  context.fillRect(Math.round(x) - 1, top + look.barTop - 2, 2, look.barHeight + 4)
}

const drawBar = (
  plot: Plot,
  connection: LoggedConnection,
  from: number,
  to: number,
  top: number,
  look: RowLook,
  selected: boolean,
): void => {
  const { context, palette, nowMs } = plot
  const x1 = Math.round(from)
  const x2 = Math.round(to)
  if (x2 <= x1) return
  const barTop = top + look.barTop
  const barBottom = barTop + look.barHeight
  const edge = palette.colour['bar-line']
  context.fillStyle = selected ? edge : palette.colour.bar
  const { eofReceivedAt, eofSentAt } = connection
  const received =
    eofReceivedAt !== null && eofReceivedAt <= nowMs ? plotX(plot, eofReceivedAt) : Number.POSITIVE_INFINITY
  const sent = eofSentAt !== null && eofSentAt <= nowMs ? plotX(plot, eofSentAt) : Number.POSITIVE_INFINITY
  const half = look.barHeight / 2
  if (Math.min(received, sent) > x2 - 1 || !look.labels) {
    context.fillRect(x1, barTop, x2 - x1, look.barHeight)
    if (!look.labels) return
    context.fillStyle = edge
    context.fillRect(x1, barTop, x2 - x1, 1)
    context.fillRect(x1, barBottom - 1, x2 - x1, 1)
    return
  }
  // Where one direction has ended its half of the bar is cut away, with a slanted edge; 2 px stay where both have.
  const rest = Math.max(received, sent) < x2 ? 1 : 0
  const upper = edgeLine(x1, x2, sent, barTop, barTop + half - rest)
  const lower = edgeLine(x1, x2, received, barBottom, barBottom - half + rest)
  context.beginPath()
  for (const [i, [x, y]] of upper.entries())
    if (i === 0) context.moveTo(x, y)
    else context.lineTo(x, y)
  for (const [x, y] of lower.toReversed()) context.lineTo(x, y)
  context.closePath()
  context.fill()
  context.lineWidth = 1
  context.strokeStyle = edge
  for (const [line, inward] of [
    [upper, 0.5],
    [lower, -0.5],
  ] as const) {
    context.beginPath()
    for (const [x, y] of line) context.lineTo(x, y + inward)
    context.stroke()
  }
  context.strokeStyle = palette.colour.life
  context.lineWidth = 1.5
  for (const [at, outer, inner] of [
    [sent, barTop, barTop + half],
    [received, barBottom, barBottom - half],
  ] as const) {
    // Right before the end it would only smudge the cap.
    if (at < x1 || at + 3.5 > x2 - capRadius) continue
    context.beginPath()
    context.moveTo(at - 3.5, outer)
    context.lineTo(Math.min(x2, at + 3.5), inner)
    context.stroke()
  }
}

/** An edge of the bar from `x1` to `x2` that goes from `outer` to `inner` around `at`. */
const edgeLine = (x1: number, x2: number, at: number, outer: number, inner: number): readonly [number, number][] => {
  if (at >= x2)
    return [
      [x1, outer],
      [x2, outer],
    ]
  if (at <= x1)
    return [
      [x1, inner],
      [x2, inner],
    ]
  return [
    [x1, outer],
    [Math.max(x1, at - 3.5), outer],
    [Math.min(x2, at + 3.5), inner],
    [x2, inner],
  ]
}

/** The hatch over the sending side, or a block where that would be too narrow for one. */
const drawPause = ({ context, palette }: Plot, x: number, width: number, top: number, look: RowLook): void => {
  const y = top + (look.labels ? 1 : 0)
  const height = look.barTop + look.barHeight / 2 - (look.labels ? 1 : 0)
  if (width <= 6) {
    context.fillStyle = palette.colour['sent-mark']
    context.fillRect(x, y, width, height)
    return
  }
  fillHatch(context, x, y, width, height, palette.colour['sent-soft'], palette.colour['sent-mark'])
  frame(context, x, y, width, height, palette.colour['sent-mark'])
}

const drawPauses = (plot: Plot, connection: LoggedConnection, endX: number, top: number, look: RowLook): void => {
  const { nowMs, range } = plot
  let drawnTo = Number.NEGATIVE_INFINITY
  for (const pause of connection.writingPauses) {
    if (pause.startAt > Math.min(range.endMs, nowMs)) break
    if (pause.endAt !== null && pause.endAt < range.startMs) continue
    const from = Math.max(plotX(plot, pause.startAt), plot.left)
    const to = Math.min(pause.endAt === null ? endX : plotX(plot, pause.endAt), endX)
    // Thousands of short pauses may share a pixel; one of them is drawn there.
    if (to <= drawnTo) continue
    const x = Math.round(from)
    const width = Math.max(2, Math.round(to) - x)
    drawPause(plot, x, width, top, look)
    drawnTo = x + width
  }
}

// One pair of columns for all rows: a frame draws one row after the other. First weights, then heights in px.
let sentColumns = new Uint8Array(0)
let receivedColumns = new Uint8Array(0)
/** 1 where a fault did something. */
let actedColumns = new Uint8Array(0)

/** Height of the band that says that bytes moved somewhere in it, px, and how strong it is. */
const scatteredPx = 3
const scatteredAlpha = 0.45

const drawData = (plot: Plot, connection: LoggedConnection, top: number, look: RowLook): void => {
  const { context, palette, range, older } = plot
  const columns = Math.ceil(plot.width) + 1
  if (sentColumns.length !== columns) {
    sentColumns = new Uint8Array(columns)
    receivedColumns = new Uint8Array(columns)
    actedColumns = new Uint8Array(columns)
  }
  const perPx = msPerPx(plot)
  sentColumns.fill(0)
  receivedColumns.fill(0)
  let drawn = false
  let acted = false
  if (older !== null && connection.startedAt <= older.endMs) {
    const above = top + look.barTop - 1
    const below = top + look.barTop + look.barHeight + 1
    const height = scatteredPx * look.tickScale
    drawn = true
    addOlder(older, connection.id, {
      perPx,
      sent: sentColumns,
      received: receivedColumns,
      acted(x) {
        if (!acted) actedColumns.fill(0)
        acted = true
        if (x >= 0 && x < columns) actedColumns[x] = 1
      },
      scattered(from, to, sent, received) {
        const x = plot.left + Math.max(0, from)
        const width = plot.left + Math.min(columns, to) - x
        context.globalAlpha = scatteredAlpha * (plot.tickAlpha ?? 1)
        context.fillStyle = palette.colour['sent-mark']
        if (sent) context.fillRect(x, above - height, width, height)
        context.fillStyle = palette.colour['recv-mark']
        if (received) context.fillRect(x, below, width, height)
        context.globalAlpha = 1
      },
      paused(from, to, exactly) {
        const x = plot.left + Math.max(0, from)
        const width = Math.max(2, Math.min(plot.left + columns, plot.left + to) - x)
        context.globalAlpha = exactly ? 1 : scatteredAlpha
        drawPause(plot, x, width, top, look)
        context.globalAlpha = 1
      },
    })
  }
  const { track } = connection
  if (addNewest(plot, track, range.startMs, perPx)) drawn = true
  if (track.hasActed && look.labels) {
    if (!acted) actedColumns.fill(0)
    acted = true
    addActed(plot, track, range.startMs, perPx)
  }
  if (!drawn) return
  for (let x = 0; x < columns; x++) {
    sentColumns[x] = tickHeights[sentColumns[x]!]! * look.tickScale
    receivedColumns[x] = tickHeights[receivedColumns[x]!]! * look.tickScale
  }
  context.globalAlpha = plot.tickAlpha ?? 1
  context.fillStyle = palette.colour['sent-mark']
  drawTicks(context, sentColumns, plot.left, top + look.barTop - 1, true)
  context.fillStyle = palette.colour['recv-mark']
  drawTicks(context, receivedColumns, plot.left, top + look.barTop + look.barHeight + 1, false)
  if (acted && look.labels)
    drawHollowTicks(context, actedColumns, plot.left, top + look.barTop + look.barHeight + 1, palette)
  context.globalAlpha = 1
}

/** Notes the columns in which a fault did something to what this connection received. */
const addActed = (plot: Plot, track: Track, startMs: number, perPx: number): void => {
  const lastMs = Math.min(plot.range.endMs + perPx, plot.nowMs)
  for (let position = track.positionOfTime(startMs - perPx); position < track.end; ) {
    const at = track.timeAt(position)
    if (at > lastMs) break
    const column = Math.round((at - startMs) / perPx)
    const next = track.positionOfTime(Math.min(startMs + (column + 0.5) * perPx, lastMs + 1e-6), position + 1)
    if (column >= 0 && column < actedColumns.length && track.actedIn(position, next)) actedColumns[column] = 1
    position = next
  }
}

/** Raises the columns to the newest events; false where none of them is in view. */
const addNewest = (plot: Plot, track: Track, startMs: number, perPx: number): boolean => {
  const lastMs = Math.min(plot.range.endMs + perPx, plot.nowMs)
  let position = track.positionOfTime(startMs - perPx)
  if (position === track.end || track.timeAt(position) > lastMs) return false
  while (position < track.end) {
    const at = track.timeAt(position)
    if (at > lastMs) break
    const column = Math.round((at - startMs) / perPx)
    const next = track.positionOfTime(Math.min(startMs + (column + 0.5) * perPx, lastMs + 1e-6), position + 1)
    const weights = track.weightsOf(position, next)
    if (column >= 0 && column < sentColumns.length) {
      if (weights.sent > sentColumns[column]!) sentColumns[column] = weights.sent
      if (weights.received > receivedColumns[column]!) receivedColumns[column] = weights.received
    }
    position = next
  }
  return true
}

const drawEnd = (
  plot: Plot,
  connection: LoggedConnection,
  x: number,
  middle: number,
  look: RowLook,
  words: RowWords,
): void => {
  // Nobody knows how it ended: the line just stops.
  if (connection.cause === 'none') return
  const { context, palette } = plot
  const right = plot.left + plot.width
  const err = isErrCause(connection.cause)
  if (!look.labels) {
    if (x < plot.left) return
    context.fillStyle = err ? palette.colour['err-mark'] : palette.colour.life
    context.fillRect(Math.round(x) - 2, middle - 2, 4, 4)
    return
  }
  if (x >= plot.left - capRadius) drawCap(context, connection.cause, Math.round(x), middle, palette)
  const word = words.cause[connection.cause]
  const textX = x + capRadius + 5
  context.font = `11px ${palette.uiFont}`
  if (textX < plot.left || textX + textWidth(context, word) > right + rightPadding) return
  context.fillStyle = err ? palette.colour.err : palette.colour['text-3']
  context.textAlign = 'left'
  context.fillText(word, textX, middle + 0.5)
}

/** The word on the half that is gone, where it has room. */
const drawHalfClosed = (
  plot: Plot,
  connection: LoggedConnection,
  endedAt: number | null,
  endX: number,
  top: number,
  look: RowLook,
  words: RowWords,
): void => {
  if (endedAt !== null || spanOf(plot.range) === 0) return
  const { context, palette, nowMs } = plot
  const { eofReceivedAt, eofSentAt } = connection
  const at = eofReceivedAt ?? eofSentAt
  if (at === null || at > nowMs) return
  context.font = `11px ${palette.uiFont}`
  const room = endX - Math.max(plotX(plot, at) + 8, plot.left)
  if (textWidth(context, words.halfClosed) + 4 > room) return
  context.fillStyle = palette.colour['text-3']
  context.textAlign = 'right'
  const below = eofReceivedAt !== null
  context.fillText(words.halfClosed, endX - 4, top + (below ? look.barTop + look.barHeight + 4 : look.barTop - 4))
}
