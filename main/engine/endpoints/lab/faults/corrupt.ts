// Corrupt: each bit is flipped with the same small probability. Asked of toxiproxy since 2023 (its #451). Which bits of the
// stream are flipped follows from the seed and the pair alone, however the stream comes in chunks.
import type { FaultAction } from '../../../../../preload/contract/faults.ts'
import type { Outlet, Piece } from '../piece.ts'
import { Stage, type StageContext } from '../stage.ts'

type Corrupting = FaultAction & { kind: 'corrupt' }

export class Corrupt extends Stage<Corrupting> {
  /** Bits that pass before the next one is flipped. */
  #gap: number

  constructor(action: Corrupting, context: StageContext, next: Outlet) {
    super(action, context, next)
    this.#gap = this.#drawGap()
  }

  push(piece: Piece, acts: boolean): void {
    const bits = piece.data.length * 8
    if (!acts || this.#gap >= bits) {
      if (acts) this.#gap -= bits
      this.forward(piece)
      return
    }
    // What was recorded stays what was received.
    const data = new Uint8Array(piece.data)
    const first = this.#gap
    let flippedBits = 0
    let bit = first
    for (; bit < bits; bit += 1 + this.#drawGap()) {
      data[bit >> 3] = data[bit >> 3]! ^ (0x80 >> (bit & 7))
      flippedBits++
    }
    this.#gap = bit - bits
    this.mark(piece, { flippedBits, firstFlippedAt: piece.offset + (first >> 3) })
    this.forward({ ...piece, data, kept: true })
  }

  override update(action: Corrupting): void {
    const changed = action.bitRate !== this.action.bitRate
    super.update(action)
    if (changed) this.#gap = this.#drawGap()
  }

  /** How many bits pass between two that are flipped: geometrically distributed, so one draw for each that is flipped. */
  #drawGap(): number {
    const { bitRate } = this.action
    if (bitRate <= 0) return Number.POSITIVE_INFINITY
    if (bitRate >= 1) return 0
    return Math.floor(Math.log(1 - this.context.random()) / Math.log1p(-bitRate))
  }
}
