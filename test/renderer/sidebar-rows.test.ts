// The side bar's rows: what stands under what, what is folded, and which row stays itself while things change.
import { describe, expect, test } from 'vitest'
import { keepRows, rowKey, type SidebarRow, shownAtOnce, sidebarRows } from '../../renderer/workbench/sidebar/rows.ts'
import { clientSpec, connection, connectionId, endpoint, endpointId, listenerSpec, relaySpec } from './support/facts.ts'

const none: ReadonlySet<never> = new Set()
const keys = (rows: readonly SidebarRow[]) => rows.map(rowKey)

describe('the side bar', () => {
  test('has its three sections from the start, each saying that it is empty', () => {
    expect(keys(sidebarRows([], [], none))).toEqual([
      'section-listener',
      'empty-listener',
      'section-client',
      'empty-client',
      'section-relay',
      'empty-relay',
    ])
  })

  test('shows open connections under their endpoint, and remembers how the last one ended', () => {
    const ended = connection(2, 1, { state: 'lost', cause: 'reset-by-peer', endedAt: 5 })
    const earlier = connection(1, 1, { state: 'lost', cause: 'closed-here', endedAt: 3 })
    const rows = sidebarRows([endpoint(1, listenerSpec(1))], [earlier, ended, connection(3, 1)], none)
    expect(keys(rows).slice(0, 3)).toEqual(['section-listener', 'endpoint-1', 'connection-3'])
    expect(rows[1]).toMatchObject({ open: 1, last: { id: 2, cause: 'reset-by-peer' } })
  })

  test('shows the two halves of a relayed pair as one row and counts them once', () => {
    const rows = sidebarRows(
      [endpoint(1, relaySpec(1, 2))],
      [
        connection(1, 1, { side: 'downstream', pair: connectionId(2) }),
        connection(2, 1, { side: 'upstream', pair: connectionId(1), direction: 'out' }),
      ],
      none,
    )
    expect(rows.find((row) => row.kind === 'endpoint')).toMatchObject({ open: 1 })
    expect(rows.filter((row) => row.kind === 'pair')).toMatchObject([{ downstream: { id: 1 }, upstream: { id: 2 } }])
  })

  test('remembers how a relay last fared upstream, whatever became of the client that it served', () => {
    const rows = sidebarRows(
      [endpoint(1, relaySpec(1, 2))],
      [
        connection(1, 1, { side: 'downstream', state: 'lost', cause: 'reset-here', endedAt: 9 }),
        connection(2, 1, { side: 'upstream', state: 'failed', cause: 'refused', endedAt: 8 }),
      ],
      none,
    )
    expect(rows.find((row) => row.kind === 'endpoint')).toMatchObject({ open: 0, last: { cause: 'refused' } })
  })

  test('keeps a pair the same row when one half ends', () => {
    const down = connection(1, 1, { side: 'downstream', pair: connectionId(2) })
    const up = connection(2, 1, { side: 'upstream', pair: connectionId(1) })
    const relay = [endpoint(1, relaySpec(1, 2))]
    const keyOf = (connections: readonly (typeof down)[]) => keys(sidebarRows(relay, connections, none)).at(-1)
    const both = keyOf([down, up])
    expect(keyOf([{ ...down, state: 'lost' }, up])).toBe(both)
    expect(keyOf([down, { ...up, state: 'lost' }])).toBe(both)
  })

  test('folds a thousand connections into a dozen and a number, until it is asked for all', () => {
    const listener = [endpoint(1, listenerSpec(1))]
    const connections = Array.from({ length: 1000 }, (_, i) => connection(i + 1, 1))
    const folded = sidebarRows(listener, connections, none)
    expect(folded.filter((row) => row.kind === 'connection')).toHaveLength(shownAtOnce)
    expect(folded.find((row) => row.kind === 'more')).toMatchObject({ hidden: 1000 - shownAtOnce })
    const unfolded = sidebarRows(listener, connections, new Set([endpointId(1)]))
    expect(unfolded.filter((row) => row.kind === 'connection')).toHaveLength(1000)
    expect(unfolded.some((row) => row.kind === 'fewer')).toBe(true)
  })

  test('does not fold away a single row, which would only take its place', () => {
    const connections = Array.from({ length: shownAtOnce + 1 }, (_, i) => connection(i + 1, 1))
    const rows = sidebarRows([endpoint(1, listenerSpec(1))], connections, none)
    expect(rows.filter((row) => row.kind === 'connection')).toHaveLength(shownAtOnce + 1)
  })

  test('gives every row a key of its own', () => {
    const rows = sidebarRows(
      [endpoint(1, listenerSpec(1)), endpoint(2, clientSpec(1)), endpoint(3, relaySpec(1, 2))],
      Array.from({ length: 60 }, (_, i) => connection(i + 1, (i % 3) + 1, i % 3 === 2 ? { side: 'downstream' } : {})),
      none,
    )
    expect(new Set(keys(rows)).size).toBe(rows.length)
  })

  describe('from one state to the next', () => {
    const traffic = { bytesReceived: 9, bytesSent: 9, messagesReceived: 1, messagesSent: 1 }
    const endpoints = (over = {}) => [endpoint(1, listenerSpec(1), over), endpoint(2, relaySpec(1, 2), over)]
    const connections = (over = {}) => [
      connection(1, 1, over),
      connection(2, 1, { state: 'lost', cause: 'closed-here', endedAt: 5, ...over }),
      connection(3, 2, { side: 'downstream', pair: connectionId(4), ...over }),
      connection(4, 2, { side: 'upstream', pair: connectionId(3), ...over }),
    ]
    const before = sidebarRows(endpoints(), connections(), none)
    const changed = (now: readonly SidebarRow[]) => keys(keepRows(before, now).filter((row) => !before.includes(row)))

    test('keeps the very same list where there was only traffic', () => {
      const now = sidebarRows(endpoints({ traffic }), connections({ traffic, bufferedBytes: 7 }), none)
      expect(keepRows(before, now)).toBe(before)
    })

    test('changes only the row of a connection that is half closed', () => {
      const [one, ...others] = connections({ traffic })
      const now = sidebarRows(endpoints({ traffic }), [{ ...one!, state: 'half-closed-by-peer' }, ...others], none)
      expect(changed(now)).toEqual(['connection-1'])
    })

    test('changes only the row of a pair that has lost a half, and its relay’s', () => {
      const all = connections()
      all[3] = { ...all[3]!, state: 'lost', cause: 'reset-by-peer', endedAt: 8 }
      expect(changed(sidebarRows(endpoints(), all, none))).toEqual(['endpoint-2', 'pair-3'])
    })

    test.each([
      ['its state', { state: 'failed' }],
      ['why it failed', { reason: { code: 'EADDRINUSE', message: 'taken' } }],
      ['where it is bound', { local: { host: '127.0.0.1', port: 99 } }],
      ['whether anything is connected', { connectionsNow: 3 }],
      ['its name', { spec: { ...listenerSpec(1), name: 'other' } }],
    ])('changes the row of an endpoint with %s', (_, over) => {
      const [one, other] = endpoints()
      const now = sidebarRows([{ ...one!, ...over } as typeof one & {}, other!], connections(), none)
      expect(changed(now)).toEqual(['endpoint-1'])
    })

    test('takes rows that came and drops rows that went, and keeps the others', () => {
      const now = sidebarRows(endpoints(), [...connections().slice(1), connection(9, 1)], none)
      expect(changed(now)).toEqual(['connection-9'])
      expect(keys(keepRows(before, now))).toEqual(keys(now))
    })
  })
})
