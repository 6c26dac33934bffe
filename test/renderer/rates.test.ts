// Bytes a second, from looks at the engine's counters.
import { describe, expect, test } from 'vitest'
import {
  connectionRate,
  endpointHistory,
  historyLength,
  type Look,
  type Looks,
  nextLooks,
} from '../../renderer/stores/rates.ts'
import { connection, connectionId, endpoint, endpointId, listenerSpec, mapOf, noTraffic } from './support/facts.ts'

const look = (atMs: number, bytesReceived: number, bytesSent = 0): Look => {
  const traffic = { ...noTraffic, bytesReceived, bytesSent }
  return {
    atMs,
    endpoints: mapOf(endpoint(1, listenerSpec(1), { traffic })),
    connections: mapOf(connection(2, 1, { traffic })),
  }
}
const looksOf = (...all: readonly Look[]): Looks => all.reduce<Looks>(nextLooks, [])
const rate = (looks: Looks) => connectionRate(looks, connectionId(2))
const history = (looks: Looks) => endpointHistory(looks, endpointId(1))

describe('traffic now', () => {
  test('counts both ways together, by the time that really passed', () => {
    const looks = looksOf(look(500, 100), look(2500, 300, 300))
    expect(rate(looks)).toBe(250)
    expect(history(looks)?.at(-1)).toBe(250)
  })

  test('counts a connection that came in between from its first byte', () => {
    const before: Look = { ...look(0, 0), connections: new Map() }
    expect(rate(looksOf(before, look(1000, 500)))).toBe(500)
  })

  test('is that of the last second, whatever moved before', () => {
    expect(rate(looksOf(look(0, 0), look(1000, 800), look(2000, 800)))).toBe(0)
  })

  test('says nothing of a first look, which tells of bytes that moved long ago', () => {
    expect([rate(looksOf(look(0, 700))), history(looksOf(look(0, 700)))]).toEqual([0, null])
  })

  test('keeps a history of one length, newest last, and forgets it once all of it is quiet', () => {
    let looks = looksOf(look(0, 0), look(1000, 10))
    expect(history(looks)).toHaveLength(historyLength)
    for (let i = 0; i < historyLength - 1; i++) looks = nextLooks(looks, look(2000 + i * 1000, 10))
    expect(history(looks)?.[0]).toBe(10)
    looks = nextLooks(looks, look(60_000, 10))
    expect(history(looks)).toBeNull()
  })

  test('is never below zero when a restarted engine counts from the start', () => {
    const looks = looksOf(look(0, 1000), look(1000, 10))
    expect([rate(looks), history(looks)]).toEqual([0, null])
  })

  test('holds on to ended connections no longer than it needs them', () => {
    const looks = looksOf(look(0, 0), look(1000, 1), look(2000, 2))
    expect(looks.map(({ connections }) => connections.size)).toEqual([0, 1, 1])
  })
})
