// Who may speak on the window's ipc channels: the main frame of our window, showing our page, and nobody else.
import type { IpcMainInvokeEvent, WebContents, WebFrameMain } from 'electron'
import { describe, expect, it } from 'vitest'
import { ourFrame } from '../../main/desktop/sender.ts'

const origin = 'app://wireloop'
const window = { id: 1 } as WebContents
const other = { id: 2 } as WebContents
const frame = (fields: Partial<Pick<WebFrameMain, 'origin' | 'parent'>> = {}): WebFrameMain =>
  ({ origin, parent: null, ...fields }) as WebFrameMain
const event = (sender: WebContents, senderFrame: WebFrameMain | null) =>
  ({ sender, senderFrame }) as Pick<IpcMainInvokeEvent, 'sender' | 'senderFrame'>

describe('A message from the page', () => {
  it('is ours from the main frame of our window at our origin', () => {
    const main = frame()
    expect(ourFrame(event(window, main), window, origin)).toBe(main)
  })

  it.each([
    ['a frame that is gone by now', event(window, null)],
    ['a frame inside our page', event(window, frame({ parent: frame() }))],
    ['a page that our window was led to', event(window, frame({ origin: 'https://evil.example' }))],
    ['a page that sounds like ours', event(window, frame({ origin: 'app://wireloop.evil.example' }))],
    ['a page without an origin', event(window, frame({ origin: 'null' }))],
    ['another window', event(other, frame())],
  ])('is not ours from %s', (_case, message) => {
    expect(ourFrame(message, window, origin)).toBeNull()
  })

  it('is not ours while no window is open', () => {
    expect(ourFrame(event(window, frame()), null, origin)).toBeNull()
  })
})
