// Listeners through the real engine thread: what they reply, how they stop, and what becomes of their connections.
// Counterparts: main/engine/endpoints/{listener,accepting}.ts, behaviours/replies.ts.

import { randomBytes } from 'node:crypto'
import net from 'node:net'
import { describe, expect, it, onTestFinished } from 'vitest'
import { blockBytes } from '../../../main/engine/loop/read-buffers.ts'
import { defaultHighWaterBytes } from '../../../main/engine/loop/socket-transport.ts'
import { type EndpointId, type ListenerSpec, replies } from '../../../preload/contract/vocabulary.ts'
import { connectTo } from '../../support/engine.ts'
import {
  connectFarEnd,
  type FarEnd,
  farKinds,
  freePort,
  localhost,
  runningLoop,
  turns,
  until,
} from '../../support/loopback.ts'
import { expectBytes } from '../../support/playbook.ts'
import { connectRudely, neverRead, readSlowly, sendByteByByte } from '../../support/rude-peers.ts'
import { watchedEngine } from './watched-engine.ts'

const mib = 1024 * 1024
const bytes = (text: string) => Buffer.from(text)

const hasReceived = (far: FarEnd, text: string) =>
  until(
    () => far.received().toString('latin1') === text,
    () => `“${text}”; there is “${far.received().toString('latin1')}”`,
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

/** True where a connect is answered. */
const isListening = async (port: number): Promise<boolean> => {
  const socket = net.connect(port, localhost)
  return new Promise((resolve) => {
    socket.once('connect', () => resolve(true))
    socket.once('error', () => resolve(false))
  }).then((answer) => {
    socket.destroy()
    return answer as boolean
  })
}

describe.each(farKinds)('Towards %s, a listener', (kind) => {
  const start = async (spec: Parameters<Awaited<ReturnType<typeof watchedEngine>>['listen']>[0] = {}) => {
    const engine = await watchedEngine()
    const { endpoint, port } = await engine.listen(spec)
    const { loop } = runningLoop()
    const connect = () => connectFarEnd(kind, loop, port)
    return { engine, endpoint, port, connect, far: await connect(), connection: await engine.made(endpoint.id) }
  }

  it('that replies “echo” sends back what comes, and finishes when the peer does', async () => {
    const { engine, far, connection } = await start({ reply: 'echo' })
    far.send(bytes('Hello '))
    await hasReceived(far, 'Hello ')
    far.send(bytes('World!'))
    far.finish()
    await hasSeenFin(far)
    expect(far.received().toString()).toBe('Hello World!')
    expect(await engine.end(connection)).toEqual({
      cause: 'closed-by-peer',
      errno: null,
      unsentBytes: 0,
      unreadBytes: 0,
      ignoredBytes: 0,
    })
    expect(engine.story(connection)).toEqual(['connection-made', 'eof-received', 'connection-lost'])
  })

  it('that replies “echo” to a peer that does not read stops reading itself, and loses nothing', async () => {
    const { engine, far, connection } = await start({ reply: 'echo' })
    const data = randomBytes(20 * mib)
    far.pause()
    far.send(data)
    far.finish()
    await engine.event((event) => event.connection === connection && event.kind === 'reading-paused')
    expect((await engine.connection(connection))?.writingPaused).toBe(true)
    far.resume()
    await hasSeenFin(far)
    expectBytes(far.received(), data)
    expect(await engine.end(connection)).toMatchObject({ cause: 'closed-by-peer', unsentBytes: 0 })
    const pauses = engine.story(connection).filter((each) => each.startsWith('writing-'))
    expect(pauses.join(' ')).toMatch(/^((^| )writing-paused writing-resumed)+$/)
  })

  it('that replies “echo-close” answers once and closes', async () => {
    const { engine, far, connection } = await start({ reply: 'echo-close' })
    far.send(bytes('Hello World!'))
    await hasSeenFin(far)
    expect(far.received().toString()).toBe('Hello World!')
    expect(await engine.end(connection)).toMatchObject({ cause: 'closed-here', errno: null, unsentBytes: 0 })
    far.close()
  })

  it('that replies “discard” answers nothing and finishes when the peer does', async () => {
    const { engine, far, connection } = await start({ reply: 'discard' })
    far.send(bytes('into the void'))
    far.finish()
    await hasSeenFin(far)
    expect(far.receivedBytes).toBe(0)
    expect(await engine.end(connection)).toMatchObject({ cause: 'closed-by-peer' })
    expect((await engine.connection(connection))?.traffic).toMatchObject({ bytesReceived: 13, bytesSent: 0 })
  })

  it('that replies “none” leaves the answer to the person, also after the peer’s FIN', async () => {
    const { engine, far, connection } = await start({ reply: 'none' })
    far.send(bytes('question'))
    far.finish()
    await engine.event((event) => event.kind === 'eof-received')
    expect((await engine.connection(connection))?.state).toBe('half-closed-by-peer')
    expect(await engine.do('send', { connection, data: bytes('late answer') })).toBe(11)
    await engine.do('halfClose', { connection })
    await hasSeenFin(far)
    expect(far.received().toString()).toBe('late answer')
    expect(await engine.end(connection)).toMatchObject({ cause: 'closed-by-peer' })
  })

  it.each(replies)('that replies “%s” sends its greeting first', async (reply) => {
    const { engine, far, connection } = await start({ reply, greeting: bytes('220 ready\r\n') })
    await hasReceived(far, '220 ready\r\n')
    expect(engine.story(connection, true).slice(0, 2)).toEqual(['connection-made', 'data-sent'])
  })

  it('lets the person speak in between its echoes', async () => {
    const { engine, far, connection } = await start({ reply: 'echo' })
    far.send(bytes('one '))
    await hasReceived(far, 'one ')
    await engine.do('send', { connection, data: bytes('[by hand] ') })
    await hasReceived(far, 'one [by hand] ')
    far.send(bytes('two'))
    await hasReceived(far, 'one [by hand] two')
  })

  it('that was half-closed by the person goes on receiving, and counts what it cannot echo any more', async () => {
    const { engine, far, connection } = await start({ reply: 'echo' })
    await engine.do('halfClose', { connection })
    await hasSeenFin(far)
    expect((await engine.connection(connection))?.state).toBe('half-closed-here')
    expect(await engine.refuses('send', { connection, data: bytes('x') })).toMatchObject({
      code: 'wrong-state',
      message: expect.stringMatching(/takes no bytes: it is half-closed-here/),
    })
    expect(await engine.refuses('halfClose', { connection })).toMatchObject({ code: 'wrong-state' })
    far.send(bytes('too late'))
    far.finish()
    expect(await engine.end(connection)).toMatchObject({ cause: 'closed-here', ignoredBytes: 8 })
    expect(engine.story(connection)).toEqual(['connection-made', 'eof-sent', 'eof-received', 'connection-lost'])
  })

  it('closes one connection and leaves the others', async () => {
    const { engine, endpoint, far, connection, connect } = await start()
    const other = await connect()
    await engine.made(endpoint.id, 1)
    await engine.do('close', { connection })
    await hasSeenFin(far)
    far.close()
    expect(await engine.end(connection)).toMatchObject({ cause: 'closed-here' })
    other.send(bytes('still here'))
    await hasReceived(other, 'still here')
    expect((await engine.endpoint(endpoint.id))?.connectionsNow).toBe(1)
  })

  it('resets one connection and leaves the others', async () => {
    const { engine, endpoint, far, connection, connect } = await start()
    const other = await connect()
    await engine.made(endpoint.id, 1)
    await engine.do('reset', { connection })
    await hasEnded(far)
    expect(far.ended).toBe('ECONNRESET')
    expect(await engine.end(connection)).toMatchObject({ cause: 'reset-here', errno: null })
    other.send(bytes('still here'))
    await hasReceived(other, 'still here')
  })

  it('takes nothing for a connection that is being reset', async () => {
    const { engine, connection } = await start()
    const answers = [
      engine.engine.ask('reset', { connection }),
      engine.engine.ask('send', { connection, data: bytes('x') }),
      engine.engine.ask('halfClose', { connection }),
    ]
    expect((await Promise.all(answers)).map(({ ok }) => ok)).toEqual([true, false, false])
    expect(await engine.end(connection)).toMatchObject({ cause: 'reset-here', ignoredBytes: 0 })
    expect(await engine.refuses('send', { connection, data: bytes('x') })).toMatchObject({
      code: 'wrong-state',
      message: expect.stringMatching(/is over: reset-here/),
    })
  })

  it('closes all of its connections, answers how many, and goes on accepting', async () => {
    const { engine, endpoint, far, connect } = await start()
    const others = [await connect(), await connect()]
    await engine.made(endpoint.id, 2)
    expect(await engine.do('closeAll', { endpoint: endpoint.id, how: 'close' })).toBe(3)
    for (const each of [far, ...others]) {
      await hasSeenFin(each)
      each.close()
    }
    const next = await connect()
    next.send(bytes('next'))
    await hasReceived(next, 'next')
    expect(await engine.do('closeAll', { endpoint: endpoint.id, how: 'reset' })).toBe(1)
    await hasEnded(next)
    expect(next.ended).toBe('ECONNRESET')
    await engine.end(await engine.made(endpoint.id, 3))
    expect((await engine.endpoint(endpoint.id))?.state).toBe('live')
    expect(await engine.do('closeAll', { endpoint: endpoint.id, how: 'close' })).toBe(0)
  })

  it('that stops accepting keeps its connections, and is stopped when the last one is over', async () => {
    const { engine, endpoint, port, far, connection } = await start()
    expect(await engine.do('stopAccepting', { endpoint: endpoint.id })).toMatchObject({ state: 'stopping' })
    expect(await isListening(port)).toBe(false)
    far.send(bytes('still here'))
    await hasReceived(far, 'still here')
    expect(await engine.refuses('stopAccepting', { endpoint: endpoint.id })).toMatchObject({ code: 'wrong-state' })
    expect(engine.told.events.some(({ kind }) => kind === 'listener-stopped')).toBe(false)
    far.finish()
    expect(await engine.becomes(endpoint.id, 'stopped')).toMatchObject({ local: null, connectionsNow: 0 })
    const stopped = await engine.event(({ kind }) => kind === 'listener-stopped')
    expect(stopped.details).toEqual({ local: { host: localhost, port } })
    const lost = await engine.event((event) => event.kind === 'connection-lost' && event.connection === connection)
    expect(stopped.seq).toBe(lost.seq + 1)
  })

  it('that is stopped closes its connections in order, flushing what is buffered', async () => {
    const { engine, endpoint, port, far, connection } = await start({ reply: 'none' })
    const data = randomBytes(10 * mib)
    far.pause()
    await engine.do('send', { connection, data })
    expect(await engine.do('stopEndpoint', { endpoint: endpoint.id })).toMatchObject({ state: 'stopping' })
    expect(await isListening(port)).toBe(false)
    expect((await engine.connection(connection))?.state).toBe('closing')
    far.resume()
    await hasSeenFin(far)
    expectBytes(far.received(), data)
    far.close()
    await engine.becomes(endpoint.id, 'stopped')
    expect(await engine.end(connection)).toMatchObject({ cause: 'closed-here', unsentBytes: 0 })
  })

  it('that is removed while it is busy resets its connections and is never heard of again', async () => {
    const { engine, endpoint, port, far, connection, connect } = await start({ reply: 'none' })
    const idle = await connect()
    await engine.made(endpoint.id, 1)
    const removed: EndpointId[] = []
    const endpointsAfter: EndpointId[] = []
    engine.engine.onState((change) => {
      if (removed.includes(endpoint.id)) endpointsAfter.push(...change.endpoints.map(({ id }) => id))
      removed.push(...change.removedEndpoints)
      endpointsAfter.push(...change.endpoints.filter(() => removed.includes(endpoint.id)).map(({ id }) => id))
    })
    far.pause()
    await engine.do('send', { connection, data: new Uint8Array(10 * mib) })
    await engine.do('removeEndpoint', { endpoint: endpoint.id })
    await hasEnded(idle)
    far.resume()
    await hasEnded(far)
    expect([far.ended, idle.ended]).toEqual(['ECONNRESET', 'ECONNRESET'])
    expect(await isListening(port)).toBe(false)
    const { cause, unsentBytes } = await engine.end(connection)
    expect(cause).toBe('reset-here')
    expect(unsentBytes).toBeGreaterThan(0)
    expect(unsentBytes).toBeLessThanOrEqual(10 * mib)
    await engine.event(({ kind, endpoint: id }) => kind === 'listener-stopped' && id === endpoint.id)
    expect((await engine.snapshot()).endpoints).toEqual([])
    expect({ removed, endpointsAfter }).toEqual({ removed: [endpoint.id], endpointsAfter: [] })
    expect(await engine.refuses('stopEndpoint', { endpoint: endpoint.id })).toMatchObject({ code: 'not-found' })
  })
})

describe('A listener', () => {
  it('serves any number of connections at once, each its own bytes', async () => {
    const engine = await watchedEngine()
    const { endpoint, port } = await engine.listen()
    const ends = await Promise.all(Array.from({ length: 60 }, () => connectTo(port)))
    const words = ends.map((_, i) => `connection ${i}`)
    for (const [i, end] of ends.entries()) end.send(bytes(words[i]!))
    for (const [i, end] of ends.entries()) await hasReceived(end, words[i]!)
    expect(await engine.endpoint(endpoint.id)).toMatchObject({ connectionsNow: 60, connectionsTotal: 60 })
    for (const end of ends) end.finish()
    for (const end of ends) await hasSeenFin(end)
    await until(
      () => engine.told.endpoints.get(endpoint.id)?.connectionsNow === 0,
      () => 'all connections to be over',
    )
  })

  it('takes bytes that come one by one, and sends them to a peer that reads slowly', async () => {
    const engine = await watchedEngine()
    const { port } = await engine.listen()
    const data = randomBytes(500)
    const received: Buffer[] = []
    const socket = await connectRudely(port, (socket_) => {
      readSlowly(7, (chunk) => received.push(chunk))(socket_)
      sendByteByByte(data)(socket_)
    })
    await until(
      () => socket.destroyed,
      () => `the echo; ${Buffer.concat(received).length} bytes came`,
    )
    expectBytes(Buffer.concat(received), data)
  })

  it('does not let a peer that never reads fill its memory', async () => {
    const engine = await watchedEngine()
    const { endpoint, port } = await engine.listen({ reply: 'echo' })
    const socket = await connectRudely(port, neverRead)
    const connection = await engine.made(endpoint.id)
    socket.write(new Uint8Array(50 * mib))
    await engine.event((event) => event.connection === connection && event.kind === 'reading-paused')
    // It reads no more than it could send: one read beyond the mark.
    const { bufferedBytes } = (await engine.connection(connection))!
    expect(bufferedBytes).toBeLessThanOrEqual(defaultHighWaterBytes + blockBytes)
    expect(socket.writableLength).toBeGreaterThan(0)
    socket.resetAndDestroy()
    expect(await engine.end(connection)).toMatchObject({ cause: 'reset-by-peer', errno: 'ECONNRESET' })
  })

  it('cannot be started again while it is live, nor become something else', async () => {
    const engine = await watchedEngine()
    const { endpoint } = await engine.listen({ name: 'Echo' })
    expect(await engine.refuses('startEndpoint', { endpoint: endpoint.id })).toEqual({
      code: 'wrong-state',
      message: 'Echo is live already; stop it first',
    })
    await engine.do('stopEndpoint', { endpoint: endpoint.id })
    await engine.becomes(endpoint.id, 'stopped')
    const client = { role: 'client', name: '', host: localhost, port: 1, connectTimeoutMs: 1 } as const
    expect(await engine.refuses('startEndpoint', { endpoint: endpoint.id, spec: client })).toMatchObject({
      code: 'bad-argument',
      path: 'spec.role',
    })
    expect(await engine.refuses('startEndpoint', { endpoint: 99 as EndpointId })).toMatchObject({ code: 'not-found' })
  })

  it('can be stopped and started again on its port, with another reply', async () => {
    const engine = await watchedEngine()
    const { endpoint, port } = await engine.listen({ reply: 'discard' })
    await engine.do('stopEndpoint', { endpoint: endpoint.id })
    await engine.becomes(endpoint.id, 'stopped')
    const spec = { ...(endpoint.spec as ListenerSpec), reply: 'echo', greeting: bytes('again '), port } as const
    const again = await engine.do('startEndpoint', { endpoint: endpoint.id, spec })
    expect(again).toMatchObject({ state: 'live', local: { host: localhost, port }, spec: { reply: 'echo' } })
    const far = await connectTo(port)
    far.send(bytes('and again'))
    await hasReceived(far, 'again and again')
  })

  it('can be started again while old connections are still open, and is not stopped by their end', async () => {
    const engine = await watchedEngine()
    const { endpoint, port } = await engine.listen()
    const old = await connectTo(port)
    const oldConnection = await engine.made(endpoint.id)
    await engine.do('stopAccepting', { endpoint: endpoint.id })
    const spec = { ...(endpoint.spec as ListenerSpec), reply: 'echo', greeting: new Uint8Array(), port } as const
    expect(await engine.do('startEndpoint', { endpoint: endpoint.id, spec })).toMatchObject({ state: 'live' })
    const young = await connectTo(port)
    old.finish()
    await engine.end(oldConnection)
    await engine.event(({ kind }) => kind === 'listener-stopped')
    young.send(bytes('still here'))
    await hasReceived(young, 'still here')
    expect(await engine.endpoint(endpoint.id)).toMatchObject({ state: 'live', local: { host: localhost, port } })
  })

  it('that cannot be started again stays failed when its old connections end', async () => {
    const engine = await watchedEngine()
    const { endpoint } = await engine.listen()
    const { port: taken } = await engine.listen()
    const old = await connectTo(endpoint.local!.port)
    const oldConnection = await engine.made(endpoint.id)
    await engine.do('stopAccepting', { endpoint: endpoint.id })
    const spec = { ...(endpoint.spec as ListenerSpec), reply: 'echo', greeting: new Uint8Array(), port: taken } as const
    const failed = { state: 'failed', local: null, reason: { code: 'EADDRINUSE' } }
    expect(await engine.do('startEndpoint', { endpoint: endpoint.id, spec })).toMatchObject(failed)
    old.finish()
    await engine.end(oldConnection)
    await engine.event(({ kind }) => kind === 'listener-stopped')
    expect(await engine.endpoint(endpoint.id)).toMatchObject(failed)
  })

  it('says listener-started for every address of a name, and listener-stopped for each of them', async () => {
    const engine = await watchedEngine()
    const { endpoint } = await engine.listen({ host: 'localhost' })
    await engine.do('stopEndpoint', { endpoint: endpoint.id })
    await engine.becomes(endpoint.id, 'stopped')
    const told = (wanted: string) =>
      engine.told.events.filter(({ kind }) => kind === wanted).map(({ details }) => details)
    expect(told('listener-started').length).toBeGreaterThan(0)
    expect(told('listener-stopped')).toEqual(told('listener-started'))
  })

  it('that cannot have its port names who has it, is failed, and can be started when the port is free', async () => {
    const engine = await watchedEngine()
    const { endpoint: first, port } = await engine.listen({ name: 'First' })
    const second = await engine.create({
      role: 'listener',
      name: 'Second',
      host: localhost,
      port,
      reply: 'echo',
      greeting: new Uint8Array(),
    })
    expect(second).toMatchObject({
      state: 'failed',
      local: null,
      reason: {
        code: 'EADDRINUSE',
        message: `Port ${port} on ${localhost} is taken by listener First`,
        path: 'port',
      },
    })
    const failed = await engine.event(({ kind }) => kind === 'listener-failed')
    expect(failed).toMatchObject({
      cause: 'address-in-use',
      endpoint: second.id,
      details: { error: { code: 'EADDRINUSE' }, local: { host: localhost, port } },
    })
    await engine.do('removeEndpoint', { endpoint: first.id })
    expect(await engine.do('startEndpoint', { endpoint: second.id })).toMatchObject({ state: 'live', reason: null })
  })

  it('that cannot have its port says so where another program has it', async () => {
    const engine = await watchedEngine()
    const other = net.createServer()
    await new Promise<void>((resolve) => other.listen(0, localhost, resolve))
    onTestFinished(() => void other.close())
    const { port } = other.address() as net.AddressInfo
    const created = await engine.engine.ask('createEndpoint', {
      spec: { role: 'listener', name: '', host: localhost, port, reply: 'echo', greeting: new Uint8Array() },
    })
    expect(created).toMatchObject({
      ok: true,
      value: { state: 'failed', reason: { message: `Port ${port} on ${localhost} is taken by another program` } },
    })
  })

  it.each([
    ['203.0.113.1', 'EADDRNOTAVAIL', 'address-not-available', '203.0.113.1 is not an address of this machine'],
    [
      'no-such-name.invalid',
      /^(ENOTFOUND|EAI_AGAIN)$/,
      'name-not-found',
      'No address was found for the name no-such-name.invalid',
    ],
  ])('on %s fails with %s', async (host, code, cause, message) => {
    const engine = await watchedEngine()
    const spec = { role: 'listener', name: '', host, port: 0, reply: 'echo', greeting: new Uint8Array() } as const
    const endpoint = await engine.create(spec)
    expect(endpoint).toMatchObject({ state: 'failed', reason: { message, path: 'host' } })
    expect(endpoint.reason?.code).toMatch(code)
    expect((await engine.event(({ kind }) => kind === 'listener-failed')).cause).toBe(cause)
    expect(await engine.refuses('stopAccepting', { endpoint: endpoint.id })).toMatchObject({ code: 'wrong-state' })
  })
})

describe('A listener that is still starting', () => {
  /** Asks for both at once: the second command comes while the first one's name is being looked up. */
  const whileStarting = async (name: 'stopEndpoint' | 'stopAccepting' | 'removeEndpoint') => {
    const engine = await watchedEngine()
    const port = await freePort()
    const spec = {
      role: 'listener',
      name: '',
      host: 'localhost',
      port,
      reply: 'echo',
      greeting: new Uint8Array(),
    } as const
    const answers = await Promise.all([
      engine.engine.ask('createEndpoint', { spec }),
      engine.engine.ask(name, { endpoint: 1 as EndpointId }),
    ])
    expect(answers.map(({ ok }) => ok)).toEqual([true, true])
    await turns()
    return { engine, port }
  }

  it.each(['stopEndpoint', 'stopAccepting'] as const)('obeys %s: it never listens', async (name) => {
    const { engine, port } = await whileStarting(name)
    expect(await engine.becomes(1 as EndpointId, 'stopped')).toMatchObject({ local: null, reason: null })
    expect(await isListening(port)).toBe(false)
    expect(await engine.do('startEndpoint', { endpoint: 1 as EndpointId })).toMatchObject({ state: 'live' })
  })

  it('obeys stopEndpoint also where connections of an earlier start are open: it is stopped with the last of them', async () => {
    const engine = await watchedEngine()
    const { endpoint } = await engine.listen({ host: 'localhost' })
    const old = await connectTo(endpoint.local!.port)
    await engine.made(endpoint.id)
    await engine.do('stopAccepting', { endpoint: endpoint.id })
    await Promise.all([
      engine.engine.ask('startEndpoint', { endpoint: endpoint.id }),
      engine.engine.ask('stopAccepting', { endpoint: endpoint.id }),
    ])
    expect(await engine.endpoint(endpoint.id)).toMatchObject({ state: 'stopping', connectionsNow: 1 })
    old.finish()
    await engine.becomes(endpoint.id, 'stopped')
  })

  it('obeys removeEndpoint: it never listens, and is never heard of again', async () => {
    const { engine, port } = await whileStarting('removeEndpoint')
    expect((await engine.snapshot()).endpoints).toEqual([])
    expect(await isListening(port)).toBe(false)
  })
})
