// Older events, fetched from the archive as they are looked at: runs of seqs in order, the ones not looked at for longest
// evicted first. Counterparts: event-log.ts (the newest events beside it), reader.ts (fetches), chunk.ts (a run).
import type { EventBatch } from '../../preload/contract/event-columns.ts'
import { EventChunk, type Weights } from './chunk.ts'
import { lowerBoundBy } from './search.ts'

interface Run {
  readonly chunk: EventChunk
  usedAt: number
}

const beginsWith = (run: Run): number => run.chunk.firstSeq
const beginsAt = (run: Run): number => run.chunk.columns.at[0]!

export class RangeCache {
  readonly #runs: Run[] = []
  #found: Run | undefined
  #byteLength = 0
  #count = 0
  /** Rises with every look, so that the run looked at longest ago is known. */
  #clock = 0

  get byteLength(): number {
    return this.#byteLength
  }
  /** Events held. */
  get count(): number {
    return this.#count
  }

  /** Takes in a batch, which is the cache's from now on; of what is held already nothing is held twice. */
  add(batch: EventBatch): void {
    if (batch.count === 0) return
    const held = this.chunkOf(batch.firstSeq)
    if (held !== undefined && held.endSeq >= batch.firstSeq + batch.count) return
    const chunk = EventChunk.over(batch)
    const i = lowerBoundBy(this.#runs, chunk.firstSeq, beginsWith)
    // Runs that the new one covers make way; one that it only touches stays, and is found first.
    let gone = 0
    while (i + gone < this.#runs.length && this.#runs[i + gone]!.chunk.endSeq <= chunk.endSeq) gone++
    for (const run of this.#runs.splice(i, gone, { chunk, usedAt: ++this.#clock })) this.#forget(run)
    this.#byteLength += chunk.byteLength
    this.#count += chunk.count
  }

  #forget(run: Run): void {
    this.#byteLength -= run.chunk.byteLength
    this.#count -= run.chunk.count
    if (this.#found === run) this.#found = undefined
  }

  chunkOf(seq: number): EventChunk | undefined {
    const found = this.#found
    if (found !== undefined && seq >= found.chunk.firstSeq && seq < found.chunk.endSeq) {
      found.usedAt = ++this.#clock
      return found.chunk
    }
    const run = this.#runs[lowerBoundBy(this.#runs, seq + 1, beginsWith) - 1]
    if (run === undefined || seq >= run.chunk.endSeq) return undefined
    run.usedAt = ++this.#clock
    this.#found = run
    return run.chunk
  }

  /** The first seq from `seq` on that is not held. */
  firstUnheld(seq: number): number {
    let at = seq
    for (let chunk = this.chunkOf(at); chunk !== undefined; chunk = this.chunkOf(at)) at = chunk.endSeq
    return at
  }

  /** The runs that hold events from one time (ms) up to another, in order; looking at them keeps them. */
  within(fromAt: number, toAt: number): readonly EventChunk[] {
    const found: EventChunk[] = []
    for (let i = Math.max(0, lowerBoundBy(this.#runs, fromAt, beginsAt) - 1); i < this.#runs.length; i++) {
      const run = this.#runs[i]!
      if (beginsAt(run) > toAt) break
      if (run.chunk.columns.at[run.chunk.count - 1]! < fromAt) continue
      run.usedAt = ++this.#clock
      found.push(run.chunk)
    }
    return found
  }

  /** The first held seq whose time (ms) is not below `at`, where the one before it is held too; null where neither is. */
  seqAtTime(at: number): number | null {
    const i = lowerBoundBy(this.#runs, at, beginsAt)
    for (const run of [this.#runs[i - 1], this.#runs[i]]) {
      if (run === undefined) continue
      const row = run.chunk.rowAtTime(at)
      if (row < run.chunk.count && (row > 0 || run.chunk.columns.at[0] === at)) return run.chunk.firstSeq + row
    }
    return null
  }

  addWeights(fromAt: number, toAt: number, into: Weights): void {
    for (const chunk of this.within(fromAt, toAt))
      chunk.addWeights(chunk.rowAtTime(fromAt), chunk.rowAtTime(toAt), into)
  }

  /** Evicts what was looked at longest ago until at most so many bytes are held; one run always stays. */
  shrinkTo(bytes: number): void {
    if (this.#byteLength <= bytes) return
    const oldestFirst = [...this.#runs].sort((a, b) => a.usedAt - b.usedAt)
    const gone = new Set<Run>()
    for (const run of oldestFirst) {
      if (this.#byteLength <= bytes || gone.size === oldestFirst.length - 1) break
      gone.add(run)
      this.#forget(run)
    }
    this.#runs.splice(0, this.#runs.length, ...this.#runs.filter((run) => !gone.has(run)))
  }

  /** Forgets everything. */
  clear(): void {
    this.#runs.length = 0
    this.#found = undefined
    this.#byteLength = 0
    this.#count = 0
  }
}
