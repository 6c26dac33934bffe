// Sockets' settings, and connections that are made again by themselves. Counterparts: main/engine/endpoints/{client,
// reconnecting}.ts, main/engine/loop/node-sockets.ts.
import net from 'node:net'
import { describe, expect, it, onTestFinished } from 'vitest'
import { Reconnection, waitBefore } from '../../../main/engine/endpoints/reconnecting.ts'
import type { ClientSpec, EventDetails } from '../../../preload/contract/vocabulary.ts'
import { freePort, idleLoop, localhost, until } from '../../support/loopback.ts'
import { watchedEngine } from './watched-engine.ts'

const soon = { firstMs: 1, maxMs: 4, attempts: null } as const
const never = { firstMs: 86_400_000, maxMs: 86_400_000, attempts: null } as const

describe('The waits before attempts', () => {
  it('double from the first to the longest', () => {
    const waits = [1, 2, 3, 4, 5, 6, 400].map((attempt) =>
      waitBefore({ firstMs: 100, maxMs: 1000, attempts: null }, attempt),
    )
    expect(waits).toEqual([100, 200, 400, 800, 1000, 1000, 1000])
  })

  it('are planned as long as there may be more, and begin again with a connection', () => {
    const { loop } = idleLoop()
    const reconnection = new Reconnection(loop)
    onTestFinished(() => void reconnection.cancel())
    const plan = () => reconnection.plan({ firstMs: 1000, maxMs: 5000, attempts: 2 }, 7, () => {})
    expect([plan(), plan(), plan()]).toEqual([{ attempt: 1, at: 1007 }, { attempt: 2, at: 2007 }, null])
    reconnection.made()
    expect(plan()).toEqual({ attempt: 1, at: 1007 })
    expect(reconnection.cancel()).toBe(true)
    expect([reconnection.cancel(), reconnection.planned]).toEqual([false, null])
  })
})

describe('A client that reconnects', () => {
  const planned = (engine: Awaited<ReturnType<typeof watchedEngine>>) =>
    engine.told.events.filter(({ kind }) => kind === 'reconnect-planned')

  it('is refused again and again, and is there when somebody listens; its counters go on', async () => {
    const engine = await watchedEngine()
    const port = await freePort()
    const client = await engine.connect(port, { reconnect: soon })
    await until(
      () => planned(engine).length >= 3,
      () => 'three plans',
    )
    const [first, second, third] = planned(engine).map(({ details }) => details as EventDetails['reconnect-planned'])
    expect([first, second, third].map((plan) => plan?.attempt)).toEqual([1, 2, 3])
    expect([first, second, third].map((plan) => Math.round(plan?.inMs ?? 0))).toEqual([1, 2, 4])
    const listener = await engine.listen({ port, greeting: Buffer.from('hi') })
    await engine.becomes(client.id, 'live')
    // Lost, and made again: the second greeting adds to the first.
    const before = planned(engine).length
    await engine.do('closeAll', { endpoint: listener.endpoint.id, how: 'reset' })
    await until(
      () => (engine.told.endpoints.get(client.id)?.traffic.bytesReceived ?? 0) >= 4,
      () => 'the second greeting',
    )
    // The count of attempts began again with the connection.
    expect(planned(engine)[before]!.details).toMatchObject({ attempt: 1 })
    expect(await engine.endpoint(client.id)).toMatchObject({ connectionsNow: 1 })
  })

  it('says what it waits for, and why', async () => {
    const engine = await watchedEngine()
    const client = await engine.connect(await freePort(), { reconnect: never })
    await engine.event(({ kind }) => kind === 'reconnect-planned')
    const waiting = (await engine.endpoint(client.id))!
    expect(waiting).toMatchObject({
      state: 'starting',
      reason: { code: 'ECONNREFUSED' },
      reconnecting: { attempt: 1 },
      connectionsNow: 0,
    })
    expect(waiting.reconnecting!.at).toBeGreaterThan(86_000_000)
  })

  it.each(['stopEndpoint', 'closeAll', 'removeEndpoint', 'updateEndpoint'] as const)(
    'gives up waiting by %s',
    async (command) => {
      const engine = await watchedEngine()
      const port = await freePort()
      const client = await engine.connect(port, { reconnect: never })
      await engine.event(({ kind }) => kind === 'reconnect-planned')
      const { id: endpoint } = client
      if (command === 'closeAll') await engine.do(command, { endpoint, how: 'close' })
      else if (command === 'updateEndpoint') {
        const { reconnect: _, ...spec } = client.spec as ClientSpec
        await engine.do(command, { endpoint, spec })
      } else await engine.do(command, { endpoint })
      const now = await engine.endpoint(endpoint)
      if (command === 'removeEndpoint') expect(now).toBeUndefined()
      else {
        expect(now).toMatchObject({ state: 'stopped' })
        expect(now).not.toHaveProperty('reconnecting')
      }
    },
  )

  it('connects at once where it is told to, and stays closed where a person closes it', async () => {
    const engine = await watchedEngine()
    const port = await freePort()
    const client = await engine.connect(port, { reconnect: never })
    await engine.event(({ kind }) => kind === 'reconnect-planned')
    await engine.listen({ port })
    await engine.do('startEndpoint', { endpoint: client.id })
    await engine.becomes(client.id, 'live')
    const mine = await engine.made(client.id)
    await engine.do('close', { connection: mine })
    expect(await engine.end(mine)).toMatchObject({ cause: 'closed-here' })
    await engine.becomes(client.id, 'stopped')
    expect(planned(engine)).toHaveLength(1)
  })

  it('fails for good after as many attempts as it may make', async () => {
    const engine = await watchedEngine()
    const client = await engine.connect(await freePort(), { reconnect: { firstMs: 1, maxMs: 1, attempts: 2 } })
    await engine.becomes(client.id, 'failed')
    expect(planned(engine)).toHaveLength(2)
    expect(engine.told.events.filter(({ kind }) => kind === 'connection-failed')).toHaveLength(3)
  })
})

describe('A socket’s settings', () => {
  it('hold from the first byte on, and for open connections when they change', async () => {
    const engine = await watchedEngine()
    const listener = await engine.listen({ reply: 'none', socket: { highWaterBytes: 1000, keepAliveMs: 5000 } })
    const peer = net.connect(listener.port, localhost)
    onTestFinished(() => void peer.destroy())
    peer.pause()
    const connection = await engine.made(listener.endpoint.id)
    await engine.do('send', { connection, data: new Uint8Array(9 * 1024 * 1024) })
    const paused = await engine.event(({ kind }) => kind === 'writing-paused')
    expect(paused.details).toMatchObject({ highWaterBytes: 1000 })
    // A mark above what waits: writing goes on without a byte being read.
    const spec = listener.endpoint.spec
    await engine.do('updateEndpoint', {
      endpoint: listener.endpoint.id,
      spec: { ...spec, socket: { highWaterBytes: 64 * 1024 * 1024 } },
    })
    await engine.event(({ kind }) => kind === 'writing-resumed')
    await engine.do('reset', { connection })
  })

  it('are taken by clients and relays too', async () => {
    const engine = await watchedEngine()
    const socket = { noDelay: false, keepAliveMs: 60_000, highWaterBytes: 2000 }
    const listener = await engine.listen({ greeting: Buffer.from('hi'), socket })
    const relay = await engine.relay(listener.port, { socket })
    const client = await engine.connect(relay.port, { socket })
    await engine.event(
      ({ kind, endpoint, text }) => kind === 'data-received' && endpoint === client.id && text === 'hi',
    )
    await engine.do('updateEndpoint', { endpoint: client.id, spec: { ...(client.spec as ClientSpec), socket: {} } })
    expect((await engine.endpoint(client.id))?.spec.socket).toEqual({})
  })
})
