// The phase in which a callback ran that produced an event, read along with the events: both are in the order of time.
// Counterpart: pcapng.ts, whose comments tell it.
import { phases } from '../../preload/contract/loop-columns.ts'
import type { ExportSource } from './source.ts'

/** Callbacks that are remembered at once; events come right after the callback that they are of. */
const kept = 200_000

export interface PhaseNames {
  /** Reads on until all callbacks are known that had started by then (ms on the event clock). */
  readUntil(at: number): Promise<void>
  /** Null where it is not known. */
  of(callback: number): string | null
}

export const createPhaseNames = (source: ExportSource): PhaseNames => {
  const known = new Map<number, number>()
  let next = 0
  let readTo = Number.NEGATIVE_INFINITY
  let ended = false
  return {
    async readUntil(at) {
      while (!ended && readTo <= at) {
        const batch = await source.loopRecords(next)
        if (batch === null || batch.count === 0) {
          ended = true
          return
        }
        for (let i = 0; i < batch.count; i++)
          if (batch.seqCount[i]! > 0 && batch.id[i]! > 0) known.set(batch.id[i]!, batch.phase[i]!)
        next = batch.first + batch.count
        readTo = batch.start[batch.count - 1]!
        for (const id of known.keys()) {
          if (known.size <= kept) break
          known.delete(id)
        }
      }
    },
    of(callback) {
      const phase = known.get(callback)
      return phase === undefined ? null : phases[phase]!
    },
  }
}
