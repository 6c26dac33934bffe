// What the engine said last about its endpoints and connections: whole values by id, replaced as changes arrive. The
// engine owns these facts; nothing here is worked out by the page. `endpointsStore` has the newest at once; what is rendered
// follows a few times a second. Counterpart: main/engine's state changes.
import { useRef } from 'react'
import { useStore } from 'zustand'
import { createStore } from 'zustand/vanilla'
import type {
  Address,
  ConnectionId,
  ConnectionInfo,
  EndpointId,
  EndpointInfo,
  Snapshot,
  StateChange,
} from '../../preload/contract/vocabulary.ts'
import { createPace } from './pace.ts'

export interface EndpointsState {
  /** The seq up to which these values are true; an older change is not applied. */
  readonly seq: number
  /** Wall clock (ms since 1970) of the engine's time 0; null until the first snapshot. */
  readonly startedAtEpochMs: number | null
  readonly endpoints: ReadonlyMap<EndpointId, EndpointInfo>
  /** What endpoints are or were called: their events stay when they are removed, and when the engine starts anew. */
  readonly names: ReadonlyMap<EndpointId, string>
  /** Open connections and the most recent ended ones, in the order of their ids. */
  readonly connections: ReadonlyMap<ConnectionId, ConnectionInfo>
  takeSnapshot(snapshot: Snapshot): void
  applyChange(change: StateChange): void
  /** Another capture is looked at: its ids mean others. */
  forget(): void
  /** Takes in a new endpoint that a command answered with, where no change has told of it yet. */
  takeEndpoint(endpoint: EndpointInfo): void
}

const byId = <T extends { readonly id: number }>(values: readonly T[]): Map<T['id'], T> =>
  new Map([...values].sort((a, b) => a.id - b.id).map((value) => [value.id, value]))

const merged = <T extends { readonly id: number }>(
  held: ReadonlyMap<T['id'], T>,
  changed: readonly T[],
  removed: readonly T['id'][],
): ReadonlyMap<T['id'], T> => {
  if (changed.length === 0 && removed.length === 0) return held
  const next = new Map(held)
  let newest = -1
  for (const id of held.keys()) newest = Math.max(newest, id)
  let inOrder = true
  for (const value of changed) {
    if (!next.has(value.id)) {
      if (value.id < newest) inOrder = false
      newest = Math.max(newest, value.id)
    }
    next.set(value.id, value)
  }
  for (const id of removed) next.delete(id)
  return inOrder ? next : byId([...next.values()])
}

const withNames = (
  names: ReadonlyMap<EndpointId, string>,
  endpoints: readonly EndpointInfo[],
): ReadonlyMap<EndpointId, string> => {
  const fresh = endpoints.filter(({ id, spec }) => names.get(id) !== spec.name)
  return fresh.length === 0 ? names : new Map([...names, ...fresh.map(({ id, spec }) => [id, spec.name] as const)])
}

const nothing = (): Pick<EndpointsState, 'seq' | 'startedAtEpochMs' | 'endpoints' | 'names' | 'connections'> => ({
  seq: 0,
  startedAtEpochMs: null,
  endpoints: new Map(),
  names: new Map(),
  connections: new Map(),
})

export const endpointsStore = createStore<EndpointsState>()((set) => ({
  ...nothing(),
  forget: () => set(nothing()),
  takeSnapshot: (snapshot) =>
    set((state) => ({
      seq: snapshot.seq,
      startedAtEpochMs: snapshot.startedAtEpochMs,
      endpoints: byId(snapshot.endpoints),
      names: withNames(state.names, snapshot.endpoints),
      connections: byId(snapshot.connections),
    })),
  applyChange: (change) =>
    set((state) =>
      change.seq < state.seq
        ? state
        : {
            seq: change.seq,
            endpoints: merged(state.endpoints, change.endpoints, change.removedEndpoints),
            names: withNames(state.names, change.endpoints),
            connections: merged(state.connections, change.connections, change.removedConnections),
          },
    ),
  takeEndpoint: (endpoint) =>
    set((state) =>
      state.endpoints.has(endpoint.id)
        ? state
        : { endpoints: merged(state.endpoints, [endpoint], []), names: withNames(state.names, [endpoint]) },
    ),
}))

/** What is rendered: the same values, a moment later while they change all the time. */
const renderedStore = createStore<EndpointsState>()(() => endpointsStore.getState())
const pace = createPace(() => renderedStore.setState(endpointsStore.getState(), true))

endpointsStore.subscribe((now, before) => {
  // What a person has just made or removed, and a new run of the engine, is there at once; traffic can wait.
  if (now.endpoints.size !== before.endpoints.size || now.startedAtEpochMs !== before.startedAtEpochMs) pace.now()
  else pace.ask()
})

/**
 * The part of the engine's state that `pick` chooses; renders again only when that part changes, by identity or by what
 * `same` says of it.
 */
export const useEndpoints = <T>(
  pick: (state: EndpointsState) => T,
  same: (before: T, now: T) => boolean = Object.is,
): T => {
  const held = useRef<{ readonly value: T } | null>(null)
  return useStore(renderedStore, (state) => {
    const value = pick(state)
    if (held.current === null || !same(held.current.value, value)) held.current = { value }
    return held.current.value
  })
}

const sameAddress = (a: Address | null, b: Address | null): boolean => a?.host === b?.host && a?.port === b?.port

/** True where two values of a connection differ in nothing but its traffic and what is buffered. */
export const sameButTraffic = (a: ConnectionInfo | null, b: ConnectionInfo | null): boolean =>
  a === b ||
  (a !== null &&
    b !== null &&
    a.id === b.id &&
    a.endpoint === b.endpoint &&
    a.direction === b.direction &&
    a.side === b.side &&
    a.pair === b.pair &&
    a.state === b.state &&
    a.cause === b.cause &&
    a.endedAt === b.endedAt &&
    sameAddress(a.local, b.local) &&
    sameAddress(a.remote, b.remote))

/** True while bytes can still move in at least one direction, or a connection is still being made. */
export const isOpen = (connection: ConnectionInfo): boolean =>
  connection.state !== 'lost' && connection.state !== 'failed'

/** True while `send` has a chance: made, and not closed on our side. */
export const canSend = (connection: ConnectionInfo): boolean =>
  connection.state === 'open' || connection.state === 'half-closed-by-peer'
