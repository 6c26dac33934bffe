// Where a page may be somebody else's, it gets no script run and no file read. Counterpart: main/page-code.ts.
import { expect, it } from 'vitest'
import { createPageSession } from '../../main/page-session.ts'
import type { ReplyRule } from '../../preload/contract/replies.ts'
import type { EndpointInfo, ListenerSpec } from '../../preload/contract/vocabulary.ts'
import { expectOk, startWorkbench } from '../support/engine.ts'

const spec: ListenerSpec = {
  role: 'listener',
  name: 'code',
  host: '127.0.0.1',
  port: 0,
  reply: 'echo',
  greeting: new Uint8Array(0),
}
const replying = (reply: string): ReplyRule => ({
  name: '',
  on: false,
  pattern: { match: 'always', text: '' },
  once: false,
  reply,
  notation: 'text',
  delayMs: 0,
  after: 'nothing',
})
const script = { name: 'any', source: 'export default class { dataReceived() {} }' }

it.each([
  [{ script }, 'spec.script'],
  [{ rules: [replying('plain'), replying('{{file:/etc/hostname}}')] }, 'spec.rules.1.reply'],
])('A page that may be somebody else’s is refused %j, in every command that takes a spec', async (changes, path) => {
  const { workbench } = await startWorkbench({ runsEditedLessons: false })
  const page = createPageSession(workbench, () => undefined)
  const made = expectOk(await page.invoke('createEndpoint', { spec })) as EndpointInfo
  const changed = { ...spec, ...changes }
  const refused = { ok: false, failure: { code: 'refused', path } }
  expect(await page.invoke('createEndpoint', { spec: changed })).toMatchObject(refused)
  expect(await page.invoke('updateEndpoint', { endpoint: made.id, spec: changed })).toMatchObject(refused)
  expectOk(await page.invoke('stopEndpoint', { endpoint: made.id }))
  expect(await page.invoke('startEndpoint', { endpoint: made.id, spec: changed })).toMatchObject(refused)
  expectOk(await page.invoke('updateEndpoint', { endpoint: made.id, spec: { ...spec, rules: [replying('$0')] } }))
  page.dispose()
})

it('A page of this machine may do both', async () => {
  const { workbench } = await startWorkbench()
  const page = createPageSession(workbench, () => undefined)
  expectOk(await page.invoke('createEndpoint', { spec: { ...spec, script } }))
  expectOk(
    await page.invoke('createEndpoint', { spec: { ...spec, rules: [replying(`{{file:${import.meta.filename}}}`)] } }),
  )
  page.dispose()
})
