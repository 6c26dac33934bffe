// Few enough callbacks to be told one by one: where each block, whisker and label stands, packed into the rows of its lane
// so that no label covers another. Pure numbers. Counterparts: draw-items.ts draws them, flame.tsx hits them.
import type { Callback } from '../../loop-log/callbacks.ts'
import { lanes, microtaskLane, tickLane } from '../../loop-log/lanes.ts'
import type { LaneBox } from './lane-boxes.ts'
import type { TimeMap } from './time-map.ts'

/** More callbacks than this in view are drawn without labels. */
export const itemLimit = 300
/** A wait at least this long gets a whisker and is written in the error colour, ms. */
export const longWaitMs = 4

/** Where the label stands: in the block, right or left of it, on the whisker, or a row below with a line to the block. */
export type LabelPlace = 'inside' | 'right' | 'left' | 'whisker' | 'below' | 'below-left' | 'none'

export interface FlameItem {
  readonly callback: Callback
  readonly lane: number
  /** px from the plot's left edge. */
  readonly x0: number
  readonly x1: number
  readonly slow: boolean
  /** Where the whisker begins; null for none. */
  readonly whiskerX: number | null
  readonly label: string
  readonly waitLabel: string
  /** Row of the block and of the label. */
  readonly row: number
  readonly labelRow: number
  readonly place: LabelPlace
  /** px at which the label's text begins. */
  readonly labelX: number
}

/** What stands between callbacks: how many ticks or microtasks in a row, and where. */
export interface MicroGroup {
  readonly lane: number
  readonly first: Callback
  readonly last: Callback
  readonly count: number
  readonly x0: number
  readonly x1: number
}

export interface Scene {
  readonly items: readonly FlameItem[]
  readonly groups: readonly MicroGroup[]
}

export interface SceneWords {
  label(callback: Callback): string
  /** How long it waited, for who has waited long. */
  wait(callback: Callback, waitedMs: number): string
}

const pollLane = lanes.indexOf('poll')
const leastPx = 3
const labelGap = 5
const elbowPx = 12
const spaceBetween = 8

/** `callbacks` in order of time; `charPx`: the width of one character of the labels' font. */
export const layOut = (
  callbacks: readonly Callback[],
  map: TimeMap,
  boxes: readonly LaneBox[],
  slowMs: number,
  charPx: number,
  words: SceneWords,
): Scene => {
  const taken = boxes.map((box) => new Array<number>(box.rows).fill(Number.NEGATIVE_INFINITY))
  const items: FlameItem[] = []
  const groups: MicroGroup[] = []
  for (const [i, callback] of callbacks.entries()) {
    const lane = lanes.indexOf(callback.lane)
    const x0 = map.x(callback.start)
    const x1 = Math.max(x0 + leastPx, map.x(callback.end))
    if (lane === tickLane || lane === microtaskLane) {
      addToGroup(groups, callback, lane, x0, x1)
      continue
    }
    items.push(place(callback, i, lane, x0, x1))
  }

  /** True where another's callback of the lane follows so soon that own work's label would take its room. */
  function isFollowed(i: number, lane: number, until: number): boolean {
    for (let next = i + 1; next < callbacks.length; next++) {
      const other = callbacks[next]!
      if (map.x(other.start) > until) return false
      if (!other.own && lanes.indexOf(other.lane) === lane) return true
    }
    return false
  }

  function place(callback: Callback, i: number, lane: number, x0: number, x1: number): FlameItem {
    const rows = taken[lane]!
    const waited = callback.readyAt === null ? 0 : callback.start - callback.readyAt
    const whiskerFrom = waited >= longWaitMs && !callback.own ? map.x(callback.readyAt!) : null
    const whiskerX = whiskerFrom !== null && x0 - whiskerFrom >= 8 ? whiskerFrom : null
    const label = words.label(callback)
    const waitLabel = waited >= longWaitMs && !callback.own ? words.wait(callback, waited) : ''
    const textPx = labelLength({ label, waitLabel }) * charPx
    const base = {
      callback,
      lane,
      x0,
      x1,
      slow: !callback.own && callback.end - callback.start >= slowMs,
      whiskerX,
      label,
      waitLabel,
    }
    const left = whiskerX ?? x0
    /** The first row from `from` on that is free from `start` px on. */
    const freeRow = (from: number, start: number) =>
      rows.findIndex((end, row) => row >= from && end + spaceBetween <= start)
    const put = (row: number, labelRow: number, labelPlace: LabelPlace, labelX: number, end: number): FlameItem => {
      rows[labelRow] = Math.max(rows[labelRow]!, end)
      return { ...base, row, labelRow, place: labelPlace, labelX }
    }
    const lowRow = lane === pollLane && rows.length > 1 ? 1 : 0
    const shownFrom = Math.max(0, x0)
    const shownTo = Math.min(map.width, x1)
    if (shownTo - shownFrom >= textPx + 16) {
      // Without a whisker poll's blocks stand in its own row, between its waits.
      const free = whiskerX === null && lowRow > 0 ? 0 : freeRow(lowRow, left)
      const row = Math.max(0, free)
      dropLabels(items, lane, row, left, charPx)
      return put(row, row, 'inside', shownFrom + 8, x1)
    }
    if (callback.own && isFollowed(i, lane, x1 + elbowPx + textPx)) return put(0, 0, 'none', 0, x1)
    if (whiskerX !== null) {
      const room = x0 - Math.max(0, whiskerX)
      if (room >= textPx + 32) {
        const row = freeRow(lowRow, left)
        if (row >= 0) return put(row, row, 'whisker', Math.max(0, whiskerX) + 20, x1)
      }
    } else if (lane === pollLane && rows.length > 1) {
      const row = freeRow(1, x0)
      if (row >= 0 && x0 + elbowPx + textPx <= map.width)
        return put(0, row, 'below', x0 + elbowPx, x0 + elbowPx + textPx)
      const leftRow = freeRow(1, x1 - elbowPx - textPx)
      if (leftRow >= 0 && x1 - elbowPx - textPx >= 0) return put(0, leftRow, 'below-left', x1 - elbowPx - textPx, x1)
      return put(0, 0, 'none', 0, Number.NEGATIVE_INFINITY)
    }
    const fitsRight = x1 + labelGap + textPx <= map.width
    const rightRow = fitsRight ? freeRow(lowRow, left) : -1
    if (rightRow >= 0) return put(rightRow, rightRow, 'right', x1 + labelGap, x1 + labelGap + textPx)
    const leftEdge = left - labelGap - textPx
    const leftRow = leftEdge >= 0 ? freeRow(lowRow, leftEdge) : -1
    if (leftRow >= 0) return put(leftRow, leftRow, 'left', leftEdge, x1)
    const row = Math.max(0, freeRow(whiskerX === null ? 0 : lowRow, left))
    return put(row, row, 'none', 0, x1)
  }

  return { items, groups }
}

/** A block that is wide enough for its own label takes the room of labels before it that reach past `from` px. */
const dropLabels = (items: FlameItem[], lane: number, row: number, from: number, charPx: number): void => {
  for (const [i, item] of items.entries())
    if (item.lane === lane && item.labelRow === row && item.place !== 'none' && item.place !== 'inside')
      if (item.labelX + labelLength(item) * charPx > from) items[i] = { ...item, place: 'none' }
}

const labelLength = ({ label, waitLabel }: Pick<FlameItem, 'label' | 'waitLabel'>): number =>
  label.length + (waitLabel === '' ? 0 : waitLabel.length + 2)

/** Ticks in a row that stand close together are one mark with their number. */
const addToGroup = (groups: MicroGroup[], callback: Callback, lane: number, x0: number, x1: number): void => {
  const at = groups.findLastIndex((group) => group.lane === lane)
  const before = groups[at]
  if (before !== undefined && x0 - before.x1 < 14)
    groups[at] = { ...before, last: callback, count: before.count + 1, x1 }
  else groups.push({ lane, first: callback, last: callback, count: 1, x0, x1 })
}
