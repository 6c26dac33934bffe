// The stretch of time that the lifelines show, and every way of changing it. While following it moves with the clock;
// whoever zooms or pans away from now lets go. Counterparts: lifelines.tsx (wheel, keys, drawing), minimap.ts (brush),
// header.tsx (buttons).
import { createStore } from 'zustand/vanilla'
import { fitted, following, panned, revealing, spanOf, type TimeRange, zoomed } from '../../canvas/time-scale.ts'
import { eventLog } from '../../event-log/event-log.ts'
import { shownNow } from '../../event-log/shown.ts'
import { selectionStore } from '../../stores/selection.ts'
import { anyOpen } from './ending.ts'

/** What is shown first: the last 12 s. */
const startRange: TimeRange = { startMs: 0, endMs: 12_000 }

/** How much one press of + or a button zooms. */
export const zoomStep = 1.5
/** How much of the span one press of Left or Right pans. */
export const panStep = 0.15

export interface LifelinesView {
  readonly range: TimeRange
  /** Who moved it last: the clock does so while a picture is drawn, and must not ask for another one. */
  readonly movedBy: 'hand' | 'clock'
}

export const lifelinesView = createStore<LifelinesView>()(() => ({ range: startRange, movedBy: 'hand' }))

const range = () => lifelinesView.getState().range
const isFollowing = () => selectionStore.getState().following
const letGo = () => selectionStore.getState().setFollowing(false)

/** Shows exactly this. */
export const showRange = (next: TimeRange): void => {
  letGo()
  lifelinesView.setState({ range: next, movedBy: 'hand' })
}

/** Room that is left on the right of the last ending when nothing goes on, as a share of the span: for its word. */
const restShare = 0.1

/** Where following has got to: now, or a little after the last event where nothing goes on any more. */
const followedMs = (): number =>
  anyOpen() ? shownNow() : Math.min(shownNow(), eventLog.lastAt + restShare * spanOf(range()))

/** True while a following view moves by the clock alone. */
export const isMoving = (): boolean => anyOpen() || shownNow() < eventLog.lastAt + restShare * spanOf(range())

/** The range to draw now; moves it where it follows the clock. With reduced motion it moves in whole seconds. */
export const settledRange = (reducedMotion: boolean): TimeRange => {
  if (!isFollowing()) return range()
  const now = followedMs()
  const next = following(range(), reducedMotion ? Math.ceil(now / 1000) * 1000 : now)
  if (next.startMs !== range().startMs) lifelinesView.setState({ range: next, movedBy: 'clock' })
  return next
}

/** Zooms around `anchorMs`, which stays where it is. */
export const zoomAt = (factor: number, anchorMs: number): void => {
  const next = zoomed(range(), factor, anchorMs)
  // Still at now, or back at it: following goes on. Anything else has been moved away by hand.
  if (isFollowing() && Math.abs(next.endMs - range().endMs) > spanOf(next) * 0.02) letGo()
  lifelinesView.setState({ range: next, movedBy: 'hand' })
}

/** Zooms by a key or a button: around the selected event where it is in view, else around now or the middle. */
export const zoomBy = (factor: number): void => {
  const { startMs, endMs } = range()
  const { seq } = selectionStore.getState()
  const selectedAt = seq !== null && eventLog.has(seq) ? eventLog.at(seq) : Number.NaN
  if (isFollowing()) {
    const anchor = Math.min(endMs, Math.max(followedMs(), startMs))
    lifelinesView.setState({ range: following(zoomed(range(), factor, anchor), followedMs()), movedBy: 'hand' })
  } else zoomAt(factor, selectedAt >= startMs && selectedAt <= endMs ? selectedAt : (startMs + endMs) / 2)
}

/** Pans by a share of the span, to the right above 0. */
export const panBy = (share: number): void => {
  showRange(panned(range(), share * spanOf(range()), shownNow()))
}

/** Shows everything that is held. */
export const fitAll = (): void => {
  showRange(fitted(eventLog.firstAt, Math.max(eventLog.lastAt, eventLog.firstAt + 1)))
}

/** Moves as little as is needed to bring a moment into view. */
export const revealTime = (at: number): void => {
  const next = revealing(range(), at)
  if (next !== range()) showRange(next)
}
