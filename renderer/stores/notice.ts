// The one sentence about a command that failed, until it is dismissed or another one succeeds in its place. Forms show
// their own failures under their fields; this is for buttons that have no field. Counterpart: workbench/notices.tsx.
import { useStore } from 'zustand'
import { createStore } from 'zustand/vanilla'
import type { Result } from '../../preload/contract/failure.ts'

export interface NoticeState {
  readonly message: string | null
  /** Shows the failure of a command, or clears the last one where it succeeded. Answers whether it succeeded. */
  report<T>(result: Result<T>): boolean
  dismiss(): void
}

export const noticeStore = createStore<NoticeState>()((set) => ({
  message: null,
  report: (result) => {
    set({ message: result.ok ? null : result.failure.message })
    return result.ok
  },
  dismiss: () => set({ message: null }),
}))

export const useNotice = <T>(pick: (state: NoticeState) => T): T => useStore(noticeStore, pick)
