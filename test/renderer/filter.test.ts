// The table's filter: the capture's answer for what is written, the page's own for what has come since.
import { describe, expect, test } from 'vitest'
import type { FilterResult } from '../../preload/contract/captures.ts'
import { fail, ok } from '../../preload/contract/failure.ts'
import type { ConnectionId, EndpointId } from '../../preload/contract/vocabulary.ts'
import { createEventLog } from '../../renderer/event-log/event-log.ts'
import { createFilter, filterOf } from '../../renderer/event-log/filter.ts'
import { proposals } from '../../renderer/workbench/event-table/filter-words.ts'
import { data, makeBatch } from './support/batches.ts'

const roomy = 64 * 1024 * 1024
const conn = (id: number) => ({ by: 'connection', id: id as ConnectionId }) as const

const settled = async (done: () => boolean) => {
  for (let turn = 0; turn < 1000 && !done(); turn++) await new Promise((resolve) => setTimeout(resolve, 1))
  expect(done()).toBe(true)
}

/** Events that connections 1, 2 and 3 receive by turns. */
const turns = (from: number, count: number) =>
  makeBatch(
    from,
    Array.from({ length: count }, (_, i) => data(from + i, ((from + i) % 3) + 1, 'received', 8)),
  )

describe('a filter', () => {
  test('asks for each sort of part at once', () => {
    expect(
      filterOf([
        conn(3),
        { by: 'kind', kind: 'data-sent' },
        conn(4),
        { by: 'endpoint', id: 1 as EndpointId },
        { by: 'kind', kind: 'eof-sent' },
      ]),
    ).toEqual({ connections: [3, 4], kinds: ['data-sent', 'eof-sent'], endpoints: [1] })
    expect(filterOf([])).toEqual({})
  })

  test('goes on with what arrives after the answer', async () => {
    const log = createEventLog({ limitBytes: roomy })
    log.setKept({ firstSeq: 1, firstAt: 1, lastAt: 900 })
    log.append(turns(901, 100))
    const filter = createFilter(log)
    filter.connect(async ({ filter: wanted }) => {
      expect(wanted).toEqual({ connections: [1] })
      const bits = new Uint8Array(119)
      for (let seq = 3; seq <= 950; seq += 3) bits[(seq - 1) >> 3]! |= 1 << ((seq - 1) & 7)
      const result: FilterResult = { firstSeq: 1, endSeq: 951, matches: 316, bits }
      return ok(result)
    })
    filter.add(conn(1))
    await settled(() => filter.store.getState().index !== null)
    const index = filter.store.getState().index!
    expect([index.endSeq, index.count, index.select(0), index.select(332)]).toEqual([1001, 333, 3, 999])
    const { version } = filter.store.getState()
    log.append(turns(1001, 30))
    await settled(() => filter.store.getState().version > version)
    expect([index.endSeq, index.count, index.select(342)]).toEqual([1031, 343, 1029])
    filter.remove(conn(1))
    expect(filter.store.getState()).toMatchObject({ parts: [], index: null })
  })

  test('looks at the events of the page alone where nobody else has any', async () => {
    const log = createEventLog({ limitBytes: roomy })
    log.append(turns(1, 30))
    const filter = createFilter(log)
    filter.connect(async () => fail('wrong-state', 'Nothing is recorded to a file here'))
    filter.set([conn(2), { by: 'kind', kind: 'data-received' }])
    await settled(() => filter.store.getState().index !== null)
    expect(filter.store.getState().index!.count).toBe(10)
    filter.add({ by: 'endpoint', id: 9 as EndpointId })
    await settled(() => filter.store.getState().index!.count === 0)
  })
})

describe('what a filter proposes', () => {
  const sources = {
    endpoints: new Map([
      [1 as EndpointId, 'Echo'],
      [2 as EndpointId, 'redis'],
    ]),
    hasConnection: (id: number) => [3, 31, 40].includes(id),
    connections: () => [40, 31, 3],
  }

  test('is what the text may mean, the exact connection first', () => {
    expect(proposals('3', sources)).toEqual([conn(3), conn(31)])
    expect(proposals('conn:', sources)).toEqual([conn(40), conn(31), conn(3)])
    expect(proposals('kind:eof', sources)).toEqual([
      { by: 'kind', kind: 'eof-received' },
      { by: 'kind', kind: 'eof-sent' },
    ])
    expect(proposals('REDIS', sources)).toEqual([{ by: 'endpoint', id: 2 }])
    expect(proposals('endpoint:e', sources)).toEqual([
      { by: 'endpoint', id: 1 },
      { by: 'endpoint', id: 2 },
    ])
    expect(proposals('nothing like it', sources)).toEqual([])
  })
})
