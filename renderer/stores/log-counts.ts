// The event log's numbers for React, at most a few times a second: hot data stays outside React. Counterpart:
// event-log/event-log.ts.
import { useStore } from 'zustand'
import { createStore } from 'zustand/vanilla'
import { eventLog } from '../event-log/event-log.ts'

/** The shortest time between two renders that the log's growth causes. */
const periodMs = 200

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
  let timer: ReturnType<typeof setTimeout> | undefined
  const take = () => {
    timer = undefined
    logCountsStore.setState(read())
  }
  const unsubscribe = eventLog.subscribe(() => {
    timer ??= setTimeout(take, periodMs)
  })
  return () => {
    clearTimeout(timer)
    unsubscribe()
  }
}

export const useLogCounts = <T>(pick: (state: LogCounts) => T): T => useStore(logCountsStore, pick)
