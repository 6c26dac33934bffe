// What is left to chance in a relay's faults, and yet the same every time: numbers that follow from a fault's seed and the
// pair's number alone. Counterparts: flow.ts and accept-faults.ts (which pairs a fault acts on), faults/* (jitter, sizes, bits).

/** 32 bits, each of which depends on each of `bits` (a finalizer in the manner of MurmurHash3; constants of "lowbias32"). */
const mix = (bits: number): number => {
  let mixed = bits ^ (bits >>> 16)
  mixed = Math.imul(mixed, 0x21f0aaad)
  mixed ^= mixed >>> 15
  mixed = Math.imul(mixed, 0x735a2d97)
  return (mixed ^ (mixed >>> 15)) >>> 0
}

const golden = 0x9e3779b9
const range = 2 ** 32
const seedOf = (seed: number, pair: number): number => mix(mix(seed ^ golden) + Math.imul(pair, 0x9e3779b1))

/** 0 up to and not with 1: what is compared with a fault's toxicity. Faults with the same seed act on the same pairs. */
export const chanceOf = (seed: number, pair: number): number => seedOf(seed, pair) / range

/** 0 up to and not with 1, a new number each time it is called. */
export type Random = () => number

/** The numbers of one fault, one pair and one direction, always in the same order (SplitMix32). */
export const createRandom = (seed: number, pair: number, direction: number): Random => {
  let state = mix(seedOf(seed, pair) + direction + 1)
  return () => {
    state = (state + golden) | 0
    return mix(state) / range
  }
}
