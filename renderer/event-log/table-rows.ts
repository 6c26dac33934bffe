// The rows that the event table scrolls through and the keys step through: of the whole log, or, where only
// those are shown, of the filter's matches.
// Counterparts: event-log.ts and filter.ts, which have them; event-table/use-window.ts, step.ts.
import { eventLog } from './event-log.ts'
import { eventFilter } from './filter.ts'
import type { LogRow } from './seq-gaps.ts'
import { shownNextSeq } from './shown.ts'

/** Rows run from `firstRow` to `endRow - 1`; they keep their numbers for as long as `numbering` is the same. */
export interface TableRows {
  readonly firstRow: number
  readonly endRow: number
  readonly numbering: unknown
  row(row: number): LogRow
  /** The row of an event, or of the next one that has a row. */
  rowOf(seq: number): number
  /** True where the event itself has a row. */
  has(seq: number): boolean
}

/** The rows now, as far as they are shown. */
export const tableRows = (): TableRows => {
  const { index, only } = eventFilter.store.getState()
  const end = shownNextSeq()
  if (index === null || !only)
    return {
      firstRow: eventLog.firstRow,
      endRow: Math.min(eventLog.endRow, eventLog.rowOf(end)),
      numbering: eventLog.renumbered,
      row: (row) => eventLog.row(row),
      rowOf: (seq) => eventLog.rowOf(seq),
      has: (seq) => seq >= eventLog.firstSeq && seq < end,
    }
  const firstRow = index.rank(eventLog.firstSeq)
  return {
    firstRow,
    endRow: Math.max(firstRow, index.rank(end)),
    numbering: index,
    row: (row) => ({ kind: 'event', seq: index.select(row) }),
    rowOf: (seq) => index.rank(seq),
    has: (seq) => index.has(seq),
  }
}
