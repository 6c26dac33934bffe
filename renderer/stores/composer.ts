// What the composer holds: whom to write to, the text kept for each connection, the line ending of each endpoint, and what
// was sent before. Counterpart: workbench/composer.
import { useStore } from 'zustand'
import { createStore } from 'zustand/vanilla'
import type { LineEnding } from '../../preload/contract/notation.ts'
import type { ConnectionId, EndpointId } from '../../preload/contract/vocabulary.ts'
import type { WritingMode } from '../workbench/composer/message.ts'
import type { Wanted } from '../workbench/composer/targets.ts'

export interface Draft {
  readonly text: string
  readonly mode: WritingMode
}

/** A message as it was written when it was sent. */
export interface SentMessage extends Draft {
  readonly ending: LineEnding
}

/** Sent messages that are remembered, and the longest text that is (UTF-16 units). */
const historyLimit = 50
const historyTextLimit = 64 * 1024

export const emptyDraft: Draft = { text: '', mode: 'text' }

export interface ComposerState {
  /** Null until somebody chose. */
  readonly wanted: Wanted | null
  readonly drafts: ReadonlyMap<ConnectionId, Draft>
  readonly endings: ReadonlyMap<EndpointId, LineEnding>
  /** Oldest first. */
  readonly history: readonly SentMessage[]
  want(wanted: Wanted): void
  setDraft(connection: ConnectionId, draft: Draft): void
  /** Hands the text of an ended connection on to the one that took its place. */
  moveDraft(from: ConnectionId, to: ConnectionId): void
  setEnding(endpoint: EndpointId, ending: LineEnding): void
  remember(message: SentMessage): void
}

const same = (a: SentMessage, b: SentMessage): boolean =>
  a.text === b.text && a.mode === b.mode && a.ending === b.ending

export const composerStore = createStore<ComposerState>()((set) => ({
  wanted: null,
  drafts: new Map(),
  endings: new Map(),
  history: [],
  want: (wanted) => set({ wanted }),
  setDraft: (connection, draft) => set((state) => ({ drafts: new Map(state.drafts).set(connection, draft) })),
  moveDraft: (from, to) =>
    set((state) => {
      const draft = state.drafts.get(from)
      if (draft === undefined || state.drafts.has(to)) return state
      const drafts = new Map(state.drafts).set(to, draft)
      drafts.delete(from)
      return { drafts }
    }),
  setEnding: (endpoint, ending) => set((state) => ({ endings: new Map(state.endings).set(endpoint, ending) })),
  remember: (message) =>
    set((state) => {
      if (message.text.length > historyTextLimit || message.text === '') return state
      const others = state.history.filter((known) => !same(known, message))
      return { history: [...others, message].slice(-historyLimit) }
    }),
}))

export const useComposer = <T>(pick: (state: ComposerState) => T): T => useStore(composerStore, pick)
