// Every callback, tick and microtask held, in the order they ran: one thread runs one at a time, so starts and ends both
// ascend, and everything is found by halving. Counterparts: callback-chunk.ts (the columns), loop-log.ts fills it, the flame
// timeline and the callback table read it.
import { type LoopBatch, type LoopKind, loopKinds, resourceTypes } from '../../preload/contract/loop-columns.ts'
import type { ConnectionId, EndpointId } from '../../preload/contract/vocabulary.ts'
import { lowerBoundBy } from '../event-log/search.ts'
import { blockRows, CallbackChunk, chunkRows } from './callback-chunk.ts'
import { type Lane, lanes } from './lanes.ts'

/** A callback as the panes read it, one at a time; drawing reads the columns. Times in ms on the event clock. */
export interface Callback {
  /** Counted over everything ever taken in, own work included; what is dropped does not renumber. */
  readonly position: number
  readonly id: number
  readonly kind: LoopKind
  readonly lane: Lane
  readonly type: (typeof resourceTypes)[number]
  readonly own: boolean
  readonly iteration: number
  readonly start: number
  readonly end: number
  /** When it could have run; null where that was not measured. */
  readonly readyAt: number | null
  readonly endpoint: EndpointId | null
  readonly connection: ConnectionId | null
  /** The events it produced: `seqCount` of them from `firstSeq` on. */
  readonly firstSeq: number
  readonly seqCount: number
  readonly asyncId: number
  readonly triggerId: number
}

/** Callbacks in order, with or without own work, numbered without holes. */
export interface CallbackList {
  readonly first: number
  readonly end: number
  /** The position in the table of the callback with this number. */
  positionOf(number: number): number
  /** The number of the first callback of this list at or after a position. */
  numberFrom(position: number): number
}

export class CallbackTable {
  readonly chunks: CallbackChunk[] = []
  #found: CallbackChunk | undefined
  /** What the next chunk begins with, where the last one has been dropped. */
  #next: { position: number; user: number }
  readonly #start: number
  /** Every callback held; positions are their numbers. */
  readonly all: CallbackList
  /** Without Wireloop's own work. */
  readonly user: CallbackList

  /** `start`: the position of the first callback: that of no other table, where several are looked at in turn. */
  constructor(start = 0) {
    this.#start = start
    this.#next = { position: start, user: start }
    const table = this
    this.all = {
      get first() {
        return table.first
      },
      get end() {
        return table.end
      },
      positionOf: (number) => number,
      numberFrom: (position) => position,
    }
    this.user = {
      get first() {
        return table.chunks[0]?.firstUser ?? table.#next.user
      },
      get end() {
        const last = table.chunks.at(-1)
        return last === undefined ? table.#next.user : last.firstUser + last.userCount
      },
      positionOf: (number) => {
        const chunk = table.chunks[lowerBoundBy(table.chunks, number + 1, (each) => each.firstUser) - 1]
        const row = chunk?.userRows[number - chunk.firstUser]
        if (chunk === undefined || row === undefined || number >= chunk.firstUser + chunk.userCount)
          throw new RangeError(`there is no callback number ${number}`)
        return chunk.first + row
      },
      numberFrom: (position) => {
        const chunk = table.#chunkFrom(position)
        if (chunk === undefined) return table.user.end
        const row = position - chunk.first
        let low = 0
        let high = chunk.userCount
        while (low < high) {
          const middle = (low + high) >> 1
          if (chunk.userRows[middle]! < row) low = middle + 1
          else high = middle
        }
        return chunk.firstUser + low
      },
    }
  }

  get first(): number {
    return this.chunks[0]?.first ?? this.#next.position
  }
  get end(): number {
    const last = this.chunks.at(-1)
    return last === undefined ? this.#next.position : last.first + last.count
  }

  /** The list that a pane shows. */
  list(own: boolean): CallbackList {
    return own ? this.all : this.user
  }

  /** The chunk that holds a position, or where it holds none before the first, the first. */
  #chunkFrom(position: number): CallbackChunk | undefined {
    const i = lowerBoundBy(this.chunks, position + 1, (chunk) => chunk.first) - 1
    return this.chunks[Math.max(0, i)]
  }

  /** The chunk that holds a position. Throws a RangeError where none does. */
  chunkOf(position: number): CallbackChunk {
    const last = this.#found
    if (last !== undefined && position >= last.first && position < last.first + last.count) return last
    const chunk = this.#chunkFrom(position)
    if (chunk === undefined || position < chunk.first || position >= chunk.first + chunk.count)
      throw new RangeError(`callback ${position} is not held (${this.first} to ${this.end - 1} are)`)
    this.#found = chunk
    return chunk
  }

  append(batch: LoopBatch, i: number): void {
    let chunk = this.chunks.at(-1)
    if (chunk === undefined || chunk.count === chunkRows) {
      chunk = new CallbackChunk(this.end, this.user.end)
      this.chunks.push(chunk)
    }
    chunk.take(batch, i)
  }

  dropOldest(): number {
    const next = { position: this.end, user: this.user.end }
    const chunk = this.chunks.shift()!
    this.#next = next
    if (this.#found === chunk) this.#found = undefined
    return chunk.count
  }

  /** Forgets everything. */
  clear(): void {
    this.chunks.length = 0
    this.#found = undefined
    this.#next = { position: this.#start, user: this.#start }
  }

  /** One callback. Throws a RangeError where it is not held. */
  at(position: number): Callback {
    const chunk = this.chunkOf(position)
    const row = position - chunk.first
    const c = chunk.columns
    const readyAt = c.readyAt[row]!
    const endpoint = c.endpoint[row]!
    const connection = c.connection[row]!
    return {
      position,
      id: c.id[row]!,
      kind: loopKinds[c.kind[row]!]!,
      lane: lanes[chunk.lane[row]!]!,
      type: resourceTypes[c.type[row]!]!,
      own: c.own[row] === 1,
      iteration: c.iteration[row]!,
      start: c.start[row]!,
      end: c.end[row]!,
      readyAt: Number.isNaN(readyAt) ? null : readyAt,
      endpoint: endpoint === 0 ? null : (endpoint as EndpointId),
      connection: connection === 0 ? null : (connection as ConnectionId),
      firstSeq: c.firstSeq[row]!,
      seqCount: c.seqCount[row]!,
      asyncId: c.asyncId[row]!,
      triggerId: c.triggerId[row]!,
    }
  }

  /** The first position that starts at or after the time (ms); `end` where none does. */
  positionAtTime(at: number): number {
    const i = lowerBoundBy(this.chunks, at, (chunk) => chunk.columns.start[0]!)
    const before = this.chunks[i - 1]
    if (before !== undefined) {
      const row = before.rowAtTime(at)
      if (row < before.count) return before.first + row
    }
    return this.chunks[i]?.first ?? this.end
  }

  /** The callback that ran at this time (ms), its first moment included; null where none did. */
  runningAt(at: number): number | null {
    let position = this.positionAtTime(at)
    if (position === this.end || this.at(position).start > at) position--
    if (position < this.first || position >= this.end) return null
    const { start, end } = this.at(position)
    return start <= at && (at < end || at === start) ? position : null
  }

  /** Where the callback with this id is; null where it is not held. */
  positionOfId(id: number): number | null {
    const chunk = this.chunks[lowerBoundBy(this.chunks, id + 1, (each) => each.columns.id[0]!) - 1]
    if (chunk === undefined) return null
    let low = 0
    let high = chunk.count
    while (low < high) {
      const middle = (low + high) >> 1
      if (chunk.columns.id[middle]! < id) low = middle + 1
      else high = middle
    }
    return low < chunk.count && chunk.columns.id[low] === id ? chunk.first + low : null
  }

  /** The longest callback held that is not own work; null where there is none. */
  longest(): number | null {
    let best = 0
    let position: number | null = null
    for (const chunk of this.chunks)
      for (let block = 0; block * blockRows < chunk.count; block++) {
        if (chunk.longest[block]! <= best) continue
        for (let row = block * blockRows; row < Math.min(chunk.count, (block + 1) * blockRows); row++) {
          const ranMs = Math.fround(chunk.columns.end[row]! - chunk.columns.start[row]!)
          if (chunk.columns.own[row] === 1 || ranMs <= best) continue
          best = ranMs
          position = chunk.first + row
        }
      }
    return position
  }
}
