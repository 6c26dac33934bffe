// Garbage collections, in order of their start: nobody's callback is to blame for them. Counterparts: loop-log.ts, the lint
// card and the flame timeline.

/** Times in ms on the event clock. */
export interface Collection {
  readonly start: number
  readonly end: number
}

/** Collections kept at most: some minutes of a program that does little else. */
const limit = 20_000

/** Bytes of one, as an object. */
export const collectionBytes = 40

export class CollectionTable {
  readonly all: Collection[] = []

  add(start: number, end: number): void {
    // They are told of some time after they happened, and not always in order.
    let at = this.all.length
    while (at > 0 && this.all[at - 1]!.start > start) at--
    this.all.splice(at, 0, { start, end })
    if (this.all.length > limit) this.all.splice(0, limit / 10)
  }

  /** Forgets those that ended before the time (ms). */
  dropBefore(at: number): void {
    let gone = 0
    while (gone < this.all.length && this.all[gone]!.end < at) gone++
    if (gone > 0) this.all.splice(0, gone)
  }

  /** Forgets everything. */
  clear(): void {
    this.all.length = 0
  }

  /** Those that overlap a stretch of time (ms), in order. */
  within(fromAt: number, toAt: number): readonly Collection[] {
    return this.all.filter(({ start, end }) => end > fromAt && start < toAt)
  }

  /** ms of a stretch that collections covered; where they overlap each other, once. */
  coverMs(fromAt: number, toAt: number): number {
    let covered = 0
    let until = fromAt
    for (const { start, end } of this.within(fromAt, toAt)) {
      const from = Math.max(start, until)
      const to = Math.min(end, toAt)
      if (to <= from) continue
      covered += to - from
      until = to
    }
    return covered
  }
}
