// The two axes above the lanes, time and iterations, the lanes' names at the left, and the moments that run through all of
// it. Counterparts: canvas/time-scale.ts (round steps), draw-flame.ts.
import { niceStep, spanOf } from '../../canvas/time-scale.ts'
import type { IterationTable } from '../../loop-log/iterations.ts'
import { lanes } from '../../loop-log/lanes.ts'
import { splitSeconds } from '../../ui/format.ts'
import { axesHeight, gutterWidth, iterationAxisHeight, timeAxisHeight } from './lane-boxes.ts'
import type { FlamePlot } from './plot.ts'
import { laneColour } from './textures.ts'

export interface AxisWords {
  readonly time: string
  readonly iteration: string
  /** Folded waits are named in ms. */
  readonly lane: Readonly<Record<(typeof lanes)[number], string>>
}

const leastTickPx = 84
const leastNumberPx = 56
const characterPx = 6.7

/** How a distance from the left edge is written: in the unit of the whole stretch. */
const distanceText = (ms: number, stepMs: number, inSeconds: boolean): string => {
  const unitMs = inSeconds ? 1000 : 1
  const decimals = Math.min(6, Math.max(0, Math.ceil(-Math.log10(stepMs / unitMs) - 1e-9)))
  return `+${(ms / unitMs).toFixed(decimals)}`
}

/** The first moment in full, the others by their distance from it: short enough to be read at any zoom. */
export const drawTimeAxis = (plot: FlamePlot, words: AxisWords): void => {
  const { context, palette, left, width, map } = plot
  const { range } = map
  const right = left + width
  context.font = `11px ${palette.dataFont}`
  context.textBaseline = 'middle'
  const y = timeAxisHeight / 2
  const inSeconds = spanOf(range) > 5000
  const stepMs = niceStep((spanOf(range) / Math.max(width, leastTickPx)) * leastTickPx)
  const decimals = Math.min(6, Math.max(3, Math.ceil(-Math.log10(stepMs / 1000) - 1e-9)))
  const first = `${(range.startMs / 1000).toFixed(decimals)} s`
  context.fillStyle = palette.colour['text-3']
  context.textAlign = 'right'
  context.fillText(words.time, gutterWidth - 16, y)
  context.textAlign = 'left'
  context.fillText(first, left, y)
  let free = left + first.length * characterPx + 8
  for (let i = 1; i * stepMs <= spanOf(range) * (1 + 1e-9); i++) {
    const x = left + map.x(range.startMs + i * stepMs)
    const last = (i + 1) * stepMs > spanOf(range) * (1 + 1e-9)
    const text = distanceText(i * stepMs, stepMs, inSeconds) + (last ? (inSeconds ? ' s' : ' ms') : '')
    const half = (text.length * characterPx) / 2
    const start = Math.min(x - half, right + 14 - 2 * half)
    if (start < free) continue
    context.fillStyle = palette.colour['line-3']
    context.fillRect(Math.round(x), timeAxisHeight - 5, 1, 5)
    context.fillStyle = palette.colour['text-3']
    context.fillText(text, start, y)
    free = start + 2 * half + 12
  }
}

/** Numbers of the turns, where each begins; as many as there is room for. */
export const drawIterationAxis = (
  plot: FlamePlot,
  iterations: IterationTable,
  turns: readonly number[],
  current: number | null,
  badgeAt: number | null,
  words: AxisWords,
): void => {
  const { context, palette, left, width, map } = plot
  const y = timeAxisHeight + iterationAxisHeight / 2
  context.font = `11px ${palette.dataFont}`
  context.textAlign = 'right'
  context.fillStyle = palette.colour['text-3']
  context.fillText(words.iteration, gutterWidth - 16, y)
  context.textAlign = 'left'
  const badge = badgeAt === null ? null : badgeBox(plot, badgeAt)
  let free = left - 4
  const label = (position: number) => {
    const turn = iterations.at(position)
    const x = left + Math.max(0, map.x(turn.start)) + 5
    const text = `${turn.number}`
    const end = x + text.length * characterPx
    if (x < free || end > left + width + 8) return
    if (badge !== null && x < badge.x + badge.width + 2 && end > badge.x - 2) return
    context.font = `${position === current ? '600 ' : ''}11px ${palette.dataFont}`
    context.fillStyle = palette.colour[position === current ? 'text' : 'text-2']
    context.fillText(text, x, y)
    free = end + 8
  }
  if (turns.length > 0) for (const position of turns) label(position)
  else
    for (let x = 0; x < width; x += leastNumberPx) {
      const turn = iterations.turnAt(map.time(x))
      if (turn !== null && turn.start >= map.range.startMs) label(turn.position)
    }
  if (badge === null) return
  context.fillStyle = palette.colour.accent
  context.beginPath()
  context.roundRect(badge.x, timeAxisHeight + 2, badge.width, iterationAxisHeight - 4, 3)
  context.fill()
  context.font = `600 11px ${palette.dataFont}`
  context.fillStyle = palette.colour['accent-ink']
  context.textAlign = 'center'
  context.fillText(badge.text, badge.x + badge.width / 2, y + 0.5)
}

const badgeBox = (plot: FlamePlot, at: number): { text: string; x: number; width: number } => {
  const text = splitSeconds(at).join('\u202f')
  const width = Math.round(text.length * characterPx) + 10
  const x = plot.left + plot.map.x(at) - width / 2
  return { text, width, x: Math.round(Math.min(Math.max(x, plot.left), plot.left + plot.width + 12 - width)) }
}

/** Grounds of the axes and names of the lanes; drawn last, over what reaches beyond the plot. */
export const drawGutter = (plot: FlamePlot, words: AxisWords): void => {
  const { context, palette, left, width, boxes, height } = plot
  const right = left + width + 20
  context.fillStyle = palette.colour.bg
  context.fillRect(0, 0, right, axesHeight)
  context.fillStyle = palette.colour['bg-canvas']
  context.fillRect(0, axesHeight, gutterWidth - 1, height)
  context.fillStyle = palette.colour.line
  context.fillRect(gutterWidth - 1, timeAxisHeight, 1, height)
  context.fillRect(0, timeAxisHeight, right, 1)
  context.fillRect(0, axesHeight - 1, right, 1)
  context.font = `12px ${palette.uiFont}`
  context.textAlign = 'left'
  context.textBaseline = 'middle'
  for (const [i, lane] of lanes.entries()) {
    const box = boxes[i]!
    context.fillStyle = palette.colour.line
    context.fillRect(0, box.top + box.height - 1, right, 1)
    const y = box.rows > 1 ? box.blockTop + box.blockHeight / 2 : box.top + box.height / 2
    drawSwatch(plot, i, 16, Math.round(y - 6))
    context.fillStyle = palette.colour.text
    context.fillText(words.lane[lane], 36, y + 0.5)
  }
}

/** The lane's mark at 12 px: its texture in a frame, or the mark of what runs between callbacks. */
const drawSwatch = (plot: FlamePlot, lane: number, x: number, y: number): void => {
  const { context, palette, fills } = plot
  const name = lanes[lane]!
  const colour = palette.colour[laneColour(name)]
  context.strokeStyle = colour
  if (name === 'tick' || name === 'microtask') {
    context.lineWidth = 1
    context.beginPath()
    context.roundRect(x + 0.5, y + 0.5, 11, 11, 3)
    context.stroke()
    context.beginPath()
    if (name === 'tick') {
      context.lineWidth = 1.5
      context.moveTo(x + 4.5, y + 3.5)
      context.lineTo(x + 7.5, y + 6)
      context.lineTo(x + 4.5, y + 8.5)
      context.stroke()
    } else {
      context.fillStyle = colour
      context.moveTo(x + 6, y + 3)
      context.lineTo(x + 9, y + 6)
      context.lineTo(x + 6, y + 9)
      context.lineTo(x + 3, y + 6)
      context.fill()
    }
    return
  }
  context.save()
  context.beginPath()
  context.roundRect(x, y, 12, 12, 3)
  context.clip()
  context.fillStyle = fills.wide[lane]!
  context.fillRect(x, y, 12, 12)
  context.restore()
  context.lineWidth = 1
  context.beginPath()
  context.roundRect(x + 0.5, y + 0.5, 11, 11, 3)
  context.stroke()
}
