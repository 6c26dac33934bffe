// The band above the lifelines: times of the round ticks, and the badge of the selected moment. Counterparts:
// canvas/time-scale.ts chooses the ticks, draw-chart.ts draws the same ones down the rows.
import { textWidth } from '../../canvas/text-width.ts'
import type { AxisTicks } from '../../canvas/time-scale.ts'
import { axisLabel, axisTicks, clockLabel, readsAsClock } from '../../canvas/time-scale.ts'
import { axisHeight, gutterWidth, type Plot, plotX } from './plot.ts'

const leastTickPx = 50
const characterPx = 6.7

const labelOf = (plot: Plot, stepMs: number): ((at: number) => string) =>
  readsAsClock(plot.range, stepMs) ? clockLabel : (at) => axisLabel(at, stepMs)

/** Ticks far enough apart for their labels. */
export const ticksOf = (plot: Plot): AxisTicks => {
  const ticks = axisTicks(plot.range, plot.width, leastTickPx)
  const longest = labelOf(plot, ticks.stepMs)(plot.range.endMs).length * characterPx + 16
  return longest <= leastTickPx ? ticks : axisTicks(plot.range, plot.width, longest)
}

/** `selectedAt`: the time (ms) of the selected event, null for none or where it is out of view. */
export const drawAxis = (
  plot: Plot,
  ticks: AxisTicks,
  selectedAt: number | null,
  words: { readonly seconds: string; readonly clock: string },
): void => {
  const { context, palette, left, width } = plot
  const right = left + width
  context.fillStyle = palette.colour.bg
  context.fillRect(0, 0, right + 20, axisHeight)
  context.fillStyle = palette.colour.line
  context.fillRect(0, axisHeight - 1, right + 20, 1)
  const middle = 9.5
  context.font = `11px ${palette.dataFont}`
  context.fillStyle = palette.colour['text-3']
  context.textAlign = 'right'
  context.fillText(readsAsClock(plot.range, ticks.stepMs) ? words.clock : words.seconds, gutterWidth - 8, middle)
  const badge = selectedAt === null ? null : badgeBox(plot, selectedAt)
  const textOf = labelOf(plot, ticks.stepMs)
  const unit = readsAsClock(plot.range, ticks.stepMs) ? '' : ' s'
  for (const at of ticks.ticks) {
    const x = plotX(plot, at)
    context.fillStyle = palette.colour['line-3']
    context.fillRect(Math.round(x), axisHeight - 5, 1, 4)
    const label = textOf(at) + (at === 0 ? unit : '')
    const labelWidth = textWidth(context, label)
    // The first and the last label stay inside the axis.
    const start = Math.min(Math.max(at === 0 ? x : x - labelWidth / 2, left), right + 4 - labelWidth)
    if (badge !== null && start < badge.x + badge.width + 4 && start + labelWidth > badge.x - 4) continue
    context.fillStyle = palette.colour['text-3']
    context.textAlign = 'left'
    context.fillText(label, start, middle)
  }
  if (badge === null) return
  context.fillStyle = palette.colour.accent
  context.beginPath()
  context.roundRect(badge.x, 2, badge.width, 16, 3)
  context.fill()
  context.fillStyle = palette.colour['accent-ink']
  context.font = `600 11px ${palette.dataFont}`
  context.textAlign = 'center'
  context.fillText(badge.text, badge.x + badge.width / 2, 10.5)
}

const badgeBox = (plot: Plot, at: number): { text: string; x: number; width: number } => {
  const text = `${(at / 1000).toFixed(3)} s`
  const width = Math.round(text.length * 6.6) + 6
  const x = plotX(plot, at) - width / 2
  return { text, width, x: Math.round(Math.min(Math.max(x, plot.left), plot.left + plot.width + 6 - width)) }
}
