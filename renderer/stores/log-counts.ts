// The event log's numbers for React, at most a few times a second: hot data stays outside React. Counterpart:
// event-log/event-log.ts.
import { useStore } from 'zustand'
import { createStore } from 'zustand/vanilla'
import { eventLog } from '../event-log/event-log.ts'
import { createPace } from './pace.ts'

export interface LogCounts {
  readonly version: number
  readonly count: number
  readonly firstSeq: number
  readonly nextSeq: number
  readonly droppedEvents: number
}

const read = (): LogCounts => ({
  version: eventLog.version,
  count: eventLog.count,
  firstSeq: eventLog.firstSeq,
  nextSeq: eventLog.nextSeq,
  droppedEvents: eventLog.droppedEvents,
})

export const logCountsStore = createStore<LogCounts>()(read)

/** Follows the log from now on. Returns a function that stops. */
export const followLog = (): (() => void) => {
  const pace = createPace(() => logCountsStore.setState(read()))
  const unsubscribe = eventLog.subscribe(pace.ask)
  return () => {
    pace.dispose()
    unsubscribe()
  }
}

export const useLogCounts = <T>(pick: (state: LogCounts) => T): T => useStore(logCountsStore, pick)
