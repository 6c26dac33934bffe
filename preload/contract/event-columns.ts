// The column layout of event batches: one ArrayBuffer holds a header, one typed array a column, and a byte arena.
// The same bytes are transferred from the engine, kept by the archive, and sent to pages by ipc or WebSocket.
import { defineLayout } from './column-layout.ts'
import { type Cause, causes, type EventDetails, type EventKind, eventKinds } from './vocabulary.ts'

const layout = defineLayout('event batch', 0x31_45_4c_57, {
  at: 'f64',
  endpoint: 'u32',
  connection: 'u32',
  length: 'u32',
  iteration: 'u32',
  callback: 'u32',
  dataOffset: 'u32',
  dataLength: 'u32',
  kind: 'u8',
  cause: 'u8',
}) // "WLE1"

/** What a batch of the engine lies in: memory that it lends, or a buffer of its own for a small one. */
export type BatchBuffer = SharedArrayBuffer | ArrayBuffer

/** Bytes of one row, without its data. */
export const eventRowBytes = layout.rowBytes

/** Bytes a batch of `capacity` rows takes before its arena. */
export const arenaStart = layout.arenaStart

/** A batch's columns as views over its buffer. Rows run from 0 to `count - 1`; row `i` has seq `firstSeq + i`. */
export interface EventBatch {
  readonly buffer: ArrayBufferLike
  readonly capacity: number
  readonly count: number
  readonly firstSeq: number
  /** How many events could not be kept between the previous batch and this one. */
  readonly droppedBefore: number
  /** ms since the engine started. */
  readonly at: Float64Array
  /** Endpoint id, 0 for none. */
  readonly endpoint: Uint32Array
  /** Connection id, 0 for none. */
  readonly connection: Uint32Array
  /** For data: bytes of the chunk on the wire. Otherwise 0. */
  readonly length: Uint32Array
  /** `uv_metrics_info.loop_count` when the event was recorded. */
  readonly iteration: Uint32Array
  /** The `id` of the loop record of the callback it happened in; 0 where callbacks were not watched. */
  readonly callback: Uint32Array
  /** Where the event's stored bytes start in the arena. */
  readonly dataOffset: Uint32Array
  /** How many bytes are stored: less than `length` where a payload was cut short. */
  readonly dataLength: Uint32Array
  /** Index into `eventKinds`. */
  readonly kind: Uint8Array
  /** Index into `causes`. */
  readonly cause: Uint8Array
  readonly arena: Uint8Array
  /** Bytes of the arena in use. */
  readonly arenaBytes: number
}

/**
 * Opens a batch that came over a border. Throws a RangeError that says what is wrong where the bytes are not a batch;
 * every offset that a row names is checked, so that reading a row later cannot leave the arena.
 */
export const openBatch = <B extends ArrayBufferLike>(buffer: B): EventBatch & { readonly buffer: B } => {
  const { capacity, count, arenaBytes, first, droppedBefore } = layout.readHeader(buffer)
  const batch = {
    buffer,
    capacity,
    count,
    firstSeq: first,
    droppedBefore,
    ...layout.views(buffer, capacity, count),
    arena: new Uint8Array(buffer, arenaStart(capacity), arenaBytes),
    arenaBytes,
  }
  for (let i = 0; i < count; i++) {
    if (
      batch.dataOffset[i]! + batch.dataLength[i]! > arenaBytes ||
      batch.kind[i]! >= eventKinds.length ||
      batch.cause[i]! >= causes.length
    )
      throw new RangeError(`event batch row ${i} points outside its arena or its vocabulary`)
  }
  return batch
}

const decoder = new TextDecoder()

/** Fills one batch. It does not grow: whoever adds to it asks `fits` first. Its memory is what `allocate` makes. */
export class EventBatchWriter<B extends ArrayBufferLike = ArrayBuffer> {
  readonly capacity: number
  readonly arenaCapacity: number
  readonly buffer: B
  #columns: ReturnType<typeof layout.views>
  #arena: Uint8Array
  #count = 0
  #arenaBytes = 0
  readonly #arenaStart: number
  /** Most bytes that are stored are asked for again at once: an echo sends what it has received. */
  #lastStored: Uint8Array | null = null
  #lastStoredAt = 0
  /** The row copied last: rows that share their bytes (received, then sent again) go on sharing them. */
  #lastCopy: { from: EventBatch; offset: number; kept: number; at: number } | null = null

  constructor(
    capacity: number,
    arenaCapacity: number,
    buffer?: B,
    allocate: (bytes: number) => B = (bytes) => new ArrayBuffer(bytes) as B,
  ) {
    const size = arenaStart(capacity) + arenaCapacity
    this.capacity = capacity
    this.arenaCapacity = arenaCapacity
    this.buffer = buffer?.byteLength === size ? buffer : allocate(size)
    this.#columns = layout.views(this.buffer, capacity, capacity)
    this.#arenaStart = arenaStart(capacity)
    this.#arena = new Uint8Array(this.buffer, this.#arenaStart, arenaCapacity)
  }

  get count(): number {
    return this.#count
  }

  get arenaBytes(): number {
    return this.#arenaBytes
  }

  /** True where a row with `bytes` of data still fits. */
  fits(bytes: number): boolean {
    return this.#count < this.capacity && this.#arenaBytes + bytes <= this.arenaCapacity
  }

  /** Copies bytes into the arena and answers their offset; the caller has asked `fits`. */
  store(bytes: Uint8Array): number {
    const offset = this.#arenaBytes
    this.#arena.set(bytes, offset)
    this.#arenaBytes += bytes.length
    return offset
  }

  /** The bytes that `store` has put at `offset`: a view, valid as long as the writer's memory is not used again. */
  stored(offset: number, length: number): Uint8Array {
    const bytes = new Uint8Array(this.buffer, this.#arenaStart + offset, length)
    this.#lastStored = bytes
    this.#lastStoredAt = offset
    return bytes
  }

  /** Where in the arena `bytes` lie, if they are a part of what is stored there; otherwise -1. */
  offsetOf(bytes: Uint8Array): number {
    if (bytes === this.#lastStored) return this.#lastStoredAt
    if (bytes.buffer !== this.buffer) return -1
    const offset = bytes.byteOffset - this.#arenaStart
    return offset >= 0 && offset + bytes.length <= this.#arenaBytes ? offset : -1
  }

  /** Adds one row; the caller has asked `fits`. */
  append(
    kind: number,
    cause: number,
    at: number,
    endpoint: number,
    connection: number,
    length: number,
    iteration: number,
    callback: number,
    dataOffset: number,
    dataLength: number,
  ): void {
    const i = this.#count++
    const c = this.#columns
    c.at[i] = at
    c.endpoint[i] = endpoint
    c.connection[i] = connection
    c.length[i] = length
    c.iteration[i] = iteration
    c.callback[i] = callback
    c.dataOffset[i] = dataOffset
    c.dataLength[i] = dataLength
    c.kind[i] = kind
    c.cause[i] = cause
  }

  /** Copies row `i` of a batch with at most `maxData` bytes of its payload (details are always copied whole). */
  copyRow(from: EventBatch, i: number, maxData: number): void {
    const offset = from.dataOffset[i]!
    const stored = from.dataLength[i]!
    const kept = isData(from.kind[i]!) ? Math.min(stored, maxData) : stored
    const last = this.#lastCopy
    const shared = last !== null && last.from === from && last.offset === offset && last.kept === kept
    const at = shared ? last.at : this.store(from.arena.subarray(offset, offset + kept))
    this.#lastCopy = { from, offset, kept, at }
    this.append(
      from.kind[i]!,
      from.cause[i]!,
      from.at[i]!,
      from.endpoint[i]!,
      from.connection[i]!,
      from.length[i]!,
      from.iteration[i]!,
      from.callback[i]!,
      at,
      kept,
    )
  }

  #writeHeader(target: ArrayBufferLike, capacity: number, first: number, droppedBefore: number): void {
    layout.writeHeader(target, { capacity, count: this.#count, arenaBytes: this.#arenaBytes, first, droppedBefore })
  }

  /** Gives the writer's own buffer away, uncopied; the writer must not be used again. */
  take(firstSeq: number, droppedBefore: number): B {
    this.#writeHeader(this.buffer, this.capacity, firstSeq, droppedBefore)
    return this.buffer
  }

  /** Copies what is in use into a buffer of just that size, and empties the writer for more. */
  compact(firstSeq: number, droppedBefore: number): ArrayBuffer {
    const count = this.#count
    const start = arenaStart(count)
    const target = new ArrayBuffer(start + this.#arenaBytes)
    this.#writeHeader(target, count, firstSeq, droppedBefore)
    const to = layout.views(target, count, count)
    for (const name of layout.names) to[name].set(this.#columns[name].subarray(0, count))
    new Uint8Array(target, start).set(this.#arena.subarray(0, this.#arenaBytes))
    this.#count = 0
    this.#arenaBytes = 0
    this.#lastCopy = null
    this.#lastStored = null
    return target
  }
}

const kindCodes = new Map<string, number>(eventKinds.map((kind, i) => [kind, i]))
const causeCodes = new Map<string, number>(causes.map((cause, i) => [cause, i]))
export const kindCode = (kind: EventKind): number => kindCodes.get(kind)!
export const causeCode = (cause: Cause): number => causeCodes.get(cause)!

const dataReceived = kindCode('data-received')
const dataSent = kindCode('data-sent')
/** True for the kinds whose stored bytes are payload; for all others they are the JSON of `EventDetails`. */
export const isData = (kind: number): boolean => kind === dataReceived || kind === dataSent

/** The stored bytes of row `i`: payload, or the UTF-8 JSON of its details. A view, not a copy. */
export const rowBytesOf = (batch: EventBatch, i: number): Uint8Array =>
  batch.arena.subarray(batch.dataOffset[i]!, batch.dataOffset[i]! + batch.dataLength[i]!)

/** The details of row `i`, or null where its kind has none. */
export const rowDetails = <K extends EventKind>(batch: EventBatch, i: number): EventDetails[K] | null =>
  isData(batch.kind[i]!) || batch.dataLength[i] === 0 ? null : JSON.parse(decoder.decode(rowBytesOf(batch, i)))

/** What is stored of an event's details, as UTF-8. */
export const detailsText = (details: EventDetails[EventKind]): string =>
  details === null ? '' : JSON.stringify(details)
