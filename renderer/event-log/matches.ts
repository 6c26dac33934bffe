// The events that satisfy one filter, of the whole capture: the capture answers for what is written, a stretch at a time,
// and what arrives from then on is looked at here as far as the page knows enough of it; of the rest the capture is asked
// again. Counterparts: filter.ts and highlights/ (whose filters these are), seq-index.ts, main/archive (`filterEvents`).
import { createStore, type StoreApi } from 'zustand/vanilla'
import type { EventFilter, FilterResult } from '../../preload/contract/captures.ts'
import type { Result } from '../../preload/contract/failure.ts'
import { compileFilter, type FilterRows, type RowTest, unknown, yes } from '../../preload/contract/filter-evaluation.ts'
import { formatFilter } from '../../preload/contract/filter-format.ts'
import {
  allOf,
  combine,
  type FilterPart,
  wideningSort,
  withEndpointIds,
} from '../../preload/contract/filter-language.ts'
import type { ConnectionId, EndpointId, EventKind } from '../../preload/contract/vocabulary.ts'
import type { EventChunk } from './chunk.ts'
import type { EventLog } from './event-log.ts'
import { SeqIndex } from './seq-index.ts'

export interface MatchesState {
  /** The matches; null where nothing is filtered, and until the first answer has come. */
  readonly index: SeqIndex | null
  /** Bumped whenever the matches have changed. */
  readonly version: number
  readonly reading: boolean
  /** Share of the capture that was looked through, 0 to 1. */
  readonly progress: number
  /** Why it could not be looked through; empty where it could. */
  readonly failure: string
}

export type AskFilter = (args: { filter: EventFilter; fromSeq?: number }) => Promise<Result<FilterResult>>

/** What matches are worked out from, beside the log. */
export interface MatchSources {
  /** Whom to ask; null for nobody. */
  ask(): AskFilter | null
  /** Notes of bookmarks by event; null while they are not known. */
  notes(): ReadonlyMap<number, string> | null
  /** Endpoints of this name. */
  idsOf(name: string): readonly EndpointId[]
}

export interface Matches {
  readonly store: StoreApi<MatchesState>
  set(part: FilterPart | null): void
  /** Looks at everything anew: names or bookmarks have changed. */
  refresh(): void
  /** Looks at what has come. */
  follow(): void
  dispose(): void
}

/** How long it is waited for what the capture did not know yet, ms. */
const retryMs = 300
/** And after a failure, ms. */
const failureMs = 2000

/** Failures that say that there is nobody to ask: then the page's own events are all there are. */
const nobody: ReadonlySet<string> = new Set(['wrong-state', 'not-found', 'unsupported'])

/** Parts side by side as the capture is asked for them: what it has an index for apart from what it has to look at. */
export const filterOf = (parts: readonly FilterPart[]): EventFilter => {
  const whole = combine(parts)
  const rest: FilterPart[] = []
  const filter: { endpoints?: EndpointId[]; connections?: ConnectionId[]; kinds?: EventKind[]; where?: string } = {}
  for (const part of whole.by === 'and' ? whole.parts : [whole]) {
    const terms = wideningSort(part) === null ? [] : part.by === 'or' ? part.parts : [part]
    const endpoints = terms.flatMap((term) => (term.by === 'endpoint' ? [term.id] : []))
    const connections = terms.flatMap((term) => (term.by === 'connection' ? [term.id] : []))
    const kinds = terms.flatMap((term) => (term.by === 'kind' ? [term.kind] : []))
    if (kinds.length === terms.length && kinds.length > 0 && filter.kinds === undefined) filter.kinds = kinds
    else if (connections.length === terms.length && connections.length > 0 && filter.connections === undefined)
      filter.connections = connections
    else if (endpoints.length === terms.length && endpoints.length > 0 && filter.endpoints === undefined)
      filter.endpoints = endpoints
    else rest.push(part)
  }
  if (rest.length > 0) filter.where = formatFilter(allOf(rest))
  return filter
}

/** A run of the log as the evaluator looks at it. */
const rowsOf = (run: EventChunk): FilterRows => ({ ...run.columns, firstSeq: run.firstSeq, arena: run.arena })

const nothing = { index: null, reading: false, progress: 1, failure: '' } as const

export const createMatches = (log: EventLog, sources: MatchSources): Matches => {
  const store = createStore<MatchesState>()(() => ({ ...nothing, version: 0 }))
  let part: FilterPart | null = null
  let generation = 0
  let test: RowTest = () => yes
  let filter: EventFilter = {}
  let timer: ReturnType<typeof setTimeout> | undefined

  /**
   * Looks at what has come since. Answers false where the page does not know enough of all of it; `alone`: nobody else does,
   * and what is not known does not match.
   */
  const extend = (index: SeqIndex, alone = false): boolean => {
    while (index.endSeq < log.nextSeq) {
      const run = log.runOf(index.endSeq)
      if (run === undefined) {
        // What nobody has matches nothing; what the page has missed is the capture's to answer.
        const next = log.next(index.endSeq - 1)
        if (next === index.endSeq) return false
        index.skipTo(next ?? log.nextSeq)
        continue
      }
      const rows = rowsOf(run)
      for (let row = index.endSeq - run.firstSeq; row < run.count; row++) {
        const verdict = test(rows, row)
        if (verdict === unknown && !alone) return false
        index.push(verdict === yes)
      }
    }
    return true
  }

  const show = (index: SeqIndex | null, reading: boolean, failure = '') => {
    const first = log.firstSeq
    const progress = index === null || log.nextSeq <= first ? 0 : (index.endSeq - first) / (log.nextSeq - first)
    store.setState((state) => ({
      index,
      reading,
      failure,
      version: state.version + 1,
      progress: Math.min(1, progress),
    }))
  }

  const stop = () => {
    generation++
    clearTimeout(timer)
    timer = undefined
  }

  /** Asks for what comes after what is known, until it is as far as the page. */
  const read = async (known: SeqIndex | null) => {
    const mine = generation
    let index = known
    for (;;) {
      const wantedSeq = log.nextSeq
      const fromSeq = index?.endSeq ?? 0
      const ask = sources.ask()
      const result = ask === null ? null : await ask(index === null ? { filter } : { filter, fromSeq })
      if (mine !== generation) return
      if (result !== null && !result.ok && !nobody.has(result.failure.code)) {
        // What was found before stays to be seen.
        show(index ?? store.getState().index, false, result.failure.message)
        // A link that was lost comes back; a question that takes too long will do so again.
        if (result.failure.code !== 'too-slow') retryLater(index, failureMs)
        return
      }
      const alone = result?.ok !== true
      if (alone) index ??= new SeqIndex(log.tailSeq)
      else if (index === null) index = SeqIndex.of(result.value)
      else index.add(result.value)
      const answeredTo = index.endSeq
      if (extend(index, alone)) {
        show(index, false)
        return
      }
      const goesOn = answeredTo > fromSeq && answeredTo < wantedSeq
      show(index, goesOn)
      if (goesOn) continue
      retryLater(index)
      return
    }
  }

  const retryLater = (index: SeqIndex | null, afterMs = retryMs) => {
    timer ??= setTimeout(() => {
      timer = undefined
      void read(index)
    }, afterMs)
  }

  const start = () => {
    stop()
    if (part === null) {
      show(null, false)
      return
    }
    const resolved = withEndpointIds(part, sources.idsOf)
    filter = filterOf([resolved])
    test = compileFilter(resolved, { wholePayloads: false, latin1: null, notes: sources.notes(), slow: null })
    store.setState({ reading: true, failure: '', progress: 0 })
    void read(null)
  }

  return {
    store,
    set(next) {
      part = next
      start()
    },
    refresh() {
      if (part !== null) start()
    },
    follow() {
      const { index, reading, failure } = store.getState()
      if (index === null || reading || timer !== undefined || failure !== '') return
      const before = index.endSeq
      const whole = extend(index)
      if (index.endSeq !== before) show(index, false)
      if (!whole) retryLater(index)
    },
    dispose() {
      stop()
      part = null
    },
  }
}
