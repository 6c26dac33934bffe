// A run of callbacks as columns, with what 64 of them come to: so that a pixel that stands for thousands is drawn without
// reading them. Counterpart: callbacks.ts, which opens, fills and drops chunks in order.
import type { LoopBatch } from '../../preload/contract/loop-columns.ts'
import { lowerBound } from '../event-log/search.ts'
import { laneOf, lanes } from './lanes.ts'

/** Rows a chunk holds; also how many callbacks are dropped at once at the log's limit. */
export const chunkRows = 4096
/** Rows that share one summary. */
export const blockRows = 64
const blocks = chunkRows / blockRows

const makeColumns = () => ({
  start: new Float64Array(chunkRows),
  end: new Float64Array(chunkRows),
  readyAt: new Float64Array(chunkRows),
  firstSeq: new Float64Array(chunkRows),
  asyncId: new Float64Array(chunkRows),
  triggerId: new Float64Array(chunkRows),
  id: new Uint32Array(chunkRows),
  iteration: new Uint32Array(chunkRows),
  endpoint: new Uint32Array(chunkRows),
  connection: new Uint32Array(chunkRows),
  seqCount: new Uint32Array(chunkRows),
  kind: new Uint8Array(chunkRows),
  type: new Uint8Array(chunkRows),
  own: new Uint8Array(chunkRows),
})
type Columns = ReturnType<typeof makeColumns>

export class CallbackChunk {
  /** Position of row 0, and how many rows before it were not own work. */
  readonly first: number
  readonly firstUser: number
  readonly columns: Columns = makeColumns()
  /** Index into `lanes`. */
  readonly lane = new Uint8Array(chunkRows)
  /** The rows that are not own work. */
  readonly userRows = new Uint16Array(chunkRows)
  /** ms of work by block and lane (`block * lanes.length + lane`), without and of own work. */
  readonly busy = new Float32Array(blocks * lanes.length)
  readonly ownBusy = new Float32Array(blocks * lanes.length)
  /** The longest callback of a block that is not own work, in ms. */
  readonly longest = new Float32Array(blocks)
  count = 0
  userCount = 0

  constructor(first: number, firstUser: number) {
    this.first = first
    this.firstUser = firstUser
  }

  /** Takes row `i` of a batch; the caller has seen that there is room. */
  take(batch: LoopBatch, i: number): void {
    const row = this.count++
    // Column by column by name: a loop over names costs ten times as much, at a hundred thousand rows a second.
    const c = this.columns
    c.start[row] = batch.start[i]!
    c.end[row] = batch.end[i]!
    c.readyAt[row] = batch.readyAt[i]!
    c.firstSeq[row] = batch.firstSeq[i]!
    c.asyncId[row] = batch.asyncId[i]!
    c.triggerId[row] = batch.triggerId[i]!
    c.id[row] = batch.id[i]!
    c.iteration[row] = batch.iteration[i]!
    c.endpoint[row] = batch.endpoint[i]!
    c.connection[row] = batch.connection[i]!
    c.seqCount[row] = batch.seqCount[i]!
    c.kind[row] = batch.kind[i]!
    c.type[row] = batch.type[i]!
    c.own[row] = batch.own[i]!
    const lane = laneOf(batch.kind[i]!, batch.phase[i]!)
    this.lane[row] = lane
    const block = (row / blockRows) | 0
    const cell = block * lanes.length + lane
    const ranMs = batch.end[i]! - batch.start[i]!
    if (batch.own[i] === 1) this.ownBusy[cell]! += ranMs
    else {
      this.busy[cell]! += ranMs
      if (ranMs > this.longest[block]!) this.longest[block] = ranMs
      this.userRows[this.userCount++] = row
    }
  }

  /** The first row that starts at or after the time (ms); `count` where none does. */
  rowAtTime(at: number): number {
    return lowerBound(this.columns.start, at, 0, this.count)
  }
}

/** Bytes that one chunk takes. */
export const callbackChunkBytes =
  Object.values(makeColumns()).reduce((sum, column) => sum + column.byteLength, 0) +
  chunkRows * 3 +
  blocks * 4 * (2 * lanes.length + 1)
