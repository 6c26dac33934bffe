// Chunks that wait for a person: in order, bounded, let go as they are, edited or not at all. Counterparts:
// main/engine/endpoints/lab/{intercept,held-chunks}.ts; relay-lab.test.ts holds chunks in a real relay.
import { expect, it } from 'vitest'
import { labBounds } from '../../../../preload/contract/faults.ts'
import { lab, virtualFlow } from './virtual-flow.ts'

const all = { on: true, pattern: { match: 'always', text: '' } } as const
const off = { on: false, pattern: { match: 'always', text: '' } } as const
const matching = (text: string) => ({ on: true, pattern: { match: 'contains' as const, text } })

it('holds every chunk, tells of each, and lets them go in order', () => {
  const test = virtualFlow(lab({ intercept: all }))
  for (const text of ['a', 'b', 'c']) test.push(text)
  test.end()
  test.pass(40)
  expect(test.out).toEqual([])
  expect(test.held.list(2)).toMatchObject([
    { id: 1, flow: 'upstream', from: 1, to: 2, seq: 10, data: new Uint8Array([0x61]) },
    { id: 2, seq: 11, data: new Uint8Array([0x62]) },
  ])
  expect({ count: test.held.count, bytes: test.held.bytes }).toEqual({ count: 3, bytes: 3 })
  expect(test.held.forward(null)).toBe(3)
  expect(test.out.map(({ text }) => text)).toEqual(['a', 'b', 'c', '[fin]'])
  expect(test.held.count).toBe(0)
  expect(test.events.map(({ kind, details }) => ({ kind, ...(details as object) }))).toEqual([
    ...[1, 2, 3].map((held) => ({ kind: 'chunk-held', held, flow: 'upstream', chunk: 9 + held })),
    ...[1, 2, 3].map((held) => ({
      kind: 'chunk-released',
      held,
      flow: 'upstream',
      chunk: 9 + held,
      decision: 'forwarded',
      bytes: 1,
      heldMs: 40,
    })),
  ])
})

it('lets a chunk that was decided on wait for those before it: bytes never overtake bytes', () => {
  const test = virtualFlow(lab({ intercept: all }))
  for (const text of ['a', 'b', 'c', 'd']) test.push(text)
  expect(test.held.forward([3], Buffer.from('CC'))).toBe(1)
  expect(test.held.drop([2])).toBe(1)
  expect(test.out).toEqual([])
  expect(test.held.list(10).map(({ id }) => id)).toEqual([1, 4])
  expect(test.held.forward([1])).toBe(1)
  expect(test.text()).toBe('aCC')
  expect(test.held.forward([1, 2, 3])).toBe(0)
  expect(test.held.forward([4])).toBe(1)
  expect(test.text()).toBe('aCCd')
  const decisions = test.events.filter(({ kind }) => kind === 'chunk-released').map(({ details }) => details)
  expect(decisions).toMatchObject([
    { held: 1, decision: 'forwarded', bytes: 1 },
    { held: 2, decision: 'dropped', bytes: 0 },
    { held: 3, decision: 'edited', bytes: 2 },
    { held: 4, decision: 'forwarded', bytes: 1 },
  ])
})

it('holds only what matches; what comes behind it waits too, and asks nobody', () => {
  const test = virtualFlow(lab({ intercept: matching('SECRET') }))
  for (const text of ['one', 'SECRET', 'two', 'SECRET 2', 'three']) test.push(text)
  expect(test.text()).toBe('one')
  expect(test.held.count).toBe(2)
  test.held.forward([1])
  expect(test.text()).toBe('oneSECRETtwo')
  test.held.drop(null)
  expect(test.text()).toBe('oneSECRETtwothree')
})

it('lets all go in order when it is switched off', () => {
  const test = virtualFlow(lab({ intercept: all }))
  for (const text of ['a', 'b']) test.push(text)
  test.configure([], { intercept: off })
  test.push('c')
  expect(test.text()).toBe('abc')
})

it('reads no more when as many chunks or bytes wait as may, of all pairs together, and goes on when there is room', () => {
  const few = virtualFlow(lab({ intercept: all }))
  for (let i = 1; i < labBounds.heldChunks; i++) few.push('x')
  expect(few.paused.size).toBe(0)
  const other = virtualFlow(lab({ intercept: all }), { relay: few.relay })
  other.push('x')
  expect([few.paused.size, other.paused.size]).toEqual([0, 1])
  few.push('x')
  expect([...few.paused]).toEqual(['held'])
  few.held.forward([1, 2])
  expect([few.paused.size, other.paused.size]).toEqual([0, 0])

  const large = virtualFlow(lab({ intercept: all }))
  const chunk = new Uint8Array(1024 * 1024)
  for (let bytes = chunk.length; bytes < labBounds.heldBytes; bytes += chunk.length) large.push(chunk)
  expect(large.paused.size).toBe(0)
  large.push(chunk)
  expect([...large.paused]).toEqual(['held'])
})

it('reads on where it is switched off, however many chunks of others wait', () => {
  const full = virtualFlow(lab({ intercept: all }))
  for (let i = 0; i < labBounds.heldChunks; i++) full.push('x')
  const other = virtualFlow(lab({ intercept: all }), { relay: full.relay })
  other.push('y')
  expect([...other.paused]).toEqual(['held'])
  other.configure([], { intercept: off })
  expect(other.text()).toBe('y')
  expect(other.paused.size).toBe(0)
})

it('gives as much room back as an edited chunk took, whatever its size is now', () => {
  const test = virtualFlow(lab({ intercept: all }))
  for (let round = 0; round < 3; round++) {
    for (let i = 0; i < labBounds.heldChunks; i++) test.push('x')
    expect([...test.paused]).toEqual(['held'])
    for (const { id } of test.held.list(10)) test.held.forward([id], new Uint8Array(1000))
    test.held.forward(null)
    expect(test.paused.size).toBe(0)
  }
})

it('throws away what is held when its sink is gone', () => {
  const test = virtualFlow(lab({ intercept: all }))
  test.push('a')
  test.flow.dispose()
  expect(test.held.count).toBe(0)
  expect(test.out).toEqual([])
  expect(test.events.at(-1)).toMatchObject({ kind: 'chunk-released', details: { decision: 'dropped', bytes: 0 } })
})
