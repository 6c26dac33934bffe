// From match to match: of the filter, or where nothing is filtered of the search in payloads. Counterparts: filter.ts,
// search/search.ts; the keys N and Shift N, the find bar.
import { payloadSearch } from '../search/search.ts'
import { selectionStore } from '../stores/selection.ts'
import { eventLog } from './event-log.ts'
import { eventFilter } from './filter.ts'
import { selectSeq } from './step.ts'

/** Selects the next match after what is selected, or the one before it; around at the ends. */
export const stepMatch = (by: 1 | -1): void => {
  const { index } = eventFilter.store.getState()
  if (index === null) {
    payloadSearch.step(by)
    return
  }
  const first = index.rank(eventLog.firstSeq)
  const count = index.count - first
  if (count === 0) return
  const { seq } = selectionStore.getState()
  // Matches up to the selected event, itself included where it is walked forward.
  const before = seq === null ? (by > 0 ? first : index.count) : index.rank(by > 0 ? seq + 1 : seq)
  const wanted = by > 0 ? before : before - 1
  selectionStore.getState().setFollowing(false)
  selectSeq(index.select(first + ((((wanted - first) % count) + count) % count)))
}
