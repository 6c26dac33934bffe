// Whom the composer writes to: never to somebody nobody chose while the chosen one is away.
import { describe, expect, test } from 'vitest'
import { resolveTarget, targetsOf } from '../../renderer/workbench/composer/targets.ts'
import {
  clientSpec,
  connection,
  connectionId,
  endpoint,
  endpointId,
  listenerSpec,
  mapOf,
  relaySpec,
} from './support/facts.ts'

const endpoints = mapOf(
  endpoint(1, listenerSpec(8888)),
  endpoint(2, clientSpec(8888)),
  endpoint(3, relaySpec(8080, 8888)),
)
const wanted = (of: number, id: number | null = null, side: 'downstream' | 'upstream' | null = null) => ({
  connection: id === null ? null : connectionId(id),
  endpoint: endpointId(of),
  side,
})
const resolved = (...args: Parameters<typeof resolveTarget>) => resolveTarget(...args)?.id

describe('the composer writes to', () => {
  test('a client of ours before an accepted connection, while nobody has chosen', () => {
    const connections = mapOf(connection(1, 2, { direction: 'out' }), connection(2, 1))
    expect(resolved(null, connections, endpoints)).toBe(1)
    expect(resolved(null, mapOf(connection(2, 1)), endpoints)).toBe(2)
  })

  test('the chosen connection, also when newer ones come', () => {
    expect(resolved(wanted(1, 2), mapOf(connection(2, 1), connection(3, 1)), endpoints)).toBe(2)
  })

  test('the next connection of the same endpoint once the chosen one has ended', () => {
    const connections = mapOf(connection(2, 1, { state: 'lost' }), connection(3, 1), connection(4, 2))
    expect(resolved(wanted(1, 2), connections, endpoints)).toBe(3)
  })

  test('nobody rather than another endpoint', () => {
    const connections = mapOf(connection(2, 1, { state: 'lost' }), connection(4, 2, { direction: 'out' }))
    expect(resolved(wanted(1, 2), connections, endpoints)).toBeUndefined()
  })

  test('the same side of a relay, never the other', () => {
    const down = connection(5, 3, { side: 'downstream', pair: connectionId(6) })
    const up = connection(6, 3, { side: 'upstream', pair: connectionId(5), direction: 'out', state: 'lost' })
    expect(resolved(wanted(3, 6, 'upstream'), mapOf(down, up), endpoints)).toBeUndefined()
    expect(resolved(wanted(3, 5, 'downstream'), mapOf(down, up), endpoints)).toBe(5)
  })

  test('a connection whose peer has sent FIN, but not one that we have ended', () => {
    expect(resolved(null, mapOf(connection(1, 1, { state: 'half-closed-by-peer' })), endpoints)).toBe(1)
    for (const state of ['half-closed-here', 'closing', 'connecting', 'lost', 'failed'] as const)
      expect(resolved(null, mapOf(connection(1, 1, { state })), endpoints)).toBeUndefined()
  })

  test('anybody again once the chosen endpoint is removed', () => {
    expect(resolved(wanted(9, 2), mapOf(connection(3, 1)), endpoints)).toBe(3)
  })
})

test('the list of targets has clients first, then listeners, then relays, each in the order of ids', () => {
  const connections = mapOf(
    connection(1, 3, { side: 'downstream' }),
    connection(2, 1),
    connection(3, 2),
    connection(4, 1, { state: 'lost' }),
    connection(5, 1),
  )
  expect(targetsOf(connections, endpoints).map((target) => target.connection.id)).toEqual([3, 2, 5, 1])
})
