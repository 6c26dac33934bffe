// Which words of a text were taken away and which were put in, for who edits a held chunk. Pure: Myers' greedy algorithm on
// tokens, given up beyond a bound, where all in between is told as changed. Counterparts: edit-text.ts makes the tokens,
// chunk-editor.ts draws the hunks.

/** Tokens `aFrom` up to `aTo` of the one text stand where `bFrom` up to `bTo` of the other are now. */
export interface Hunk {
  readonly aFrom: number
  readonly aTo: number
  readonly bFrom: number
  readonly bTo: number
}

/** More changes than this between two texts are told as one: nobody reads them one by one. */
export const mostChanges = 300

/** The steps of the shortest way from a to b as (x, y) after each change; null where it has more than `mostChanges`. */
const shortestWay = (
  a: readonly string[],
  b: readonly string[],
): readonly (readonly [x: number, y: number])[] | null => {
  const bound = Math.min(mostChanges, a.length + b.length)
  // Furthest x on each diagonal x - y, for every number of changes so far.
  const trace: Int32Array[] = []
  const furthest = new Int32Array(2 * bound + 3)
  const at = (diagonal: number) => diagonal + bound + 1
  for (let changes = 0; changes <= bound; changes++) {
    trace.push(furthest.slice())
    for (let diagonal = -changes; diagonal <= changes; diagonal += 2) {
      const down =
        diagonal === -changes || (diagonal !== changes && furthest[at(diagonal - 1)]! < furthest[at(diagonal + 1)]!)
      let x = down ? furthest[at(diagonal + 1)]! : furthest[at(diagonal - 1)]! + 1
      let y = x - diagonal
      while (x < a.length && y < b.length && a[x] === b[y]) {
        x++
        y++
      }
      furthest[at(diagonal)] = x
      if (x >= a.length && y >= b.length) return wayBack(trace, changes, a.length, b.length, at)
    }
  }
  return null
}

/** Every point right before and right after a change, from the start on. */
const wayBack = (
  trace: readonly Int32Array[],
  changes: number,
  endX: number,
  endY: number,
  at: (diagonal: number) => number,
): readonly (readonly [number, number])[] => {
  const points: [number, number][] = []
  let x = endX
  let y = endY
  for (let left = changes; left > 0; left--) {
    const furthest = trace[left]!
    const diagonal = x - y
    const down = diagonal === -left || (diagonal !== left && furthest[at(diagonal - 1)]! < furthest[at(diagonal + 1)]!)
    const before = down ? diagonal + 1 : diagonal - 1
    const beforeX = furthest[at(before)]!
    const beforeY = beforeX - before
    points.push(down ? [beforeX, beforeY + 1] : [beforeX + 1, beforeY], [beforeX, beforeY])
    x = beforeX
    y = beforeY
  }
  return points.reverse()
}

/** The changes that make `b` of `a`, in order, neighbouring ones together. */
export const diffTokens = (a: readonly string[], b: readonly string[]): readonly Hunk[] => {
  let start = 0
  while (start < a.length && start < b.length && a[start] === b[start]) start++
  let same = 0
  while (same < a.length - start && same < b.length - start && a[a.length - 1 - same] === b[b.length - 1 - same]) same++
  const middleA = a.slice(start, a.length - same)
  const middleB = b.slice(start, b.length - same)
  if (middleA.length === 0 && middleB.length === 0) return []
  const whole = { aFrom: start, aTo: a.length - same, bFrom: start, bTo: b.length - same }
  const way = middleA.length === 0 || middleB.length === 0 ? null : shortestWay(middleA, middleB)
  if (way === null) return [whole]
  const hunks: Hunk[] = []
  for (let i = 0; i < way.length; i += 2) {
    const [fromX, fromY] = way[i]!
    const [toX, toY] = way[i + 1]!
    const step = { aFrom: fromX + start, aTo: toX + start, bFrom: fromY + start, bTo: toY + start }
    const last = hunks.at(-1)
    if (last !== undefined && last.aTo === step.aFrom && last.bTo === step.bFrom)
      hunks[hunks.length - 1] = { ...last, aTo: step.aTo, bTo: step.bTo }
    else hunks.push(step)
  }
  return hunks
}
