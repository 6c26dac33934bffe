// What a search goes through, segment by segment, and what it finds there. Counterparts: byte-finder.ts and regex-finder.ts
// (which find), search.ts (which hands them the segments).
import { kindCode } from '../../preload/contract/event-columns.ts'
import type { Keys, RowColumns } from './event-segment.ts'

/** Matches at which a search ends: nobody looks through more. */
export const maxMatches = 100_000

export const received = kindCode('data-received')
export const sent = kindCode('data-sent')

export interface Match {
  readonly seq: number
  readonly offset: number
  readonly length: number
}

/** A segment's data rows and bytes, as a search goes through them. */
export interface Scanned {
  readonly firstSeq: number
  readonly keys: Keys
  readonly columns: RowColumns
  readonly arena: Uint8Array
  /** One entry a slot and a kind: 1 where it is looked at. */
  readonly slots: Uint8Array
  readonly kinds: Uint8Array
}

export const isMeant = ({ keys, slots, kinds }: Scanned, i: number): boolean =>
  slots[keys.slot[i]!] === 1 && kinds[keys.kind[i]!] === 1

export const chunkOf = ({ columns, arena }: Scanned, i: number): Uint8Array =>
  arena.subarray(columns.dataOffset[i]!, columns.dataOffset[i]! + columns.dataLength[i]!)

/** Finds a pattern in one segment after the other. */
export interface Finder {
  segment(scanned: Scanned): Match[]
  /** Events are missing: no stream goes on from here. */
  gap(): void
}

export const inOrder = (a: Match, b: Match) => a.seq - b.seq || a.offset - b.offset
