// Finding bytes: matches as they come, from match to match, ended and begun anew. The archive's part is played by hand.
import { afterEach, describe, expect, test, vi } from 'vitest'
import type { SearchProgress, SearchSpec } from '../../preload/contract/captures.ts'
import { fail, ok, type Result } from '../../preload/contract/failure.ts'
import { createEventLog } from '../../renderer/event-log/event-log.ts'
import { eventFilter } from '../../renderer/event-log/filter.ts'
import { marksOf } from '../../renderer/search/marked-bytes.tsx'
import { createSearch } from '../../renderer/search/search.ts'
import { selectionStore } from '../../renderer/stores/selection.ts'
import { data, makeBatch } from './support/batches.ts'

const progress = (seqs: number[], done: boolean, scannedBytes = done ? 100 : 50): SearchProgress => ({
  seqs: Float64Array.from(seqs),
  offsets: new Uint32Array(seqs.length),
  lengths: new Uint32Array(seqs.length).fill(3),
  scannedBytes,
  totalBytes: 100,
  done,
  truncated: false,
})

/** A search and the archive that it asks: answers are given by the test, one a question. */
const play = () => {
  const log = createEventLog({ limitBytes: 1024 * 1024 })
  log.append(
    makeBatch(
      1,
      Array.from({ length: 50 }, (_, i) => data(i, 1, 'sent', 8)),
    ),
  )
  const search = createSearch(log)
  const asked: SearchSpec[] = []
  const cancelled: number[] = []
  const waiting: ((answer: Result<SearchProgress>) => void)[] = []
  search.connect({
    startSearch: async ({ search: spec }) => {
      asked.push(spec)
      return spec.pattern === '(' ? fail('bad-argument', 'Unterminated group', 'search.pattern') : ok(asked.length)
    },
    continueSearch: () => new Promise((resolve) => waiting.push(resolve)),
    cancelSearch: async ({ search: id }) => {
      cancelled.push(id)
      return ok(null)
    },
  })
  const settle = () => new Promise<void>((resolve) => setTimeout(resolve, 0))
  const look = async (pattern: string) => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    search.look({ pattern })
    vi.runAllTimers()
    vi.useRealTimers()
    await settle()
  }
  return { search, asked, cancelled, waiting, settle, look }
}

afterEach(() => selectionStore.getState().reset())

describe('a search', () => {
  test('tells of matches as they are found, and goes from one to the next and around', async () => {
    const { search, waiting, settle, look } = play()
    await look('abc')
    expect(search.store.getState()).toMatchObject({ phase: 'searching', matches: 0 })
    waiting.shift()!(ok(progress([3, 3, 9], false)))
    await settle()
    expect(search.store.getState()).toMatchObject({ phase: 'searching', matches: 3, progress: 0.5 })
    search.step(1)
    expect([selectionStore.getState().seq, search.store.getState().current]).toEqual([3, 0])
    waiting.shift()!(ok(progress([40], true)))
    await settle()
    expect(search.store.getState()).toMatchObject({ phase: 'done', matches: 4, current: 0, progress: 1 })
    search.step(1)
    search.step(1)
    search.step(1)
    expect([selectionStore.getState().seq, search.store.getState().current]).toEqual([40, 3])
    search.step(1)
    expect([selectionStore.getState().seq, search.store.getState().current]).toEqual([3, 0])
    search.step(-1)
    expect(selectionStore.getState().seq).toBe(40)
    selectionStore.getState().selectEvent(20, null)
    search.step(-1)
    expect(selectionStore.getState().seq).toBe(9)
    expect([search.hits.in(3).length, search.hits.anyBetween(4, 9), search.hits.anyBetween(4, 10)]).toEqual([
      2,
      false,
      true,
    ])
  })

  test('ends the one before where something else is looked for, and takes nothing of it in', async () => {
    const { search, asked, cancelled, waiting, settle, look } = play()
    await look('abc')
    const old = waiting.shift()!
    await look('abcd')
    old(ok(progress([1, 2, 3], true)))
    await settle()
    expect([asked.map(({ pattern }) => pattern), cancelled]).toEqual([['abc', 'abcd'], [1]])
    expect(search.store.getState()).toMatchObject({ phase: 'searching', matches: 0 })
    waiting.shift()!(ok(progress([7], true)))
    await settle()
    expect(search.store.getState()).toMatchObject({ phase: 'done', matches: 1 })
    await look('')
    expect(search.store.getState()).toMatchObject({ phase: 'idle', matches: 0 })
  })

  test('looks through what the filter leaves, and anew when that changes', async () => {
    const { search, asked, waiting, settle, look } = play()
    search.open()
    await look('abc')
    waiting.shift()!(ok(progress([3], true)))
    await settle()
    eventFilter.set([{ by: 'kind', kind: 'data-sent' }])
    await settle()
    expect(asked.map(({ filter }) => filter)).toEqual([{}, { kinds: ['data-sent'] }])
    eventFilter.set([])
    search.close()
  })

  test('says what is wrong with a pattern, until another one is tried', async () => {
    const { search, look } = play()
    await look('(')
    expect(search.store.getState()).toMatchObject({ phase: 'failed', message: 'Unterminated group' })
    search.look({ pattern: '(a)' })
    expect(search.store.getState()).toMatchObject({ phase: 'searching', message: '' })
    search.close()
    expect(search.store.getState()).toMatchObject({ open: false, phase: 'idle' })
  })
})

test('marks of a row are read back as they were written', () => {
  expect(marksOf('0+3 17+12')).toEqual([
    { from: 0, to: 3 },
    { from: 17, to: 29 },
  ])
  expect(marksOf('')).toEqual([])
})
