// The filter's index: which event is the n-th match and how many come before one, as counting one by one says it.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { SeqIndex } from '../../renderer/event-log/seq-index.ts'

const bitsOf = (matches: readonly boolean[]): Uint8Array => {
  const bits = new Uint8Array(Math.ceil(matches.length / 8))
  for (const [i, match] of matches.entries()) if (match) bits[i >> 3]! |= 1 << (i & 7)
  return bits
}

describe('an index of matches', () => {
  test('ranks and selects as counting one by one does, answered at once and added to after', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 1_000_000 }),
        fc.array(fc.boolean(), { maxLength: 3000 }),
        fc.array(fc.boolean(), { maxLength: 3000 }),
        (firstSeq, answered, added) => {
          const index = SeqIndex.of({
            firstSeq,
            endSeq: firstSeq + answered.length,
            matches: answered.filter(Boolean).length,
            bits: bitsOf(answered),
          })
          for (const match of added) index.push(match)
          const all = [...answered, ...added]
          const seqs = all.flatMap((match, i) => (match ? [firstSeq + i] : []))
          expect(index.count).toBe(seqs.length)
          expect(index.endSeq).toBe(firstSeq + all.length)
          for (const [rank, seq] of seqs.entries()) {
            expect(index.select(rank)).toBe(seq)
            expect(index.rank(seq)).toBe(rank)
            expect(index.has(seq)).toBe(true)
          }
          for (let i = 0; i <= all.length; i += 7)
            expect(index.rank(firstSeq + i)).toBe(all.slice(0, i).filter(Boolean).length)
          expect(index.has(firstSeq - 1)).toBe(false)
          expect(index.has(index.endSeq)).toBe(false)
        },
      ),
      { numRuns: 60 },
    )
  })

  test('leaves out bits beyond the last event, whoever set them', () => {
    const index = SeqIndex.of({ firstSeq: 1, endSeq: 6, matches: 5, bits: new Uint8Array([0xff, 0xff]) })
    expect(index.count).toBe(5)
    index.push(false)
    index.push(true)
    expect([index.count, index.select(5), index.has(6)]).toEqual([6, 7, false])
  })

  test('passes over what nobody has', () => {
    const index = new SeqIndex(10)
    index.push(true)
    index.skipTo(5000)
    index.push(true)
    expect([index.count, index.select(1), index.rank(5000), index.rank(6000)]).toEqual([2, 5000, 1, 2])
    expect(() => index.select(2)).toThrow('no match number 2')
  })
})
