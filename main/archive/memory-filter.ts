// The filter over what a host keeps in memory alone, where nothing is recorded to a file: the newest events, with their whole
// payloads, a few at a time. Counterparts: filter.ts (of files), page-source.ts (which asks).
import { setImmediate } from 'node:timers/promises'
import type { EventFilter, FilterResult } from '../../preload/contract/captures.ts'
import { openBatch } from '../../preload/contract/event-columns.ts'
import type { Result } from '../../preload/contract/failure.ts'
import { compileFilter, no, unknown } from '../../preload/contract/filter-evaluation.ts'
import { allOf, anyOf, type FilterPart, hasTerm } from '../../preload/contract/filter-language.ts'
import { openLoopBatch } from '../../preload/contract/loop-columns.ts'
import type { Capture } from './capture.ts'
import { answerFilter, latin1, regexLimitMs, wherePart } from './filter.ts'
import { SlowCallbacks } from './slow-callbacks.ts'
import { runAtMost } from './time-limit.ts'

/** Events looked at before others have their turn, and records, in bytes. */
const sliceBytes = 1024 * 1024

/** A whole filter as one part. */
const wholePart = (filter: EventFilter): FilterPart => {
  const parts: FilterPart[] = []
  if (filter.kinds !== undefined) parts.push(anyOf(filter.kinds.map((kind) => ({ by: 'kind', kind }))))
  if (filter.connections !== undefined) parts.push(anyOf(filter.connections.map((id) => ({ by: 'connection', id }))))
  if (filter.endpoints !== undefined) parts.push(anyOf(filter.endpoints.map((id) => ({ by: 'endpoint', id }))))
  const where = wherePart(filter)
  if (where !== null) parts.push(where)
  return allOf(parts)
}

export const filterMemory = async (
  capture: Capture,
  filter: EventFilter,
  fromSeq: number,
  notes: ReadonlyMap<number, string>,
): Promise<Result<FilterResult>> => {
  const part = wholePart(filter)
  const test = compileFilter(part, {
    wholePayloads: true,
    latin1,
    notes,
    slow(is, ms) {
      const slow = new SlowCallbacks(is, ms)
      for (let buffer = capture.readLoop(0, sliceBytes); buffer !== null; ) {
        slow.add(openLoopBatch(buffer))
        buffer = capture.readLoop(slow.nextRecord, sliceBytes)
      }
      return (id) => slow.test(id)
    },
  })
  const guarded = hasTerm(part, 'bytes')
  const first = Math.max(fromSeq, capture.info().firstSeq)
  const end = capture.info().nextSeq
  const bits = new Uint8Array(Math.ceil(Math.max(0, end - first) / 8))
  let matches = 0
  /** The event of which nothing is known yet: the record of its callback has not come. */
  let open: number | null = null
  for (let seq = first; seq < end && open === null; await setImmediate()) {
    const buffer = capture.read(seq, sliceBytes, Number.POSITIVE_INFINITY)
    if (buffer === null) break
    const batch = openBatch(buffer)
    const look = () => {
      for (let i = 0; i < batch.count && batch.firstSeq + i < end; i++) {
        const verdict = test(batch, i)
        if (verdict === unknown) {
          open = batch.firstSeq + i
          break
        }
        if (verdict === no) continue
        const at = batch.firstSeq + i - first
        bits[at >> 3]! |= 1 << (at & 7)
        matches++
      }
      return { firstSeq: first, endSeq: end, matches, bits }
    }
    const looked = answerFilter(() => (guarded ? runAtMost(regexLimitMs, look) : look()))
    if (!looked.ok) return looked
    seq = batch.firstSeq + batch.count
  }
  return { ok: true, value: { firstSeq: first, endSeq: open ?? Math.max(first, end), matches, bits } }
}
