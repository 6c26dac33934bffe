// A person's marks on events, with their notes: read from the capture, kept in it, live or opened. Opened files are read-only
// but for these, which change no event. Counterparts: main/archive (`bookmarks`, `setBookmark`), bookmark-list.tsx, the
// inspector's note, table, lifelines and minimap, which draw them.
import { useStore } from 'zustand'
import { createStore } from 'zustand/vanilla'
import type { CommandMethods } from '../../preload/contract/api.ts'
import { noticeStore } from '../stores/notice.ts'

export interface BookmarksState {
  /** Notes by event, in the order of the events; a mark without a note has an empty one. */
  readonly notes: ReadonlyMap<number, string>
  /** False until the capture has told them. */
  readonly known: boolean
  /** Bumped whenever they have changed. */
  readonly version: number
}

type Commands = Pick<CommandMethods, 'bookmarks' | 'setBookmark'>

const inOrder = (notes: Iterable<readonly [number, string]>): ReadonlyMap<number, string> =>
  new Map([...notes].sort(([a], [b]) => a - b))

/** Notes of removed marks that are kept at most; beyond that the one that was removed longest ago is let go. */
export const mostRemovedNotes = 200

export const createBookmarks = (report: (failure: { readonly code: string; readonly message: string }) => void) => {
  const store = createStore<BookmarksState>()(() => ({ notes: new Map(), known: false, version: 0 }))
  let commands: Commands | null = null
  let generation = 0
  /** Notes of marks that were removed since the capture is looked at: marking again brings them back. */
  const removed = new Map<number, string>()
  const keepNote = (seq: number, note: string) => {
    removed.delete(seq)
    removed.set(seq, note)
    for (const oldest of removed.keys()) {
      if (removed.size <= mostRemovedNotes) break
      removed.delete(oldest)
    }
  }
  const show = (notes: ReadonlyMap<number, string>, known: boolean) =>
    store.setState(({ version }) => ({ notes, known, version: version + 1 }))

  const change = async (seq: number, note: string | null) => {
    if (commands === null) return
    const mine = generation
    const before = store.getState().notes.get(seq)
    const put = (value: string | null | undefined) => {
      const others = [...store.getState().notes].filter(([each]) => each !== seq)
      show(inOrder(value === null || value === undefined ? others : [...others, [seq, value]]), true)
    }
    if (note === null && before !== undefined && before !== '') keepNote(seq, before)
    else removed.delete(seq)
    // Shown at once; taken back where it could not be kept.
    put(note)
    const result = await commands.setBookmark({ seq, note })
    if (mine !== generation || result.ok) return
    put(before)
    report(result.failure)
  }

  return {
    store,
    /** Notes by event; null while they are not known. */
    notes: (): ReadonlyMap<number, string> | null => (store.getState().known ? store.getState().notes : null),
    /** Reads them from the capture that is looked at. Where there is none yet there are none. */
    async read(): Promise<void> {
      const mine = ++generation
      if (commands === null) return
      const result = await commands.bookmarks(null)
      if (mine !== generation) return
      show(result.ok ? inOrder(result.value.map(({ seq, note }) => [seq, note] as const)) : new Map(), true)
    },
    /** Marks an event, or removes its mark; its note comes back when it is marked again. */
    toggle(seq: number): Promise<void> {
      return change(seq, store.getState().notes.has(seq) ? null : (removed.get(seq) ?? ''))
    },
    setNote: (seq: number, note: string): Promise<void> => change(seq, note),
    remove: (seq: number): Promise<void> => change(seq, null),
    /** The next mark after an event, or the one before it; around at the ends, null where there are none. */
    from(seq: number | null, by: 1 | -1): number | null {
      const all = [...store.getState().notes.keys()]
      if (all.length === 0) return null
      if (by > 0) return all.find((each) => seq === null || each > seq) ?? all[0]!
      return all.findLast((each) => seq === null || each < seq) ?? all.at(-1)!
    },
    connect(whom: Commands | null): void {
      commands = whom
    },
    /** Another capture is looked at. */
    reset(): void {
      generation++
      removed.clear()
      show(new Map(), false)
    },
  }
}

/** The page's bookmarks. */
export const bookmarks = createBookmarks((failure) =>
  noticeStore.getState().report({ ok: false, failure: { code: failure.code, message: failure.message } }),
)
export const useBookmarks = <T>(pick: (state: BookmarksState) => T): T => useStore(bookmarks.store, pick)
