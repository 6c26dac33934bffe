// Bytes a second, from two looks at the engine's counters.
import { describe, expect, test } from 'vitest'
import { countNow, historyLength, nextRates, type RatesState } from '../../renderer/stores/rates.ts'
import { connection, connectionId, endpoint, endpointId, listenerSpec, mapOf, noTraffic } from './support/facts.ts'

const still: RatesState = { connections: new Map(), endpoints: new Map() }
const counted = (bytesReceived: number, bytesSent: number) => {
  const traffic = { ...noTraffic, bytesReceived, bytesSent }
  return countNow({
    endpoints: mapOf(endpoint(1, listenerSpec(1), { traffic })),
    connections: mapOf(connection(2, 1, { traffic })),
  })
}

describe('traffic now', () => {
  test('counts both ways together, by the time that really passed', () => {
    const rates = nextRates(still, counted(100, 0), counted(300, 300), 2000)
    expect(rates.connections.get(connectionId(2))).toBe(250)
    expect(rates.endpoints.get(endpointId(1))?.at(-1)).toBe(250)
  })

  test('counts a connection that came in between from its first byte', () => {
    const rates = nextRates(still, countNow({ endpoints: new Map(), connections: new Map() }), counted(500, 0), 1000)
    expect(rates.connections.get(connectionId(2))).toBe(500)
  })

  test('keeps a history of one length, and forgets it once all of it is quiet', () => {
    let rates = nextRates(still, counted(0, 0), counted(10, 0), 1000)
    expect(rates.endpoints.get(endpointId(1))).toHaveLength(historyLength)
    for (let i = 0; i < historyLength - 1; i++) rates = nextRates(rates, counted(10, 0), counted(10, 0), 1000)
    expect(rates.endpoints.get(endpointId(1))?.[0]).toBe(10)
    rates = nextRates(rates, counted(10, 0), counted(10, 0), 1000)
    expect(rates.endpoints.size).toBe(0)
  })

  test('is never below zero when a restarted engine counts from the start', () => {
    const rates = nextRates(still, counted(1000, 0), counted(10, 0), 1000)
    expect([rates.connections.size, rates.endpoints.size]).toEqual([0, 0])
  })
})
