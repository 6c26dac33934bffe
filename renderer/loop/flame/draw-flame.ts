// The flame timeline's whole picture, from back to front: turns, waits, what is missing, collections, callbacks, moments,
// axes. Everything is found by time, so that only what is in view is read. Counterpart: flame.tsx, which owns the canvas.
import { drawTorn } from '../../canvas/marks.ts'
import type { Callback } from '../../loop-log/callbacks.ts'
import { lanes } from '../../loop-log/lanes.ts'
import type { LoopLog } from '../../loop-log/loop-log.ts'
import { addBeyond, type Beyond, reachesBeyond } from './beyond.ts'
import { gatherCallbacks, gatherTurns, type TurnColumns } from './columns.ts'
import { type AxisWords, drawGutter, drawIterationAxis, drawTimeAxis } from './draw-axes.ts'
import { drawColumns, drawSlowLabels, drawWide, isLaneFree } from './draw-columns.ts'
import { drawRing, drawScene } from './draw-items.ts'
import { axesHeight } from './lane-boxes.ts'
import type { FlamePlot } from './plot.ts'
import { itemLimit, layOut, type Scene, type SceneWords } from './scene.ts'
import { placeSlowLabels, type SlowBlock } from './slow-labels.ts'
import { foldPx } from './time-map.ts'

export interface FlameWords extends AxisWords, SceneWords {
  jobs(count: number): string
  /** What a stretch without records says. */
  missing(records: number): string
  unwatched(turns: number): string
  collection(ms: number): string
  readonly notWatched: string
}

export interface FlamePicture {
  readonly plot: FlamePlot
  readonly log: LoopLog
  /** What is known beside the records at hand; null where that is all there is. */
  readonly beyond: Beyond | null
  readonly showOwn: boolean
  readonly slowMs: number
  readonly playhead: number | null
  readonly hoverAt: number | null
  /** Position of the selected callback. */
  readonly selected: number | null
  /** Where the loop stopped for good; null while it runs. */
  readonly stoppedAt: number | null
  /** Ticks and microtasks are watched now. */
  readonly watchesMicro: boolean
  readonly words: FlameWords
}

/** The callbacks that reach into the stretch, at most one more than `limit`. */
const inView = (log: LoopLog, startMs: number, endMs: number, own: boolean, limit: number): Callback[] => {
  const { callbacks } = log
  const list = callbacks.list(own)
  const found: Callback[] = []
  let number = Math.max(list.first, list.numberFrom(callbacks.positionAtTime(startMs)) - 1)
  for (; number < list.end && found.length <= limit; number++) {
    const callback = callbacks.at(list.positionOf(number))
    if (callback.start > endMs) break
    if (callback.end >= startMs) found.push(callback)
  }
  return found
}

/** Lines between turns stand at least this far apart, px. */
const leastLinePx = 4

const drawTurns = (picture: FlamePicture, columns: TurnColumns): void => {
  const { plot, log } = picture
  const { context, palette, map, left, width, height, boxes } = plot
  const line = palette.colour[columns.turns.length > width / 16 ? 'line' : 'line-2']
  let drawnX = Number.NEGATIVE_INFINITY
  for (const position of columns.turns) {
    const turn = log.iterations.at(position)
    const x = map.x(turn.start)
    const until = position + 1 < log.iterations.end ? map.x(log.iterations.at(position + 1).start) : width
    if (turn.number % 2 === 1) {
      context.globalAlpha = 0.5
      context.fillStyle = palette.colour.bg
      context.fillRect(left + Math.max(0, x), axesHeight, Math.min(width, until) - Math.max(0, x), height)
      context.globalAlpha = 1
    }
    // Where turns crowd, every line would be a wall.
    if (x < 0 || x - drawnX < leastLinePx) continue
    drawnX = x
    context.fillStyle = line
    context.fillRect(Math.round(left + x), axesHeight, 1, height)
  }
  const poll = boxes[lanes.indexOf('poll')]!
  context.fillStyle = plot.fills.wait
  const { waiting } = columns
  for (let x = 0, from = -1; x <= waiting.length; x++) {
    const waits = x < waiting.length && waiting[x]! >= 0.5
    if (waits && from < 0) from = x
    if (!waits && from >= 0) {
      context.fillRect(left + from, poll.blockTop, x - from, poll.blockHeight)
      from = -1
    }
  }
}

/** A folded wait says how long it is, in ms. */
const drawFolds = (plot: FlamePlot): void => {
  const { context, palette, map, left, boxes } = plot
  const poll = boxes[lanes.indexOf('poll')]!
  context.font = `11px ${palette.dataFont}`
  context.textAlign = 'center'
  context.textBaseline = 'middle'
  for (const fold of map.folds) {
    const x = left + fold.x
    context.fillStyle = palette.colour['wait-line']
    context.fillRect(x, poll.blockTop, 1, poll.blockHeight)
    context.fillRect(x + fold.width - 1, poll.blockTop, 1, poll.blockHeight)
    if (fold.width < foldPx - 0.01) continue
    const ms = fold.toAt - fold.fromAt
    const text = ms < 9.95 ? ms.toFixed(1) : ms < 999.5 ? ms.toFixed(0) : `${(ms / 1000).toFixed(ms < 9950 ? 1 : 0)}s`
    context.fillStyle = palette.colour.wait
    context.fillRect(x + 1, poll.blockTop, fold.width - 2, poll.blockHeight)
    context.fillStyle = palette.colour['text-2']
    context.fillText(text, x + fold.width / 2, poll.blockTop + poll.blockHeight / 2 + 0.5)
  }
}

const drawHole = (plot: FlamePlot, fromAt: number, toAt: number, text: string): void => {
  const { context, palette, map, left, width, height } = plot
  const { startMs, endMs } = map.range
  if (toAt < startMs || fromAt > endMs) return
  const from = map.x(Math.max(fromAt, startMs))
  const to = Math.max(from + 3, map.x(Math.min(toAt, endMs)))
  context.fillStyle = palette.colour.bg
  context.fillRect(left + from, axesHeight, to - from, height)
  if (fromAt >= startMs) drawTorn(context, left + from - 3, axesHeight, height, palette.colour['line-3'])
  if (toAt <= endMs) drawTorn(context, left + to, axesHeight, height, palette.colour['line-3'])
  context.font = `11px ${palette.uiFont}`
  context.textAlign = 'center'
  context.textBaseline = 'middle'
  context.fillStyle = palette.colour['text-3']
  if (context.measureText(text).width + 12 <= Math.min(to, width) - from)
    context.fillText(text, left + (from + to) / 2, axesHeight + 10)
}

const drawMissing = (picture: FlamePicture): void => {
  const { plot, log, words } = picture
  if (log.droppedOldest > 0 && log.firstAt > plot.map.range.startMs)
    drawHole(plot, plot.map.range.startMs - 1, log.firstAt, words.missing(log.droppedOldest))
  const gaps = log.gaps()
  for (const gap of gaps) drawHole(plot, gap.afterAt, gap.beforeAt, words.missing(gap.records))
  for (const position of log.iterations.breaks) {
    if (position <= log.iterations.first || position >= log.iterations.end) continue
    const after = log.iterations.at(position)
    const before = log.iterations.at(position - 1)
    // A gap in the records explains the missing turns already.
    if (gaps.some((gap) => gap.beforeAt > before.start && gap.afterAt < after.end)) continue
    if (after.number > before.number)
      drawHole(plot, before.end, after.start, words.unwatched(after.number - before.number - 1))
  }
}

const drawCollections = (picture: FlamePicture): void => {
  const { plot, log, words } = picture
  const { context, palette, map, left, height } = plot
  context.font = `11px ${palette.uiFont}`
  context.textAlign = 'left'
  context.textBaseline = 'middle'
  let free = 0
  for (const { start, end } of log.collections.within(map.range.startMs, map.range.endMs)) {
    const from = Math.max(0, map.x(start))
    const to = Math.min(plot.width, map.x(end))
    const wide = Math.max(1, to - from)
    context.fillStyle = palette.colour['text-3']
    context.fillRect(left + from, axesHeight, wide, 3)
    // The shortest ones come by the hundred: a mark each is enough.
    if (wide < 2) continue
    context.globalAlpha = 0.16
    context.fillRect(left + from, axesHeight, wide, height)
    context.globalAlpha = 1
    if (from < free) continue
    const text = words.collection(end - start)
    context.fillStyle = palette.colour['text-2']
    context.fillText(text, left + from + 4, axesHeight + 11)
    free = from + context.measureText(text).width + 12
  }
}

const drawMoment = (plot: FlamePlot, at: number, colour: string, width: number): void => {
  const { startMs, endMs } = plot.map.range
  if (at < startMs || at > endMs) return
  plot.context.fillStyle = colour
  plot.context.fillRect(Math.round(plot.left + plot.map.x(at)), axesHeight - 2, width, plot.height)
}

/** No loop any more: everything after its end is hatched. */
const drawStopped = (plot: FlamePlot, at: number): void => {
  const { context, fills, map, left, width, height } = plot
  if (at > map.range.endMs) return
  const from = map.x(Math.max(at, map.range.startMs))
  context.fillStyle = fills.wait
  context.fillRect(left + from, axesHeight, width + 12 - from, height)
}

/** What of the picture can be pointed at. */
export interface Drawn {
  readonly scene: Scene | null
}

/** Draws everything on a cleared surface. */
export const drawFlame = (picture: FlamePicture): Drawn => {
  const { plot, log, showOwn, slowMs, selected, words } = picture
  const { context, palette, map, left, width, height, boxes } = plot
  const { startMs, endMs } = map.range
  context.lineCap = 'butt'
  context.textBaseline = 'middle'
  context.save()
  context.beginPath()
  context.rect(left, axesHeight, width + 12, height)
  context.clip()
  const turns = gatherTurns(log.iterations, map)
  const { beyond } = picture
  const gathered =
    beyond !== null && reachesBeyond(beyond, startMs, endMs)
      ? gatherCallbacks(log.callbacks, map, slowMs, showOwn)
      : null
  if (gathered !== null && beyond !== null) addBeyond(beyond, map, gathered.busy, turns.waiting, slowMs)
  drawTurns(picture, turns)
  drawFolds(plot)
  drawCollections(picture)
  const callbacks = inView(log, startMs, endMs, showOwn, itemLimit)
  let scene: Scene | null = null
  if (callbacks.length <= itemLimit && gathered === null) {
    scene = layOut(callbacks, map, boxes, slowMs, plot.charPx, words)
    drawScene(plot, scene, words.jobs)
  } else {
    const columns = gathered ?? gatherCallbacks(log.callbacks, map, slowMs, showOwn)
    drawColumns(plot, columns)
    context.font = `500 11px ${palette.dataFont}`
    context.textAlign = 'left'
    const wide: (SlowBlock & { slow: boolean })[] = []
    const blockOf = (callback: Callback, leastPx: number) => {
      const x0 = map.x(callback.start)
      const slow = !callback.own && callback.end - callback.start >= slowMs
      const x1 = Math.max(x0 + leastPx, map.x(callback.end))
      const label = slow || x1 - x0 > 60 ? words.label(callback) : ''
      return { lane: lanes.indexOf(callback.lane), x0, x1, ranMs: callback.end - callback.start, label, slow }
    }
    for (const position of columns.wide) {
      const callback = log.callbacks.at(position)
      const block = blockOf(callback, 0)
      wide.push(block)
      drawWide(plot, block.lane, block.x0, block.x1, {
        slow: block.slow,
        own: callback.own,
        label: block.slow ? '' : block.label,
      })
    }
    const narrow = [...columns.slow.values()].map((position) => blockOf(log.callbacks.at(position), 2))
    const slow = [...wide.filter((block) => block.slow), ...narrow]
    drawSlowLabels(plot, placeSlowLabels(slow, boxes, width, plot.charPx, isLaneFree(columns, wide)))
  }
  drawMissing(picture)
  if (picture.stoppedAt !== null) drawStopped(plot, picture.stoppedAt)
  if (!picture.watchesMicro) {
    context.font = `11px ${palette.uiFont}`
    context.textAlign = 'left'
    context.fillStyle = palette.colour['text-3']
    for (const lane of ['tick', 'microtask'] as const) {
      const box = boxes[lanes.indexOf(lane)]!
      if (scene === null || scene.groups.length === 0)
        context.fillText(words.notWatched, left + 8, box.top + box.height / 2)
    }
  }
  if (selected !== null && selected >= log.callbacks.first && selected < log.callbacks.end) {
    const callback = log.callbacks.at(selected)
    const item = scene?.items.find((each) => each.callback.position === selected)
    const x0 = map.x(callback.start)
    if (callback.end >= startMs && callback.start <= endMs && (!callback.own || showOwn))
      drawRing(
        plot,
        item?.lane ?? lanes.indexOf(callback.lane),
        item?.row ?? 0,
        x0,
        Math.max(x0 + 2, map.x(callback.end)),
      )
  }
  if (picture.hoverAt !== null) drawMoment(plot, picture.hoverAt, palette.colour['text-3'], 1)
  if (picture.playhead !== null) drawMoment(plot, picture.playhead, palette.colour.accent, 1.5)
  context.restore()
  drawGutter(plot, words)
  drawTimeAxis(plot, words)
  const { playhead } = picture
  const inRange = playhead !== null && playhead >= startMs && playhead <= endMs
  const current = playhead === null ? null : log.iterations.turnAt(playhead)
  drawIterationAxis(plot, log.iterations, turns.turns, current?.position ?? null, inRange ? playhead : null, words)
  return { scene }
}
