// The recorder: turns what happens into rows of columns and publishes them in batches. Counterparts:
// preload/contract/event-columns.ts (the layout) and thread.ts (which posts the batches to the host).
//
// Publishing is by timer or when a batch is full, never per event. The recorder never slows a socket: where the host is
// behind by more than `limits.highBytes`, payloads are not stored any more (`length` stays true, `dataLength` is 0), and
// above `limits.dropBytes` whole events are dropped; they use up a seq all the same, and the next batch's
// `droppedBefore` counts them.
import { performance } from 'node:perf_hooks'
import {
  type BatchBuffer,
  causeCode,
  detailsText,
  EventBatchWriter,
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
  /** Bytes posted and not acknowledged above which nothing more should come until it is half of that (`onWaiting`). */
  readonly waitBytes: number
  /** The longest an event waits for its batch, in ms; Infinity: no timer of ours, events wait for `flush` or a full batch. */
  readonly flushMs: number
}

export const defaultLimits: RecorderLimits = {
  rows: 8192,
  arenaBytes: 1024 * 1024,
  highBytes: 24 * 1024 * 1024,
  dropBytes: 32 * 1024 * 1024,
  waitBytes: Number.POSITIVE_INFINITY,
  flushMs: 16,
}

/**
 * Where nothing is to be left out: sockets wait, and the other marks are out of their reach. Half of what they wait for is
 * more than one commit of the archive, so that it has work while they do.
 */
export const waitingLimits: RecorderLimits = {
  ...defaultLimits,
  waitBytes: 32 * 1024 * 1024,
  highBytes: 64 * 1024 * 1024,
  dropBytes: 128 * 1024 * 1024,
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
const maxSpares = 24

/**
 * Batches' memory that writes under way may keep from being filled again: 44 MB. A peer that does not read would otherwise
 * keep a megabyte with each few bytes that wait for it. Beyond, writes get copies of what they write.
 */
const maxRetained = 32

const kindOf = { received: kindCode('data-received'), sent: kindCode('data-sent') }
const noCause = causeCode('none')

/** Large batches lie in memory that several threads may look at; it is filled again when all of them are done with it. */
const allocate = (bytes: number): SharedArrayBuffer => new SharedArrayBuffer(bytes)
type Writer = EventBatchWriter<SharedArrayBuffer>
/**
 * Gives a batch to the host, which owes an `acknowledge` of its size at once and, where `loan` is a number, a `reuse` of
 * that number when nobody looks at the memory any more.
 */
export type PostBatch = (buffer: BatchBuffer, loan: number | null) => void

export class Recorder {
  readonly #post: PostBatch
  readonly #limits: RecorderLimits
  readonly #startedAt: number
  readonly #spares: SharedArrayBuffer[] = []
  /** Memory that the host has, by loan. */
  readonly #lent = new Map<number, SharedArrayBuffer>()
  #lastLoan = 0
  /** How many writes that are under way read from a batch's memory. */
  readonly #retained = new Map<ArrayBufferLike, number>()
  /** Memory that everybody but those writes is done with. */
  readonly #parked = new Set<SharedArrayBuffer>()
  /** Memory whose rows were copied out; a callback that is under way may still be about to write bytes of it. */
  readonly #resting: SharedArrayBuffer[] = []
  #writer: Writer
  #nextSeq: number
  #firstSeq: number
  #droppedBefore = 0
  #droppedEvents = 0
  #unacknowledgedBytes = 0
  #waiting = false
  #timer: NodeJS.Timeout | undefined

  /** The loop's side, published along with the events. */
  readonly loop: LoopRecorder
  /** Called when the host is behind by `waitBytes`, and when it has caught up. */
  onWaiting: (waiting: boolean) => void = () => {}
  /** Called when something would have to be left out: the host may have acknowledged more than it has come to tell. */
  onBehind: () => void = () => {}

  constructor(
    post: PostBatch,
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

  /** True while nothing more should come. */
  get isWaiting(): boolean {
    return this.#waiting
  }

  /** Events that could not be kept because the host was behind. */
  get droppedEvents(): number {
    return this.#droppedEvents
  }

  /** ms since the engine was first started: the clock of every event. */
  now(): number {
    return performance.now() - this.#startedAt
  }

  /**
   * A chunk of bytes that was received or sent. Answers where they are stored, or `data` itself where they are not, or where
   * writes retain too much of what is stored; bytes of such an answer that are recorded again (an echo or a relay sends
   * what it has received) are stored once.
   */
  data(what: 'received' | 'sent', endpoint: number, connection: number, data: Uint8Array): Uint8Array {
    const seq = this.#nextSeq++
    if (this.#dropped()) return data
    const { length } = data
    if (this.#unacknowledgedBytes > this.#limits.highBytes) this.onBehind()
    const keep = this.#unacknowledgedBytes <= this.#limits.highBytes
    let offset = keep && this.#writer.fits(0) ? this.#writer.offsetOf(data) : -1
    let bytes = data
    if (offset < 0) {
      this.#makeRoom(seq, keep ? length : 0)
      offset = 0
      if (keep) {
        offset = this.#writer.store(data)
        if (this.#retained.size < maxRetained) bytes = this.#writer.stored(offset, length)
      }
    }
    this.#append(kindOf[what], noCause, endpoint, connection, length, offset, keep ? length : 0)
    return bytes
  }

  /** A write reads from `data`, which may lie in a batch's memory, until `release`. */
  retain(data: Uint8Array): void {
    const memory = data.buffer
    if (memory instanceof SharedArrayBuffer) this.#retained.set(memory, (this.#retained.get(memory) ?? 0) + 1)
  }

  release(data: Uint8Array): void {
    const memory = data.buffer
    const count = this.#retained.get(memory)
    if (count === undefined) return
    if (count > 1) {
      this.#retained.set(memory, count - 1)
      return
    }
    this.#retained.delete(memory)
    if (memory instanceof SharedArrayBuffer && this.#parked.delete(memory)) this.#keepSpare(memory)
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
    // Twice as fast as a TextEncoder.
    const bytes = Buffer.from(detailsText(details))
    this.#makeRoom(seq, bytes.length)
    const offset = this.#writer.store(bytes)
    this.#append(kindCode(kind), causeCode(cause), endpoint, connection, 0, offset, bytes.length)
  }

  /**
   * Posts what is recorded and not posted yet; where that is nothing but dropped events, a batch that counts them. Not to be
   * called by a callback that has an answer of `data`, unless that is retained.
   */
  flush(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    for (const memory of this.#resting.splice(0)) this.#free(memory)
    if (this.#writer.count > 0) this.#publish(false)
    else if (this.#droppedBefore > 0 && !this.#hostIsFarBehind) {
      this.#firstSeq = this.#nextSeq
      this.#publish(false)
    }
    this.loop.flush()
  }

  readonly #onTimer = (): void => {
    this.loop.own()
    this.flush()
  }

  /** The host has taken in `bytes`. */
  acknowledge(bytes: number): void {
    this.#unacknowledgedBytes -= bytes
    this.#wait(this.#waiting && this.#unacknowledgedBytes > this.#limits.waitBytes / 2)
    // The last events of a burst may be the ones that were dropped: their gap is not to wait for another burst.
    if (this.#droppedBefore > 0 && !this.#hostIsFarBehind) this.#publishLater()
  }

  /** The host looks at the memory of a loan no more. */
  reuse(loan: number): void {
    const memory = this.#lent.get(loan)
    if (memory === undefined) return
    this.#lent.delete(loan)
    this.#free(memory)
  }

  /** To be filled again, as soon as no write reads from it. */
  #free(memory: SharedArrayBuffer): void {
    if (this.#retained.has(memory)) this.#parked.add(memory)
    else this.#keepSpare(memory)
  }

  #keepSpare(memory: SharedArrayBuffer): void {
    if (this.#spares.length < maxSpares) this.#spares.push(memory)
  }

  get #hostIsFarBehind(): boolean {
    return this.#unacknowledgedBytes > this.#limits.dropBytes
  }

  #dropped(): boolean {
    if (this.#hostIsFarBehind) this.onBehind()
    if (!this.#hostIsFarBehind) return false
    // What is in hand goes first, so that the gap stands where the events are missing.
    if (this.#writer.count > 0) this.#publish(true)
    this.#droppedBefore++
    this.#droppedEvents++
    return true
  }

  #makeRoom(seq: number, bytes: number): void {
    if (!this.#writer.fits(bytes)) {
      if (this.#writer.count > 0) this.#publish(true)
      if (!this.#writer.fits(bytes)) this.#writer = new EventBatchWriter(64, bytes, undefined, allocate)
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
    const iteration = this.loop.iterationNow
    const callback = this.loop.current
    if (connection !== 0) this.loop.serves(endpoint, connection)
    this.#writer.append(kind, cause, this.now(), endpoint, connection, length, iteration, callback, offset, stored)
    this.#publishLater()
  }

  #publishLater(): void {
    if (this.#limits.flushMs !== Number.POSITIVE_INFINITY)
      this.#timer ??= setTimeout(this.#onTimer, this.#limits.flushMs)
  }

  /** `inCallback`: of a protocol, which may hold bytes that it was just given. */
  #publish(inCallback: boolean): void {
    const writer = this.#writer
    const used = writer.arenaBytes + writer.count * eventRowBytes
    // A batch that is mostly full goes as it is; a small one is copied, so that it does not hold a megabyte.
    const whole = used * 2 > writer.buffer.byteLength
    const buffer = whole
      ? writer.take(this.#firstSeq, this.#droppedBefore)
      : writer.compact(this.#firstSeq, this.#droppedBefore)
    const standard = writer.arenaCapacity === this.#limits.arenaBytes
    // Its rows are elsewhere now, but bytes of it are still being written, or may be in a moment.
    const rests = !whole && (inCallback || this.#retained.has(writer.buffer))
    if (rests && standard) this.#resting.push(writer.buffer)
    if (whole || rests || !standard) this.#writer = this.#newWriter()
    this.#droppedBefore = 0
    this.#unacknowledgedBytes += buffer.byteLength
    let loan: number | null = null
    if (whole && standard) {
      loan = ++this.#lastLoan
      this.#lent.set(loan, writer.buffer)
    }
    this.#post(buffer, loan)
    if (this.#unacknowledgedBytes > this.#limits.waitBytes) this.#wait(true)
  }

  #wait(waiting: boolean): void {
    if (waiting === this.#waiting) return
    this.#waiting = waiting
    this.onWaiting(waiting)
  }

  #newWriter(): Writer {
    return new EventBatchWriter(this.#limits.rows, this.#limits.arenaBytes, this.#spares.pop(), allocate)
  }
}
