// Plays the recording: moves the playhead along the recorded clock, slower or as fast as it was, until it meets now.
// Counterparts: view.ts (the playhead), playback-bar.tsx (the buttons), canvas/frame-loop.ts (the frames).

import { type FrameJob, frameLoop } from '../canvas/frame-loop.ts'
import { spanOf } from '../canvas/time-scale.ts'
import { loopLog } from '../loop-log/loop-log.ts'
import { selectionStore } from '../stores/selection.ts'
import { foldFromMs } from './flame/time-map.ts'
import { loopSettings } from './settings.ts'
import { follow, lastShownAt, loopView, moveTo } from './view.ts'

/** Recorded ms a played ms. */
export const speeds = [0.001, 0.01, 0.1, 1] as const

/** While waits are squeezed the playhead crosses a folded one in this time, ms. */
const foldedMs = 150
/** The selection follows the playhead this often at most, ms: nobody reads faster. */
const selectPeriodMs = 120
/** Where the playhead comes back to when it has run out of the shown stretch, as a share of it. */
const turnedShare = 0.08

/** How far the playhead gets in `elapsedMs` of playing. */
export const advanced = (at: number, elapsedMs: number, speed: number, squeeze: boolean): number => {
  const turn = squeeze ? loopLog.iterations.turnAt(at) : null
  if (turn !== null && at >= turn.start && at < turn.readyAt && turn.readyAt - turn.start > foldFromMs)
    return Math.min(turn.readyAt, at + ((turn.readyAt - turn.start) / foldedMs) * elapsedMs)
  return at + elapsedMs * speed
}

let job: FrameJob | undefined
let lastMs = 0
let selectedMs = 0

const frame = (nowMs: number): void => {
  const { playing, playhead, speed, range } = loopView.getState()
  if (!playing || playhead === null) return
  const end = lastShownAt()
  const at = advanced(playhead, nowMs - lastMs, speed, loopSettings.getState().squeeze)
  lastMs = nowMs
  if (at >= end) {
    if (speed === 1 && !selectionStore.getState().viewPaused) follow()
    else {
      loopView.setState({ playing: false })
      moveTo(end)
    }
    return
  }
  if (at > range.endMs || at < range.startMs) {
    const startMs = Math.max(0, at - spanOf(range) * turnedShare)
    loopView.setState({ range: { startMs, endMs: startMs + spanOf(range) } })
  }
  const select = nowMs - selectedMs >= selectPeriodMs
  if (select) selectedMs = nowMs
  moveTo(at, select)
  job?.mark()
}

/** Plays from the playhead on, or pauses; while following, stands still at now. */
export const togglePlay = (): void => {
  const { playing, playhead, range } = loopView.getState()
  if (playing) {
    loopView.setState({ playing: false })
    if (playhead !== null) moveTo(playhead)
    return
  }
  const end = lastShownAt()
  if (selectionStore.getState().following || playhead === null) {
    const at = selectionStore.getState().following ? end : Math.min(end, range.startMs)
    const wasFollowing = selectionStore.getState().following
    moveTo(at)
    if (wasFollowing) return
  } else if (playhead >= end) moveTo(Math.min(range.startMs, end))
  loopView.setState({ playing: true })
  lastMs = performance.now()
  job ??= frameLoop.add('draw', frame)
  job.mark()
}

export const setSpeed = (speed: number): void => loopView.setState({ speed })

/** Stops playing; for when the screen is left. */
export const stopPlaying = (): void => {
  loopView.setState({ playing: false })
  job?.dispose()
  job = undefined
}
