// The one selection that every pane draws: an event with its callback, or a connection, or an endpoint, and the moment
// under the pointer. Setting one part settles the others, so that two panes can never disagree. Counterparts: lifelines,
// event table, sidebar, inspector and the Loop screen, which all read it and all write it.
import { useStore } from 'zustand'
import { createStore } from 'zustand/vanilla'
import type { ConnectionId, EndpointId } from '../../preload/contract/vocabulary.ts'
import { eventLog } from '../event-log/event-log.ts'

export interface SelectionState {
  /** The selected event; its connection is then `connection`. */
  readonly seq: number | null
  readonly connection: ConnectionId | null
  /** The id of the loop record of the selected callback: the one that delivered the event, where it was watched. */
  readonly callback: number | null
  /** Set only where an endpoint itself is selected, never beside an event or a connection. */
  readonly endpoint: EndpointId | null
  /** The moment under the pointer, in ms since the engine started. */
  readonly hoverAt: number | null
  /** True while the newest events scroll into view by themselves. */
  readonly following: boolean
  /** True while drawing stands still; recording goes on. */
  readonly viewPaused: boolean
  selectEvent(seq: number, connection: ConnectionId | null): void
  /** Selects a callback, with the first event that it produced and the connection that it served. */
  selectCallback(callback: number, seq: number | null, connection: ConnectionId | null): void
  selectConnection(id: ConnectionId | null): void
  selectEndpoint(id: EndpointId | null): void
  hover(at: number | null): void
  setFollowing(on: boolean): void
  setViewPaused(on: boolean): void
  /** Nothing is selected, and the newest is followed: another capture is looked at. */
  reset(): void
}

const nothing = {
  seq: null,
  connection: null,
  callback: null,
  endpoint: null,
  hoverAt: null,
  following: true,
  viewPaused: false,
} as const

export const selectionStore = createStore<SelectionState>()((set) => ({
  ...nothing,
  selectEvent: (seq, connection) => {
    const callback = eventLog.has(seq) ? eventLog.callback(seq) : 0
    set({ seq, connection, callback: callback === 0 ? null : callback, endpoint: null })
  },
  selectCallback: (callback, seq, connection) => set({ callback, seq, connection, endpoint: null }),
  selectConnection: (id) => set({ seq: null, connection: id, callback: null, endpoint: null }),
  selectEndpoint: (id) => set({ seq: null, connection: null, callback: null, endpoint: id }),
  hover: (at) => set((state) => (state.hoverAt === at ? state : { hoverAt: at })),
  setFollowing: (on) => set((state) => (state.following === on ? state : { following: on })),
  setViewPaused: (on) => set({ viewPaused: on }),
  reset: () => set(nothing),
}))

/** The part of the selection that `pick` chooses; renders again only when that part changes. */
export const useSelection = <T>(pick: (state: SelectionState) => T): T => useStore(selectionStore, pick)
