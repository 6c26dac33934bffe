// Draws what was gathered by pixel: the fuller a pixel's time, the stronger its column. Counterpart: columns.ts.
import { lanes } from '../../loop-log/lanes.ts'
import type { FlameColumns } from './columns.ts'
import { drawBlock } from './draw-items.ts'
import { rowPx } from './lane-boxes.ts'
import type { FlamePlot } from './plot.ts'
import type { SlowLabel } from './slow-labels.ts'

/** Strengths of a column, from hardly busy to busy all of its time. */
const levels = [0.45, 0.6, 0.8, 1] as const

export const drawColumns = (plot: FlamePlot, columns: FlameColumns): void => {
  const { context, palette, fills, boxes, left, map } = plot
  const width = columns.busy.length / lanes.length
  // With folded waits a pixel is not the same time everywhere.
  const pixelMs = new Float32Array(width)
  for (let x = 0; x < width; x++) pixelMs[x] = Math.max(1e-9, map.time(x + 1) - map.time(x))
  for (let lane = 0; lane < lanes.length; lane++) {
    const { blockTop, blockHeight } = boxes[lane]!
    const strengths = (cells: Float32Array) => (x: number) => {
      const ms = cells[lane * width + x]!
      return ms === 0 ? 0 : 1 + Math.min(levels.length - 1, Math.floor((ms / pixelMs[x]!) * levels.length))
    }
    const fill = (strengthAt: (x: number) => number, draw: (x: number, w: number) => void) => {
      for (let x = 0, from = 0, strength = 0; x <= width; x++) {
        const here = x === width ? 0 : strengthAt(x)
        if (here === strength) continue
        if (strength > 0) {
          context.globalAlpha = levels[strength - 1]!
          draw(left + from, Math.max(x - from, 1))
        }
        strength = here
        from = x
      }
      context.globalAlpha = 1
    }
    context.fillStyle = fills.narrow[lane]!
    fill(strengths(columns.busy), (x, w) => context.fillRect(x, blockTop, w, blockHeight))
    // Own work stays hollow: only its upper and lower edge.
    fill(strengths(columns.ownBusy), (x, w) => {
      context.fillRect(x, blockTop, w, 1)
      context.fillRect(x, blockTop + blockHeight - 1, w, 1)
    })
  }
  context.fillStyle = palette.colour['err-mark']
  for (const cell of columns.slow.keys()) {
    const { blockTop, blockHeight } = boxes[Math.floor(cell / width)]!
    context.fillRect(left + (cell % width), blockTop, 2, blockHeight)
  }
}

/** True where no column and no wide block is drawn in the lane between two px. `wide`: blocks by lane, in order of time. */
export const isLaneFree =
  (columns: FlameColumns, wide: readonly { readonly lane: number; readonly x0: number; readonly x1: number }[]) =>
  (lane: number, from: number, to: number): boolean => {
    const width = columns.busy.length / lanes.length
    for (let x = Math.max(0, Math.floor(from)); x < Math.min(width, Math.ceil(to)); x++)
      if (columns.busy[lane * width + x]! > 0 || columns.ownBusy[lane * width + x]! > 0) return false
    return !wide.some((block) => block.lane === lane && block.x0 < to && block.x1 > from)
  }

/** The names of slow callbacks, over everything else. */
export const drawSlowLabels = (plot: FlamePlot, labels: readonly SlowLabel[]): void => {
  const { context, palette, boxes, left, charPx } = plot
  for (const { block, place, x } of labels) {
    const { blockTop, blockHeight } = boxes[block.lane]!
    const y = blockTop + blockHeight / 2 + 0.5 + (place === 'below' ? rowPx : 0)
    if (place !== 'inside') {
      context.fillStyle = palette.colour['bg-canvas']
      context.globalAlpha = 0.88
      context.fillRect(left + x - 3, y - 8, block.label.length * charPx + 6, 16)
      context.globalAlpha = 1
    }
    context.fillStyle = palette.colour[place === 'inside' ? 'on-err' : 'text']
    context.fillText(block.label, left + x, y)
  }
}

/** A block that is wide enough to be drawn by itself, in a view too full for labels. */
export const drawWide = (
  plot: FlamePlot,
  lane: number,
  x0: number,
  x1: number,
  look: { readonly slow: boolean; readonly own: boolean; readonly label: string },
): void => {
  const { context, palette, boxes, left, charPx, fills } = plot
  const { blockTop, blockHeight } = boxes[lane]!
  drawBlock(plot, lane, left + x0, blockTop, x1 - x0, blockHeight, look)
  const from = Math.max(0, x0)
  if (Math.min(plot.width, x1) - from < look.label.length * charPx + 16) return
  const solid = fills.wide[lane] === fills.narrow[lane]
  context.fillStyle = palette.colour[look.slow ? 'on-err' : solid && !look.own ? 'on-poll' : 'text']
  context.fillText(look.label, left + from + 8, blockTop + blockHeight / 2 + 0.5)
}
