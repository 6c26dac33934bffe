// The one selection that every pane draws: an event, or a connection, or an endpoint, and the moment under the pointer.
// Setting one part settles the others, so that two panes can never disagree. Counterparts: lifelines, event table,
// sidebar and inspector, which all read it and all write it.
import { useStore } from 'zustand'
import { createStore } from 'zustand/vanilla'
import type { ConnectionId, EndpointId } from '../../preload/contract/vocabulary.ts'

export interface SelectionState {
  /** The selected event; its connection is then `connection`. */
  readonly seq: number | null
  readonly connection: ConnectionId | null
  /** Set only where an endpoint itself is selected, never beside an event or a connection. */
  readonly endpoint: EndpointId | null
  /** The moment under the pointer, in ms since the engine started. */
  readonly hoverAt: number | null
  /** True while the newest events scroll into view by themselves. */
  readonly following: boolean
  /** True while drawing stands still; recording goes on. */
  readonly viewPaused: boolean
  selectEvent(seq: number, connection: ConnectionId | null): void
  selectConnection(id: ConnectionId | null): void
  selectEndpoint(id: EndpointId | null): void
  hover(at: number | null): void
  setFollowing(on: boolean): void
  setViewPaused(on: boolean): void
}

export const selectionStore = createStore<SelectionState>()((set) => ({
  seq: null,
  connection: null,
  endpoint: null,
  hoverAt: null,
  following: true,
  viewPaused: false,
  selectEvent: (seq, connection) => set({ seq, connection, endpoint: null }),
  selectConnection: (id) => set({ seq: null, connection: id, endpoint: null }),
  selectEndpoint: (id) => set({ seq: null, connection: null, endpoint: id }),
  hover: (at) => set((state) => (state.hoverAt === at ? state : { hoverAt: at })),
  setFollowing: (on) => set((state) => (state.following === on ? state : { following: on })),
  setViewPaused: (on) => set({ viewPaused: on }),
}))

/** The part of the selection that `pick` chooses; renders again only when that part changes. */
export const useSelection = <T>(pick: (state: SelectionState) => T): T => useStore(selectionStore, pick)
