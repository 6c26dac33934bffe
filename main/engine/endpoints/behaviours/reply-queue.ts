// Replies of one connection on their way out, in the order of the messages they answer: one that waits holds up those behind
// it. Counterpart: message-answers.ts, which puts them in.
import type { ReplyRule } from '../../../../preload/contract/replies.ts'
import type { EventLoop } from '../../loop/event-loop.ts'
import type { TimerHandle } from '../../loop/handles.ts'

/** Above so many bytes that wait, nothing more is read from the peer: 1 MiB; reading goes on at a quarter of it. */
export const replyQueueBytes = 1024 * 1024
/** What an entry counts beside its bytes: a peer may ask for a million empty replies. */
const entryBytes = 64

type After = ReplyRule['after']
interface Waiting {
  readonly bytes: Uint8Array
  readonly after: After
  /** On the loop's clock, in ms. */
  readonly dueAt: number
}

export class ReplyQueue {
  readonly #loop: EventLoop
  readonly #send: (bytes: Uint8Array, after: After) => void
  /** More waits than should, and no longer. */
  readonly #onFull: (full: boolean) => void
  #waiting: Waiting[] = []
  #bytes = 0
  #full = false
  #timer: TimerHandle | null = null
  /** Called once nothing waits any more. */
  #whenEmpty: (() => void) | null = null

  constructor(loop: EventLoop, send: (bytes: Uint8Array, after: After) => void, onFull: (full: boolean) => void) {
    this.#loop = loop
    this.#send = send
    this.#onFull = onFull
  }

  get isEmpty(): boolean {
    return this.#waiting.length === 0
  }

  /** Of what waits, and a little for each reply. */
  get bytes(): number {
    return this.#bytes
  }

  /** Sends now, or `delayMs` from now and behind what waits. `bytes` are copied where they wait. */
  add(bytes: Uint8Array, delayMs: number, after: After): void {
    if (delayMs === 0 && this.isEmpty) {
      this.#send(bytes, after)
      return
    }
    this.#waiting.push({ bytes: bytes.slice(), after, dueAt: this.#loop.time() + delayMs })
    this.#count(bytes.length + entryBytes)
    if (this.#waiting.length === 1) this.#wait()
  }

  /** At once where nothing waits. */
  whenEmpty(then: () => void): void {
    if (this.isEmpty) then()
    else this.#whenEmpty = then
  }

  /** What waits is never sent. */
  dispose(): void {
    this.#timer?.cancel()
    this.#timer = null
    this.#waiting = []
    this.#whenEmpty = null
  }

  #wait(): void {
    this.#timer = this.#loop.callAt(this.#waiting[0]!.dueAt, this.#onDue)
  }

  readonly #onDue = (): void => {
    this.#timer = null
    // Node's timers count whole milliseconds: one that is as good as due does not set another.
    const now = this.#loop.time() + 1
    let sent = 0
    while (sent < this.#waiting.length && this.#waiting[sent]!.dueAt <= now) sent++
    // One at least: the timer was for it.
    const due = this.#waiting.splice(0, Math.max(1, sent))
    for (const { bytes, after } of due) {
      this.#count(-bytes.length - entryBytes)
      this.#send(bytes, after)
    }
    if (this.#waiting.length > 0) {
      this.#wait()
      return
    }
    const then = this.#whenEmpty
    this.#whenEmpty = null
    then?.()
  }

  #count(bytes: number): void {
    this.#bytes += bytes
    const full = this.#full ? this.#bytes > replyQueueBytes / 4 : this.#bytes > replyQueueBytes
    if (full === this.#full) return
    this.#full = full
    this.#onFull(full)
  }
}
