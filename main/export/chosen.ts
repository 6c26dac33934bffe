// Which events and which connections an export is of: those that satisfy a filter, as the capture answers it.
// Counterparts: exporting.ts, which asks; main/archive/filter.ts, which looks.
import type { EventFilter, FilterResult } from '../../preload/contract/captures.ts'
import { batchesOf, type ExportSource } from './source.ts'

/** True where a filter leaves nothing out. */
export const isEverything = (filter: EventFilter): boolean => Object.values(filter).every((part) => part === undefined)

const bitOf = ({ firstSeq, endSeq, bits }: FilterResult, seq: number): boolean => {
  const at = seq - firstSeq
  return seq >= firstSeq && seq < endSeq && ((bits[at >> 3]! >> (at & 7)) & 1) === 1
}

/** Tells of an event by its seq. */
export const chosenEvents = async (source: ExportSource, filter: EventFilter): Promise<(seq: number) => boolean> => {
  if (isEverything(filter)) return () => true
  const result = await source.filter(filter)
  return (seq) => bitOf(result, seq)
}

/** Tells of a connection by its id: those that have an event that satisfies the filter, or that the filter names. */
export const chosenConnections = async (
  source: ExportSource,
  filter: EventFilter,
): Promise<(id: number) => boolean> => {
  if (isEverything(filter)) return () => true
  const { connections, ...others } = filter
  if (connections !== undefined && isEverything(others)) {
    const ids = new Set<number>(connections)
    return (id) => ids.has(id)
  }
  const isChosen = await chosenEvents(source, filter)
  const ids = new Set<number>()
  for await (const batch of batchesOf(source))
    for (let i = 0; i < batch.count; i++) if (isChosen(batch.firstSeq + i)) ids.add(batch.connection[i]!)
  return (id) => ids.has(id)
}
