// The log's chunks in order, with what is missing before, between and after them; finds events by seq, by time and by the
// table's rows. Counterparts: chunk.ts (one of them), event-log.ts (which says when the oldest has to go).
import type { EventBatch } from '../../preload/contract/event-columns.ts'
import { EventChunk, type Weights } from './chunk.ts'
import { lowerBoundBy } from './search.ts'

/** A row of the event table: an event, or a note that events are missing between its neighbours. */
export type LogRow =
  | { readonly kind: 'event'; readonly seq: number }
  | {
      readonly kind: 'gap'
      /** How many events are missing here. */
      readonly events: number
      /** True at the top of the log: they were dropped to stay within a limit, here or in the capture. */
      readonly oldest: boolean
    }

/** Events lost between two that are held. Times in ms. */
export interface LogGap {
  readonly afterAt: number
  readonly beforeAt: number
  readonly events: number
}

const beginsAt = (chunk: EventChunk): number => chunk.columns.at[0]!
const beginsWith = (chunk: EventChunk): number => chunk.firstSeq
const lastAt = (chunk: EventChunk): number => chunk.columns.at[chunk.count - 1]!
const endRowOf = (chunk: EventChunk): number => chunk.firstRow + chunk.count

export class ChunkList {
  readonly #chunks: EventChunk[] = []
  #found: EventChunk | undefined
  #count = 0
  #byteLength = 0
  /** Missing before the first chunk, between chunks, and since the newest one. */
  #lostOldest = 0
  #lostBetween = 0
  #lostNewest = 0

  /** How many chunks there are, and how many events in them. */
  get length(): number {
    return this.#chunks.length
  }
  get count(): number {
    return this.#count
  }
  /** Bytes of memory. */
  get byteLength(): number {
    return this.#byteLength
  }
  get lostOldest(): number {
    return this.#lostOldest
  }
  get lostEvents(): number {
    return this.#lostOldest + this.#lostBetween + this.#lostNewest
  }
  /** The oldest seq held; undefined where none is. */
  get firstSeq(): number | undefined {
    return this.#chunks[0]?.firstSeq
  }
  /** Times of the oldest and the newest event; 0 where there is none. */
  get firstAt(): number {
    const chunk = this.#chunks[0]
    return chunk === undefined ? 0 : beginsAt(chunk)
  }
  get lastAt(): number {
    const chunk = this.#chunks.at(-1)
    return chunk === undefined ? 0 : lastAt(chunk)
  }

  /** Notes that events were lost after the newest one. */
  lose(events: number): void {
    if (this.#chunks.length === 0) this.#lostOldest += events
    else this.#lostNewest += events
  }

  /** Takes in the rows of a batch from `from` on. */
  append(batch: EventBatch, from: number): void {
    for (let row = from; row < batch.count; ) {
      let chunk = this.#chunks.at(-1)
      if (chunk === undefined || chunk.full || this.#lostNewest > 0) chunk = this.#open(batch.firstSeq + row)
      this.#byteLength -= chunk.byteLength
      row += chunk.append(batch, row, batch.count)
      this.#byteLength += chunk.byteLength
    }
    this.#count += batch.count - from
  }

  #open(seq: number): EventChunk {
    const before = this.#chunks.at(-1)
    if (before !== undefined) {
      this.#byteLength -= before.byteLength
      before.seal()
      this.#byteLength += before.byteLength
    }
    const endRow = before === undefined ? 1 : endRowOf(before)
    const chunk = new EventChunk(seq, this.#lostNewest, endRow + (this.#lostNewest > 0 ? 1 : 0))
    this.#lostBetween += this.#lostNewest
    this.#lostNewest = 0
    this.#chunks.push(chunk)
    this.#byteLength += chunk.byteLength
    return chunk
  }

  /** Drops the oldest of at least two chunks, and answers it. */
  dropOldest(): EventChunk {
    const chunk = this.#chunks.shift()!
    const gapAfter = this.#chunks[0]!.gapBefore
    if (this.#found === chunk) this.#found = undefined
    this.#byteLength -= chunk.byteLength
    this.#count -= chunk.count
    this.#lostOldest += chunk.count + gapAfter
    this.#lostBetween -= gapAfter
    return chunk
  }

  /** Index of the last chunk that begins at or before `seq`; -1 where none does. */
  #indexOf(seq: number): number {
    return lowerBoundBy(this.#chunks, seq + 1, beginsWith) - 1
  }

  /** The chunk that holds an event; undefined where none does. Neighbours are mostly asked for together. */
  chunkOf(seq: number): EventChunk | undefined {
    const found = this.#found
    if (found !== undefined && seq >= found.firstSeq && seq < found.endSeq) return found
    const chunk = this.#chunks[this.#indexOf(seq)]
    if (chunk === undefined || !(seq < chunk.endSeq)) return undefined
    this.#found = chunk
    return chunk
  }

  /** The held seq nearest before `seq`, or after it; null where there is none. */
  previous(seq: number): number | null {
    const chunk = this.#chunks[this.#indexOf(seq - 1)]
    return chunk === undefined ? null : Math.min(seq, chunk.endSeq) - 1
  }
  next(seq: number): number | null {
    if (this.chunkOf(seq + 1) !== undefined) return seq + 1
    return this.#chunks[this.#indexOf(seq) + 1]?.firstSeq ?? null
  }

  /** The first held seq whose time (ms) is not below `at`; null where there is none. */
  seqAtTime(at: number): number | null {
    // The chunk before the first one that begins at or after `at` may still end with events of that very time.
    const i = lowerBoundBy(this.#chunks, at, beginsAt)
    const before = this.#chunks[i - 1]
    const row = before?.rowAtTime(at) ?? 0
    if (before !== undefined && row < before.count) return before.firstSeq + row
    return this.#chunks[i]?.firstSeq ?? null
  }

  /** Raises `into` to the heaviest data events from one time (ms) up to another. */
  addWeights(fromAt: number, toAt: number, into: Weights): void {
    for (let i = Math.max(0, lowerBoundBy(this.#chunks, fromAt, beginsAt) - 1); i < this.#chunks.length; i++) {
      const chunk = this.#chunks[i]!
      if (beginsAt(chunk) >= toAt) return
      chunk.addWeights(chunk.rowAtTime(fromAt), chunk.rowAtTime(toAt), into)
    }
  }

  gaps(): readonly LogGap[] {
    return this.#chunks.flatMap((chunk, i) => {
      const before = this.#chunks[i - 1]
      if (chunk.gapBefore === 0 || before === undefined) return []
      return { afterAt: lastAt(before), beforeAt: beginsAt(chunk), events: chunk.gapBefore }
    })
  }

  /** Rows run from `firstRow` to `endRow - 1`; dropping the oldest does not renumber them. */
  get firstRow(): number {
    const chunk = this.#chunks[0]
    if (chunk === undefined) return 0
    return chunk.firstRow - (this.#lostOldest > 0 ? 1 : 0)
  }
  get endRow(): number {
    const chunk = this.#chunks.at(-1)
    return chunk === undefined ? 0 : endRowOf(chunk)
  }

  row(row: number): LogRow {
    if (!(row >= this.firstRow && row < this.endRow)) throw new RangeError(`the log has no row ${row}`)
    const i = lowerBoundBy(this.#chunks, row + 1, (chunk) => chunk.firstRow) - 1
    const chunk = this.#chunks[i]
    if (chunk === undefined) return { kind: 'gap', events: this.#lostOldest, oldest: true }
    if (row < endRowOf(chunk)) return { kind: 'event', seq: chunk.firstSeq + row - chunk.firstRow }
    return { kind: 'gap', events: this.#chunks[i + 1]!.gapBefore, oldest: false }
  }
}
