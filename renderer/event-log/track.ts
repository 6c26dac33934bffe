// One connection's events in order, as columns that grow at the back and are dropped from the front together with the
// log's chunks: quick to step through, to search by seq and by time, and to draw with one look per 64 events.
// Counterparts: connections.ts fills it, the lifelines draw it.
import type { Weights } from './chunk.ts'
import { lowerBound } from './search.ts'
import { weightOfLength } from './weight.ts'

/** Events that share one pair of maxima and one pair of running totals. */
const blockEvents = 64
const sentBit = 0x80
const weightBits = 0x7f
/** No data, but an event of a fault: data always has a weight. */
const actedMark = 0x80
const startCapacity = 16
const scratch: Weights = { received: 0, sent: 0 }

/** What an event is to a track; `acted`: something was done to a chunk or the pair in a relay. */
export type TrackEvent = 'received' | 'sent' | 'acted' | 'other'

/** Told how many bytes of memory a track has taken (or given back, below zero). */
export type Account = (bytes: number) => void

const bytesFor = (capacity: number) => capacity * 17 + Math.ceil(capacity / blockEvents) * 19

/** Positions are absolute: the first event ever pushed is 0, and dropping from the front does not renumber. */
export class Track {
  #base = 0
  #first = 0
  #end = 0
  #capacity = startCapacity
  #seq = new Float64Array(startCapacity)
  #at = new Float64Array(startCapacity)
  /** 0: not data, `actedMark`: not data either; else the weight, with `sentBit` set for data-sent. */
  #weight = new Uint8Array(startCapacity)
  #blockReceived = new Uint8Array(1)
  #blockSent = new Uint8Array(1)
  /** How many of a block's events are `acted`. */
  #blockActed = new Uint8Array(1)
  #acted = false
  #bytesReceivedBefore = new Float64Array(1)
  #bytesSentBefore = new Float64Array(1)
  #bytesReceived = 0
  #bytesSent = 0
  readonly #account: Account

  constructor(account: Account) {
    this.#account = account
    account(bytesFor(startCapacity))
  }

  /** The oldest position held, and the one that the next event will get. */
  get first(): number {
    return this.#first
  }
  get end(): number {
    return this.#end
  }
  get size(): number {
    return this.#end - this.#first
  }

  push(seq: number, at: number, event: TrackEvent, length: number): void {
    const position = this.#end - this.#base
    if (position === this.#capacity) {
      this.#makeRoom()
      this.push(seq, at, event, length)
      return
    }
    const block = (position / blockEvents) | 0
    if (position % blockEvents === 0) {
      this.#blockReceived[block] = 0
      this.#blockSent[block] = 0
      this.#blockActed[block] = 0
      this.#bytesReceivedBefore[block] = this.#bytesReceived
      this.#bytesSentBefore[block] = this.#bytesSent
    }
    this.#seq[position] = seq
    this.#at[position] = at
    this.#end++
    if (event === 'acted') {
      this.#weight[position] = actedMark
      this.#blockActed[block]!++
      this.#acted = true
      return
    }
    if (event === 'other') {
      this.#weight[position] = 0
      return
    }
    const weight = Math.min(weightBits, weightOfLength(length))
    if (event === 'received') {
      this.#weight[position] = weight
      this.#bytesReceived += length
      if (weight > this.#blockReceived[block]!) this.#blockReceived[block] = weight
    } else {
      this.#weight[position] = weight | sentBit
      this.#bytesSent += length
      if (weight > this.#blockSent[block]!) this.#blockSent[block] = weight
    }
  }

  /** Forgets the oldest event. */
  dropFirst(): void {
    this.#first++
  }

  /** Moves what is held to the front where that frees at least half, else doubles the room. */
  #makeRoom(): void {
    const unused = Math.floor((this.#first - this.#base) / blockEvents) * blockEvents
    const capacity = unused >= this.#capacity / 2 ? this.#capacity : this.#capacity * 2
    const from = unused
    const to = this.#end - this.#base
    const move = <T extends Float64Array | Uint8Array>(old: T, next: T, scale: number): T => {
      next.set(old.subarray(Math.floor(from / scale), Math.ceil(to / scale)))
      return next
    }
    const blocks = Math.ceil(capacity / blockEvents)
    this.#seq = move(this.#seq, new Float64Array(capacity), 1)
    this.#at = move(this.#at, new Float64Array(capacity), 1)
    this.#weight = move(this.#weight, new Uint8Array(capacity), 1)
    this.#blockReceived = move(this.#blockReceived, new Uint8Array(blocks), blockEvents)
    this.#blockSent = move(this.#blockSent, new Uint8Array(blocks), blockEvents)
    this.#blockActed = move(this.#blockActed, new Uint8Array(blocks), blockEvents)
    this.#bytesReceivedBefore = move(this.#bytesReceivedBefore, new Float64Array(blocks), blockEvents)
    this.#bytesSentBefore = move(this.#bytesSentBefore, new Float64Array(blocks), blockEvents)
    this.#account(bytesFor(capacity) - bytesFor(this.#capacity))
    this.#capacity = capacity
    this.#base += unused
  }

  /** Gives its memory back to the account; the track must not be used again. */
  dispose(): void {
    this.#account(-bytesFor(this.#capacity))
  }

  seqAt(position: number): number {
    return this.#seq[position - this.#base]!
  }
  timeAt(position: number): number {
    return this.#at[position - this.#base]!
  }
  eventAt(position: number): TrackEvent {
    const weight = this.#weight[position - this.#base]!
    return weight === 0 ? 'other' : weight === actedMark ? 'acted' : weight & sentBit ? 'sent' : 'received'
  }
  /** 0 for what is not data. */
  weightAt(position: number): number {
    return this.#weight[position - this.#base]! & weightBits
  }

  /** The first position whose seq is not below `seq`; `end` where there is none. */
  positionOfSeq(seq: number): number {
    return this.#base + lowerBound(this.#seq, seq, this.#first - this.#base, this.#end - this.#base)
  }

  /** The first position from `from` on whose time (ms) is not below `at`; `end` where there is none. */
  positionOfTime(at: number, from: number = this.#first): number {
    const start = from - this.#base
    const end = this.#end - this.#base
    // Neighbouring pixels ask for neighbouring times: doubling steps from the last answer beat a search over everything.
    let low = start
    let step = 1
    while (low + step < end && this.#at[low + step]! < at) {
      low += step
      step *= 2
    }
    return this.#base + lowerBound(this.#at, at, low, Math.min(end, low + step + 1))
  }

  /** Raises `into` to the heaviest data events at positions `from` up to `to`. */
  addWeights(from: number, to: number, into: Weights): void {
    const end = to - this.#base
    for (let i = from - this.#base; i < end; ) {
      if (i % blockEvents === 0 && i + blockEvents <= end) {
        const block = i / blockEvents
        if (this.#blockReceived[block]! > into.received) into.received = this.#blockReceived[block]!
        if (this.#blockSent[block]! > into.sent) into.sent = this.#blockSent[block]!
        i += blockEvents
        continue
      }
      const weight = this.#weight[i]!
      if (weight & sentBit) {
        if ((weight & weightBits) > into.sent) into.sent = weight & weightBits
      } else if (weight > into.received) into.received = weight
      i++
    }
  }

  /** True once an event of a fault has been pushed: most connections have none. */
  get hasActed(): boolean {
    return this.#acted
  }

  /** True where an event of a fault is at positions `from` up to `to`. */
  actedIn(from: number, to: number): boolean {
    const end = to - this.#base
    for (let i = from - this.#base; i < end; ) {
      if (i % blockEvents === 0 && i + blockEvents <= end) {
        if (this.#blockActed[i / blockEvents]! > 0) return true
        i += blockEvents
      } else if (this.#weight[i++] === actedMark) return true
    }
    return false
  }

  /** The heaviest data events at positions `from` up to `to`. The same object every time: read it before the next call. */
  weightsOf(from: number, to: number): Readonly<Weights> {
    scratch.received = 0
    scratch.sent = 0
    this.addWeights(from, to, scratch)
    return scratch
  }

  /** The last position before `position` that holds such an event; -1 where none is held any more. */
  lastBefore(position: number, event: 'received' | 'sent'): number {
    const maxima = event === 'sent' ? this.#blockSent : this.#blockReceived
    for (let i = position - 1 - this.#base; i >= this.#first - this.#base; ) {
      if (i % blockEvents === blockEvents - 1 && maxima[(i / blockEvents) | 0] === 0) {
        i -= blockEvents
        continue
      }
      if (this.eventAt(i + this.#base) === event) return i + this.#base
      i--
    }
    return -1
  }

  /**
   * Bytes each way since the track's start, up to a position `to` near after `position`. What lies between is the
   * caller's to subtract: only those events are sure to be held.
   */
  bytesUpTo(position: number): { readonly to: number; readonly received: number; readonly sent: number } {
    const block = Math.floor((position - this.#base) / blockEvents) + 1
    const to = this.#base + block * blockEvents
    return to < this.#end
      ? { to, received: this.#bytesReceivedBefore[block]!, sent: this.#bytesSentBefore[block]! }
      : { to: this.#end, received: this.#bytesReceived, sent: this.#bytesSent }
  }
}
