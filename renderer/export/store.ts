// Which of the sheets about taking things elsewhere is open, and what it is about. Counterparts: export-sheet.tsx,
// replay-sheet.tsx, keys.ts.
import { useStore } from 'zustand'
import { createStore } from 'zustand/vanilla'
import type { ConnectionId } from '../../preload/contract/vocabulary.ts'
import { viewStore } from '../stores/view.ts'

export type ExportSheetRequest =
  /** `connection`: the one that is proposed; null for everything. */
  | { readonly kind: 'export'; readonly connection: ConnectionId | null }
  | { readonly kind: 'replay'; readonly connection: ConnectionId }

export interface ExportSheetState {
  readonly request: ExportSheetRequest | null
  open(request: ExportSheetRequest): void
  close(): void
}

export const exportSheetStore = createStore<ExportSheetState>()((set) => ({
  request: null,
  open: (request) => {
    viewStore.getState().setDrawerOpen(false)
    set({ request })
  },
  close: () => set({ request: null }),
}))

export const useExportSheet = <T>(pick: (state: ExportSheetState) => T): T => useStore(exportSheetStore, pick)
