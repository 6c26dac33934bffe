// The loop log's numbers for React, at most a few times a second: hot data stays outside React. Counterpart:
// loop-log/loop-log.ts; stores/log-counts.ts is its twin for the wire.
import { useEffect } from 'react'
import { useStore } from 'zustand'
import { createStore } from 'zustand/vanilla'
import { loopLog } from '../loop-log/loop-log.ts'

/** The shortest time between two renders that the log's growth causes, ms. */
const periodMs = 200

export interface LoopCounts {
  readonly version: number
  readonly callbacks: number
  readonly countedIterations: number
  readonly lastIteration: number
  readonly firstAt: number
  readonly lastAt: number
}

const read = (): LoopCounts => ({
  version: loopLog.version,
  callbacks: loopLog.callbacks.end - loopLog.callbacks.first,
  countedIterations: loopLog.countedIterations,
  lastIteration: loopLog.lastIteration,
  firstAt: loopLog.firstAt,
  lastAt: loopLog.lastAt,
})

export const loopCountsStore = createStore<LoopCounts>()(read)

let users = 0
let stop: (() => void) | undefined

const start = () => {
  let timer: ReturnType<typeof setTimeout> | undefined
  const take = () => {
    timer = undefined
    loopCountsStore.setState(read())
  }
  take()
  const unsubscribe = loopLog.subscribe(() => {
    timer ??= setTimeout(take, periodMs)
  })
  return () => {
    clearTimeout(timer)
    unsubscribe()
  }
}

/** The part of the counts that `pick` chooses; follows the log for as long as anybody looks. */
export const useLoopLog = <T>(pick: (counts: LoopCounts) => T): T => {
  useEffect(() => {
    if (users++ === 0) stop = start()
    return () => {
      if (--users === 0) stop?.()
    }
  }, [])
  return useStore(loopCountsStore, pick)
}
