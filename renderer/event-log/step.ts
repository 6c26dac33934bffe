// Moving the selection from event to event, as the keys and the inspector's buttons do. Counterparts: stores/selection,
// the event table and the lifelines, which bring what is selected into view.
import { selectionStore } from '../stores/selection.ts'
import { eventLog } from './event-log.ts'
import { shownNextSeq } from './shown.ts'

/** The newest event that is shown; null where there is none. */
export const newestShown = (): number | null => eventLog.previous(shownNextSeq())

/** Selects an event together with its connection. */
export const selectSeq = (seq: number): void => {
  selectionStore.getState().selectEvent(seq, eventLog.connection(seq))
}

/**
 * Selects the event `by` rows after the selected one (before it, below 0), or the newest where none is selected. The view
 * lets go of the newest events while somebody steps, and follows them again once they have stepped on to the newest.
 */
export const stepEvent = (by: number): void => {
  const { seq, setFollowing } = selectionStore.getState()
  const newest = newestShown()
  if (newest === null) return
  let target = newest
  if (seq !== null && eventLog.has(seq)) {
    target = seq
    for (let i = 0; i < Math.abs(by); i++) {
      const next: number | null = by > 0 ? eventLog.next(target) : eventLog.previous(target)
      if (next === null || next > newest) break
      target = next
    }
  }
  if (target !== seq) selectSeq(target)
  setFollowing(by > 0 && target === newest)
}

/** Selects the oldest or the newest event. */
export const stepToEnd = (end: 'oldest' | 'newest'): void => {
  const seq = end === 'newest' ? newestShown() : eventLog.next(eventLog.firstSeq - 1)
  if (seq !== null) selectSeq(seq)
}
