// Protocol Buffers without a schema (protobuf.dev, encoding): fields by number and wire type. What is length-delimited is shown
// as a message where it is one, else as text, else as bytes: the bytes do not say which. Pure. Counterpart: decoded.ts.
import {
  type Cursor,
  type Decoded,
  decodeAll,
  decodeBounds,
  type Field,
  NotDecodable,
  shownBytes,
  shownHex,
} from './decoded.ts'

/** A number of 7 bits a byte, the lowest first. */
const readVarint = (cursor: Cursor): bigint => {
  const from = cursor.at
  let value = 0n
  for (let shift = 0n; shift < 70n; shift += 7n) {
    const byte = cursor.bytes[cursor.take(1)]!
    value |= BigInt(byte & 0x7f) << shift
    if (byte < 0x80) return value & 0xffff_ffff_ffff_ffffn
  }
  throw cursor.unexpected(from)
}

const strict = new TextDecoder('utf-8', { fatal: true })
/** Text with no control characters but those of lines; null where it is none. */
const asText = (bytes: Uint8Array): string | null => {
  try {
    const text = strict.decode(bytes)
    // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters tell bytes from text
    return /[\u0000-\u0008\u000b\u000c\u000e-\u001f]/.test(text) ? null : text
  } catch {
    return null
  }
}

/** Signed as `sint64` has it, where that is another number. */
const zigzag = (value: bigint): bigint => (value >> 1n) ^ -(value & 1n)

const varintWords = (value: bigint): string => {
  const signed = BigInt.asIntN(64, value)
  const ways = [`${value}`]
  if (signed < 0n) ways.push(`int ${signed}`)
  if (value > 1n) ways.push(`sint ${zigzag(value)}`)
  return ways.join(', ')
}

/** The fields of a message in these bytes alone; null where they are none. */
const asMessage = (cursor: Cursor, to: number): readonly Field[] | null => {
  const from = cursor.at
  const fields: Field[] = []
  try {
    cursor.deeper(() => {
      while (cursor.at < to) fields.push(readField(cursor, to))
    })
  } catch (error) {
    if (!(error instanceof NotDecodable) || error.code === 'too-many') throw error
    cursor.at = from
    return null
  }
  if (cursor.at === to && fields.length > 0) return fields
  cursor.at = from
  return null
}

const readField = (cursor: Cursor, limit: number): Field => {
  const from = cursor.at
  const tag = readVarint(cursor)
  const number = tag >> 3n
  if (number < 1n || number > 0x1fff_ffffn) throw cursor.unexpected(from)
  const name = `${number}`
  const done = (type: Field['type'], value: string, children: readonly Field[] = []): Field => {
    if (cursor.at > limit) throw new NotDecodable('ends-early', from)
    return cursor.field({ name, value, type, from, to: cursor.at, children })
  }
  switch (Number(tag & 7n)) {
    case 0:
      return done('number', varintWords(readVarint(cursor)))
    case 1: {
      const at = cursor.take(8)
      return done('number', `${cursor.view.getBigUint64(at, true)}, double ${cursor.view.getFloat64(at, true)}`)
    }
    case 5: {
      const at = cursor.take(4)
      return done('number', `${cursor.view.getUint32(at, true)}, float ${cursor.view.getFloat32(at, true)}`)
    }
    case 2: {
      const size = readVarint(cursor)
      const start = cursor.at
      if (size > BigInt(limit - start)) throw new NotDecodable('ends-early', from)
      const end = start + Number(size)
      const bytes = cursor.bytes.subarray(start, end)
      const text = asText(bytes)
      // Short text is often a message as well; text is what people write.
      const message = text !== null && bytes.length > 0 ? null : asMessage(cursor, end)
      if (message !== null) return done('object', `{${message.length}}`, message)
      cursor.at = end
      return text === null ? done('bytes', shownHex(bytes)) : done('text', shownBytes(bytes))
    }
    default:
      // Groups (3 and 4) are of the past; 6 and 7 are none.
      throw cursor.unexpected(from)
  }
}

/** The highest field number that is taken for one where nobody has said that these bytes are protobuf. */
const likelyNumber = 1000

/** True where all of the bytes are a message with numbers as people give them, and not text. */
export const looksLikeProtobuf = (bytes: Uint8Array): boolean => {
  if (bytes.length < 2 || bytes.length > decodeBounds.bytes || asText(bytes) !== null) return false
  const { fields, problem, end } = decodeProtobuf(bytes)
  return problem === null && end === bytes.length && fields.every(({ name }) => Number(name) <= likelyNumber)
}

export const decodeProtobuf = (bytes: Uint8Array): Decoded =>
  decodeAll(bytes, (cursor) => (cursor.atEnd ? null : readField(cursor, cursor.bytes.length)))
