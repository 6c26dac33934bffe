// From what is typed to the exact bytes that will be sent, and back. Pure. Counterparts: the contract's notation.ts,
// composer.tsx, stores/composer.ts.
import { maxSendBytes } from '../../../preload/contract/checks.ts'
import type { TextEncoding } from '../../../preload/contract/encodings.ts'
import { decodeText, encodeEnding, encodeText } from '../../../preload/contract/encodings-codec.ts'
import { concatBytes, formatHex, type LineEnding, type Notation, parseHex } from '../../../preload/contract/notation.ts'
import { expandMessage } from '../../../preload/contract/runs-expand.ts'
import { hasMacros, type ReadMessage, readMessage, runMessage } from '../../../preload/contract/runs-message.ts'
import type { WritingMode } from '../../../preload/contract/workspace.ts'

export { type WritingMode, writingModes } from '../../../preload/contract/workspace.ts'

/** Beyond this many UTF-16 units the field shows only the beginning; the whole text is kept and sent. */
export const largeTextLength = 64 * 1024
/** How much of a large text the field shows, in UTF-16 units. */
export const largeTextShown = 512
/** No text this long can be a message: each byte takes at most four characters (`\xNN`) or, in hex, a few separators. */
const longestText = maxSendBytes * 4

export type Message =
  | {
      readonly ok: true
      /** The typed bytes with the line ending behind them. */
      readonly bytes: Uint8Array
      /** How many of the last bytes are the line ending. */
      readonly endingLength: number
      /** Has macros, so that `bytes` are only what they might be: these are filled anew at sending. */
      readonly macros?: Extract<ReadMessage, { ok: true }>
    }
  | { readonly ok: false; readonly problem: 'too-long'; readonly length: number }
  | {
      readonly ok: false
      readonly problem: 'notation'
      readonly message: string
      /** Where in the text the mistake stands, in UTF-16 units, and over how many. */
      readonly at: number
      readonly span: number
    }

const parse = (text: string, mode: WritingMode, encoding: TextEncoding): Notation =>
  mode === 'text' ? encodeText(text, encoding) : parseHex(text)

const nothing = new Uint8Array(0)

/** A message with macros, and what it might be: files are read at sending. */
const composeMacros = (text: string, mode: WritingMode, ending: LineEnding, encoding: TextEncoding): Message => {
  const read = readMessage({ text, mode, encoding, ending })
  if (!read.ok) return { ok: false, problem: 'notation', message: read.message, at: read.at, span: read.span }
  const bytes = expandMessage(
    runMessage(read, () => nothing),
    1,
  )
  if (bytes.length > maxSendBytes) return { ok: false, problem: 'too-long', length: bytes.length }
  const endingLength = read.ending.length
  return hasMacros(read.template) ? { ok: true, bytes, endingLength, macros: read } : { ok: true, bytes, endingLength }
}

/** The bytes that a text stands for, line ending included. An empty text with a line ending is an empty line. */
export const composeMessage = (
  text: string,
  mode: WritingMode,
  ending: LineEnding,
  encoding: TextEncoding = 'utf-8',
): Message => {
  if (text.length > longestText) return { ok: false, problem: 'too-long', length: text.length }
  if (text.includes('{{')) return composeMacros(text, mode, ending, encoding)
  const parsed = parse(text, mode, encoding)
  if (!parsed.ok) return { ok: false, problem: 'notation', message: parsed.message, at: parsed.at, span: parsed.span }
  const end = encodeEnding(ending, mode === 'text' ? encoding : 'utf-8')
  const length = parsed.bytes.length + end.length
  if (length > maxSendBytes) return { ok: false, problem: 'too-long', length }
  return {
    ok: true,
    bytes: end.length === 0 ? parsed.bytes : concatBytes([parsed.bytes, end]),
    endingLength: end.length,
  }
}

/** Rewrites a text in the other notation so that it stands for the same bytes; as it is where that is not possible. */
export const convertText = (
  text: string,
  from: WritingMode,
  to: WritingMode,
  encoding: TextEncoding = 'utf-8',
): string => {
  // A macro has no bytes yet.
  if (from === to || text.length > largeTextLength || text.includes('{{')) return text
  const parsed = parse(text, from, encoding)
  if (!parsed.ok) return text
  return to === 'hex' ? formatHex(parsed.bytes).toUpperCase() : decodeText(parsed.bytes, encoding)
}

/** Bytes as they are edited for a connection that is written to in this encoding: they stand for just these bytes again. */
export const draftFor = (
  bytes: Uint8Array,
  encoding: TextEncoding,
): { readonly text: string; readonly mode: WritingMode } => {
  const text = decodeText(bytes, encoding)
  // An escaped brace is one byte, which in UTF-16 is no brace.
  const escaped = encoding.startsWith('utf-16') ? text : text.replaceAll('{{', '\\x7b\\x7b')
  return escaped.length > largeTextLength || escaped.includes('{{')
    ? { text: formatHex(bytes), mode: 'hex' }
    : { text: escaped, mode: 'text' }
}

/** A line of hex of at most `limit` bytes: the typed ones, then the line ending's; `cut` where typed ones are left out. */
export interface BytePreview {
  readonly typed: string
  readonly ending: string
  readonly cut: boolean
}

export const previewBytes = (bytes: Uint8Array, endingLength: number, limit: number): BytePreview => {
  const typed = bytes.length - endingLength
  const shown = Math.min(typed, Math.max(0, limit - endingLength))
  return {
    typed: formatHex(bytes.subarray(0, shown)).toUpperCase(),
    ending: formatHex(bytes.subarray(typed)).toUpperCase(),
    cut: shown < typed,
  }
}

/** The mistake in a line of its own: what stands before it, the mistake, what follows; long lines are cut around it. */
export const mistakeContext = (
  text: string,
  at: number,
  span: number,
): { readonly before: string; readonly wrong: string; readonly after: string } => {
  const around = 24
  const from = Math.max(0, at - around)
  const to = Math.min(text.length, at + span + around)
  const oneLine = (piece: string) => piece.replace(/\s/g, ' ')
  return {
    before: (from > 0 ? '…' : '') + oneLine(text.slice(from, at)),
    wrong: oneLine(text.slice(at, at + span)) || ' ',
    after: oneLine(text.slice(at + span, to)) + (to < text.length ? '…' : ''),
  }
}
