// In which commands all held chunks go on: those that a person has dropped are thrown away, those that were edited go as
// they are now, and all of them in the order in which they came. Pure. Counterpart: held-queue.ts, which asks for them.

/** One command. `chunks` null: all that are held then. */
export type Release =
  | { readonly kind: 'drop'; readonly chunks: readonly number[] }
  | { readonly kind: 'forward'; readonly chunks: readonly number[] | null; readonly data?: Uint8Array }

/** The commands that let everything go; `ids` in the order of arrival, `edited` with the bytes to send in place of a chunk's own. */
export const releaseAll = (
  ids: readonly number[],
  edited: ReadonlyMap<number, Uint8Array>,
  dropped: ReadonlySet<number>,
): readonly Release[] => {
  const plan: Release[] = []
  const gone = ids.filter((id) => dropped.has(id))
  if (gone.length > 0) plan.push({ kind: 'drop', chunks: gone })
  let run: number[] = []
  const flush = () => {
    if (run.length > 0) plan.push({ kind: 'forward', chunks: run })
    run = []
  }
  for (const id of ids) {
    if (dropped.has(id)) continue
    const data = edited.get(id)
    if (data === undefined) {
      run.push(id)
      continue
    }
    flush()
    plan.push({ kind: 'forward', chunks: [id], data })
  }
  // What comes after the last edited one goes with all that the page has not been told of.
  plan.push({ kind: 'forward', chunks: null })
  return plan
}
