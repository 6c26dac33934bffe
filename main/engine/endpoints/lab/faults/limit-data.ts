// Limit data: the pair is closed once so many bytes have passed; what is behind them is thrown away. toxiproxy's `limit_data`.
import type { FaultAction } from '../../../../../preload/contract/faults.ts'
import { type End, type Piece, part } from '../piece.ts'
import { Stage } from '../stage.ts'

export class LimitData extends Stage<FaultAction & { kind: 'limit-data' }> {
  #passed = 0
  #over = false

  push(piece: Piece, acts: boolean): void {
    const { length } = piece.data
    if (this.#over) {
      this.mark(piece, { droppedBytes: length })
      return
    }
    if (!acts) {
      this.forward(piece)
      return
    }
    // Less than none where the limit was lowered below what has passed.
    const room = Math.max(0, this.action.bytes - this.#passed)
    const passed = Math.min(room, length)
    this.#passed += passed
    if (length < room) {
      this.forward(piece)
      return
    }
    this.#over = true
    if (passed > 0) this.forward({ ...part(piece, 0, passed), last: true })
    const dropped = length > passed ? { droppedBytes: length - passed } : {}
    this.mark(piece, { cutAt: piece.offset + passed, ...dropped, ended: 'close' })
    this.settle()
    this.next.end('close')
  }

  override end(end: End, acts: boolean): void {
    if (!this.#over) super.end(end, acts)
  }
}
