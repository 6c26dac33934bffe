// What the composer keeps: a text for each connection, a line ending for each endpoint, what was sent before.
import { beforeEach, describe, expect, test } from 'vitest'
import { composerStore } from '../../renderer/stores/composer.ts'
import { connectionId } from './support/facts.ts'

const store = () => composerStore.getState()
const message = (text: string) => ({ text, mode: 'text', ending: 'none' }) as const

beforeEach(() => composerStore.setState(composerStore.getInitialState()))

describe('the composer store', () => {
  test('keeps the text of each connection apart', () => {
    store().setDraft(connectionId(1), { text: 'one', mode: 'text' })
    store().setDraft(connectionId(2), { text: '32', mode: 'hex' })
    expect(store().drafts.get(connectionId(1))).toEqual({ text: 'one', mode: 'text' })
  })

  test('hands the text of an ended connection on, but never over a text that is there', () => {
    store().setDraft(connectionId(1), { text: 'one', mode: 'text' })
    store().moveDraft(connectionId(1), connectionId(2))
    expect([...store().drafts]).toEqual([[2, { text: 'one', mode: 'text' }]])
    store().setDraft(connectionId(3), { text: 'three', mode: 'text' })
    store().moveDraft(connectionId(2), connectionId(3))
    expect(store().drafts.get(connectionId(3))?.text).toBe('three')
  })

  test('remembers a message once, at its newest place', () => {
    for (const text of ['a', 'b', 'a']) store().remember(message(text))
    expect(store().history.map((sent) => sent.text)).toEqual(['b', 'a'])
  })

  test('remembers no more than fifty, none that is empty, and none that is huge', () => {
    store().remember(message(''))
    store().remember(message('x'.repeat(100_000)))
    expect(store().history).toEqual([])
    for (let i = 0; i < 60; i++) store().remember(message(`${i}`))
    expect([store().history.length, store().history[0]?.text]).toEqual([50, '10'])
  })
})
