// The moment that ring, queues and sentence show: the playhead's, or while following what has run lately, looked at 10
// times a second at most. Counterparts: moment.ts (what a moment is), view.ts (the playhead).
import { useStore } from 'zustand'
import { createStore } from 'zustand/vanilla'
import { frameLoop } from '../canvas/frame-loop.ts'
import { type Lane, lanes } from '../loop-log/lanes.ts'
import type { LoopLog } from '../loop-log/loop-log.ts'
import { loopLog } from '../loop-log/loop-log.ts'
import { selectionStore } from '../stores/selection.ts'
import { type Moment, momentAt } from './moment.ts'
import { loopSettings } from './settings.ts'
import { loopView } from './view.ts'

/** How often phases light up while following, at most, ms. */
const livePeriodMs = 100
/** How often the moment is worked out while the playhead moves, ms. */
const movePeriodMs = 33
/** The stretch over which callbacks are counted while following, ms. */
export const latelyMs = 1000

export interface Lately {
  /** Lanes in which something has run since the last look. */
  readonly lit: ReadonlySet<Lane>
  /** Callbacks of the last second by lane. */
  readonly counts: Readonly<Record<Lane, number>>
  readonly iteration: number
}

export interface MomentState {
  /** Null while following. */
  readonly moment: Moment | null
  /** Null where the playhead stands somewhere. */
  readonly lately: Lately | null
}

const noCounts = () => Object.fromEntries(lanes.map((lane) => [lane, 0])) as Record<Lane, number>

/** What ran from `fromAt` on (lit), and within the last second before the newest record. */
export const lookLately = (log: LoopLog, seenUpTo: number, own: boolean): Lately => {
  const counts = noCounts()
  const lit = new Set<Lane>()
  const { callbacks } = log
  for (let i = callbacks.positionAtTime(log.lastAt - latelyMs); i < callbacks.end; i++) {
    const chunk = callbacks.chunkOf(i)
    const row = i - chunk.first
    if (!own && chunk.columns.own[row] === 1) continue
    const lane = lanes[chunk.lane[row]!]!
    counts[lane]++
    if (i >= seenUpTo) lit.add(lane)
  }
  return { lit, counts, iteration: log.lastIteration }
}

export const momentStore = createStore<MomentState>()(() => ({ moment: null, lately: null }))
export const useMoment = <T>(pick: (state: MomentState) => T): T => useStore(momentStore, pick)

/** Follows playhead and log from now on. Returns a function that stops. */
export const followMoment = (): (() => void) => {
  let seenUpTo = loopLog.callbacks.end
  let lookedMs = 0
  const job = frameLoop.add('draw', (nowMs) => {
    lookedMs = nowMs
    const { showOwn, microFrom } = loopSettings.getState()
    const { playhead } = loopView.getState()
    if (playhead !== null) {
      momentStore.setState({ moment: momentAt(loopLog, playhead, showOwn, microFrom), lately: null })
      return
    }
    const lately = lookLately(loopLog, seenUpTo, showOwn)
    seenUpTo = loopLog.callbacks.end
    momentStore.setState({ moment: null, lately })
    // Once more, to let the lights go out.
    if (lately.lit.size > 0) job.markIn(livePeriodMs)
  })
  const soon = (periodMs: number) => job.markIn(Math.max(0, periodMs - (performance.now() - lookedMs)))
  const stops = [
    loopLog.subscribe(() => {
      if (!selectionStore.getState().viewPaused) soon(livePeriodMs)
    }),
    loopView.subscribe((state, before) => {
      if (state.playhead !== before.playhead) soon(state.playing ? movePeriodMs : 0)
    }),
    loopSettings.subscribe(job.mark),
    job.dispose,
  ]
  job.mark()
  return () => {
    for (const stop of stops) stop()
  }
}
