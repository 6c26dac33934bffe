// Which events a filter means, as bits. Counterparts: contract/captures.ts (`EventFilter`), capture-file.ts (the keys).
import type { EventFilter, FilterResult } from '../../preload/contract/captures.ts'
import { kindCode } from '../../preload/contract/event-columns.ts'
import { eventKinds } from '../../preload/contract/vocabulary.ts'
import type { CaptureFile } from './capture-file.ts'
import type { SegmentEntry } from './capture-index.ts'
import type { Keys } from './event-segment.ts'

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

/** Looks at every event of the file. 10 million take about 30 MB of keys, and no payload. */
export const filterEvents = (file: CaptureFile, filter: EventFilter): FilterResult => {
  const firstSeq = file.segments[0]?.firstSeq ?? file.nextSeq
  const endSeq = file.nextSeq
  const bits = new Uint8Array(Math.ceil((endSeq - firstSeq) / 8))
  const prepared = prepareFilter(filter)
  const meantKinds = prepared.kinds
  let matches = 0
  for (const segment of file.segments) {
    if (!prepared.mayHold(segment)) continue
    const keys = file.keys(segment)
    if (keys === null) continue
    const meantSlots = prepared.slots(keys)
    if (!meantSlots.includes(1)) continue
    const { slot, kind } = keys
    let at = segment.firstSeq - firstSeq
    for (let i = 0; i < slot.length; i++, at++) {
      // Undefined beyond their ends, as a damaged file may have it: then no match.
      const bit = (meantSlots[slot[i]!]! & meantKinds[kind[i]!]!) | 0
      bits[at >> 3]! |= bit << (at & 7)
      matches += bit
    }
  }
  return { firstSeq, endSeq, matches, bits }
}
