// J and K: the selection goes to the next or previous event of the log, and lets go of the newest ones while it does.
import { eventLog } from '../event-log/event-log.ts'
import { selectionStore } from '../stores/selection.ts'

/** Selects the neighbour of the selected event; with none selected, the newest event. */
export const stepEvent = (by: 1 | -1): void => {
  if (eventLog.count === 0) return
  const { seq, selectEvent, setFollowing } = selectionStore.getState()
  const newest = eventLog.previous(eventLog.nextSeq)
  const next = seq === null || !eventLog.has(seq) ? newest : by === 1 ? eventLog.next(seq) : eventLog.previous(seq)
  if (next === null) return
  setFollowing(next === newest && by === 1)
  selectEvent(next, eventLog.connection(next))
}
