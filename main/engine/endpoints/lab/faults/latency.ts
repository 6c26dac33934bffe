// Latency: every piece leaves a while after it came, in order, and as fast as it came. toxiproxy's `latency`. The end of the
// stream waits as long as bytes do, as it would on a long line; and so does a reset, behind the bytes that were sent before it.
import type { FaultAction } from '../../../../../preload/contract/faults.ts'
import { Line } from '../line.ts'
import { type End, keep, type Outlet, type Piece } from '../piece.ts'
import { roundMs, Stage, type StageContext } from '../stage.ts'

interface Delayed {
  readonly item: Piece | End
  readonly cameAt: number
  /** From -1 to 1: the part of the jitter that is added. */
  readonly swing: number
  readonly acts: boolean
}

export class Latency extends Stage<FaultAction & { kind: 'latency' }> {
  readonly #line: Line<Delayed>
  #cancel: (() => void) | null = null

  constructor(action: FaultAction & { kind: 'latency' }, context: StageContext, next: Outlet) {
    super(action, context, next)
    this.#line = new Line((bytes) => context.account(bytes))
  }

  push(piece: Piece, acts: boolean): void {
    if (acts || this.#line.length > 0) this.#wait(keep(piece), acts)
    else this.forward(piece)
  }

  override end(end: End, acts: boolean): void {
    this.#wait(end, acts)
  }

  override update(action: FaultAction & { kind: 'latency' }): void {
    super.update(action)
    this.#run()
  }

  override flush(): void {
    for (let first = this.#line.shift(); first !== undefined; first = this.#line.shift()) this.#leave(first)
    super.flush()
  }

  override dispose(): void {
    this.#cancel?.()
    this.#line.clear()
    super.dispose()
  }

  #wait(item: Piece | End, acts: boolean): void {
    const swing = acts && this.action.jitterMs > 0 ? this.context.random() * 2 - 1 : 0
    this.#line.push({ item, cameAt: this.context.now(), swing, acts })
    if (this.#line.length === 1) this.#run()
  }

  #dueAt({ acts, cameAt, swing }: Delayed): number {
    return acts ? cameAt + Math.max(0, this.action.delayMs + swing * this.action.jitterMs) : 0
  }

  readonly #run = (): void => {
    this.#cancel?.()
    this.#cancel = null
    for (let first = this.#line.first; first !== undefined; first = this.#line.first) {
      const dueAt = this.#dueAt(first)
      if (dueAt > this.context.now()) {
        this.#cancel = this.context.callAt(dueAt, this.#run)
        return
      }
      this.#line.shift()
      this.#leave(first)
    }
  }

  #leave({ item, cameAt, acts }: Delayed): void {
    if (typeof item === 'string') {
      this.settle()
      this.next.end(item)
      return
    }
    if (acts) this.mark(item, { delayedMs: roundMs(this.context.now() - cameAt) })
    this.forward(item)
  }
}
