// A run of events with consecutive seqs as columns and a byte arena: many small batches merge into one chunk, so that an
// event costs its bytes and not a batch. Counterpart: event-log.ts, which opens, fills, seals and drops chunks in order.
import { type EventBatch, isData, kindCode } from '../../preload/contract/event-columns.ts'
import type { EventDetails, EventKind } from '../../preload/contract/vocabulary.ts'
import { lowerBound } from './search.ts'
import { weightOfLength } from './weight.ts'

/** Rows a chunk holds; also how many events are dropped at once at the log's limit. */
export const chunkRows = 4096
/** A chunk is full when its arena has reached this many bytes, whatever its rows. */
const arenaFullBytes = 1024 * 1024
const arenaStartBytes = 16 * 1024
/** Rows that share one pair of maxima, so that a wide pixel need not look at every row. */
const blockRows = 64
/** Up to so many rows are copied one by one: a view of each column would cost more than its rows. */
const fewRows = 16
const received = kindCode('data-received')
const decoder = new TextDecoder()

/** The heaviest data event each way in a stretch of events; 0 where there was none. */
export interface Weights {
  received: number
  sent: number
}

const makeColumns = (rows: number) => ({
  at: new Float64Array(rows),
  endpoint: new Uint32Array(rows),
  connection: new Uint32Array(rows),
  length: new Uint32Array(rows),
  iteration: new Uint32Array(rows),
  callback: new Uint32Array(rows),
  dataOffset: new Uint32Array(rows),
  dataLength: new Uint32Array(rows),
  kind: new Uint8Array(rows),
  cause: new Uint8Array(rows),
})
type Made = ReturnType<typeof makeColumns>
/** Made here, or a batch's own. */
type Columns = {
  readonly [K in keyof Made]: Made[K] extends Float64Array
    ? Float64Array
    : Made[K] extends Uint32Array
      ? Uint32Array
      : Uint8Array
}
const columnNames = Object.keys(makeColumns(0)) as (keyof Columns)[]
/** Bytes of one row in all columns. */
const rowBytes = Object.values(makeColumns(1)).reduce((sum, column) => sum + column.byteLength, 0)

export class EventChunk {
  readonly firstSeq: number
  columns: Columns
  arena: Uint8Array
  count = 0
  #arenaBytes = 0
  #sealed = false
  #maxReceived = new Uint8Array(chunkRows / blockRows)
  #maxSent = new Uint8Array(chunkRows / blockRows)
  #byConnection: ReadonlyMap<number, Uint32Array> | undefined

  constructor(firstSeq: number, rows: number = chunkRows) {
    this.columns = makeColumns(rows)
    this.arena = new Uint8Array(rows === 0 ? 0 : arenaStartBytes)
    this.firstSeq = firstSeq
  }

  /** A full chunk over a batch's own columns and arena, uncopied: the batch is the chunk's from now on. */
  static over(batch: EventBatch): EventChunk {
    const chunk = new EventChunk(batch.firstSeq, 0)
    chunk.columns = batch
    chunk.arena = batch.arena
    chunk.count = batch.count
    chunk.#arenaBytes = batch.arenaBytes
    chunk.#sealed = true
    chunk.#maxReceived = new Uint8Array(Math.ceil(batch.count / blockRows))
    chunk.#maxSent = new Uint8Array(Math.ceil(batch.count / blockRows))
    chunk.#noteMaxima(0, batch.count)
    return chunk
  }

  get endSeq(): number {
    return this.firstSeq + this.count
  }

  get full(): boolean {
    return this.#sealed || this.count === chunkRows || this.#arenaBytes >= arenaFullBytes
  }

  /** Bytes of memory that the chunk holds, used or not. */
  get byteLength(): number {
    return this.columns.at.length * rowBytes + this.arena.length + 2 * this.#maxSent.length
  }

  /** Takes rows `from` up to `to` of a batch, as many as there is room for; answers how many it took. */
  append(batch: EventBatch, from: number, to: number): number {
    const taken = Math.min(to - from, chunkRows - this.count)
    const end = from + taken
    const start = this.count
    this.#copyColumns(batch, from, end, start)
    this.#copyArena(batch, from, end)
    this.#noteMaxima(start, start + taken)
    this.count += taken
    return taken
  }

  #noteMaxima(from: number, to: number): void {
    const { kind, length } = this.columns
    for (let i = from; i < to; i++) {
      if (!isData(kind[i]!)) continue
      const maxima = kind[i] === received ? this.#maxReceived : this.#maxSent
      const weight = weightOfLength(length[i]!)
      const block = (i / blockRows) | 0
      if (weight > maxima[block]!) maxima[block] = weight
    }
  }

  #copyColumns(batch: EventBatch, from: number, end: number, start: number): void {
    if (end - from > fewRows) {
      for (const name of columnNames) this.columns[name].set(batch[name].subarray(from, end), start)
      return
    }
    const { at, endpoint, connection, length, iteration, callback, dataLength, kind, cause } = this.columns
    for (let i = from, row = start; i < end; i++, row++) {
      at[row] = batch.at[i]!
      endpoint[row] = batch.endpoint[i]!
      connection[row] = batch.connection[i]!
      length[row] = batch.length[i]!
      iteration[row] = batch.iteration[i]!
      callback[row] = batch.callback[i]!
      // `dataOffset` is written where the bytes are copied to.
      dataLength[row] = batch.dataLength[i]!
      kind[row] = batch.kind[i]!
      cause[row] = batch.cause[i]!
    }
  }

  /** One copy for all rows: what they name lies side by side in the batch's arena, as the writer filled it. */
  #copyArena(batch: EventBatch, from: number, end: number): void {
    let low = Number.POSITIVE_INFINITY
    let high = 0
    for (let i = from; i < end; i++) {
      if (batch.dataLength[i] === 0) continue
      low = Math.min(low, batch.dataOffset[i]!)
      high = Math.max(high, batch.dataOffset[i]! + batch.dataLength[i]!)
    }
    if (high === 0) {
      this.columns.dataOffset.fill(0, this.count, this.count + end - from)
      return
    }
    const needed = this.#arenaBytes + high - low
    if (needed > this.arena.length) {
      const grown = new Uint8Array(Math.max(needed, this.arena.length * 2))
      grown.set(this.arena.subarray(0, this.#arenaBytes))
      this.arena = grown
    }
    this.arena.set(batch.arena.subarray(low, high), this.#arenaBytes)
    const shift = this.#arenaBytes - low
    const offsets = this.columns.dataOffset
    for (let i = from; i < end; i++) {
      const row = this.count + i - from
      offsets[row] = batch.dataLength[i] === 0 ? 0 : batch.dataOffset[i]! + shift
    }
    this.#arenaBytes = needed
  }

  /** Gives back the room that stayed unused; the chunk takes no more rows. */
  seal(): void {
    this.#sealed = true
    if (this.count < this.columns.at.length) {
      const columns = this.columns
      const trimmed = makeColumns(this.count)
      for (const name of columnNames) trimmed[name].set(columns[name].subarray(0, this.count))
      this.columns = trimmed
    }
    if (this.#arenaBytes < this.arena.length) this.arena = this.arena.slice(0, this.#arenaBytes)
  }

  /** The stored bytes of a row. A view, not a copy. */
  bytes(row: number): Uint8Array {
    const offset = this.columns.dataOffset[row]!
    return this.arena.subarray(offset, offset + this.columns.dataLength[row]!)
  }

  /** What a row says beyond its columns, or null where its kind says nothing more. */
  details<K extends EventKind>(row: number): EventDetails[K] | null {
    if (isData(this.columns.kind[row]!) || this.columns.dataLength[row] === 0) return null
    return JSON.parse(decoder.decode(this.bytes(row)))
  }

  /** The first row at or after the time (ms); `count` where there is none. */
  rowAtTime(at: number): number {
    return lowerBound(this.columns.at, at, 0, this.count)
  }

  /** The rows of one connection, in order; worked out for all of them when it is first asked for. Full chunks only. */
  rowsOf(connection: number): Uint32Array | undefined {
    if (this.#byConnection === undefined) {
      const ids = this.columns.connection
      const counts = new Map<number, number>()
      for (let i = 0; i < this.count; i++) counts.set(ids[i]!, (counts.get(ids[i]!) ?? 0) + 1)
      const rows = new Map<number, Uint32Array>()
      for (const [id, count] of counts) rows.set(id, new Uint32Array(count))
      for (let i = this.count - 1; i >= 0; i--) {
        const left = counts.get(ids[i]!)! - 1
        counts.set(ids[i]!, left)
        rows.get(ids[i]!)![left] = i
      }
      this.#byConnection = rows
    }
    return this.#byConnection.get(connection)
  }

  /** Raises `into` to the heaviest data events of rows `from` up to `to`. */
  addWeights(from: number, to: number, into: Weights): void {
    for (let row = from; row < to; ) {
      if (row % blockRows === 0 && row + blockRows <= to) {
        const block = row / blockRows
        into.received = Math.max(into.received, this.#maxReceived[block]!)
        into.sent = Math.max(into.sent, this.#maxSent[block]!)
        row += blockRows
        continue
      }
      const kind = this.columns.kind[row]!
      if (isData(kind)) {
        const weight = weightOfLength(this.columns.length[row]!)
        if (kind === received) into.received = Math.max(into.received, weight)
        else into.sent = Math.max(into.sent, weight)
      }
      row++
    }
  }
}
