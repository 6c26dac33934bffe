// Whether this page reaches the app, what the app is, and how much of the recorded events is still to come in.
// Counterpart: link/feed.ts, which writes it; the title bar and the notices read it.
import { useStore } from 'zustand'
import { createStore } from 'zustand/vanilla'
import type { HostInfo } from '../../preload/contract/api.ts'

/** `connecting`: never reached yet; `lost`: was reached, being tried again. */
export type LinkPhase = 'connecting' | 'ready' | 'lost'

export interface LinkStatusState {
  readonly phase: LinkPhase
  /** How many tries have failed in a row since the link was last ready. */
  readonly failedTries: number
  readonly host: HostInfo | null
  /** The first snapshot has come: an empty list is now known to be empty. */
  readonly known: boolean
  /** Events recorded before the subscription, up to which the log is still filling; null once filled. */
  readonly loadingUntilSeq: number | null
  takePhase(phase: LinkPhase): void
  takeFailedTry(): void
  takeHost(host: HostInfo): void
  takeKnown(loadingUntilSeq: number | null): void
  /** Another capture is looked at: its first snapshot has not come. */
  takeUnknown(): void
  finishLoading(): void
}

export const linkStatusStore = createStore<LinkStatusState>()((set) => ({
  phase: 'connecting',
  failedTries: 0,
  host: null,
  known: false,
  loadingUntilSeq: null,
  takePhase: (phase) => set(phase === 'ready' ? { phase, failedTries: 0 } : { phase }),
  takeFailedTry: () => set((state) => ({ failedTries: state.failedTries + 1 })),
  takeHost: (host) => set({ host }),
  takeKnown: (loadingUntilSeq) => set({ known: true, loadingUntilSeq }),
  takeUnknown: () => set({ known: false, loadingUntilSeq: null }),
  finishLoading: () => set({ loadingUntilSeq: null }),
}))

export const useLinkStatus = <T>(pick: (state: LinkStatusState) => T): T => useStore(linkStatusStore, pick)
