// A set of seqs as bits, with a count before every 512th: which event is the n-th match, and how many matches come before an
// event, both at once, so that ten million events scroll by the rows of a filter. Grows at its end as events arrive.
// Counterparts: filter.ts fills it, the event table scrolls by it.
import type { FilterResult } from '../../preload/contract/captures.ts'

const wordBits = 32
/** Words that share one count. */
const blockWords = 16
const blockBits = blockWords * wordBits

const bitsIn = (word: number): number => {
  let v = word - ((word >>> 1) & 0x5555_5555)
  v = (v & 0x3333_3333) + ((v >>> 2) & 0x3333_3333)
  return (((v + (v >>> 4)) & 0x0f0f_0f0f) * 0x0101_0101) >>> 24
}

export class SeqIndex {
  readonly firstSeq: number
  #endSeq: number
  #count = 0
  #words: Uint32Array
  /** Matches before each block. */
  #before: Uint32Array

  /** An empty one that begins at a seq. */
  constructor(firstSeq: number, capacity = blockBits) {
    this.firstSeq = firstSeq
    this.#endSeq = firstSeq
    const blocks = Math.max(1, Math.ceil(capacity / blockBits))
    this.#words = new Uint32Array(blocks * blockWords)
    this.#before = new Uint32Array(blocks + 1)
  }

  static of(result: FilterResult): SeqIndex {
    const events = Math.max(0, result.endSeq - result.firstSeq)
    const index = new SeqIndex(result.firstSeq, events + blockBits)
    new Uint8Array(index.#words.buffer).set(result.bits.subarray(0, Math.ceil(events / 8)))
    index.#endSeq = result.firstSeq + events
    // Bits beyond the last event are nobody's.
    const last = events >> 5
    if (events % wordBits !== 0) index.#words[last] = index.#words[last]! & (2 ** (events % wordBits) - 1)
    const blocks = Math.ceil(events / blockBits)
    for (let block = 0; block < blocks; block++) {
      index.#before[block] = index.#count
      for (let word = block * blockWords; word < (block + 1) * blockWords; word++)
        index.#count += bitsIn(index.#words[word]!)
    }
    index.#before[blocks] = index.#count
    return index
  }

  /** The seq after the last one that was looked at. */
  get endSeq(): number {
    return this.#endSeq
  }
  /** How many match. */
  get count(): number {
    return this.#count
  }

  /** Notes whether the next seq matches. */
  push(matches: boolean): void {
    const bit = this.#endSeq++ - this.firstSeq
    const word = bit >>> 5
    if (word >= this.#words.length) this.#grow()
    if (bit % blockBits === 0) this.#before[bit / blockBits] = this.#count
    if (!matches) return
    this.#words[word]! |= 1 << (bit & 31)
    this.#count++
  }

  /** Takes in an answer about seqs from the next one on; what it does not tell of before its first does not match. */
  add(result: FilterResult): void {
    this.skipTo(result.firstSeq)
    for (let i = this.#endSeq - result.firstSeq; i < result.endSeq - result.firstSeq; i++)
      this.push(((result.bits[i >> 3] ?? 0) & (1 << (i & 7))) !== 0)
  }

  /** Notes that none of the seqs up to `seq` match. */
  skipTo(seq: number): void {
    while (this.#endSeq < seq) this.push(false)
  }

  #grow(): void {
    const words = new Uint32Array(this.#words.length * 2)
    words.set(this.#words)
    this.#words = words
    const before = new Uint32Array(words.length / blockWords + 1)
    before.set(this.#before)
    this.#before = before
  }

  has(seq: number): boolean {
    const bit = seq - this.firstSeq
    return bit >= 0 && seq < this.#endSeq && (this.#words[bit >>> 5]! & (1 << (bit & 31))) !== 0
  }

  /** How many matches come before `seq`. */
  rank(seq: number): number {
    if (seq <= this.firstSeq) return 0
    if (seq >= this.#endSeq) return this.#count
    const bit = seq - this.firstSeq
    const word = bit >>> 5
    let rank = this.#before[Math.floor(bit / blockBits)]!
    for (let i = Math.floor(bit / blockBits) * blockWords; i < word; i++) rank += bitsIn(this.#words[i]!)
    return rank + bitsIn(this.#words[word]! & ((1 << (bit & 31)) - 1))
  }

  /** The seq of the match with this many before it. Throws a RangeError where there is none. */
  select(rank: number): number {
    if (!(rank >= 0 && rank < this.#count)) throw new RangeError(`there is no match number ${rank}`)
    let low = 0
    let high = Math.ceil((this.#endSeq - this.firstSeq) / blockBits)
    while (high - low > 1) {
      const middle = (low + high) >>> 1
      if (this.#before[middle]! <= rank) low = middle
      else high = middle
    }
    let left = rank - this.#before[low]!
    let word = low * blockWords
    for (let here = bitsIn(this.#words[word]!); here <= left; here = bitsIn(this.#words[word]!)) {
      left -= here
      word++
    }
    let bits = this.#words[word]!
    for (; left > 0; left--) bits &= bits - 1
    return this.firstSeq + word * wordBits + (31 - Math.clz32(bits & -bits))
  }
}
