// What is edited in the library and not saved yet. Counterpart: renderer/library/drafts.ts.
import { describe, expect, it } from 'vitest'
import { createDrafts, mostDrafts } from '../../renderer/library/drafts.ts'

const saved = (id: string) => ({ id, name: 'as saved', text: '' })
const ids = (drafts: ReturnType<typeof createDrafts>) => [...drafts.store.getState().keys()]

describe('Drafts of the library', () => {
  it('keep every change until it is saved or dropped', () => {
    const drafts = createDrafts<ReturnType<typeof saved>>()
    const base = saved('a')
    expect(drafts.current(base)).toBe(base)
    drafts.change(base, { name: 'typed' })
    drafts.change(base, { text: 'too' })
    expect(drafts.current(base)).toEqual({ id: 'a', name: 'typed', text: 'too' })
    expect(drafts.store.getState().get('a')?.base).toBe(base)
    drafts.drop('a')
    expect(drafts.current(base)).toBe(base)
  })

  it('keep what was typed while it was being saved', () => {
    const drafts = createDrafts<ReturnType<typeof saved>>()
    drafts.change(saved('a'), { name: 'sent' })
    const sent = drafts.current(saved('a'))
    drafts.change(saved('a'), { text: 'meanwhile' })
    drafts.saved(sent)
    expect(drafts.current(saved('a')).text).toBe('meanwhile')
    drafts.saved(drafts.current(saved('a')))
    expect(ids(drafts)).toEqual([])
  })

  it('are bounded, and the one that was changed longest ago goes first', () => {
    const drafts = createDrafts<ReturnType<typeof saved>>()
    for (let i = 0; i < mostDrafts; i++) drafts.change(saved(`${i}`), { text: 'x' })
    drafts.change(saved('0'), { text: 'y' })
    drafts.change(saved('new'), { text: 'z' })
    expect(ids(drafts)).toHaveLength(mostDrafts)
    expect(ids(drafts)).not.toContain('1')
    expect(drafts.current(saved('0')).text).toBe('y')
  })
})
