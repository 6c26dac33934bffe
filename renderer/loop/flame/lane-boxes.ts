// Where the lanes stand: always all of them, in libuv's order, the busy ones with room for labels. Pure numbers.
// Counterparts: draw-flame.ts draws in them, flame.tsx finds what the pointer means.
import { lanes, microtaskLane, tickLane } from '../../loop-log/lanes.ts'

/** Width of the lanes' names, px. */
export const gutterWidth = 112
export const rightPadding = 16
export const timeAxisHeight = 20
export const iterationAxisHeight = 23
export const axesHeight = timeAxisHeight + iterationAxisHeight
/** Height of a row within a lane, px: a block and the space to the next. */
export const rowPx = 25

export interface LaneBox {
  /** px from the canvas's upper edge. */
  readonly top: number
  readonly height: number
  /** Rows for blocks and their labels. */
  readonly rows: number
  readonly blockTop: number
  readonly blockHeight: number
}

/** Boxes by index into `lanes` for a canvas of this height; a low one first takes from the lanes that are seldom used. */
export const laneBoxes = (height: number): readonly LaneBox[] => {
  const free = height - axesHeight
  const tight = free < 270
  const small = tight ? 16 : 20
  const middle = tight ? 22 : 28
  const micro = tight ? 18 : 24
  const rest = Math.max(2 * rowPx, free - 3 * small - 2 * middle - 2 * micro)
  const poll = Math.max(rowPx, Math.round(rest * 0.58))
  const heights = [small, small, small, poll, middle, middle, rest - poll, micro, micro]
  let top = axesHeight
  return lanes.map((_, i) => {
    const laneHeight = heights[i]!
    const isMicro = i === tickLane || i === microtaskLane
    const blockHeight = isMicro ? 8 : Math.min(20, laneHeight - 8)
    const rows = Math.max(1, Math.floor((laneHeight - 2) / rowPx))
    const box: LaneBox = {
      top,
      height: laneHeight,
      rows,
      blockTop: top + (rows > 1 ? 4 : Math.floor((laneHeight - blockHeight) / 2)),
      blockHeight,
    }
    top += laneHeight
    return box
  })
}
