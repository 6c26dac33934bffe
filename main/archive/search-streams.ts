// The ends of streams from segment to segment: a match may begin in one chunk of a connection's direction and end in a later
// one. Counterpart: search.ts, which looks at each segment.

/** Bytes at the end of a stream, and the events they came in: `lengths[i]` bytes of event `seqs[i]`, from `starts[i]` on. */
export interface StreamEnd {
  readonly bytes: Uint8Array
  readonly seqs: readonly number[]
  readonly starts: readonly number[]
  readonly lengths: readonly number[]
}

/** Streams whose ends are remembered; beyond, those that were quiet for longest are forgotten. */
const maxStreams = 100_000

/** Two for each connection. */
export const streamOf = (connection: number, isSent: boolean): number => connection * 2 + (isSent ? 1 : 0)

export interface StreamEnds {
  get(stream: number): StreamEnd | undefined
  /** `end` null: what follows does not adjoin what was before. */
  set(stream: number, end: StreamEnd | null): void
  clear(): void
}

export const createStreamEnds = (): StreamEnds => {
  const ends = new Map<number, StreamEnd>()
  return {
    get: (stream) => ends.get(stream),
    set(stream, end) {
      ends.delete(stream)
      if (end === null || end.bytes.length === 0) return
      ends.set(stream, end)
      if (ends.size > maxStreams) for (const oldest of ends.keys()) return void ends.delete(oldest)
    },
    clear: () => ends.clear(),
  }
}

/** Where byte `at` of a stream's end lies: its event and its offset there. */
export const placeIn = (end: StreamEnd, at: number): { seq: number; offset: number } => {
  let before = 0
  for (const [i, length] of end.lengths.entries()) {
    if (at < before + length) return { seq: end.seqs[i]!, offset: end.starts[i]! + at - before }
    before += length
  }
  throw new RangeError(`byte ${at} is behind the end of its stream`)
}

/** A stream's end lengthened by a chunk of its next event, cut to its last `most` bytes. */
export const lengthen = (end: StreamEnd | undefined, seq: number, chunk: Uint8Array, most: number): StreamEnd => {
  if (end === undefined || chunk.length >= most) {
    const start = Math.max(0, chunk.length - most)
    return { bytes: chunk.slice(start), seqs: [seq], starts: [start], lengths: [chunk.length - start] }
  }
  const bytes = new Uint8Array(Math.min(most, end.bytes.length + chunk.length))
  const kept = bytes.length - chunk.length
  bytes.set(end.bytes.subarray(end.bytes.length - kept))
  bytes.set(chunk, kept)
  const seqs = [...end.seqs, seq]
  const starts = [...end.starts, 0]
  const lengths = [...end.lengths, chunk.length]
  let excess = end.bytes.length - kept
  while (excess > 0) {
    const cut = Math.min(excess, lengths[0]!)
    excess -= cut
    starts[0]! += cut
    lengths[0]! -= cut
    if (lengths[0] === 0) {
      seqs.shift()
      starts.shift()
      lengths.shift()
    }
  }
  return { bytes, seqs, starts, lengths }
}
