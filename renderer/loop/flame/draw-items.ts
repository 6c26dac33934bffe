// Draws the callbacks that are told one by one: blocks, whiskers, labels, and the marks between callbacks. Counterpart:
// scene.ts, which has placed them all.
import type { Context } from '../../canvas/marks.ts'
import { fitText } from '../../canvas/marks.ts'
import { microtaskLane } from '../../loop-log/lanes.ts'
import type { LaneBox } from './lane-boxes.ts'
import { rowPx } from './lane-boxes.ts'
import type { FlamePlot } from './plot.ts'
import type { FlameItem, MicroGroup, Scene } from './scene.ts'

/** Narrower than this, px, a block drops its texture. */
const texturePx = 6

const rowTop = (box: LaneBox, row: number): number => box.blockTop + row * rowPx

/** The block of a callback at these px of the canvas. */
export const drawBlock = (
  plot: FlamePlot,
  lane: number,
  x: number,
  y: number,
  width: number,
  height: number,
  look: { readonly slow: boolean; readonly own: boolean },
): void => {
  const { context, palette, fills } = plot
  if (look.own) {
    context.strokeStyle = fills.narrow[lane]!
    context.lineWidth = 1
    context.strokeRect(x + 0.5, y + 0.5, Math.max(1, width - 1), height - 1)
    return
  }
  if (look.slow) {
    context.fillStyle = palette.colour['err-mark']
    context.fillRect(x, y, width, height)
    context.fillStyle = fills.narrow[lane]!
    context.fillRect(x, y, Math.min(4, width), height)
    return
  }
  if (width < texturePx) {
    context.fillStyle = fills.narrow[lane]!
    context.fillRect(x, y, width, height)
    return
  }
  context.fillStyle = fills.wide[lane]!
  context.fillRect(x, y, width, height)
  if (fills.wide[lane] === fills.narrow[lane]) return
  context.strokeStyle = fills.narrow[lane]!
  context.lineWidth = 1
  context.strokeRect(x + 0.5, y + 0.5, width - 1, height - 1)
}

const drawWhisker = (context: Context, from: number, to: number, y: number, colour: string): void => {
  context.strokeStyle = colour
  context.lineWidth = 1
  context.beginPath()
  context.moveTo(from + 0.5, y - 5)
  context.lineTo(from + 0.5, y + 5)
  context.moveTo(from, y + 0.5)
  context.lineTo(to, y + 0.5)
  context.stroke()
}

/** Text on a plate of the ground, so that lines behind it do not cross it out. */
const drawText = (plot: FlamePlot, text: string, x: number, y: number, colour: string, plate: boolean): void => {
  const { context, palette, charPx } = plot
  if (plate) {
    context.fillStyle = palette.colour['bg-canvas']
    context.globalAlpha = 0.88
    context.fillRect(x - 3, y - 8, text.length * charPx + 6, 16)
    context.globalAlpha = 1
  }
  context.fillStyle = colour
  context.fillText(text, x, y)
}

const labelY = (item: FlameItem, box: LaneBox): number => rowTop(box, item.labelRow) + box.blockHeight / 2 + 0.5

/** The line from a block to its label below. */
const drawLeader = ({ context, palette, left, charPx }: FlamePlot, item: FlameItem, box: LaneBox): void => {
  if (item.place !== 'below' && item.place !== 'below-left') return
  const toRight = item.place === 'below'
  const x = left + item.labelX
  const y = Math.round(labelY(item, box)) + 0.5
  const from = Math.round(left + (toRight ? item.x0 + 1 : item.x1 - 1)) + 0.5
  context.strokeStyle = palette.colour['line-3']
  context.lineWidth = 1
  context.beginPath()
  context.moveTo(from, rowTop(box, item.row) + box.blockHeight)
  context.lineTo(from, y)
  context.lineTo(Math.round(toRight ? x - 3 : x + item.label.length * charPx + 3) + 0.5, y)
  context.stroke()
}

const drawLabel = (plot: FlamePlot, item: FlameItem, box: LaneBox): void => {
  if (item.place === 'none') return
  const { palette, left, fills, charPx } = plot
  const x = left + item.labelX
  const y = labelY(item, box)
  const end = x + item.label.length * charPx
  if (item.place === 'inside') {
    const solid = fills.wide[item.lane] === fills.narrow[item.lane]
    const ink = item.slow ? 'on-err' : solid && !item.callback.own ? 'on-poll' : 'text'
    drawText(plot, item.label, x, y, palette.colour[ink], ink === 'text')
    if (item.waitLabel !== '')
      drawText(plot, item.waitLabel, end + 2 * charPx, y, palette.colour[ink === 'text' ? 'err' : ink], ink === 'text')
    return
  }
  drawText(plot, item.label, x, y, palette.colour[item.callback.own ? 'text-3' : 'text'], true)
  if (item.waitLabel !== '') drawText(plot, item.waitLabel, end + 2 * charPx, y, palette.colour.err, true)
}

const drawGroup = (plot: FlamePlot, group: MicroGroup, box: LaneBox, words: (count: number) => string): void => {
  const { context, palette, left, width } = plot
  const x = left + group.x0
  const y = box.top + box.height / 2
  context.strokeStyle = palette.colour.micro
  context.fillStyle = palette.colour.micro
  context.lineWidth = 1.75
  context.beginPath()
  if (group.lane === microtaskLane) {
    context.moveTo(x, y - 4.5)
    context.lineTo(x + 4.5, y)
    context.lineTo(x, y + 4.5)
    context.lineTo(x - 4.5, y)
    context.fill()
  } else {
    context.moveTo(x - 2, y - 4)
    context.lineTo(x + 3, y)
    context.lineTo(x - 2, y + 4)
    context.stroke()
  }
  const until = left + group.x1
  if (until - x > 10) {
    context.fillRect(x + 5, y - 0.5, until - x - 5, 1)
  }
  const text = fitText(context, words(group.count), 90)
  const after = Math.max(x + 9, until + 5)
  const fits = after + text.length * plot.charPx < left + width
  drawText(plot, text, fits ? after : x - 9 - text.length * plot.charPx, y + 0.5, palette.colour['text-3'], true)
}

/** From back to front, so that a block is never covered by another one's label. */
export const drawScene = (plot: FlamePlot, scene: Scene, jobs: (count: number) => string): void => {
  const { context, palette, boxes, left } = plot
  context.font = `500 11px ${palette.dataFont}`
  context.textAlign = 'left'
  context.textBaseline = 'middle'
  for (const item of scene.items) {
    if (item.whiskerX === null) continue
    const box = boxes[item.lane]!
    const y = Math.round(rowTop(box, item.row) + box.blockHeight / 2)
    drawWhisker(context, left + item.whiskerX, left + item.x0, y, palette.colour['err-mark'])
  }
  // A line may pass a label of another row: behind it.
  for (const item of scene.items) drawLeader(plot, item, boxes[item.lane]!)
  for (const item of scene.items) if (item.place !== 'inside') drawLabel(plot, item, boxes[item.lane]!)
  for (const item of scene.items) {
    const box = boxes[item.lane]!
    const x = left + item.x0
    drawBlock(plot, item.lane, x, rowTop(box, item.row), item.x1 - item.x0, box.blockHeight, {
      slow: item.slow,
      own: item.callback.own,
    })
    if (item.place === 'inside') drawLabel(plot, item, box)
  }
  for (const group of scene.groups) drawGroup(plot, group, boxes[group.lane]!, jobs)
}

/** The accent ring around a selected callback's block. */
export const drawRing = (plot: FlamePlot, lane: number, row: number, x0: number, x1: number): void => {
  const { context, palette, boxes, left } = plot
  const box = boxes[lane]!
  context.strokeStyle = palette.colour.accent
  context.lineWidth = 1.5
  context.beginPath()
  context.roundRect(left + x0 - 2.5, rowTop(box, row) - 2.5, x1 - x0 + 5, box.blockHeight + 5, 3)
  context.stroke()
}
