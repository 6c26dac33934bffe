// Which events a filter means, as bits. Ids and kinds are looked up in the keys of segments; what is asked for in the filter
// language looks at the rows that are left, with their whole payloads. Counterparts: contract/captures.ts (`EventFilter`),
// contract/filter-evaluation.ts (the test), slow-callbacks.ts, capture-file.ts (the keys), memory-filter.ts (its twin).
import type { EventFilter, FilterResult } from '../../preload/contract/captures.ts'
import { kindCode } from '../../preload/contract/event-columns.ts'
import { fail, ok, type Result } from '../../preload/contract/failure.ts'
import {
  compileFilter,
  type FilterKnowledge,
  type FilterRows,
  no,
  type RowTest,
  unknown,
  yes,
} from '../../preload/contract/filter-evaluation.ts'
import { type FilterPart, hasTerm, parseFilter } from '../../preload/contract/filter-language.ts'
import { eventKinds } from '../../preload/contract/vocabulary.ts'
import type { CaptureFile } from './capture-file.ts'
import type { SegmentEntry } from './capture-index.ts'
import type { Keys } from './event-segment.ts'
import { readBookmarks } from './readings.ts'
import { slowCallbacksOf } from './slow-callbacks.ts'
import { runAtMost, TookTooLong } from './time-limit.ts'

/** How long one answer to `where` may take, ms: then it is told how far it came, and asked for the rest. */
const sliceMs = 100
/** How long a regular expression may take over one segment, ms. */
export const regexLimitMs = 3000

/** A filter that is ready to be asked. */
export interface PreparedFilter {
  /** One entry a kind's index: 1 where it is meant. */
  readonly kinds: Uint8Array
  /** False where the segment holds nothing that is meant; true where it may. */
  mayHold(segment: SegmentEntry): boolean
  /** One entry a slot: 1 where it is meant. */
  slots(keys: Keys): Uint8Array
}

export const prepareFilter = (filter: EventFilter): PreparedFilter => {
  const kinds = new Uint8Array(eventKinds.length)
  if (filter.kinds === undefined) kinds.fill(1)
  else for (const kind of filter.kinds) kinds[kindCode(kind)] = 1
  const kindBits = kinds.reduce((bits, meant, index) => (meant === 1 ? bits | (1 << index) : bits), 0)
  const connections = filter.connections === undefined ? null : new Set<number>(filter.connections)
  const endpoints = filter.endpoints === undefined ? null : new Set<number>(filter.endpoints)
  let lowest = Number.POSITIVE_INFINITY
  let highest = 0
  for (const connection of connections ?? []) {
    if (connection < lowest) lowest = connection
    if (connection > highest) highest = connection
  }
  return {
    kinds,
    mayHold: (segment) =>
      (segment.kinds & kindBits) !== 0 &&
      (connections === null || (segment.firstConnection <= highest && segment.lastConnection >= lowest)),
    slots(keys) {
      const slots = new Uint8Array(keys.connection.length)
      for (let slot = 0; slot < slots.length; slot++)
        if (
          (connections === null || connections.has(keys.connection[slot]!)) &&
          (endpoints === null || endpoints.has(keys.endpoint[slot]!))
        )
          slots[slot] = 1
      return slots
    },
  }
}

/** What a filter asks for beyond ids and kinds; null for nothing. The border has checked that it can be read. */
export const wherePart = (filter: EventFilter): FilterPart | null => {
  const parsed = filter.where === undefined ? null : parseFilter(filter.where)
  if (parsed !== null && !parsed.ok) throw new RangeError(`no filter: ${parsed.error.message}`)
  return parsed?.part ?? null
}

export const latin1 = (bytes: Uint8Array): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1')

/** The test of what is asked for beyond ids and kinds, with all that the file knows. */
export const compileWhere = (file: CaptureFile, part: FilterPart): RowTest => {
  const knowledge: FilterKnowledge = {
    wholePayloads: true,
    latin1,
    notes: hasTerm(part, 'marked') ? new Map(readBookmarks(file).map(({ seq, note }) => [seq, note])) : null,
    slow(is, ms) {
      const test = slowCallbacksOf(file, is, ms)
      // Of a file that nobody writes any more, a record that is not there will not come.
      return file.isOver ? (id) => (test(id) === yes ? yes : no) : test
    },
  }
  return compileFilter(part, knowledge)
}

/** Tells of single events whether they satisfy what is asked for beyond ids and kinds; all do where nothing is. */
export const whereOf = (file: CaptureFile, filter: EventFilter): ((seq: number) => boolean) | null => {
  const part = wherePart(filter)
  if (part === null) return null
  const test = compileWhere(file, part)
  return (seq) => {
    const segment = file.segments[file.findSeq(seq)]
    const rows = segment === undefined || segment.firstSeq > seq ? null : file.rows(segment)
    return rows !== null && test(rows, seq - rows.firstSeq) !== no
  }
}

/** One segment's events from `from` on. Answers the row at which nothing is known yet; the number of rows where all is. */
const testRows = (
  rows: FilterRows & { readonly count: number },
  from: number,
  isMeant: (row: number) => boolean,
  test: RowTest,
  found: (row: number) => void,
): number => {
  for (let row = from; row < rows.count; row++) {
    if (!isMeant(row)) continue
    const verdict = test(rows, row)
    if (verdict === unknown) return row
    if (verdict !== no) found(row)
  }
  return rows.count
}

const noBytes = new Uint8Array(0)

/** Rows as far as their columns go: most filters ask for nothing else, and payloads are most of a file. */
const rowsWithoutBytes = (
  file: CaptureFile,
  segment: SegmentEntry,
  keys: Keys,
): (FilterRows & { readonly count: number }) | null => {
  const columns = file.columns(segment)
  if (columns === null) return null
  const bySlot = (column: Uint32Array) => Uint32Array.from(keys.slot, (slot) => column[slot] ?? 0)
  return {
    ...columns,
    firstSeq: segment.firstSeq,
    count: segment.count,
    kind: keys.kind,
    connection: bySlot(keys.connection),
    endpoint: bySlot(keys.endpoint),
    arena: noBytes,
  }
}

/** Looks at every event of the file. 10 million take about 30 MB of keys, and no payload unless `where` asks for them. */
export const filterEvents = (file: CaptureFile, filter: EventFilter, fromSeq = 0): FilterResult => {
  const part = wherePart(filter)
  const test = part === null ? null : compileWhere(file, part)
  const guarded = part !== null && hasTerm(part, 'bytes')
  const withBytes = part !== null && hasTerm(part, 'bytes', 'hex', 'text')
  const untilMs = performance.now() + sliceMs
  const firstSeq = Math.max(fromSeq, file.segments[0]?.firstSeq ?? file.nextSeq)
  let endSeq = Math.max(firstSeq, file.nextSeq)
  const bits = new Uint8Array(Math.ceil((endSeq - firstSeq) / 8))
  const prepared = prepareFilter(filter)
  const meantKinds = prepared.kinds
  let matches = 0
  const note = (seq: number) => {
    const at = seq - firstSeq
    bits[at >> 3]! |= 1 << (at & 7)
    matches++
  }
  for (let index = file.findSeq(firstSeq); index < file.segments.length; index++) {
    const segment = file.segments[index]!
    if (test !== null && index > file.findSeq(firstSeq) && performance.now() > untilMs) {
      endSeq = segment.firstSeq
      break
    }
    if (!prepared.mayHold(segment)) continue
    const keys = file.keys(segment)
    if (keys === null) continue
    const meantSlots = prepared.slots(keys)
    if (!meantSlots.includes(1)) continue
    const { slot, kind } = keys
    const from = Math.max(0, firstSeq - segment.firstSeq)
    // Undefined beyond their ends, as a damaged file may have it: then no match.
    const isMeant = (i: number) => (meantSlots[slot[i]!]! & meantKinds[kind[i]!]!) === 1
    if (test === null) {
      for (let i = from; i < slot.length; i++) if (isMeant(i)) note(segment.firstSeq + i)
      continue
    }
    const rows = withBytes ? file.rows(segment) : rowsWithoutBytes(file, segment, keys)
    if (rows === null) continue
    const look = () => testRows(rows, from, isMeant, test, (row) => note(segment.firstSeq + row))
    const end = guarded ? runAtMost(regexLimitMs, look) : look()
    if (end < rows.count) {
      // The callback that delivered it has not been written yet.
      endSeq = segment.firstSeq + end
      break
    }
  }
  return { firstSeq, endSeq, matches, bits: bits.subarray(0, Math.ceil((endSeq - firstSeq) / 8)) }
}

/** The same, with a regular expression that does not end as a failure. */
export const answerFilter = (run: () => FilterResult): Result<FilterResult> => {
  try {
    return ok(run())
  } catch (error) {
    if (error instanceof TookTooLong)
      return fail(
        'too-slow',
        `The regular expression took more than ${regexLimitMs / 1000} s for some events and was given up; repetitions within repetitions, as in (a+)+, may never end`,
      )
    throw error
  }
}
