// What was done to chunks on their way through a relay: for each `data-received` the later events of faults, replacements and
// decisions that name it. Bounded; filled from the newest events as they come and from older ones as they are read.
// Counterparts: event-log.ts, which feeds it; the event table and the inspector, which show it.
import { type EventBatch, kindCode, rowDetails } from '../../preload/contract/event-columns.ts'

/** The kinds of events that tell of a chunk. */
export const actKinds = ['fault-applied', 'chunk-held', 'chunk-released', 'chunk-replaced'] as const
export type ActKind = (typeof actKinds)[number]

/** Chunks that are known at most, some 10 MB; the ones that were told of first are forgotten first. */
export const mostActedChunks = 100_000
/** Events of one chunk that are known at most: a chain is never that long. */
export const mostActsOfChunk = 64

const isAct = new Uint8Array(256)
for (const kind of actKinds) isAct[kindCode(kind)] = 1

/** True for the code of such a kind. */
export const isActCode = (code: number): boolean => isAct[code] === 1

const none: readonly number[] = []

export class ActIndex {
  /** Seqs of acts by the chunk's seq, in order. */
  readonly #acts = new Map<number, number[]>()
  readonly #mostChunks: number

  constructor(mostChunks: number = mostActedChunks) {
    this.#mostChunks = mostChunks
  }

  /** Chunks that something is known of. */
  get size(): number {
    return this.#acts.size
  }

  /** Takes in the rows of a batch from `from` on. */
  addBatch(batch: EventBatch, from: number): void {
    const { kind } = batch
    for (let row = from; row < batch.count; row++) {
      if (isAct[kind[row]!] !== 1) continue
      const chunk = rowDetails<ActKind>(batch, row)?.chunk ?? null
      if (chunk !== null) this.#note(chunk, batch.firstSeq + row)
    }
  }

  #note(chunk: number, seq: number): void {
    const known = this.#acts.get(chunk)
    if (known === undefined) {
      this.#acts.set(chunk, [seq])
      if (this.#acts.size <= this.#mostChunks) return
      const [oldest] = this.#acts.keys()
      this.#acts.delete(oldest!)
    } else if (known.length < mostActsOfChunk && !known.includes(seq)) {
      // Older events may be read after newer ones.
      const at = known.findIndex((other) => other > seq)
      known.splice(at < 0 ? known.length : at, 0, seq)
    }
  }

  /** The events that tell what was done to a chunk, in order. The list is the index's own. */
  of(chunk: number): readonly number[] {
    return this.#acts.get(chunk) ?? none
  }

  clear(): void {
    this.#acts.clear()
  }
}
