// The engine thread as its host has it: asked, ended by its own fault, started again, stopped in order.
// Counterpart: main/engine-host.ts.
import { describe, expect, it, onTestFinished } from 'vitest'
import { maxBlockMs } from '../../preload/contract/checks.ts'
import { openBatch } from '../../preload/contract/event-columns.ts'
import type { ConnectionId, ListenerSpec } from '../../preload/contract/vocabulary.ts'
import { startDeafListener } from '../support/deaf-listener.ts'
import { connectTo, crash, engineThread, startEngine, type TestEngine } from '../support/engine.ts'
import { localhost, until } from '../support/loopback.ts'

const seqsOf = ({ told }: TestEngine) => told.events.map((event) => event.seq)
const fromOneOn = (count: number) => Array.from({ length: count }, (_, i) => i + 1)

/** Connects a peer, and resolves with it and the engine's side of it. */
const connectPeer = async (test: TestEngine, port: number) => {
  const before = test.told.events.length
  const peer = await connectTo(port)
  const made = await test.event((event) => event.kind === 'connection-made' && event.seq > before)
  return { peer, connection: made.connection as ConnectionId }
}

describe('A running engine', () => {
  it('has told of what a command caused before it answers the command', async () => {
    const test = await startEngine()
    const { endpoint } = await test.listen()
    expect(test.engine.running).toBe(true)
    expect(test.engine.endedBecause).toBeNull()
    expect(test.told.endpoints.get(endpoint.id)).toMatchObject({ state: 'live' })
    expect(test.told.events.map((event) => event.kind)).toEqual(['listener-started'])
  })

  it('answers each of many questions asked at once with its own answer', async () => {
    const test = await startEngine()
    const answers = await Promise.all(
      fromOneOn(50).map((connection) => test.engine.ask('close', { connection: connection as ConnectionId })),
    )
    expect(answers.map((answer) => !answer.ok && answer.failure.message)).toEqual(
      fromOneOn(50).map((connection) => `There is no connection ${connection}`),
    )
  })

  it('is asked in order of what one endpoint is to do, also where a command needs something made ready first', async () => {
    const test = await startEngine()
    const { endpoint } = await test.listen()
    const { id } = endpoint
    const script = { name: 'first', source: 'export default {}' }
    const first = { ...(endpoint.spec as ListenerSpec), name: 'first', script }
    const second = { ...(endpoint.spec as ListenerSpec), name: 'second' }
    await Promise.all([
      test.do('updateEndpoint', { endpoint: id, spec: first }),
      test.do('updateEndpoint', { endpoint: id, spec: second }),
    ])
    const { endpoints } = await test.do('snapshot', null)
    expect(endpoints.find((each) => each.id === id)!.spec.name).toBe('second')
  })

  it('answers with a failure where what a command needs cannot be made ready, and goes on', async () => {
    const { engine, listen, do: ask } = await startEngine()
    const { endpoint } = await listen()
    const spec = endpoint.spec as ListenerSpec
    engine.useIdentities(() => Promise.reject(new Error('no keys today')))
    const versions = { minVersion: 'TLSv1.2', maxVersion: 'TLSv1.3' } as const
    const tls = { alpn: [], ...versions, identity: 'mine', clientCertificate: 'no', caPem: '' } as const
    expect(await engine.ask('updateEndpoint', { endpoint: endpoint.id, spec: { ...spec, tls } })).toMatchObject({
      ok: false,
      failure: { message: expect.stringContaining('no keys today') },
    })
    await ask('updateEndpoint', { endpoint: endpoint.id, spec: { ...spec, name: 'later' } })
  })

  it('goes on being shown to its other listeners where a listener throws', async () => {
    const { engine, told, do: ask } = await startEngine()
    const caught: unknown[] = []
    const handlers = process.listeners('uncaughtException')
    process.removeAllListeners('uncaughtException')
    process.on('uncaughtException', (error) => caught.push(error))
    onTestFinished(() => {
      process.removeAllListeners('uncaughtException')
      for (const handler of handlers) process.on('uncaughtException', handler)
    })
    const bug = new Error('a bug in a listener')
    const stop = engine.onBatch(() => {
      throw bug
    })
    const shown: number[] = []
    engine.onBatch((buffer) => {
      shown.push(openBatch(buffer).firstSeq)
      return 'done'
    })
    const spec = {
      role: 'listener',
      name: '',
      host: localhost,
      port: 0,
      reply: 'none',
      greeting: new Uint8Array(),
    } as const
    await ask('createEndpoint', { spec })
    expect(shown).toEqual([1])
    expect(caught).toEqual([bug])
    stop()
    await ask('createEndpoint', { spec })
    expect(shown).toEqual([1, 2])
    expect(told.events).toHaveLength(2)
    expect(caught).toEqual([bug])
  })

  it('is started by nobody else', async () => {
    const { engine } = await startEngine()
    expect(await engine.restart()).toMatchObject({ ok: false, failure: { code: 'wrong-state' } })
  })
})

describe('An engine that fails', () => {
  it('says so, with why, and answers what it was still asked', async () => {
    const { engine, told, listen } = await startEngine()
    await listen()
    crash(engineThread())
    const answer = await engine.ask('snapshot', null)
    expect(answer).toMatchObject({ ok: false, failure: { code: 'engine-stopped' } })
    expect(told.running).toEqual([{ running: false, message: expect.stringMatching(/^The engine thread failed: /) }])
    expect(engine.running).toBe(false)
    expect(engine.endedBecause).toBe(told.running[0]!.message)
  })

  it('is not asked any more, and a stop has nothing to wait for', async () => {
    const { engine, told } = await startEngine()
    await engineThread().terminate()
    expect(told.running).toEqual([{ running: false, message: 'The engine thread has ended' }])
    expect(await engine.ask('snapshot', null)).toMatchObject({ ok: false, failure: { code: 'engine-stopped' } })
    await engine.stop(60_000)
  })

  it('lets go of its peers, and has told of what happened before', async () => {
    const test = await startEngine()
    const { port } = await test.listen()
    const { peer } = await connectPeer(test, port)
    peer.send(Buffer.from('Hello'))
    await test.event((event) => event.kind === 'data-sent')
    crash(engineThread())
    await until(
      () => peer.finSeen || peer.ended !== null,
      () => 'the peer to see the end',
    )
    expect(seqsOf(test)).toEqual(fromOneOn(test.told.events.length))
  })

  it('can be started again, and goes on in seqs, ids and time', async () => {
    const test = await startEngine()
    const before = await test.do('snapshot', null)
    const first = await test.listen()
    const { connection } = await connectPeer(test, first.port)
    const lastAt = test.told.events.at(-1)!.at
    crash(engineThread())
    await until(
      () => !test.engine.running,
      () => 'the engine to fail',
    )
    const recorded = test.told.events.length

    expect(await test.engine.restart()).toEqual({ ok: true, value: null })
    expect(test.told.running.map(({ running }) => running)).toEqual([false, true])
    const snapshot = await test.do('snapshot', null)
    expect(snapshot).toMatchObject({ seq: recorded + 1, endpoints: [], connections: [] })
    expect(snapshot.startedAtEpochMs).toBe(before.startedAtEpochMs)

    const second = await test.listen()
    const again = await connectPeer(test, second.port)
    expect(second.endpoint.id).toBeGreaterThan(first.endpoint.id)
    expect(again.connection).toBeGreaterThan(connection)
    expect(seqsOf(test)).toEqual(fromOneOn(test.told.events.length))
    const times = test.told.events.map((event) => event.at)
    expect(times).toEqual(times.toSorted((a, b) => a - b))
    expect(test.told.events[recorded]!.at).toBeGreaterThan(lastAt)
  })

  it('is started once, however often that is asked for at once', async () => {
    const test = await startEngine()
    await engineThread().terminate()
    const ended = engineThread()
    const answers = await Promise.all([test.engine.restart(), test.engine.restart(), test.engine.restart()])
    expect(answers.map((answer) => answer.ok)).toEqual([true, false, false])
    expect(engineThread()).not.toBe(ended)
    expect(test.told.running.map(({ running }) => running)).toEqual([false, true])
  })

  it('leaves no thread behind where it is stopped while it starts again', async () => {
    const test = await startEngine()
    await engineThread().terminate()
    const restarted = test.engine.restart()
    await test.engine.stop(1000)
    expect(await restarted).toEqual({ ok: true, value: null })
    expect(test.engine.running).toBe(false)
  })
})

describe('An engine that is stopped', () => {
  it('answers no more, and cannot be started again', async () => {
    const { engine, told } = await startEngine()
    const stopped = engine.stop(1000)
    expect(await engine.ask('snapshot', null)).toMatchObject({ ok: false, failure: { code: 'engine-stopped' } })
    expect(engine.stop(0)).toBe(stopped)
    await stopped
    expect(told.running).toEqual([{ running: false, message: 'The engine thread has ended' }])
    expect(await engine.restart()).toMatchObject({ ok: false, failure: { code: 'engine-stopped' } })
  })

  it('still answers what it was asked before', async () => {
    const { engine } = await startEngine()
    const asked = engine.ask('snapshot', null)
    await engine.stop(1000)
    expect((await asked).ok).toBe(true)
  })

  it('ends every connection with a FIN behind its bytes, also where the peer never closes', async () => {
    const test = await startEngine()
    const { endpoint, port } = await test.listen({ greeting: Buffer.from('Hello') })
    const peers = await Promise.all(fromOneOn(20).map(() => connectTo(port)))
    await until(
      () => test.told.connections.size === 20,
      () => `20 connections; there are ${test.told.connections.size}`,
    )
    // The grace period is far longer than this test may take: nothing waits for it.
    await test.engine.stop(60_000)
    await until(
      () => peers.every((peer) => peer.finSeen),
      () => 'every peer to see a FIN',
    )
    expect(peers.map((peer) => String(peer.received()))).toEqual(peers.map(() => 'Hello'))
    expect(peers.map((peer) => peer.ended)).toEqual(peers.map(() => null))
    const ends = test.told.events.filter((event) => event.kind === 'connection-lost')
    expect(ends.map((event) => event.cause)).toEqual(peers.map(() => 'closed-here'))
    expect(test.told.events.at(-1)).toMatchObject({ kind: 'listener-stopped', endpoint: endpoint.id })
    expect(test.told.endpoints.get(endpoint.id)).toMatchObject({ state: 'stopped', connectionsNow: 0 })
  })

  /** More than the kernel takes for a peer that does not read. */
  const tooMuch = Buffer.alloc(16 * 1024 * 1024, 'x')
  const sendTooMuch = async () => {
    const test = await startEngine()
    const { port } = await test.listen({ reply: 'none' })
    const { peer, connection } = await connectPeer(test, port)
    peer.pause()
    await test.do('send', { connection, data: new Uint8Array(tooMuch) })
    await test.event((event) => event.kind === 'writing-paused')
    return { test, peer }
  }

  it('waits for a slow reader to get all its bytes, and then the FIN', async () => {
    const { test, peer } = await sendTooMuch()
    const stopped = test.engine.stop(60_000)
    peer.resume()
    await stopped
    await until(
      () => peer.finSeen,
      () => `the FIN after ${peer.receivedBytes} bytes`,
    )
    expect(peer.receivedBytes).toBe(tooMuch.length)
    expect(await test.event((event) => event.kind === 'connection-lost')).toMatchObject({
      cause: 'closed-here',
      details: { unsentBytes: 0 },
    })
  })

  it('resets a reader that does not read within the grace period, and says what was not sent', async () => {
    const { test, peer } = await sendTooMuch()
    await test.engine.stop(50)
    peer.resume()
    await until(
      () => peer.ended !== null,
      () => 'the peer to see the reset',
    )
    expect(peer.ended).toBe('ECONNRESET')
    expect(peer.receivedBytes).toBeLessThan(tooMuch.length)
    const lost = await test.event((event) => event.kind === 'connection-lost')
    expect(lost.cause).toBe('reset-here')
    expect((lost.details as { unsentBytes: number }).unsentBytes).toBeGreaterThan(0)
  })

  it('gives up a connection that is still being made', async () => {
    const test = await startEngine()
    const port = await startDeafListener()
    await test.do('createEndpoint', {
      spec: { role: 'client', name: '', host: '127.0.0.1', port, connectTimeoutMs: 3_600_000 },
    })
    await test.engine.stop(60_000)
    expect(test.told.events.map(({ kind, cause }) => [kind, cause])).toEqual([
      ['connection-started', 'none'],
      ['connection-failed', 'cancelled'],
    ])
  })

  it('is ended all the same where its loop is blocked and it cannot answer', async () => {
    const { engine } = await startEngine()
    // Together longer than this test may take.
    for (const _ of [1, 2, 3]) void engine.ask('blockLoop', { durationMs: maxBlockMs })
    const { performance: loopClock } = engineThread()
    let idle = loopClock.eventLoopUtilization()
    await until(
      () => {
        const now = loopClock.eventLoopUtilization()
        if (now.idle !== idle.idle) idle = now
        return now.active - idle.active > 200
      },
      () => 'the loop to be blocked',
    )
    await engine.stop(0)
    expect(engine.running).toBe(false)
  })
})
