// Names for slow callbacks in a view that is too full for labels: they are what such a view is looked at for. Each stands in its
// block where it fits, else beside or below it where nothing else is drawn. Pure numbers. Counterpart: draw-columns.ts.
import type { LaneBox } from './lane-boxes.ts'

/** A slow callback's block, px from the plot's left edge. */
export interface SlowBlock {
  readonly lane: number
  readonly x0: number
  readonly x1: number
  readonly ranMs: number
  readonly label: string
}

export interface SlowLabel {
  readonly block: SlowBlock
  readonly place: 'inside' | 'beside' | 'below'
  /** px at which the text begins. */
  readonly x: number
}

/** As many as are read at a glance; the longest come first. */
const named = 12
const gapPx = 6
const insidePx = 8

/** `isFree(lane, from, to)`: nothing is drawn in these px of the lane's first row. */
export const placeSlowLabels = (
  blocks: readonly SlowBlock[],
  boxes: readonly LaneBox[],
  widthPx: number,
  charPx: number,
  isFree: (lane: number, from: number, to: number) => boolean,
): readonly SlowLabel[] => {
  const labels: SlowLabel[] = []
  /** Stretches with a text, by lane and row. */
  const taken = new Map<string, [from: number, to: number][]>()
  const claim = (lane: number, row: number, from: number, to: number): boolean => {
    const key = `${lane}/${row}`
    const held = taken.get(key) ?? []
    if (from < 0 || to > widthPx || held.some(([a, b]) => from < b + gapPx && to > a - gapPx)) return false
    taken.set(key, [...held, [from, to]])
    return true
  }
  const longestFirst = blocks.toSorted((a, b) => b.ranMs - a.ranMs).slice(0, named)
  for (const block of longestFirst) {
    const { lane, x0, x1, label } = block
    const textPx = label.length * charPx
    const from = Math.max(0, x0)
    if (Math.min(widthPx, x1) - from >= textPx + 2 * insidePx) {
      if (claim(lane, 0, from + insidePx, from + insidePx + textPx))
        labels.push({ block, place: 'inside', x: from + insidePx })
      continue
    }
    const sides = [x1 + gapPx, x0 - gapPx - textPx]
    const beside = sides.find((x) => isFree(lane, x, x + textPx) && claim(lane, 0, x, x + textPx))
    if (beside !== undefined) {
      labels.push({ block, place: 'beside', x: beside })
      continue
    }
    if (boxes[lane]!.rows < 2) continue
    const below = [x0, x1 - textPx].find((x) => claim(lane, 1, x, x + textPx))
    if (below !== undefined) labels.push({ block, place: 'below', x: below })
  }
  return labels
}
