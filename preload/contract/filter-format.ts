// A filter as text again, in the one way that its chips and saved filters show it; `parseFilter` reads the same filter
// back. Counterpart: filter-language.ts.
import { type FilterPart, type FilterTerm, wideningSort } from './filter-language.ts'

const escapes: Readonly<Record<string, string>> = {
  '"': '\\"',
  '\\': '\\\\',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\0': '\\0',
}

/** As it is, or in quotes where it would be read as something else. */
const quote = (value: string): string =>
  value !== '' && /^[^\s()"\0]+$/.test(value) && !/^#\d+$/.test(value)
    ? value
    : `"${value.replace(/["\\\n\r\t\0]/g, (letter) => escapes[letter]!)}"`

export const formatTerm = (term: FilterTerm): string => {
  switch (term.by) {
    case 'kind':
      return `kind:${term.kind}`
    case 'connection':
      return `conn:${term.id}`
    case 'endpoint':
      return `endpoint:#${term.id}`
    case 'endpoint-name':
      return `endpoint:${quote(term.name)}`
    case 'direction':
      return `dir:${term.direction}`
    case 'size':
      return `size${term.is}${term.bytes}`
    case 'bytes':
      return `/${term.pattern}/${term.ignoreCase ? 'i' : ''}`
    case 'hex':
      return `hex:${term.pattern}`
    case 'text':
      return `text:${quote(term.text)}`
    case 'cause':
      return `cause:${term.cause}`
    case 'at':
      return `at${term.is}${term.ms}ms`
    case 'slow':
      return `slow${term.is}${term.ms}ms`
    case 'marked':
      return `marked:${term.note === '' ? '' : quote(term.note)}`
  }
}

/** True where parts side by side would be read as one wider one, so that `and` has to stand between them. */
const wouldWiden = (parts: readonly FilterPart[]): boolean => {
  const sorts = parts.map(wideningSort).filter((sort) => sort !== null)
  return new Set(sorts).size < sorts.length
}

const listed: ReadonlySet<string> = new Set(['kind', 'connection', 'direction', 'cause'])

/** Several values of one sort, `kind:data-sent,eof-sent`; null for anything else. */
const asList = (part: FilterPart): string | null => {
  const sort = part.by === 'or' ? wideningSort(part) : null
  if (part.by !== 'or' || sort === null || !listed.has(sort)) return null
  const [first, ...others] = part.parts.map(formatFilter)
  return [first, ...others.map((text) => text.slice(text.indexOf(':') + 1))].join(',')
}

const inParentheses = (part: FilterPart): string =>
  part.by === 'and' || (part.by === 'or' && asList(part) === null) ? `(${formatFilter(part)})` : formatFilter(part)

/** A filter in normal form as text; empty for an `and` or `or` without parts. */
export const formatFilter = (part: FilterPart): string => {
  switch (part.by) {
    case 'and':
      return part.parts.map(inParentheses).join(wouldWiden(part.parts) ? ' and ' : ' ')
    case 'or': {
      const list = asList(part)
      if (list !== null) return list
      return part.parts.map((each) => (each.by === 'and' ? `(${formatFilter(each)})` : formatFilter(each))).join(' or ')
    }
    case 'not':
      return `not ${inParentheses(part.part)}`
    default:
      return formatTerm(part)
  }
}

/** Parts side by side, as chips stand in the field. */
export const formatParts = (parts: readonly FilterPart[]): string =>
  parts.map((part) => (parts.length > 1 ? inParentheses(part) : formatFilter(part))).join(' ')
