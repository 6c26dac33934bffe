// Which slow callback the card tells of: the selected one, else the newest that was not muted. Counterparts: lint-card.tsx,
// loop-log/callbacks.ts, whose summaries make the search quick.
import { blockRows } from '../../loop-log/callback-chunk.ts'
import type { LoopLog } from '../../loop-log/loop-log.ts'

/** The newest callback that ran at least `slowMs`, is not own work and whose id is not muted; null where none is held. */
export const newestSlow = (log: LoopLog, slowMs: number, muted: ReadonlySet<number>): number | null => {
  const { chunks } = log.callbacks
  for (let c = chunks.length - 1; c >= 0; c--) {
    const chunk = chunks[c]!
    const { start, end, own, id } = chunk.columns
    for (let block = Math.ceil(chunk.count / blockRows) - 1; block >= 0; block--) {
      if (chunk.longest[block]! < slowMs) continue
      for (let row = Math.min(chunk.count, (block + 1) * blockRows) - 1; row >= block * blockRows; row--)
        if (own[row] === 0 && end[row]! - start[row]! >= slowMs && !muted.has(id[row]!)) return chunk.first + row
    }
  }
  return null
}

/** The position that the card is for; null for no card. */
export const cardFor = (
  log: LoopLog,
  slowMs: number,
  muted: ReadonlySet<number>,
  selected: number | null,
): number | null => {
  if (selected !== null && selected >= log.callbacks.first && selected < log.callbacks.end) {
    const { start, end, own, id } = log.callbacks.at(selected)
    if (!own && end - start >= slowMs && !muted.has(id)) return selected
  }
  return newestSlow(log, slowMs, muted)
}
