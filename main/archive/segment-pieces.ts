// Which rows of a growing segment are written as what. Every commit writes what is new as a small piece; eight pieces of a
// size become one of the next; a full segment replaces them all. So a row a second costs neither a segment a row nor a
// megabyte written a second. Counterpart: writer.ts, which keeps one of these for events and one for loop records.

/** Pieces of a size that are merged. */
const mergeCount = 8

export interface PieceStore<M> {
  /** Writes the rows between two marks; `sealed` for good, otherwise until they are merged. Answers the segment's id. */
  write(from: M, to: M, sealed: boolean): number
  remove(id: number): void
}

interface Piece<M> {
  readonly id: number
  readonly level: number
  readonly from: M
  readonly to: M
}

export interface Pieces<M> {
  /** Writes the rows up to here that are not written yet. */
  commit(to: M): void
  /** Makes all rows up to here one segment, for good. */
  seal(to: M): void
  /** Forgets all pieces: the file they are in is not written to any more. */
  clear(): void
}

/** `start`: the mark before the first row; `rowsOf` a mark. */
export const createPieces = <M>(store: PieceStore<M>, start: M, rowsOf: (mark: M) => number): Pieces<M> => {
  let pieces: Piece<M>[] = []
  const written = () => pieces.at(-1)?.to ?? start

  const mergeTail = () => {
    for (;;) {
      const tail = pieces.slice(-mergeCount)
      const level = tail.at(-1)!.level
      if (tail.length < mergeCount || tail.some((piece) => piece.level !== level)) return
      const from = tail[0]!.from
      const to = tail.at(-1)!.to
      for (const { id } of tail) store.remove(id)
      pieces.splice(-mergeCount, mergeCount, { id: store.write(from, to, false), level: level + 1, from, to })
    }
  }

  return {
    commit(to) {
      const from = written()
      if (rowsOf(to) === rowsOf(from)) return
      pieces.push({ id: store.write(from, to, false), level: 0, from, to })
      mergeTail()
    },
    seal(to) {
      for (const { id } of pieces) store.remove(id)
      pieces = []
      if (rowsOf(to) > rowsOf(start)) store.write(start, to, true)
    },
    clear() {
      pieces = []
    },
  }
}
