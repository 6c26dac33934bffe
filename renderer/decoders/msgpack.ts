// MessagePack (msgpack.org, spec.md) with the bytes of every value, which the library that the app speaks it with does not
// tell; a test holds the two against each other. Pure. Counterpart: decoded.ts.
import { type Cursor, type Decoded, decodeAll, type Field, type FieldType, shownBytes, shownHex } from './decoded.ts'

const leaf = (cursor: Cursor, name: string, from: number, type: FieldType, value: string): Field =>
  cursor.field({ name, value, type, from, to: cursor.at, children: [] })

const readMap = (cursor: Cursor, name: string, from: number, count: number): Field => {
  const children = cursor.deeper(() => {
    const all: Field[] = []
    for (let i = 0; i < count; i++) {
      const start = cursor.at
      const key = readValue(cursor, '', start)
      all.push(readValue(cursor, key.value, start))
    }
    return all
  })
  return cursor.field({ name, value: `{${count}}`, type: 'object', from, to: cursor.at, children })
}

const readArray = (cursor: Cursor, name: string, from: number, count: number): Field => {
  const children = cursor.deeper(() => {
    const all: Field[] = []
    for (let i = 0; i < count; i++) all.push(readValue(cursor, `${i}`, cursor.at))
    return all
  })
  return cursor.field({ name, value: `[${count}]`, type: 'list', from, to: cursor.at, children })
}

const readText = (cursor: Cursor, name: string, from: number, size: number): Field => {
  const at = cursor.take(size)
  return leaf(cursor, name, from, 'text', shownBytes(cursor.bytes.subarray(at, at + size)))
}
const readBytes = (cursor: Cursor, name: string, from: number, size: number): Field => {
  const at = cursor.take(size)
  return leaf(cursor, name, from, 'bytes', shownHex(cursor.bytes.subarray(at, at + size)))
}

const timestampType = -1

const readExtension = (cursor: Cursor, name: string, from: number, size: number): Field => {
  const type = cursor.view.getInt8(cursor.take(1))
  const at = cursor.take(size)
  const { view } = cursor
  let value = `ext ${type}: ${shownHex(cursor.bytes.subarray(at, at + size))}`
  if (type === timestampType) {
    const seconds =
      size === 4
        ? view.getUint32(at)
        : size === 8
          ? Number(view.getBigUint64(at) & 0x3_ffff_ffffn)
          : size === 12
            ? Number(view.getBigInt64(at + 4))
            : Number.NaN
    const date = new Date(seconds * 1000)
    if (!Number.isNaN(date.getTime())) value = date.toISOString()
  }
  return leaf(cursor, name, from, 'bytes', value)
}

const size = (cursor: Cursor, bytes: 1 | 2 | 4): number => {
  const at = cursor.take(bytes)
  return bytes === 1 ? cursor.view.getUint8(at) : bytes === 2 ? cursor.view.getUint16(at) : cursor.view.getUint32(at)
}

const widths = [1, 2, 4] as const

const readMarked = (cursor: Cursor, name: string, from: number, mark: number): Field => {
  const { view } = cursor
  const number = (value: number | bigint) => leaf(cursor, name, from, 'number', `${value}`)
  switch (mark) {
    case 0xc0:
      return leaf(cursor, name, from, 'word', 'nil')
    case 0xc2:
      return leaf(cursor, name, from, 'word', 'false')
    case 0xc3:
      return leaf(cursor, name, from, 'word', 'true')
    case 0xc4:
    case 0xc5:
    case 0xc6:
      return readBytes(cursor, name, from, size(cursor, widths[mark - 0xc4]!))
    case 0xc7:
    case 0xc8:
    case 0xc9:
      return readExtension(cursor, name, from, size(cursor, widths[mark - 0xc7]!))
    case 0xca:
      return number(view.getFloat32(cursor.take(4)))
    case 0xcb:
      return number(view.getFloat64(cursor.take(8)))
    case 0xcc:
      return number(view.getUint8(cursor.take(1)))
    case 0xcd:
      return number(view.getUint16(cursor.take(2)))
    case 0xce:
      return number(view.getUint32(cursor.take(4)))
    case 0xcf:
      return number(view.getBigUint64(cursor.take(8)))
    case 0xd0:
      return number(view.getInt8(cursor.take(1)))
    case 0xd1:
      return number(view.getInt16(cursor.take(2)))
    case 0xd2:
      return number(view.getInt32(cursor.take(4)))
    case 0xd3:
      return number(view.getBigInt64(cursor.take(8)))
    case 0xd4:
    case 0xd5:
    case 0xd6:
    case 0xd7:
    case 0xd8:
      return readExtension(cursor, name, from, 2 ** (mark - 0xd4))
    case 0xd9:
    case 0xda:
    case 0xdb:
      return readText(cursor, name, from, size(cursor, widths[mark - 0xd9]!))
    case 0xdc:
    case 0xdd:
      return readArray(cursor, name, from, size(cursor, mark === 0xdc ? 2 : 4))
    case 0xde:
    case 0xdf:
      return readMap(cursor, name, from, size(cursor, mark === 0xde ? 2 : 4))
    default:
      // 0xc1 is never used.
      throw cursor.unexpected(cursor.at - 1)
  }
}

const readValue = (cursor: Cursor, name: string, from: number): Field => {
  const mark = cursor.bytes[cursor.take(1)]!
  if (mark < 0x80) return leaf(cursor, name, from, 'number', `${mark}`)
  if (mark < 0x90) return readMap(cursor, name, from, mark & 0x0f)
  if (mark < 0xa0) return readArray(cursor, name, from, mark & 0x0f)
  if (mark < 0xc0) return readText(cursor, name, from, mark & 0x1f)
  if (mark >= 0xe0) return leaf(cursor, name, from, 'number', `${mark - 0x100}`)
  return readMarked(cursor, name, from, mark)
}

/** True where the bytes begin with a map or an array: what else they might be is anything. */
export const looksLikeMsgpack = (bytes: Uint8Array): boolean => {
  const mark = bytes[0]
  return mark !== undefined && ((mark > 0x80 && mark < 0xa0 && mark !== 0x90) || (mark >= 0xdc && mark <= 0xdf))
}

export const decodeMsgpack = (bytes: Uint8Array): Decoded =>
  decodeAll(bytes, (cursor) => (cursor.atEnd ? null : readValue(cursor, '', cursor.at)))
