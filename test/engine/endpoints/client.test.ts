// Clients through the real engine thread: connect, stay, send, half-close, close, reset, reconnect. Counterparts:
// main/engine/endpoints/{client,connecting}.ts. How connections end is in causes.test.ts.
import { randomBytes } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import type { ClientSpec, ConnectionId } from '../../../preload/contract/vocabulary.ts'
import { farKinds, freePort, localhost, runningLoop, startFarServer, turns, until } from '../../support/loopback.ts'
import { expectBytes } from '../../support/playbook.ts'
import { startBlackHole } from '../../support/rude-peers.ts'
import { watchedEngine } from './watched-engine.ts'

const bytes = (text: string) => Buffer.from(text)

describe.each(farKinds)('Towards %s, a client', (kind) => {
  const start = async () => {
    const engine = await watchedEngine()
    const { loop } = runningLoop()
    const { port, accepted } = await startFarServer(kind, loop)
    const endpoint = await engine.connect(port)
    const connection = await engine.made(endpoint.id)
    return { engine, endpoint, port, accepted, connection, far: await accepted() }
  }

  it('answers at once that it is starting, then is live and knows its addresses', async () => {
    const engine = await watchedEngine()
    const { loop } = runningLoop()
    const { port } = await startFarServer(kind, loop)
    const endpoint = await engine.connect(port)
    expect(endpoint).toMatchObject({ state: 'starting', connectionsNow: 1, connectionsTotal: 0, local: null })
    const live = await engine.becomes(endpoint.id, 'live')
    expect(live).toMatchObject({ connectionsNow: 1, connectionsTotal: 1, local: { host: localhost } })
    const connection = await engine.connection(await engine.made(endpoint.id))
    expect(connection).toMatchObject({
      endpoint: endpoint.id,
      direction: 'out',
      side: null,
      pair: null,
      state: 'open',
      local: live.local,
      remote: { host: localhost, port },
      cause: 'none',
      error: null,
    })
    expect(connection!.madeAt).toBeGreaterThanOrEqual(connection!.startedAt)
    expect(engine.story(connection!.id)).toEqual(['connection-started', 'connection-made'])
  })

  it('stays connected without a byte sent', async () => {
    const { engine, endpoint, far } = await start()
    await turns(20)
    expect(await engine.endpoint(endpoint.id)).toMatchObject({ state: 'live', connectionsNow: 1 })
    expect({ bytes: far.receivedBytes, fin: far.finSeen, ended: far.ended }).toEqual({
      bytes: 0,
      fin: false,
      ended: null,
    })
  })

  it('sends what it is given, in order, and receives what comes', async () => {
    const { engine, connection, far } = await start()
    const parts = Array.from({ length: 50 }, () => randomBytes(1 + Math.floor(Math.random() * 5000)))
    // Asked for all at once: commands are done in the order in which they are given.
    const sent = await Promise.all(parts.map((data) => engine.do('send', { connection, data })))
    expect(sent).toEqual(parts.map((part) => part.length))
    const all = Buffer.concat(parts)
    await until(
      () => far.receivedBytes === all.length,
      () => 'all bytes',
    )
    expectBytes(far.received(), all)
    far.send(bytes('thank you'))
    await engine.event(({ kind: each, text }) => each === 'data-received' && text === 'thank you')
  })

  it('sends no byte as no message', async () => {
    const { engine, connection } = await start()
    expect(await engine.do('send', { connection, data: new Uint8Array() })).toBe(0)
    expect(engine.story(connection, true)).toEqual(['connection-started', 'connection-made'])
  })

  it('half-closes, still hears the late answer, and is stopped when the peer finishes too', async () => {
    const { engine, endpoint, connection, far } = await start()
    await engine.do('send', { connection, data: bytes('question') })
    await engine.do('halfClose', { connection })
    await until(
      () => far.finSeen,
      () => 'the FIN',
    )
    expect(far.received().toString()).toBe('question')
    expect((await engine.connection(connection))?.state).toBe('half-closed-here')
    far.send(bytes('late answer'))
    await engine.event(({ text }) => text === 'late answer')
    far.finish()
    expect(await engine.end(connection)).toMatchObject({ cause: 'closed-here', errno: null })
    expect(await engine.becomes(endpoint.id, 'stopped')).toMatchObject({ reason: null, local: null, connectionsNow: 0 })
    expect(engine.story(connection)).toEqual([
      'connection-started',
      'connection-made',
      'eof-sent',
      'eof-received',
      'connection-lost',
    ])
  })

  it('closes when the peer does, so that nothing is left half-open', async () => {
    const { engine, endpoint, connection, far } = await start()
    far.finish()
    expect(await engine.end(connection)).toMatchObject({ cause: 'closed-by-peer' })
    await until(
      () => far.finSeen,
      () => 'our FIN',
    )
    await engine.becomes(endpoint.id, 'stopped')
  })

  it('connects again when it is asked to, as a new connection', async () => {
    const { engine, endpoint, connection, far, accepted } = await start()
    await engine.do('close', { connection })
    await engine.becomes(endpoint.id, 'stopped')
    far.close()
    expect(await engine.do('startEndpoint', { endpoint: endpoint.id })).toMatchObject({ state: 'starting' })
    const second = await engine.made(endpoint.id, 1)
    expect(second).not.toBe(connection)
    ;(await accepted(1)).send(bytes('welcome back'))
    await engine.event((event) => event.connection === second && event.text === 'welcome back')
    expect(await engine.endpoint(endpoint.id)).toMatchObject({ connectionsNow: 1, connectionsTotal: 2 })
  })

  it('connects somewhere else when it is given another target', async () => {
    const { engine, endpoint, connection } = await start()
    await engine.do('reset', { connection })
    await engine.becomes(endpoint.id, 'stopped')
    const { loop } = runningLoop()
    const other = await startFarServer(kind, loop)
    const spec: ClientSpec = { ...(endpoint.spec as ClientSpec), port: other.port, name: 'Other' }
    expect((await engine.do('startEndpoint', { endpoint: endpoint.id, spec })).spec).toEqual(spec)
    await engine.made(endpoint.id, 1)
    await other.accepted()
  })

  it('is stopped by closing its connection, after what it still has to send', async () => {
    const { engine, endpoint, connection, far } = await start()
    const data = randomBytes(10 * 1024 * 1024)
    far.pause()
    await engine.do('send', { connection, data })
    expect(await engine.do('stopEndpoint', { endpoint: endpoint.id })).toMatchObject({ state: 'stopping' })
    far.resume()
    await until(
      () => far.finSeen,
      () => 'the FIN',
    )
    expectBytes(far.received(), data)
    expect(await engine.end(connection)).toMatchObject({ cause: 'closed-here', unsentBytes: 0 })
    expect(await engine.becomes(endpoint.id, 'stopped')).toMatchObject({ reason: null })
  })

  it('that is removed resets its connection and is gone', async () => {
    const { engine, endpoint, connection, far } = await start()
    await engine.do('removeEndpoint', { endpoint: endpoint.id })
    await until(
      () => far.ended !== null,
      () => 'the reset',
    )
    expect(far.ended).toBe('ECONNRESET')
    expect(await engine.end(connection)).toMatchObject({ cause: 'reset-here' })
    expect((await engine.snapshot()).endpoints).toEqual([])
  })
})

describe('A client', () => {
  it('refuses what makes no sense for it, and says why', async () => {
    const engine = await watchedEngine()
    const { loop } = runningLoop()
    const { port } = await startFarServer('node:net', loop)
    const endpoint = await engine.connect(port, { name: 'Probe' })
    await engine.made(endpoint.id)
    await engine.becomes(endpoint.id, 'live')
    expect(await engine.refuses('startEndpoint', { endpoint: endpoint.id })).toEqual({
      code: 'wrong-state',
      message: 'Probe is live already; stop it first',
    })
    expect(await engine.refuses('stopAccepting', { endpoint: endpoint.id })).toEqual({
      code: 'wrong-state',
      message: 'A client does not accept connections; close its connection instead',
    })
    expect(await engine.refuses('send', { connection: 99 as ConnectionId, data: bytes('x') })).toEqual({
      code: 'not-found',
      message: 'There is no connection 99',
    })
  })

  it('that is stopped while it is stopped stays as it is', async () => {
    const engine = await watchedEngine()
    const endpoint = await engine.connect(await freePort())
    await engine.becomes(endpoint.id, 'failed')
    expect(await engine.do('stopEndpoint', { endpoint: endpoint.id })).toMatchObject({ state: 'failed' })
    expect(await engine.do('closeAll', { endpoint: endpoint.id, how: 'reset' })).toBe(0)
  })

  it('that could not connect can try again', async () => {
    const engine = await watchedEngine()
    const port = await freePort()
    const endpoint = await engine.connect(port)
    expect(await engine.becomes(endpoint.id, 'failed')).toMatchObject({ reason: { code: 'ECONNREFUSED' } })
    const { port: listening } = await engine.listen({ port })
    expect(listening).toBe(port)
    expect(await engine.do('startEndpoint', { endpoint: endpoint.id })).toMatchObject({
      state: 'starting',
      reason: null,
    })
    expect(await engine.becomes(endpoint.id, 'live')).toMatchObject({ connectionsTotal: 1 })
  })
})

describe('A client that is still connecting', () => {
  const connecting = async () => {
    const engine = await watchedEngine()
    const endpoint = await engine.connect(await startBlackHole(), { connectTimeoutMs: 60_000 })
    const started = await engine.event(({ kind }) => kind === 'connection-started')
    return { engine, endpoint, connection: started.connection as ConnectionId }
  }

  it('cannot be started twice, and its connection takes no bytes yet', async () => {
    const { engine, endpoint, connection } = await connecting()
    expect(await engine.refuses('startEndpoint', { endpoint: endpoint.id })).toMatchObject({ code: 'wrong-state' })
    expect(await engine.refuses('send', { connection, data: bytes('x') })).toMatchObject({
      code: 'wrong-state',
      message: expect.stringMatching(/takes no bytes: it is connecting/),
    })
    expect(await engine.refuses('halfClose', { connection })).toMatchObject({ code: 'wrong-state' })
  })

  it.each(['close', 'reset', 'stopEndpoint', 'closeAll'] as const)('gives up when it is told to %s', async (how) => {
    const { engine, endpoint, connection } = await connecting()
    if (how === 'stopEndpoint') await engine.do(how, { endpoint: endpoint.id })
    else if (how === 'closeAll') await engine.do(how, { endpoint: endpoint.id, how: 'close' })
    else await engine.do(how, { connection })
    expect(await engine.end(connection)).toMatchObject({ cause: 'cancelled' })
    expect(await engine.becomes(endpoint.id, 'stopped')).toMatchObject({ reason: null, connectionsNow: 0 })
    expect(engine.story(connection)).toEqual(['connection-started', 'connection-failed'])
  })

  it('gives up when it is removed, and is gone', async () => {
    const { engine, endpoint, connection } = await connecting()
    await engine.do('removeEndpoint', { endpoint: endpoint.id })
    expect(await engine.end(connection)).toMatchObject({ cause: 'cancelled' })
    expect((await engine.snapshot()).endpoints).toEqual([])
  })
})
