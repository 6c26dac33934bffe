// The column layout of loop records: what the event loop did, one row a callback, tick, microtask, iteration or garbage
// collection. Counterparts: main/engine/probe (writes them), the Loop screen (draws them); event-columns.ts is its twin
// for the wire. The two are joined by callback: an event's `callback` is the `id` of the row that delivered it.
import { defineLayout } from './column-layout.ts'

/** libuv's phases in their true order since 1.45 (libuv.org, design overview; src/unix/core.c, uv_run). */
export const phases = ['pending', 'idle', 'prepare', 'poll', 'check', 'closing', 'timers'] as const
export type Phase = (typeof phases)[number]

/** What a loop record is; stored as the index: append only. */
export const loopKinds = [
  /** A callback that libuv called, from its first line to the end of its own work. */
  'callback',
  /** A `process.nextTick` callback. */
  'tick',
  /** A promise reaction or `queueMicrotask` callback. */
  'microtask',
  /** One turn of the loop: `start` poll was entered, `readyAt` poll returned, `end` its check phase. */
  'iteration',
  /** A garbage collection: nobody's callback is to blame for it. */
  'gc',
] as const
export type LoopKind = (typeof loopKinds)[number]

/** async_hooks' names of what a callback belongs to, the ones that matter to sockets; stored as the index: append only. */
export const resourceTypes = [
  'other',
  'TCPSERVERWRAP',
  'TCPWRAP',
  'TCPCONNECTWRAP',
  'WRITEWRAP',
  'SHUTDOWNWRAP',
  'GETADDRINFOREQWRAP',
  'Timeout',
  'Immediate',
  'TickObject',
  'PROMISE',
  'Microtask',
  'MESSAGEPORT',
  'WORKER',
  'FSREQCALLBACK',
  'PIPEWRAP',
  'TLSWRAP',
  /** None of async_hooks: the immediate that `blockLoop` asked for, called by what it is. */
  'block-loop',
] as const
export type ResourceType = (typeof resourceTypes)[number]

const layout = defineLayout('loop batch', 0x31_4c_4c_57, {
  /** ms on the event clock. */
  start: 'f64',
  end: 'f64',
  /** When it could have run: poll's return for sockets (a lower bound), the due time for timers; NaN where not measured. */
  readyAt: 'f64',
  /** async_hooks' ids of the resource and of what triggered it. */
  asyncId: 'f64',
  triggerId: 'f64',
  /** The events it produced: `seqCount` of them from `firstSeq` on. */
  firstSeq: 'f64',
  /** Number of the callback, 1 and up; 0 for iterations and collections. */
  id: 'u32',
  iteration: 'u32',
  /** What it served, 0 for none. */
  endpoint: 'u32',
  connection: 'u32',
  /** For an iteration: how many events poll returned. */
  seqCount: 'u32',
  /** Index into `loopKinds`. */
  kind: 'u8',
  /** Index into `phases`. */
  phase: 'u8',
  /** Index into `resourceTypes`. */
  type: 'u8',
  /** 1 for Wireloop's own work: publishing, its port, its heartbeat. */
  own: 'u8',
}) // "WLL1"

type LoopColumns = ReturnType<typeof layout.views>

/** A batch of loop records as views over its buffer; row `i` is the record number `first + i`. */
export interface LoopBatch extends LoopColumns {
  readonly buffer: ArrayBuffer
  readonly count: number
  readonly first: number
  /** Records that could not be kept between the previous batch and this one. */
  readonly droppedBefore: number
}

/** Opens a batch that came over a border. Throws a RangeError where the bytes are not a batch. */
export const openLoopBatch = (buffer: ArrayBuffer): LoopBatch => {
  const { capacity, count, first, droppedBefore } = layout.readHeader(buffer)
  const batch = { buffer, count, first, droppedBefore, ...layout.views(buffer, capacity, count) }
  for (let i = 0; i < count; i++) {
    if (
      batch.kind[i]! >= loopKinds.length ||
      batch.phase[i]! >= phases.length ||
      batch.type[i]! >= resourceTypes.length
    )
      throw new RangeError(`loop batch row ${i} is outside its vocabulary`)
  }
  return batch
}

/** How many rows a batch of `bytes` has room for; one at least. */
export const loopRowsIn = (bytes: number): number =>
  Math.max(1, Math.floor((bytes - layout.arenaStart(0) - 7) / layout.rowBytes))

/** Copies `count` rows of columns, from row `from` on, into a batch of just that size. */
const pack = (columns: LoopColumns, from: number, count: number, first: number, droppedBefore: number): ArrayBuffer => {
  const buffer = new ArrayBuffer(layout.arenaStart(count))
  layout.writeHeader(buffer, { capacity: count, count, arenaBytes: 0, first, droppedBefore })
  const to = layout.views(buffer, count, count)
  for (const name of layout.names) to[name].set(columns[name].subarray(from, from + count))
  return buffer
}

/** At most `count` rows of a batch, from row `from` on, as a batch of their own. */
export const cutLoopBatch = (batch: LoopBatch, from: number, count: number, droppedBefore: number): ArrayBuffer =>
  pack(batch, from, Math.min(count, batch.count - from), batch.first + from, droppedBefore)

/** Room for `capacity` rows, filled by column; `compact` copies what is used. */
export class LoopBatchWriter {
  readonly capacity: number
  readonly columns: LoopColumns
  count = 0

  constructor(capacity: number) {
    this.capacity = capacity
    this.columns = layout.views(new ArrayBuffer(layout.arenaStart(capacity)), capacity, capacity)
  }

  /** Copies the rows in use into a buffer of just that size, and empties the writer for more. */
  compact(first: number, droppedBefore: number): ArrayBuffer {
    const buffer = pack(this.columns, 0, this.count, first, droppedBefore)
    this.count = 0
    return buffer
  }
}

/** One batch of the records of several that follow each other. */
export const mergeLoopBatches = (batches: readonly LoopBatch[]): LoopBatch => {
  const writer = new LoopBatchWriter(batches.reduce((sum, batch) => sum + batch.count, 0))
  for (const batch of batches) {
    for (const name of layout.names) writer.columns[name].set(batch[name], writer.count)
    writer.count += batch.count
  }
  return openLoopBatch(writer.compact(batches[0]!.first, batches[0]!.droppedBefore))
}

const codes = (words: readonly string[]) => new Map(words.map((word, i) => [word, i]))
const phaseCodes = codes(phases)
const loopKindCodes = codes(loopKinds)
const resourceTypeCodes = codes(resourceTypes)
export const phaseCode = (phase: Phase): number => phaseCodes.get(phase)!
export const loopKindCode = (kind: LoopKind): number => loopKindCodes.get(kind)!
/** 0 (`other`) for a type that is not in the list. */
export const resourceTypeCode = (type: string): number => resourceTypeCodes.get(type) ?? 0

/** How much the probe looks at; each level includes the one before. */
export const probeLevels = ['off', 'heartbeat', 'callbacks', 'microtasks'] as const
export type ProbeLevel = (typeof probeLevels)[number]
