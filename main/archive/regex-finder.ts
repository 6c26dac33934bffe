// Finds what a regular expression means in the streams of a segment, each as one text. Counterparts: search-finder.ts (what
// it is), search-pattern.ts (what it looks for), byte-finder.ts (its twin).
import { chunkOf, type Finder, inOrder, isMeant, type Match, maxMatches, sent } from './search-finder.ts'
import type { RegexPattern } from './search-pattern.ts'
import { cutTo, type StreamEnd, StreamEnds, streamOf } from './search-streams.ts'

/** What of a stream it sees of earlier segments, in bytes. */
const regexReach = 1024

export const createRegexFinder = ({ regex }: RegexPattern): Finder => {
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
