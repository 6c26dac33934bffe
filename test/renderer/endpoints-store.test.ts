// What the page holds of the engine's facts: whole values, newest wins, in the order of ids.
import { beforeEach, describe, expect, test } from 'vitest'
import type { Snapshot } from '../../preload/contract/vocabulary.ts'
import { endpointsStore } from '../../renderer/stores/endpoints.ts'
import { clientSpec, connection, connectionId, endpoint, endpointId, listenerSpec } from './support/facts.ts'

const store = () => endpointsStore.getState()
const nothing = { probe: 'off' as const, endpoints: [], connections: [], removedEndpoints: [], removedConnections: [] }
const snapshot: Snapshot = {
  seq: 10,
  startedAtEpochMs: 1000,
  endpoints: [endpoint(2, clientSpec(1)), endpoint(1, listenerSpec(1))],
  connections: [connection(3, 1)],
  probe: 'off',
  iteration: 0,
}

beforeEach(() => store().takeSnapshot(snapshot))

describe('the endpoints store', () => {
  test('holds a snapshot in the order of ids, in place of everything before it', () => {
    expect([...store().endpoints.keys()]).toEqual([1, 2])
    store().takeSnapshot({ ...snapshot, endpoints: [] })
    expect(store().endpoints.size).toBe(0)
  })

  test('replaces what has changed and keeps what has not as the very same value', () => {
    const before = store()
    store().applyChange({ ...nothing, seq: 11, connections: [connection(3, 1, { state: 'lost' })] })
    expect(store().connections.get(connectionId(3))?.state).toBe('lost')
    expect(store().endpoints).toBe(before.endpoints)
  })

  test('keeps the name of an endpoint that was removed, or that an engine which ended had, for its recorded events', () => {
    const name = listenerSpec(1).name
    store().applyChange({ ...nothing, seq: 11, removedEndpoints: [endpointId(1)] })
    expect(store().endpoints.has(endpointId(1))).toBe(false)
    expect(store().names.get(endpointId(1))).toBe(name)
    store().takeSnapshot({ ...snapshot, seq: 12, startedAtEpochMs: 2000, endpoints: [] })
    expect(store().names.get(endpointId(1))).toBe(name)
  })

  test('does not go back to a change that is older than what it holds', () => {
    store().applyChange({ ...nothing, seq: 9, connections: [connection(3, 1, { state: 'lost' })] })
    expect(store().connections.get(connectionId(3))?.state).toBe('open')
  })

  test('takes a change of the very seq it holds, because applying one twice does no harm', () => {
    store().applyChange({ ...nothing, seq: 10, connections: [connection(4, 1)] })
    expect(store().connections.has(connectionId(4))).toBe(true)
  })

  test('keeps the order of ids when an older one comes later', () => {
    store().applyChange({ ...nothing, seq: 11, connections: [connection(5, 1), connection(1, 1)] })
    expect([...store().connections.keys()]).toEqual([1, 3, 5])
  })

  test('forgets what is removed', () => {
    store().applyChange({
      ...nothing,
      seq: 11,
      removedEndpoints: [endpointId(2)],
      removedConnections: [connectionId(3)],
    })
    expect([store().endpoints.has(endpointId(2)), store().connections.size]).toEqual([false, 0])
  })

  test('takes in a new endpoint that a command answered with, but never over newer facts', () => {
    store().takeEndpoint(endpoint(7, clientSpec(1), { state: 'starting' }))
    store().applyChange({ ...nothing, seq: 11, endpoints: [endpoint(7, clientSpec(1))] })
    store().takeEndpoint(endpoint(7, clientSpec(1), { state: 'starting' }))
    expect(store().endpoints.get(endpointId(7))?.state).toBe('live')
  })
})
