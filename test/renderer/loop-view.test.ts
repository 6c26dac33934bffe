// Moving through the recording: by callback, by turn, to the longest, and from the wire to the loop and back. The page's own
// stores and logs, filled with one small recording.
import { beforeEach, describe, expect, test } from 'vitest'
import { eventLog } from '../../renderer/event-log/event-log.ts'
import { loopSettings, readSettings } from '../../renderer/loop/settings.ts'
import {
  crossOver,
  goToLongest,
  loopView,
  moveTo,
  selectCallback,
  selectedPosition,
  stepCallback,
  stepIteration,
} from '../../renderer/loop/view.ts'
import { callbackWords, flameLabel, waitedMs } from '../../renderer/loop/words.ts'
import { loopLog } from '../../renderer/loop-log/loop-log.ts'
import { selectionStore } from '../../renderer/stores/selection.ts'
import { viewStore } from '../../renderer/stores/view.ts'
import { data, makeBatch } from './support/batches.ts'
import { call, makeLoopBatch, turn } from './support/loop-batches.ts'

// Seqs and records start at 1, so the page's own logs can be filled once for all tests of this file.
eventLog.append(
  makeBatch(1, [
    { ...data(10, 3, 'received', 12), callback: 1, iteration: 1 },
    { ...data(10.1, 3, 'sent', 12), callback: 1, iteration: 1 },
    { ...data(55, 4, 'received', 2048), callback: 4, iteration: 2 },
    { ...data(70, 5, 'received', 1), iteration: 3 },
  ]),
)
loopLog.append(
  makeLoopBatch(1, [
    call(1, 1, 'poll', 10, 12, { readyAt: 10, connection: 3, firstSeq: 1, seqCount: 2, type: 'TCPWRAP' }),
    turn(1, 0, 10, 12.5, 1),
    call(2, 1, 'check', 13, 14, { own: true, type: 'Immediate' }),
    call(3, 1, 'timers', 15, 45, { readyAt: 14.5, type: 'Timeout' }),
    call(4, 2, 'poll', 55, 56, { readyAt: 50, connection: 4, firstSeq: 3, seqCount: 1, type: 'TCPWRAP' }),
    turn(2, 46, 50, 57, 1),
    turn(3, 58, 60, 71, 0),
  ]),
)

const selectedId = () => selectionStore.getState().callback

beforeEach(() => {
  selectionStore.getState().selectConnection(null)
  selectionStore.getState().setFollowing(true)
  viewStore.getState().show('loop')
  loopView.setState({ range: { startMs: 0, endMs: 2000 }, playhead: null, playing: false })
  loopSettings.getState().set({ showOwn: false, squeeze: false })
})

describe('stepping', () => {
  test('starts at the newest and goes back callback by callback, past Wireloop’s own', () => {
    const seen: (number | null)[] = []
    for (let i = 0; i < 4; i++) {
      stepCallback(-1)
      seen.push(selectedId())
    }
    expect(seen).toEqual([4, 3, 1, 1])
    stepCallback(1)
    expect(selectedId()).toBe(3)
  })

  test('goes through Wireloop’s own callbacks where they are shown', () => {
    loopSettings.getState().set({ showOwn: true })
    selectCallback(0)
    stepCallback(1)
    expect(selectedId()).toBe(2)
  })

  test('puts the playhead at the callback’s start and ends the following', () => {
    stepCallback(1)
    expect(loopView.getState().playhead).toBe(55)
    expect(selectionStore.getState().following).toBe(false)
  })

  test('by turns goes to where poll was entered, back to the beginning of this turn first', () => {
    moveTo(56)
    stepIteration(-1)
    expect(loopView.getState().playhead).toBe(46)
    stepIteration(-1)
    expect(loopView.getState().playhead).toBe(0)
    stepIteration(1)
    stepIteration(1)
    stepIteration(1)
    expect(loopView.getState().playhead).toBe(58)
  })

  test('goes on from the playhead where nothing is selected', () => {
    moveTo(48, false)
    stepCallback(1)
    expect(selectedId()).toBe(4)
  })
})

describe('selecting a callback', () => {
  test('selects its first event and connection, so that every pane shows the same', () => {
    selectCallback(0)
    expect(selectionStore.getState()).toMatchObject({ callback: 1, seq: 1, connection: 3, endpoint: null })
  })

  test('selects no event where it produced none', () => {
    selectCallback(2)
    expect(selectionStore.getState()).toMatchObject({ callback: 3, seq: null, connection: null })
  })

  test('is what the moment under the playhead does', () => {
    moveTo(20)
    expect(selectedId()).toBe(3)
    expect(selectedPosition()).toBe(2)
  })

  test('goes to the longest with B, and shows it large enough', () => {
    expect(goToLongest()).toBe(true)
    expect(selectedId()).toBe(3)
    const { startMs, endMs } = loopView.getState().range
    expect(startMs).toBeLessThanOrEqual(15)
    expect(endMs).toBeGreaterThanOrEqual(45)
  })
})

describe('from the wire to the loop', () => {
  test('an event leads to the callback that delivered it, and the callback back to the event', () => {
    viewStore.getState().show('wire')
    selectionStore.getState().selectEvent(3, eventLog.connection(3))
    expect(selectedId()).toBe(4)
    crossOver()
    expect(viewStore.getState().view).toBe('loop')
    expect(loopView.getState().playhead).toBe(55)
    const { startMs, endMs } = loopView.getState().range
    expect(startMs <= 55 && endMs >= 56 && endMs - startMs < 100).toBe(true)
    crossOver()
    expect(viewStore.getState().view).toBe('wire')
    expect(selectionStore.getState()).toMatchObject({ seq: 3, callback: 4, connection: 4 })
  })

  test('the second event of a callback leads to it too', () => {
    selectionStore.getState().selectEvent(2, eventLog.connection(2))
    expect(selectedId()).toBe(1)
  })

  test('an event whose callback was not watched leads to its moment', () => {
    viewStore.getState().show('wire')
    selectionStore.getState().selectEvent(4, eventLog.connection(4))
    expect(selectedId()).toBeNull()
    crossOver()
    expect(loopView.getState().playhead).toBe(70)
  })
})

describe('a callback’s words', () => {
  const at = (position: number) => loopLog.callbacks.at(position)

  test('are the protocol’s for what it did', () => {
    expect(callbackWords(eventLog, at(0))).toEqual({ what: 'data-received', detail: '12\u202fB +1' })
    expect(flameLabel(eventLog, at(0))).toBe('data-received · conn 3 · 12\u202fB · 2.00\u202fms')
    expect(callbackWords(eventLog, at(3))).toEqual({ what: 'data-received', detail: '2\u202f048\u202fB' })
  })

  test('name its kind where it did nothing on the wire', () => {
    expect(callbackWords(eventLog, at(2))).toEqual({ what: 'timer', detail: '' })
    expect(callbackWords(eventLog, at(1))).toEqual({ what: 'probe', detail: 'own work' })
  })

  test('say that a stall was asked for, where it was', () => {
    const asked = { ...at(2), type: 'block-loop', lane: 'check', start: 60, end: 260 } as const
    expect(callbackWords(eventLog, asked)).toEqual({ what: 'block the loop', detail: 'asked for by a page' })
    expect(flameLabel(eventLog, asked)).toBe('block the loop · asked for by a page · 200.0\u202fms')
  })

  test('say how long it waited only where that was measured', () => {
    expect(waitedMs(at(0))).toBeNull()
    expect(waitedMs(at(1))).toBeNull()
    expect(waitedMs(at(2))).toBeCloseTo(0.5, 10)
    expect(waitedMs(at(3))).toBe(5)
  })
})

describe('stored settings', () => {
  test('are taken as far as they make sense', () => {
    expect(readSettings('{"slowMs":18,"blockMs":500,"showOwn":true,"squeeze":true}')).toEqual({
      slowMs: 18,
      blockMs: 500,
      showOwn: true,
      squeeze: true,
    })
    const defaults = { slowMs: 100, blockMs: 200, showOwn: false, squeeze: false }
    for (const stored of [null, '', '[', '7', 'null', '{"slowMs":-1,"blockMs":7,"showOwn":"yes"}'])
      expect(readSettings(stored)).toEqual(defaults)
  })
})
