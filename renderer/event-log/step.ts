// Moving the selection from event to event, as the keys and the inspector's buttons do: through the rows of the table, held or
// not. Counterparts: stores/selection, the event table and the lifelines, which bring what is selected into view.
import { selectionStore } from '../stores/selection.ts'
import { eventLog } from './event-log.ts'
import { eventReader } from './reader.ts'
import { tableRows } from './table-rows.ts'

/** Events around a selected one that are read with it: what the inspector tells of its neighbours. */
const neighbours = 100

/** The newest event that is shown; null where there is none. */
export const newestShown = (): number | null => {
  const rows = tableRows()
  for (let row = rows.endRow - 1; row >= rows.firstRow; row--) {
    const item = rows.row(row)
    if (item.kind === 'event') return item.seq
  }
  return null
}

/** Selects an event together with its connection, which follows as soon as the event is held. */
export const selectSeq = (seq: number): void => {
  selectionStore.getState().selectEvent(seq, eventLog.has(seq) ? eventLog.connection(seq) : null)
}

/** Reads what is selected, and settles what follows from it, from now on. Returns a function that stops. */
export const settleSelection = (): (() => void) => {
  /** Selected while it was not held. */
  let waitingFor: number | null = null
  const settle = () => {
    const { seq } = selectionStore.getState()
    if (waitingFor === null || seq !== waitingFor || !eventLog.has(seq)) return
    waitingFor = null
    selectSeq(seq)
  }
  const stops = [
    selectionStore.subscribe(({ seq }, before) => {
      if (seq === before.seq) return
      eventLog.pin(seq)
      waitingFor = seq !== null && !eventLog.has(seq) ? seq : null
      eventReader.want('selection', seq === null ? [] : [{ from: seq - neighbours, to: seq + neighbours }])
    }),
    eventLog.subscribe(settle),
  ]
  return () => {
    for (const stop of stops) stop()
  }
}

/**
 * Selects the event `by` rows after the selected one (before it, below 0), or the newest where none is selected. The view
 * lets go of the newest events while somebody steps, and follows them again once they have stepped on to the newest.
 */
export const stepEvent = (by: number): void => {
  const { seq, setFollowing } = selectionStore.getState()
  const newest = newestShown()
  if (newest === null) return
  const rows = tableRows()
  let target = newest
  if (seq !== null) {
    // An event without a row stands just before the next one that has one.
    const from = rows.rowOf(seq) - (rows.has(seq) || by < 0 ? 0 : 1)
    let row = Math.min(rows.endRow - 1, Math.max(rows.firstRow, from + by))
    const way = by < 0 ? -1 : 1
    while (row >= rows.firstRow && row < rows.endRow && rows.row(row).kind === 'gap') row += way
    const item = row >= rows.firstRow && row < rows.endRow ? rows.row(row) : null
    target = item?.kind === 'event' ? item.seq : seq
  }
  if (target !== seq) selectSeq(target)
  setFollowing(by > 0 && target === newest)
}

/** Selects the oldest or the newest event. */
export const stepToEnd = (end: 'oldest' | 'newest'): void => {
  if (end === 'newest') {
    const seq = newestShown()
    if (seq !== null) selectSeq(seq)
    return
  }
  const rows = tableRows()
  for (let row = rows.firstRow; row < rows.endRow; row++) {
    const item = rows.row(row)
    if (item.kind !== 'event') continue
    selectSeq(item.seq)
    return
  }
}
