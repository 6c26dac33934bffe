// What the Loop screen shows: the stretch of time, the playhead, and every way of moving either. While following, both
// stand at now. Counterparts: playback.ts (plays), keys.ts, the flame timeline; stores/selection has `following`, which
// the wire's panes share.
import { useStore } from 'zustand'
import { createStore } from 'zustand/vanilla'
import { fitted, following, panned, revealing, spanOf, type TimeRange, zoomed } from '../canvas/time-scale.ts'
import { eventLog } from '../event-log/event-log.ts'
import { shownNow } from '../event-log/shown.ts'
import type { Callback } from '../loop-log/callbacks.ts'
import { loopLog } from '../loop-log/loop-log.ts'
import { selectionStore } from '../stores/selection.ts'
import { staleness } from '../stores/staleness.ts'
import { viewStore } from '../stores/view.ts'
import { revealTime } from '../workbench/lifelines/view.ts'
import { loopSettings } from './settings.ts'
import { firstEventOf } from './words.ts'

/** What is shown first: the last 2 s. */
const startRange: TimeRange = { startMs: 0, endMs: 2000 }
/** A callback that is brought into view from elsewhere gets at least this share of the width. */
const shownShare = 0.004
/** Around what is brought into view: at least this long a stretch, ms. */
const leastContextMs = 8

/** How much one press of + or a button zooms, and one press of Left or Right pans. */
export const zoomStep = 1.5
export const panStep = 0.15

export interface LoopViewState {
  readonly range: TimeRange
  /** ms on the event clock; null while following. */
  readonly playhead: number | null
  /** Recorded ms a played ms, while playing. */
  readonly playing: boolean
  readonly speed: number
}

export const loopView = createStore<LoopViewState>()(() => ({
  range: startRange,
  playhead: null,
  playing: false,
  speed: 0.01,
}))

export const useLoopView = <T>(pick: (state: LoopViewState) => T): T => useStore(loopView, pick)

const range = () => loopView.getState().range
const isFollowing = () => selectionStore.getState().following
const letGo = () => selectionStore.getState().setFollowing(false)

/** The last moment that can be shown: where the view was paused, or the end of what is recorded. */
export const lastShownAt = (): number =>
  selectionStore.getState().viewPaused ? Math.min(shownNow(), loopLog.lastAt) : loopLog.lastAt

/** Shows exactly this. */
export const showRange = (next: TimeRange): void => {
  letGo()
  loopView.setState({ range: next })
}

/** Records that come this much later than now are followed where they are, ms: the page is behind its traffic. */
const behindMs = 1000
/** As long after the last records, ms, more are taken to be on their way. */
const streamingMs = 1000
let appendedMs = Number.NEGATIVE_INFINITY

/** Notes when records come, for as long as the screen is shown. Returns a function that stops. */
export const noteAppends = (): (() => void) =>
  loopLog.subscribe(() => {
    appendedMs = performance.now()
  })

/** Now on the event clock; once the loop has ended or is out of reach, where its records end. */
export const loopNow = (): number => (staleness() === null ? Math.max(shownNow(), loopLog.lastAt) : loopLog.lastAt)

/** Now, or where the records are that stream in, if they are far behind. */
const followedNow = (): number => {
  const now = staleness() === null ? shownNow() : loopLog.lastAt
  const streaming = performance.now() - appendedMs < streamingMs
  return streaming && now - loopLog.lastAt > behindMs ? loopLog.lastAt : now
}

/** The range to draw now; moves it where it follows the clock. With reduced motion it moves in whole seconds. */
export const settledRange = (reducedMotion: boolean): TimeRange => {
  if (!isFollowing()) return range()
  const now = followedNow()
  const next = following(range(), reducedMotion ? Math.ceil(now / 1000) * 1000 : now)
  if (next.startMs !== range().startMs) loopView.setState({ range: next })
  return next
}

/** Zooms around `anchorMs`, which stays where it is. */
export const zoomAt = (factor: number, anchorMs: number): void => {
  const next = zoomed(range(), factor, anchorMs)
  if (isFollowing() && spanOf(next) < leastFollowedMs) letGo()
  if (isFollowing() && Math.abs(next.endMs - range().endMs) > spanOf(next) * 0.02) letGo()
  loopView.setState({ range: next })
}

/** Zooms by a key or a button: around the playhead where it is in view, else around now or the middle. */
export const zoomBy = (factor: number): void => {
  const { startMs, endMs } = range()
  const { playhead } = loopView.getState()
  if (isFollowing()) {
    const now = followedNow()
    const anchor = Math.min(endMs, Math.max(now, startMs))
    const next = following(zoomed(range(), factor, anchor), now)
    if (spanOf(next) >= leastFollowedMs) loopView.setState({ range: next })
  } else
    zoomAt(factor, playhead !== null && playhead >= startMs && playhead <= endMs ? playhead : (startMs + endMs) / 2)
}

/** Pans by a share of the span, to the right above 0. */
export const panBy = (share: number): void => {
  showRange(panned(range(), share * spanOf(range()), loopNow()))
}

/** Shows everything that is held. */
export const fitAll = (): void => {
  showRange(fitted(loopLog.firstAt, Math.max(loopLog.lastAt, loopLog.firstAt + 1)))
}

/** The shortest stretch that is followed, ms: records come up to a fifth of a second late, and shorter ones would be empty. */
const leastFollowedMs = 500

const longEnough = (candidate: TimeRange): TimeRange =>
  spanOf(candidate) >= leastFollowedMs
    ? candidate
    : { startMs: Math.max(0, candidate.endMs - startRange.endMs), endMs: Math.max(startRange.endMs, candidate.endMs) }

/** Follows the newest records again. */
export const follow = (): void => {
  loopView.setState({ playhead: null, playing: false, range: longEnough(range()) })
  selectionStore.getState().setFollowing(true)
}

/** Moves as little as is needed to bring a moment into view; where the span hides it, zooms. */
const reveal = (callback: Callback): void => {
  const ranMs = callback.end - callback.start
  const current = range()
  const wanted = Math.max(leastContextMs, ranMs * 1.6)
  if (spanOf(current) > wanted && ranMs / spanOf(current) < shownShare && spanOf(current) > 400) {
    const startMs = Math.max(0, callback.start - wanted * 0.25)
    showRange({ startMs, endMs: startMs + wanted })
    return
  }
  if (ranMs > spanOf(current)) {
    const startMs = Math.max(0, callback.start - ranMs * 0.15)
    showRange({ startMs, endMs: startMs + ranMs * 1.3 })
    return
  }
  showRange(
    revealing(revealing(current, Math.min(callback.end, current.startMs + spanOf(current) * 0.9)), callback.start),
  )
}

/** Puts the playhead at a moment and selects what ran there. `select`: false while it moves too fast to be read. */
export const moveTo = (at: number, select = true): void => {
  letGo()
  loopView.setState({ playhead: at })
  const next = revealing(range(), at)
  if (next !== range()) loopView.setState({ range: next })
  if (!select) return
  const position = loopLog.callbacks.runningAt(at)
  if (position !== null) selectAt(position)
}

const selectAt = (position: number): void => {
  const callback = loopLog.callbacks.at(position)
  if (callback.own && !loopSettings.getState().showOwn) return
  selectionStore.getState().selectCallback(callback.id, firstEventOf(eventLog, callback), callback.connection)
}

/** Selects a callback with the events it produced, and puts the playhead at its start. `zoom`: show it large enough. */
export const selectCallback = (position: number, zoom = false): void => {
  const callback = loopLog.callbacks.at(position)
  if (callback.own) loopSettings.getState().set({ showOwn: true })
  letGo()
  loopView.setState({ playhead: callback.start, playing: false })
  if (zoom) reveal(callback)
  else {
    const next = revealing(range(), callback.start)
    if (next !== range()) loopView.setState({ range: next })
  }
  selectAt(position)
}

/** The position of the selected callback; null where none is or it is not held any more. */
export const selectedPosition = (): number | null => {
  const { callback } = selectionStore.getState()
  return callback === null ? null : loopLog.callbacks.positionOfId(callback)
}

/** Selects the next callback shown (before it, below 0), or the newest where none is selected. */
export const stepCallback = (by: number): void => {
  const list = loopLog.callbacks.list(loopSettings.getState().showOwn)
  if (list.end === list.first) return
  const selected = selectedPosition()
  const { playhead } = loopView.getState()
  const end = list.numberFrom(loopLog.callbacks.positionAtTime(lastShownAt() + Number.EPSILON))
  const newest = Math.max(list.first, Math.min(list.end, end) - 1)
  let number: number
  if (selected !== null) {
    number = list.numberFrom(selected)
    // A selected callback that is not in this list stands just before the one that is found.
    const exact = list.positionOf(Math.min(number, newest)) === selected
    number += by - (!exact && by > 0 ? 1 : 0)
  } else if (playhead !== null) number = list.numberFrom(loopLog.callbacks.positionAtTime(playhead)) + Math.min(by, 0)
  else number = newest
  selectCallback(list.positionOf(Math.min(newest, Math.max(list.first, number))))
}

/** Puts the playhead where poll is entered in the next turn (the one before, below 0). */
export const stepIteration = (by: 1 | -1): void => {
  const { iterations } = loopLog
  if (iterations.end === iterations.first) return
  const at = loopView.getState().playhead ?? lastShownAt()
  const turn = iterations.turnAt(at)
  let position = turn === null ? iterations.first : turn.position + by
  // Within a turn, back goes to its own beginning first.
  if (by < 0 && turn !== null && at > turn.start) position = turn.position
  loopView.setState({ playing: false })
  moveTo(iterations.at(Math.min(iterations.end - 1, Math.max(iterations.first, position))).start)
}

/** Goes to the longest callback held; false where there is none. */
export const goToLongest = (): boolean => {
  const position = loopLog.callbacks.longest()
  if (position === null) return false
  selectCallback(position, true)
  return true
}

/** From the wire to the callback of the selected event, or back to the wire with the selected callback's first event. */
export const crossOver = (): void => {
  const { callback, seq } = selectionStore.getState()
  const { view, show } = viewStore.getState()
  if (view !== 'loop') {
    const position = callback === null ? null : loopLog.callbacks.positionOfId(callback)
    if (position !== null) selectCallback(position, true)
    else if (seq !== null && eventLog.has(seq)) moveTo(eventLog.at(seq), false)
    show('loop')
    return
  }
  // What is selected was brought into view there when it was selected here; a moment without an event was not.
  const { playhead } = loopView.getState()
  if (playhead !== null) revealTime(playhead)
  show('wire')
}
