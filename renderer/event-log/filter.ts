// The page's filter: its chips, the events that satisfy all of them, and whether the others are dimmed or left out.
// Counterparts: matches.ts (which events), contract/filter-language.ts (what a chip may say), the table's filter field,
// table-rows.ts and the lifelines, which show it.
import { useStore } from 'zustand'
import { createStore } from 'zustand/vanilla'
import type { EventFilter } from '../../preload/contract/captures.ts'
import { formatFilter } from '../../preload/contract/filter-format.ts'
import {
  combine,
  type FilterError,
  type FilterPart,
  hasTerm,
  parseFilter,
  withEndpointIds,
} from '../../preload/contract/filter-language.ts'
import type { EndpointId } from '../../preload/contract/vocabulary.ts'
import { bookmarks } from '../bookmarks/bookmarks.ts'
import { endpointsStore } from '../stores/endpoints.ts'
import { type EventLog, eventLog } from './event-log.ts'
import { type AskFilter, createMatches, filterOf, type MatchesState } from './matches.ts'

export type { FilterPart } from '../../preload/contract/filter-language.ts'
export { filterOf } from './matches.ts'

/** One of the field's chips; without a part it is not understood, and filters nothing. */
export interface FilterChip {
  readonly text: string
  readonly part: FilterPart | null
  readonly error: FilterError | null
}

export interface FilterState extends MatchesState {
  readonly chips: readonly FilterChip[]
  /** What the chips that are understood say. */
  readonly parts: readonly FilterPart[]
  /** Events that do not match are left out of the table; else they are dimmed. */
  readonly only: boolean
}

const chipOf = (part: FilterPart): FilterChip => ({ text: formatFilter(part), part, error: null })

/** What is typed as chips: one for each part that stands side by side, or one that says what is wrong. */
export const chipsOf = (text: string): readonly FilterChip[] => {
  const typed = text.trim()
  const parsed = parseFilter(typed)
  if (!parsed.ok) return [{ text: typed, part: null, error: parsed.error }]
  return parsed.pieces.map(({ part }) => chipOf(part))
}

/** Endpoints that are, or were, called so. */
export const endpointsNamed = (name: string): readonly EndpointId[] => {
  const wanted = name.toLowerCase()
  return [...endpointsStore.getState().names]
    .filter(([, candidate]) => candidate.toLowerCase() === wanted)
    .map(([id]) => id)
}

export const createFilter = (log: EventLog) => {
  let ask: AskFilter | null = null
  const matches = createMatches(log, {
    ask: () => ask,
    notes: () => bookmarks.notes(),
    idsOf: endpointsNamed,
  })
  const store = createStore<FilterState>()(() => ({ ...matches.store.getState(), chips: [], parts: [], only: false }))
  matches.store.subscribe((state) => store.setState(state))
  log.subscribe(() => matches.follow())
  endpointsStore.subscribe((state, before) => {
    const { parts } = store.getState()
    if (state.names !== before.names && parts.some((part) => hasTerm(part, 'endpoint-name'))) matches.refresh()
  })
  bookmarks.store.subscribe((state, before) => {
    const { parts } = store.getState()
    if (state.version !== before.version && parts.some((part) => hasTerm(part, 'marked'))) matches.refresh()
  })

  const setChips = (wanted: readonly FilterChip[]) => {
    // The same thing said twice is said.
    const chips = wanted.filter(({ text }, i) => wanted.findIndex((chip) => chip.text === text) === i)
    const parts = chips.map(({ part }) => part).filter((part) => part !== null)
    const before = store.getState().parts
    const changed = formatAll(parts) !== formatAll(before)
    store.setState({ chips, ...(changed ? { parts } : {}), ...(parts.length === 0 ? { only: false } : {}) })
    if (changed) matches.set(parts.length === 0 ? null : combine(parts))
  }
  const sameAs = (text: string) => (chip: FilterChip) => chip.text === text

  return {
    store,
    setChips,
    set(parts: readonly FilterPart[]): void {
      setChips(parts.map(chipOf))
    },
    /** Adds a part, unless it is there. */
    add(part: FilterPart): void {
      const { chips } = store.getState()
      if (!chips.some(sameAs(formatFilter(part)))) setChips([...chips, chipOf(part)])
    },
    /** Adds what was typed, understood or not. */
    addText(text: string): void {
      const { chips } = store.getState()
      setChips([...chips, ...chipsOf(text).filter((chip) => !chips.some(sameAs(chip.text)))])
    },
    remove(part: FilterPart): void {
      setChips(store.getState().chips.filter((chip) => !sameAs(formatFilter(part))(chip)))
    },
    removeAt(index: number): void {
      setChips(store.getState().chips.filter((_, i) => i !== index))
    },
    /** Leaves out what does not match, or shows it dimmed. */
    setOnly(only: boolean): void {
      store.setState({ only: only && store.getState().parts.length > 0 })
    },
    /** The filter as the capture is asked for it. */
    asked(): EventFilter {
      return filterOf(store.getState().parts.map((part) => withEndpointIds(part, endpointsNamed)))
    },
    /** Whom to ask; null for nobody. */
    connect(whom: AskFilter | null): void {
      ask = whom
    },
    /** Another capture is looked at: its connections are others. */
    reset(): void {
      setChips([])
    },
  }
}

const formatAll = (parts: readonly FilterPart[]): string => JSON.stringify(parts)

/** The page's filter. */
export const eventFilter = createFilter(eventLog)
export const useFilter = <T>(pick: (state: FilterState) => T): T => useStore(eventFilter.store, pick)
