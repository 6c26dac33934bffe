// How people write bytes and read them: C escapes, hex, line endings. One notation for the composer, the table, the
// inspector and the command line. Pure text; nothing here knows about sockets.

/** Bytes, or what is wrong with the text, where (`at`, UTF-16 units) and over how many units (`span`). */
export type Notation =
  | { readonly ok: true; readonly bytes: Uint8Array }
  | { readonly ok: false; readonly message: string; readonly at: number; readonly span: number }

const encoder = new TextEncoder()
const simpleEscapes: Readonly<Record<string, number>> = {
  '0': 0x00,
  a: 0x07,
  b: 0x08,
  t: 0x09,
  n: 0x0a,
  v: 0x0b,
  f: 0x0c,
  r: 0x0d,
  e: 0x1b,
  '\\': 0x5c,
  '"': 0x22,
  "'": 0x27,
}

/** The whole character at `i`, of one or two UTF-16 units; empty past the end. */
const characterAt = (text: string, i: number): string => {
  const point = text.codePointAt(i)
  return point === undefined ? '' : String.fromCodePoint(point)
}

/** The value of a hex digit's UTF-16 unit; NaN for any other. */
const hexValue = (unit: number): number =>
  unit >= 0x30 && unit <= 0x39
    ? unit - 0x30
    : (unit | 0x20) >= 0x61 && (unit | 0x20) <= 0x66
      ? (unit | 0x20) - 0x57
      : Number.NaN

/**
 * Text with C escapes to bytes: `\r \n \t \0 \a \b \v \f \e \\ \" \'` and `\xNN` (exactly two hex digits); everything
 * else is UTF-8. `\0` is always one zero byte, never the start of an octal number.
 */
export const parseEscapes = (text: string): Notation => {
  // Most of what is written, and of what megabytes are pasted from, has no escape: its bytes are made in one go.
  if (!text.includes('\\')) return { ok: true, bytes: encoder.encode(text) }
  // UTF-8 takes at most three bytes a UTF-16 unit, and an escape is longer than the byte it stands for. One buffer, not a
  // part an escape: pasted binary may hold millions of them.
  const bytes = new Uint8Array(text.length * 3)
  let length = 0
  let start = 0
  const literal = (end: number) => {
    for (; start < end && text.charCodeAt(start) < 0x80; start++) bytes[length++] = text.charCodeAt(start)
    if (start < end) length += encoder.encodeInto(text.slice(start, end), bytes.subarray(length)).written
  }
  for (let i = text.indexOf('\\'); i >= 0; i = text.indexOf('\\', start)) {
    literal(i)
    const letter = characterAt(text, i + 1)
    if (letter === '')
      return {
        ok: false,
        message: 'A backslash stands at the end; write \\\\ for the character itself',
        at: i,
        span: 1,
      }
    if (letter === 'x') {
      const value = hexValue(text.charCodeAt(i + 2)) * 16 + hexValue(text.charCodeAt(i + 3))
      if (Number.isNaN(value)) {
        const first = characterAt(text, i + 2)
        const digits = first + characterAt(text, i + 2 + first.length)
        return {
          ok: false,
          message: `\\x takes two hex digits, not “${digits}”; for example \\x0d`,
          at: i,
          span: 2 + digits.length,
        }
      }
      bytes[length++] = value
      start = i + 4
    } else {
      const byte = Object.hasOwn(simpleEscapes, letter) ? simpleEscapes[letter] : undefined
      if (byte === undefined)
        return {
          ok: false,
          message: `\\${letter} is no escape; use \\r \\n \\t \\0 \\xNN or \\\\`,
          at: i,
          span: 1 + letter.length,
        }
      bytes[length++] = byte
      start = i + 2
    }
  }
  literal(text.length)
  return { ok: true, bytes: bytes.slice(0, length) }
}

/** Hex to bytes; between bytes it takes spaces, line breaks, commas, colons, dashes and `0x`. Digits come in pairs. */
export const parseHex = (text: string): Notation => {
  const bytes = new Uint8Array(text.length >> 1)
  let length = 0
  const pattern = /[\s,:;-]+|0[xX](?=[0-9A-Fa-f])|([0-9A-Fa-f]{2})/gy
  while (pattern.lastIndex < text.length) {
    const at = pattern.lastIndex
    const match = pattern.exec(text)
    if (match === null) {
      const first = characterAt(text, at)
      const odd = /[0-9A-Fa-f]/.test(first)
      const shown = odd ? first + characterAt(text, at + 1) : first
      return {
        ok: false,
        message: odd
          ? `“${shown}” is not a pair of hex digits; write ${first} as 0${first}`
          : `“${shown}” is not a hex digit (0-9, a-f)`,
        at,
        span: shown.length,
      }
    }
    if (match[1] !== undefined) bytes[length++] = Number.parseInt(match[1], 16)
  }
  return { ok: true, bytes: bytes.slice(0, length) }
}

export const lineEndings = ['none', 'lf', 'cr', 'crlf'] as const
export type LineEnding = (typeof lineEndings)[number]
/** The bytes of a line ending. */
export const lineEndingBytes: Readonly<Record<LineEnding, readonly number[]>> = {
  none: [],
  lf: [0x0a],
  cr: [0x0d],
  crlf: [0x0d, 0x0a],
}

export const concatBytes = (parts: readonly (Uint8Array | readonly number[])[]): Uint8Array => {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0))
  let offset = 0
  for (const part of parts) {
    whole.set(part, offset)
    offset += part.length
  }
  return whole
}

const letterOf = new Map<number, string>([
  [0x00, '\\0'],
  [0x09, '\\t'],
  [0x0a, '\\n'],
  [0x0d, '\\r'],
  [0x5c, '\\\\'],
])
const everyByte = Array.from({ length: 256 }, (_, byte) => byte)
const hexOf = everyByte.map((byte) => byte.toString(16).padStart(2, '0'))
const hexPairOf: readonly Uint8Array[] = hexOf.map((pair) => encoder.encode(pair))
/** How a byte is spelled that must not reach a screen as it is. */
const escapeOf: readonly Uint8Array[] = everyByte.map((byte) =>
  encoder.encode(letterOf.get(byte) ?? `\\x${hexOf[byte]}`),
)
const longestEscape = 4

// Text is put together as UTF-8 and decoded once at the end: added up character by character, a string of a few
// megabytes is a tree of as many nodes.
const decoder = new TextDecoder('utf-8', { ignoreBOM: true })

// Controls, format characters (bidi overrides, zero-width joiners), surrogates, private use, line and paragraph
// separators, and what is drawn as nothing: shown as escapes, so that a peer cannot steer a terminal or disguise what
// it sent.
const unsafe = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Cn}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\\]/u

/** Length of the UTF-8 sequence that this first byte announces, 0 for none. */
const sequenceLength = (byte: number): number =>
  byte < 0x80
    ? 1
    : byte >= 0xc2 && byte < 0xe0
      ? 2
      : byte >= 0xe0 && byte < 0xf0
        ? 3
        : byte >= 0xf0 && byte < 0xf5
          ? 4
          : 0

/** The smallest code point that a sequence of this length may spell (RFC 3629: no overlong forms). */
const smallestPoint = [0, 0, 0x80, 0x800, 0x1_0000]

/**
 * The code point of the UTF-8 sequence of `length` bytes at `i`, or -1 where the bytes are none. By hand, because a
 * TextDecoder throws at every invalid byte, and a peer may send millions of them.
 */
const pointAt = (bytes: Uint8Array, i: number, length: number): number => {
  let point = bytes[i]! & (0x7f >> length)
  for (let j = i + 1; j < i + length; j++) {
    if (j >= bytes.length || (bytes[j]! & 0xc0) !== 0x80) return -1
    point = (point << 6) | (bytes[j]! & 0x3f)
  }
  const valid = point >= smallestPoint[length]! && point <= 0x10_ffff && (point < 0xd800 || point > 0xdfff)
  return valid ? point : -1
}

/**
 * Bytes as printable text: valid UTF-8 as it is, everything else (control, format and invisible characters, invalid
 * bytes, the backslash) as C escapes. `parseEscapes` gives the same bytes back.
 */
export const formatEscaped = (bytes: Uint8Array): string => {
  const text = new Uint8Array(bytes.length * longestEscape)
  let end = 0
  const spell = (byte: number) => {
    const spelling = escapeOf[byte]!
    text.set(spelling, end)
    end += spelling.length
  }
  for (let i = 0; i < bytes.length; ) {
    const byte = bytes[i]!
    const length = sequenceLength(byte)
    const point = length > 1 ? pointAt(bytes, i, length) : -1
    if (point >= 0) {
      const safe = !unsafe.test(String.fromCodePoint(point))
      for (const past = i + length; i < past; i++) {
        if (safe) text[end++] = bytes[i]!
        else spell(bytes[i]!)
      }
    } else {
      if (byte >= 0x20 && byte < 0x7f && byte !== 0x5c) text[end++] = byte
      else spell(byte)
      i++
    }
  }
  return decoder.decode(text.subarray(0, end))
}

/** Bytes as pairs of hex digits with a space between. */
export const formatHex = (bytes: Uint8Array): string => {
  const text = new Uint8Array(Math.max(0, bytes.length * 3 - 1)).fill(0x20)
  for (let i = 0; i < bytes.length; i++) text.set(hexPairOf[bytes[i]!]!, i * 3)
  return decoder.decode(text)
}

/** The character a hex dump shows beside a byte: printable ASCII, else a middle dot. */
export const dumpCharacter = (byte: number): string => (byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '·')
