// The bytes of a held chunk as a text that can be edited, and back: C escapes with a line after each line end, or pairs of
// hex digits. Line breaks of the text itself stand for nothing. Pure. Counterparts: the contract's notation.ts,
// chunk-editor.ts, token-diff.ts.
import { formatEscaped, formatHex, type Notation, parseEscapes, parseHex } from '../../preload/contract/notation.ts'

export type EditMode = 'text' | 'hex'

/** More than this is not edited by hand here, bytes. */
export const mostEditedBytes = 256 * 1024

const hexBytesPerLine = 16
/** A line of the text is broken after so many characters, because an editor lays out a line as a whole. */
const longestLine = 2000

const escapes = /\\(?:x[0-9a-fA-F]{2}|.)/gsu

const brokenLines = (escaped: string): string => {
  const lines: string[] = []
  let from = 0
  const breakAt = (end: number) => {
    lines.push(escaped.slice(from, end))
    from = end
  }
  for (const { 0: text, index } of escaped.matchAll(escapes)) {
    const end = index + text.length
    if (text === '\\n' || (text === '\\r' && !escaped.startsWith('\\n', end))) breakAt(end)
    else if (end - from > longestLine) breakAt(end)
  }
  breakAt(escaped.length)
  if (lines.at(-1) === '') lines.pop()
  return lines.join('\n')
}

/** The bytes as a text to edit. */
export const editTextOf = (bytes: Uint8Array, mode: EditMode): string => {
  if (mode === 'text') return brokenLines(formatEscaped(bytes))
  const lines: string[] = []
  for (let at = 0; at < bytes.length; at += hexBytesPerLine)
    lines.push(formatHex(bytes.subarray(at, at + hexBytesPerLine)))
  return lines.join('\n')
}

/** The bytes that a text stands for; what is wrong is told at its place in the text. */
export const parseEdited = (text: string, mode: EditMode): Notation => {
  if (mode === 'hex') return parseHex(text)
  const parsed = parseEscapes(text.replaceAll('\n', ''))
  if (parsed.ok) return parsed
  // The place is counted without the line breaks before it.
  let at = 0
  for (let passed = 0; at < text.length; at++) {
    if (text[at] === '\n') continue
    if (passed === parsed.at) break
    passed++
  }
  return { ...parsed, at }
}

/** A part of a text that is compared as a whole, and where it stands. */
export interface Token {
  readonly text: string
  readonly at: number
}

/** A longer word is compared by its letters: one of them changed is not all of it. */
const longestWord = 16
const textTokens = /\\r\\n|\\x[0-9a-fA-F]{2}|\\.|[\p{L}\p{N}_.]+|[^\n]/gu
const hexTokens = /[0-9a-fA-F]{2}|\S/g

/** A text as its words, escapes and marks, or as its pairs of digits. Line breaks are none. */
export const tokensOf = (text: string, mode: EditMode): readonly Token[] => {
  const tokens: Token[] = []
  for (const { 0: word, index } of text.matchAll(mode === 'text' ? textTokens : hexTokens)) {
    if (word.length <= longestWord) tokens.push({ text: mode === 'hex' ? word.toLowerCase() : word, at: index })
    else
      for (let i = 0; i < word.length; ) {
        const letter = String.fromCodePoint(word.codePointAt(i)!)
        tokens.push({ text: letter, at: index + i })
        i += letter.length
      }
  }
  return tokens
}

export const sameBytes = (a: Uint8Array, b: Uint8Array): boolean =>
  a.length === b.length && a.every((byte, i) => byte === b[i])
