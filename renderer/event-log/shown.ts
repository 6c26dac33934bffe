// How far the panes show the log: to its end and to now, or to where both stood when the view was paused. Recording is
// never paused; this only says what is drawn. Counterparts: stores/selection (`viewPaused`), lifelines, event table.
import { createPageClock } from '../canvas/page-clock.ts'
import { loopLog } from '../loop-log/loop-log.ts'
import { endpointsStore } from '../stores/endpoints.ts'
import { selectionStore } from '../stores/selection.ts'
import { viewsFile } from '../stores/viewing.ts'
import { eventLog } from './event-log.ts'

const clock = createPageClock()

// On the engine's own machine the two wall clocks are one, which tells the time even before the first event.
const sameMachine = () => ['127.0.0.1', 'localhost', '[::1]', 'wireloop'].includes(window.location.hostname)

let paused: { readonly nextSeq: number; readonly nowMs: number } | null = null

/** Starts following the log and the pause switch. Returns a function that stops. */
export const followShown = (): (() => void) => {
  const takeEpoch = () => {
    const { startedAtEpochMs } = endpointsStore.getState()
    if (startedAtEpochMs !== null && sameMachine()) clock.noteNow(Date.now() - startedAtEpochMs)
  }
  const takePause = () => {
    const { viewPaused } = selectionStore.getState()
    if (viewPaused) paused ??= { nextSeq: eventLog.nextSeq, nowMs: clock.now() }
    else paused = null
  }
  takeEpoch()
  takePause()
  const stops = [
    eventLog.subscribe(() => clock.note(eventLog.lastAt)),
    loopLog.subscribe(() => clock.note(loopLog.lastAt)),
    endpointsStore.subscribe((state, before) => {
      if (state.startedAtEpochMs !== before.startedAtEpochMs) takeEpoch()
    }),
    selectionStore.subscribe(takePause),
  ]
  return () => {
    for (const stop of stops) stop()
  }
}

/** The seq of the first event that is not shown yet. */
export const shownNextSeq = (): number => (viewsFile() ? null : paused?.nextSeq) ?? eventLog.nextSeq

/** Now on the engine's clock in ms, or when the view was paused; in an opened file, its end. */
export const shownNow = (): number => (viewsFile() ? eventLog.lastAt : (paused?.nowMs ?? clock.now()))
