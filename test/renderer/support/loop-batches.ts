// Builds batches of loop records as the engine would, from short descriptions. Counterpart: contract/loop-columns.ts.
import {
  type LoopBatch,
  LoopBatchWriter,
  type LoopKind,
  loopKindCode,
  openLoopBatch,
  type Phase,
  phaseCode,
  type ResourceType,
  resourceTypeCode,
} from '../../../preload/contract/loop-columns.ts'

export interface LoopSketch {
  readonly kind: LoopKind
  readonly start: number
  readonly end: number
  readonly readyAt?: number
  readonly id?: number
  readonly iteration?: number
  readonly phase?: Phase
  readonly type?: ResourceType
  readonly own?: boolean
  readonly connection?: number
  readonly endpoint?: number
  readonly firstSeq?: number
  /** For an iteration: the events that poll returned. */
  readonly seqCount?: number
}

export const makeLoopBatch = (first: number, rows: readonly LoopSketch[], droppedBefore = 0): LoopBatch => {
  const writer = new LoopBatchWriter(rows.length)
  for (const row of rows) {
    const i = writer.count++
    const c = writer.columns
    c.kind[i] = loopKindCode(row.kind)
    c.start[i] = row.start
    c.end[i] = row.end
    c.readyAt[i] = row.readyAt ?? Number.NaN
    c.id[i] = row.id ?? 0
    c.iteration[i] = row.iteration ?? 0
    c.phase[i] = phaseCode(row.phase ?? 'poll')
    c.type[i] = resourceTypeCode(row.type ?? 'other')
    c.own[i] = row.own === true ? 1 : 0
    c.connection[i] = row.connection ?? 0
    c.endpoint[i] = row.endpoint ?? 0
    c.firstSeq[i] = row.firstSeq ?? 0
    c.seqCount[i] = row.seqCount ?? 0
    c.asyncId[i] = row.id ?? 0
    c.triggerId[i] = 0
  }
  return openLoopBatch(writer.compact(first, droppedBefore))
}

/** A turn of the loop: poll entered, returned, check phase. */
export const turn = (iteration: number, start: number, readyAt: number, end: number, events = 1): LoopSketch => ({
  kind: 'iteration',
  iteration,
  start,
  readyAt,
  end,
  seqCount: events,
})

/** A callback of a phase; `more` overrides what follows from the phase. */
export const call = (
  id: number,
  iteration: number,
  phase: Phase,
  start: number,
  end: number,
  more: Partial<LoopSketch> = {},
): LoopSketch => ({ kind: 'callback', id, iteration, phase, start, end, ...more })
