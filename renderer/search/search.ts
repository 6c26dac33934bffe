// Finds bytes in the payloads of the whole capture: asks the archive, takes in what it finds as it finds it, and goes from
// match to match. Counterparts: main/archive (`startSearch` and its kin), find-bar.tsx, hits.ts.
import { useStore } from 'zustand'
import { createStore } from 'zustand/vanilla'
import type { CommandMethods } from '../../preload/contract/api.ts'
import type { SearchNotation } from '../../preload/contract/captures.ts'
import { type EventLog, eventLog } from '../event-log/event-log.ts'
import { eventFilter } from '../event-log/filter.ts'
import { selectSeq } from '../event-log/step.ts'
import { selectionStore } from '../stores/selection.ts'
import { Hits } from './hits.ts'

export type SearchPhase = 'idle' | 'searching' | 'done' | 'failed'

export interface SearchState {
  readonly open: boolean
  readonly pattern: string
  readonly notation: SearchNotation
  readonly ignoreCase: boolean
  readonly phase: SearchPhase
  /** What is wrong with the pattern, or why the search ended. */
  readonly message: string
  readonly matches: number
  /** The match that is selected, from 0; null where none is. */
  readonly current: number | null
  /** Share of the payloads that was looked through, 0 to 1. */
  readonly progress: number
  /** So many were found that the search ended early. */
  readonly truncated: boolean
  /** The seq after the last event that was there when the search began. */
  readonly upTo: number
}

type Commands = Pick<CommandMethods, 'startSearch' | 'continueSearch' | 'cancelSearch'>

/** How long typing rests before the search begins, ms. */
const restMs = 180

const nothing = {
  phase: 'idle',
  message: '',
  matches: 0,
  current: null,
  progress: 0,
  truncated: false,
  upTo: 0,
} as const

export const createSearch = (log: EventLog) => {
  const store = createStore<SearchState>()(() => ({
    open: false,
    pattern: '',
    notation: 'text',
    ignoreCase: false,
    ...nothing,
  }))
  const hits = new Hits()
  let commands: Commands | null = null
  let generation = 0
  let running: number | null = null
  let timer: ReturnType<typeof setTimeout> | undefined

  const stop = () => {
    generation++
    clearTimeout(timer)
    if (running !== null) void commands?.cancelSearch({ search: running })
    running = null
  }

  const run = async () => {
    stop()
    hits.clear()
    const { pattern, notation, ignoreCase } = store.getState()
    if (pattern === '' || commands === null) {
      store.setState(nothing)
      return
    }
    const mine = generation
    const from = commands
    store.setState({ ...nothing, phase: 'searching', upTo: log.nextSeq })
    const filter = eventFilter.asked()
    const started = await from.startSearch({ search: { pattern, notation, ignoreCase, filter } })
    if (mine !== generation) {
      if (started.ok) void from.cancelSearch({ search: started.value })
      return
    }
    if (!started.ok) {
      store.setState({ phase: 'failed', message: started.failure.message })
      return
    }
    running = started.value
    for (;;) {
      const result = await from.continueSearch({ search: started.value })
      if (mine !== generation) return
      if (!result.ok) {
        running = null
        store.setState({ phase: 'failed', message: result.failure.message })
        return
      }
      const { seqs, offsets, lengths, scannedBytes, totalBytes, done, truncated } = result.value
      hits.add(seqs, offsets, lengths)
      if (done) running = null
      store.setState({
        matches: hits.count,
        progress: done || totalBytes === 0 ? 1 : scannedBytes / totalBytes,
        truncated,
        phase: done ? 'done' : 'searching',
      })
      if (done) return
    }
  }

  // What is searched is what the table shows.
  eventFilter.store.subscribe((state, before) => {
    const { open, pattern } = store.getState()
    if (state.parts !== before.parts && open && pattern !== '') void run()
  })

  const select = (index: number) => {
    store.setState({ current: index })
    selectionStore.getState().setFollowing(false)
    selectSeq(hits.at(index).seq)
  }

  return {
    store,
    hits,
    /** Searches for something else, once typing rests. */
    look(next: Partial<Pick<SearchState, 'pattern' | 'notation' | 'ignoreCase'>>): void {
      stop()
      store.setState({ ...next, phase: 'searching', message: '' })
      timer = setTimeout(() => void run(), restMs)
    },
    /** Searches again, also through what has come since. */
    again: (): void => void run(),
    /** Goes to the next match after what is selected, or before it; around at the ends. */
    step(by: 1 | -1): void {
      if (hits.count === 0) return
      const { current } = store.getState()
      const { seq } = selectionStore.getState()
      let index: number
      if (current !== null && current < hits.count && hits.at(current).seq === seq) index = current + by
      else if (seq === null) index = by > 0 ? 0 : hits.count - 1
      else index = by > 0 ? hits.from(seq) : hits.from(seq) - 1
      select((index + hits.count) % hits.count)
    },
    open(): void {
      store.setState({ open: true })
    },
    /** Closes the bar, and forgets what was found. */
    close(): void {
      stop()
      hits.clear()
      store.setState({ open: false, ...nothing })
    },
    cancel(): void {
      stop()
      store.setState({ phase: 'done' })
    },
    connect(whom: Commands | null): void {
      commands = whom
    },
    /** Another capture is looked at. */
    reset(): void {
      stop()
      hits.clear()
      store.setState(nothing)
    },
  }
}

/** The page's search. */
export const payloadSearch = createSearch(eventLog)
export const useSearch = <T>(pick: (state: SearchState) => T): T => useStore(payloadSearch.store, pick)
