// Cuts bytes into what the screen shows differently: plain text, escapes, line ends. Pure. Counterparts: byte-text.tsx
// draws the parts, the contract's notation.ts spells the escapes.
import { formatEscaped } from '../../preload/contract/notation.ts'

/** A stretch of a payload as it is to be shown. */
export type TextPart =
  | { readonly kind: 'plain' | 'escaped'; readonly text: string }
  | { readonly kind: 'line-end'; readonly names: readonly ('CR' | 'LF')[] }

const carriageReturn = 0x0d
const lineFeed = 0x0a
// formatEscaped writes every byte it escapes as a backslash and one or three more characters.
const escapes = /\\(?:x[0-9a-f]{2}|.)/g

const plainParts = (bytes: Uint8Array): TextPart[] => {
  const text = formatEscaped(bytes)
  const parts: TextPart[] = []
  let from = 0
  for (const match of text.matchAll(escapes)) {
    if (match.index > from) parts.push({ kind: 'plain', text: text.slice(from, match.index) })
    const before = parts.at(-1)
    if (before?.kind === 'escaped') parts[parts.length - 1] = { kind: 'escaped', text: before.text + match[0] }
    else parts.push({ kind: 'escaped', text: match[0] })
    from = match.index + match[0].length
  }
  if (from < text.length) parts.push({ kind: 'plain', text: text.slice(from) })
  return parts
}

/** Cuts bytes into stretches of text, escapes and line ends, in order. CR LF is one line end. */
export const textParts = (bytes: Uint8Array): readonly TextPart[] => {
  const parts: TextPart[] = []
  let from = 0
  for (let i = 0; i < bytes.length; i++) {
    const byte = bytes[i]
    if (byte !== carriageReturn && byte !== lineFeed) continue
    if (i > from) parts.push(...plainParts(bytes.subarray(from, i)))
    if (byte === carriageReturn && bytes[i + 1] === lineFeed) {
      parts.push({ kind: 'line-end', names: ['CR', 'LF'] })
      i++
    } else parts.push({ kind: 'line-end', names: [byte === carriageReturn ? 'CR' : 'LF'] })
    from = i + 1
  }
  if (from < bytes.length) parts.push(...plainParts(bytes.subarray(from)))
  return parts
}
