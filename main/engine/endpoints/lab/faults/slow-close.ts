// Slow close: the end of this direction is carried over later; bytes and resets are not held up. toxiproxy's `slow_close`.
import type { FaultAction } from '../../../../../preload/contract/faults.ts'
import type { End, Piece } from '../piece.ts'
import { roundMs, Stage } from '../stage.ts'

type Closing = FaultAction & { kind: 'slow-close' }

export class SlowClose extends Stage<Closing> {
  #waiting: { readonly end: End; readonly cameAt: number } | null = null
  #cancel: (() => void) | null = null

  push(piece: Piece): void {
    this.forward(piece)
  }

  override end(end: End, acts: boolean): void {
    if (this.#waiting !== null || end === 'reset' || !acts) {
      this.flush()
      super.end(end, acts)
      return
    }
    this.#waiting = { end, cameAt: this.context.now() }
    this.#arm()
  }

  override update(action: Closing): void {
    super.update(action)
    this.#arm()
  }

  override flush(): void {
    this.#cancel?.()
    const waiting = this.#waiting
    this.#waiting = null
    if (waiting === null) return
    this.context.record(null, { delayedMs: roundMs(this.context.now() - waiting.cameAt) })
    this.next.end(waiting.end)
  }

  override dispose(): void {
    this.#cancel?.()
    this.#waiting = null
  }

  #arm(): void {
    this.#cancel?.()
    if (this.#waiting === null) return
    this.#cancel = this.context.callAt(this.#waiting.cameAt + this.action.delayMs, () => this.flush())
  }
}
