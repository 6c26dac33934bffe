// Finds bytes, some of which may be any, in chunks and across them. Counterparts: search-finder.ts (what it is),
// search-pattern.ts (what it looks for), regex-finder.ts (its twin).
//
// Arenas are searched as a whole, and hits are brought to their events afterwards; that is what makes 2 GiB in seconds.
// Between chunks only two bytes are looked at, unless the pattern may have just these beside each other.
import { chunkOf, type Finder, inOrder, isMeant, type Match, type Scanned, sent } from './search-finder.ts'
import { type BytePattern, lowerCase } from './search-pattern.ts'
import { lengthen, placeIn, type StreamEnd, StreamEnds, streamOf } from './search-streams.ts'

/** No row before in this segment; and one that does not adjoin, because bytes are missing between. */
const none = -1
const apart = -2

const sameCase = Uint8Array.from({ length: 256 }, (_, byte) => byte)

export const createByteFinder = (pattern: BytePattern): Finder => {
  const { bytes, mask, fold, anchorAt } = pattern
  const anchor = Buffer.from(pattern.anchor)
  const size = bytes.length
  const reach = size - 1
  const wild = mask.includes(0)
  const ends = new StreamEnds(reach)
  let folded = new Uint8Array(0)

  /** One entry a pair of neighbouring bytes, in lower case if need be: 1 where the pattern may have them over a border. */
  const borders = new Uint8Array(65_536)
  const meets = (byte: number, at: number) => mask[at] === 0 || (fold ? lowerCase[byte]! : byte) === bytes[at]
  for (let at = 0; at + 1 < size; at++)
    for (let left = 0; left < 256; left++) {
      if (!meets(left, at)) continue
      for (let right = 0; right < 256; right++) if (meets(right, at + 1)) borders[left * 256 + right] = 1
    }

  const matchesAt = (text: Uint8Array, at: number): boolean => {
    for (let i = 0; i < size; i++) if (!meets(text[at + i]!, i)) return false
    return true
  }

  const hitsIn = (arena: Uint8Array): number[] => {
    let text = arena
    if (fold) {
      if (folded.length < arena.length) folded = new Uint8Array(arena.length)
      for (let i = 0; i < arena.length; i++) folded[i] = lowerCase[arena[i]!]!
      text = folded.subarray(0, arena.length)
    }
    const buffer = Buffer.from(text.buffer, text.byteOffset, text.length)
    const hits: number[] = []
    for (let at = buffer.indexOf(anchor, anchorAt); at >= 0; at = buffer.indexOf(anchor, at + 1)) {
      const start = at - anchorAt
      if (start + size > arena.length) break
      if (!wild || matchesAt(arena, start)) hits.push(start)
    }
    return hits
  }

  /** Brings hits to the rows whose bytes they lie in. */
  const place = (scanned: Scanned, hits: readonly number[], matches: Match[]) => {
    const { dataOffset, dataLength } = scanned.columns
    const rows: number[] = []
    for (let i = 0; i < dataOffset.length; i++) if (dataLength[i]! >= size && isMeant(scanned, i)) rows.push(i)
    // Mostly in order already. Rows that share their bytes start at the same place.
    rows.sort((a, b) => dataOffset[a]! - dataOffset[b]! || a - b)
    let from = 0
    for (const hit of hits) {
      let low = from
      let high = rows.length
      while (low < high) {
        const middle = (low + high) >> 1
        if (dataOffset[rows[middle]!]! <= hit) low = middle + 1
        else high = middle
      }
      if (low === 0) continue
      const start = dataOffset[rows[low - 1]!]!
      for (from = low; from > 0 && dataOffset[rows[from - 1]!]! === start; from--) {
        const row = rows[from - 1]!
        if (hit + size <= start + dataLength[row]!)
          matches.push({ seq: scanned.firstSeq + row, offset: hit - start, length: size })
      }
    }
  }

  /** Looks across the border between a stream's end and its next chunk. */
  const across = (end: StreamEnd, chunk: Uint8Array, matches: Match[]) => {
    const head = chunk.subarray(0, reach)
    const before = Math.min(end.bytes.length, reach)
    const text = new Uint8Array(before + head.length)
    text.set(end.bytes.subarray(end.bytes.length - before))
    text.set(head, before)
    const first = Math.max(0, before - reach)
    for (let at = first; at < before && at + size <= text.length; at++)
      if (at + size > before && matchesAt(text, at))
        matches.push({ ...placeIn(end, end.bytes.length - before + at), length: size })
  }

  return {
    gap: () => ends.clear(),
    segment(scanned) {
      const { firstSeq, keys, columns, arena } = scanned
      const matches: Match[] = []
      const hits = hitsIn(arena)
      if (hits.length > 0) place(scanned, hits, matches)
      if (reach === 0) return matches.sort(inOrder)

      // The row that was last, by slot and direction, and by row the one before it in its stream.
      const last = new Int32Array(keys.connection.length * 2).fill(none)
      const before = new Int32Array(columns.dataOffset.length)
      const { slot, kind } = keys
      const { dataOffset, dataLength, length } = columns

      /** The end of a stream after `row`: its last bytes of this segment, and of earlier ones where those are too few. */
      const endAfter = (row: number, stream: number): StreamEnd | undefined => {
        const rows: number[] = []
        let bytesHeld = 0
        for (let at = row; at >= 0 && bytesHeld < reach; at = before[at]!) {
          rows.push(at)
          bytesHeld += dataLength[at]!
        }
        const first = rows.at(-1)!
        let end = bytesHeld < reach && before[first] === none ? ends.get(stream) : undefined
        for (const at of rows.reverse()) end = lengthen(end, firstSeq + at, chunkOf(scanned, at), reach)
        return end
      }

      const { connection } = keys
      const { slots, kinds } = scanned
      const lowerLeft = fold ? lowerCase : sameCase
      for (let i = 0; i < slot.length; i++) {
        const rowSlot = slot[i]!
        const rowKind = kind[i]!
        if ((slots[rowSlot]! & kinds[rowKind]!) === 0) continue
        const sentBit = rowKind === sent ? 1 : 0
        const lane = rowSlot * 2 + sentBit
        const previous = last[lane]!
        const stored = dataLength[i]!
        if (stored === 0) {
          // A chunk of nothing changes nothing; one whose bytes were not kept is a gap.
          if (length[i] === 0) continue
          before[i] = apart
          last[lane] = i
          continue
        }
        last[lane] = i
        const stream = connection[rowSlot]! * 2 + sentBit
        if (previous === none) {
          before[i] = none
          const left = ends.lastByte(stream)
          if (left < 0 || borders[lowerLeft[left]! * 256 + lowerLeft[arena[dataOffset[i]!]!]!] === 0) continue
          across(ends.get(stream)!, chunkOf(scanned, i), matches)
          continue
        }
        if (dataLength[previous]! < length[previous]!) {
          before[i] = apart
          continue
        }
        before[i] = previous
        const left = arena[dataOffset[previous]! + dataLength[previous]! - 1]!
        if (borders[lowerLeft[left]! * 256 + lowerLeft[arena[dataOffset[i]!]!]!] === 0) continue
        const end = endAfter(previous, stream)
        if (end !== undefined) across(end, chunkOf(scanned, i), matches)
      }

      for (let lane = 0; lane < last.length; lane++) {
        const row = last[lane]!
        if (row < 0) continue
        const stream = streamOf(connection[lane >> 1]!, lane % 2 === 1)
        const stored = dataLength[row]!
        if (stored < length[row]!) ends.set(stream, null)
        else if (stored >= reach) {
          ends.setChunk(stream, firstSeq + row, arena, dataOffset[row]!, dataOffset[row]! + stored)
        } else ends.set(stream, endAfter(row, stream) ?? null)
      }
      return matches.sort(inOrder)
    },
  }
}
