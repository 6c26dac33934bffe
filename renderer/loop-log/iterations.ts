// Every turn of the loop that is held, as columns: when poll was entered, when it returned, when the check phase came, and
// how many events poll returned. Counterparts: loop-log.ts fills it, measures.ts and the flame timeline read it.
import type { LoopBatch } from '../../preload/contract/loop-columns.ts'
import { lowerBound, lowerBoundBy } from '../event-log/search.ts'

const chunkRows = 4096
/** Rows that share one summary. */
export const turnBlockRows = 64

const makeColumns = () => ({
  start: new Float64Array(chunkRows),
  readyAt: new Float64Array(chunkRows),
  end: new Float64Array(chunkRows),
  number: new Uint32Array(chunkRows),
  events: new Uint32Array(chunkRows),
  /** 1 where the turn before it is held too; 0 where turns between were not watched or not kept. */
  joined: new Uint8Array(chunkRows),
})
type Columns = ReturnType<typeof makeColumns>

export interface IterationChunk {
  /** Position of row 0. */
  readonly first: number
  readonly columns: Columns
  /** ms that poll waited, by block of 64 rows. */
  readonly waits: Float32Array
  count: number
}

/** Bytes that one chunk takes. */
export const iterationChunkBytes =
  Object.values(makeColumns()).reduce((sum, column) => sum + column.byteLength, 0) + (chunkRows / turnBlockRows) * 4

/** One turn of the loop. Times in ms on the event clock. */
export interface Iteration {
  /** Counted over everything ever taken in; what is dropped does not renumber. */
  readonly position: number
  /** libuv's own count of turns. */
  readonly number: number
  /** Poll was entered. */
  readonly start: number
  /** Poll returned. */
  readonly readyAt: number
  /** The check phase came. */
  readonly end: number
  /** Events that poll returned. */
  readonly events: number
  readonly joined: boolean
}

export class IterationTable {
  readonly chunks: IterationChunk[] = []
  /** Positions of turns before which turns are missing, oldest first; the very first one held is not among them. */
  readonly breaks: number[] = []
  /** The position of the next chunk, where the last one has been dropped. */
  #next = 0

  get first(): number {
    return this.chunks[0]?.first ?? this.#next
  }
  get end(): number {
    const last = this.chunks.at(-1)
    return last === undefined ? this.#next : last.first + last.count
  }

  append(batch: LoopBatch, i: number): void {
    const number = batch.iteration[i]!
    const before = this.chunks.at(-1)
    const numberBefore = before?.columns.number[before.count - 1]
    let chunk = before
    if (chunk === undefined || chunk.count === chunkRows) {
      chunk = { first: this.end, columns: makeColumns(), waits: new Float32Array(chunkRows / turnBlockRows), count: 0 }
      this.chunks.push(chunk)
    }
    const row = chunk.count++
    const c = chunk.columns
    c.start[row] = batch.start[i]!
    c.readyAt[row] = batch.readyAt[i]!
    c.end[row] = batch.end[i]!
    c.number[row] = number
    c.events[row] = batch.seqCount[i]!
    c.joined[row] = numberBefore !== undefined && number === numberBefore + 1 ? 1 : 0
    if (numberBefore !== undefined && c.joined[row] === 0) this.breaks.push(chunk.first + row)
    chunk.waits[(row / turnBlockRows) | 0]! += batch.readyAt[i]! - batch.start[i]!
  }

  dropOldest(): number {
    const next = this.end
    const { count } = this.chunks.shift()!
    this.#next = next
    while (this.breaks.length > 0 && this.breaks[0]! <= this.first) this.breaks.shift()
    return count
  }

  /** Forgets everything. */
  clear(): void {
    this.chunks.length = 0
    this.breaks.length = 0
    this.#next = 0
  }

  /** One turn. Throws a RangeError where it is not held. */
  at(position: number): Iteration {
    const chunk = this.chunks[lowerBoundBy(this.chunks, position + 1, (each) => each.first) - 1]
    const row = chunk === undefined ? -1 : position - chunk.first
    if (chunk === undefined || row >= chunk.count) throw new RangeError(`iteration ${position} is not held`)
    const c = chunk.columns
    return {
      position,
      number: c.number[row]!,
      start: c.start[row]!,
      readyAt: c.readyAt[row]!,
      end: c.end[row]!,
      events: c.events[row]!,
      joined: c.joined[row] === 1,
    }
  }

  /** The first position whose poll was entered at or after the time (ms); `end` where there is none. */
  positionAtTime(at: number): number {
    const i = lowerBoundBy(this.chunks, at, (chunk) => chunk.columns.start[0]!)
    const before = this.chunks[i - 1]
    if (before !== undefined) {
      const row = lowerBound(before.columns.start, at, 0, before.count)
      if (row < before.count) return before.first + row
    }
    return this.chunks[i]?.first ?? this.end
  }

  /** The last turn whose poll was entered at or before the time (ms); null where none is held. */
  turnAt(at: number): Iteration | null {
    let position = this.positionAtTime(at)
    if (position === this.end || this.at(position).start > at) position--
    return position < this.first ? null : this.at(position)
  }

  /** The turn with this number that a moment near `at` (ms) belongs to; null where it is not held. */
  withNumber(number: number, at: number): Iteration | null {
    const near = this.turnAt(at)
    if (near === null) return null
    // Counting begins anew with a new engine thread, so the number alone does not tell which turn is meant.
    for (let position = near.position + 1; position >= Math.max(this.first, near.position - 1); position--) {
      if (position >= this.end) continue
      const candidate = this.at(position)
      if (candidate.number === number) return candidate
    }
    return null
  }
}
