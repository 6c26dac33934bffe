// Which rows the callback table has for a stretch of time: its callbacks, what is missing between them, and the collections that
// fell between. Pure, from the log alone. Counterpart: use-window.ts, which shows a part of them.
import type { TimeRange } from '../../canvas/time-scale.ts'
import type { LoopLog } from '../../loop-log/loop-log.ts'

/** A row: a callback by its position, what is missing before the next one, or a collection that fell before it. */
export type CallbackRow =
  | { readonly kind: 'callback'; readonly position: number }
  | { readonly kind: 'gap'; readonly records: number; readonly key: number }
  | { readonly kind: 'collection'; readonly start: number; readonly end: number }

/** Collections shorter than this have no row, ms: they come by the hundred. */
const leastCollectionMs = 1
/** Collections that have a row at most; the newest of the stretch. */
const collectionRows = 200

/** The rows of a stretch of time, by number in the list of callbacks that is shown. */
export interface Stretch {
  readonly own: boolean
  readonly first: number
  readonly end: number
  readonly hidden: number
  /** What stands between callbacks, with the number of the callback that it stands before; in order. */
  readonly between: readonly { readonly before: number; readonly row: CallbackRow }[]
}

/** The numbers, in the list that is shown, of the callbacks that reach into the shown stretch of time. */
export const stretchOf = (log: LoopLog, range: TimeRange, own: boolean): Stretch => {
  const { callbacks } = log
  const list = callbacks.list(own)
  const from = callbacks.positionAtTime(range.startMs)
  const to = callbacks.positionAtTime(range.endMs)
  let first = list.numberFrom(from)
  const end = list.numberFrom(to)
  if (first > list.first && callbacks.at(list.positionOf(first - 1)).end > range.startMs) first--
  const numberAt = (at: number) => list.numberFrom(callbacks.positionAtTime(at))
  const gaps = log
    .gaps()
    .filter((gap) => gap.beforeAt >= range.startMs && gap.afterAt <= range.endMs)
    .map(({ afterAt, beforeAt, records }, key) => ({
      at: afterAt,
      before: numberAt(beforeAt),
      row: { kind: 'gap', records, key } as const,
    }))
  const collections = log.collections
    .within(range.startMs, range.endMs)
    .filter(({ start, end: until }) => until - start >= leastCollectionMs)
    .slice(-collectionRows)
    .map((each) => ({
      at: each.start,
      before: Math.max(first, Math.min(end, numberAt(each.start))),
      row: { kind: 'collection', start: each.start, end: each.end } as const,
    }))
  return {
    own,
    first,
    end: Math.max(first, end),
    hidden: own ? 0 : Math.max(0, to - from - (end - first)),
    between: [...gaps, ...collections].sort((a, b) => a.before - b.before || a.at - b.at),
  }
}

export const rowCount = (stretch: Stretch): number => stretch.end - stretch.first + stretch.between.length

export const rowAt = (log: LoopLog, stretch: Stretch, index: number): CallbackRow => {
  let number = stretch.first + index
  for (const { before, row } of stretch.between) {
    if (number < before) break
    if (number === before) return row
    number--
  }
  return { kind: 'callback', position: log.callbacks.list(stretch.own).positionOf(number) }
}

/** The row of a callback, or null where it is not in the stretch. */
export const rowOf = (log: LoopLog, stretch: Stretch, position: number): number | null => {
  const number = log.callbacks.list(stretch.own).numberFrom(position)
  if (number < stretch.first || number >= stretch.end) return null
  return number - stretch.first + stretch.between.filter(({ before }) => before <= number).length
}
