// Relays through the real engine thread: bytes both ways, ends carried over each way by themselves, injection, and upstreams
// that are not there. Counterparts: main/engine/endpoints/{relay,link}.ts. Any chunking and any order of ends is in
// test/properties/relay.test.ts.
import { randomBytes } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { blockBytes } from '../../../main/engine/loop/read-buffers.ts'
import { defaultHighWaterBytes } from '../../../main/engine/loop/socket-transport.ts'
import type { ConnectionId, EndpointId, EventDetails, RelaySpec } from '../../../preload/contract/vocabulary.ts'
import {
  connectFarEnd,
  type FarEnd,
  type FarKind,
  farKinds,
  freePort,
  localhost,
  runningLoop,
  startFarServer,
  until,
} from '../../support/loopback.ts'
import { expectBytes } from '../../support/playbook.ts'
import { startBlackHole } from '../../support/rude-peers.ts'
import { type WatchedEngine, watchedEngine } from './watched-engine.ts'

const mib = 1024 * 1024
const bytes = (text: string) => Buffer.from(text)

const received = (far: FarEnd, count: number) =>
  until(
    () => far.receivedBytes >= count,
    () => `${count} bytes; ${far.receivedBytes} came`,
  )
const hasSeenFin = (far: FarEnd) =>
  until(
    () => far.finSeen,
    () => `a FIN; the far end is ${far.ended ?? 'open'}`,
  )
const hasEnded = (far: FarEnd) =>
  until(
    () => far.ended !== null,
    () => 'the far end to be over',
  )
const says = async (far: FarEnd, text: string) => {
  await received(far, text.length)
  expect(far.received().toString('latin1')).toBe(text)
}

/** A relay with one pair through it: `client` and `server` are the far ends, `down` and `up` the relay's halves. */
const pairThrough = async (kind: FarKind) => {
  const engine = await watchedEngine()
  const { loop } = runningLoop()
  const target = await startFarServer(kind, loop)
  const { endpoint, port } = await engine.relay(target.port)
  const client = await connectFarEnd(kind, loop, port)
  const down = await engine.made(endpoint.id, 0, 'downstream')
  const up = await engine.made(endpoint.id, 0, 'upstream')
  const connect = () => connectFarEnd(kind, loop, port)
  return { engine, endpoint, port, target, client, server: await target.accepted(), down, up, connect }
}

const bothEnds = async (engine: WatchedEngine, down: ConnectionId, up: ConnectionId) => ({
  down: await engine.end(down),
  up: await engine.end(up),
})

describe.each(farKinds)('Between two ends of %s, a relay', (kind) => {
  it('opens a connection upstream for each that it accepts, and tells which two belong together', async () => {
    const { engine, endpoint, down, up, target, connect } = await pairThrough(kind)
    expect(await engine.connection(down)).toMatchObject({
      direction: 'in',
      side: 'downstream',
      pair: up,
      state: 'open',
    })
    expect(await engine.connection(up)).toMatchObject({
      direction: 'out',
      side: 'upstream',
      pair: down,
      remote: { host: localhost, port: target.port },
    })
    const made = engine.told.events.filter((event) => event.kind === 'connection-made')
    expect(made.map(({ details }) => (details as EventDetails['connection-made']).pair)).toEqual([up, down])
    const second = await connect()
    second.send(bytes('second'))
    await says(await target.accepted(1), 'second')
    expect(await engine.endpoint(endpoint.id)).toMatchObject({ connectionsNow: 4, connectionsTotal: 4 })
  })

  it('passes bytes on in both directions at once, unchanged, and counts them on both halves', async () => {
    const { engine, client, server, down, up } = await pairThrough(kind)
    const upward = randomBytes(5 * mib)
    const downward = randomBytes(3 * mib)
    client.send(upward)
    server.send(downward)
    await Promise.all([received(server, upward.length), received(client, downward.length)])
    expectBytes(server.received(), upward)
    expectBytes(client.received(), downward)
    expect((await engine.connection(down))?.traffic).toMatchObject({
      bytesReceived: upward.length,
      bytesSent: downward.length,
    })
    expect((await engine.connection(up))?.traffic).toMatchObject({
      bytesReceived: downward.length,
      bytesSent: upward.length,
    })
  })

  it('slows the sender down to the receiver, and loses nothing', async () => {
    const { engine, client, server, down, up } = await pairThrough(kind)
    const data = randomBytes(30 * mib)
    server.pause()
    client.send(data)
    client.finish()
    await engine.event((event) => event.connection === up && event.kind === 'writing-paused')
    await engine.event((event) => event.connection === down && event.kind === 'reading-paused')
    // The relay holds no more than its mark and one read.
    expect((await engine.connection(up))?.bufferedBytes).toBeLessThanOrEqual(defaultHighWaterBytes + blockBytes)
    expect(client.unsentBytes).toBeGreaterThan(0)
    server.resume()
    await hasSeenFin(server)
    expectBytes(server.received(), data)
  })

  it('carries a FIN over, and the late answer back', async () => {
    const { engine, client, server, down, up } = await pairThrough(kind)
    client.send(bytes('question'))
    client.finish()
    await hasSeenFin(server)
    await says(server, 'question')
    expect((await engine.connection(down))?.state).toBe('half-closed-by-peer')
    expect((await engine.connection(up))?.state).toBe('half-closed-here')
    expect(client.finSeen).toBe(false)
    server.send(bytes('late answer'))
    await says(client, 'late answer')
    server.finish()
    await hasSeenFin(client)
    expect(await bothEnds(engine, down, up)).toMatchObject({
      down: { cause: 'closed-by-peer', errno: null },
      up: { cause: 'closed-here', errno: null },
    })
    expect(engine.story(down)).toEqual(['connection-made', 'eof-received', 'eof-sent', 'connection-lost'])
    expect(engine.story(up)).toEqual([
      'connection-started',
      'connection-made',
      'eof-sent',
      'eof-received',
      'connection-lost',
    ])
  })

  it('carries a FIN over from upstream first, too', async () => {
    const { engine, client, server, down, up } = await pairThrough(kind)
    server.send(bytes('greeting'))
    server.finish()
    await hasSeenFin(client)
    await says(client, 'greeting')
    expect(server.finSeen).toBe(false)
    client.send(bytes('goodbye'))
    await says(server, 'goodbye')
    client.finish()
    await hasSeenFin(server)
    expect(await bothEnds(engine, down, up)).toMatchObject({
      down: { cause: 'closed-here' },
      up: { cause: 'closed-by-peer' },
    })
  })

  it('carries a reset from downstream over as a reset', async () => {
    const { engine, client, server, down, up } = await pairThrough(kind)
    client.reset()
    await hasEnded(server)
    expect(server.ended).toBe('ECONNRESET')
    expect(await bothEnds(engine, down, up)).toMatchObject({
      down: { cause: 'reset-by-peer', errno: 'ECONNRESET' },
      up: { cause: 'reset-here' },
    })
  })

  it('carries a reset from upstream over as a reset', async () => {
    const { engine, client, server, down, up } = await pairThrough(kind)
    server.reset()
    await hasEnded(client)
    expect(client.ended).toBe('ECONNRESET')
    expect(await bothEnds(engine, down, up)).toMatchObject({
      down: { cause: 'reset-here' },
      up: { cause: 'reset-by-peer', errno: 'ECONNRESET' },
    })
  })

  it('delivers the last words before it passes the reset on', async () => {
    const { engine, client, server, down, up } = await pairThrough(kind)
    server.send(bytes('last words'))
    await engine.event(({ connection, text }) => connection === up && text === 'last words')
    server.reset()
    await hasEnded(client)
    expect(client.received().toString()).toBe('last words')
    expect(client.ended).toBe('ECONNRESET')
    expect(await bothEnds(engine, down, up)).toMatchObject({
      down: { cause: 'reset-here' },
      up: { cause: 'reset-by-peer' },
    })
  })

  it('gives all that it holds to the kernel before it passes a reset on', async () => {
    const { engine, client, server, down, up } = await pairThrough(kind)
    const data = randomBytes(30 * mib)
    client.pause()
    server.send(data)
    // The client has stopped reading, the relay waits for it, and the server for the relay: then it resets.
    await engine.event((event) => event.connection === up && event.kind === 'reading-paused')
    await engine.do('reset', { connection: up })
    expect((await engine.connection(down))?.state).toBe('open')
    client.resume()
    await hasEnded(client)
    expect(client.ended).toBe('ECONNRESET')
    // What the kernel had and could not deliver yet goes with the reset, as on every connection.
    expectBytes(client.received(), data.subarray(0, client.receivedBytes))
    expect(await bothEnds(engine, down, up)).toMatchObject({
      down: { cause: 'reset-here', unsentBytes: 0 },
      up: { cause: 'reset-here' },
    })
  })

  it('lets a person give up waiting to pass a reset on', async () => {
    const { engine, client, server, down, up } = await pairThrough(kind)
    client.pause()
    server.send(randomBytes(30 * mib))
    await engine.event((event) => event.connection === up && event.kind === 'reading-paused')
    await engine.do('reset', { connection: up })
    await engine.do('reset', { connection: down })
    expect(await engine.end(down)).toMatchObject({ cause: 'reset-here', unsentBytes: expect.any(Number) })
    client.resume()
    await hasEnded(client)
    expect(client.ended).toBe('ECONNRESET')
  })

  it('injects a person’s bytes between the relayed chunks, in either direction', async () => {
    const { engine, client, server, down, up } = await pairThrough(kind)
    client.send(bytes('one '))
    await says(server, 'one ')
    await engine.do('send', { connection: up, data: bytes('[to the server] ') })
    await says(server, 'one [to the server] ')
    client.send(bytes('two'))
    await says(server, 'one [to the server] two')
    server.send(bytes('three '))
    await says(client, 'three ')
    await engine.do('send', { connection: down, data: bytes('[to the client] ') })
    await says(client, 'three [to the client] ')
    server.send(bytes('four'))
    await says(client, 'three [to the client] four')
    // What was injected was received by no half.
    expect((await engine.connection(down))?.traffic).toMatchObject({ bytesReceived: 7, bytesSent: 26 })
    expect((await engine.connection(up))?.traffic).toMatchObject({ bytesReceived: 10, bytesSent: 23 })
  })

  it('half-closed by hand on one half goes on in the other direction', async () => {
    const { engine, client, server, up } = await pairThrough(kind)
    await engine.do('halfClose', { connection: up })
    await hasSeenFin(server)
    server.send(bytes('still here'))
    await says(client, 'still here')
    client.send(bytes('to nobody'))
    await engine.event(({ text }) => text === 'to nobody')
    server.finish()
    await hasSeenFin(client)
    client.finish()
    expect(await engine.end(up)).toMatchObject({ cause: 'closed-here', ignoredBytes: 9 })
  })

  it('half-closed by hand towards the client still takes the client’s bytes', async () => {
    const { engine, client, server, down } = await pairThrough(kind)
    await engine.do('halfClose', { connection: down })
    await hasSeenFin(client)
    client.send(bytes('still here'))
    await says(server, 'still here')
    client.finish()
    await hasSeenFin(server)
  })

  it.each(['down', 'up'] as const)('whose %s half is closed by hand closes the other in order', async (half) => {
    const { engine, client, server, down, up } = await pairThrough(kind)
    client.send(bytes('before'))
    await says(server, 'before')
    await engine.do('close', { connection: half === 'down' ? down : up })
    await Promise.all([hasSeenFin(client), hasSeenFin(server)])
    expect(await bothEnds(engine, down, up)).toMatchObject({
      down: { cause: 'closed-here' },
      up: { cause: 'closed-here' },
    })
  })

  it.each(['down', 'up'] as const)('whose %s half is reset by hand resets the other', async (half) => {
    const { engine, client, server, down, up } = await pairThrough(kind)
    await engine.do('reset', { connection: half === 'down' ? down : up })
    await Promise.all([hasEnded(client), hasEnded(server)])
    expect([client.ended, server.ended]).toEqual(['ECONNRESET', 'ECONNRESET'])
    expect(await bothEnds(engine, down, up)).toMatchObject({
      down: { cause: 'reset-here' },
      up: { cause: 'reset-here' },
    })
  })

  it('that is stopped closes both halves of every pair, flushing what they hold', async () => {
    const { engine, endpoint, client, server, down } = await pairThrough(kind)
    const data = randomBytes(10 * mib)
    client.pause()
    await engine.do('send', { connection: down, data })
    await engine.do('stopEndpoint', { endpoint: endpoint.id })
    await hasSeenFin(server)
    client.resume()
    await hasSeenFin(client)
    expectBytes(client.received(), data)
    client.close()
    server.close()
    expect(await engine.becomes(endpoint.id, 'stopped')).toMatchObject({ connectionsNow: 0 })
  })

  it('that stops accepting goes on relaying what it has', async () => {
    const { engine, endpoint, client, server } = await pairThrough(kind)
    expect(await engine.do('stopAccepting', { endpoint: endpoint.id })).toMatchObject({ state: 'stopping' })
    client.send(bytes('still here'))
    await says(server, 'still here')
    client.finish()
    server.finish()
    await engine.becomes(endpoint.id, 'stopped')
  })

  it('that is removed resets both halves of every pair and is gone', async () => {
    const { engine, endpoint, client, server, down, up } = await pairThrough(kind)
    await engine.do('removeEndpoint', { endpoint: endpoint.id })
    await Promise.all([hasEnded(client), hasEnded(server)])
    expect([client.ended, server.ended]).toEqual(['ECONNRESET', 'ECONNRESET'])
    await bothEnds(engine, down, up)
    expect((await engine.snapshot()).endpoints).toEqual([])
  })

  it('keeps the bytes that come before the upstream is there, and passes them on in order', async () => {
    const engine = await watchedEngine()
    const { loop } = runningLoop()
    const target = await startFarServer(kind, loop)
    const { port } = await engine.relay(target.port)
    const client = await connectFarEnd(kind, loop, port)
    client.send(bytes('impatient'))
    client.finish()
    const server = await target.accepted()
    await hasSeenFin(server)
    await says(server, 'impatient')
  })
})

describe('A relay whose upstream is not there', () => {
  const failures: readonly {
    readonly title: string
    readonly spec: () => Promise<Partial<RelaySpec> & { readonly upstreamPort: number }>
    readonly cause: string
    readonly errno: RegExp
  }[] = [
    {
      title: 'because it refuses',
      spec: async () => ({ upstreamPort: await freePort() }),
      cause: 'refused',
      errno: /^ECONNREFUSED$/,
    },
    {
      title: 'because it does not answer in time',
      spec: async () => ({ upstreamPort: await startBlackHole(), connectTimeoutMs: 50 }),
      cause: 'timed-out',
      errno: /^ETIMEDOUT$/,
    },
    {
      title: 'because there is no such name',
      spec: async () => ({ upstreamPort: 1, upstreamHost: 'no-such-name.invalid' }),
      cause: 'name-not-found',
      errno: /^(ENOTFOUND|EAI_AGAIN)$/,
    },
  ]

  it.each(failures)('$title shows that on both halves, resets the client, and goes on accepting', async (failure) => {
    const engine = await watchedEngine()
    const { upstreamPort, ...spec } = await failure.spec()
    const { endpoint, port } = await engine.relay(upstreamPort, spec)
    for (const n of [0, 1]) {
      const client = await connectFarEnd('node:net', runningLoop().loop, port)
      client.send(bytes('never relayed'))
      const down = await engine.made(endpoint.id, n, 'downstream')
      const up = (await engine.connection(down))!.pair!
      const ends = await bothEnds(engine, down, up)
      expect(ends.up.cause).toBe(failure.cause)
      expect(ends.up.errno).toMatch(failure.errno)
      expect(ends.down).toMatchObject({ cause: 'reset-here', errno: ends.up.errno })
      expect((await engine.connection(down))?.error?.message).toMatch(/^upstream: /)
      await hasEnded(client)
      expect(client.ended).toBe('ECONNRESET')
      expect(engine.story(up)).toEqual(['connection-started', 'connection-failed'])
    }
    expect(await engine.endpoint(endpoint.id)).toMatchObject({ state: 'live', connectionsNow: 0, connectionsTotal: 2 })
  })
})

describe('A relay that is still connecting upstream', () => {
  const connecting = async (spec: Partial<RelaySpec> = {}) => {
    const engine = await watchedEngine()
    const { endpoint, port } = await engine.relay(await startBlackHole(), { connectTimeoutMs: 60_000, ...spec })
    const client = await connectFarEnd('node:net', runningLoop().loop, port)
    const down = await engine.made(endpoint.id, 0, 'downstream')
    return { engine, endpoint, client, down, up: (await engine.connection(down))!.pair! }
  }

  it('lets the person speak to the client meanwhile, and to the upstream not yet', async () => {
    const { engine, client, down, up } = await connecting()
    await engine.do('send', { connection: down, data: bytes('one moment please') })
    await says(client, 'one moment please')
    expect(await engine.refuses('send', { connection: up, data: bytes('x') })).toMatchObject({ code: 'wrong-state' })
  })

  it.each(['close', 'reset'] as const)('gives up when the client’s half is ended by %s', async (how) => {
    const { engine, client, down, up } = await connecting()
    await engine.do(how, { connection: down })
    expect(await bothEnds(engine, down, up)).toMatchObject({
      down: { cause: how === 'close' ? 'closed-here' : 'reset-here' },
      up: { cause: 'cancelled' },
    })
    await until(
      () => client.finSeen || client.ended !== null,
      () => 'the client to see it',
    )
    expect(how === 'close' ? client.finSeen : client.ended === 'ECONNRESET').toBe(true)
  })

  it.each(['close', 'reset'] as const)('gives up when the upstream half is ended by %s', async (how) => {
    const { engine, client, down, up } = await connecting()
    await engine.do(how, { connection: up })
    expect(await bothEnds(engine, down, up)).toMatchObject({
      down: { cause: 'reset-here' },
      up: { cause: 'cancelled' },
    })
    await hasEnded(client)
    expect(client.ended).toBe('ECONNRESET')
  })

  it.each(['stopEndpoint', 'removeEndpoint'] as const)('gives up at %s', async (name) => {
    const { engine, endpoint, client, down, up } = await connecting()
    await engine.do(name, { endpoint: endpoint.id })
    expect((await bothEnds(engine, down, up)).up).toMatchObject({ cause: 'cancelled' })
    await until(
      () => client.finSeen || client.ended !== null,
      () => 'the client to see it',
    )
    if (name === 'stopEndpoint') await engine.becomes(endpoint.id, 'stopped')
    else expect((await engine.snapshot()).endpoints).toEqual([])
  })

  it.each(['resets', 'finishes and goes'] as const)('comes to an end when the client %s meanwhile', async (how) => {
    const { engine, client, down, up } = await connecting({ connectTimeoutMs: 300 })
    if (how === 'resets') client.reset()
    else client.close()
    const ends = await bothEnds(engine, down, up)
    // Nothing is read before the upstream is there, so the client may be missed only after that.
    expect(ends.up.cause).toMatch(/^(timed-out|cancelled)$/)
  })
})

describe('A relay to another relay', () => {
  it('passes everything on, through four halves', async () => {
    const engine = await watchedEngine()
    const { loop } = runningLoop()
    const target = await startFarServer('node:net', loop)
    const inner = await engine.relay(target.port)
    const outer = await engine.relay(inner.port)
    const client = await connectFarEnd('node:net', loop, outer.port)
    const data = randomBytes(4 * mib)
    client.send(data)
    client.finish()
    const server = await target.accepted()
    await hasSeenFin(server)
    expectBytes(server.received(), data)
    server.send(bytes('late answer'))
    server.reset()
    await hasEnded(client)
    expect(client.ended).toMatch(/^(ECONNRESET|EPIPE)$/)
    for (const endpoint of [inner.endpoint.id, outer.endpoint.id] as EndpointId[])
      await until(
        () => engine.told.endpoints.get(endpoint)?.connectionsNow === 0,
        () => 'all halves to be over',
      )
  })
})
