// The wire's loop strip: a thin lane a phase on the lifelines' own clock, poll hatched while it waits, and a stroke through
// all of it where a callback held the loop. Counterparts: strip.tsx, ../flame/columns.ts (the gathering).
import { textWidth } from '../../canvas/text-width.ts'
import { lanes, microtaskLane, tickLane } from '../../loop-log/lanes.ts'
import type { LoopLog } from '../../loop-log/loop-log.ts'
import { addBeyond, type Beyond } from '../flame/beyond.ts'
import { gatherCallbacks, gatherTurns } from '../flame/columns.ts'
import { drawColumns } from '../flame/draw-columns.ts'
import type { LaneBox } from '../flame/lane-boxes.ts'
import type { FlamePlot } from '../flame/plot.ts'

/** A callback that ran longer than this is a stroke, ms. */
export const strokeFromMs = 4

/** px from the strip's top by lane: room for labels, then the phases from the one before poll to timers. */
const places: Readonly<Record<(typeof lanes)[number], readonly [top: number, height: number]>> = {
  pending: [20, 3],
  idle: [20, 3],
  prepare: [20, 3],
  poll: [25, 13],
  check: [41, 4],
  closing: [46, 4],
  timers: [53, 7],
  tick: [0, 0],
  microtask: [0, 0],
}

export const stripBoxes: readonly LaneBox[] = lanes.map((lane) => {
  const [top, height] = places[lane]
  return { top, height, rows: 1, blockTop: top, blockHeight: height }
})

export interface StripWords {
  readonly title: string
  readonly poll: string
  readonly timers: string
  stroke(ms: number): string
  held(connections: number): string
}

export interface StripPicture {
  readonly plot: FlamePlot
  readonly log: LoopLog
  /** What is known beside the records at hand. */
  readonly beyond: Beyond
  readonly gutterWidth: number
  readonly hoverAt: number | null
  readonly selectedAt: number | null
  /** Position of the selected callback. */
  readonly selected: number | null
  /** ms until which poll waits since the last record; null where that is not known. */
  readonly waitsUntil: number | null
  /** How many connections waited for the callback at a position. */
  heldBy(position: number): number
  readonly words: StripWords
}

const drawGutter = ({ plot, gutterWidth, words }: StripPicture): void => {
  const { context, palette, height } = plot
  context.fillStyle = palette.colour['bg-canvas']
  context.fillRect(0, 0, gutterWidth - 1, height)
  context.textBaseline = 'middle'
  context.textAlign = 'left'
  context.font = `600 12px ${palette.uiFont}`
  context.fillStyle = palette.colour.text
  context.fillText(words.title, 16, 18)
  context.textAlign = 'right'
  context.font = `11px ${palette.uiFont}`
  context.fillStyle = palette.colour['text-3']
  context.fillText(words.poll, gutterWidth - 8, 32)
  context.fillText(words.timers, gutterWidth - 8, 57)
}

interface Stroke {
  /** Null where only a summary tells of it. */
  readonly position: number | null
  readonly x0: number
  readonly x1: number
  readonly ranMs: number
}

/** Strokes that are written beside at most: there is room for a few. */
const mostWritten = 24

const longest = (strokes: readonly Stroke[]): readonly Stroke[] =>
  [...strokes].sort((a, b) => b.ranMs - a.ranMs).slice(0, mostWritten)

/** Strokes through the whole strip; the longest ones say how long they are, as far as there is room. */
const drawStrokes = (picture: StripPicture, strokes: readonly Stroke[]): void => {
  const { plot, words } = picture
  const { context, palette, left, width, height } = plot
  const taken: [from: number, to: number][] = []
  context.fillStyle = palette.colour['err-mark']
  for (const { x0, x1 } of strokes) {
    const wide = Math.max(2, x1 - x0)
    context.fillRect(left + x0, 4, wide, height - 6)
    taken.push([x0 - 2, x0 + wide + 2])
  }
  context.textAlign = 'left'
  context.textBaseline = 'middle'
  /** Where a text of this width finds room beside a stroke; null for nowhere. */
  const roomBeside = ({ x0, x1 }: Stroke, textPx: number): number | null => {
    const right = Math.min(width, Math.max(x1, x0 + 2)) + 6
    for (const from of [right, x0 - 6 - textPx])
      if (from >= 0 && from + textPx <= width && !taken.some(([start, end]) => from < end && from + textPx > start))
        return from
    return null
  }
  for (const stroke of longest(strokes)) {
    const length = words.stroke(stroke.ranMs)
    const connections = stroke.position === null ? 0 : picture.heldBy(stroke.position)
    const held = connections === 0 ? '' : words.held(connections)
    context.font = `600 11px ${palette.dataFont}`
    const lengthPx = textWidth(context, length)
    context.font = `11px ${palette.uiFont}`
    const heldPx = held === '' ? 0 : textWidth(context, held) + 8
    const roomForAll = roomBeside(stroke, lengthPx + heldPx)
    const from = roomForAll ?? roomBeside(stroke, lengthPx)
    if (from === null) continue
    taken.push([from - 6, from + lengthPx + (roomForAll === null ? 0 : heldPx) + 6])
    if (roomForAll !== null && held !== '') {
      context.fillStyle = palette.colour['text-2']
      context.fillText(held, left + from + lengthPx + 8, 11)
    }
    context.font = `600 11px ${palette.dataFont}`
    context.fillStyle = palette.colour.err
    context.fillText(length, left + from, 11)
  }
}

/** Draws the strip on a cleared surface. */
export const drawStrip = (picture: StripPicture): void => {
  const { plot, log } = picture
  const { context, palette, fills, map, left, width, height } = plot
  const lane = lanes.indexOf('poll')
  const poll = stripBoxes[lane]!
  context.save()
  context.beginPath()
  context.rect(left, 0, width + 8, height)
  context.clip()
  const { waiting } = gatherTurns(log.iterations, map)
  const columns = gatherCallbacks(log.callbacks, map, strokeFromMs, false)
  const slowest = addBeyond(picture.beyond, map, columns.busy, waiting, strokeFromMs)
  // The wait that goes on has no record yet.
  if (picture.waitsUntil !== null && log.lastAt > 0) {
    const to = Math.min(waiting.length, map.x(picture.waitsUntil))
    for (let x = Math.max(0, Math.floor(map.x(log.lastAt))); x < to; x++) waiting[x] = 1
  }
  context.fillStyle = fills.wait
  for (let x = 0, from = -1; x <= waiting.length; x++) {
    const waits = x < waiting.length && waiting[x]! >= 0.5
    if (waits && from < 0) from = x
    if (!waits && from >= 0) {
      context.fillRect(left + from, poll.top, x - from, poll.height)
      from = -1
    }
  }
  drawColumns(plot, { ...columns, slow: new Map() })
  const strokes: Stroke[] = []
  const pixels = columns.busy.length / lanes.length
  for (const position of columns.wide) {
    const callback = log.callbacks.at(position)
    const at = lanes.indexOf(callback.lane)
    if (at === tickLane || at === microtaskLane) continue
    const x0 = map.x(callback.start)
    const x1 = map.x(callback.end)
    const ranMs = callback.end - callback.start
    if (ranMs >= strokeFromMs) strokes.push({ position, x0, x1, ranMs })
    else {
      const box = stripBoxes[at]!
      context.fillStyle = fills.narrow[at]!
      context.fillRect(left + x0, box.top, x1 - x0, box.height)
    }
  }
  for (const [cell, position] of columns.slow) {
    const { start, end } = log.callbacks.at(position)
    strokes.push({ position, x0: cell % pixels, x1: (cell % pixels) + 2, ranMs: end - start })
  }
  for (const { at, ranMs } of slowest) {
    const x0 = map.x(at)
    strokes.push({ position: null, x0, x1: Math.max(x0 + 2, map.x(at + ranMs)), ranMs })
  }
  drawStrokes(picture, strokes)
  const line = (at: number | null, colour: string, alpha: number) => {
    if (at === null || at < map.range.startMs || at > map.range.endMs) return
    context.globalAlpha = alpha
    context.fillStyle = colour
    context.fillRect(Math.round(left + map.x(at)), 0, 1, height)
    context.globalAlpha = 1
  }
  line(picture.selectedAt, palette.colour.accent, 0.6)
  line(picture.hoverAt, palette.colour['text-3'], 1)
  if (picture.selected !== null && picture.selected >= log.callbacks.first && picture.selected < log.callbacks.end) {
    const callback = log.callbacks.at(picture.selected)
    const box = stripBoxes[lanes.indexOf(callback.lane)]!
    const x0 = map.x(callback.start)
    context.strokeStyle = palette.colour.accent
    context.lineWidth = 1.5
    context.beginPath()
    context.roundRect(left + x0 - 2.5, box.top - 2.5, Math.max(2, map.x(callback.end) - x0) + 5, box.height + 5, 3)
    context.stroke()
  }
  context.restore()
  drawGutter(picture)
}
