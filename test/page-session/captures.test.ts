// What a page gets of captures: the live one beyond what memory holds, and opened files instead of it. Counterparts:
// main/capture-commands.ts, main/page-source.ts, main/archive.
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { openBatch } from '../../preload/contract/event-columns.ts'
import type { ConnectionId, EndpointId } from '../../preload/contract/vocabulary.ts'
import { temporaryFolder } from '../archive/support/captures.ts'
import { eventsOf, expectOk, startWorkbench, type TestEngine } from '../support/engine.ts'
import { until } from '../support/loopback.ts'
import { pingPong } from '../support/ping-pong.ts'
import { openPage, type Page } from './page.ts'

const start = async (options: Parameters<typeof startWorkbench>[0] = {}) => {
  const folder = temporaryFolder()
  const test = await startWorkbench({ captures: { folder }, ...options })
  return { ...test, folder }
}

const settled = async (test: TestEngine, connections: number) => {
  await until(
    () => test.told.events.filter((event) => event.kind === 'connection-lost').length === connections,
    () => `${connections} connections to be lost`,
  )
  return test.told.events.length
}

/** All events from a seq on, as a page reads them on demand. */
const readAll = async (page: Page, fromSeq = 0) => {
  const events = []
  for (let seq = fromSeq; ; ) {
    const buffer = await page.do('readEvents', { fromSeq: seq, maxBytes: 100_000 })
    if (buffer === null) return events
    const batch = openBatch(buffer)
    events.push(...eventsOf(batch))
    seq = batch.firstSeq + batch.count
  }
}

describe('The live capture', () => {
  it('has every event, also those that memory had to let go', async () => {
    const test = await start({ captureLimitBytes: 64 * 1024 })
    const { port } = await test.listen()
    const page = openPage(test.workbench)
    await pingPong(port, { connections: 20, messages: 200, size: 64 })
    const last = await settled(test, 20)
    expect(test.workbench.capture.info().firstSeq).toBeGreaterThan(1000)
    expect(await readAll(page)).toEqual(test.told.events)
    const old = test.told.events.find((event) => event.kind === 'data-received')!
    expect(Buffer.from((await page.do('readPayload', { seq: old.seq })).data).toString('latin1')).toBe(old.text)
    page.subscribe(0)
    expect(page.messagesOf('capture').at(-1)).toMatchObject({
      file: null,
      capture: { firstSeq: 1, nextSeq: last + 1, droppedEvents: 0 },
    })
    expect(page.messagesOf('recording')).toMatchObject([{ recording: { to: 'file', reason: null } }])

    const filter = { kinds: ['data-sent' as const] }
    const { matches, endSeq } = await page.do('filterEvents', { filter })
    expect([matches, endSeq]).toEqual([test.told.events.filter((event) => event.kind === 'data-sent').length, last + 1])
    const middle = test.told.events[1000]!
    expect((await page.do('seekTime', { at: middle.at })).seq).toBe(
      test.told.events.find((event) => event.at >= middle.at)!.seq,
    )
    const connections = await page.do('readConnections', { fromConnection: 1 as ConnectionId, limit: 100 })
    expect(connections.map(({ id, state, traffic }) => [id, state, traffic])).toEqual(
      [...test.told.connections.values()].map(({ id, state, traffic }) => [id, state, traffic]),
    )
  })

  it('is not there where nothing is recorded to files, and says so', async () => {
    const { workbench } = await startWorkbench()
    const page = openPage(workbench)
    for (const [name, args] of [
      ['listCaptures', null],
      ['recording', null],
      ['startSearch', { search: { pattern: 'a', notation: 'text', ignoreCase: false, filter: {} } }],
    ] as const)
      expect(await page.session.invoke(name, args)).toMatchObject({ ok: false, failure: { code: 'wrong-state' } })
    expect(await page.do('readEvents', { fromSeq: 0, maxBytes: 1000 })).toBeNull()
    expect(await page.do('viewLive', null)).toBeNull()
  })

  it('is filtered and marked in memory where nothing is recorded to files', async () => {
    const test = await startWorkbench()
    const { port } = await test.listen()
    const page = openPage(test.workbench)
    await pingPong(port, { connections: 1, messages: 5, size: 600 })
    await settled(test, 1)
    const sent = test.told.events.filter((event) => event.kind === 'data-sent')
    await page.do('setBookmark', { seq: sent[0]!.seq, note: 'first' })
    expect(await page.do('bookmarks', null)).toEqual([{ seq: sent[0]!.seq, note: 'first' }])
    const matches = async (where: string) => (await page.do('filterEvents', { filter: { where } })).matches
    expect([await matches('kind:data-sent /0:3;/'), await matches('marked:FIRST'), await matches('size>5000')]).toEqual(
      [1, 1, 0],
    )
    await page.do('setBookmark', { seq: sent[0]!.seq, note: null })
    expect(await matches('marked:')).toBe(0)
  })
})

describe('An opened capture', () => {
  it('takes the place of the live recording for the page that opened it, and for no other, until it goes back', async () => {
    const test = await start()
    const { port, endpoint } = await test.listen()
    const page = openPage(test.workbench)
    const other = openPage(test.workbench)
    page.subscribe(0)
    other.subscribe(0)
    await pingPong(port, { connections: 2, messages: 5, size: 10 })
    const last = await settled(test, 2)
    const [live] = await page.do('listCaptures', null)
    const copy = (await page.do('saveCapture', { capture: live!.id, name: 'before' }))!
    expect(copy.name).toBe('before.wireloop')
    await pingPong(port, { connections: 1, messages: 5, size: 10 })
    const newLast = await settled(test, 3)
    await page.caughtUp(newLast)

    await page.do('openCapture', { capture: copy.id })
    const told = page.messages.length
    page.subscribe(0)
    await pingPong(port, { connections: 1, messages: 5, size: 10 })
    await other.caughtUp(await settled(test, 4))
    // What is told of the file is what it keeps, and nothing of what goes on outside of it.
    expect(page.messages.slice(told).map((message) => message.type)).toEqual(['capture', 'recording'])
    expect(page.messagesOf('capture').at(-1)).toMatchObject({
      file: copy.id,
      capture: { firstSeq: 1, nextSeq: last + 1 },
    })
    expect(await readAll(page)).toEqual(test.told.events.slice(0, last))
    const snapshot = await page.do('snapshot', null)
    expect(snapshot).toMatchObject({ seq: last + 1, endpoints: [{ id: endpoint.id, state: 'stopped' }] })
    expect(snapshot.connections.map(({ state }) => state)).toEqual(['lost', 'lost'])
    // Ids of the file mean others in the engine.
    expect(await page.session.invoke('stopEndpoint', { endpoint: endpoint.id })).toMatchObject({
      failure: { code: 'wrong-state', message: expect.stringMatching(/go back to the live recording/) },
    })

    await page.do('viewLive', null)
    expect((await page.do('snapshot', null)).endpoints).toMatchObject([{ id: endpoint.id, state: 'live' }])
    page.subscribe(page.nextSeq)
    await page.caughtUp(test.told.events.length)
    expect(page.events).toEqual(test.told.events)
  })

  it('is searched and marked like the live one', async () => {
    const test = await start()
    const { port } = await test.listen()
    await pingPong(port, { connections: 1, messages: 3, size: 100 })
    await settled(test, 1)
    const page = openPage(test.workbench)
    const sent = test.told.events.find((event) => event.kind === 'data-sent')!
    const pattern = Buffer.from(sent.text.slice(10, 30), 'latin1').toString('hex')
    const [live] = await page.do('listCaptures', null)
    const copy = (await page.do('saveCapture', { capture: live!.id, name: 'copy' }))!
    for (const where of ['live', 'file']) {
      if (where === 'file') await page.do('openCapture', { capture: copy.id })
      const search = await page.do('startSearch', {
        search: { pattern, notation: 'hex', ignoreCase: false, filter: { endpoints: [1 as EndpointId] } },
      })
      const progress = await page.do('continueSearch', { search })
      expect([...progress.seqs]).toContain(sent.seq)
      await page.do('setBookmark', { seq: sent.seq, note: where })
      expect(await page.do('bookmarks', null)).toEqual([{ seq: sent.seq, note: where }])
    }
    expect(await page.session.invoke('deleteCapture', { capture: live!.id })).toMatchObject({ ok: false })
    await page.do('viewLive', null)
    await page.do('deleteCapture', { capture: copy.id })
    expect((await page.do('listCaptures', null)).map(({ id }) => id)).toEqual([live!.id])
  })

  it('may be what a workbench is opened with, and refuses what is none', async () => {
    const first = await start()
    const { port } = await first.listen()
    await pingPong(port, { connections: 1, messages: 3, size: 100 })
    await settled(first, 1)
    const { archive } = first.workbench
    const live = expectOk(await archive!.list())[0]!
    const copy = expectOk(await archive!.save(live.id, { name: 'copy' }))
    const path = join(copy.folder, copy.name)
    const second = await start({ open: path })
    const page = openPage(second.workbench)
    expect(await readAll(page)).toEqual(first.told.events)
    await page.do('viewLive', null)
    expect(await readAll(page)).toEqual([])
    await expect(start({ open: join(copy.folder, 'nowhere.wireloop') })).rejects.toThrow(/nowhere\.wireloop/)
  })
})
