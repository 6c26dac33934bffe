// What a message has to look like: of reply rules, fault triggers, intercepts, replacements, sequences and `--expect`.
// A pattern is kept as the person wrote it, and compiled where it is used. Pure; counterparts: framing.ts (what a message
// is), pattern-parts.ts (regular expressions and hex), stream-finder.ts (patterns in a stream without messages).
import { ByteSearch, indexOfBytes } from './byte-search.ts'
import type { Failure, Result } from './failure.ts'
import { parseEscapes } from './notation.ts'
import { compileHex, compileRegex } from './pattern-parts.ts'

export const patternKinds = ['always', 'exact', 'contains', 'prefix', 'suffix', 'regex', 'hex'] as const

export interface Pattern {
  readonly match: (typeof patternKinds)[number]
  /**
   * `exact`, `contains`, `prefix`, `suffix`: text with C escapes (notation.ts). `regex`: a JavaScript regular expression
   * that sees each byte as one character (latin1). `hex`: bytes that it contains, `?` for any digit (`41 ?? 4?`). Nothing
   * for `always`.
   */
  readonly text: string
}

/** What is wrong with a text, where it begins (UTF-16 units) and how much of it (0 at its end). */
export interface TextFailure extends Failure {
  readonly at: number
  readonly span: number
}
/** A `Result` whose failure has its place in the text. */
export type TextResult<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly failure: TextFailure }

/** Where a pattern was found. Bytes are views of the message's. */
export interface PatternMatch {
  readonly start: number
  readonly end: number
  /** 0 is all that matched, 1 and up a regular expression's groups; null for one that took no part. */
  readonly groups: readonly (Uint8Array | null)[]
  /** Groups by name (`(?<key>…)`). */
  readonly named: Readonly<Record<string, Uint8Array | null>>
}

/** Finds a pattern in a message. Holds no state: two of one pattern are one. */
export interface Matcher {
  readonly pattern: Pattern
  /** A regular expression's groups, without the whole (0), and their names. */
  readonly groupCount: number
  readonly groupNames: readonly string[]
  /** The first match; null for none. */
  (message: Uint8Array): PatternMatch | null
  /** The first `limit` matches, in order, none overlapping another; each is looked for when it is asked for. */
  all(message: Uint8Array, limit: number): Iterable<PatternMatch>
}

/** The part of a matcher that differs from pattern to pattern. */
export interface MatcherParts {
  readonly groupCount: number
  readonly groupNames: readonly string[]
  /** The first match at or behind `from`. */
  find(message: Uint8Array, from: number): PatternMatch | null
}

const noNames: Readonly<Record<string, never>> = {}

const found = (message: Uint8Array, start: number, end: number): PatternMatch => ({
  start,
  end,
  groups: [message.subarray(start, end)],
  named: noNames,
})

const isAt = (message: Uint8Array, at: number, wanted: Uint8Array): boolean => {
  if (at < 0 || at + wanted.length > message.length) return false
  for (let i = 0; i < wanted.length; i++) if (message[at + i] !== wanted[i]) return false
  return true
}

const plain = (find: MatcherParts['find']): MatcherParts => ({ groupCount: 0, groupNames: [], find })

const containing = (wanted: Uint8Array): MatcherParts => {
  const search = new ByteSearch(wanted)
  return plain((message, from) => {
    const at = indexOfBytes(search, message, from)
    return at < 0 ? null : found(message, at, at + wanted.length)
  })
}

/** A match at the one place where it can be. */
const placed = (wanted: Uint8Array, place: (message: Uint8Array) => number): MatcherParts =>
  plain((message, from) => {
    const at = place(message)
    return at >= from && isAt(message, at, wanted) ? found(message, at, at + wanted.length) : null
  })

const partsOf = (pattern: Pattern): TextResult<MatcherParts> => {
  if (pattern.match === 'always')
    return {
      ok: true,
      value: plain((message, from) => (from === 0 ? found(message, 0, message.length) : null)),
    }
  if (pattern.text === '' && pattern.match !== 'exact')
    return {
      ok: false,
      failure: {
        code: 'bad-argument',
        message: 'The pattern is empty; “always” matches every message',
        at: 0,
        span: 0,
      },
    }
  if (pattern.match === 'regex') return compileRegex(pattern.text)
  if (pattern.match === 'hex') {
    const hex = compileHex(pattern.text)
    if (!hex.ok) return hex
    return { ok: true, value: hex.value instanceof Uint8Array ? containing(hex.value) : hex.value }
  }
  const parsed = parseEscapes(pattern.text)
  if (!parsed.ok)
    return {
      ok: false,
      failure: { code: 'bad-argument', message: parsed.message, at: parsed.at, span: parsed.span },
    }
  const wanted = parsed.bytes
  switch (pattern.match) {
    case 'exact':
      return { ok: true, value: placed(wanted, (message) => (message.length === wanted.length ? 0 : -1)) }
    case 'contains':
      return { ok: true, value: containing(wanted) }
    case 'prefix':
      return { ok: true, value: placed(wanted, () => 0) }
    case 'suffix':
      return { ok: true, value: placed(wanted, (message) => message.length - wanted.length) }
  }
}

/** Makes a pattern ready to be used; what is wrong with its text is told with its place. */
export const compilePattern = (pattern: Pattern): TextResult<Matcher> => {
  const parts = partsOf(pattern)
  if (!parts.ok) return parts
  const { find, groupCount, groupNames } = parts.value
  const all = function* (message: Uint8Array, limit: number) {
    for (let from = 0, count = 0; from <= message.length && count < limit; count++) {
      const match = find(message, from)
      if (match === null) return
      yield match
      // An empty match takes no byte: the next one is behind the byte that follows.
      from = match.end > from ? match.end : match.end + 1
    }
  }
  const matcher = (message: Uint8Array) => find(message, 0)
  return { ok: true, value: Object.assign(matcher, { pattern, groupCount, groupNames, all }) }
}

/** The failure of a text as one of a field: its place is in the words. */
export const failureInField = (failure: TextFailure, path: string): Result<never> => ({
  ok: false,
  failure: { code: failure.code, message: `${failure.message} (at character ${failure.at + 1})`, path },
})
