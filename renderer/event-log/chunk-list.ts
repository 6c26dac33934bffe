// The newest events as chunks in order: appended to at the end, dropped from the front, found by seq and by time.
// Counterparts: chunk.ts (one of them), event-log.ts (which says when the oldest has to go), range-cache.ts (older events).
import type { EventBatch } from '../../preload/contract/event-columns.ts'
import { EventChunk, type Weights } from './chunk.ts'
import { lowerBoundBy } from './search.ts'

const beginsAt = (chunk: EventChunk): number => chunk.columns.at[0]!
const beginsWith = (chunk: EventChunk): number => chunk.firstSeq
const lastAt = (chunk: EventChunk): number => chunk.columns.at[chunk.count - 1]!

export class ChunkList {
  readonly #chunks: EventChunk[] = []
  #found: EventChunk | undefined
  #count = 0
  #byteLength = 0

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

  /** Takes in the rows of a batch from `from` on. */
  append(batch: EventBatch, from: number): void {
    for (let row = from; row < batch.count; ) {
      let chunk = this.#chunks.at(-1)
      const seq = batch.firstSeq + row
      if (chunk === undefined || chunk.full || chunk.endSeq !== seq) chunk = this.#open(seq)
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
    const chunk = new EventChunk(seq)
    this.#chunks.push(chunk)
    this.#byteLength += chunk.byteLength
    return chunk
  }

  /** Drops the oldest of at least two chunks, and answers it. */
  dropOldest(): EventChunk {
    const chunk = this.#chunks.shift()!
    if (this.#found === chunk) this.#found = undefined
    this.#byteLength -= chunk.byteLength
    this.#count -= chunk.count
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

  /** Forgets everything. */
  clear(): void {
    this.#chunks.length = 0
    this.#found = undefined
    this.#count = 0
    this.#byteLength = 0
  }
}
