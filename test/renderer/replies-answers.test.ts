// How an endpoint answers, between its fields and its spec: what is applied, and what was typed beside it and comes back.
// Counterparts: renderer/replies/answers.ts, renderer/replies/kept-scripts.ts.
import { describe, expect, it } from 'vitest'
import type { EndpointId, ListenerSpec } from '../../preload/contract/vocabulary.ts'
import { answersOf, newRule, withAnswers } from '../../renderer/replies/answers.ts'
import { createKeptScripts, mostKeptScripts } from '../../renderer/replies/kept-scripts.ts'

const listener: ListenerSpec = {
  role: 'listener',
  name: 'echo',
  host: '127.0.0.1',
  port: 0,
  reply: 'echo',
  greeting: new Uint8Array(),
}
const at = (id: number) => id as EndpointId
const script = { name: 'shout.ts', source: 'export default class {}' }

describe('How an endpoint answers', () => {
  it('keeps the rules in the spec when the script is applied', () => {
    const answers = { ...answersOf(listener), how: 'script' as const, script, rules: [{ key: 1, value: newRule }] }
    const applied = withAnswers(listener, answers)
    expect(applied).toMatchObject({ script })
    expect(answersOf(applied).rules.map(({ value }) => value)).toEqual([newRule])
  })

  it('shows a script again that was typed before rules were applied', () => {
    const kept = createKeptScripts(() => 'engine')
    const applied = withAnswers(listener, { ...answersOf(listener), how: 'rules', script })
    expect(applied).not.toHaveProperty('script')
    kept.keep(at(3), script)
    expect(answersOf(applied, kept.of(at(3)))).toMatchObject({ how: 'rules', script })
    expect(answersOf(applied, kept.of(at(4))).script.source).toBe('')
    // What the spec says goes before what was kept.
    const other = { ...script, source: 'export default 1' }
    expect(answersOf({ ...applied, script: other } as ListenerSpec, kept.of(at(3))).script).toEqual(other)
  })

  it('keeps the scripts of the newest endpoints, none that is empty, and none of another engine', () => {
    let engine = 'first'
    const kept = createKeptScripts(() => engine)
    for (let id = 1; id <= mostKeptScripts; id++) kept.keep(at(id), script)
    kept.keep(at(1), script)
    kept.keep(at(mostKeptScripts + 1), script)
    expect([1, 2, 3].map((id) => kept.of(at(id)))).toEqual([script, undefined, script])
    kept.keep(at(1), { name: '', source: ' ' })
    expect(kept.of(at(1))).toBeUndefined()
    engine = 'second'
    expect(kept.of(at(3))).toBeUndefined()
  })
})
