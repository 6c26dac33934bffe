// The probe's level as the page holds it: many state changes a second name it, and only another one is news.
import { afterEach, describe, expect, test } from 'vitest'
import { loopSettings } from '../../renderer/loop/settings.ts'

const level = () => loopSettings.getState().level
const microFrom = () => loopSettings.getState().microFrom

describe('the level that the engine names', () => {
  afterEach(() => loopSettings.setState({ level: null, microFrom: null }))

  test('is taken at once, with the time from which ticks and microtasks are known to be watched', () => {
    loopSettings.getState().takeLevel('callbacks', 10)
    expect([level(), microFrom()]).toEqual(['callbacks', null])
    loopSettings.getState().takeLevel('microtasks', 20)
    expect([level(), microFrom()]).toEqual(['microtasks', 20])
    loopSettings.getState().takeLevel('off', 30)
    expect([level(), microFrom()]).toEqual(['off', null])
  })

  test('renders nothing again where it is the one that holds', () => {
    loopSettings.getState().takeLevel('microtasks', 20)
    let renders = 0
    const stop = loopSettings.subscribe(() => renders++)
    for (let now = 21; now < 100; now++) loopSettings.getState().takeLevel('microtasks', now)
    stop()
    expect([renders, microFrom()]).toEqual([0, 20])
  })
})
