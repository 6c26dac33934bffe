// What the shell shows beside the data: which view, which sheet, which folded pane. Nothing here outlives the page.
// Counterparts: app.tsx, the title bar and the keys, which write it.
import { useStore } from 'zustand'
import { createStore } from 'zustand/vanilla'
import type { EndpointId, EndpointRole } from '../../preload/contract/vocabulary.ts'
import { viewsFile } from './viewing.ts'

export const views = ['wire', 'loop', 'lessons'] as const
export type View = (typeof views)[number]

export type LibraryTab = 'messages' | 'sequences' | 'endpoints' | 'files'

/** A sheet that makes an endpoint, or edits and starts the one named. */
export interface SheetRequest {
  readonly role: EndpointRole
  readonly endpoint: EndpointId | null
}

export interface ViewState {
  readonly view: View
  readonly sheet: SheetRequest | null
  readonly shortcutsOpen: boolean
  readonly capturesOpen: boolean
  /** Which tab of the sheet of saved messages and sequences is shown; null where it is closed. */
  readonly library: LibraryTab | null
  /** The endpoint whose replies are edited while it works. */
  readonly replies: EndpointId | null
  /** The side bar as a drawer, in narrow windows. */
  readonly drawerOpen: boolean
  /** The inspector over the other panes, in windows too narrow for a column of its own. */
  readonly inspectorOpen: boolean
  show(view: View): void
  openSheet(role: EndpointRole, endpoint?: EndpointId): void
  closeSheet(): void
  setShortcutsOpen(open: boolean): void
  setCapturesOpen(open: boolean): void
  showLibrary(tab: LibraryTab | null): void
  showReplies(endpoint: EndpointId | null): void
  setDrawerOpen(open: boolean): void
  setInspectorOpen(open: boolean): void
}

export const viewStore = createStore<ViewState>()((set) => ({
  view: 'wire',
  sheet: null,
  shortcutsOpen: false,
  capturesOpen: false,
  library: null,
  replies: null,
  drawerOpen: false,
  inspectorOpen: false,
  show: (view) => set({ view }),
  openSheet: (role, endpoint) => {
    // Nothing can be started in an opened file.
    if (!viewsFile()) set({ sheet: { role, endpoint: endpoint ?? null }, drawerOpen: false, view: 'wire' })
  },
  closeSheet: () => set({ sheet: null }),
  setShortcutsOpen: (shortcutsOpen) => set({ shortcutsOpen }),
  setCapturesOpen: (capturesOpen) => set(capturesOpen ? { capturesOpen, drawerOpen: false } : { capturesOpen }),
  showLibrary: (library) => set(library === null ? { library } : { library, drawerOpen: false }),
  showReplies: (replies) => set(replies === null ? { replies } : { replies, drawerOpen: false }),
  setDrawerOpen: (drawerOpen) => set({ drawerOpen }),
  setInspectorOpen: (inspectorOpen) => set({ inspectorOpen }),
}))

/** True while a sheet or a list is over everything else, and has the keyboard to itself. */
export const isCovered = ({ sheet, shortcutsOpen, capturesOpen, library, replies }: ViewState): boolean =>
  sheet !== null || shortcutsOpen || capturesOpen || library !== null || replies !== null

export const useView = <T>(pick: (state: ViewState) => T): T => useStore(viewStore, pick)
