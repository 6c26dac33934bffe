// The faults that end a pair after a while: what they have in common. Counterparts: faults/{timeout,reset-peer,limit-time}.ts.
import type { FaultAction } from '../../../../preload/contract/faults.ts'
import type { End, Outlet, Piece } from './piece.ts'
import { Stage, type StageContext } from './stage.ts'

export abstract class EndingStage<A extends FaultAction> extends Stage<A> {
  /** When its time began; null while a trigger is waited for. */
  #since: number | null
  #cancel: (() => void) | null = null
  /** The pair was ended by it: nothing follows. */
  #over = false

  constructor(action: A, context: StageContext, next: Outlet) {
    super(action, context, next)
    this.#since = context.actsFromStart ? this.startsAt() : null
    this.#arm()
  }

  /** When its time begins, where it acts from the start. */
  protected startsAt(): number {
    return this.context.madeAt
  }

  /** ms from then to the end of the pair; null for never. */
  protected abstract afterMs(): number | null
  protected abstract readonly how: 'close' | 'reset'
  /** True where no byte gets through before the end either. */
  protected abstract readonly swallows: boolean

  push(piece: Piece, acts: boolean): void {
    if (acts && this.#since === null) {
      this.#since = this.context.now()
      this.#arm()
    }
    if (this.#over || (acts && this.swallows)) this.mark(piece, { droppedBytes: piece.data.length })
    else this.forward(piece)
  }

  override end(end: End, acts: boolean): void {
    if (!this.#over) super.end(end, acts)
  }

  override update(action: A): void {
    super.update(action)
    this.#arm()
  }

  override dispose(): void {
    this.#cancel?.()
    super.dispose()
  }

  protected endPair(): void {
    if (this.#over) return
    this.#over = true
    this.#cancel?.()
    this.settle()
    this.context.record(null, { ended: this.how })
    if (this.how === 'reset') this.context.resetPair()
    else this.next.end('close')
  }

  /** True once it has acted on the pair at all. */
  protected get hasBegun(): boolean {
    return this.#since !== null
  }

  #arm(): void {
    this.#cancel?.()
    this.#cancel = null
    const afterMs = this.afterMs()
    if (this.#over || this.#since === null || afterMs === null) return
    this.#cancel = this.context.callAt(this.#since + afterMs, () => this.endPair())
  }
}
