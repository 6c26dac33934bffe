// The loop's side of the recorder: rows of loop records, published together with the events they belong to.
// Counterparts: preload/contract/loop-columns.ts (the layout), ../probe (fills it), recorder.ts (its twin for the wire).
//
// Bounded and honest as its twin: rows that the host has not taken in above `dropBytes` are dropped and counted. Own work
// never causes a publication by itself, or watching would keep the loop awake.
import { performance } from 'node:perf_hooks'
import { LoopBatchWriter, loopKindCode, phaseCode } from '../../../preload/contract/loop-columns.ts'

const { nodeTiming } = performance

/** Rows of one batch: just below 64 KiB, so that a page gets it as it is. */
const rows = 700
/** Bytes posted and not acknowledged above which rows are dropped. */
const dropBytes = 8 * 1024 * 1024
/** The longest that rows without events wait to be published, in ms. */
const publishMs = 200

const kind = { iteration: loopKindCode('iteration'), gc: loopKindCode('gc') }
const poll = phaseCode('poll')

/** What the loop recorder needs of its twin: the clock, and the seq that the next event gets. */
export interface EventClock {
  readonly nextSeq: number
  now(): number
}

export class LoopRecorder {
  readonly #events: EventClock
  readonly #post: (buffer: ArrayBuffer) => void
  readonly #writer = new LoopBatchWriter(rows)
  #next: number
  #droppedBefore = 0
  #unacknowledgedBytes = 0
  #timer: NodeJS.Timeout | undefined
  #lastId: number
  /** False where only `flush` and a full batch publish. */
  readonly #publishesOnTimer: boolean
  #current = 0
  /** The iteration whose heartbeat came last, -1 where none comes; and the one that runs, as long as that is certain. */
  #lastBeat = -1
  #knownIteration = -1
  #iteration = 0
  #ownWork = false
  /** What the callback that runs is to be called, whatever resource it came from; null for nothing else. */
  #calledType: number | null = null
  #seqAtStart = 0
  #endpoint = 0
  #connection = 0
  /** The row of the callback that ended last, while its ticks and microtasks may still add to it; -1 for none. */
  #lastRow = -1

  constructor(
    events: EventClock,
    post: (buffer: ArrayBuffer) => void,
    origin: { readonly nextRecord: number; readonly lastCallback: number },
    onTimer: boolean,
  ) {
    this.#events = events
    this.#post = post
    this.#next = origin.nextRecord
    this.#lastId = origin.lastCallback
    this.#publishesOnTimer = onTimer
  }

  /** The id of the callback whose turn it is, 0 where callbacks are not watched. */
  get current(): number {
    return this.#current
  }

  now(): number {
    return this.#events.now()
  }

  /** `uv_metrics_info.loop_count`: the iteration that runs. */
  get iterationNow(): number {
    // Asking libuv is exact, and takes longer than all else that recording an event takes.
    if (this.#current !== 0) return this.#iteration
    if (this.#knownIteration >= 0) return this.#knownIteration
    const iteration = nodeTiming.uvMetricsInfo.loopCount
    // From an iteration's poll to its check, where the heartbeat ends it; what runs between that and the next poll has the same count.
    if (this.#lastBeat >= 0 && iteration !== this.#lastBeat) this.#knownIteration = iteration
    return iteration
  }

  /** A callback of this iteration starts. */
  enter(iteration: number): void {
    this.#settle()
    this.#current = ++this.#lastId
    this.#iteration = iteration
    this.#ownWork = false
    this.#calledType = null
    this.#seqAtStart = this.#events.nextSeq
    this.#endpoint = 0
    this.#connection = 0
  }

  /** The callback that runs serves this connection; the first one named is the one that stays. */
  serves(endpoint: number, connection: number): void {
    if (this.#connection !== 0) return
    this.#endpoint = endpoint
    this.#connection = connection
  }

  /** The callback that runs is Wireloop's own work. */
  own(): void {
    this.#ownWork = true
  }

  /** The callback that runs is called by this type, the index of a resource type, and not by its resource's. */
  callIt(type: number): void {
    this.#calledType = type
  }

  /** What the callback left behind in the tick and microtask queues has run: it belongs to its turn. */
  drained(): void {
    if (this.#lastRow < 0) return
    this.#writer.columns.end[this.#lastRow] = this.now()
    this.#countEvents()
  }

  /** Iterations are not watched any more. */
  noBeats(): void {
    this.#lastBeat = -1
    this.#knownIteration = -1
  }

  /** Callbacks are not watched any more. */
  leave(): void {
    this.#settle()
    this.#current = 0
  }

  /** The callback ends: its row is written. */
  exit(
    kindCode: number,
    phase: number,
    type: number,
    iteration: number,
    start: number,
    readyAt: number,
    asyncId: number,
    triggerId: number,
  ): void {
    const own = this.#ownWork ? 1 : 0
    const i = this.#row()
    if (i >= 0) {
      const c = this.#writer.columns
      c.id[i] = this.#current
      c.kind[i] = kindCode
      c.phase[i] = phase
      c.type[i] = this.#calledType ?? type
      c.own[i] = own
      c.iteration[i] = iteration
      c.start[i] = start
      c.end[i] = this.now()
      c.readyAt[i] = readyAt
      c.asyncId[i] = asyncId
      c.triggerId[i] = triggerId
    }
    this.#lastRow = i
    // Own work must not cause its own publication: that would be own work again, for ever.
    if (own === 0 && this.#publishesOnTimer) this.#timer ??= setTimeout(this.#onTimer, publishMs)
  }

  iteration(number: number, pollAt: number, readyAt: number, checkAt: number, events: number): void {
    const i = this.#plain(kind.iteration, pollAt, checkAt, readyAt)
    this.#lastBeat = number
    this.#knownIteration = -1
    if (i < 0) return
    this.#writer.columns.iteration[i] = number
    this.#writer.columns.seqCount[i] = events
  }

  /** A garbage collection, in ms of `performance.now()`. */
  collection(start: number, end: number): void {
    const offset = this.now() - performance.now()
    const i = this.#plain(kind.gc, start + offset, end + offset, Number.NaN)
    if (i >= 0) this.#writer.columns.iteration[i] = nodeTiming.uvMetricsInfo.loopCount
  }

  /** Posts what is recorded and not posted yet. */
  flush(): void {
    if (this.#timer !== undefined) {
      clearTimeout(this.#timer)
      this.#timer = undefined
    }
    if (this.#writer.count > 0) this.#publish()
  }

  readonly #onTimer = (): void => {
    this.own()
    this.flush()
  }

  acknowledge(bytes: number): void {
    this.#unacknowledgedBytes -= bytes
  }

  /** A row that no callback stands behind. */
  #plain(kindCode: number, start: number, end: number, readyAt: number): number {
    const i = this.#row()
    if (i < 0) return i
    const c = this.#writer.columns
    c.id[i] = 0
    c.kind[i] = kindCode
    c.phase[i] = poll
    c.type[i] = 0
    c.own[i] = 0
    c.start[i] = start
    c.end[i] = end
    c.readyAt[i] = readyAt
    c.asyncId[i] = 0
    c.triggerId[i] = 0
    c.endpoint[i] = 0
    c.connection[i] = 0
    c.firstSeq[i] = 0
    c.seqCount[i] = 0
    return i
  }

  /** The index of a new row, or -1 where it had to be dropped. */
  #row(): number {
    if (this.#unacknowledgedBytes > dropBytes) {
      if (this.#writer.count > 0) this.#publish()
      this.#next++
      this.#droppedBefore++
      return -1
    }
    if (this.#writer.count === rows) this.#publish()
    this.#next++
    return this.#writer.count++
  }

  #countEvents(): void {
    const { nextSeq } = this.#events
    this.#writer.columns.firstSeq[this.#lastRow] = nextSeq > this.#seqAtStart ? this.#seqAtStart : 0
    this.#writer.columns.seqCount[this.#lastRow] = nextSeq - this.#seqAtStart
    this.#writer.columns.endpoint[this.#lastRow] = this.#endpoint
    this.#writer.columns.connection[this.#lastRow] = this.#connection
  }

  /** The turn of the callback that ended last is over. */
  #settle(): void {
    if (this.#lastRow < 0) return
    this.#countEvents()
    this.#lastRow = -1
  }

  #publish(): void {
    this.#settle()
    const { count } = this.#writer
    const buffer = this.#writer.compact(this.#next - count, this.#droppedBefore)
    this.#droppedBefore = 0
    this.#unacknowledgedBytes += buffer.byteLength
    this.#post(buffer)
  }
}
