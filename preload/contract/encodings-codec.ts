// Text in other encodings than UTF-8: C escapes stand for bytes or control characters, everything else is written in the
// encoding. Pure. Counterparts: encodings.ts (their names), notation.ts (UTF-8, and the escapes), the composer.
import { createMultibyteDecoder, createMultibyteEncoder } from '@exodus/bytes/multi-byte.js'
import { encodingLabels, type TextEncoding } from './encodings.ts'
import {
  concatBytes,
  formatEscaped,
  type LineEnding,
  lineEndingBytes,
  type Notation,
  parseEscapes,
} from './notation.ts'

/** Bytes of a text without escapes, or null where the encoding cannot write all of it. */
type Encoder = (text: string) => Uint8Array | null

const utf16 =
  (littleEndian: boolean): Encoder =>
  (text) => {
    const bytes = new Uint8Array(text.length * 2)
    const view = new DataView(bytes.buffer)
    for (let i = 0; i < text.length; i++) view.setUint16(i * 2, text.charCodeAt(i), littleEndian)
    return bytes
  }

const latin1: Encoder = (text) => {
  const bytes = new Uint8Array(text.length)
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i)
    if (unit > 0xff) return null
    bytes[i] = unit
  }
  return bytes
}

/** The tables of an encoding are taken out of the library when it is first used. */
const multibyte = (name: string): Encoder => {
  let encode: ((text: string) => Uint8Array) | null = null
  return (text) => {
    encode ??= createMultibyteEncoder(name)
    try {
      return encode(text)
    } catch (error) {
      // How the library says that a character is not in the encoding, or is half a surrogate pair.
      if (error instanceof TypeError) return null
      throw error
    }
  }
}

const utf8 = new TextEncoder()
const encoders: Readonly<Record<TextEncoding, Encoder>> = {
  'utf-8': (text) => utf8.encode(text),
  latin1,
  'utf-16le': utf16(true),
  'utf-16be': utf16(false),
  'euc-kr': multibyte('euc-kr'),
  gbk: multibyte('gbk'),
  shift_jis: multibyte('shift_jis'),
}

/** A cut at about the middle that leaves surrogate pairs whole; 0 where there is only one character. */
const middle = (text: string): number => {
  const half = text.length >> 1
  const second = text.charCodeAt(half)
  const first = text.charCodeAt(half - 1)
  const splits = second >= 0xdc00 && second < 0xe000 && first >= 0xd800 && first < 0xdc00
  return splits ? half - 1 : half
}

/** Where the first character stands that cannot be written, of a text with one. */
const firstUnwritable = (text: string, encode: Encoder): number => {
  let from = 0
  let rest = text
  for (;;) {
    const half = middle(rest)
    if (half === 0) return from
    const left = rest.slice(0, half)
    if (encode(left) === null) rest = left
    else {
      from += half
      rest = rest.slice(half)
    }
  }
}

const characterEscapes: Readonly<Record<string, string>> = {
  '0': '\0',
  a: '\x07',
  b: '\b',
  t: '\t',
  n: '\n',
  v: '\v',
  f: '\f',
  r: '\r',
  e: '\x1b',
}

/**
 * Text with C escapes to bytes in an encoding. `\xNN` is that byte, whatever the encoding; every other escape is its
 * character, and like all others written in the encoding. A character that it does not have is told of at its place.
 */
export const encodeText = (text: string, encoding: TextEncoding): Notation => {
  if (encoding === 'utf-8') return parseEscapes(text)
  const encode = encoders[encoding]
  const valid = parseEscapes(text)
  if (!valid.ok) return valid
  const parts: Uint8Array[] = []
  let failure: Notation | null = null
  /** Characters that follow each other, and where in the text each of their UTF-16 units stands. */
  let run = ''
  let starts: number[] = []
  const endRun = () => {
    if (run === '' || failure !== null) return
    const bytes = encode(run)
    if (bytes === null) {
      const wrong = firstUnwritable(run, encode)
      const character = String.fromCodePoint(run.codePointAt(wrong)!)
      failure = {
        ok: false,
        message: `${encodingLabels[encoding]} cannot write “${character}”`,
        at: starts[wrong]!,
        span: character.length,
      }
    } else parts.push(bytes)
    run = ''
    starts = []
  }
  for (const piece of text.matchAll(/\\x([0-9A-Fa-f]{2})|\\(.)|[^\\]+/gsu)) {
    const [whole, hex, letter] = piece
    if (hex !== undefined) {
      endRun()
      parts.push(Uint8Array.of(Number.parseInt(hex, 16)))
    } else if (letter !== undefined) {
      run += characterEscapes[letter] ?? letter
      starts.push(piece.index)
    } else {
      run += whole
      for (let i = 0; i < whole.length; i++) starts.push(piece.index + i)
    }
    if (failure !== null) return failure
  }
  endRun()
  return failure ?? { ok: true, bytes: concatBytes(parts) }
}

/** A line ending in an encoding: two bytes a character in UTF-16. */
export const encodeEnding = (ending: LineEnding, encoding: TextEncoding): Uint8Array =>
  encoders[encoding](String.fromCharCode(...lineEndingBytes[ending])) ?? Uint8Array.from(lineEndingBytes[ending])

/** ASCII text in an encoding; all of them can write it. What macros become. */
export const encodeAscii = (text: string, encoding: TextEncoding): Uint8Array =>
  encoders[encoding](text) ?? utf8.encode(text)

const everyByteEscaped = (bytes: Uint8Array): string =>
  Array.from(bytes, (byte) => `\\x${byte.toString(16).padStart(2, '0')}`).join('')

const spelled = new Map([
  ['\0', '\\0'],
  ['\t', '\\t'],
  ['\n', '\\n'],
  ['\r', '\\r'],
  ['\\', '\\\\'],
])

/** By the library too: Node's own decoder of EUC-KR reads less than CP949. */
const decode = (bytes: Uint8Array, encoding: Exclude<TextEncoding, 'utf-8'>): string | null => {
  if (encoding === 'latin1') return Array.from(bytes, (byte) => String.fromCharCode(byte)).join('')
  try {
    return encoding === 'utf-16le' || encoding === 'utf-16be'
      ? new TextDecoder(encoding, { fatal: true, ignoreBOM: true }).decode(bytes)
      : createMultibyteDecoder(encoding)(bytes)
  } catch (error) {
    if (error instanceof TypeError) return null
    throw error
  }
}

/**
 * Bytes as text with C escapes that `encodeText` makes the same bytes of: characters where all of it can be read in the
 * encoding, and is nothing invisible; otherwise every byte as `\xNN`.
 */
export const decodeText = (bytes: Uint8Array, encoding: TextEncoding): string => {
  if (encoding === 'utf-8') return formatEscaped(bytes)
  const text = decode(bytes, encoding)?.replace(/[\0\t\n\r\\]/g, (character) => spelled.get(character)!) ?? null
  if (text === null || /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Cn}\p{Zl}\p{Zp}]/u.test(text)) return everyByteEscaped(bytes)
  const again = encodeText(text, encoding)
  const same = again.ok && again.bytes.length === bytes.length && again.bytes.every((byte, i) => byte === bytes[i])
  return same ? text : everyByteEscaped(bytes)
}
