// toxiproxy's HTTP API as its source has it (api.go, api_test.go, metrics_test.go): paths, status codes, JSON and errors, and who
// may ask at all. Counterparts: main/toxiproxy; client.test.ts has a stock client.
import { connect } from 'node:net'
import { describe, expect, it, onTestFinished } from 'vitest'
import { createToxiproxyApi } from '../../main/toxiproxy/api-server.ts'
import type { EventDetails, RelaySpec } from '../../preload/contract/vocabulary.ts'
import { connectTo } from '../support/engine.ts'
import { until } from '../support/loopback.ts'
import { serveApi } from './served-api.ts'

const echoProxy = async () => {
  const api = await serveApi()
  const { port } = await api.engine.listen()
  const made = await api.ask('POST', '/proxies', { name: 'echo', listen: '127.0.0.1:0', upstream: `127.0.0.1:${port}` })
  const proxy = made.json as { listen: string; upstream: string }
  return { ...api, made, proxy, listenPort: Number(proxy.listen.split(':')[1]), upstreamPort: port }
}

/** Whether somebody listens there. */
const connectsTo = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1' })
    socket.once('connect', () => resolve(true))
    socket.once('error', () => resolve(false))
    onTestFinished(() => void socket.destroy())
  })

describe('Proxies', () => {
  it('are made on a port that is told, shown, listed and taken away', async () => {
    const { ask, made, proxy, listenPort, upstreamPort } = await echoProxy()
    expect(made.status).toBe(201)
    expect(made.type).toBe('application/json')
    expect(made.json).toEqual({
      name: 'echo',
      listen: `127.0.0.1:${listenPort}`,
      upstream: `127.0.0.1:${upstreamPort}`,
      enabled: true,
      toxics: [],
    })
    expect(listenPort).toBeGreaterThan(0)
    expect((await ask('GET', '/proxies/echo')).json).toEqual(made.json)
    expect((await ask('GET', '/proxies')).json).toEqual({ echo: made.json })
    const client = await connectTo(listenPort)
    client.send(Buffer.from('hello'))
    await until(
      () => client.receivedBytes === 5,
      () => 'the echo',
    )
    expect(proxy.listen).toContain('127.0.0.1')
    expect(await ask('DELETE', '/proxies/echo')).toMatchObject({ status: 204, text: '' })
    expect((await ask('GET', '/proxies')).json).toEqual({})
    await until(
      () => client.finSeen || client.ended !== null,
      () => 'the end of the connection',
    )
    expect(await connectsTo(listenPort)).toBe(false)
  })

  it('are relays like any other, and relays with a name are proxies', async () => {
    const { ask, engine } = await serveApi()
    const relay = (name: string): RelaySpec => ({
      role: 'relay',
      name,
      host: '127.0.0.1',
      port: 0,
      upstreamHost: '127.0.0.1',
      upstreamPort: 9,
      connectTimeoutMs: 1000,
    })
    const mine = await engine.do('createEndpoint', { spec: relay('mine') })
    await engine.do('createEndpoint', { spec: relay('') })
    await ask('POST', '/proxies', { name: 'made-here', listen: '127.0.0.1:0', upstream: '127.0.0.1:9' })
    expect(Object.keys((await ask('GET', '/proxies')).json as object)).toEqual(['made-here', 'mine'])
    expect((await ask('GET', '/proxies/mine')).json).toMatchObject({
      listen: `127.0.0.1:${mine.local!.port}`,
      enabled: true,
    })
    const { endpoints } = await engine.do('snapshot', null)
    expect(endpoints.map(({ spec }) => spec.name)).toEqual(['mine', '', 'made-here'])
  })

  const wrongProxies = [
    { body: '', error: 'bad request body: EOF', status: 400 },
    { body: '{"name"', error: /^bad request body: /, status: 400 },
    {
      body: { name: 5 },
      error: /^bad request body: json: cannot unmarshal number 5 into Go struct field name of type string$/,
      status: 400,
    },
    { body: { upstream: 'a:1' }, error: 'missing required field: name', status: 400 },
    { body: { name: 'a' }, error: 'missing required field: upstream', status: 400 },
    { body: { name: 'a', upstream: 'nowhere' }, error: /^bad request body: upstream: /, status: 400 },
    {
      body: { name: 'a'.repeat(101), upstream: 'a:1', listen: '127.0.0.1:0' },
      error: /^bad request body: A name has/,
      status: 400,
    },
  ]

  it('are not made of what is no proxy, and the answer says why', async () => {
    const { ask } = await serveApi()
    for (const { body, error, status } of wrongProxies) {
      const reply = await ask('POST', '/proxies', body)
      expect(reply.json).toEqual({ error: typeof error === 'string' ? error : expect.stringMatching(error), status })
      expect(reply.status).toBe(status)
    }
    expect((await ask('GET', '/proxies')).json).toEqual({})
  })

  it('are not made twice, nor where another one listens', async () => {
    const { ask, proxy } = await echoProxy()
    const again = { name: 'echo', listen: '127.0.0.1:0', upstream: '127.0.0.1:9' }
    expect(await ask('POST', '/proxies', again)).toMatchObject({
      status: 409,
      json: { error: 'proxy already exists', status: 409 },
    })
    expect(await ask('POST', '/proxies', { ...again, name: 'other', listen: proxy.listen })).toMatchObject({
      status: 500,
      json: { error: `listen tcp ${proxy.listen}: bind: address already in use`, status: 500 },
    })
    expect(Object.keys((await ask('GET', '/proxies')).json as object)).toEqual(['echo'])
  })

  it('are switched off, which closes what is open, and on again on the same port', async () => {
    const { ask, proxy, listenPort } = await echoProxy()
    const client = await connectTo(listenPort)
    expect((await ask('POST', '/proxies/echo', { enabled: false })).json).toMatchObject({ ...proxy, enabled: false })
    await until(
      () => client.finSeen || client.ended !== null,
      () => 'the end of the connection',
    )
    expect(await connectsTo(listenPort)).toBe(false)
    expect((await ask('GET', '/proxies/echo')).json).toMatchObject({ ...proxy, enabled: false })
    expect((await ask('PATCH', '/proxies/echo', { enabled: true })).json).toMatchObject({ ...proxy, enabled: true })
    expect(await connectsTo(listenPort)).toBe(true)
  })

  it('are moved, with their toxics', async () => {
    const { ask, engine, listenPort } = await echoProxy()
    await ask('POST', '/proxies/echo/toxics', { type: 'latency', attributes: { latency: 1 } })
    const other = await engine.listen({ reply: 'none', greeting: Buffer.from('other') })
    const moved = await ask('POST', '/proxies/echo', {
      listen: 'localhost:0',
      upstream: `127.0.0.1:${other.port}`,
      enabled: true,
    })
    expect(moved).toMatchObject({
      status: 200,
      json: {
        listen: expect.stringMatching(/^127\.0\.0\.1:[1-9]\d*$/) as string,
        upstream: `127.0.0.1:${other.port}`,
        enabled: true,
        toxics: [{ name: 'latency_downstream' }],
      },
    })
    const port = Number((moved.json as { listen: string }).listen.split(':')[1])
    expect(port).not.toBe(listenPort)
    expect(await connectsTo(listenPort)).toBe(false)
    const client = await connectTo(port)
    await until(
      () => client.received().toString() === 'other',
      () => 'the other upstream',
    )
  })

  it('may be made without being started, and listen where they are told to once they are', async () => {
    const { ask, engine } = await serveApi()
    const upstream = `127.0.0.1:${(await engine.listen()).port}`
    const made = await ask('POST', '/proxies', { name: 'a', listen: '127.0.0.1:0', upstream, enabled: false })
    expect(made).toMatchObject({ status: 201, json: { listen: '127.0.0.1:0', enabled: false } })
    const started = (await ask('PATCH', '/proxies/a', { enabled: true })).json as { listen: string; enabled: boolean }
    const port = Number(started.listen.split(':')[1])
    expect(started.enabled).toBe(true)
    expect(await connectsTo(port)).toBe(true)
    await ask('PATCH', '/proxies/a', { enabled: false })
    expect(await connectsTo(port)).toBe(false)
    expect((await ask('PATCH', '/proxies/a', { enabled: true })).json).toMatchObject({ listen: started.listen })
    expect(await connectsTo(port)).toBe(true)
  })

  it('that are not there are not found', async () => {
    const { ask } = await serveApi()
    for (const [method, path] of [
      ['GET', '/proxies/x'],
      ['POST', '/proxies/x'],
      ['DELETE', '/proxies/x'],
      ['GET', '/proxies/x/toxics'],
      ['POST', '/proxies/x/toxics'],
      ['DELETE', '/proxies/x/toxics/y'],
    ] as const)
      expect(await ask(method, path, {})).toMatchObject({
        status: 404,
        json: { error: 'proxy not found', status: 404 },
      })
  })
})

describe('Populate', () => {
  const one = { name: 'one', listen: '127.0.0.1:0', upstream: '127.0.0.1:9' }

  it('makes all of a list, and leaves alone what is there already', async () => {
    const { ask } = await serveApi()
    const first = await ask('POST', '/populate', [one, { ...one, name: 'two', enabled: false }])
    expect(first).toMatchObject({
      status: 201,
      json: {
        proxies: [
          { name: 'one', enabled: true },
          { name: 'two', enabled: false },
        ],
      },
    })
    const { listen } = (first.json as { proxies: [{ listen: string }] }).proxies[0]
    await ask('POST', '/proxies/one/toxics', { type: 'timeout' })
    const same = await ask('POST', '/populate', [{ ...one, listen }])
    expect(same.json).toMatchObject({ proxies: [{ listen, toxics: [{ type: 'timeout' }] }] })
    const other = await ask('POST', '/populate', [{ ...one, listen, upstream: '127.0.0.1:10' }])
    expect(other.json).toMatchObject({ proxies: [{ listen, upstream: '127.0.0.1:10', toxics: [] }] })
  })

  it('makes nothing where one has no name, and as many as can be where one cannot', async () => {
    const { ask, proxy } = await echoProxy()
    expect(await ask('POST', '/populate', [one, { upstream: 'a:1' }])).toMatchObject({
      status: 400,
      json: { error: 'missing required field: name at proxy 2', status: 400, proxies: null },
    })
    expect(await ask('POST', '/populate', [one, { ...one, name: 'two', listen: proxy.listen }])).toMatchObject({
      status: 500,
      json: { error: `listen tcp ${proxy.listen}: bind: address already in use`, proxies: [{ name: 'one' }] },
    })
    expect(await ask('POST', '/populate', '{}')).toMatchObject({ status: 400 })
  })
})

describe('Toxics', () => {
  const types = [
    { type: 'latency', attributes: { latency: 100, jitter: 10 } },
    { type: 'bandwidth', attributes: { rate: 1000 } },
    { type: 'bandwidth', attributes: { rate: 0 } },
    { type: 'slow_close', attributes: { delay: 5 } },
    { type: 'timeout', attributes: { timeout: 5000 } },
    { type: 'reset_peer', attributes: { timeout: 7 } },
    { type: 'slicer', attributes: { average_size: 64, size_variation: 32, delay: 10 } },
    { type: 'limit_data', attributes: { bytes: 42 } },
    { type: 'corrupt', attributes: { bit_rate: 0.001 } },
    { type: 'limit_time', attributes: { time: 1000 } },
    { type: 'stall', attributes: { bytes: 10 } },
    { type: 'throttle_accept', attributes: { rate: 2.5 } },
    { type: 'drop', attributes: {} },
    { type: 'refuse', attributes: {} },
  ]

  it('of all types are taken and told as they were given', async () => {
    const { ask } = await echoProxy()
    for (const { type, attributes } of types) {
      const toxic = { attributes, name: 'mine', type, stream: 'upstream', toxicity: 0.5 }
      expect(await ask('POST', '/proxies/echo/toxics', toxic)).toMatchObject({ status: 200, json: toxic })
      expect((await ask('GET', '/proxies/echo/toxics')).json).toEqual([toxic])
      expect((await ask('GET', '/proxies/echo/toxics/mine')).json).toEqual(toxic)
      expect((await ask('GET', '/proxies/echo')).json).toMatchObject({ toxics: [toxic] })
      await ask('DELETE', '/proxies/echo/toxics/mine')
    }
  })

  it('have defaults: downstream, every connection, a name of type and stream', async () => {
    const { ask } = await echoProxy()
    expect((await ask('POST', '/proxies/echo/toxics', { type: 'latency' })).json).toEqual({
      attributes: { latency: 0, jitter: 0 },
      name: 'latency_downstream',
      type: 'latency',
      stream: 'downstream',
      toxicity: 1,
    })
  })

  it('are changed in part, and taken away', async () => {
    const { ask } = await echoProxy()
    await ask('POST', '/proxies/echo/toxics', { type: 'latency', attributes: { latency: 100, jitter: 10 } })
    for (const method of ['POST', 'PATCH'])
      expect(
        await ask(method, '/proxies/echo/toxics/latency_downstream', { attributes: { latency: 7 }, toxicity: 0.25 }),
      ).toMatchObject({ status: 200, json: { attributes: { latency: 7, jitter: 10 }, toxicity: 0.25 } })
    expect(await ask('DELETE', '/proxies/echo/toxics/latency_downstream')).toMatchObject({ status: 204, text: '' })
    expect(await ask('GET', '/proxies/echo/toxics/latency_downstream')).toMatchObject({
      status: 404,
      json: { error: 'toxic not found', status: 404 },
    })
  })

  const wrongToxics = [
    {
      body: { type: 'latency', stream: 'sideways' },
      error: 'stream was invalid, can be either upstream or downstream',
      status: 400,
    },
    { body: { type: 'nonsense' }, error: 'invalid toxic type', status: 400 },
    { body: {}, error: 'invalid toxic type', status: 400 },
    {
      body: { type: 'latency', attributes: { latency: 'x' } },
      error: /^bad request body: json: cannot unmarshal string/,
      status: 400,
    },
    {
      body: { type: 'latency', attributes: { latency: 1.5 } },
      error: /^bad request body: json: cannot unmarshal number 1.5/,
      status: 400,
    },
    {
      body: { type: 'latency', attributes: { latency: 1e12 } },
      error: /^bad request body: The delay in ms is at most/,
      status: 400,
    },
    { body: { type: 'latency', name: 'no spaces' }, error: /^bad request body: A fault’s name has/, status: 400 },
    { body: { type: 'latency', name: 'there', stream: 'upstream' }, error: 'toxic already exists', status: 409 },
  ]

  it('are not made of what is no toxic, and the answer says why', async () => {
    const { ask } = await echoProxy()
    await ask('POST', '/proxies/echo/toxics', { type: 'latency', name: 'there' })
    for (const { body, error, status } of wrongToxics) {
      const reply = await ask('POST', '/proxies/echo/toxics', body)
      expect(reply.json).toEqual({ error: typeof error === 'string' ? error : expect.stringMatching(error), status })
      expect(reply.status).toBe(status)
    }
    expect((await ask('GET', '/proxies/echo/toxics')).json).toHaveLength(1)
  })

  it('of all proxies are taken away by a reset, which starts what is stopped', async () => {
    const { ask, proxy } = await echoProxy()
    await ask('POST', '/proxies/echo/toxics', { type: 'latency', stream: 'upstream' })
    await ask('POST', '/proxies/echo/toxics', { type: 'latency' })
    await ask('PATCH', '/proxies/echo', { enabled: false })
    expect(await ask('POST', '/reset')).toMatchObject({ status: 204, text: '' })
    expect((await ask('GET', '/proxies/echo')).json).toEqual({ ...proxy, enabled: true, toxics: [] })
  })
})

describe('Metrics', () => {
  const readMetrics = (text: string) =>
    Object.fromEntries(
      text
        .split('\n')
        .filter((line) => line.startsWith('toxiproxy_'))
        .map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.slice(line.lastIndexOf(' ') + 1))]),
    )

  it('tell the bytes of each proxy and direction while the connection is open, and after', async () => {
    const { ask, proxy, listenPort } = await echoProxy()
    const client = await connectTo(listenPort)
    const metric = (what: string, direction: string) =>
      `toxiproxy_proxy_${what}_bytes_total{direction="${direction}",listener="${proxy.listen}",proxy="echo",upstream="${proxy.upstream}"}`
    const all = (bytes: number) => ({
      [metric('received', 'upstream')]: bytes,
      [metric('received', 'downstream')]: bytes,
      [metric('sent', 'upstream')]: bytes,
      [metric('sent', 'downstream')]: bytes,
    })
    const first = await ask('GET', '/metrics')
    expect(first.type).toBe('text/plain; version=0.0.4; charset=utf-8')
    expect(first.text).toContain('# TYPE toxiproxy_proxy_received_bytes_total counter\n')
    expect(readMetrics(first.text)).toEqual(all(0))
    for (const bytes of [1000, 2000]) {
      client.send(Buffer.alloc(1000))
      await until(
        () => client.receivedBytes === bytes,
        () => `${bytes} bytes back`,
      )
      expect(readMetrics((await ask('GET', '/metrics')).text)).toEqual(all(bytes))
    }
    client.close()
    await until(
      () => client.ended !== null,
      () => 'the end',
    )
    expect(readMetrics((await ask('GET', '/metrics')).text)).toEqual(all(2000))
  })

  it('escape what stands in labels', async () => {
    const { ask } = await serveApi()
    await ask('POST', '/proxies', { name: 'a"b\\c\nd', listen: '127.0.0.1:0', upstream: '127.0.0.1:9' })
    expect((await ask('GET', '/metrics')).text).toContain('proxy="a\\"b\\\\c\\nd"')
  })
})

describe('Who asks', () => {
  const foreign: Readonly<Record<string, string>>[] = [
    { 'User-Agent': 'Mozilla/5.0 (X11; Linux x86_64)' },
    { Origin: 'http://127.0.0.1:8474' },
    { Host: 'attacker.example' },
    { Host: 'attacker.example:8474' },
  ]

  it('from a browser, or under another name, is refused', async () => {
    const { ask } = await serveApi()
    const body = { name: 'a', listen: '127.0.0.1:0', upstream: '127.0.0.1:9' }
    for (const headers of foreign) expect((await ask('POST', '/proxies', body, headers)).status).toBe(403)
    expect((await ask('GET', '/proxies')).json).toEqual({})
  })

  it('under localhost and ::1 too is answered', async () => {
    const { ask } = await serveApi()
    for (const host of ['localhost', 'localhost:8474', '127.0.0.1:1', '[::1]:8474'])
      expect((await ask('GET', '/version', undefined, { Host: host })).status).toBe(200)
  })

  it('for something else is told so', async () => {
    const { ask } = await serveApi()
    expect(await ask('GET', '/version')).toEqual(
      expect.objectContaining({
        status: 200,
        type: 'application/json;charset=utf-8',
        text: expect.stringMatching(/^\{"version": "2\.\d+\.\d+"\}\n$/),
      }),
    )
    expect((await ask('GET', '/nonsense')).status).toBe(404)
    expect((await ask('GET', '/proxies/%')).status).toBe(500)
    expect((await ask('PUT', '/proxies')).status).toBe(405)
    expect((await ask('GET', '/reset')).status).toBe(405)
  })

  it('with a body that is too large is cut short', async () => {
    const { ask } = await serveApi()
    const reply = await ask('POST', '/proxies', `{"name":"${'a'.repeat(2 * 1024 * 1024)}"}`).catch(() => null)
    // The connection may be over before all of the body is sent.
    if (reply !== null) expect(reply.status).toBe(413)
    expect((await ask('GET', '/version')).status).toBe(200)
  })

  it('finds the port taken where it is', async () => {
    const { engine, url } = await serveApi()
    const second = await createToxiproxyApi(engine.engine, Number(new URL(url).port))
    if (second.ok) onTestFinished(() => second.value.dispose())
    expect(second).toMatchObject({ ok: false, failure: { code: 'EADDRINUSE' } })
  })
})

it('Connections that a toxic acts on are marked in the recording', async () => {
  const { ask, engine, listenPort } = await echoProxy()
  await ask('POST', '/proxies/echo/toxics', { type: 'limit_data', stream: 'upstream', attributes: { bytes: 3 } })
  const client = await connectTo(listenPort)
  client.send(Buffer.from('hello'))
  const marked = await engine.event(({ kind }) => kind === 'fault-applied')
  expect(marked.details as EventDetails['fault-applied']).toMatchObject({
    fault: 'limit_data_upstream',
    effect: { cutAt: 3, droppedBytes: 2, ended: 'close' },
  })
})
