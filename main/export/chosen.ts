// Which events and which connections an export is of: those that satisfy a filter, as the capture answers it.
// Counterparts: exporting.ts, which asks; main/archive/filter.ts, which looks.
import { setTimeout } from 'node:timers/promises'
import type { EventFilter, FilterResult } from '../../preload/contract/captures.ts'
import { batchesOf, ExportFailure, type ExportSource } from './source.ts'

/** The most connections that are chosen by a filter on their events: 1 million. */
export const maxChosenConnections = 1_000_000

/** How often a filter is asked again of an event of which nothing is known yet, and how long between, in ms: 2 s in all. */
export const filterAsks = 40
const filterPauseMs = 50

/** True where a filter leaves nothing out. */
export const isEverything = (filter: EventFilter): boolean => Object.values(filter).every((part) => part === undefined)

const bitOf = ({ firstSeq, bits }: FilterResult, seq: number): boolean => {
  const at = seq - firstSeq
  return ((bits[at >> 3]! >> (at & 7)) & 1) === 1
}

/**
 * Tells of an event by its seq. A filter may be answered in pieces; of a live recording what is asked for (`slow>1ms`) may not be
 * known yet of the last events. Throws `ExportFailure` where it does not get known: what is left out silently is missed too late.
 */
export const chosenEvents = async (
  source: ExportSource,
  filter: EventFilter,
  pauseMs = filterPauseMs,
): Promise<(seq: number) => boolean> => {
  if (isEverything(filter)) return () => true
  const pieces: FilterResult[] = []
  for (let seq = source.firstSeq, asked = 0; seq < source.endSeq; ) {
    const piece = await source.filter(filter, seq)
    if (piece.endSeq > seq) {
      pieces.push(piece)
      seq = piece.endSeq
      asked = 0
    } else if (++asked < filterAsks) await setTimeout(pauseMs)
    else
      throw new ExportFailure({
        code: 'not-known-yet',
        message: `Whether the events from ${seq} on satisfy the filter is not recorded (yet): try again, or export with a filter that asks for something else`,
      })
  }
  /** The piece looked at last: events come in order. */
  let at = 0
  return (seq) => {
    if (pieces[at] === undefined || seq < pieces[at]!.firstSeq) at = 0
    while (at < pieces.length && seq >= pieces[at]!.endSeq) at++
    const piece = pieces[at]
    return piece !== undefined && seq >= piece.firstSeq && bitOf(piece, seq)
  }
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
    for (let i = 0; i < batch.count; i++) {
      if (!isChosen(batch.firstSeq + i)) continue
      ids.add(batch.connection[i]!)
      if (ids.size > maxChosenConnections)
        throw new ExportFailure({
          code: 'too-many',
          message: `The filter matches more than ${maxChosenConnections} connections; choose fewer, or export everything`,
        })
    }
  return (id) => ids.has(id)
}
