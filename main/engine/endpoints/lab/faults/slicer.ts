// Slicer: what came in one piece leaves in many, a while apart. toxiproxy's `slicer`; sizes are drawn one after the other here,
// evenly from the least to the most, where toxiproxy halves the chunk until the parts are small enough.
import type { FaultAction } from '../../../../../preload/contract/faults.ts'
import { Line } from '../line.ts'
import { type End, keep, type Outlet, type Piece, part } from '../piece.ts'
import { roundMs, Stage, type StageContext } from '../stage.ts'

type Slicing = FaultAction & { kind: 'slicer' }

interface Queued {
  readonly item: Piece | End
  readonly cameAt: number
  readonly acts: boolean
}

/** Slices that leave in one turn of the loop at most: others have a turn too. */
const slicesInTurn = 256
/** Timers are late by a millisecond or two; slices that are due by then leave together, and the mean stays. */
const lateMs = 5

export class Slicer extends Stage<Slicing> {
  readonly #line: Line<Queued>
  #cancel: (() => void) | null = null
  /** Bytes of the first piece that have left. */
  #sent = 0
  /** When the next slice may leave. */
  #nextAt = 0

  constructor(action: Slicing, context: StageContext, next: Outlet) {
    super(action, context, next)
    this.#line = new Line((bytes) => context.account(bytes))
  }

  push(piece: Piece, acts: boolean): void {
    if (this.#line.length === 0 && !acts) {
      this.forward(piece)
      return
    }
    this.#line.push({ item: keep(piece), cameAt: this.context.now(), acts })
    if (this.#line.length === 1) this.wake()
  }

  override end(end: End, acts: boolean): void {
    if (this.#line.length === 0) super.end(end, acts)
    else this.#line.push({ item: end, cameAt: this.context.now(), acts })
  }

  override update(action: Slicing): void {
    super.update(action)
    this.#nextAt = Math.min(this.#nextAt, this.context.now() + action.delayUs / 1000)
    this.#run()
  }

  /** What was late because there was nothing to cut, or no room for it, is not made up for. */
  override wake(): void {
    const now = this.context.now()
    if (now - this.#nextAt > lateMs) this.#nextAt = now
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
    const delayMs = this.action.delayUs / 1000
    let slices = 0
    for (let first = this.#line.first; first !== undefined; first = this.#line.first) {
      if (typeof first.item === 'string' || !first.acts) {
        this.#leave(first, Infinity)
        continue
      }
      // Small slices cost the sink far more than their bytes: none is cut before there is room.
      if (this.context.sinkPaused()) return
      const now = this.context.now()
      const dueAt = slices < slicesInTurn ? this.#nextAt : Math.max(this.#nextAt, now + 0.001)
      if (dueAt > now) {
        this.#cancel = this.context.callAt(dueAt, this.#run)
        return
      }
      this.#nextAt += delayMs
      slices++
      this.#leave(first, this.#size())
    }
  }

  #size(): number {
    const { averageBytes, variationBytes } = this.action
    if (variationBytes === 0) return averageBytes
    const size = averageBytes - variationBytes + this.context.random() * (2 * variationBytes + 1)
    return Math.max(1, Math.floor(size))
  }

  #leave({ item, cameAt, acts }: Queued, bytes: number): void {
    if (typeof item === 'string') {
      this.#line.shift()
      this.settle()
      this.next.end(item)
      return
    }
    const start = this.#sent
    const end = Math.min(item.data.length, start + bytes)
    const slice = part(item, start, end)
    this.#sent = end
    if (end === item.data.length) {
      this.#sent = 0
      this.#line.shift()
    }
    if (acts) {
      const delayed = end === item.data.length && this.action.delayUs > 0
      this.mark(slice, { slices: 1, ...(delayed ? { delayedMs: roundMs(this.context.now() - cameAt) } : {}) })
    }
    this.forward(slice)
  }
}
