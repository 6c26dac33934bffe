// Traffic now: bytes a second per connection and per endpoint, from looks at the engine's counters once a second, with a
// short history per endpoint for the small curve beside its name. What is worked out is worked out for the rows that ask:
// a look keeps the store's own values, which never change. Counterpart: workbench/sidebar.
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

/** One look at the counters. */
export interface Look {
  /** `performance.now()`. */
  readonly atMs: number
  readonly connections: ReadonlyMap<ConnectionId, ConnectionInfo>
  readonly endpoints: ReadonlyMap<EndpointId, EndpointInfo>
}

/** Looks, oldest first, at most one more than the curve has bars. */
export type Looks = readonly Look[]

type Counters = { readonly traffic: Traffic } | undefined

const bytesOf = (counters: Counters): number =>
  counters === undefined ? 0 : counters.traffic.bytesReceived + counters.traffic.bytesSent

/** Bytes a second between two looks. What was not there before starts from zero; an engine that starts anew is never below. */
const rateOf = (before: Counters, now: Counters, elapsedMs: number): number =>
  Math.max(0, bytesOf(now) - bytesOf(before)) / (elapsedMs / 1000)

/** Bytes a second of a connection, both ways together, in the last second; 0 where it is not known. */
export const connectionRate = (looks: Looks, id: ConnectionId): number => {
  const before = looks.at(-2)
  const now = looks.at(-1)
  if (before === undefined || now === undefined) return 0
  return rateOf(before.connections.get(id), now.connections.get(id), now.atMs - before.atMs)
}

/** Bytes a second of an endpoint, oldest first, `historyLength` of them; null where all are 0. */
export const endpointHistory = (looks: Looks, id: EndpointId): readonly number[] | null => {
  const history = new Array<number>(historyLength).fill(0)
  for (let i = 1; i < looks.length; i++) {
    const before = looks[i - 1]!
    const now = looks[i]!
    history[historyLength - looks.length + i] = rateOf(
      before.endpoints.get(id),
      now.endpoints.get(id),
      now.atMs - before.atMs,
    )
  }
  return history.some((rate) => rate > 0) ? history : null
}

/** The looks with one more. Of the connections only the last two count, so that ended ones are not held for longer. */
export const nextLooks = (looks: Looks, look: Look): Looks => {
  const none: Look['connections'] = new Map()
  const held = looks.slice(-historyLength)
  return [...held.slice(0, -1).map((old) => ({ ...old, connections: none })), ...held.slice(-1), look]
}

const look = (): Look => {
  const { connections, endpoints } = endpointsStore.getState()
  return { atMs: performance.now(), connections, endpoints }
}

const looksStore = createStore<{ readonly looks: Looks }>()(() => ({ looks: [] }))

/** Looks once a second from now on. Returns a function that stops. */
export const sampleRates = (): (() => void) => {
  let startedAt = endpointsStore.getState().startedAtEpochMs
  const timer = setInterval(() => {
    const next = look()
    const { startedAtEpochMs } = endpointsStore.getState()
    const { looks } = looksStore.getState()
    // The first snapshot tells of bytes that moved long ago: it is where counting starts, not traffic of this second.
    if (startedAtEpochMs !== startedAt) {
      startedAt = startedAtEpochMs
      looksStore.setState({ looks: [next] })
    } else looksStore.setState({ looks: nextLooks(looks, next) })
  }, samplePeriodMs)
  return () => clearInterval(timer)
}

/** What `pick` makes of the looks; renders again only when that changes. */
export const useLooks = <T extends string | number>(pick: (looks: Looks) => T): T =>
  useStore(looksStore, ({ looks }) => pick(looks))
