// Bandwidth: at most so many bytes a second, as a slow line would carry them. toxiproxy's `bandwidth`, whose rate is in KB/s.
import type { FaultAction } from '../../../../../preload/contract/faults.ts'
import { Line } from '../line.ts'
import { type End, keep, type Outlet, type Piece, part } from '../piece.ts'
import { roundMs, Stage, type StageContext } from '../stage.ts'

type Limited = FaultAction & { kind: 'bandwidth' }

interface Queued {
  readonly item: Piece | End
  readonly cameAt: number
  readonly acts: boolean
}

/** What leaves at once at most: the bytes of so many ms. */
const stepMs = 20
/** A line that has been free for longer than timers are late has carried nothing meanwhile, and does not make up for it. */
const lateMs = 5

export class Bandwidth extends Stage<Limited> {
  readonly #line: Line<Queued>
  #cancel: (() => void) | null = null
  /** Bytes of the first piece that have left. */
  #sent = 0
  /** When the line has carried all that has left. */
  #freeAt = 0

  constructor(action: Limited, context: StageContext, next: Outlet) {
    super(action, context, next)
    this.#line = new Line((bytes) => context.account(bytes))
  }

  push(piece: Piece, acts: boolean): void {
    const now = this.context.now()
    if (this.#line.length === 0) {
      if (!acts) {
        this.forward(piece)
        return
      }
      if (now - this.#freeAt > lateMs) this.#freeAt = now
    }
    this.#line.push({ item: keep(piece), cameAt: now, acts })
    if (this.#line.length === 1) this.#run()
  }

  override end(end: End, acts: boolean): void {
    if (this.#line.length === 0) super.end(end, acts)
    else this.#line.push({ item: end, cameAt: this.context.now(), acts })
  }

  override update(action: Limited): void {
    super.update(action)
    this.#run()
  }

  override flush(): void {
    for (let first = this.#line.first; first !== undefined; first = this.#line.first) this.#leave(first, Infinity)
    super.flush()
  }

  override dispose(): void {
    this.#cancel?.()
    this.#line.clear()
    super.dispose()
  }

  readonly #run = (): void => {
    this.#cancel?.()
    this.#cancel = null
    for (let first = this.#line.first; first !== undefined; first = this.#line.first) {
      if (typeof first.item === 'string' || !first.acts) {
        this.#leave(first, Infinity)
        continue
      }
      const { bytesPerSecond } = this.action
      const most = Math.max(1, Math.floor((bytesPerSecond * stepMs) / 1000))
      const bytes = Math.min(first.item.data.length - this.#sent, most)
      const dueAt = this.#freeAt + (bytes * 1000) / bytesPerSecond
      if (dueAt > this.context.now()) {
        this.#cancel = this.context.callAt(dueAt, this.#run)
        return
      }
      this.#freeAt = dueAt
      this.#leave(first, bytes)
    }
  }

  /** Lets so many bytes of the first in the line go, or what is left of it. */
  #leave({ item, cameAt, acts }: Queued, bytes: number): void {
    if (typeof item === 'string') {
      this.#line.shift()
      this.settle()
      this.next.end(item)
      return
    }
    const start = this.#sent
    const end = Math.min(item.data.length, start + bytes)
    this.#sent = end
    if (end === item.data.length) {
      this.#sent = 0
      this.#line.shift()
      if (acts) this.mark(item, { delayedMs: roundMs(this.context.now() - cameAt) })
    }
    this.forward(part(item, start, end))
  }
}
