// Regular expressions over bytes, and hex with `?` for any digit. Counterpart: patterns.ts, which has the other patterns.
import type { MatcherParts, PatternMatch, TextResult } from './patterns.ts'

/**
 * Regular expressions and hex with `?` see the first 64 KiB of a message: what they cost may grow faster than what they look
 * at. Everything else sees all of it.
 */
export const patternWindowBytes = 64 * 1024
/** The most bytes of a hex pattern with `?`. */
export const maxWildcardBytes = 1024

const bad = (message: string, at: number, span: number): TextResult<never> => ({
  ok: false,
  failure: { code: 'bad-argument', message, at, span },
})

/** Arguments of one call: far below what a stack takes. */
const piece = 8192

/** Each byte as the character of its number (true latin1: TextDecoder's is windows-1252). */
export const latin1Of = (bytes: Uint8Array): string => {
  if (bytes.length <= piece) return String.fromCharCode.apply(null, bytes as unknown as number[])
  let text = ''
  for (let i = 0; i < bytes.length; i += piece)
    text += String.fromCharCode.apply(null, bytes.subarray(i, i + piece) as unknown as number[])
  return text
}

const latin1Bytes = (text: string): Uint8Array => {
  const bytes = new Uint8Array(text.length)
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i)
  return bytes
}

/** The longest text of which the wrong place is looked for; each step of the search compiles a part of it. */
const placedTextLength = 2000

/** What would have to follow for this beginning of a regular expression to be whole: closing brackets. */
const closersOf = (text: string): { readonly closers: string; readonly lastOpen: number } => {
  const open: number[] = []
  let inClass = -1
  for (let i = 0; i < text.length; i++) {
    const character = text[i]
    if (character === '\\') i++
    else if (inClass >= 0) {
      if (character === ']') inClass = -1
    } else if (character === '[') inClass = i
    else if (character === '(') open.push(i)
    else if (character === ')') open.pop()
  }
  return {
    closers: `${inClass >= 0 ? ']' : ''}${')'.repeat(open.length)}`,
    lastOpen: inClass >= 0 ? inClass : (open.at(-1) ?? -1),
  }
}

const isRegex = (text: string): boolean => {
  try {
    new RegExp(text)
    return true
  } catch {
    return false
  }
}

/** V8 says what is wrong with an expression, but not where: behind the longest beginning that could be gone on with. */
const wrongPlace = (text: string): { readonly at: number; readonly span: number } => {
  const { closers, lastOpen } = closersOf(text)
  if (lastOpen >= 0 && isRegex(text + closers)) return { at: lastOpen, span: 1 }
  if (text.length > placedTextLength) return { at: 0, span: text.length }
  for (let length = text.length - 1; length > 0; length--) {
    const beginning = text.slice(0, length)
    if (isRegex(beginning + closersOf(beginning).closers)) return { at: length, span: 1 }
  }
  return { at: 0, span: 1 }
}

export const compileRegex = (text: string): TextResult<MatcherParts> => {
  let regex: RegExp
  try {
    regex = new RegExp(text, 'g')
  } catch (thrown) {
    const words = (thrown as Error).message.replace(/^Invalid regular expression: .*: /s, '')
    const { at, span } = wrongPlace(text)
    return bad(`${words} in the regular expression`, at, span)
  }
  // With an empty alternative it matches everything, and then its groups can be counted.
  const shape = new RegExp(`${text}|`).exec('')!
  // A search for every match looks at the same message again and again.
  let lastMessage: Uint8Array | null = null
  let lastText = ''
  const find = (message: Uint8Array, from: number): PatternMatch | null => {
    if (from === 0 || message !== lastMessage) lastText = latin1Of(message.subarray(0, patternWindowBytes))
    regex.lastIndex = from
    const match = regex.exec(lastText)
    lastMessage = match === null ? null : message
    if (match === null) return null
    const end = match.index + match[0].length
    const bytesOf = (group: string | undefined) => (group === undefined ? null : latin1Bytes(group))
    return {
      start: match.index,
      end,
      groups: match.map((group, i) => (i === 0 ? message.subarray(match.index, end) : bytesOf(group))),
      named: Object.fromEntries(Object.entries(match.groups ?? {}).map(([name, group]) => [name, bytesOf(group)])),
    }
  }
  return {
    ok: true,
    value: { groupCount: shape.length - 1, groupNames: Object.keys(shape.groups ?? {}), find },
  }
}

const wild = (bytes: Uint8Array, mask: Uint8Array): MatcherParts => ({
  groupCount: 0,
  groupNames: [],
  find(message, from) {
    const last = Math.min(message.length, patternWindowBytes) - bytes.length
    next: for (let at = from; at <= last; at++) {
      for (let i = 0; i < bytes.length; i++) if ((message[at + i]! & mask[i]!) !== bytes[i]) continue next
      const end = at + bytes.length
      return { start: at, end, groups: [message.subarray(at, end)], named: {} }
    }
    return null
  },
})

const digit = /[0-9A-Fa-f?]/
const digitValue = (character: string) => (character === '?' ? 0 : Number.parseInt(character, 16))

/** Bytes, or where some digits are open what finds them. Takes what `parseHex` takes, and `?` for any digit. */
export const compileHex = (text: string): TextResult<Uint8Array | MatcherParts> => {
  const bytes: number[] = []
  const mask: number[] = []
  const token = /[\s,:;-]+|0[xX](?=[0-9A-Fa-f?])|([0-9A-Fa-f?])([0-9A-Fa-f?])/gy
  while (token.lastIndex < text.length) {
    const at = token.lastIndex
    const match = token.exec(text)
    if (match === null) {
      const first = String.fromCodePoint(text.codePointAt(at)!)
      return digit.test(first)
        ? bad(`“${first}” has no second digit; a byte is two of 0-9, a-f or ?`, at, first.length)
        : bad(`“${first}” is neither a hex digit (0-9, a-f) nor ?`, at, first.length)
    }
    if (match[1] === undefined || match[2] === undefined) continue
    bytes.push(digitValue(match[1]) * 16 + digitValue(match[2]))
    mask.push((match[1] === '?' ? 0 : 0xf0) | (match[2] === '?' ? 0 : 0x0f))
  }
  if (bytes.length === 0) return bad('The pattern has no bytes; write them as pairs of hex digits', 0, text.length)
  if (mask.every((each) => each === 0xff)) return { ok: true, value: Uint8Array.from(bytes) }
  if (bytes.length > maxWildcardBytes)
    return bad(`A pattern with ? has at most ${maxWildcardBytes} bytes, not ${bytes.length}`, 0, text.length)
  return { ok: true, value: wild(Uint8Array.from(bytes), Uint8Array.from(mask)) }
}
