// Which callback a pointer means: the block, whisker or label under it, or the nearest one of its lane within a few pixels.
// Counterparts: chart.tsx, scene.ts (what was drawn where).
import { lanes } from '../../loop-log/lanes.ts'
import type { LoopLog } from '../../loop-log/loop-log.ts'
import { type LaneBox, rowPx } from './lane-boxes.ts'
import type { Scene } from './scene.ts'
import type { TimeMap } from './time-map.ts'

/** Blocks are hit this far beside them, px. */
const tolerancePx = 4
/** Neighbours that are looked at each way. */
const reach = 200

/** `x` px from the plot's left edge, `y` from the canvas's top. The position of the callback; null for none. */
export const hitCallback = (
  log: LoopLog,
  picture: { readonly map: TimeMap; readonly scene: Scene | null },
  boxes: readonly LaneBox[],
  x: number,
  y: number,
  own: boolean,
): number | null => {
  const lane = boxes.findIndex((box) => y >= box.top && y < box.top + box.height)
  if (lane < 0) return null
  const box = boxes[lane]!
  const row = Math.min(box.rows - 1, Math.max(0, Math.floor((y - box.blockTop + 2) / rowPx)))
  const { map, scene } = picture
  const inScene = scene === null ? null : hitScene(scene, lane, row, x)
  return inScene ?? nearest(log, map, lane, x, own)
}

const hitScene = (scene: Scene, lane: number, row: number, x: number): number | null => {
  let best: number | null = null
  let bestPx = tolerancePx + 1
  for (const item of scene.items) {
    if (item.lane !== lane) continue
    if (item.row === row) {
      const from = item.whiskerX ?? item.x0
      const px = x < from ? from - x : x > item.x1 ? x - item.x1 : 0
      if (px < bestPx) {
        best = item.callback.position
        bestPx = px
      }
    }
    if (item.labelRow === row && item.place !== 'none' && bestPx > 0) {
      // About seven pixels a character: labels are in one type.
      const end = item.labelX + item.label.length * 7
      if (x >= item.labelX && x <= end) return item.callback.position
    }
  }
  if (best !== null) return best
  for (const group of scene.groups)
    if (group.lane === lane && x >= group.x0 - 6 && x <= group.x1 + 6) return group.first.position
  return null
}

const nearest = (log: LoopLog, map: TimeMap, lane: number, x: number, own: boolean): number | null => {
  const { callbacks } = log
  const middle = callbacks.positionAtTime(map.time(x))
  let best: number | null = null
  let bestPx = tolerancePx + 1
  for (let i = Math.max(callbacks.first, middle - reach); i < Math.min(callbacks.end, middle + reach); i++) {
    const callback = callbacks.at(i)
    if (callback.lane !== lanes[lane] || (callback.own && !own)) continue
    const x0 = map.x(callback.start)
    const x1 = map.x(callback.end)
    const px = x < x0 ? x0 - x : x > x1 ? x - x1 : 0
    if (px < bestPx) {
      best = i
      bestPx = px
    }
  }
  return best
}
