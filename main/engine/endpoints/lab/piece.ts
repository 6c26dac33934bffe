// What moves through the chain of a direction: bytes that came in one read, whole or a part of it, and the end of the stream.
// Counterparts: flow.ts (the chain), stage.ts (one fault of it).

/** Bytes of one chunk. */
export interface Piece {
  readonly data: Uint8Array
  /** The `data-received` event of its chunk. */
  readonly seq: number
  /** Where it begins in the chunk. */
  readonly offset: number
  /** True for the part of the chunk behind which none follows. */
  readonly last: boolean
  /** False where the bytes are valid only until whoever hands them over goes on. */
  readonly kept: boolean
}

/** How a direction ends: `fin` as FIN, `reset` as RST; `close` ends both directions of the pair, in order. */
export type End = 'fin' | 'close' | 'reset'

/** Where pieces go next. */
export interface Outlet {
  push(piece: Piece): void
  end(end: End): void
}

/** What a piece that waits takes up beside its bytes, about. */
export const pieceOverheadBytes = 128
export const costOf = (piece: Piece): number => piece.data.length + pieceOverheadBytes

/** A piece that may wait. */
export const keep = (piece: Piece): Piece =>
  piece.kept ? piece : { ...piece, data: new Uint8Array(piece.data), kept: true }

/** A part of a piece, up to and not with `end`. */
export const part = (piece: Piece, start: number, end: number): Piece => ({
  data: piece.data.subarray(start, end),
  seq: piece.seq,
  offset: piece.offset + start,
  last: piece.last && end === piece.data.length,
  kept: piece.kept,
})
