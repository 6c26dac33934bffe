// Binary search over sorted columns. Counterparts: chunk.ts, track.ts and event-log.ts, which all answer "the first at or
// after".

/** Index of the first of `values[from .. to - 1]`, which ascend, that is not below `wanted`; `to` where there is none. */
export const lowerBound = (values: Float64Array, wanted: number, from: number, to: number): number => {
  let low = from
  let high = to
  while (low < high) {
    const middle = (low + high) >>> 1
    if (values[middle]! < wanted) low = middle + 1
    else high = middle
  }
  return low
}

/** Index of the first of `items`, which ascend by `key`, whose key is not below `wanted`; their number where none is. */
export const lowerBoundBy = <T>(items: readonly T[], wanted: number, key: (item: T) => number): number => {
  let low = 0
  let high = items.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if (key(items[middle]!) < wanted) low = middle + 1
    else high = middle
  }
  return low
}
