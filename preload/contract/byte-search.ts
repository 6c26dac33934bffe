// Finds bytes in bytes, also over the borders of chunks, in one step a byte whatever a peer sends (Knuth, Morris, Pratt).
// Counterparts: framing.ts (delimiters), patterns.ts (what a message contains).

export class ByteSearch {
  readonly wanted: Uint8Array
  /** For each length matched so far: the longest shorter one that is matched too. */
  readonly #shorter: Int32Array
  #matched = 0

  /** Looks for these bytes; at least one. */
  constructor(wanted: Uint8Array) {
    this.wanted = wanted
    this.#shorter = new Int32Array(wanted.length + 1)
    for (let i = 1, length = 0; i < wanted.length; i++) {
      while (length > 0 && wanted[i] !== wanted[length]) length = this.#shorter[length]!
      if (wanted[i] === wanted[length]) length++
      this.#shorter[i + 1] = length
    }
  }

  /**
   * Goes on with `bytes` from `from`, behind what it was given before; answers the offset in `bytes` behind the end of the
   * first occurrence, or -1. After an occurrence it starts anew.
   */
  next(bytes: Uint8Array, from: number): number {
    const { wanted } = this
    const shorter = this.#shorter
    let matched = this.#matched
    for (let i = from; i < bytes.length; i++) {
      if (matched === 0) {
        // The engine's own search skips what cannot begin an occurrence, many bytes at a time.
        i = bytes.indexOf(wanted[0]!, i)
        if (i < 0) break
      }
      while (matched > 0 && bytes[i] !== wanted[matched]) matched = shorter[matched]!
      if (bytes[i] === wanted[matched]) matched++
      if (matched === wanted.length) {
        this.#matched = 0
        return i + 1
      }
    }
    this.#matched = matched
    return -1
  }

  reset(): void {
    this.#matched = 0
  }
}

/** Where `wanted` first lies in `bytes` from `from` on; -1 for nowhere. */
export const indexOfBytes = (search: ByteSearch, bytes: Uint8Array, from: number): number => {
  search.reset()
  const end = search.next(bytes, from)
  return end < 0 ? -1 : end - search.wanted.length
}
