// The recorder: turns what happens into rows of columns and publishes them in batches. Counterparts:
// preload/contract/event-columns.ts (the layout) and thread.ts (which posts the batches to the host).
//
// Publishing is by timer or when a batch is full, never per event. The recorder never slows a socket: where the host is
// behind by more than `limits.highBytes`, payloads are not stored any more (`length` stays true, `dataLength` is 0), and
// above `limits.dropBytes` whole events are dropped; they use up a seq all the same, and the next batch's
// `droppedBefore` counts them.
import { performance } from 'node:perf_hooks'
import {
  causeCode,
  EventBatchWriter,
  encodeDetails,
  eventRowBytes,
  kindCode,
} from '../../../preload/contract/event-columns.ts'
import type { Cause, EventDetails, EventKind } from '../../../preload/contract/vocabulary.ts'
import { LoopRecorder } from './loop-recorder.ts'

export interface RecorderLimits {
  /** Rows of one batch. */
  readonly rows: number
  /** Arena of one batch, in bytes; a larger chunk gets a batch of its own. */
  readonly arenaBytes: number
  /** Bytes posted and not acknowledged above which payloads are left out. */
  readonly highBytes: number
  /** Bytes posted and not acknowledged above which events are dropped. */
  readonly dropBytes: number
  /** The longest an event waits for its batch, in ms; Infinity: no timer of ours, events wait for `flush` or a full batch. */
  readonly flushMs: number
}

export const defaultLimits: RecorderLimits = {
  rows: 8192,
  arenaBytes: 1024 * 1024,
  highBytes: 12 * 1024 * 1024,
  dropBytes: 16 * 1024 * 1024,
  flushMs: 16,
}

/** Where numbers and time start: at 1 and at 0, unless another recorder's events are to be continued. */
export interface RecorderOrigin {
  /** `performance.now()` at which the event clock stands at 0. */
  readonly startedAt: number
  readonly nextSeq: number
  readonly nextRecord: number
  readonly lastCallback: number
}

/**
 * Batch buffers that came back from the host, kept for reuse at most: as many as can be under way up to `dropBytes`. They
 * come back in bursts, and what is not kept waits for the garbage collector, which lets tens of megabytes of it pile up.
 */
const maxSpares = 12

const kindOf = { received: kindCode('data-received'), sent: kindCode('data-sent') }
const noCause = causeCode('none')

export class Recorder {
  readonly #post: (buffer: ArrayBuffer, reusable: boolean) => void
  readonly #limits: RecorderLimits
  readonly #startedAt: number
  readonly #spares: ArrayBuffer[] = []
  #writer: EventBatchWriter
  #nextSeq: number
  #firstSeq: number
  #droppedBefore = 0
  #droppedEvents = 0
  #unacknowledgedBytes = 0
  #timer: NodeJS.Timeout | undefined
  /** The chunk stored last: an echo or a relay sends the very bytes it received, which are then stored once. */
  #lastChunk: Uint8Array | null = null
  #lastOffset = 0

  /** The loop's side, published along with the events. */
  readonly loop: LoopRecorder

  /** `post` gives a batch away (transfers it) and owes an `acknowledge` of its size, with the buffer if `reusable`. */
  constructor(
    post: (buffer: ArrayBuffer, reusable: boolean) => void,
    postLoop: (buffer: ArrayBuffer) => void,
    limits: RecorderLimits = defaultLimits,
    origin: RecorderOrigin = { startedAt: performance.now(), nextSeq: 1, nextRecord: 1, lastCallback: 0 },
  ) {
    this.#post = post
    this.#limits = limits
    this.#startedAt = origin.startedAt
    this.#nextSeq = origin.nextSeq
    this.#firstSeq = origin.nextSeq
    this.loop = new LoopRecorder(this, postLoop, origin, limits.flushMs !== Number.POSITIVE_INFINITY)
    this.#writer = this.#newWriter()
  }

  /** The seq that the next event gets. */
  get nextSeq(): number {
    return this.#nextSeq
  }

  /** Events that could not be kept because the host was behind. */
  get droppedEvents(): number {
    return this.#droppedEvents
  }

  /** ms since the engine was first started: the clock of every event. */
  now(): number {
    return performance.now() - this.#startedAt
  }

  /** A chunk of bytes that was received or sent. */
  data(what: 'received' | 'sent', endpoint: number, connection: number, data: Uint8Array): void {
    const seq = this.#nextSeq++
    if (this.#dropped()) return
    const keep = this.#unacknowledgedBytes <= this.#limits.highBytes
    const same = keep && data === this.#lastChunk && this.#writer.fits(0)
    if (!same) this.#makeRoom(seq, keep ? data.length : 0)
    let offset = 0
    if (same) offset = this.#lastOffset
    else if (keep) {
      offset = this.#writer.store(data)
      this.#lastChunk = data
      this.#lastOffset = offset
    }
    this.#append(kindOf[what], noCause, endpoint, connection, data.length, offset, keep ? data.length : 0)
  }

  /** Anything else. */
  event<K extends Exclude<EventKind, 'data-received' | 'data-sent'>>(
    kind: K,
    cause: Cause,
    endpoint: number,
    connection: number,
    details: EventDetails[K],
  ): void {
    const seq = this.#nextSeq++
    if (this.#dropped()) return
    const bytes = encodeDetails(details)
    this.#makeRoom(seq, bytes.length)
    const offset = this.#writer.store(bytes)
    this.#append(kindCode(kind), causeCode(cause), endpoint, connection, 0, offset, bytes.length)
  }

  /** Posts what is recorded and not posted yet; where that is nothing but dropped events, a batch that counts them. */
  flush(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    if (this.#writer.count > 0) this.#publish()
    else if (this.#droppedBefore > 0 && !this.#hostIsFarBehind) {
      this.#firstSeq = this.#nextSeq
      this.#publish()
    }
    this.loop.flush()
  }

  readonly #onTimer = (): void => {
    this.loop.own()
    this.flush()
  }

  /** The host has taken in `bytes`; `spare`, if any, is a batch buffer it no longer needs. */
  acknowledge(bytes: number, spare?: ArrayBuffer): void {
    this.#unacknowledgedBytes -= bytes
    // The last events of a burst may be the ones that were dropped: their gap is not to wait for another burst.
    if (this.#droppedBefore > 0 && !this.#hostIsFarBehind) this.#publishLater()
    if (spare !== undefined && this.#spares.length < maxSpares) this.#spares.push(spare)
  }

  get #hostIsFarBehind(): boolean {
    return this.#unacknowledgedBytes > this.#limits.dropBytes
  }

  #dropped(): boolean {
    if (!this.#hostIsFarBehind) return false
    // What is in hand goes first, so that the gap stands where the events are missing.
    if (this.#writer.count > 0) this.#publish()
    this.#droppedBefore++
    this.#droppedEvents++
    return true
  }

  #makeRoom(seq: number, bytes: number): void {
    if (!this.#writer.fits(bytes)) {
      if (this.#writer.count > 0) this.#publish()
      if (!this.#writer.fits(bytes)) this.#writer = new EventBatchWriter(64, bytes)
    }
    if (this.#writer.count === 0) this.#firstSeq = seq
  }

  #append(
    kind: number,
    cause: number,
    endpoint: number,
    connection: number,
    length: number,
    offset: number,
    stored: number,
  ): void {
    // Exact and cheap (75 ns); counting heartbeats would be one off in the phases after check.
    const iteration = performance.nodeTiming.uvMetricsInfo.loopCount
    const callback = this.loop.current
    if (connection !== 0) this.loop.serves(endpoint, connection)
    this.#writer.append(kind, cause, this.now(), endpoint, connection, length, iteration, callback, offset, stored)
    this.#publishLater()
  }

  #publishLater(): void {
    if (this.#limits.flushMs !== Number.POSITIVE_INFINITY)
      this.#timer ??= setTimeout(this.#onTimer, this.#limits.flushMs)
  }

  #publish(): void {
    const writer = this.#writer
    const used = writer.arenaBytes + writer.count * eventRowBytes
    // A batch that is mostly full goes as it is; a small one is copied, so that it does not hold a megabyte.
    const whole = used * 2 > writer.buffer.byteLength
    const buffer = whole
      ? writer.take(this.#firstSeq, this.#droppedBefore)
      : writer.compact(this.#firstSeq, this.#droppedBefore)
    const standard = writer.arenaCapacity === this.#limits.arenaBytes
    if (whole || !standard) this.#writer = this.#newWriter()
    this.#droppedBefore = 0
    this.#lastChunk = null
    this.#unacknowledgedBytes += buffer.byteLength
    this.#post(buffer, whole && standard)
  }

  #newWriter(): EventBatchWriter {
    return new EventBatchWriter(this.#limits.rows, this.#limits.arenaBytes, this.#spares.pop())
  }
}
