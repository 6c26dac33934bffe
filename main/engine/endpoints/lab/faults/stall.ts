// Stall: after so many bytes nothing more is read or passed on, the end neither, and the pair stays open: a peer that has gone
// without a word, or a line that is dead. What had been read by then waits, and goes on when the fault is taken away.
import type { FaultAction } from '../../../../../preload/contract/faults.ts'
import { Line } from '../line.ts'
import { type End, keep, type Outlet, type Piece, part } from '../piece.ts'
import { Stage, type StageContext } from '../stage.ts'

type Stalling = FaultAction & { kind: 'stall' }

interface Stalled {
  readonly item: Piece | End
  readonly acts: boolean
}

export class Stall extends Stage<Stalling> {
  #line: Line<Stalled>
  #passed = 0
  #stalled = false

  constructor(action: Stalling, context: StageContext, next: Outlet) {
    super(action, context, next)
    this.#line = new Line((bytes) => context.account(bytes))
    this.#stall(context.actsFromStart && action.afterBytes === 0)
  }

  push(piece: Piece, acts: boolean): void {
    if (!this.#stalled && acts) {
      const room = this.action.afterBytes - this.#passed
      const passed = Math.max(0, Math.min(room, piece.data.length))
      this.#passed += passed
      if (piece.data.length <= room) {
        this.forward(piece)
        if (piece.data.length === room) this.#stall(true)
        return
      }
      this.#stall(true)
      if (passed > 0) this.forward(part(piece, 0, passed))
      this.#hold(part(piece, passed, piece.data.length), acts)
    } else if (this.#stalled) this.#hold(piece, acts)
    else this.forward(piece)
  }

  override end(end: End, acts: boolean): void {
    if (this.#stalled) this.#line.push({ item: end, acts })
    else super.end(end, acts)
  }

  override update(action: Stalling): void {
    super.update(action)
    if (!this.#stalled || action.afterBytes <= this.#passed) return
    const waited = this.#line
    this.#line = new Line((bytes) => this.context.account(bytes))
    this.#stall(false)
    for (let first = waited.shift(); first !== undefined; first = waited.shift())
      if (typeof first.item === 'string') this.end(first.item, first.acts)
      else this.push(first.item, first.acts)
  }

  override flush(): void {
    this.#stall(false)
    for (let first = this.#line.shift(); first !== undefined; first = this.#line.shift())
      if (typeof first.item === 'string') super.end(first.item, first.acts)
      else this.forward(first.item)
    super.flush()
  }

  override dispose(): void {
    this.#stall(false)
    this.#line.clear()
    super.dispose()
  }

  #hold(piece: Piece, acts: boolean): void {
    this.mark(piece, { cutAt: piece.offset })
    this.#line.push({ item: keep(piece), acts })
  }

  #stall(on: boolean): void {
    if (on === this.#stalled) return
    this.#stalled = on
    this.context.stall(on)
  }
}
