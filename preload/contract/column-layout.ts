// Tables of columns in one ArrayBuffer, the shape in which everything frequent crosses a border: a header, one typed array
// a column, and an arena of bytes behind them. Counterparts: event-columns.ts and loop-columns.ts, which name the columns.

/** `f64`, `u32` and `u8` little-endian, as every machine that Node and Chromium run on has them. */
export type ColumnType = 'f64' | 'u32' | 'u8'

interface ArrayOf {
  f64: Float64Array
  u32: Uint32Array
  u8: Uint8Array
}

type ColumnConstructor = new (buffer: ArrayBufferLike, byteOffset: number, length: number) => ArrayOf[ColumnType]

/** A typed array a column. */
export type Columns<C extends Record<string, ColumnType>> = { readonly [K in keyof C]: ArrayOf[C[K]] }

const constructors = { f64: Float64Array, u32: Uint32Array, u8: Uint8Array } as const

/**
 * The header, 40 bytes: u32 magic · u32 capacity (rows there is room for) · u32 count (rows used) · u32 arena bytes used ·
 * f64 first (the number of row 0) · f64 droppedBefore (rows lost between the previous table and this one) · f64 reserved.
 */
const headerBytes = 40

export interface TableHeader {
  readonly capacity: number
  readonly count: number
  readonly arenaBytes: number
  readonly first: number
  readonly droppedBefore: number
}

export interface Layout<C extends Record<string, ColumnType>> {
  readonly names: readonly (keyof C & string)[]
  /** Bytes of one row, without what it has in the arena. */
  readonly rowBytes: number
  /** Bytes that a table of `capacity` rows takes before its arena. */
  arenaStart(capacity: number): number
  /** The columns of a table as views over its buffer, `count` rows long. */
  views(buffer: ArrayBufferLike, capacity: number, count: number): Columns<C>
  writeHeader(buffer: ArrayBufferLike, header: TableHeader): void
  /** Reads a header from across a border. Throws a RangeError that says what is wrong where this is no such table. */
  readHeader(buffer: ArrayBufferLike): TableHeader
}

/** `columns` in their order in the buffer: the widest first, so that all are aligned. `what` names the table in errors. */
export const defineLayout = <const C extends Record<string, ColumnType>>(
  what: string,
  magic: number,
  columns: C,
): Layout<C> => {
  const entries = Object.entries(columns) as [keyof C & string, ColumnType][]
  const rowBytes = entries.reduce((sum, [, type]) => sum + constructors[type].BYTES_PER_ELEMENT, 0)
  const arenaStart = (capacity: number) => (headerBytes + capacity * rowBytes + 7) & ~7
  return {
    names: entries.map(([name]) => name),
    rowBytes,
    arenaStart,
    views(buffer, capacity, count) {
      let offset = headerBytes
      const views: Record<string, ArrayOf[ColumnType]> = {}
      for (const [name, type] of entries) {
        const Column: ColumnConstructor = constructors[type]
        views[name] = new Column(buffer, offset, count)
        offset += capacity * constructors[type].BYTES_PER_ELEMENT
      }
      return views as Columns<C>
    },
    writeHeader(buffer, header) {
      const view = new DataView(buffer)
      view.setUint32(0, magic, true)
      view.setUint32(4, header.capacity, true)
      view.setUint32(8, header.count, true)
      view.setUint32(12, header.arenaBytes, true)
      view.setFloat64(16, header.first, true)
      view.setFloat64(24, header.droppedBefore, true)
    },
    readHeader(buffer) {
      if (buffer.byteLength < headerBytes) throw new RangeError(`${what} of ${buffer.byteLength} bytes has no header`)
      const view = new DataView(buffer)
      if (view.getUint32(0, true) !== magic) throw new RangeError(`not a ${what}: wrong magic number`)
      const capacity = view.getUint32(4, true)
      const count = view.getUint32(8, true)
      const arenaBytes = view.getUint32(12, true)
      // In plain arithmetic: a hostile capacity must not overflow the 32 bits that rounding uses.
      if (count > capacity || headerBytes + capacity * rowBytes + arenaBytes > buffer.byteLength)
        throw new RangeError(
          `${what} says ${count} of ${capacity} rows and ${arenaBytes} arena bytes, but is too short`,
        )
      return {
        capacity,
        count,
        arenaBytes,
        first: view.getFloat64(16, true),
        droppedBefore: view.getFloat64(24, true),
      }
    },
  }
}
