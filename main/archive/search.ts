// A search through a capture's payloads, a segment at a time, so that others are answered in between and it can be ended.
// Counterparts: search-pattern.ts (what is looked for), search-streams.ts (matches across chunks), reader.ts (who asks).
//
// Bytes that were received and sent again lie in the arena once, and belong to two events: a match in them is one of each.
// Arenas are searched as a whole, and hits are brought to their events afterwards; that is what makes 2 GiB in seconds.
import type { SearchProgress, SearchSpec } from '../../preload/contract/captures.ts'
import { kindCode } from '../../preload/contract/event-columns.ts'
import type { CaptureFile, SegmentEntry } from './capture-file.ts'
import { type Keys, openColumns, openKeys, type RowColumns } from './event-segment.ts'
import { type PreparedFilter, prepareFilter } from './filter.ts'
import { type BytePattern, lowerCase, type RegexPattern } from './search-pattern.ts'
import { cutTo, lengthen, placeIn, type StreamEnd, StreamEnds, streamOf } from './search-streams.ts'

/** Matches at which a search ends: nobody looks through more. */
export const maxMatches = 100_000
/** What of a stream a regular expression sees of earlier segments, in bytes. */
const regexReach = 1024

const received = kindCode('data-received')
const sent = kindCode('data-sent')

interface Match {
  readonly seq: number
  readonly offset: number
  readonly length: number
}

/** A segment's data rows and bytes, as a search goes through them. */
interface Scanned {
  readonly firstSeq: number
  readonly keys: Keys
  readonly columns: RowColumns
  readonly arena: Uint8Array
  /** One entry a slot and a kind: 1 where it is looked at. */
  readonly slots: Uint8Array
  readonly kinds: Uint8Array
}

const isMeant = ({ keys, slots, kinds }: Scanned, i: number): boolean =>
  slots[keys.slot[i]!] === 1 && kinds[keys.kind[i]!] === 1

const chunkOf = ({ columns, arena }: Scanned, i: number): Uint8Array =>
  arena.subarray(columns.dataOffset[i]!, columns.dataOffset[i]! + columns.dataLength[i]!)

/** Finds a pattern in one segment after the other. */
interface Finder {
  segment(scanned: Scanned): Match[]
  /** Events are missing: no stream goes on from here. */
  gap(): void
}

/** No row before in this segment; and one that does not adjoin, because bytes are missing between. */
const none = -1
const apart = -2

const sameCase = Uint8Array.from({ length: 256 }, (_, byte) => byte)

const inOrder = (a: Match, b: Match) => a.seq - b.seq || a.offset - b.offset

const createByteFinder = (pattern: BytePattern): Finder => {
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

const createRegexFinder = ({ regex }: RegexPattern): Finder => {
  const ends = new StreamEnds(regexReach)
  return {
    gap: () => ends.clear(),
    segment(scanned) {
      const { firstSeq, keys, columns } = scanned
      const { dataLength, length } = columns
      const matches: Match[] = []
      const rowsOf = new Map<number, number[]>()
      for (let i = 0; i < keys.slot.length; i++) {
        if (!isMeant(scanned, i) || length[i] === 0) continue
        const stream = streamOf(keys.connection[keys.slot[i]!]!, keys.kind[i] === sent)
        const rows = rowsOf.get(stream)
        if (rows === undefined) rowsOf.set(stream, [i])
        else rows.push(i)
      }

      /** One run of chunks that adjoin, after what is known of before. */
      const look = (stream: number, rows: readonly number[]) => {
        const earlier = ends.get(stream)
        const seqs = [...(earlier?.seqs ?? []), ...rows.map((row) => firstSeq + row)]
        const starts = [...(earlier?.starts ?? []), ...rows.map(() => 0)]
        const lengths = [...(earlier?.lengths ?? []), ...rows.map((row) => dataLength[row]!)]
        const bytes = Buffer.concat([
          ...(earlier === undefined ? [] : [earlier.bytes]),
          ...rows.map((row) => chunkOf(scanned, row)),
        ])
        const whole: StreamEnd = { bytes, seqs, starts, lengths }
        const known = earlier?.bytes.length ?? 0
        const text = bytes.toString('latin1')
        // Chunks in order of their place: matches come in order too.
        let chunk = 0
        let chunkAt = 0
        regex.lastIndex = 0
        for (let found = regex.exec(text); found !== null; found = regex.exec(text)) {
          const size = found[0].length
          if (size === 0) regex.lastIndex++
          // One that ends in what was there before was found then.
          if (size === 0 || found.index + size <= known) continue
          while (found.index >= chunkAt + lengths[chunk]!) chunkAt += lengths[chunk++]!
          matches.push({ seq: seqs[chunk]!, offset: starts[chunk]! + found.index - chunkAt, length: size })
          if (matches.length > maxMatches) break
        }
        const last = rows.at(-1)!
        ends.set(stream, dataLength[last]! < length[last]! ? null : cutTo(whole, regexReach))
      }

      for (const [stream, rows] of rowsOf) {
        let run: number[] = []
        for (const row of rows) {
          run.push(row)
          // Bytes are missing behind it.
          if (dataLength[row]! < length[row]!) {
            look(stream, run)
            run = []
          }
        }
        if (run.length > 0) look(stream, run)
      }
      return matches.sort(inOrder)
    },
  }
}

export interface Search {
  /** Looks through the next segment; false where there is none. */
  step(): boolean
  /** What was found since the last call. */
  take(): SearchProgress
  /** True where matches wait to be taken. */
  readonly hasMatches: boolean
  readonly done: boolean
}

export const createSearch = (file: CaptureFile, spec: SearchSpec, pattern: BytePattern | RegexPattern): Search => {
  const prepared: PreparedFilter = prepareFilter(spec.filter)
  const kinds = prepared.kinds.map((meant, kind) => (kind === received || kind === sent ? meant : 0))
  const dataKinds = (kinds[received] === 1 ? 1 << received : 0) | (kinds[sent] === 1 ? 1 << sent : 0)
  const finder = pattern.type === 'bytes' ? createByteFinder(pattern) : createRegexFinder(pattern)
  let nextSeq = 0
  let scannedBytes = 0
  let found: Match[] = []
  let total = 0
  let done = false
  let truncated = false

  const scan = (segment: SegmentEntry) => {
    const { keys: keyBytes, columns: columnBytes, arena } = file.raw(segment)
    if (keyBytes === null || columnBytes === null || arena === null) return finder.gap()
    const keys = openKeys(keyBytes, segment.count)
    const columns = openColumns(columnBytes, segment.count)
    const slots = prepared.slots(keys)
    if (!slots.includes(1)) return
    const room = maxMatches - total
    const matches = finder.segment({ firstSeq: segment.firstSeq, keys, columns, arena, slots, kinds })
    truncated = matches.length > room
    for (const match of truncated ? matches.slice(0, room) : matches) found.push(match)
    total += Math.min(matches.length, room)
    if (truncated) done = true
  }

  return {
    get hasMatches() {
      return found.length > 0
    },
    get done() {
      return done
    },
    step() {
      if (done) return false
      file.inSnapshot(() => {
        const segment = file.segments[file.findSeq(nextSeq)]
        if (segment === undefined) {
          done = true
          return
        }
        if (segment.firstSeq > nextSeq) finder.gap()
        nextSeq = segment.firstSeq + segment.count
        scannedBytes += segment.payloadBytes
        if ((segment.kinds & dataKinds) !== 0 && prepared.mayHold(segment)) {
          try {
            scan(segment)
          } catch (error) {
            // What points outside of a damaged segment is not looked at.
            if (!(error instanceof RangeError)) throw error
            finder.gap()
          }
        }
      })
      return !done
    },
    take() {
      const matches = found.sort(inOrder)
      found = []
      const totalBytes = file.segments.reduce((sum, segment) => sum + segment.payloadBytes, 0)
      return {
        seqs: Float64Array.from(matches, ({ seq }) => seq),
        offsets: Uint32Array.from(matches, ({ offset }) => offset),
        lengths: Uint32Array.from(matches, ({ length }) => length),
        scannedBytes: Math.min(scannedBytes, totalBytes),
        totalBytes,
        done,
        truncated,
      }
    },
  }
}
