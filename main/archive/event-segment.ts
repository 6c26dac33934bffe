// A segment of events as its file holds it: four byte strings, each a few columns behind each other, and back to rows.
// Counterparts: event-builder.ts (makes them), capture-file.ts (reads them), schema.ts (where they lie).
//
// keys     f64 × 16 what the file's list of segments says of it, in case that is damaged
//          · u32 connection × slots · u32 endpoint × slots · u16 slot × rows · u8 kind × rows
// columns  f64 at · u32 length · u32 iteration · u32 callback · u32 dataOffset · u32 dataLength · u8 cause, each × rows
// summary  f64 firstAt, lastAt, bytesReceived, bytesSent · u32 connection, endpoint, events, longestReceived, longestSent,
//          kinds, each × slots
// arena    as a batch has it
//
// A slot is a connection of an endpoint within one segment: rows then take two bytes for both, and a filter looks at each
// connection once a segment instead of once a row.
import type { EventBatch } from '../../preload/contract/event-columns.ts'
import { causes, eventKinds } from '../../preload/contract/vocabulary.ts'

/** Rows that a segment has at most; slots are numbered in 16 bits. */
export const maxSegmentRows = 16_384

/** What the list of segments says of a segment is said in its keys too: so many numbers. */
const headerNumbers = 16
export const keysHeaderBytes = headerNumbers * 8
const keyBytesOfSlot = 8
const keyBytesOfRow = 3
export const columnBytesOfRow = 29
export const summaryBytesOfSlot = 56

/** What a file knows of a segment beside its byte strings. */
export interface SegmentFacts {
  readonly firstSeq: number
  readonly count: number
  readonly firstAt: number
  readonly lastAt: number
  /** Bits of kinds seen, `1 << index in eventKinds`. */
  readonly kinds: number
  /** The lowest and the highest id of a connection; 0 and 0 where there is none. */
  readonly firstConnection: number
  readonly lastConnection: number
  readonly arenaBytes: number
  /** Bytes of the arena that are payload. */
  readonly payloadBytes: number
}

/** What the list of segments says of a segment, but for the checksum of the keys themselves. */
export interface SegmentHeader extends SegmentFacts {
  /** Counted from the oldest ever; null for one that is still to be merged. */
  readonly number: number | null
  readonly droppedBefore: number
  readonly columnsCrc: number
  readonly arenaCrc: number
  readonly summaryCrc: number
}

const headerFields = [
  'firstSeq',
  'count',
  'droppedBefore',
  'firstAt',
  'lastAt',
  'kinds',
  'firstConnection',
  'lastConnection',
  'arenaBytes',
  'payloadBytes',
  'columnsCrc',
  'arenaCrc',
  'summaryCrc',
] as const satisfies readonly (keyof SegmentHeader)[]

export const writeHeader = (keys: Uint8Array, header: SegmentHeader): void => {
  const numbers = new Float64Array(keys.buffer, keys.byteOffset, headerNumbers)
  numbers[0] = header.number ?? -1
  for (const [i, field] of headerFields.entries()) numbers[i + 1] = header[field]
}

/** Throws a RangeError where the keys are too short to have one. */
export const readHeader = (keys: Uint8Array): SegmentHeader => {
  const numbers = new Float64Array(keys.buffer, keys.byteOffset, headerNumbers)
  const header = Object.fromEntries(headerFields.map((field, i) => [field, numbers[i + 1]!]))
  const number = numbers[0]!
  return { ...(header as unknown as Omit<SegmentHeader, 'number'>), number: number < 0 ? null : number }
}

export interface EventSegment extends SegmentFacts {
  readonly keys: Uint8Array
  readonly columns: Uint8Array
  readonly arena: Uint8Array
  readonly summary: Uint8Array
}

/** Who the slots are, and every row's slot and kind. */
export interface Keys {
  readonly connection: Uint32Array
  readonly endpoint: Uint32Array
  readonly slot: Uint16Array
  readonly kind: Uint8Array
}

export const keysBytes = (slots: number, rows: number): number =>
  keysHeaderBytes + slots * keyBytesOfSlot + rows * keyBytesOfRow

/** Views over a `keys` string. Throws a RangeError where it cannot be one of so many rows. */
export const openKeys = (bytes: Uint8Array, rows: number): Keys => {
  const slots = (bytes.length - keysHeaderBytes - rows * keyBytesOfRow) / keyBytesOfSlot
  if (!Number.isInteger(slots) || slots < 0 || (slots === 0 && rows > 0))
    throw new RangeError(`keys of ${bytes.length} bytes are not those of ${rows} rows`)
  const { buffer } = bytes
  const byteOffset = bytes.byteOffset + keysHeaderBytes
  const rowsAt = byteOffset + slots * keyBytesOfSlot
  return {
    connection: new Uint32Array(buffer, byteOffset, slots),
    endpoint: new Uint32Array(buffer, byteOffset + slots * 4, slots),
    slot: new Uint16Array(buffer, rowsAt, rows),
    kind: new Uint8Array(buffer, rowsAt + rows * 2, rows),
  }
}

/** A segment's columns that are not keys. */
export interface RowColumns {
  readonly at: Float64Array
  readonly length: Uint32Array
  readonly iteration: Uint32Array
  readonly callback: Uint32Array
  readonly dataOffset: Uint32Array
  readonly dataLength: Uint32Array
  readonly cause: Uint8Array
}

/** Views over a `columns` string. Throws a RangeError where it is not of so many rows. */
export const openColumns = (bytes: Uint8Array, rows: number): RowColumns => {
  if (bytes.length !== rows * columnBytesOfRow)
    throw new RangeError(`columns of ${bytes.length} bytes are not those of ${rows} rows`)
  const { buffer } = bytes
  let offset = bytes.byteOffset
  const u32 = () => {
    const view = new Uint32Array(buffer, offset, rows)
    offset += rows * 4
    return view
  }
  const at = new Float64Array(buffer, offset, rows)
  offset += rows * 8
  return {
    at,
    length: u32(),
    iteration: u32(),
    callback: u32(),
    dataOffset: u32(),
    dataLength: u32(),
    cause: new Uint8Array(buffer, offset, rows),
  }
}

export interface SlotSummaries {
  readonly firstAt: Float64Array
  readonly lastAt: Float64Array
  readonly bytesReceived: Float64Array
  readonly bytesSent: Float64Array
  readonly connection: Uint32Array
  readonly endpoint: Uint32Array
  readonly events: Uint32Array
  readonly longestReceived: Uint32Array
  readonly longestSent: Uint32Array
  readonly kinds: Uint32Array
}

/** Views over a `summary` string; as many rows as fit. */
export const openSummary = (bytes: Uint8Array): SlotSummaries => {
  const slots = Math.floor(bytes.length / summaryBytesOfSlot)
  const { buffer } = bytes
  let offset = bytes.byteOffset
  const f64 = () => {
    const view = new Float64Array(buffer, offset, slots)
    offset += slots * 8
    return view
  }
  const u32 = () => {
    const view = new Uint32Array(buffer, offset, slots)
    offset += slots * 4
    return view
  }
  return {
    firstAt: f64(),
    lastAt: f64(),
    bytesReceived: f64(),
    bytesSent: f64(),
    connection: u32(),
    endpoint: u32(),
    events: u32(),
    longestReceived: u32(),
    longestSent: u32(),
    kinds: u32(),
  }
}

/** The rows of a segment. Throws a RangeError where a row points outside: files are as hostile as peers. */
export const rowsOf = (
  firstSeq: number,
  count: number,
  keyBytes: Uint8Array,
  columnBytes: Uint8Array,
  arena: Uint8Array<ArrayBuffer>,
): EventBatch => {
  const keys = openKeys(keyBytes, count)
  const columns = openColumns(columnBytes, count)
  const slots = keys.connection.length
  const connection = new Uint32Array(count)
  const endpoint = new Uint32Array(count)
  for (let i = 0; i < count; i++) {
    const slot = keys.slot[i]!
    if (
      slot >= slots ||
      columns.dataOffset[i]! + columns.dataLength[i]! > arena.length ||
      keys.kind[i]! >= eventKinds.length ||
      columns.cause[i]! >= causes.length
    )
      throw new RangeError(`event ${firstSeq + i} points outside its segment or its vocabulary`)
    connection[i] = keys.connection[slot]!
    endpoint[i] = keys.endpoint[slot]!
  }
  return {
    buffer: arena.buffer,
    capacity: count,
    count,
    firstSeq,
    droppedBefore: 0,
    ...columns,
    connection,
    endpoint,
    kind: keys.kind,
    arena,
    arenaBytes: arena.length,
  }
}
