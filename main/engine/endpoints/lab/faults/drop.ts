// Drop: bytes of this direction are read and thrown away; its end is carried over.
import type { FaultAction } from '../../../../../preload/contract/faults.ts'
import type { Piece } from '../piece.ts'
import { Stage } from '../stage.ts'

export class Drop extends Stage<FaultAction & { kind: 'drop' }> {
  push(piece: Piece, acts: boolean): void {
    if (acts) this.mark(piece, { droppedBytes: piece.data.length })
    else this.forward(piece)
  }
}
