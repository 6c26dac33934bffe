// Merges the engine's batches into segments: rows are copied once, and what is cut out of them is ready to be written.
// Counterparts: event-segment.ts (the shape of what comes out), segment-pieces.ts (says what is cut), writer.ts.
//
// Everything a row costs at 500,000 rows a second is in `append` and `cut`: no object, no closure, no Map where ids are low.
import { type EventBatch, kindCode } from '../../preload/contract/event-columns.ts'
import {
  columnBytesOfRow,
  type EventSegment,
  keysBytes,
  keysHeaderBytes,
  maxSegmentRows,
  openColumns,
  summaryBytesOfSlot,
} from './event-segment.ts'

/** Rows and bytes of payload at which a segment is whole. */
const sealRows = 8192
const sealArenaBytes = 1024 * 1024
/** A batch that is so large by itself is not copied into the builder's arena but written from where it lies. */
const borrowBytes = 512 * 1024

const received = kindCode('data-received')
const sent = kindCode('data-sent')

/** Ids below this are looked up in an array. */
const directIds = 1 << 20

/** A place between two batches. */
export interface Mark {
  readonly rows: number
  readonly arenaBytes: number
}

export class EventBuilder {
  firstSeq = 0
  count = 0
  arenaBytes = 0
  /** Events lost before the first row. */
  droppedBefore = 0
  readonly #at = new Float64Array(maxSegmentRows)
  readonly #length = new Uint32Array(maxSegmentRows)
  readonly #iteration = new Uint32Array(maxSegmentRows)
  readonly #callback = new Uint32Array(maxSegmentRows)
  readonly #dataOffset = new Uint32Array(maxSegmentRows)
  readonly #dataLength = new Uint32Array(maxSegmentRows)
  readonly #cause = new Uint8Array(maxSegmentRows)
  readonly #kind = new Uint8Array(maxSegmentRows)
  readonly #slot = new Uint16Array(maxSegmentRows)
  #arena = new Uint8Array(sealArenaBytes)
  /** The arena of the one batch that was too large to copy; the builder then has no other rows. */
  #borrowed: Uint8Array | null = null

  // Slots of the rows at hand: whose they are, and what its data rows amount to.
  #slots = 0
  readonly #connectionOf = new Uint32Array(maxSegmentRows)
  readonly #endpointOf = new Uint32Array(maxSegmentRows)
  readonly #direct = new Uint16Array(directIds)
  readonly #byName = new Map<string, number>()

  // What `cut` counts by slot, and the slot's number in the segment that is cut out, from 1.
  readonly #number = new Uint16Array(maxSegmentRows)
  readonly #firstAt = new Float64Array(maxSegmentRows)
  readonly #lastAt = new Float64Array(maxSegmentRows)
  readonly #bytesReceived = new Float64Array(maxSegmentRows)
  readonly #bytesSent = new Float64Array(maxSegmentRows)
  readonly #events = new Uint32Array(maxSegmentRows)
  readonly #longestReceived = new Uint32Array(maxSegmentRows)
  readonly #longestSent = new Uint32Array(maxSegmentRows)
  readonly #kinds = new Uint32Array(maxSegmentRows)
  readonly #used = new Uint16Array(maxSegmentRows)

  get isFull(): boolean {
    return this.count >= sealRows || this.arenaBytes >= sealArenaBytes || this.#borrowed !== null
  }

  get mark(): Mark {
    return { rows: this.count, arenaBytes: this.arenaBytes }
  }

  /** True where the batch goes on from the rows at hand and fits beside them. */
  takes(batch: EventBatch): boolean {
    if (this.count === 0) return batch.count <= maxSegmentRows
    return (
      this.#borrowed === null &&
      batch.firstSeq === this.firstSeq + this.count &&
      this.count + batch.count <= maxSegmentRows &&
      batch.arenaBytes < borrowBytes &&
      this.arenaBytes + batch.arenaBytes <= sealArenaBytes * 4
    )
  }

  /** Copies a batch; the caller has asked `takes`. A large arena must stay as it is until it is cut and written. */
  append(batch: EventBatch, droppedBefore: number): void {
    const { count } = batch
    if (this.count === 0) {
      this.firstSeq = batch.firstSeq
      this.droppedBefore = droppedBefore
    }
    const from = this.count
    this.#at.set(batch.at, from)
    this.#length.set(batch.length, from)
    this.#iteration.set(batch.iteration, from)
    this.#callback.set(batch.callback, from)
    this.#dataLength.set(batch.dataLength, from)
    this.#cause.set(batch.cause, from)
    this.#kind.set(batch.kind, from)
    const shift = this.arenaBytes
    for (let i = 0; i < count; i++) {
      this.#dataOffset[from + i] = batch.dataOffset[i]! + shift
      this.#slot[from + i] = this.#slotOf(batch.connection[i]!, batch.endpoint[i]!)
    }
    const arena = batch.arenaBytes === batch.arena.length ? batch.arena : batch.arena.subarray(0, batch.arenaBytes)
    if (from === 0 && batch.arenaBytes >= borrowBytes) this.#borrowed = arena
    else {
      this.#reserve(shift + batch.arenaBytes)
      this.#arena.set(arena, shift)
    }
    this.count = from + count
    this.arenaBytes = shift + batch.arenaBytes
  }

  #reserve(bytes: number): void {
    if (bytes <= this.#arena.length) return
    const larger = new Uint8Array(Math.max(bytes, this.#arena.length * 2))
    larger.set(this.#arena.subarray(0, this.arenaBytes))
    this.#arena = larger
  }

  #slotOf(connection: number, endpoint: number): number {
    if (connection !== 0 && connection < directIds) {
      const slot = this.#direct[connection]! - 1
      if (slot >= 0 && this.#endpointOf[slot] === endpoint) return slot
      if (slot < 0) {
        this.#direct[connection] = this.#slots + 1
        return this.#addSlot(connection, endpoint)
      }
    }
    const name = `${connection} ${endpoint}`
    const known = this.#byName.get(name)
    if (known !== undefined) return known
    this.#byName.set(name, this.#slots)
    return this.#addSlot(connection, endpoint)
  }

  #addSlot(connection: number, endpoint: number): number {
    this.#connectionOf[this.#slots] = connection
    this.#endpointOf[this.#slots] = endpoint
    return this.#slots++
  }

  /** The rows between two marks as a segment. Its byte strings are its own, but for a borrowed arena. */
  cut(from: Mark, to: Mark): EventSegment {
    const count = to.rows - from.rows
    const rowSlots = new Uint16Array(count)
    const kinds = this.#kind.subarray(from.rows, to.rows)
    let slots = 0
    let details = 0
    let allKinds = 0
    for (let i = 0; i < count; i++) {
      const row = from.rows + i
      const slot = this.#slot[row]!
      let at = this.#number[slot]! - 1
      if (at < 0) {
        at = slots++
        this.#number[slot] = slots
        this.#used[at] = slot
        this.#firstAt[at] = this.#at[row]!
        this.#bytesReceived[at] = 0
        this.#bytesSent[at] = 0
        this.#events[at] = 0
        this.#longestReceived[at] = 0
        this.#longestSent[at] = 0
        this.#kinds[at] = 0
      }
      rowSlots[i] = at
      const kind = kinds[i]!
      this.#lastAt[at] = this.#at[row]!
      this.#events[at]!++
      this.#kinds[at]! |= 1 << kind
      const length = this.#length[row]!
      if (kind === received) {
        this.#bytesReceived[at]! += length
        if (length > this.#longestReceived[at]!) this.#longestReceived[at] = length
      } else if (kind === sent) {
        this.#bytesSent[at]! += length
        if (length > this.#longestSent[at]!) this.#longestSent[at] = length
      } else details += this.#dataLength[row]!
    }

    const keys = new Uint8Array(keysBytes(slots, count))
    const keyIds = new Uint32Array(keys.buffer, keysHeaderBytes, slots * 2)
    let firstConnection = 0
    let lastConnection = 0
    for (let at = 0; at < slots; at++) {
      const slot = this.#used[at]!
      const connection = this.#connectionOf[slot]!
      keyIds[at] = connection
      keyIds[slots + at] = this.#endpointOf[slot]!
      this.#number[slot] = 0
      allKinds |= this.#kinds[at]!
      if (connection === 0) continue
      if (firstConnection === 0 || connection < firstConnection) firstConnection = connection
      if (connection > lastConnection) lastConnection = connection
    }
    const rowsAt = keysHeaderBytes + slots * 8
    new Uint16Array(keys.buffer, rowsAt, count).set(rowSlots)
    keys.set(kinds, rowsAt + count * 2)

    const arenaBytes = to.arenaBytes - from.arenaBytes
    return {
      firstSeq: this.firstSeq + from.rows,
      count,
      firstAt: this.#at[from.rows]!,
      lastAt: this.#at[to.rows - 1]!,
      kinds: allKinds,
      firstConnection,
      lastConnection,
      arenaBytes,
      payloadBytes: Math.max(0, arenaBytes - details),
      keys,
      columns: this.#cutColumns(from, to),
      arena: (this.#borrowed ?? this.#arena).subarray(from.arenaBytes, to.arenaBytes),
      summary: this.#cutSummary(slots, keyIds),
    }
  }

  #cutColumns(from: Mark, to: Mark): Uint8Array {
    const count = to.rows - from.rows
    const bytes = new Uint8Array(count * columnBytesOfRow)
    const columns = openColumns(bytes, count)
    columns.at.set(this.#at.subarray(from.rows, to.rows))
    columns.length.set(this.#length.subarray(from.rows, to.rows))
    columns.iteration.set(this.#iteration.subarray(from.rows, to.rows))
    columns.callback.set(this.#callback.subarray(from.rows, to.rows))
    columns.dataOffset.set(this.#dataOffset.subarray(from.rows, to.rows))
    columns.dataLength.set(this.#dataLength.subarray(from.rows, to.rows))
    columns.cause.set(this.#cause.subarray(from.rows, to.rows))
    if (from.arenaBytes > 0) for (let i = 0; i < count; i++) columns.dataOffset[i]! -= from.arenaBytes
    return bytes
  }

  #cutSummary(slots: number, keyIds: Uint32Array): Uint8Array {
    const bytes = new Uint8Array(slots * summaryBytesOfSlot)
    const wide = new Float64Array(bytes.buffer, 0, slots * 4)
    for (const [i, column] of [this.#firstAt, this.#lastAt, this.#bytesReceived, this.#bytesSent].entries())
      wide.set(column.subarray(0, slots), i * slots)
    const narrow = new Uint32Array(bytes.buffer, slots * 32, slots * 6)
    narrow.set(keyIds)
    for (const [i, column] of [this.#events, this.#longestReceived, this.#longestSent, this.#kinds].entries())
      narrow.set(column.subarray(0, slots), (2 + i) * slots)
    return bytes
  }

  /** Forgets all rows: they are written. */
  clear(): void {
    for (let slot = 0; slot < this.#slots; slot++) {
      const connection = this.#connectionOf[slot]!
      if (connection < directIds) this.#direct[connection] = 0
    }
    this.#byName.clear()
    this.#slots = 0
    this.count = 0
    this.arenaBytes = 0
    this.#borrowed = null
    // One chunk of many megabytes is not to be paid for ever after.
    if (this.#arena.length > sealArenaBytes * 4) this.#arena = new Uint8Array(sealArenaBytes)
  }
}
