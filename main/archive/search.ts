// A search through a capture's payloads, a segment at a time, so that others are answered in between and it can be ended.
// Counterparts: byte-finder.ts and regex-finder.ts (which find), search-streams.ts (matches across chunks), reader.ts.
//
// Bytes that were received and sent again lie in the arena once, and belong to two events: a match in them is one of each.
import type { SearchProgress, SearchSpec } from '../../preload/contract/captures.ts'
import { createByteFinder } from './byte-finder.ts'
import type { CaptureFile } from './capture-file.ts'
import type { SegmentEntry } from './capture-index.ts'
import { openColumns, openKeys } from './event-segment.ts'
import { prepareFilter, whereOf } from './filter.ts'
import { createRegexFinder } from './regex-finder.ts'
import { inOrder, type Match, maxMatches, received, sent } from './search-finder.ts'
import type { BytePattern, RegexPattern } from './search-pattern.ts'

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
  const prepared = prepareFilter(spec.filter)
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
    const inStreams = finder.segment({ firstSeq: segment.firstSeq, keys, columns, arena, slots, kinds })
    // A match is of the event it begins in; its stream runs through all of them.
    const where = inStreams.length === 0 ? null : whereOf(file, spec.filter)
    const matches = where === null ? inStreams : inStreams.filter(({ seq }) => where(seq))
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
