// What a row of the table is: a chunk, as the loop read or wrote it, or a message in the stream of them. For this page only.
// Counterparts: rows-switch.tsx, event-table.tsx.
import { useStore } from 'zustand'
import { createStore } from 'zustand/vanilla'

export type RowsView = 'chunks' | 'messages'

export const rowsViewStore = createStore<{ readonly rows: RowsView }>()(() => ({ rows: 'chunks' }))
export const useRowsView = (): RowsView => useStore(rowsViewStore, (state) => state.rows)
