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

/**
 * Text with C escapes to bytes: `\r \n \t \0 \a \b \v \f \e \\ \" \'` and `\xNN` (exactly two hex digits); everything
 * else is UTF-8. `\0` is always one zero byte, never the start of an octal number.
 */
export const parseEscapes = (text: string): Notation => {
  const parts: Uint8Array[] = []
  let start = 0
  const literal = (end: number) => {
    if (end > start) parts.push(encoder.encode(text.slice(start, end)))
  }
  for (let i = text.indexOf('\\'); i >= 0; i = text.indexOf('\\', start)) {
    literal(i)
    const letter = text[i + 1]
    if (letter === undefined)
      return {
        ok: false,
        message: 'A backslash stands at the end; write \\\\ for the character itself',
        at: i,
        span: 1,
      }
    if (letter === 'x') {
      const digits = text.slice(i + 2, i + 4)
      if (!/^[0-9A-Fa-f]{2}$/.test(digits))
        return {
          ok: false,
          message: `\\x takes two hex digits, not “${digits}”; for example \\x0d`,
          at: i,
          span: 2 + digits.length,
        }
      parts.push(Uint8Array.of(Number.parseInt(digits, 16)))
      start = i + 4
    } else {
      const byte = Object.hasOwn(simpleEscapes, letter) ? simpleEscapes[letter] : undefined
      if (byte === undefined)
        return { ok: false, message: `\\${letter} is no escape; use \\r \\n \\t \\0 \\xNN or \\\\`, at: i, span: 2 }
      parts.push(Uint8Array.of(byte))
      start = i + 2
    }
  }
  literal(text.length)
  return { ok: true, bytes: concatBytes(parts) }
}

/** Hex to bytes; between bytes it takes spaces, line breaks, commas, colons, dashes and `0x`. Digits come in pairs. */
export const parseHex = (text: string): Notation => {
  const bytes: number[] = []
  const pattern = /[\s,:;-]+|0[xX](?=[0-9A-Fa-f])|([0-9A-Fa-f]{2})/gy
  while (pattern.lastIndex < text.length) {
    const at = pattern.lastIndex
    const match = pattern.exec(text)
    if (match === null) {
      const odd = /^[0-9A-Fa-f]/.test(text.slice(at))
      const shown = text.slice(at, at + (odd ? 2 : 1))
      return {
        ok: false,
        message: odd
          ? `“${shown}” is not a pair of hex digits; write ${text[at]} as 0${text[at]}`
          : `“${shown}” is not a hex digit (0-9, a-f)`,
        at,
        span: shown.length,
      }
    }
    if (match[1] !== undefined) bytes.push(Number.parseInt(match[1], 16))
  }
  return { ok: true, bytes: Uint8Array.from(bytes) }
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
const hexByte = (byte: number): string => byte.toString(16).padStart(2, '0')

/** Spells one code point or byte that must not reach a screen as it is. */
const escapeByte = (byte: number): string => letterOf.get(byte) ?? `\\x${hexByte(byte)}`

// Controls, format characters (bidi overrides, zero-width joiners), surrogates, private use, line and paragraph
// separators: shown as escapes, so that a peer cannot steer a terminal or disguise what it sent.
const unsafe = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Cn}\p{Zl}\p{Zp}\\]/u
const utf8 = new TextEncoder()
const decodeOne = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

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

/**
 * Bytes as printable text: valid UTF-8 as it is, everything else (control and format characters, invalid bytes, the
 * backslash) as C escapes. `parseEscapes` gives the same bytes back.
 */
export const formatEscaped = (bytes: Uint8Array): string => {
  let text = ''
  for (let i = 0; i < bytes.length; ) {
    const byte = bytes[i]!
    if (byte >= 0x20 && byte < 0x7f && byte !== 0x5c) {
      text += String.fromCharCode(byte)
      i++
      continue
    }
    const length = sequenceLength(byte)
    if (length > 1 && i + length <= bytes.length) {
      try {
        const character = decodeOne.decode(bytes.subarray(i, i + length))
        text += unsafe.test(character) ? Array.from(utf8.encode(character), escapeByte).join('') : character
        i += length
        continue
      } catch {
        // not UTF-8: the byte itself is shown below
      }
    }
    text += escapeByte(byte)
    i++
  }
  return text
}

/** Bytes as pairs of hex digits with a space between. */
export const formatHex = (bytes: Uint8Array): string => Array.from(bytes, hexByte).join(' ')

/** The character a hex dump shows beside a byte: printable ASCII, else a middle dot. */
export const dumpCharacter = (byte: number): string => (byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '·')
