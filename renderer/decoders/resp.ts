// RESP, versions 2 and 3 (redis.io, serialization protocol): replies and commands, with the bytes of every value.
// Pure. Counterpart: decoded.ts.
import {
  type Cursor,
  type Decoded,
  decodeAll,
  type Field,
  type FieldType,
  NotDecodable,
  shownBytes,
} from './decoded.ts'

const types = '+-:$*_#,(!=%~>|'
const decoder = new TextDecoder()

/** True where the first byte is one that a value begins with, and its line ends as lines do. */
export const looksLikeResp = (bytes: Uint8Array): boolean => {
  if (bytes.length === 0 || !types.includes(String.fromCharCode(bytes[0]!))) return false
  const cr = bytes.subarray(0, 4096).indexOf(0x0d)
  if (cr < 1 || bytes[cr + 1] !== 0x0a) return false
  const type = String.fromCharCode(bytes[0]!)
  const line = decoder.decode(bytes.subarray(1, cr))
  if ('$*!=%~>|:('.includes(type)) return /^[+-]?\d{1,40}$/.test(line) || line === '?'
  if (type === '_') return line === ''
  if (type === '#') return line === 't' || line === 'f'
  if (type === ',') return /^[+-]?(\d|inf|nan)/.test(line)
  // A simple string or an error is a line of its own.
  return /^[\x20-\x7e]*$/.test(line)
}

/** The line from here on, without CR LF. */
const readLine = (cursor: Cursor): Uint8Array => {
  const from = cursor.at
  const cr = cursor.bytes.indexOf(0x0d, from)
  if (cr < 0 || cr + 1 >= cursor.bytes.length) throw new NotDecodable('ends-early', from)
  if (cursor.bytes[cr + 1] !== 0x0a) throw cursor.unexpected(cr)
  cursor.at = cr + 2
  return cursor.bytes.subarray(from, cr)
}

/** A number of bytes or values; -1 for none. */
const readCount = (cursor: Cursor): number => {
  const at = cursor.at
  const line = decoder.decode(readLine(cursor))
  if (!/^(?:-1|\d{1,10})$/.test(line)) throw cursor.unexpected(at)
  return Number(line)
}

const leaf = (name: string, value: string, type: FieldType, from: number, to: number): Field => ({
  name,
  value,
  type,
  from,
  to,
  children: [],
})

const readBlob = (cursor: Cursor, name: string, from: number): Field => {
  const size = readCount(cursor)
  if (size < 0) return leaf(name, 'null', 'word', from, cursor.at)
  const at = cursor.take(size)
  const end = cursor.take(2)
  if (cursor.bytes[end] !== 0x0d || cursor.bytes[end + 1] !== 0x0a) throw cursor.unexpected(end)
  return leaf(name, shownBytes(cursor.bytes.subarray(at, at + size)), 'text', from, cursor.at)
}

const readMany = (cursor: Cursor, name: string, from: number, sign: string): Field => {
  const isMap = sign === '%' || sign === '|'
  const count = readCount(cursor)
  if (count < 0) return leaf(name, 'null', 'word', from, cursor.at)
  const children = cursor.deeper(() => {
    const all: Field[] = []
    for (let i = 0; i < count; i++) {
      const start = cursor.at
      const key = isMap ? readValue(cursor, '').value : `${i}`
      all.push({ ...readValue(cursor, key), from: start })
    }
    return all
  })
  const what = { '*': 'array', '~': 'set', '>': 'push', '%': 'map', '|': 'attribute' }[sign]
  return { name, value: `${what} ${count}`, type: isMap ? 'object' : 'list', from, to: cursor.at, children }
}

const readValue = (cursor: Cursor, name: string): Field => {
  const from = cursor.at
  if (cursor.atEnd) throw new NotDecodable('ends-early', from)
  const sign = String.fromCharCode(cursor.bytes[from]!)
  if (!types.includes(sign)) throw cursor.unexpected()
  cursor.at++
  const line = (type: FieldType, value = (text: string) => text) => {
    const text = value(shownBytes(readLine(cursor)))
    return leaf(name, text, type, from, cursor.at)
  }
  switch (sign) {
    case '+':
      return cursor.field(line('text'))
    case '-':
      return cursor.field(line('word'))
    case ':':
    case ',':
    case '(':
      return cursor.field(line('number'))
    case '_':
      return cursor.field(line('word', () => 'null'))
    case '#':
      return cursor.field(line('word', (text) => (text === 't' ? 'true' : 'false')))
    case '$':
    case '!':
    case '=':
      return cursor.field(readBlob(cursor, name, from))
    default:
      return cursor.field(readMany(cursor, name, from, sign))
  }
}

export const decodeResp = (bytes: Uint8Array): Decoded =>
  decodeAll(bytes, (cursor) => (cursor.atEnd ? null : readValue(cursor, '')))
