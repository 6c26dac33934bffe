// Payloads as lines of text in one of the encodings that peers use, by the browser's own decoders. Pure.
// Counterparts: decoded.ts, contract/encodings.ts (the encodings).
import type { TextEncoding } from '../../preload/contract/encodings.ts'
import { type Decoded, decodeBounds, type Field, shownText } from './decoded.ts'

const latin1 = (bytes: Uint8Array): string => {
  let text = ''
  for (let i = 0; i < bytes.length; i += 8192) text += String.fromCharCode(...bytes.subarray(i, i + 8192))
  return text
}

const decodeWith = (encoding: TextEncoding, bytes: Uint8Array, fatal: boolean): string =>
  encoding === 'latin1' ? latin1(bytes) : new TextDecoder(encoding, { fatal, ignoreBOM: false }).decode(bytes)

const isWide = (encoding: TextEncoding): boolean => encoding === 'utf-16le' || encoding === 'utf-16be'

/** The end of the line that begins at `from`, its line ending included. No encoding here has LF inside of a character. */
const lineEnd = (bytes: Uint8Array, from: number, encoding: TextEncoding): number => {
  if (!isWide(encoding)) {
    const at = bytes.indexOf(0x0a, from)
    return at < 0 ? bytes.length : at + 1
  }
  const [low, high] = encoding === 'utf-16le' ? [0, 1] : [1, 0]
  for (let at = from; at + 1 < bytes.length; at += 2)
    if (bytes[at + low] === 0x0a && bytes[at + high] === 0) return at + 2
  return bytes.length
}

export const decodeText = (whole: Uint8Array, encoding: TextEncoding): Decoded => {
  const bytes = whole.subarray(0, decodeBounds.bytes)
  const fields: Field[] = []
  for (let from = 0; from < bytes.length; ) {
    if (fields.length === decodeBounds.fields) return { fields, end: from, problem: { code: 'too-many', at: from } }
    const to = lineEnd(bytes, from, encoding)
    const text = decodeWith(encoding, bytes.subarray(from, to), false).replace(/\r?\n$/, '')
    fields.push({ name: `${fields.length + 1}`, value: shownText(text), type: 'text', from, to, children: [] })
    from = to
  }
  return {
    fields,
    end: bytes.length,
    problem: whole.length > bytes.length ? { code: 'too-long', at: bytes.length } : null,
  }
}

const isTextIn = (encoding: TextEncoding, bytes: Uint8Array): boolean => {
  try {
    const text = decodeWith(encoding, bytes, true)
    // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters tell bytes from text
    return !/[\u0000-\u0008\u000e-\u001a\u001c-\u001f\ufffd]/.test(text)
  } catch {
    return false
  }
}

/** Bytes that are looked at to guess an encoding. */
const guessBytes = 4096

/** What the bytes are most likely written in; null where they are no text at all. */
export const guessEncoding = (whole: Uint8Array): TextEncoding | null => {
  // A chunk may end in the middle of a character: a few bytes less may be whole.
  const heads = [0, 1, 2, 3].map((less) => whole.subarray(0, Math.min(whole.length, guessBytes) - less))
  const reads = (encoding: TextEncoding) => heads.some((head) => head.length > 0 && isTextIn(encoding, head))
  const head = heads[0]!
  if (head.length === 0) return null
  if (head[0] === 0xff && head[1] === 0xfe) return 'utf-16le'
  if (head[0] === 0xfe && head[1] === 0xff) return 'utf-16be'
  if (reads('utf-8')) return 'utf-8'
  const zeros = [0, 0]
  for (let i = 0; i < head.length; i++) if (head[i] === 0) zeros[i % 2]!++
  const pairs = head.length / 2
  if (zeros[1]! > pairs / 2 && zeros[0]! < pairs / 8 && reads('utf-16le')) return 'utf-16le'
  if (zeros[0]! > pairs / 2 && zeros[1]! < pairs / 8 && reads('utf-16be')) return 'utf-16be'
  for (const encoding of ['euc-kr', 'shift_jis', 'gbk'] as const) if (reads(encoding)) return encoding
  return null
}
