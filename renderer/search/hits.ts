// What a search has found, in columns, in the order of the events: which matches an event has, and which one comes next.
// Counterparts: search.ts fills it; the table, the minimap and the inspector mark what it holds.
import { lowerBound } from '../event-log/search.ts'

const grown = <T extends Float64Array | Uint32Array>(column: T, count: number): T => {
  if (count <= column.length) return column
  const next = new (column.constructor as new (length: number) => T)(Math.max(count, column.length * 2, 256))
  next.set(column)
  return next
}

/** A match: it begins in an event, and may end in a later one of its stream. In bytes. */
export interface Hit {
  readonly seq: number
  readonly offset: number
  readonly length: number
}

export class Hits {
  #seqs = new Float64Array(0)
  #offsets = new Uint32Array(0)
  #lengths = new Uint32Array(0)
  #count = 0

  get count(): number {
    return this.#count
  }

  /** Takes in more, in order and after all that are there. */
  add(seqs: Float64Array, offsets: Uint32Array, lengths: Uint32Array): void {
    const count = this.#count + seqs.length
    this.#seqs = grown(this.#seqs, count)
    this.#offsets = grown(this.#offsets, count)
    this.#lengths = grown(this.#lengths, count)
    this.#seqs.set(seqs, this.#count)
    this.#offsets.set(offsets, this.#count)
    this.#lengths.set(lengths, this.#count)
    this.#count = count
  }

  at(index: number): Hit {
    return { seq: this.#seqs[index]!, offset: this.#offsets[index]!, length: this.#lengths[index]! }
  }

  /** Index of the first match at or after an event; `count` where there is none. */
  from(seq: number): number {
    return lowerBound(this.#seqs, seq, 0, this.#count)
  }

  /** The matches that begin in an event, as stretches of its bytes. */
  in(seq: number): readonly Hit[] {
    const found: Hit[] = []
    for (let i = this.from(seq); i < this.#count && this.#seqs[i] === seq; i++) found.push(this.at(i))
    return found
  }

  /** True where one begins in an event from one seq up to another. */
  anyBetween(from: number, to: number): boolean {
    const i = this.from(from)
    return i < this.#count && this.#seqs[i]! < to
  }

  clear(): void {
    this.#count = 0
  }
}
