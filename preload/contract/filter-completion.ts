// What may be written next in a filter: fields, the values of the field at the cursor, and the words between terms.
// Pure. Counterparts: filter-language.ts (the grammar), the table's filter field, which offers them.
import { fieldNames } from './filter-terms.ts'
import { causes, eventKinds } from './vocabulary.ts'

export interface FilterSources {
  /** Names of endpoints. */
  readonly endpoints: readonly string[]
  /** Numbers of connections, the likeliest first; they begin with these digits. */
  connections(digits: string): readonly number[]
}

/** A way to go on: `text` takes the place of what stands from `from` up to `to`. */
export interface Candidate {
  readonly text: string
  /** A finished term; else its value is still to be written. */
  readonly complete: boolean
}

export interface Completion {
  readonly from: number
  readonly to: number
  readonly candidates: readonly Candidate[]
}

/** Fields as they are begun, in the order in which they are offered. */
const begins = [
  'kind:',
  'conn:',
  'endpoint:',
  'dir:',
  'size>',
  'size<',
  'text:',
  'hex:',
  'bytes~/',
  'cause:',
  'at>',
  'at<',
  'slow>',
  'marked:',
] as const
const between = ['and', 'or', 'not'] as const
/** Values that are offered at most. */
const mostValues = 12

const nameAsValue = (name: string): string =>
  /^[^\s()"]+$/.test(name) && !name.startsWith('#') ? name : `"${name.replace(/["\\]/g, '\\$&')}"`

const values = (field: string, typed: string, sources: FilterSources): readonly string[] => {
  const wanted = typed.toLowerCase()
  const having = (all: readonly string[]) => all.filter((each) => each.toLowerCase().includes(wanted))
  switch (field) {
    case 'kind':
      return having(eventKinds)
    case 'cause':
      return having(causes.filter((cause) => cause !== 'none'))
    case 'dir':
      return having(['in', 'out'])
    case 'conn':
    case 'connection':
      return sources.connections(wanted.replace(/^#/, '')).map(String)
    case 'endpoint':
      return having(sources.endpoints).map(nameAsValue)
    default:
      return []
  }
}

const fieldAtStart = new RegExp(`^(${fieldNames.join('|')})(:|=)`, 'i')

/** The start of the word at the cursor; inside of quotes or slashes, theirs. */
const wordStart = (text: string, cursor: number): number => {
  let start = 0
  let quote = ''
  for (let i = 0; i < cursor; i++) {
    const sign = text[i]!
    if (quote !== '') {
      if (sign === '\\') i++
      else if (sign === quote) quote = ''
    } else if (/[\s()!]/.test(sign)) start = i + 1
    else if (sign === '"' || (sign === '/' && /^$|~$/.test(text.slice(start, i)))) quote = sign
  }
  return start
}

/** What may stand in place of the word at the cursor. */
export const completeFilter = (text: string, cursor: number, sources: FilterSources): Completion => {
  const from = wordStart(text, cursor)
  const word = text.slice(from, cursor)
  const field = fieldAtStart.exec(word)
  if (field !== null) {
    const name = field[1]!.toLowerCase()
    // Behind a comma another value of the same list is begun.
    const list = name === 'endpoint' ? 0 : word.lastIndexOf(',') + 1
    const at = Math.max(field[0].length, list)
    const found = values(name, word.slice(at).replace(/^"/, ''), sources)
    return {
      from,
      to: cursor,
      candidates: found.slice(0, mostValues).map((value) => ({ text: word.slice(0, at) + value, complete: true })),
    }
  }
  const wanted = word.toLowerCase()
  const candidates: Candidate[] = []
  if (wanted !== '')
    for (const kind of eventKinds) if (kind.includes(wanted)) candidates.push({ text: `kind:${kind}`, complete: true })
  for (const name of sources.endpoints)
    if (wanted !== '' && name.toLowerCase().includes(wanted))
      candidates.push({ text: `endpoint:${nameAsValue(name)}`, complete: true })
  for (const begin of begins)
    if (begin.startsWith(wanted) && (begin !== wanted || begin === 'marked:'))
      candidates.push({ text: begin, complete: begin === 'marked:' })
  if (text.slice(0, from).trim() !== '')
    for (const each of between) if (each.startsWith(wanted)) candidates.push({ text: each, complete: false })
  return { from, to: cursor, candidates: candidates.slice(0, mostValues + begins.length) }
}
