// What is being edited in the library and is not saved: kept for the session, so that neither Esc, nor another tab, nor a
// search that hides the row loses it. Counterparts: sequence-editor.tsx, message-form.tsx, and the panels that list them.
import { useStore } from 'zustand'
import { createStore, type StoreApi } from 'zustand/vanilla'
import type { SavedMessage, Sequence } from '../../preload/contract/workspace.ts'

/** Drafts of each kind that are kept at most; beyond that the one that was changed longest ago is let go. */
export const mostDrafts = 50

export interface Draft<T> {
  /** What was there when the editing began; a new one is nowhere else. */
  readonly base: T
  readonly value: T
}

export interface Drafts<T> {
  /** By the id of what is edited, the one that was changed last at the end. */
  readonly store: StoreApi<ReadonlyMap<string, Draft<T>>>
  /** What is edited as it stands now: `base` where nothing was changed. */
  current(base: T): T
  change(base: T, change: Partial<T>): void
  drop(id: string): void
  /** Drops what has been saved; what was typed meanwhile stays. */
  saved(value: T): void
}

export const createDrafts = <T extends { readonly id: string }>(): Drafts<T> => {
  const store = createStore<ReadonlyMap<string, Draft<T>>>()(() => new Map())
  const without = (id: string) => [...store.getState()].filter(([other]) => other !== id)
  const current = (base: T): T => store.getState().get(base.id)?.value ?? base
  const drop = (id: string) => {
    if (store.getState().has(id)) store.setState(new Map(without(id)), true)
  }
  return {
    store,
    current,
    change(base, change) {
      const held = store.getState().get(base.id)
      const value = { ...current(base), ...change }
      const draft = { base: held?.base ?? base, value }
      store.setState(new Map([...without(base.id), [base.id, draft] as const].slice(-mostDrafts)), true)
    },
    drop,
    saved(value) {
      if (store.getState().get(value.id)?.value === value) drop(value.id)
    },
  }
}

/** The page's. */
export const sequenceDrafts = createDrafts<Sequence>()
export const messageDrafts = createDrafts<SavedMessage>()

export const useDrafts = <T>(drafts: Drafts<T>): ReadonlyMap<string, Draft<T>> => useStore(drafts.store)

/** What is read again from the workspace is another object that says the same. */
export const sameJson = (a: unknown, b: unknown): boolean => a === b || JSON.stringify(a) === JSON.stringify(b)
