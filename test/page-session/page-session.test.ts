// What a page gets of a real workbench: commands checked, events in order and paced by its credits, states merged.
// Counterpart: main/page-session.ts.
import { describe, expect, it } from 'vitest'
import { pageBatchBytes, pageCreditMarks, pagePreviewBytes } from '../../preload/contract/api.ts'
import type { EndpointId } from '../../preload/contract/vocabulary.ts'
import { connectTo, crash, engineThread, startWorkbench, type TestEngine } from '../support/engine.ts'
import { until } from '../support/loopback.ts'
import { pingPong } from '../support/ping-pong.ts'
import { checkSeqs, openPage, type Page } from './page.ts'

/** Waits until the workbench has all events of the connections that have come and gone; answers the seq of the last. */
const settled = async (test: TestEngine, connections: number): Promise<number> => {
  await until(
    () => test.told.events.filter((event) => event.kind === 'connection-lost').length === connections,
    () => `${connections} connections to be lost`,
  )
  return test.told.events.length
}

describe('A command of a page', () => {
  it('reaches the engine, and its answer the page', async () => {
    const { workbench } = await startWorkbench()
    const page = openPage(workbench)
    const spec = {
      role: 'listener',
      name: 'echo',
      host: '127.0.0.1',
      port: 0,
      reply: 'echo',
      greeting: new Uint8Array(),
    } as const
    const endpoint = await page.do('createEndpoint', { spec })
    expect(endpoint).toMatchObject({ state: 'live', spec })
    expect((await page.do('snapshot', null)).endpoints).toEqual([endpoint])
  })

  it('that is wrong fails, says where, and changes nothing', async () => {
    const { workbench, told } = await startWorkbench()
    const { session } = openPage(workbench)
    const client = { role: 'client', name: '', host: '127.0.0.1', port: 1, connectTimeoutMs: 1000 }
    for (const [name, args, path] of [
      ['reboot', null, undefined],
      [undefined, undefined, undefined],
      [{ toString: 1, valueOf: 1 }, null, undefined],
      ['createEndpoint', { spec: { ...client, port: 70000 } }, 'spec.port'],
      ['createEndpoint', { spec: { ...client, host: 'a b' } }, 'spec.host'],
      ['createEndpoint', { spec: { ...client, port: { toString: 1, valueOf: 1 } } }, 'spec.port'],
      ['send', { connection: '1', data: new Uint8Array(1) }, 'connection'],
      ['send', { connection: 1, data: 'Hello' }, 'data'],
      ['snapshot', {}, undefined],
    ] as const) {
      const answer = await session.invoke(name, args)
      expect(answer).toMatchObject({ ok: false, failure: { code: 'bad-argument' } })
      expect(!answer.ok && answer.failure.path).toBe(path)
    }
    await session.invoke('snapshot', null)
    expect([told.events, told.endpoints.size]).toEqual([[], 0])
  })

  it('reads whole payloads where events bring only the beginning', async () => {
    const { workbench, listen } = await startWorkbench()
    const { port } = await listen({ reply: 'discard' })
    const page = openPage(workbench)
    page.subscribe(0)
    const peer = await connectTo(port)
    const sent = Buffer.alloc(2000, 'Hello World! ')
    peer.send(sent)
    await until(
      () => page.events.some((event) => event.kind === 'data-received'),
      () => 'the bytes',
    )
    const event = page.events.find(({ kind }) => kind === 'data-received')!
    expect(event).toMatchObject({ length: 2000, text: sent.toString().slice(0, pagePreviewBytes) })
    expect(await page.do('readPayload', { seq: event.seq })).toEqual({ data: new Uint8Array(sent), length: 2000 })
    expect(await page.session.invoke('readPayload', { seq: 1_000_000 })).toMatchObject({
      failure: { code: 'not-found' },
    })
  })
})

describe('A message of a page', () => {
  it('that is malformed fails and changes nothing', async () => {
    const { workbench, listen } = await startWorkbench()
    await listen()
    const { session, messages } = openPage(workbench)
    for (const message of [
      undefined,
      null,
      'subscribe',
      {},
      { type: 'unsubscribe' },
      { type: 'subscribe', fromSeq: -1 },
      { type: 'subscribe', fromSeq: 0, extra: 1 },
      { type: 'credit', bytes: Number.NaN },
    ])
      expect(session.receive(message)).toMatchObject({ ok: false, failure: { code: 'bad-argument' } })
    expect(messages).toEqual([])
  })
})

describe('The event stream', () => {
  it('begins with the subscription', async () => {
    const { workbench, listen } = await startWorkbench()
    const page = openPage(workbench)
    await listen()
    expect(page.messages).toEqual([])
    page.subscribe(0)
    expect(page.events.map((event) => event.kind)).toEqual(['listener-started'])
    expect(page.messagesOf('capture')).toMatchObject([{ capture: { firstSeq: 1, nextSeq: 2, droppedEvents: 0 } }])
  })

  it('is as the engine recorded it, in order and without a gap', async () => {
    const test = await startWorkbench()
    const { port } = await test.listen()
    const page = openPage(test.workbench)
    page.subscribe(0)
    await pingPong(port, { connections: 5, messages: 50, size: 64 })
    await page.caughtUp(await settled(test, 5))
    expect(checkSeqs(page.batches)).toBe(0)
    expect(page.events).toEqual(test.told.events)
  })

  it('stops for a page that pays nothing at the high mark and a batch, and goes on when it pays', async () => {
    const test = await startWorkbench()
    const { port } = await test.listen()
    const page = openPage(test.workbench, 'by hand')
    page.subscribe(0)
    await pingPong(port, { connections: 20, messages: 400, size: 64 })
    const last = await settled(test, 20)
    expect(page.owed).toBeGreaterThan(pageCreditMarks.highBytes)
    expect(page.owed).toBeLessThanOrEqual(pageCreditMarks.highBytes + pageBatchBytes)
    expect(page.nextSeq).toBeLessThan(last)
    expect(page.messagesOf('batch').every(({ buffer }) => buffer.byteLength <= pageBatchBytes)).toBe(true)

    const held = page.nextSeq
    page.pay(page.owed - pageCreditMarks.lowBytes - 1)
    expect(page.nextSeq).toBe(held)
    page.pay(1)
    expect(page.nextSeq).toBeGreaterThan(held)
    while (page.nextSeq <= last) page.pay()
    expect(checkSeqs(page.batches)).toBe(0)
    expect(page.events).toEqual(test.told.events)
  })

  it('does not take more credit than it gave', async () => {
    const test = await startWorkbench()
    const { port } = await test.listen()
    const page = openPage(test.workbench, 'by hand')
    page.subscribe(0)
    page.session.receive({ type: 'credit', bytes: Number.MAX_SAFE_INTEGER })
    await pingPong(port, { connections: 20, messages: 400, size: 64 })
    await settled(test, 20)
    expect(page.owed).toBeLessThanOrEqual(pageCreditMarks.highBytes + pageBatchBytes)
  })

  it('starts again from any seq that the page asks for', async () => {
    const test = await startWorkbench()
    const { port } = await test.listen()
    const page = openPage(test.workbench)
    page.subscribe(0)
    await pingPong(port, { connections: 2, messages: 20, size: 64 })
    const last = await settled(test, 2)
    await page.caughtUp(last)
    for (const fromSeq of [last, 17, 1, 0, last + 1]) {
      const before = page.batches.length
      page.subscribe(fromSeq)
      const again = page.batches.slice(before)
      expect(checkSeqs(again, Math.max(1, fromSeq))).toBe(0)
      expect(again.reduce((sum, batch) => sum + batch.count, 0)).toBe(last + 1 - Math.max(1, fromSeq))
    }
  })

  it('starts for a late page with the oldest event that is kept, and says how many are not', async () => {
    const test = await startWorkbench({ captureLimitBytes: 40_000 })
    const { port } = await test.listen()
    await pingPong(port, { connections: 10, messages: 100, size: 64 })
    const last = await settled(test, 10)
    const { firstSeq, droppedEvents } = test.workbench.capture.info()
    expect(firstSeq).toBeGreaterThan(1)
    const page = openPage(test.workbench)
    page.subscribe(0)
    await page.caughtUp(last)
    expect(page.events[0]!.seq).toBe(firstSeq)
    expect(checkSeqs(page.batches)).toBe(droppedEvents)
    expect(page.events).toEqual(test.told.events.slice(firstSeq - 1))
  })

  it('tells a page that was behind for too long what it has missed', async () => {
    const test = await startWorkbench({ captureLimitBytes: 40_000 })
    const { port } = await test.listen()
    const page = openPage(test.workbench, 'by hand')
    page.subscribe(0)
    await pingPong(port, { connections: 20, messages: 500, size: 64 })
    const last = await settled(test, 20)
    while (page.nextSeq <= last) page.pay()
    const missed = checkSeqs(page.batches)
    expect(missed).toBeGreaterThan(0)
    expect(page.events.length + missed).toBe(last)
  })

  it('is the same for pages of different speeds, at the same time', async () => {
    const test = await startWorkbench()
    const { port } = await test.listen()
    const pages = [
      openPage(test.workbench),
      openPage(test.workbench, { turns: 50 }),
      openPage(test.workbench, { turns: 500 }),
      openPage(test.workbench, 'by hand'),
    ]
    for (const page of pages) page.subscribe(0)
    await pingPong(port, { connections: 20, messages: 400, size: 64 })
    const last = await settled(test, 20)
    while (pages[3]!.nextSeq <= last) pages[3]!.pay()
    for (const page of pages) {
      await page.caughtUp(last)
      expect(checkSeqs(page.batches)).toBe(0)
      expect(page.events).toEqual(test.told.events)
    }
  })

  it('tells how full the capture is while events come in', async () => {
    const test = await startWorkbench()
    const { port } = await test.listen()
    const page = openPage(test.workbench)
    page.subscribe(0)
    await pingPong(port, { connections: 1, messages: 10, size: 64 })
    const last = await settled(test, 1)
    await until(
      () => page.messagesOf('capture').at(-1)?.capture.nextSeq === last + 1,
      () => 'the last word on the capture',
    )
    expect(page.messagesOf('capture').at(-1)!.capture).toEqual(test.workbench.capture.info())
  })

  it('ends when the page is gone', async () => {
    const test = await startWorkbench()
    const { port } = await test.listen()
    const page = openPage(test.workbench)
    page.subscribe(0)
    page.session.dispose()
    const told = page.messages.length
    await pingPong(port, { connections: 1, messages: 10, size: 64 })
    await settled(test, 1)
    await test.do('snapshot', null)
    expect(page.messages).toHaveLength(told)
  })
})

describe('The state', () => {
  it('follows the events that led to it', async () => {
    const test = await startWorkbench()
    const page = openPage(test.workbench)
    page.subscribe(0)
    const { endpoint } = await test.listen()
    const kinds = page.messages.map((message) => message.type)
    expect(kinds.indexOf('state')).toBeGreaterThan(kinds.indexOf('batch'))
    expect(page.messagesOf('state').at(-1)!.change.endpoints).toMatchObject([{ id: endpoint.id, state: 'live' }])
  })

  it('waits for a page that has asked for a snapshot and not subscribed yet', async () => {
    const test = await startWorkbench()
    const page = openPage(test.workbench)
    const { seq } = await page.do('snapshot', null)
    const { endpoint } = await test.listen()
    expect(page.messagesOf('state')).toEqual([])
    page.subscribe(seq)
    expect(page.messagesOf('state').flatMap(({ change }) => change.endpoints)).toMatchObject([{ id: endpoint.id }])
  })

  it('is told once, as it is then, when a page that paid nothing pays', async () => {
    const test = await startWorkbench()
    const { endpoint, port } = await test.listen()
    const gone = await test.listen()
    const page = openPage(test.workbench, 'by hand')
    page.subscribe(0)
    await pingPong(port, { connections: 20, messages: 400, size: 64 })
    await settled(test, 20)
    const told = page.messagesOf('state').length
    const more = await test.listen({ name: 'later' })
    await test.do('removeEndpoint', { endpoint: gone.endpoint.id })
    expect(page.messagesOf('state')).toHaveLength(told)

    page.pay()
    const [{ change }, ...others] = page.messagesOf('state').slice(told) as [{ change: never }, ...unknown[]]
    expect(others).toEqual([])
    expect(change).toMatchObject({ removedEndpoints: [gone.endpoint.id] })
    const endpoints = (change as { endpoints: { id: EndpointId; connectionsNow: number; connectionsTotal: number }[] })
      .endpoints
    expect(endpoints.map(({ id }) => id).toSorted()).toEqual([endpoint.id, more.endpoint.id])
    expect(endpoints.find(({ id }) => id === endpoint.id)).toMatchObject({ connectionsNow: 0, connectionsTotal: 20 })
  })

  it('comes to a page that is never quite up to date', async () => {
    const test = await startWorkbench()
    const { port } = await test.listen()
    await pingPong(port, { connections: 20, messages: 1000, size: 64 })
    await settled(test, 20)
    const page = openPage(test.workbench, 'by hand')
    page.subscribe(0)
    const { endpoint } = await test.listen()
    page.pay()
    // There are events left that it has not got, and it knows of the new listener all the same.
    expect(page.nextSeq).toBeLessThan(test.told.events.length)
    expect(page.messagesOf('state').flatMap(({ change }) => change.endpoints.map(({ id }) => id))).toContain(
      endpoint.id,
    )
  })

  it('does not grow with connections that have come and gone while nobody paid', async () => {
    const test = await startWorkbench()
    const { port } = await test.listen()
    const page = openPage(test.workbench, 'by hand')
    for (let round = 0; round < 15; round++) {
      await pingPong(port, { connections: 100, messages: 1, size: 1 })
      await settled(test, 100 * (round + 1))
    }
    await until(
      () => test.told.connections.size >= 1500,
      () => `1500 connections; ${test.told.connections.size} were told of`,
    )
    const snapshot = await test.do('snapshot', null)
    page.subscribe(0)
    const [state] = page.messagesOf('state')
    expect(state!.change.connections.map(({ id }) => id).toSorted((a, b) => a - b)).toEqual(
      snapshot.connections.map(({ id }) => id),
    )
    // Nor with their ids: this page has never heard of them.
    expect(state!.change.removedConnections).toEqual([])
  })

  it('tells a page that did not pay of the connections of its snapshot that are forgotten, and of no others', async () => {
    const test = await startWorkbench()
    const { port } = await test.listen()
    const page = openPage(test.workbench, 'by hand')
    await pingPong(port, { connections: 100, messages: 1, size: 1 })
    await settled(test, 100)
    const known = (await page.do('snapshot', null)).connections.map(({ id }) => id)
    for (let round = 1; round < 15; round++) {
      await pingPong(port, { connections: 100, messages: 1, size: 1 })
      await settled(test, 100 * (round + 1))
    }
    const kept = new Set((await test.do('snapshot', null)).connections.map(({ id }) => id))
    page.subscribe(0)
    const [state] = page.messagesOf('state')
    expect(new Set(state!.change.removedConnections)).toEqual(new Set(known.filter((id) => !kept.has(id))))
    expect(state!.change.removedConnections).toHaveLength(100)
  })

  it('tells every page of the probe’s level that one of them has chosen, also where nothing else happens', async () => {
    const test = await startWorkbench()
    const pages = [openPage(test.workbench), openPage(test.workbench)]
    for (const page of pages) page.subscribe(0)
    const told = (page: Page) => page.messagesOf('state').map(({ change }) => change.probe)
    for (const level of ['microtasks', 'off', 'heartbeat'] as const) {
      await pages[0]!.do('setProbe', { level })
      expect(pages.map((page) => told(page).at(-1))).toEqual([level, level])
    }
    // The same level once more is no news.
    await pages[0]!.do('setProbe', { level: 'heartbeat' })
    expect(pages.map(told)).toEqual([
      ['microtasks', 'off', 'heartbeat'],
      ['microtasks', 'off', 'heartbeat'],
    ])
  })

  it('tells a page that subscribes later of the level that holds by then', async () => {
    const test = await startWorkbench()
    const page = openPage(test.workbench)
    expect((await page.do('snapshot', null)).probe).toBe('callbacks')
    await test.do('setProbe', { level: 'microtasks' })
    await test.do('setProbe', { level: 'off' })
    page.subscribe(0)
    expect(page.messagesOf('state').map(({ change }) => change.probe)).toEqual(['off'])
  })
})

describe('Snapshot and events together, under traffic', () => {
  /** What the events up to a seq add up to, by connection: bytes and messages each way. */
  const sumUp = (
    events: readonly { kind: string; connection: number; length: number; seq: number }[],
    beforeSeq: number,
  ) => {
    const sums = new Map<number, number[]>()
    for (const { kind, connection, length, seq } of events) {
      if (seq >= beforeSeq) break
      const way = kind === 'data-received' ? 0 : kind === 'data-sent' ? 2 : -1
      if (way < 0) continue
      const sum = sums.get(connection) ?? [0, 0, 0, 0]
      sum[way]! += length
      sum[way + 1]!++
      sums.set(connection, sum)
    }
    return sums
  }

  it('agree exactly: each state is what the events before its seq add up to', async () => {
    const test = await startWorkbench()
    const { port } = await test.listen()
    const page = openPage(test.workbench)
    page.subscribe(0)
    const snapshots: Awaited<ReturnType<typeof takeSnapshot>>[] = []
    const takeSnapshot = () => page.do('snapshot', null)
    await pingPong(port, {
      connections: 10,
      messages: 200,
      size: 64,
      before: (connection, message) =>
        connection === message % 10 ? takeSnapshot().then((snapshot) => void snapshots.push(snapshot)) : undefined,
    })
    await page.caughtUp(await settled(test, 10))
    const states = [...snapshots, ...page.messagesOf('state').map(({ change }) => change)]
    expect(states.length).toBeGreaterThan(200)
    for (const { seq, connections } of states) {
      const sums = sumUp(page.events, seq)
      for (const { id, traffic } of connections)
        expect([traffic.bytesReceived, traffic.messagesReceived, traffic.bytesSent, traffic.messagesSent]).toEqual(
          sums.get(id) ?? [0, 0, 0, 0],
        )
    }
  })

  it('lose nothing when the page is loaded again and again', async () => {
    const test = await startWorkbench()
    const { endpoint, port } = await test.listen()
    const pages: ReturnType<typeof openPage>[] = []
    const seqs: number[] = []
    /** As renderer/link does it: a snapshot, then all events from the oldest on. */
    const reload = async () => {
      pages.at(-1)?.session.dispose()
      const page = openPage(test.workbench, { turns: pages.length % 7 })
      pages.push(page)
      const { seq } = await page.do('snapshot', null)
      seqs.push(seq)
      page.subscribe(0)
    }
    await reload()
    const outside = await pingPong(port, {
      connections: 10,
      messages: 300,
      size: 64,
      before: (connection, message) => (connection === 0 && message % 10 === 0 ? reload() : undefined),
    })
    const last = await settled(test, 10)
    const page = pages.at(-1)!
    await page.caughtUp(last)

    // It was loaded in the middle of it, not before and not after.
    expect(pages.length).toBeGreaterThan(30)
    expect(seqs.at(-1)).toBeGreaterThan(100)
    expect(seqs.at(-1)).toBeLessThan(last)
    for (const each of pages) expect(checkSeqs(each.batches)).toBe(0)
    const received = page.events.filter((event) => event.kind === 'data-received')
    expect(received).toHaveLength(outside.messages)
    expect(received.reduce((sum, event) => sum + event.length, 0)).toBe(outside.bytesSent)
    const [state] = (await page.do('snapshot', null)).endpoints.filter(({ id }) => id === endpoint.id)
    expect(state!.traffic).toEqual({
      bytesReceived: outside.bytesSent,
      bytesSent: outside.bytesReceived,
      messagesReceived: outside.messages,
      messagesSent: outside.messages,
    })
  })

  it('lose nothing when the link breaks and the page goes on where it was', async () => {
    const test = await startWorkbench()
    const { port } = await test.listen()
    const pages = [openPage(test.workbench)]
    pages[0]!.subscribe(0)
    await pingPong(port, {
      connections: 5,
      messages: 200,
      size: 64,
      before: (connection, message) => {
        if (connection !== 0 || message % 10 !== 5) return undefined
        const broken = pages.at(-1)!
        broken.session.dispose()
        const page = openPage(test.workbench)
        pages.push(page)
        const fromSeq = pages.reduce((seq, { nextSeq }) => Math.max(seq, nextSeq), 0)
        return page.do('snapshot', null).then(() => page.subscribe(fromSeq))
      },
    })
    const last = await settled(test, 5)
    await pages.at(-1)!.caughtUp(last)
    const all = pages.flatMap((page) => page.batches)
    expect(checkSeqs(all)).toBe(0)
    expect(pages.flatMap((page) => page.events)).toEqual(test.told.events)
  })
})

describe("The loop's records", () => {
  const recordsOf = (page: ReturnType<typeof openPage>) =>
    page.loopBatches.flatMap((batch) =>
      Array.from({ length: batch.count }, (_, i) => ({ record: batch.first + i, id: batch.id[i]! })),
    )
  const isContiguous = (records: readonly { record: number }[], from: number) =>
    records.every(({ record }, i) => record === from + i)

  it('come only to a page that asks for them', async () => {
    const test = await startWorkbench()
    const { port } = await test.listen()
    const [asking, other] = [openPage(test.workbench), openPage(test.workbench)]
    asking.subscribe(0, 0)
    other.subscribe(0)
    await pingPong(port, { connections: 2, messages: 20, size: 64 })
    await settled(test, 2)
    await until(
      () => recordsOf(asking).length > 40,
      () => `records; ${recordsOf(asking).length} came`,
    )
    expect(other.loopBatches).toEqual([])
  })

  it('come in order, each once, however small the batches that they were recorded in', async () => {
    const test = await startWorkbench()
    const { port } = await test.listen()
    const page = openPage(test.workbench)
    page.subscribe(0, 0)
    // Every answer publishes what there is: some hundred small batches, which the capture puts together meanwhile.
    await pingPong(port, {
      connections: 1,
      messages: 300,
      size: 64,
      before: () => page.do('snapshot', null).then(() => undefined),
    })
    await settled(test, 1)
    expect(page.loopBatches.length).toBeGreaterThan(128)
    expect(isContiguous(recordsOf(page), 1)).toBe(true)
    expect(page.messagesOf('loop').every(({ buffer }) => buffer.byteLength <= pageBatchBytes)).toBe(true)

    const { nextRecord } = test.workbench.capture.info().loop
    const late = openPage(test.workbench)
    late.subscribe(0, 150)
    await until(
      () => recordsOf(late).length >= nextRecord - 150,
      () => 'the records from 150 on',
    )
    expect(isContiguous(recordsOf(late), 150)).toBe(true)
  })

  it('cost the page credit as events do', async () => {
    const test = await startWorkbench()
    const { port } = await test.listen()
    await pingPong(port, { connections: 20, messages: 400, size: 64 })
    const last = await settled(test, 20)
    const page = openPage(test.workbench, 'by hand')
    page.subscribe(last + 1, 0)
    expect(page.owed).toBeGreaterThan(pageCreditMarks.highBytes)
    expect(page.owed).toBeLessThanOrEqual(pageCreditMarks.highBytes + pageBatchBytes)
    page.pay()
    expect(isContiguous(recordsOf(page), 1)).toBe(true)
  })

  it('go on in their numbers when the engine is started again', async () => {
    const test = await startWorkbench()
    const page = openPage(test.workbench)
    page.subscribe(0, 0)
    const first = await test.listen()
    await pingPong(first.port, { connections: 1, messages: 20, size: 64 })
    await settled(test, 1)
    crash(engineThread())
    await until(
      () => !test.engine.running,
      () => 'the engine to fail',
    )
    const before = recordsOf(page)
    await page.do('restartEngine', null)
    const second = await test.listen()
    await pingPong(second.port, { connections: 1, messages: 20, size: 64 })
    await settled(test, 2)
    // Records are published later than events.
    await until(
      () => recordsOf(page).length > before.length + 20,
      () => `records of the second engine; ${recordsOf(page).length - before.length} came`,
    )
    const records = recordsOf(page)
    expect(isContiguous(records, 1)).toBe(true)
    const ids = records.map(({ id }) => id).filter((id) => id > 0)
    expect(new Set(ids).size).toBe(ids.length)
    // Every event of the second engine names a callback of the second engine.
    const lastOfFirst = Math.max(...before.map(({ id }) => id))
    const callbacks = page.batches.flatMap((batch) => Array.from(batch.callback))
    expect(callbacks.at(-1)).toBeGreaterThan(lastOfFirst)
  })
})

describe('An engine that fails', () => {
  it('is reported to the page, and can be started again by it, with the old events still there', async () => {
    const test = await startWorkbench()
    const { port } = await test.listen({ reply: 'discard' })
    const page = openPage(test.workbench)
    page.subscribe(0)
    const peer = await connectTo(port)
    peer.send(Buffer.from('before'))
    const event = await test.event(({ kind }) => kind === 'data-received')
    crash(engineThread())
    await until(
      () => page.messagesOf('engine').length === 1,
      () => 'the page to be told',
    )
    const [told] = page.messagesOf('engine')
    expect(told).toMatchObject({ running: false, message: expect.stringMatching(/^The engine thread failed: /) })
    expect(await page.session.invoke('snapshot', null)).toMatchObject({ failure: { code: 'engine-stopped' } })
    expect(await page.do('readPayload', { seq: event.seq })).toMatchObject({ length: 6 })

    await page.do('restartEngine', null)
    expect(page.messagesOf('engine').at(-1)).toMatchObject({ running: true })
    expect((await page.do('snapshot', null)).endpoints).toEqual([])
    const again = await test.listen()
    await pingPong(again.port, { connections: 1, messages: 10, size: 64 })
    await settled(test, 1)
    await page.caughtUp(test.told.events.length)
    expect(checkSeqs(page.batches)).toBe(0)
    expect(page.events).toEqual(test.told.events)
    expect(page.events.filter(({ kind }) => kind === 'listener-started')).toHaveLength(2)
  })

  it('is reported to a page that comes later', async () => {
    const test = await startWorkbench()
    await test.listen()
    await engineThread().terminate()
    const page = openPage(test.workbench)
    page.subscribe(0)
    expect(page.messagesOf('engine')).toEqual([
      { type: 'engine', running: false, message: 'The engine thread has ended' },
    ])
    expect(page.events.map(({ kind }) => kind)).toEqual(['listener-started'])
  })

  it('leaves nothing of its endpoints in the state that a page is still to be told', async () => {
    const test = await startWorkbench()
    const page = openPage(test.workbench)
    const { endpoint } = await test.listen()
    await engineThread().terminate()
    await page.do('restartEngine', null)
    page.subscribe(0)
    expect(page.messagesOf('state').flatMap(({ change }) => change.endpoints.map(({ id }) => id))).not.toContain(
      endpoint.id,
    )
  })
})
