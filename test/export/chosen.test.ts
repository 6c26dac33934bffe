// A filter whose answer comes in pieces, as that of a live recording does: what is not known yet is asked for again.
// Counterpart: main/export/chosen.ts.
import { describe, expect, it } from 'vitest'
import { chosenEvents, filterAsks } from '../../main/export/chosen.ts'
import type { ExportSource } from '../../main/export/source.ts'
import { memorySource } from './support/memory-source.ts'

/** Ten events that all satisfy the filter, as is known of those before `ends[n]` when it is asked for the nth time. */
const knownUpTo = (...ends: readonly number[]) => {
  let asked = 0
  const source: ExportSource = {
    ...memorySource([{ events: Array.from({ length: 10 }, () => ({ at: 1, kind: 'data-sent', connection: 1 })) }]),
    async filter(_, firstSeq) {
      const endSeq = Math.max(firstSeq, ends[Math.min(asked++, ends.length - 1)]!)
      return { firstSeq, endSeq, matches: endSeq - firstSeq, bits: new Uint8Array(2).fill(0xff) }
    },
  }
  return { source, asked: () => asked }
}
const slow = { where: 'slow>1ms' }
const seqs = Array.from({ length: 10 }, (_, i) => i + 1)

describe('A filter of an export', () => {
  it('is asked again where nothing is known yet of an event', async () => {
    const { source } = knownUpTo(4, 4, 4, 11)
    expect(seqs.filter(await chosenEvents(source, slow, 1))).toEqual(seqs)
  })

  it('fails in words where it does not get known', async () => {
    const { source, asked } = knownUpTo(4)
    await expect(chosenEvents(source, slow, 1)).rejects.toThrow('events from 4 on')
    expect(asked()).toBe(1 + filterAsks)
  })
})
