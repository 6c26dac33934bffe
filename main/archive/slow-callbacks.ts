// Which callbacks of a recording were as slow as a filter's `slow>10ms` asks: they ran, or waited before they ran, so long;
// the longer of the two counts. One bit a callback's number, worked out as records come. Counterparts: filter.ts,
// memory-filter.ts, contract/filter-evaluation.ts.
import { compare, no, unknown, type Verdict, yes } from '../../preload/contract/filter-evaluation.ts'
import type { Comparison } from '../../preload/contract/filter-language.ts'
import type { LoopBatch } from '../../preload/contract/loop-columns.ts'
import type { CaptureFile } from './capture-file.ts'

/** Callbacks that are told apart at most; of later ones nothing is known. 32 MiB of bits. */
export const maxCallbacks = 1 << 28
/** Questions whose answers are kept for a file, the newest. */
const keptQuestions = 4

/** ms: the longer of how long it ran and, where that was measured, how long it waited. */
export const slownessMs = (batch: LoopBatch, i: number): number => {
  const ran = batch.end[i]! - batch.start[i]!
  const waited = batch.start[i]! - batch.readyAt[i]!
  return waited > ran ? waited : ran
}

export class SlowCallbacks {
  readonly #is: Comparison
  readonly #ms: number
  #bits = new Uint8Array(1024)
  #lastId = 0
  /** The number of the record after the last one that was looked at. */
  nextRecord = 0

  constructor(is: Comparison, ms: number) {
    this.#is = is
    this.#ms = ms
  }

  add(batch: LoopBatch): void {
    for (let i = Math.max(0, this.nextRecord - batch.first); i < batch.count; i++) {
      const id = batch.id[i]!
      if (id === 0 || id >= maxCallbacks) continue
      if (id > this.#lastId) this.#lastId = id
      if (!compare(this.#is, slownessMs(batch, i), this.#ms)) continue
      if (id >> 3 >= this.#bits.length) {
        const grown = new Uint8Array(Math.max((id >> 3) + 1, this.#bits.length * 2))
        grown.set(this.#bits)
        this.#bits = grown
      }
      this.#bits[id >> 3]! |= 1 << (id & 7)
    }
    this.nextRecord = Math.max(this.nextRecord, batch.first + batch.count)
  }

  /** Whether a callback was as slow; `unknown` for one that came after all that were looked at. */
  test(id: number): Verdict {
    if (id > this.#lastId) return unknown
    return ((this.#bits[id >> 3] ?? 0) & (1 << (id & 7))) === 0 ? no : yes
  }
}

const known = new WeakMap<CaptureFile, Map<string, SlowCallbacks>>()

/** The test of a file's callbacks, with all records that are written. */
export const slowCallbacksOf = (file: CaptureFile, is: Comparison, ms: number): ((id: number) => Verdict) => {
  const questions = known.get(file) ?? new Map<string, SlowCallbacks>()
  known.set(file, questions)
  const name = `${is}${ms}`
  const slow = questions.get(name) ?? new SlowCallbacks(is, ms)
  // The one asked last goes last.
  questions.delete(name)
  questions.set(name, slow)
  for (const oldest of questions.keys()) {
    if (questions.size <= keptQuestions) break
    questions.delete(oldest)
  }
  for (let at = file.findRecord(slow.nextRecord); at < file.loops.length; at++) {
    const batch = file.loopRows(file.loops[at]!)
    if (batch !== null) slow.add(batch)
  }
  return (id) => slow.test(id)
}
