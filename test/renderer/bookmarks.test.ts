// Marks and their notes on the page: a mark that is removed and set again has its note. Counterpart:
// renderer/bookmarks/bookmarks.ts.
import { describe, expect, it } from 'vitest'
import { ok } from '../../preload/contract/failure.ts'
import { createBookmarks, mostRemovedNotes } from '../../renderer/bookmarks/bookmarks.ts'

/** Bookmarks of a capture that keeps what it is told. */
const setUp = () => {
  const kept = new Map<number, string>()
  const failures: string[] = []
  const bookmarks = createBookmarks(({ message }) => failures.push(message))
  bookmarks.connect({
    bookmarks: async () => ok([...kept].map(([seq, note]) => ({ seq, note }))),
    setBookmark: async ({ seq, note }) => {
      if (note === null) kept.delete(seq)
      else kept.set(seq, note)
      return ok(null)
    },
  })
  return { bookmarks, kept, failures }
}

describe('Bookmarks', () => {
  it('bring a note back when its event is marked again', async () => {
    const { bookmarks, kept, failures } = setUp()
    await bookmarks.setNote(7, 'the first retry')
    await bookmarks.toggle(7)
    expect([...kept]).toEqual([])
    await bookmarks.toggle(7)
    expect([...kept]).toEqual([[7, 'the first retry']])
    // A note that was emptied stays empty.
    await bookmarks.setNote(7, '')
    await bookmarks.toggle(7)
    await bookmarks.toggle(7)
    expect([...kept]).toEqual([[7, '']])
    expect(failures).toEqual([])
  })

  it('keep no note for another capture, and those of the marks that were removed last', async () => {
    const { bookmarks, kept } = setUp()
    for (let seq = 1; seq <= mostRemovedNotes + 1; seq++) {
      await bookmarks.setNote(seq, `note ${seq}`)
      await bookmarks.toggle(seq)
    }
    await bookmarks.toggle(1)
    await bookmarks.toggle(2)
    expect([...kept]).toEqual([
      [1, ''],
      [2, 'note 2'],
    ])
    bookmarks.reset()
    kept.clear()
    await bookmarks.read()
    await bookmarks.toggle(3)
    expect([...kept]).toEqual([[3, '']])
  })
})
