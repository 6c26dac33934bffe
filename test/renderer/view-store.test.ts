// What is over the workbench: while it is, the workbench's single keys are not to be heard. Counterparts: stores/view.ts,
// workbench/keys.ts.
import { beforeEach, describe, expect, it } from 'vitest'
import type { EndpointId } from '../../preload/contract/vocabulary.ts'
import { isCovered, viewStore } from '../../renderer/stores/view.ts'

const view = () => viewStore.getState()

beforeEach(() => viewStore.setState(viewStore.getInitialState()))

describe('The workbench', () => {
  it.each([
    { what: 'an endpoint’s sheet', open: () => view().openSheet('listener'), close: () => view().closeSheet() },
    {
      what: 'the sheet of replies',
      open: () => view().showReplies(1 as EndpointId),
      close: () => view().showReplies(null),
    },
    { what: 'the library', open: () => view().showLibrary('messages'), close: () => view().showLibrary(null) },
    { what: 'the captures', open: () => view().setCapturesOpen(true), close: () => view().setCapturesOpen(false) },
    {
      what: 'the list of keys',
      open: () => view().setShortcutsOpen(true),
      close: () => view().setShortcutsOpen(false),
    },
  ])('is covered by $what, until that is closed', ({ open, close }) => {
    expect(isCovered(view())).toBe(false)
    open()
    expect(isCovered(view())).toBe(true)
    close()
    expect(isCovered(view())).toBe(false)
  })
})
