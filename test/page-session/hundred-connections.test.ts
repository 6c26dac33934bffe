// 100 connections × 1,000 messages of 64 B through an echo listener, as fast as they go, with a page watching: every event
// in order, no gap in seq, and the counters of engine, page and an outside count equal exactly. Counterparts: the whole
// event path: recorder, engine host, capture, page session.
import { expect, it } from 'vitest'
import { connectTo, startWorkbench } from '../support/engine.ts'
import { until } from '../support/loopback.ts'
import { pingPong, pingPongMessage } from '../support/ping-pong.ts'
import { checkSeqs, openPage } from './page.ts'

/** No bound on speed, only on hanging: the machine may be busy with other things. */
const patienceMs = 120_000
const connections = 100
const messages = 1000
const size = 64

it(
  'counts 100 connections × 1,000 messages alike in the engine, on the page and outside',
  async () => {
    const test = await startWorkbench()
    const { endpoint, port } = await test.listen()
    const page = openPage(test.workbench)
    page.subscribe(0)

    const outside = await pingPong(port, { connections, messages, size })
    await until(
      () => test.told.endpoints.get(endpoint.id)?.connectionsNow === 0,
      () => 'the last connection to be lost',
      patienceMs,
    )
    const snapshot = await page.do('snapshot', null)
    await page.caughtUp(snapshot.seq - 1, patienceMs)

    expect(outside).toEqual({ connections, messages: 100_000, bytesSent: 6_400_000, bytesReceived: 6_400_000 })
    const engine = snapshot.endpoints.find(({ id }) => id === endpoint.id)!
    expect(engine).toMatchObject({
      connectionsNow: 0,
      connectionsTotal: outside.connections,
      traffic: {
        bytesReceived: outside.bytesSent,
        bytesSent: outside.bytesReceived,
        messagesReceived: outside.messages,
        messagesSent: outside.messages,
      },
    })

    expect(checkSeqs(page.batches)).toBe(0)
    expect(page.events.length).toBe(snapshot.seq - 1)
    expect(test.workbench.capture.info()).toMatchObject({ nextSeq: snapshot.seq, droppedEvents: 0 })
    const count = (kind: string) => page.events.filter((event) => event.kind === kind)
    const bytes = (kind: string) => count(kind).reduce((sum, event) => sum + event.length, 0)
    expect({
      made: count('connection-made').length,
      lost: count('connection-lost').length,
      received: [count('data-received').length, bytes('data-received')],
      sent: [count('data-sent').length, bytes('data-sent')],
    }).toEqual({
      made: outside.connections,
      lost: outside.connections,
      received: [outside.messages, outside.bytesSent],
      sent: [outside.messages, outside.bytesReceived],
    })

    // Each connection tells its own story, in its own order: every message came and went again before the next.
    const stories = Map.groupBy(
      page.events.filter((event) => event.connection !== 0),
      (event) => event.connection,
    )
    expect(stories.size).toBe(connections)
    const told = [...stories.values()].map((story) => story.map(({ kind, text }) => `${kind} ${text}`))
    const expected = Array.from({ length: connections }, (_, c) => [
      'connection-made ',
      ...Array.from({ length: messages }, (_, n) => `data-received ${pingPongMessage(c, n, size)}`).flatMap(
        (received) => [received, received.replace('data-received', 'data-sent')],
      ),
      'eof-received ',
      'connection-lost ',
    ])
    const byFirstMessage = (a: string[], b: string[]) => (a[1]! < b[1]! ? -1 : 1)
    expect(told.toSorted(byFirstMessage)).toEqual(expected.toSorted(byFirstMessage))
  },
  patienceMs,
)

it(
  'counts every byte of 100 connections that send all they have at once',
  async () => {
    const test = await startWorkbench()
    const { endpoint, port } = await test.listen()
    const page = openPage(test.workbench)
    page.subscribe(0)
    const peers = await Promise.all(Array.from({ length: connections }, () => connectTo(port)))
    const all = Array.from({ length: connections }, (_, c) =>
      Buffer.concat(Array.from({ length: messages }, (_, n) => pingPongMessage(c, n, size))),
    )
    for (const [c, peer] of peers.entries()) {
      for (let n = 0; n < messages; n++) peer.send(all[c]!.subarray(n * size, (n + 1) * size))
      peer.finish()
    }
    await until(
      () => peers.every((peer) => peer.finSeen),
      () => 'every peer to have its echo and the FIN behind it',
      patienceMs,
    )
    expect(peers.every((peer, c) => peer.received().equals(all[c]!))).toBe(true)
    await until(
      () => test.told.endpoints.get(endpoint.id)?.connectionsNow === 0,
      () => 'the last connection to be lost',
      patienceMs,
    )
    const snapshot = await page.do('snapshot', null)
    await page.caughtUp(snapshot.seq - 1, patienceMs)
    expect(checkSeqs(page.batches)).toBe(0)
    const { traffic } = snapshot.endpoints.find(({ id }) => id === endpoint.id)!
    const counted = (kind: string) => page.events.filter((event) => event.kind === kind)
    const bytes = (kind: string) => counted(kind).reduce((sum, event) => sum + event.length, 0)
    const outsideBytes = connections * messages * size
    expect(traffic).toEqual({
      bytesReceived: outsideBytes,
      bytesSent: outsideBytes,
      messagesReceived: counted('data-received').length,
      messagesSent: counted('data-sent').length,
    })
    expect([bytes('data-received'), bytes('data-sent')]).toEqual([outsideBytes, outsideBytes])
  },
  patienceMs,
)
