// The filter language: `kind:data-received conn:3 (size>1024 or /PONG/) not cause:refused`. Tokens and parser, to a tree of
// parts; errors say where and what would be right. Pure; the page, the archive and the host's memory all read it.
// Counterparts: filter-format.ts (back to text), filter-evaluation.ts (what satisfies it), filter-terms.ts (the values).
import { type FieldName, fieldNames, parseField, type TermError } from './filter-terms.ts'
import type { Cause, ConnectionId, EndpointId, EventKind } from './vocabulary.ts'

export const comparisons = ['<', '>', '<=', '>=', '='] as const
export type Comparison = (typeof comparisons)[number]

/** One thing that is asked for. */
export type FilterTerm =
  | { readonly by: 'kind'; readonly kind: EventKind }
  | { readonly by: 'connection'; readonly id: ConnectionId }
  | { readonly by: 'endpoint'; readonly id: EndpointId }
  /** By the name that it has now; only a page knows those, and asks for ids. */
  | { readonly by: 'endpoint-name'; readonly name: string }
  /** `in`: data and eof that were received; `out`: data and eof that were sent. */
  | { readonly by: 'direction'; readonly direction: 'in' | 'out' }
  /** Of a data event, in bytes on the wire. */
  | { readonly by: 'size'; readonly is: Comparison; readonly bytes: number }
  /** A regular expression over the payload, each byte one character (latin1), `.` also for line ends. No bare `/` in it. */
  | { readonly by: 'bytes'; readonly pattern: string; readonly ignoreCase: boolean }
  /** Pairs of hex digits in lower case without spaces, `?` for any digit. */
  | { readonly by: 'hex'; readonly pattern: string }
  /** In the payload as UTF-8, or in what another event says; ASCII letters in either case. */
  | { readonly by: 'text'; readonly text: string }
  | { readonly by: 'cause'; readonly cause: Cause }
  /** ms since the engine's start. */
  | { readonly by: 'at'; readonly is: Comparison; readonly ms: number }
  /** The callback that delivered it ran, or waited before it ran, so many ms: the longer of the two. */
  | { readonly by: 'slow'; readonly is: Comparison; readonly ms: number }
  /** Has a bookmark whose note contains this, in either case; empty for any bookmark. */
  | { readonly by: 'marked'; readonly note: string }

/**
 * A filter. In normal form, which is what the parser makes: `and` and `or` have two parts or more, none of them of the same
 * sort. An `and` without parts is satisfied by everything, an `or` without parts by nothing.
 */
export type FilterPart =
  | FilterTerm
  | { readonly by: 'and'; readonly parts: readonly FilterPart[] }
  | { readonly by: 'or'; readonly parts: readonly FilterPart[] }
  | { readonly by: 'not'; readonly part: FilterPart }

/** What is wrong with a filter, and where: `at` up to `end`, in UTF-16 units. */
export interface FilterError {
  readonly message: string
  readonly at: number
  readonly end: number
}

/** A stretch of the text that stands for one part of the whole. */
export interface FilterPiece {
  readonly part: FilterPart
  readonly from: number
  readonly to: number
}

export type ParsedFilter =
  | {
      readonly ok: true
      /** Null where the text says nothing. */
      readonly part: FilterPart | null
      /** What stands side by side in it, which together (`combine`) mean the same; one piece where it cannot be taken apart. */
      readonly pieces: readonly FilterPiece[]
    }
  | { readonly ok: false; readonly error: FilterError }

/** The longest filter, in UTF-16 units; the most terms; how deep parentheses and `not` go. */
export const maxFilterLength = 4096
export const maxFilterTerms = 500
export const maxFilterDepth = 32

const flatten = (by: 'and' | 'or', parts: readonly FilterPart[]): FilterPart => {
  const flat = parts.flatMap((part) => (part.by === by ? part.parts : [part]))
  return flat.length === 1 ? flat[0]! : { by, parts: flat }
}
export const allOf = (parts: readonly FilterPart[]): FilterPart => flatten('and', parts)
export const anyOf = (parts: readonly FilterPart[]): FilterPart => flatten('or', parts)

const widening: ReadonlySet<string> = new Set(['kind', 'connection', 'endpoint', 'direction', 'cause'])
const sortOf = (part: FilterPart): string => (part.by === 'endpoint-name' ? 'endpoint' : part.by)

/** The sort of a part of which several side by side widen a filter (two kinds: either); null where each narrows it. */
export const wideningSort = (part: FilterPart): string | null => {
  if (part.by !== 'or') return widening.has(sortOf(part)) ? sortOf(part) : null
  const sorts = new Set(part.parts.map(sortOf))
  const [sort] = sorts
  return sorts.size === 1 && sort !== undefined && widening.has(sort) ? sort : null
}

/** Parts side by side as one: several kinds, connections, endpoints, directions or causes widen it, all else narrows it. */
export const combine = (parts: readonly FilterPart[]): FilterPart => {
  const groups: { sort: string | null; parts: FilterPart[] }[] = []
  for (const part of parts) {
    const sort = wideningSort(part)
    const group = sort === null ? undefined : groups.find((each) => each.sort === sort)
    if (group === undefined) groups.push({ sort, parts: [part] })
    else group.parts.push(part)
  }
  return allOf(groups.map((group) => anyOf(group.parts)))
}

type Token =
  | { readonly type: '(' | ')' | 'and' | 'or' | 'not' | 'end'; readonly at: number; readonly end: number }
  | { readonly type: 'term'; readonly part: FilterPart; readonly at: number; readonly end: number }

class WrongFilter extends Error {
  readonly error: FilterError
  constructor(message: string, at: number, end: number) {
    super(message)
    this.error = { message, at, end }
  }
}

const fieldStart = new RegExp(`(${fieldNames.join('|')})(:|~|<=|>=|<|>|=)`, 'iy')
const bareWord = /[^\s()]+/y

/** The end of a quoted text that begins at `at`, after its closing quote; -1 where it has none. */
export const quoteEnd = (text: string, at: number, quote: '"' | '/'): number => {
  for (let i = at + 1; i < text.length; i++) {
    if (text[i] === '\\') i++
    else if (text[i] === quote) return i + 1
  }
  return -1
}

/** Where the value that begins at `at` ends: quoted, `/…/flags`, or up to a space or parenthesis. */
const valueEnd = (text: string, at: number, slashes: boolean): number => {
  const quote = text[at] === '"' ? '"' : slashes && text[at] === '/' ? '/' : null
  if (quote !== null) {
    const end = quoteEnd(text, at, quote)
    if (end < 0) throw new WrongFilter(`The closing ${quote} is missing`, at, text.length)
    bareWord.lastIndex = end
    return quote === '/' ? end + (bareWord.exec(text)?.[0].length ?? 0) : end
  }
  bareWord.lastIndex = at
  return at + (bareWord.exec(text)?.[0].length ?? 0)
}

const term = (text: string, field: FieldName, operator: string, at: number, from: number, to: number): Token => {
  const parsed: FilterPart | TermError = parseField(field, operator, text.slice(from, to))
  if ('message' in parsed)
    throw new WrongFilter(parsed.message, parsed.whole === true ? at : Math.min(from, to), Math.max(to, at + 1))
  return { type: 'term', part: parsed, at, end: to }
}

const nextToken = (text: string, from: number): Token => {
  let at = from
  while (at < text.length && /\s/.test(text[at]!)) at++
  if (at >= text.length) return { type: 'end', at: text.length, end: text.length }
  const sign = text[at]!
  if (sign === '(' || sign === ')') return { type: sign, at, end: at + 1 }
  if (sign === '!') return { type: 'not', at, end: at + 1 }
  if (sign === '/') return term(text, 'bytes', '~', at, at, valueEnd(text, at, true))
  if (sign === '"') return term(text, 'text', ':', at, at, valueEnd(text, at, false))
  fieldStart.lastIndex = at
  const field = fieldStart.exec(text)
  if (field !== null) {
    const start = at + field[0].length
    const name = field[1]!.toLowerCase() as FieldName
    return term(text, name, field[2]!, at, start, valueEnd(text, start, name === 'bytes'))
  }
  bareWord.lastIndex = at
  const word = bareWord.exec(text)![0]
  const lower = word.toLowerCase()
  if (lower === 'and' || lower === 'or' || lower === 'not') return { type: lower, at, end: at + word.length }
  return { type: 'term', part: { by: 'text', text: word }, at, end: at + word.length }
}

const words = {
  '(': '“(”',
  ')': '“)”',
  and: '“and”',
  or: '“or”',
  not: '“not”',
  end: 'the end',
  term: 'a term',
} as const

const createParser = (text: string) => {
  let token = nextToken(text, 0)
  let terms = 0
  let depth = 0
  const pieces: FilterPiece[] = []
  /** How many `or` and `and` stand at the top. */
  let topOperators = 0
  const advance = (): Token => {
    const before = token
    token = nextToken(text, token.end)
    return before
  }
  /** By a call: what `advance` does to the token is not seen otherwise. */
  const stands = (type: Token['type']): boolean => token.type === type
  const deeper = (): void => {
    if (++depth > maxFilterDepth)
      throw new WrongFilter(`Parentheses and “not” go at most ${maxFilterDepth} deep`, token.at, token.end)
  }

  const primary = (): FilterPart => {
    if (token.type === 'not') {
      deeper()
      advance()
      const part = primary()
      depth--
      return { by: 'not', part }
    }
    if (token.type === '(') {
      const open = advance()
      deeper()
      const inner = either()
      if (!stands(')')) throw new WrongFilter('The closing “)” is missing', open.at, open.end)
      advance()
      depth--
      return inner
    }
    if (token.type !== 'term')
      throw new WrongFilter(
        `A term belongs here, for example kind:data-received, not ${words[token.type]}`,
        token.at,
        token.end,
      )
    if (++terms > maxFilterTerms)
      throw new WrongFilter(`A filter has at most ${maxFilterTerms} terms`, token.at, token.end)
    const found = advance()
    return (found as Token & { readonly type: 'term' }).part
  }

  const run = (): FilterPart => {
    const parts: FilterPart[] = []
    do {
      const from = token.at
      const before = depth
      const part = primary()
      parts.push(part)
      if (before === 0) pieces.push({ part, from, to: lastEnd(text, token.at) })
    } while (token.type === 'term' || token.type === '(' || token.type === 'not')
    return combine(parts)
  }

  const both = (): FilterPart => {
    const parts = [run()]
    while (token.type === 'and') {
      if (depth === 0) topOperators++
      advance()
      parts.push(run())
    }
    return allOf(parts)
  }

  function either(): FilterPart {
    const parts = [both()]
    while (token.type === 'or') {
      if (depth === 0) topOperators++
      advance()
      parts.push(both())
    }
    return anyOf(parts)
  }

  return (): ParsedFilter => {
    if (token.type === 'end') return { ok: true, part: null, pieces: [] }
    const part = either()
    if (!stands('end')) throw new WrongFilter(`There is no “(” for this “)”`, token.at, token.end)
    const whole = text.trim()
    const from = text.indexOf(whole)
    return {
      ok: true,
      part,
      pieces: topOperators === 0 ? pieces : [{ part, from, to: from + whole.length }],
    }
  }
}

/** The end of what stands before `at`, without the spaces between. */
const lastEnd = (text: string, at: number): number => {
  let end = at
  while (end > 0 && /\s/.test(text[end - 1]!)) end--
  return end
}

/** Reads a filter. Never throws. */
export const parseFilter = (text: string): ParsedFilter => {
  if (text.length > maxFilterLength)
    return {
      ok: false,
      error: { message: `A filter has at most ${maxFilterLength} characters`, at: maxFilterLength, end: text.length },
    }
  try {
    return createParser(text)()
  } catch (error) {
    if (error instanceof WrongFilter) return { ok: false, error: error.error }
    throw error
  }
}

/** Calls `visit` for every term of a filter. */
export const eachTerm = (part: FilterPart, visit: (term: FilterTerm) => void): void => {
  if (part.by === 'and' || part.by === 'or') for (const each of part.parts) eachTerm(each, visit)
  else if (part.by === 'not') eachTerm(part.part, visit)
  else visit(part)
}

/** True where some term is of one of these sorts. */
export const hasTerm = (part: FilterPart, ...sorts: readonly FilterTerm['by'][]): boolean => {
  let found = false
  eachTerm(part, (each) => {
    if (sorts.includes(each.by)) found = true
  })
  return found
}

/** The highest number, which no endpoint ever gets: a name that nobody has. */
const noEndpoint = 0xffff_ffff as EndpointId

/** The filter with endpoints by their ids in place of their names: any of those that have the name, or nothing. */
export const withEndpointIds = (part: FilterPart, idsOf: (name: string) => readonly EndpointId[]): FilterPart => {
  switch (part.by) {
    case 'endpoint-name': {
      const ids = idsOf(part.name)
      return anyOf((ids.length === 0 ? [noEndpoint] : ids).map((id) => ({ by: 'endpoint', id })))
    }
    case 'and':
      return { by: 'and', parts: part.parts.map((each) => withEndpointIds(each, idsOf)) }
    case 'or':
      return anyOf(part.parts.map((each) => withEndpointIds(each, idsOf)))
    case 'not':
      return { by: 'not', part: withEndpointIds(part.part, idsOf) }
    default:
      return part
  }
}
