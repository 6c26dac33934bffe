// The values of the filter language's terms: how each field is written and what is said of one that is not.
// Counterparts: filter-language.ts (the grammar around them), filter-format.ts (back to text).
import type { Comparison, FilterPart, FilterTerm } from './filter-language.ts'
import { type Cause, type ConnectionId, causes, type EndpointId, type EventKind, eventKinds } from './vocabulary.ts'

/** Longer ones first, where one begins another. */
export const fieldNames = [
  'kind',
  'connection',
  'conn',
  'endpoint',
  'dir',
  'size',
  'bytes',
  'hex',
  'text',
  'cause',
  'at',
  'slow',
  'marked',
] as const
export type FieldName = (typeof fieldNames)[number]

export interface TermError {
  readonly message: string
  /** True where the whole term is meant, not its value alone. */
  readonly whole?: true
}

const wrong = (message: string): TermError => ({ message })

/** At most so many characters of a value are quoted in a message. */
const quotedCharacters = 40
const quoted = (value: string): string =>
  `“${value.length > quotedCharacters ? `${value.slice(0, quotedCharacters)}…` : value}”`

const escapes: Readonly<Record<string, string>> = { '"': '"', '\\': '\\', n: '\n', r: '\r', t: '\t', '0': '\0' }

/** The text of a value, without its quotes; an error where an escape is none. */
const unquote = (value: string): string | TermError => {
  if (!value.startsWith('"')) return value
  let text = ''
  for (let i = 1; i < value.length - 1; i++) {
    if (value[i] !== '\\') {
      text += value[i]
      continue
    }
    const letter = value[++i]!
    if (!Object.hasOwn(escapes, letter)) return wrong(`\\${letter} is no escape; use \\" \\\\ \\n \\r \\t or \\0`)
    text += escapes[letter]
  }
  return text
}

const list = (value: string): readonly string[] => value.split(',').map((each) => each.trim())

const either = (parts: readonly FilterPart[]): FilterPart => (parts.length === 1 ? parts[0]! : { by: 'or', parts })

/** Each of a list of values, separated by commas, as a term. */
const each = (
  value: string,
  read: (one: string) => FilterTerm | TermError | readonly FilterTerm[],
): FilterPart | TermError => {
  const terms: FilterTerm[] = []
  for (const one of list(value)) {
    const term = read(one)
    if ('message' in term) return term
    terms.push(...(Array.isArray(term) ? (term as readonly FilterTerm[]) : [term as FilterTerm]))
  }
  return either(terms)
}

const letterPairs = (word: string): Set<string> =>
  new Set(Array.from({ length: Math.max(0, word.length - 1) }, (_, i) => word.slice(i, i + 2)))

/** What a wrong word most likely means: the one that shares the most pairs of letters with it. */
const nearest = (word: string, all: readonly string[]): string => {
  const pairs = letterPairs(word.toLowerCase())
  const shared = (candidate: string): number => {
    const own = letterPairs(candidate)
    return [...pairs].filter((pair) => own.has(pair)).length / (pairs.size + own.size)
  }
  return all.reduce((best, candidate) => (shared(candidate) > shared(best) ? candidate : best), all[0]!)
}

const kindOf = (word: string): FilterTerm | TermError | readonly FilterTerm[] => {
  const kind = eventKinds.find((candidate) => candidate === word.toLowerCase())
  if (kind !== undefined) return { by: 'kind', kind }
  if (word.toLowerCase() === 'data')
    return (['data-received', 'data-sent'] as const satisfies EventKind[]).map((data) => ({ by: 'kind', kind: data }))
  return word === ''
    ? wrong('A kind of event belongs here, for example kind:data-received')
    : wrong(`${quoted(word)} is no kind of event; is ${nearest(word, eventKinds)} meant?`)
}

const causeOf = (word: string): FilterTerm | TermError => {
  const cause = causes.find((candidate) => candidate === word.toLowerCase())
  if (cause !== undefined) return { by: 'cause', cause: cause as Cause }
  return word === ''
    ? wrong('A cause belongs here, for example cause:reset-by-peer')
    : wrong(`${quoted(word)} is no cause; is ${nearest(word, causes)} meant?`)
}

const numberOf = (word: string): number | null => {
  const id = /^#?(\d{1,10})$/.exec(word)?.[1]
  return id === undefined || Number(id) > 0xffff_ffff ? null : Number(id)
}

const connectionOf = (word: string): FilterTerm | TermError => {
  const id = numberOf(word)
  return id === null
    ? wrong(`A connection is named by its number, for example conn:3${word === '' ? '' : `, not ${quoted(word)}`}`)
    : { by: 'connection', id: id as ConnectionId }
}

const directions: Readonly<Record<string, 'in' | 'out'>> = { in: 'in', received: 'in', out: 'out', sent: 'out' }
const directionOf = (word: string): FilterTerm | TermError => {
  const known = word.toLowerCase()
  return Object.hasOwn(directions, known)
    ? { by: 'direction', direction: directions[known]! }
    : wrong('A direction is dir:in (received) or dir:out (sent)')
}

const decimal = /^(\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)\s*([a-zA-Zµ]*)$/
const sizeUnits: Readonly<Record<string, number>> = {
  '': 1,
  b: 1,
  k: 1024,
  kb: 1000,
  kib: 1024,
  m: 1024 ** 2,
  mb: 1000 ** 2,
  mib: 1024 ** 2,
}
const timeUnits: Readonly<Record<string, number>> = {
  us: 0.001,
  µs: 0.001,
  ms: 1,
  s: 1000,
  min: 60_000,
  h: 3_600_000,
}

const sizeOf = (value: string): number | null => {
  const [, amount, unit] = decimal.exec(value) ?? []
  const factor = unit === undefined ? undefined : sizeUnits[unit.toLowerCase()]
  const bytes = amount === undefined || factor === undefined ? Number.NaN : Number(amount) * factor
  return Number.isFinite(bytes) ? bytes : null
}

/** ms; a number without a unit is of `plainUnit`. */
const timeOf = (value: string, plainUnit: 's' | 'ms'): number | null => {
  const clock = /^(?:(\d+):)?(\d+):(\d+(?:\.\d+)?)$/.exec(value)
  if (clock !== null) return (Number(clock[1] ?? 0) * 3600 + Number(clock[2]) * 60 + Number(clock[3])) * 1000
  const [, amount, unit] = decimal.exec(value) ?? []
  if (amount === undefined || unit === undefined) return null
  const factor = timeUnits[unit === '' ? plainUnit : unit.toLowerCase()]
  const ms = factor === undefined ? Number.NaN : Number(amount) * factor
  return Number.isFinite(ms) ? ms : null
}

const compared = (operator: string): Comparison =>
  operator === ':' || operator === '~' ? '=' : (operator as Comparison)

const regexOf = (value: string): FilterTerm | TermError => {
  if (!value.startsWith('/')) return wrong('A regular expression stands between slashes: bytes~/PONG/ or bytes~/pong/i')
  const end = value.lastIndexOf('/')
  const pattern = value.slice(1, end)
  const flags = value.slice(end + 1)
  if (end === 0 || pattern === '') return wrong('The regular expression is empty; write it between slashes, /PONG/')
  if (!/^i?$/.test(flags))
    return wrong(`${quoted(flags)} behind a regular expression is not known; i stands for either case`)
  try {
    new RegExp(pattern, 's')
  } catch (error) {
    const why = (error as Error).message.replace(/^Invalid regular expression: \/.*\/s?: /s, '')
    return wrong(`This is no regular expression: ${why}`)
  }
  return { by: 'bytes', pattern, ignoreCase: flags === 'i' }
}

/** Hex digits and `?` in pairs, in lower case and without what may stand between them. */
const hexOf = (value: string): FilterTerm | TermError => {
  const digits = value.replace(/0[xX](?=[0-9a-fA-F?])|[\s,:;-]+/g, '').toLowerCase()
  if (digits === '') return wrong('Bytes in hex belong here, for example hex:0d0a or hex:"41 ?? 4?"')
  const bad = /[^0-9a-f?]/.exec(digits)
  if (bad !== null) return wrong(`${quoted(bad[0])} is no hex digit (0-9, a-f, ? for any)`)
  if (digits.length % 2 !== 0) return wrong('Hex digits come in pairs: one is missing, or one is too many')
  if (/^\?*$/.test(digits)) return wrong('At least one digit is to be known, not ? alone')
  return { by: 'hex', pattern: digits }
}

const operators: Readonly<Record<FieldName, string>> = {
  kind: ':=',
  connection: ':=',
  conn: ':=',
  endpoint: ':=',
  dir: ':=',
  size: '<>=<=>=:',
  bytes: '~:',
  hex: ':=~',
  text: ':=~',
  cause: ':=',
  at: '<>=<=>=:',
  slow: '<>=<=>=:',
  marked: ':=',
}

/** Reads the value of a field, as it stands behind its operator. */
export const parseField = (field: FieldName, operator: string, raw: string): FilterPart | TermError => {
  if (!operators[field].includes(operator))
    return { message: `${field}${operator} means nothing; write ${field}${operators[field][0]}`, whole: true }
  if (field === 'bytes') return regexOf(raw)
  const value = unquote(raw)
  if (typeof value !== 'string') return value
  switch (field) {
    case 'kind':
      return each(value, kindOf)
    case 'conn':
    case 'connection':
      return each(value, connectionOf)
    case 'endpoint': {
      if (value === '') return wrong('An endpoint’s name or number belongs here: endpoint:redis or endpoint:#2')
      const id = raw.startsWith('#') ? numberOf(value) : null
      return id === null ? { by: 'endpoint-name', name: value } : { by: 'endpoint', id: id as EndpointId }
    }
    case 'dir':
      return each(value, directionOf)
    case 'cause':
      return each(value, causeOf)
    case 'size': {
      const bytes = sizeOf(value)
      return bytes === null
        ? wrong('A size is a number of bytes: size>1024 or size<4KiB')
        : { by: 'size', is: compared(operator), bytes }
    }
    case 'at': {
      const ms = timeOf(value, 's')
      return ms === null
        ? wrong('A time is written at>5.008 (seconds), at<90ms or at>1:02:03')
        : { by: 'at', is: compared(operator), ms }
    }
    case 'slow': {
      const ms = timeOf(value, 'ms')
      return ms === null
        ? wrong('A duration is written slow>10ms or slow>1.5s')
        : { by: 'slow', is: compared(operator), ms }
    }
    case 'hex':
      return hexOf(value)
    case 'text':
      return value === '' ? wrong('Text belongs here: text:PING or text:"two words"') : { by: 'text', text: value }
    case 'marked':
      return { by: 'marked', note: value }
  }
}
