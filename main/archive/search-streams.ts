// The ends of streams from segment to segment: a match may begin in one chunk of a connection's direction and end in a later
// one. Counterpart: search.ts, which looks at each segment.

/** Bytes at the end of a stream, and the events they came in: `lengths[i]` bytes of event `seqs[i]`, from `starts[i]` on. */
export interface StreamEnd {
  readonly bytes: Uint8Array
  readonly seqs: readonly number[]
  readonly starts: readonly number[]
  readonly lengths: readonly number[]
}

/** Streams whose ends are remembered; when there are more, all are forgotten, which a search of so many survives. */
const maxStreams = 1 << 20

/** Two for each connection. */
export const streamOf = (connection: number, isSent: boolean): number => connection * 2 + (isSent ? 1 : 0)

/** The last `most` bytes of each stream. Mostly they are of one chunk: those lie in one array, without an object each. */
export class StreamEnds {
  readonly #most: number
  readonly #places = new Map<number, number>()
  #bytes: Uint8Array
  #size = new Uint32Array(1024)
  #seq = new Float64Array(1024)
  #start = new Uint32Array(1024)
  /** Ends that several chunks make up, by stream. */
  readonly #pieced = new Map<number, StreamEnd>()

  constructor(most: number) {
    this.#most = most
    this.#bytes = new Uint8Array(1024 * most)
  }

  /** The last byte; -1 where nothing is known of the stream. */
  lastByte(stream: number): number {
    const place = this.#places.get(stream)
    if (place === undefined || this.#size[place] === 0) return this.#pieced.get(stream)?.bytes.at(-1) ?? -1
    return this.#bytes[place * this.#most + this.#size[place]! - 1]!
  }

  get(stream: number): StreamEnd | undefined {
    const place = this.#places.get(stream)
    if (place === undefined || this.#size[place] === 0) return this.#pieced.get(stream)
    const size = this.#size[place]!
    const from = place * this.#most
    return {
      bytes: this.#bytes.slice(from, from + size),
      seqs: [this.#seq[place]!],
      starts: [this.#start[place]!],
      lengths: [size],
    }
  }

  /** The stream ends with these bytes of one event's chunk, `from` to `to` in `text`; the chunk begins at `chunkAt`. */
  setChunk(stream: number, seq: number, text: Uint8Array, chunkAt: number, to: number): void {
    this.#pieced.delete(stream)
    const place = this.#placeOf(stream)
    const from = Math.max(chunkAt, to - this.#most)
    const at = place * this.#most
    // Byte by byte: a dozen are copied faster so than by a call.
    if (to - from <= 32) for (let i = from; i < to; i++) this.#bytes[at + i - from] = text[i]!
    else this.#bytes.set(text.subarray(from, to), at)
    this.#size[place] = to - from
    this.#seq[place] = seq
    this.#start[place] = from - chunkAt
  }

  /** `end` null: what follows does not adjoin what was before. */
  set(stream: number, end: StreamEnd | null): void {
    const place = this.#places.get(stream)
    if (place !== undefined) this.#size[place] = 0
    if (end === null || end.bytes.length === 0) this.#pieced.delete(stream)
    else this.#pieced.set(stream, end)
  }

  clear(): void {
    this.#places.clear()
    this.#pieced.clear()
  }

  #placeOf(stream: number): number {
    const known = this.#places.get(stream)
    if (known !== undefined) return known
    if (this.#places.size >= maxStreams) this.clear()
    const place = this.#places.size
    this.#places.set(stream, place)
    if (place >= this.#size.length) {
      const grown = <A extends Uint8Array | Uint32Array | Float64Array>(array: A, larger: A): A => {
        larger.set(array as never)
        return larger
      }
      const count = this.#size.length * 2
      this.#bytes = grown(this.#bytes, new Uint8Array(count * this.#most))
      this.#size = grown(this.#size, new Uint32Array(count))
      this.#seq = grown(this.#seq, new Float64Array(count))
      this.#start = grown(this.#start, new Uint32Array(count))
    }
    return place
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

/** The last `most` bytes of a stream's end, in memory of their own. */
export const cutTo = (end: StreamEnd, most: number): StreamEnd => {
  const bytes = new Uint8Array(end.bytes.subarray(Math.max(0, end.bytes.length - most)))
  if (end.bytes.length <= most) return { ...end, bytes }
  let first = end.lengths.length
  let held = 0
  while (held < most) held += end.lengths[--first]!
  const excess = held - most
  const starts = end.starts.slice(first)
  const lengths = end.lengths.slice(first)
  starts[0]! += excess
  lengths[0]! -= excess
  return { bytes, seqs: end.seqs.slice(first), starts, lengths }
}
