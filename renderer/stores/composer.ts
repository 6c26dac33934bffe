// What the composer holds: whom to write to, the text kept for each connection, the line ending and encoding of each
// endpoint, and what was sent before. Counterparts: workbench/composer, stores/workspace.ts (keeps the settings).
import { useStore } from 'zustand'
import { createStore } from 'zustand/vanilla'
import type { TextEncoding } from '../../preload/contract/encodings.ts'
import type { LineEnding } from '../../preload/contract/notation.ts'
import type { ConnectionId, EndpointId, EndpointSpec } from '../../preload/contract/vocabulary.ts'
import { endpointKey, type WorkspaceState } from '../../preload/contract/workspace.ts'
import { workspaceLimits } from '../../preload/contract/workspace-checks.ts'
import type { WritingMode } from '../workbench/composer/message.ts'
import type { Wanted } from '../workbench/composer/targets.ts'
import { changeWorkspace } from './workspace.ts'

export interface Draft {
  readonly text: string
  readonly mode: WritingMode
}

/** A message as it was written when it was sent. */
export interface SentMessage extends Draft {
  readonly ending: LineEnding
  /** Left out: UTF-8. */
  readonly encoding?: TextEncoding
}

/** How the composer writes for one endpoint. */
export interface WritingSettings {
  readonly ending: LineEnding
  readonly encoding: TextEncoding
}

/** Sent messages that are remembered, and the longest text that is (UTF-16 units). */
const historyLimit = 50
const historyTextLimit = 64 * 1024

export const emptyDraft: Draft = { text: '', mode: 'text' }
const plainWriting: WritingSettings = { ending: 'none', encoding: 'utf-8' }

export interface ComposerState {
  /** Null until somebody chose. */
  readonly wanted: Wanted | null
  readonly drafts: ReadonlyMap<ConnectionId, Draft>
  /** What was chosen since the page is there; the workspace has what was chosen before. */
  readonly settings: ReadonlyMap<EndpointId, WritingSettings>
  /** Oldest first. */
  readonly history: readonly SentMessage[]
  /** Messages with macros that this page has sent: `{{counter}}` of the next is one more. */
  readonly counted: number
  want(wanted: Wanted): void
  setDraft(connection: ConnectionId, draft: Draft): void
  /** Hands the text of an ended connection on to the one that took its place. */
  moveDraft(from: ConnectionId, to: ConnectionId): void
  setSettings(endpoint: EndpointId, settings: WritingSettings): void
  remember(message: SentMessage): void
  /** The next value of `{{counter}}`. */
  count(): number
}

const same = (a: SentMessage, b: SentMessage): boolean =>
  a.text === b.text && a.mode === b.mode && a.ending === b.ending && a.encoding === b.encoding

export const composerStore = createStore<ComposerState>()((set, get) => ({
  wanted: null,
  drafts: new Map(),
  settings: new Map(),
  history: [],
  counted: 0,
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
  setSettings: (endpoint, settings) => set((state) => ({ settings: new Map(state.settings).set(endpoint, settings) })),
  remember: (message) =>
    set((state) => {
      if (message.text.length > historyTextLimit || message.text === '') return state
      const others = state.history.filter((known) => !same(known, message))
      return { history: [...others, message].slice(-historyLimit) }
    }),
  count: () => {
    set((state) => ({ counted: state.counted + 1 }))
    return get().counted
  },
}))

export const useComposer = <T>(pick: (state: ComposerState) => T): T => useStore(composerStore, pick)

/** How the composer writes for an endpoint: as chosen here, else as kept from an earlier session. */
export const settingsFor = (
  chosen: WritingSettings | undefined,
  kept: WorkspaceState['parts']['endpointSettings'],
  spec: EndpointSpec | undefined,
): WritingSettings => {
  if (chosen !== undefined || spec === undefined) return chosen ?? plainWriting
  const key = endpointKey(spec)
  return kept.find(({ endpoint }) => endpoint === key) ?? plainWriting
}

/** Remembers how to write for an endpoint, in this session and the next. */
export const chooseSettings = (endpoint: EndpointId, spec: EndpointSpec, settings: WritingSettings): void => {
  composerStore.getState().setSettings(endpoint, settings)
  const key = endpointKey(spec)
  // The person sees the choice at once; where it cannot be kept, the library says why.
  void changeWorkspace('endpointSettings', (kept) =>
    [...kept.filter((other) => other.endpoint !== key), { endpoint: key, ...settings }].slice(
      -workspaceLimits.endpointSettings,
    ),
  )
}
