// A bounded run of batches in memory: appended in order, found by number, the oldest dropped and counted, small ones
// merged. Counterpart: memory-capture.ts, which keeps the wire's and the loop's batches in one each.

/** What a batch must tell of itself. */
export interface Segment {
  readonly buffer: ArrayBufferLike
  readonly count: number
  /** Rows lost between the previous batch and this one. */
  readonly droppedBefore: number
}

export interface SegmentsOptions<S extends Segment> {
  /** Kept at most, buffers and overhead together; the newest batch always stays. */
  readonly limitBytes: number
  /** The number of a batch's first row. */
  readonly first: (segment: S) => number
  /** One batch of the rows of several that follow each other without a gap. */
  readonly merge: (segments: readonly S[]) => S
  /** A batch that was appended is not needed any more: it was dropped, or merged with others. */
  readonly onRemove?: (segment: S) => void
}

export interface Segments<S extends Segment> {
  /** In order of their numbers. One without rows tells of the gap before it. */
  readonly all: readonly S[]
  readonly storedBytes: number
  /** Rows dropped here, and rows that were lost before they came here. */
  readonly droppedRows: number
  /** The number of the oldest row kept, and the one that the next row will have. */
  readonly firstRow: number
  readonly nextRow: number
  append(segment: S): void
  /** Index in `all` of the first batch that ends after `row`. */
  find(row: number): number
}

/** What a batch costs beyond its buffer: the views and objects around it. */
const overheadBytes = 1024
/** Small batches in a row that are put together into one, and what counts as small, in bytes. */
const mergeCount = 64
const smallBytes = 16 * 1024

const sizeOf = (segment: Segment) => segment.buffer.byteLength + overheadBytes

export const createSegments = <S extends Segment>(options: SegmentsOptions<S>): Segments<S> => {
  const { limitBytes, first, merge, onRemove } = options
  const all: S[] = []
  let storedBytes = 0
  let droppedRows = 0
  let nextRow = 1
  /** Trailing batches that are small and follow each other without a gap. */
  let smallTail = 0

  const endOf = (segment: S) => first(segment) + segment.count

  /** One row a batch, for hours, must not cost a kilobyte a row. */
  const mergeTail = () => {
    const tail = all.splice(all.length - smallTail)
    const merged = merge(tail)
    all.push(merged)
    for (const segment of tail) {
      storedBytes -= sizeOf(segment)
      onRemove?.(segment)
    }
    storedBytes += sizeOf(merged)
    smallTail = 0
  }

  const dropOldest = () => {
    let excess = 0
    while (storedBytes > limitBytes && excess < all.length - 1) {
      storedBytes -= sizeOf(all[excess]!)
      droppedRows += all[excess]!.count
      excess++
    }
    if (excess > 0) for (const segment of all.splice(0, excess)) onRemove?.(segment)
    smallTail = Math.min(smallTail, all.length)
  }

  return {
    all,
    get storedBytes() {
      return storedBytes
    },
    get droppedRows() {
      return droppedRows
    },
    get firstRow() {
      return all.length === 0 ? nextRow : first(all[0]!)
    },
    get nextRow() {
      return nextRow
    },
    append(segment) {
      if (segment.buffer.byteLength > smallBytes) smallTail = 0
      else smallTail = first(segment) === nextRow ? smallTail + 1 : 1
      all.push(segment)
      storedBytes += sizeOf(segment)
      droppedRows += segment.droppedBefore
      nextRow = endOf(segment)
      if (smallTail === mergeCount) mergeTail()
      dropOldest()
    },
    find(row) {
      let low = 0
      let high = all.length
      while (low < high) {
        const middle = (low + high) >> 1
        if (endOf(all[middle]!) <= row) low = middle + 1
        else high = middle
      }
      return low
    },
  }
}
