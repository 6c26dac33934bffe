// Which events the table shows: all that satisfy the filter, of the whole capture. The capture answers for what is written,
// and what arrives from then on is looked at here. Counterparts: seq-index.ts (the answer), main/archive (`filterEvents`),
// workbench/event-table/filter-bar.tsx.
import { useStore } from 'zustand'
import { createStore } from 'zustand/vanilla'
import type { EventFilter, FilterResult } from '../../preload/contract/captures.ts'
import { kindCode } from '../../preload/contract/event-columns.ts'
import type { Result } from '../../preload/contract/failure.ts'
import type { ConnectionId, EndpointId, EventKind } from '../../preload/contract/vocabulary.ts'
import type { EventChunk } from './chunk.ts'
import { type EventLog, eventLog } from './event-log.ts'
import { SeqIndex } from './seq-index.ts'

/** One thing that is asked for; things of one sort widen the filter, different sorts narrow it. */
export type FilterPart =
  | { readonly by: 'kind'; readonly kind: EventKind }
  | { readonly by: 'connection'; readonly id: ConnectionId }
  | { readonly by: 'endpoint'; readonly id: EndpointId }

export interface FilterState {
  readonly parts: readonly FilterPart[]
  /** The matches; null where nothing is filtered, and until the first answer has come. */
  readonly index: SeqIndex | null
  /** Bumped whenever the matches have changed. */
  readonly version: number
  readonly reading: boolean
}

export type AskFilter = (args: { filter: EventFilter }) => Promise<Result<FilterResult>>

const ids = <T>(parts: readonly FilterPart[], pick: (part: FilterPart) => T | null): readonly T[] | undefined => {
  const found = parts.map(pick).filter((id) => id !== null)
  return found.length === 0 ? undefined : found
}

/** Parts as the capture is asked for them. */
export const filterOf = (parts: readonly FilterPart[]): EventFilter => {
  const endpoints = ids(parts, (part) => (part.by === 'endpoint' ? part.id : null))
  const connections = ids(parts, (part) => (part.by === 'connection' ? part.id : null))
  const kinds = ids(parts, (part) => (part.by === 'kind' ? part.kind : null))
  return {
    ...(endpoints === undefined ? {} : { endpoints }),
    ...(connections === undefined ? {} : { connections }),
    ...(kinds === undefined ? {} : { kinds }),
  }
}

/** Tells of a run's row whether it satisfies the filter. */
const matcher = (filter: EventFilter): ((run: EventChunk, row: number) => boolean) => {
  const connections = filter.connections === undefined ? null : new Set<number>(filter.connections)
  const endpoints = filter.endpoints === undefined ? null : new Set<number>(filter.endpoints)
  const kinds = filter.kinds === undefined ? -1 : filter.kinds.reduce((bits, kind) => bits | (1 << kindCode(kind)), 0)
  return ({ columns }, row) =>
    (kinds & (1 << columns.kind[row]!)) !== 0 &&
    (connections === null || connections.has(columns.connection[row]!)) &&
    (endpoints === null || endpoints.has(columns.endpoint[row]!))
}

const same = (a: FilterPart, b: FilterPart): boolean => JSON.stringify(a) === JSON.stringify(b)

export const createFilter = (log: EventLog) => {
  const store = createStore<FilterState>()(() => ({ parts: [], index: null, version: 0, reading: false }))
  let ask: AskFilter | null = null
  let generation = 0
  let matches: ReturnType<typeof matcher> = () => true

  /** Looks at what has come since. Answers false where the page does not hold all of it. */
  const extend = (index: SeqIndex): boolean => {
    while (index.endSeq < log.nextSeq) {
      const run = log.runOf(index.endSeq)
      if (run === undefined) {
        // What nobody has matches nothing; what the page has missed is the capture's to answer.
        const next = log.next(index.endSeq - 1)
        if (next === index.endSeq) return false
        index.skipTo(next ?? log.nextSeq)
        continue
      }
      for (let row = index.endSeq - run.firstSeq; row < run.count; row++) index.push(matches(run, row))
    }
    return true
  }

  const show = (index: SeqIndex | null, reading: boolean) =>
    store.setState((state) => ({ index, reading, version: state.version + 1 }))

  const read = async () => {
    const { parts } = store.getState()
    const mine = ++generation
    if (parts.length === 0) {
      show(null, false)
      return
    }
    store.setState({ reading: true })
    const filter = filterOf(parts)
    const result = ask === null ? null : await ask({ filter })
    if (mine !== generation) return
    matches = matcher(filter)
    // Without a capture to ask, the page's own events are all there are.
    const index = result?.ok === true ? SeqIndex.of(result.value) : new SeqIndex(log.tailSeq)
    const whole = extend(index)
    show(index, false)
    if (!whole) retryLater()
  }

  let timer: ReturnType<typeof setTimeout> | undefined
  const retryLater = () => {
    if (timer !== undefined) return
    timer = setTimeout(() => {
      timer = undefined
      void read()
    }, 500)
  }

  log.subscribe(() => {
    const { index, reading } = store.getState()
    if (index === null || reading) return
    const before = index.endSeq
    if (!extend(index)) retryLater()
    if (index.endSeq !== before) show(index, false)
  })

  const set = (parts: readonly FilterPart[]) => {
    store.setState({ parts })
    void read()
  }

  return {
    store,
    set,
    /** Adds a part, unless it is there. */
    add(part: FilterPart): void {
      const { parts } = store.getState()
      if (!parts.some((each) => same(each, part))) set([...parts, part])
    },
    remove(part: FilterPart): void {
      set(store.getState().parts.filter((each) => !same(each, part)))
    },
    /** Whom to ask; null for nobody. */
    connect(whom: AskFilter | null): void {
      ask = whom
    },
    /** Another capture is looked at: its connections are others. */
    reset(): void {
      set([])
    },
  }
}

/** The page's filter. */
export const eventFilter = createFilter(eventLog)
export const useFilter = <T>(pick: (state: FilterState) => T): T => useStore(eventFilter.store, pick)
