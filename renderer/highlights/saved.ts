// What a person keeps of filters: named filters, and highlight rules with their colours, as parts `filters` and `highlights`
// of the workspace; never in captures. What of a document is none is passed over. Counterparts: stores/workspace.ts,
// highlights.ts (what is highlighted now), saved-filters.tsx.
import type { JsonObject } from '../../preload/contract/workspace.ts'
import { newId } from '../library/new-id.ts'
import { changeWorkspace } from '../stores/workspace.ts'

/** A named filter; `filter` in the filter language, endpoints by name. */
export interface SavedFilter {
  readonly id: string
  readonly name: string
  readonly filter: string
}

/** Colours that tell themselves from those of data, by name; tokens.css has each in both themes. */
export const highlightColours = ['violet', 'green', 'pink', 'yellow', 'cyan'] as const
export type HighlightColour = (typeof highlightColours)[number]

/** What satisfies `filter` gets an edge of this colour, the first rule that is on and matches. */
export interface HighlightRule {
  readonly id: string
  readonly filter: string
  readonly colour: HighlightColour
  readonly on: boolean
}

/** Longest name of a saved filter; saved filters and rules at most. */
export const maxNameLength = 100
export const maxSaved = 200

const text = (object: JsonObject, key: string): string | null => {
  const value = object[key]
  return typeof value === 'string' && value !== '' ? value : null
}

export const readSavedFilters = (stored: readonly JsonObject[]): readonly SavedFilter[] =>
  stored.flatMap((each) => {
    const id = text(each, 'id')
    const name = text(each, 'name')
    const filter = text(each, 'filter')
    return id === null || name === null || filter === null ? [] : [{ id, name, filter }]
  })

export const readHighlightRules = (stored: readonly JsonObject[]): readonly HighlightRule[] =>
  stored.flatMap((each) => {
    const id = text(each, 'id')
    const filter = text(each, 'filter')
    const colour = highlightColours.find((candidate) => candidate === each['colour'])
    return id === null || filter === null || colour === undefined
      ? []
      : [{ id, filter, colour, on: each['on'] === true }]
  })

const asObjects = (items: readonly (SavedFilter | HighlightRule)[]): readonly JsonObject[] =>
  items.map((item) => ({ ...item }))

/** Saves a filter under a name, in place of one that has the name. */
export const saveFilter = (name: string, filter: string) =>
  changeWorkspace('filters', (stored) => {
    const all = readSavedFilters(stored)
    const same = all.find((each) => each.name === name)
    const saved = { id: same?.id ?? newId(), name, filter }
    const next = same === undefined ? [...all, saved] : all.map((each) => (each === same ? saved : each))
    return asObjects(next.slice(-maxSaved))
  })

export const removeFilter = (id: string) =>
  changeWorkspace('filters', (stored) => asObjects(readSavedFilters(stored).filter((each) => each.id !== id)))

/** A rule with the first colour that no other has. */
export const addRule = (filter: string) =>
  changeWorkspace('highlights', (stored) => {
    const all = readHighlightRules(stored)
    const colour =
      highlightColours.find((candidate) => all.every((each) => each.colour !== candidate)) ??
      highlightColours[all.length % highlightColours.length]!
    const rule: HighlightRule = { id: newId(), filter, colour, on: true }
    return asObjects([...all, rule].slice(-maxSaved))
  })

export const changeRule = (id: string, change: Partial<Pick<HighlightRule, 'colour' | 'on'>>) =>
  changeWorkspace('highlights', (stored) =>
    asObjects(readHighlightRules(stored).map((each) => (each.id === id ? { ...each, ...change } : each))),
  )

export const removeRule = (id: string) =>
  changeWorkspace('highlights', (stored) => asObjects(readHighlightRules(stored).filter((each) => each.id !== id)))
