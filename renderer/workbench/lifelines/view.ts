// The stretch of time that the lifelines show, and every way of changing it. While following it moves with the clock;
// whoever zooms or pans away from now lets go. Counterparts: lifelines.tsx (wheel, keys, drawing), minimap.ts (brush),
// header.tsx (buttons).
import { createStore } from 'zustand/vanilla'
import { fitted, following, panned, revealing, spanOf, type TimeRange, zoomed } from '../../canvas/time-scale.ts'
import { eventLog } from '../../event-log/event-log.ts'
import { shownNow } from '../../event-log/shown.ts'
import { selectionStore } from '../../stores/selection.ts'

/** What is shown first: the last 12 s. */
const startRange: TimeRange = { startMs: 0, endMs: 12_000 }

/** How much one press of + or a button zooms. */
export const zoomStep = 1.5
/** How much of the span one press of Left or Right pans. */
export const panStep = 0.15

export const lifelinesView = createStore<{ readonly range: TimeRange }>()(() => ({ range: startRange }))

const range = () => lifelinesView.getState().range
const isFollowing = () => selectionStore.getState().following
const letGo = () => selectionStore.getState().setFollowing(false)

/** Shows exactly this. */
export const showRange = (next: TimeRange): void => {
  letGo()
  lifelinesView.setState({ range: next })
}

/** The range to draw now; moves it where it follows the clock. With reduced motion it moves in whole seconds. */
export const settledRange = (reducedMotion: boolean): TimeRange => {
  if (!isFollowing()) return range()
  const now = shownNow()
  const next = following(range(), reducedMotion ? Math.ceil(now / 1000) * 1000 : now)
  if (next.startMs !== range().startMs) lifelinesView.setState({ range: next })
  return next
}

/** Zooms around `anchorMs`, which stays where it is. */
export const zoomAt = (factor: number, anchorMs: number): void => {
  const next = zoomed(range(), factor, anchorMs)
  // Still at now, or back at it: following goes on. Anything else has been moved away by hand.
  if (isFollowing() && Math.abs(next.endMs - range().endMs) > spanOf(next) * 0.02) letGo()
  lifelinesView.setState({ range: next })
}

/** Zooms by a key or a button: around the selected event where it is in view, else around now or the middle. */
export const zoomBy = (factor: number): void => {
  const { startMs, endMs } = range()
  const { seq } = selectionStore.getState()
  const selectedAt = seq !== null && eventLog.has(seq) ? eventLog.at(seq) : Number.NaN
  if (isFollowing()) {
    const anchor = Math.min(endMs, Math.max(shownNow(), startMs))
    lifelinesView.setState({ range: following(zoomed(range(), factor, anchor), shownNow()) })
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
