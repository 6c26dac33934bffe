// JSON (RFC 8259), one value or several behind each other (lines), with the bytes of every value; numbers as they are written,
// however large. Pure. Counterpart: decoded.ts.
import { type Cursor, type Decoded, decodeAll, type Field, shownText } from './decoded.ts'

const decoder = new TextDecoder()
const text = (cursor: Cursor, from: number, to: number): string => decoder.decode(cursor.bytes.subarray(from, to))

const skipSpace = (cursor: Cursor): void => {
  for (; !cursor.atEnd; cursor.at++) {
    const byte = cursor.bytes[cursor.at]
    if (byte !== 0x20 && byte !== 0x09 && byte !== 0x0a && byte !== 0x0d) return
  }
}

/** The text of a string whose opening quote is here. */
const readString = (cursor: Cursor): string => {
  const from = cursor.at
  if (cursor.bytes[from] !== 0x22) throw cursor.unexpected()
  for (cursor.at++; ; cursor.at++) {
    const byte = cursor.bytes[cursor.at]
    if (byte === undefined) throw cursor.unexpected(cursor.bytes.length)
    if (byte < 0x20) throw cursor.unexpected()
    if (byte === 0x5c) cursor.at++
    else if (byte === 0x22) break
  }
  cursor.at++
  try {
    return JSON.parse(text(cursor, from, cursor.at)) as string
  } catch {
    // An escape that is none.
    throw cursor.unexpected(from)
  }
}

const numberPattern = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/
const words: ReadonlySet<string> = new Set(['true', 'false', 'null'])
const isWordByte = (byte: number | undefined): boolean =>
  byte !== undefined &&
  ((byte >= 0x30 && byte <= 0x39) ||
    (byte >= 0x41 && byte <= 0x5a) ||
    (byte >= 0x61 && byte <= 0x7a) ||
    byte === 0x2b ||
    byte === 0x2d ||
    byte === 0x2e)

/** The longest number or word. */
const longestWord = 10_000

const readWord = (cursor: Cursor, name: string, from: number): Field => {
  const start = cursor.at
  while (isWordByte(cursor.bytes[cursor.at]) && cursor.at - start <= longestWord) cursor.at++
  const word = text(cursor, start, cursor.at)
  const isNumber = numberPattern.test(word)
  if (!isNumber && !words.has(word)) throw cursor.unexpected(start)
  return { name, value: shownText(word), type: isNumber ? 'number' : 'word', from, to: cursor.at, children: [] }
}

const readMembers = (cursor: Cursor, close: number, readOne: (index: number) => Field): readonly Field[] => {
  const children: Field[] = []
  cursor.at++
  skipSpace(cursor)
  if (cursor.bytes[cursor.at] === close) {
    cursor.at++
    return children
  }
  for (;;) {
    children.push(readOne(children.length))
    skipSpace(cursor)
    const byte = cursor.bytes[cursor.at]
    if (byte === close) {
      cursor.at++
      return children
    }
    if (byte !== 0x2c) throw cursor.unexpected()
    cursor.at++
    skipSpace(cursor)
  }
}

const readValue = (cursor: Cursor, name: string, from: number): Field => {
  const byte = cursor.bytes[cursor.at]
  if (byte === 0x22) {
    const value = shownText(readString(cursor))
    return cursor.field({ name, value, type: 'text', from, to: cursor.at, children: [] })
  }
  if (byte === 0x7b) {
    const children = cursor.deeper(() =>
      readMembers(cursor, 0x7d, () => {
        const start = cursor.at
        const key = shownText(readString(cursor))
        skipSpace(cursor)
        if (cursor.bytes[cursor.at] !== 0x3a) throw cursor.unexpected()
        cursor.at++
        skipSpace(cursor)
        return readValue(cursor, key, start)
      }),
    )
    return cursor.field({ name, value: `{${children.length}}`, type: 'object', from, to: cursor.at, children })
  }
  if (byte === 0x5b) {
    const children = cursor.deeper(() => readMembers(cursor, 0x5d, (index) => readValue(cursor, `${index}`, cursor.at)))
    return cursor.field({ name, value: `[${children.length}]`, type: 'list', from, to: cursor.at, children })
  }
  return cursor.field(readWord(cursor, name, from))
}

export const decodeJson = (bytes: Uint8Array): Decoded =>
  decodeAll(bytes, (cursor) => {
    skipSpace(cursor)
    return cursor.atEnd ? null : readValue(cursor, '', cursor.at)
  })
