// What the capture's segments come to, in columns: enough to draw a timeline of any length where its events are not held.
// Added to as recording goes on, found by time, by seq and by connection. Counterparts: main/archive makes them,
// capture-follow.ts asks for them, the lifelines and the minimap draw from them.
import type { SummaryTable } from '../../preload/contract/captures.ts'
import type { ConnectionId } from '../../preload/contract/vocabulary.ts'
import { lowerBound } from './search.ts'
import { weightOfLength } from './weight.ts'

type Column = Float64Array | Uint32Array | Uint8Array

/** A column with room at its end. */
const grown = <T extends Column>(column: T, count: number): T => {
  if (count <= column.length) return column
  const next = new (column.constructor as new (length: number) => T)(Math.max(count, column.length * 2, 64))
  next.set(column)
  return next
}

/** One row a segment. */
export interface SegmentColumns {
  firstSeq: Float64Array
  count: Uint32Array
  firstAt: Float64Array
  lastAt: Float64Array
  /** The heaviest data event each way, over all connections. */
  weightReceived: Uint8Array
  weightSent: Uint8Array
}

/** One row a segment and connection. */
export interface RowColumns {
  segment: Uint32Array
  firstAt: Float64Array
  lastAt: Float64Array
  events: Uint32Array
  weightReceived: Uint8Array
  weightSent: Uint8Array
  kinds: Uint32Array
  connection: Uint32Array
}

const noRows: Uint32Array = new Uint32Array(0)

export class Summaries {
  /** Bumped on every change. */
  version = 0
  /** The first segment that has not been told of. */
  nextSegment = 0
  /** Segments from `first` up to `end` count; those before are dropped in the capture. */
  first = 0
  end = 0
  rows = 0
  readonly segments: SegmentColumns = {
    firstSeq: new Float64Array(0),
    count: new Uint32Array(0),
    firstAt: new Float64Array(0),
    lastAt: new Float64Array(0),
    weightReceived: new Uint8Array(0),
    weightSent: new Uint8Array(0),
  }
  readonly columns: RowColumns = {
    segment: new Uint32Array(0),
    firstAt: new Float64Array(0),
    lastAt: new Float64Array(0),
    events: new Uint32Array(0),
    weightReceived: new Uint8Array(0),
    weightSent: new Uint8Array(0),
    kinds: new Uint32Array(0),
    connection: new Uint32Array(0),
  }
  #byConnection = new Map<number, { rows: Uint32Array; count: number }>()

  /** Takes in what was asked for from `nextSegment` on. */
  add(table: SummaryTable): void {
    const s = this.segments
    const c = this.columns
    const added = table.rowStart[table.segments] ?? 0
    const segments = this.end + table.segments
    for (const name of Object.keys(s) as (keyof SegmentColumns)[])
      (s[name] as Column) = grown(s[name] as Column, segments)
    for (const name of Object.keys(c) as (keyof RowColumns)[])
      (c[name] as Column) = grown(c[name] as Column, this.rows + added)
    for (let i = 0; i < table.segments; i++) {
      const segment = this.end++
      s.firstSeq[segment] = table.segmentFirstSeq[i]!
      s.count[segment] = table.segmentCount[i]!
      s.firstAt[segment] = table.segmentFirstAt[i]!
      s.lastAt[segment] = table.segmentLastAt[i]!
      let received = 0
      let sent = 0
      for (let from = table.rowStart[i]!; from < table.rowStart[i + 1]!; from++) {
        const row = this.rows++
        c.segment[row] = segment
        c.firstAt[row] = table.firstAt[from]!
        c.lastAt[row] = table.lastAt[from]!
        c.events[row] = table.events[from]!
        c.kinds[row] = table.kinds[from]!
        c.connection[row] = table.connection[from]!
        c.weightReceived[row] = table.bytesReceived[from]! > 0 ? weightOfLength(table.longestReceived[from]!) : 0
        c.weightSent[row] = table.bytesSent[from]! > 0 ? weightOfLength(table.longestSent[from]!) : 0
        received = Math.max(received, c.weightReceived[row]!)
        sent = Math.max(sent, c.weightSent[row]!)
        this.#note(table.connection[from]!, row)
      }
      s.weightReceived[segment] = received
      s.weightSent[segment] = sent
    }
    this.nextSegment = table.nextSegment
    this.version++
  }

  #note(connection: number, row: number): void {
    let index = this.#byConnection.get(connection)
    if (index === undefined) {
      index = { rows: new Uint32Array(4), count: 0 }
      this.#byConnection.set(connection, index)
    }
    index.rows = grown(index.rows, index.count + 1)
    index.rows[index.count++] = row
  }

  /** The rows of a connection, in order. */
  rowsOf(connection: ConnectionId): Uint32Array {
    const index = this.#byConnection.get(connection)
    return index === undefined ? noRows : index.rows.subarray(0, index.count)
  }

  /** Leaves out segments that end before `seq`: the capture has dropped them. */
  dropBefore(seq: number): void {
    while (this.first < this.end && this.segments.firstSeq[this.first]! + this.segments.count[this.first]! <= seq) {
      this.first++
      this.version++
    }
  }

  /** The first segment that ends at or after the time (ms); `end` where none does. */
  segmentAtTime(at: number): number {
    return lowerBound(this.segments.lastAt, at, this.first, this.end)
  }

  /** The segment that an event is in, or the next one; `end` where there is none. */
  segmentOfSeq(seq: number): number {
    const after = lowerBound(this.segments.firstSeq, seq + 1, this.first, this.end)
    const before = after - 1
    return before >= this.first && seq < this.segments.firstSeq[before]! + this.segments.count[before]! ? before : after
  }

  /** About which seq a time (ms) belongs to: as if a segment's events came evenly. */
  seqNear(at: number): number | null {
    const segment = this.segmentAtTime(at)
    if (segment === this.end) return null
    const { firstSeq, count, firstAt, lastAt } = this.segments
    const span = lastAt[segment]! - firstAt[segment]!
    const share = span <= 0 ? 0 : Math.min(1, Math.max(0, (at - firstAt[segment]!) / span))
    return firstSeq[segment]! + Math.min(count[segment]! - 1, Math.floor(share * count[segment]!))
  }

  /** About when an event came (ms): as if a segment's events came evenly. */
  timeNear(seq: number): number | null {
    const segment = this.segmentOfSeq(seq)
    if (segment === this.end) return null
    const { firstSeq, count, firstAt, lastAt } = this.segments
    const share = Math.min(1, Math.max(0, (seq - firstSeq[segment]!) / Math.max(1, count[segment]! - 1)))
    return firstAt[segment]! + share * (lastAt[segment]! - firstAt[segment]!)
  }

  /** Forgets everything. */
  clear(): void {
    this.nextSegment = 0
    this.first = 0
    this.end = 0
    this.rows = 0
    this.#byConnection.clear()
    this.version++
  }
}

/** The page's summaries. */
export const summaries = new Summaries()
