// Traffic now: bytes a second per connection and per endpoint, sampled once a second from the engine's counters, with a
// short history per endpoint for the small curve beside its name. Counterpart: workbench/sidebar.
import { useStore } from 'zustand'
import { createStore } from 'zustand/vanilla'
import type {
  ConnectionId,
  ConnectionInfo,
  EndpointId,
  EndpointInfo,
  Traffic,
} from '../../preload/contract/vocabulary.ts'
import { endpointsStore } from './endpoints.ts'

/** Seconds of history that an endpoint's curve shows. */
export const historyLength = 20
export const samplePeriodMs = 1000

export interface RatesState {
  /** Bytes a second, both ways together; connections without traffic are left out. */
  readonly connections: ReadonlyMap<ConnectionId, number>
  /** Bytes a second, oldest first, `historyLength` of them; endpoints without any are left out. */
  readonly endpoints: ReadonlyMap<EndpointId, readonly number[]>
}

const bytesOf = (traffic: Traffic): number => traffic.bytesReceived + traffic.bytesSent

/** Bytes counted up to the last sample, by id. */
export interface Counted {
  readonly connections: ReadonlyMap<ConnectionId, number>
  readonly endpoints: ReadonlyMap<EndpointId, number>
}

interface Facts {
  readonly connections: ReadonlyMap<ConnectionId, ConnectionInfo>
  readonly endpoints: ReadonlyMap<EndpointId, EndpointInfo>
}

/** What is counted now. */
export const countNow = (facts: Facts): Counted => ({
  connections: new Map([...facts.connections].map(([id, connection]) => [id, bytesOf(connection.traffic)])),
  endpoints: new Map([...facts.endpoints].map(([id, endpoint]) => [id, bytesOf(endpoint.traffic)])),
})

const noHistory: readonly number[] = new Array<number>(historyLength).fill(0)

/** The next rates, from what was counted `elapsedMs` ago and what is counted now. An id unseen before starts from zero. */
export const nextRates = (previous: RatesState, before: Counted, now: Counted, elapsedMs: number): RatesState => {
  const seconds = elapsedMs / 1000
  const connections = new Map<ConnectionId, number>()
  for (const [id, bytes] of now.connections) {
    const moved = bytes - (before.connections.get(id) ?? 0)
    if (moved > 0) connections.set(id, moved / seconds)
  }
  const endpoints = new Map<EndpointId, readonly number[]>()
  for (const [id, bytes] of now.endpoints) {
    const moved = Math.max(0, bytes - (before.endpoints.get(id) ?? 0))
    const history = [...(previous.endpoints.get(id) ?? noHistory).slice(1), moved / seconds]
    if (history.some((rate) => rate > 0)) endpoints.set(id, history)
  }
  return { connections, endpoints }
}

export const ratesStore = createStore<RatesState>()(() => ({ connections: new Map(), endpoints: new Map() }))

const quiet = (rates: RatesState): boolean => rates.connections.size === 0 && rates.endpoints.size === 0

/** Samples once a second from now on. Returns a function that stops. */
export const sampleRates = (): (() => void) => {
  let startedAt = endpointsStore.getState().startedAtEpochMs
  let counted = countNow(endpointsStore.getState())
  let last = performance.now()
  const timer = setInterval(() => {
    const facts = endpointsStore.getState()
    const now = performance.now()
    const before = counted
    const elapsedMs = now - last
    counted = countNow(facts)
    last = now
    // The first snapshot tells of bytes that moved long ago: it is where counting starts, not traffic of this second.
    if (facts.startedAtEpochMs !== startedAt) {
      startedAt = facts.startedAtEpochMs
      return
    }
    const held = ratesStore.getState()
    const rates = nextRates(held, before, counted, elapsedMs)
    if (!quiet(rates) || !quiet(held)) ratesStore.setState(rates)
  }, samplePeriodMs)
  return () => clearInterval(timer)
}

export const useRates = <T>(pick: (state: RatesState) => T): T => useStore(ratesStore, pick)
