// What the highlight rules that are on mean now, as events arrive: each rule has its own matches. Counterparts: saved.ts (the
// rules), event-log/matches.ts, the table's rows and the lifelines, which draw the edges.
import { useStore } from 'zustand'
import { createStore } from 'zustand/vanilla'
import { hasTerm, parseFilter } from '../../preload/contract/filter-language.ts'
import { bookmarks } from '../bookmarks/bookmarks.ts'
import { type EventLog, eventLog } from '../event-log/event-log.ts'
import { endpointsNamed } from '../event-log/filter.ts'
import { type AskFilter, createMatches, type Matches } from '../event-log/matches.ts'
import type { SeqIndex } from '../event-log/seq-index.ts'
import { endpointsStore } from '../stores/endpoints.ts'
import { workspaceStore } from '../stores/workspace.ts'
import { type HighlightRule, readHighlightRules } from './saved.ts'

/** Rules that are looked for at once; each looks through the whole capture. */
export const maxActiveRules = 8

export interface ActiveRule {
  readonly rule: HighlightRule
  readonly matches: Matches
}

export interface HighlightsState {
  /** Bumped when what is highlighted has changed. */
  readonly version: number
  readonly active: readonly ActiveRule[]
}

export const createHighlights = (log: EventLog) => {
  const store = createStore<HighlightsState>()(() => ({ version: 0, active: [] }))
  let ask: AskFilter | null = null
  const changed = () => store.setState(({ version }) => ({ version: version + 1 }))

  const start = (rule: HighlightRule): ActiveRule | null => {
    const parsed = parseFilter(rule.filter)
    if (!parsed.ok || parsed.part === null) return null
    const matches = createMatches(log, { ask: () => ask, notes: () => bookmarks.notes(), idsOf: endpointsNamed })
    let seen: SeqIndex | null = null
    let count = 0
    matches.store.subscribe(({ index }) => {
      if (index === seen && index?.count === count) return
      seen = index
      count = index?.count ?? 0
      changed()
    })
    matches.set(parsed.part)
    return { rule, matches }
  }

  const take = (rules: readonly HighlightRule[]) => {
    const wanted = rules.filter(({ on }) => on).slice(0, maxActiveRules)
    const { active } = store.getState()
    const next = wanted.flatMap((rule) => {
      const known = active.find((each) => each.rule.id === rule.id && each.rule.filter === rule.filter)
      const started = known === undefined ? start(rule) : { rule, matches: known.matches }
      return started === null ? [] : [started]
    })
    for (const each of active) if (next.every(({ matches }) => matches !== each.matches)) each.matches.dispose()
    store.setState({ active: next })
    changed()
  }
  const refresh = (when: (rule: HighlightRule) => boolean) => {
    for (const { rule, matches } of store.getState().active) if (when(rule)) matches.refresh()
  }
  const asksFor = (rule: HighlightRule, by: 'marked' | 'endpoint-name'): boolean => {
    const parsed = parseFilter(rule.filter)
    return parsed.ok && parsed.part !== null && hasTerm(parsed.part, by)
  }

  workspaceStore.subscribe((state, before) => {
    if (state.parts.highlights !== before.parts.highlights) take(readHighlightRules(state.parts.highlights))
  })
  log.subscribe(() => {
    for (const { matches } of store.getState().active) matches.follow()
  })
  endpointsStore.subscribe((state, before) => {
    if (state.names !== before.names) refresh((rule) => asksFor(rule, 'endpoint-name'))
  })
  bookmarks.store.subscribe((state, before) => {
    if (state.version !== before.version) refresh((rule) => asksFor(rule, 'marked'))
  })

  return {
    store,
    /** The rule whose edge an event gets; null for none. */
    of(seq: number): HighlightRule | null {
      for (const { rule, matches } of store.getState().active)
        if (matches.store.getState().index?.has(seq) === true) return rule
      return null
    },
    connect(whom: AskFilter | null): void {
      ask = whom
    },
    /** Another capture is looked at, or the same one anew. */
    reset(): void {
      refresh(() => true)
    },
  }
}

/** The page's highlights. */
export const highlights = createHighlights(eventLog)
export const useHighlights = <T>(pick: (state: HighlightsState) => T): T => useStore(highlights.store, pick)
