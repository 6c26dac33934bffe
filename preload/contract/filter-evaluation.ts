// Which events satisfy a filter: one evaluator for the archive's segments, for the batches in the host's memory and for the
// runs of events that a page holds. Pure; what a side does not know it answers with `unknown`, and the other side is asked.
// Counterparts: filter-language.ts (the tree), main/archive/filter.ts, renderer/event-log/filter.ts.
import { isData, kindCode } from './event-columns.ts'
import type { Comparison, FilterPart, FilterTerm } from './filter-language.ts'
import { causes, type EventKind } from './vocabulary.ts'

/** Events that follow each other, as columns; a batch is one. */
export interface FilterRows {
  readonly firstSeq: number
  readonly at: Float64Array
  readonly endpoint: Uint32Array
  readonly connection: Uint32Array
  readonly length: Uint32Array
  readonly callback: Uint32Array
  readonly dataOffset: Uint32Array
  readonly dataLength: Uint32Array
  readonly kind: Uint8Array
  readonly cause: Uint8Array
  readonly arena: Uint8Array
}

export const no = 0
export const yes = 1
/** What this side has of the event does not say. */
export const unknown = 2
export type Verdict = typeof no | typeof yes | typeof unknown

export type RowTest = (rows: FilterRows, row: number) => Verdict

/** What beside the rows a side knows. */
export interface FilterKnowledge {
  /** What is stored of a payload is all that is kept of it anywhere; else a short one is the beginning of a longer one. */
  readonly wholePayloads: boolean
  /** Bytes as a text of one character each; null where regular expressions, which may take for ever, are not run. */
  readonly latin1: ((bytes: Uint8Array) => string) | null
  /** Notes of bookmarks by event; null where they are not known. */
  readonly notes: ReadonlyMap<number, string> | null
  /** Tells of a callback's number whether it was as slow; null where the loop's records are not known. */
  readonly slow: ((is: Comparison, ms: number) => (callback: number) => Verdict) | null
}

const verdict = (satisfied: boolean): Verdict => (satisfied ? yes : no)

export const compare = (is: Comparison, value: number, bound: number): boolean => {
  switch (is) {
    case '<':
      return value < bound
    case '>':
      return value > bound
    case '<=':
      return value <= bound
    case '>=':
      return value >= bound
    case '=':
      return value === bound
  }
}

const received = kindCode('data-received')
const sent = kindCode('data-sent')
const kindsIn: readonly EventKind[] = ['data-received', 'eof-received']
const kindsOut: readonly EventKind[] = ['data-sent', 'eof-sent']

const encoder = new TextEncoder()
const decoder = new TextDecoder()

/** The lower case of each ASCII letter, every other byte as it is. */
const lowerCase = Uint8Array.from({ length: 256 }, (_, byte) => (byte >= 0x41 && byte <= 0x5a ? byte + 0x20 : byte))

/** Tells whether `arena[from .. to - 1]` has the bytes, ASCII letters in either case. */
const textFinder = (text: string): ((arena: Uint8Array, from: number, to: number) => boolean) => {
  const wanted = encoder.encode(text).map((byte) => lowerCase[byte]!)
  const first = wanted[0]!
  return (arena, from, to) => {
    const last = to - wanted.length
    next: for (let at = from; at <= last; at++) {
      if (lowerCase[arena[at]!] !== first) continue
      for (let i = 1; i < wanted.length; i++) if (lowerCase[arena[at + i]!] !== wanted[i]) continue next
      return true
    }
    return false
  }
}

/** The same of hex digits with `?` for any. */
const hexFinder = (pattern: string): ((arena: Uint8Array, from: number, to: number) => boolean) => {
  const size = pattern.length / 2
  const digit = (letter: string) => (letter === '?' ? 0 : Number.parseInt(letter, 16))
  const mask = Uint8Array.from({ length: size }, (_, i) =>
    Number.parseInt((pattern[2 * i] === '?' ? '0' : 'f') + (pattern[2 * i + 1] === '?' ? '0' : 'f'), 16),
  )
  const wanted = Uint8Array.from({ length: size }, (_, i) => digit(pattern[2 * i]!) * 16 + digit(pattern[2 * i + 1]!))
  return (arena, from, to) => {
    const last = to - size
    next: for (let at = from; at <= last; at++) {
      for (let i = 0; i < size; i++) if ((arena[at + i]! & mask[i]!) !== wanted[i]) continue next
      return true
    }
    return false
  }
}

/** What an event that is not data says, as a person reads it: the values of its details. */
const saidBy = (rows: FilterRows, row: number): string => {
  const from = rows.dataOffset[row]!
  const words: string[] = []
  const collect = (value: unknown, depth: number) => {
    if (typeof value === 'string' || typeof value === 'number') words.push(String(value))
    else if (typeof value === 'object' && value !== null && depth < 8)
      for (const each of Object.values(value)) collect(each, depth + 1)
  }
  try {
    collect(JSON.parse(decoder.decode(rows.arena.slice(from, from + rows.dataLength[row]!))), 0)
  } catch {
    // A damaged file may have anything there.
  }
  return words.join('\n').toLowerCase()
}

type Find = (arena: Uint8Array, from: number, to: number) => boolean

/** A payload that is only known in part may have it where it is not known. */
const inPayload = (find: Find, { wholePayloads }: FilterKnowledge, rows: FilterRows, row: number): Verdict => {
  const from = rows.dataOffset[row]!
  const stored = rows.dataLength[row]!
  if (find(rows.arena, from, from + stored)) return yes
  return wholePayloads || stored >= rows.length[row]! ? no : unknown
}

const isOneOf = (kinds: readonly EventKind[]): RowTest => {
  const codes = new Set(kinds.map(kindCode))
  return ({ kind }, row) => verdict(codes.has(kind[row]!))
}

const compileTerm = (term: FilterTerm, knowledge: FilterKnowledge): RowTest => {
  switch (term.by) {
    case 'kind': {
      const code = kindCode(term.kind)
      return ({ kind }, row) => verdict(kind[row] === code)
    }
    case 'connection':
      return ({ connection }, row) => verdict(connection[row] === term.id)
    case 'endpoint':
      return ({ endpoint }, row) => verdict(endpoint[row] === term.id)
    case 'endpoint-name':
      // Who asks by name has put numbers in its place.
      return () => no
    case 'direction':
      return isOneOf(term.direction === 'in' ? kindsIn : kindsOut)
    case 'size':
      return ({ kind, length }, row) => verdict(isData(kind[row]!) && compare(term.is, length[row]!, term.bytes))
    case 'cause': {
      const code = causes.indexOf(term.cause)
      return ({ cause }, row) => verdict(cause[row] === code)
    }
    case 'at':
      return ({ at }, row) => verdict(compare(term.is, at[row]!, term.ms))
    case 'slow': {
      const test = knowledge.slow?.(term.is, term.ms) ?? null
      return ({ callback }, row) => (callback[row] === 0 ? no : test === null ? unknown : test(callback[row]!))
    }
    case 'marked': {
      const { notes } = knowledge
      const wanted = term.note.toLowerCase()
      if (notes === null) return () => unknown
      return ({ firstSeq }, row) =>
        verdict(
          notes
            .get(firstSeq + row)
            ?.toLowerCase()
            .includes(wanted) === true,
        )
    }
    case 'hex': {
      const find = hexFinder(term.pattern)
      return (rows, row) => (isData(rows.kind[row]!) ? inPayload(find, knowledge, rows, row) : no)
    }
    case 'text': {
      const find = textFinder(term.text)
      const wanted = term.text.toLowerCase()
      return (rows, row) => {
        if (isData(rows.kind[row]!)) return inPayload(find, knowledge, rows, row)
        return verdict(rows.dataLength[row]! > 0 && saidBy(rows, row).includes(wanted))
      }
    }
    case 'bytes': {
      const { latin1 } = knowledge
      if (latin1 === null) return ({ kind, length }, row) => (isData(kind[row]!) && length[row]! > 0 ? unknown : no)
      const regex = new RegExp(term.pattern, term.ignoreCase ? 'si' : 's')
      return (rows, row) => {
        const kind = rows.kind[row]!
        if (kind !== received && kind !== sent) return no
        const from = rows.dataOffset[row]!
        return verdict(regex.test(latin1(rows.arena.subarray(from, from + rows.dataLength[row]!))))
      }
    }
  }
}

/** How much a part costs to be looked at: those that only look at columns come first. */
const costOf = (part: FilterPart): number => {
  switch (part.by) {
    case 'and':
    case 'or':
      return part.parts.reduce((most, each) => Math.max(most, costOf(each)), 0)
    case 'not':
      return costOf(part.part)
    case 'bytes':
      return 3
    case 'text':
    case 'hex':
      return 2
    case 'slow':
    case 'marked':
      return 1
    default:
      return 0
  }
}

/** A filter as a test of rows. Endpoints are known by number here (`withEndpointIds`). */
export const compileFilter = (part: FilterPart, knowledge: FilterKnowledge): RowTest => {
  switch (part.by) {
    case 'and': {
      const tests = [...part.parts].sort((a, b) => costOf(a) - costOf(b)).map((each) => compileFilter(each, knowledge))
      return (rows, row) => {
        let result: Verdict = yes
        for (const test of tests) {
          const one = test(rows, row)
          if (one === no) return no
          if (one === unknown) result = unknown
        }
        return result
      }
    }
    case 'or': {
      const tests = [...part.parts].sort((a, b) => costOf(a) - costOf(b)).map((each) => compileFilter(each, knowledge))
      return (rows, row) => {
        let result: Verdict = no
        for (const test of tests) {
          const one = test(rows, row)
          if (one === yes) return yes
          if (one === unknown) result = unknown
        }
        return result
      }
    }
    case 'not': {
      const test = compileFilter(part.part, knowledge)
      return (rows, row) => {
        const one = test(rows, row)
        return one === unknown ? unknown : one === yes ? no : yes
      }
    }
    default:
      return compileTerm(part, knowledge)
  }
}
