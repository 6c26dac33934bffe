// What this page looks at: the live recording, or a capture file that was opened, of which nothing can be sent, started or
// changed. Counterparts: link/link.ts, which switches; workbench/viewing-strip.tsx, which says so.
import { useStore } from 'zustand'
import { createStore } from 'zustand/vanilla'
import type { CaptureFileInfo } from '../../preload/contract/captures.ts'

export interface ViewingState {
  /** The opened capture; null for the live recording. */
  readonly file: CaptureFileInfo | null
  view(file: CaptureFileInfo | null): void
}

export const viewingStore = createStore<ViewingState>()((set) => ({
  file: null,
  view: (file) => set({ file }),
}))

export const useViewing = <T>(pick: (state: ViewingState) => T): T => useStore(viewingStore, pick)

/** True where an opened file is shown: what is shown is over. */
export const viewsFile = (): boolean => viewingStore.getState().file !== null
