// What the capture's segments of loop records come to, in columns: the loop timeline of what is not held. Counterparts:
// main/archive makes them, link/capture-follow.ts asks for them, the loop strip and the flame timeline draw from them;
// event-log/summaries.ts is its twin for the wire.
import { type LoopSummaryTable, loopSummaryLanes } from '../../preload/contract/captures.ts'
import { lowerBound } from '../event-log/search.ts'

type Column = Float64Array | Float32Array | Uint32Array

const grown = <T extends Column>(column: T, count: number): T => {
  if (count <= column.length) return column
  const next = new (column.constructor as new (length: number) => T)(Math.max(count, column.length * 2, 64))
  next.set(column)
  return next
}

export class LoopSummaries {
  /** Bumped on every change. */
  version = 0
  /** The first segment that has not been told of. */
  nextSegment = 0
  /** Segments from `first` up to `end` count; those before are dropped in the capture. */
  first = 0
  end = 0
  firstRecord = new Float64Array(0)
  count = new Uint32Array(0)
  firstAt = new Float64Array(0)
  lastAt = new Float64Array(0)
  waitedMs = new Float32Array(0)
  longestMs = new Float32Array(0)
  longestAt = new Float64Array(0)
  /** ms of work by segment and lane (`segment * loopSummaryLanes + lane`). */
  busyMs = new Float32Array(0)

  /** Takes in what was asked for from `nextSegment` on. */
  add(table: LoopSummaryTable): void {
    const end = this.end + table.segments
    for (const name of ['firstRecord', 'count', 'firstAt', 'lastAt', 'waitedMs', 'longestMs', 'longestAt'] as const) {
      ;(this[name] as Column) = grown(this[name] as Column, end)
      this[name].set(table[name].subarray(0, table.segments), this.end)
    }
    this.busyMs = grown(this.busyMs, end * loopSummaryLanes)
    this.busyMs.set(table.busyMs.subarray(0, table.segments * loopSummaryLanes), this.end * loopSummaryLanes)
    this.end = end
    this.nextSegment = table.nextSegment
    this.version++
  }

  /** Leaves out segments that end before a record: the capture has dropped them. */
  dropBefore(record: number): void {
    while (this.first < this.end && this.firstRecord[this.first]! + this.count[this.first]! <= record) {
      this.first++
      this.version++
    }
  }

  /** The first segment that ends at or after the time (ms); `end` where none does. */
  segmentAtTime(at: number): number {
    return lowerBound(this.lastAt, at, this.first, this.end)
  }

  /** About how many records a stretch of time (ms) has. */
  recordsWithin(fromAt: number, toAt: number): number {
    let records = 0
    for (let segment = this.segmentAtTime(fromAt); segment < this.end && this.firstAt[segment]! <= toAt; segment++) {
      const span = Math.max(1e-3, this.lastAt[segment]! - this.firstAt[segment]!)
      const within = Math.min(toAt, this.lastAt[segment]!) - Math.max(fromAt, this.firstAt[segment]!)
      records += this.count[segment]! * Math.min(1, Math.max(0, within / span))
    }
    return records
  }

  /** Forgets everything. */
  clear(): void {
    this.nextSegment = 0
    this.first = 0
    this.end = 0
    this.version++
  }
}

/** The page's summaries of the loop. */
export const loopSummaries = new LoopSummaries()
