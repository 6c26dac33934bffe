// Merges the engine's batches of loop records into segments, and sums each up for a timeline of any length.
// Counterparts: writer.ts (writes them), loop-columns.ts (the layout that is kept as it is), event-builder.ts (its twin).
import { loopSummaryLanes } from '../../preload/contract/captures.ts'
import {
  cutLoopBatch,
  type LoopBatch,
  LoopBatchWriter,
  loopKindCode,
  openLoopBatch,
  phases,
} from '../../preload/contract/loop-columns.ts'

/** Records at which a segment is whole: 600 KiB. */
const sealRows = 8192

const kind = { tick: loopKindCode('tick'), microtask: loopKindCode('microtask'), iteration: loopKindCode('iteration') }
const gc = loopKindCode('gc')

/** What a segment amounts to: see `LoopSummaryTable`. */
export interface LoopSummary {
  readonly firstAt: number
  readonly lastAt: number
  readonly waitedMs: number
  readonly longestMs: number
  readonly longestAt: number
  readonly busyMs: Float32Array
}

export interface LoopSegment extends LoopSummary {
  readonly firstRecord: number
  readonly count: number
  /** A batch as the engine has it. */
  readonly data: Uint8Array
}

export const summarizeLoop = (batch: LoopBatch): LoopSummary => {
  const busyMs = new Float32Array(loopSummaryLanes)
  let firstAt = Number.POSITIVE_INFINITY
  let lastAt = Number.NEGATIVE_INFINITY
  let waitedMs = 0
  let longestMs = 0
  let longestAt = Number.NaN
  for (let i = 0; i < batch.count; i++) {
    const start = batch.start[i]!
    if (start < firstAt) firstAt = start
    if (batch.end[i]! > lastAt) lastAt = batch.end[i]!
    const is = batch.kind[i]!
    if (is === kind.iteration) {
      const waited = batch.readyAt[i]! - start
      if (waited > 0) waitedMs += waited
      continue
    }
    if (is === gc || batch.own[i] === 1) continue
    const ranMs = batch.end[i]! - start
    const lane = is === kind.tick ? phases.length : is === kind.microtask ? phases.length + 1 : batch.phase[i]!
    busyMs[lane]! += ranMs
    if (ranMs > longestMs) {
      longestMs = ranMs
      longestAt = start
    }
  }
  return { firstAt, lastAt, waitedMs, longestMs, longestAt, busyMs }
}

export class LoopBuilder {
  count = 0
  firstRecord = 0
  /** Records lost before the first row. */
  droppedBefore = 0
  #rows = new LoopBatchWriter(sealRows * 2)

  get isFull(): boolean {
    return this.count >= sealRows
  }

  /** True where the batch goes on from the rows at hand and fits beside them. */
  takes(batch: LoopBatch): boolean {
    if (this.count === 0) return true
    return batch.first === this.firstRecord + this.count && this.count + batch.count <= this.#rows.capacity
  }

  /** Copies a batch; the caller has asked `takes`. */
  append(batch: LoopBatch, droppedBefore: number): void {
    if (this.count === 0) {
      this.firstRecord = batch.first
      this.droppedBefore = droppedBefore
      if (batch.count > this.#rows.capacity) this.#rows = new LoopBatchWriter(batch.count)
    }
    for (const name of Object.keys(this.#rows.columns) as (keyof LoopBatchWriter['columns'])[])
      this.#rows.columns[name].set(batch[name], this.count)
    this.count += batch.count
  }

  /** Rows `from` to `to` as a segment. */
  cut(from: number, to: number): LoopSegment {
    const rows = { ...this.#rows.columns, first: this.firstRecord, count: this.count, droppedBefore: 0 }
    const buffer = cutLoopBatch({ ...rows, buffer: rows.start.buffer as ArrayBuffer }, from, to - from, 0)
    return {
      firstRecord: this.firstRecord + from,
      count: to - from,
      ...summarizeLoop(openLoopBatch(buffer)),
      data: new Uint8Array(buffer),
    }
  }

  /** Forgets all rows: they are written. */
  clear(): void {
    this.count = 0
  }
}
