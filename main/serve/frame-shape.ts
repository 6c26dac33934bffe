// Walks over a msgpack frame without building anything from it. The decoder bounds neither depth nor number of values: 24 MiB of
// nested arrays would cost it gigabytes before it failed. Counterpart: page-socket.ts, which decodes only what passes here.

/** The most values of a frame, and the deepest nesting; commands have far fewer. Bytes and text count as one value. */
export const frameLimits = { values: 65_536, depth: 32 } as const

/** What follows a first byte: bytes to skip, or a length field of so many bytes that counts bytes or values. */
interface Head {
  readonly skip: number
  readonly lengthBytes: 0 | 1 | 2 | 4
  /** Values per counted unit: 0 for bytes and text, 1 for arrays, 2 for maps. */
  readonly valuesPerUnit: 0 | 1 | 2
  /** Values that follow without a length field. */
  readonly values: number
}

const body = (skip: number): Head => ({ skip, lengthBytes: 0, valuesPerUnit: 0, values: 0 })
const counted = (lengthBytes: 1 | 2 | 4, valuesPerUnit: 0 | 1 | 2, skip = 0): Head => ({
  skip,
  lengthBytes,
  valuesPerUnit,
  values: 0,
})
const holding = (values: number): Head => ({ skip: 0, lengthBytes: 0, valuesPerUnit: 0, values })

// https://github.com/msgpack/msgpack/blob/master/spec.md, first bytes 0xc0 to 0xdf; 0xc1 is never used.
const heads: Readonly<Record<number, Head>> = {
  192: body(0), // nil
  194: body(0), // false
  195: body(0), // true
  196: counted(1, 0), // bin
  197: counted(2, 0),
  198: counted(4, 0),
  199: counted(1, 0, 1), // ext, with its type byte
  200: counted(2, 0, 1),
  201: counted(4, 0, 1),
  202: body(4), // float
  203: body(8),
  204: body(1), // uint
  205: body(2),
  206: body(4),
  207: body(8),
  208: body(1), // int
  209: body(2),
  210: body(4),
  211: body(8),
  212: body(2), // fixext, with its type byte
  213: body(3),
  214: body(5),
  215: body(9),
  216: body(17),
  217: counted(1, 0), // str
  218: counted(2, 0),
  219: counted(4, 0),
  220: counted(2, 1), // array
  221: counted(4, 1),
  222: counted(2, 2), // map
  223: counted(4, 2),
}

const headOf = (first: number): Head | undefined => {
  if (first < 0x80 || first >= 0xe0) return body(0) // small integers
  if (first < 0x90) return holding((first & 0x0f) * 2) // fixmap
  if (first < 0xa0) return holding(first & 0x0f) // fixarray
  if (first < 0xc0) return body(first & 0x1f) // fixstr
  return heads[first]
}

/** What is wrong with a frame (not msgpack, cut short, too long, too deep, too many values), or null. */
export const refuseFrame = (frame: Uint8Array): string | null => {
  const view = new DataView(frame.buffer, frame.byteOffset, frame.byteLength)
  /** Values still to come, per level. */
  const open = [1]
  let values = 0
  let offset = 0
  while (open.length > 0) {
    const level = open.length - 1
    if (open[level] === 0) {
      open.pop()
      continue
    }
    open[level]!--
    if (++values > frameLimits.values) return `more than ${frameLimits.values} values in one frame`
    const first = frame[offset++]
    if (first === undefined) return `the frame ends after ${frame.length} bytes, in the middle of a value`
    const head = headOf(first)
    if (head === undefined) return `byte 0x${first.toString(16)} at ${offset - 1} starts no msgpack value`
    if (offset + head.lengthBytes > frame.length) return 'the frame ends in the middle of a length'
    const units =
      head.lengthBytes === 0
        ? 0
        : head.lengthBytes === 1
          ? view.getUint8(offset)
          : head.lengthBytes === 2
            ? view.getUint16(offset)
            : view.getUint32(offset)
    offset += head.lengthBytes + head.skip + (head.valuesPerUnit === 0 ? units : 0)
    if (offset > frame.length) return `the frame ends after ${frame.length} bytes, in the middle of a value`
    const inside = head.values + units * head.valuesPerUnit
    if (inside > 0) open.push(inside)
    if (open.length > frameLimits.depth + 1) return `values nested more than ${frameLimits.depth} deep`
  }
  return offset === frame.length ? null : `${frame.length - offset} bytes follow the value`
}
