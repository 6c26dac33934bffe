// Which seqs of the capture were never kept, and what that means for the table's rows: a run of them is one row that says
// how many. Rows follow from seqs alone, so that a capture of any length is numbered without being read.
// Counterparts: event-log.ts, which notes what is missing; the event table, which shows rows.

/** A row of the event table: an event, held or not, or a note that events are missing between its neighbours. */
export type LogRow =
  | { readonly kind: 'event'; readonly seq: number }
  | {
      readonly kind: 'gap'
      /** How many events are missing here. */
      readonly events: number
      /** True at the top of the log: they were dropped to stay within a limit, here or in the capture. */
      readonly oldest: boolean
    }

/** Events lost between two that were kept. Times in ms. */
export interface LogGap {
  readonly afterAt: number
  readonly beforeAt: number
  readonly events: number
}

interface Gap extends LogGap {
  /** The seqs that nobody has, from `from` up to `to`; none at all where events were lost before they got one. */
  readonly from: number
  readonly to: number
}

export class SeqGaps {
  #gaps: Gap[] = []
  /** By gap: how many seqs fewer than rows there are after the gaps before it. */
  #hidden: number[] = []
  /** The same of gaps that are forgotten: dropping the oldest does not renumber. */
  #hiddenBefore = 0
  #events = 0

  /** Events missing in all gaps. */
  get events(): number {
    return this.#events
  }
  get all(): readonly LogGap[] {
    return this.#gaps
  }

  /** Index of the first gap that ends after `seq`. */
  #after(seq: number): number {
    let low = 0
    let high = this.#gaps.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if (this.#gaps[middle]!.to <= seq) low = middle + 1
      else high = middle
    }
    return low
  }

  #rowsGone(i: number): number {
    return i < this.#gaps.length ? this.#hidden[i]! : this.#hiddenAfterAll()
  }
  #hiddenAfterAll(): number {
    const last = this.#gaps.length - 1
    if (last < 0) return this.#hiddenBefore
    return this.#hidden[last]! + this.#gaps[last]!.to - this.#gaps[last]!.from - 1
  }

  /** Notes that the seqs from `from` up to `to` were never kept; answers false where that was known. */
  note(gap: Gap): boolean {
    if (gap.events === 0) return false
    const first = this.#after(gap.from)
    let end = first
    while (end < this.#gaps.length && this.#gaps[end]!.from < gap.to) end++
    const known = this.#gaps.slice(first, end)
    const inside = known[0]
    if (known.length === 1 && inside!.from <= gap.from && inside!.to >= gap.to) return false
    const knownEvents = known.reduce((sum, each) => sum + each.events, 0)
    const merged: Gap = {
      from: Math.min(gap.from, ...known.map((each) => each.from)),
      to: Math.max(gap.to, ...known.map((each) => each.to)),
      afterAt: Math.min(gap.afterAt, ...known.map((each) => each.afterAt)),
      beforeAt: Math.max(gap.beforeAt, ...known.map((each) => each.beforeAt)),
      events: 0,
    }
    const events = Math.max(gap.events, knownEvents, merged.to - merged.from)
    this.#gaps.splice(first, known.length, { ...merged, events })
    this.#events += events - knownEvents
    this.#hidden.length = Math.min(this.#hidden.length, first)
    for (let i = first; i < this.#gaps.length; i++) {
      const before = this.#gaps[i - 1]
      this.#hidden[i] = before === undefined ? this.#hiddenBefore : this.#hidden[i - 1]! + before.to - before.from - 1
    }
    return true
  }

  /** Forgets what is missing before `seq`; answers how many of those events never had a seq. */
  dropBefore(seq: number): number {
    const gone = this.#after(seq)
    if (gone === 0) return 0
    this.#hiddenBefore = this.#rowsGone(gone)
    this.#hidden.splice(0, gone)
    let without = 0
    for (const gap of this.#gaps.splice(0, gone)) {
      this.#events -= gap.events
      without += gap.events - (gap.to - gap.from)
    }
    return without
  }

  /** Forgets everything. */
  clear(): void {
    this.#gaps = []
    this.#hidden = []
    this.#hiddenBefore = 0
    this.#events = 0
  }

  /** The row of an event; of a seq that is missing, the row that says so. */
  rowOf(seq: number): number {
    const i = this.#after(seq)
    const gap = this.#gaps[i]
    return (gap !== undefined && gap.from <= seq && gap.to > seq ? gap.from : seq) - this.#rowsGone(i)
  }

  /** What stands in a row. */
  at(row: number): LogRow {
    let low = 0
    let high = this.#gaps.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if (this.#gaps[middle]!.from - this.#hidden[middle]! <= row) low = middle + 1
      else high = middle
    }
    const gap = this.#gaps[low - 1]
    if (gap !== undefined && gap.from - this.#hidden[low - 1]! === row)
      return { kind: 'gap', events: gap.events, oldest: false }
    return { kind: 'event', seq: row + this.#rowsGone(low) }
  }

  /** True where the seq was never kept. */
  has(seq: number): boolean {
    const gap = this.#gaps[this.#after(seq)]
    return gap !== undefined && gap.from <= seq
  }

  /** The first seq at or after `seq` that was kept, and the last one at or before it. */
  atOrAfter(seq: number): number {
    const gap = this.#gaps[this.#after(seq)]
    return gap !== undefined && gap.from <= seq ? gap.to : seq
  }
  atOrBefore(seq: number): number {
    const gap = this.#gaps[this.#after(seq)]
    return gap !== undefined && gap.from <= seq ? gap.from - 1 : seq
  }
}
