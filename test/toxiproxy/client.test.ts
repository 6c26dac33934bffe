// A stock client of toxiproxy, unchanged (toxiproxy-node-client): what its own tests expect, and what its toxics do to bytes,
// as toxiproxy's own tests have it. Times are lower bounds; test/bench/faults.bench.ts measures them. Counterpart: main/toxiproxy.
import { randomBytes } from 'node:crypto'
import { type Proxy as ClientProxy, type ICreateToxicBody, Toxiproxy } from 'toxiproxy-node-client'
import { describe, expect, it } from 'vitest'
import { connectTo } from '../support/engine.ts'
import { runningLoop, startFarServer, until } from '../support/loopback.ts'
import { serveApi } from './served-api.ts'

const start = async () => {
  const { url, engine } = await serveApi()
  const toxiproxy = new Toxiproxy(url)
  const createProxy = (name: string, upstream = 'localhost:6379') =>
    toxiproxy.createProxy({ listen: 'localhost:0', name, upstream })
  const createToxic = <T>(proxy: ClientProxy, type: string, attributes: T, more = {}) =>
    proxy.addToxic({ attributes, type, ...more } as ICreateToxicBody<T>)
  return { url, engine, toxiproxy, createProxy, createToxic }
}

describe('A stock client, as its own tests have it,', () => {
  it('creates, gets, updates and removes a proxy', async () => {
    const { toxiproxy, createProxy } = await start()
    const proxy = await createProxy('get-test')
    expect(proxy.enabled).toBe(true)
    expect((await toxiproxy.get(proxy.name)).name).toBe(proxy.name)
    const disabled = await proxy.update({ enabled: false, listen: proxy.listen, upstream: proxy.upstream })
    expect(disabled.enabled).toBe(false)
    const upstream = 'somehost:12345'
    const updated = await proxy.update({ enabled: true, listen: proxy.listen, upstream })
    expect({ enabled: updated.enabled, upstream: updated.upstream }).toEqual({ enabled: true, upstream })
    await proxy.remove()
    await expect(toxiproxy.get(proxy.name)).rejects.toMatchObject({ message: 'Request failed with status code 404' })
  })

  it('is refused a second proxy and a second toxic of the same name', async () => {
    const { createProxy, createToxic } = await start()
    const proxy = await createProxy('duplicate')
    const conflict = { message: 'Request failed with status code 409' }
    await expect(createProxy('duplicate')).rejects.toMatchObject(conflict)
    await createToxic(proxy, 'latency', { latency: 1000, jitter: 100 })
    await expect(createToxic(proxy, 'latency', { latency: 1000, jitter: 100 })).rejects.toMatchObject(conflict)
  })

  it('populates, gets all, resets and gets the version', async () => {
    const { toxiproxy } = await start()
    const bodies = ['get-all-test1', 'get-all-test2'].map((name, i) => ({
      name,
      listen: '127.0.0.1:0',
      upstream: `localhost:${6379 + i}`,
    }))
    const made = await toxiproxy.populate(bodies)
    const all = await toxiproxy.getAll()
    expect(Object.keys(all)).toEqual(['get-all-test1', 'get-all-test2'])
    for (const { name, upstream } of bodies) {
      expect(all[name]?.listen).toBe(made[name]?.listen)
      expect(all[name]?.upstream).toBe(upstream)
    }
    await toxiproxy.reset()
    expect(await toxiproxy.getVersion()).toMatch(/"2\./)
  })

  it('creates, gets, updates and removes a toxic', async () => {
    const { createProxy, createToxic } = await start()
    const proxy = await createProxy('remove-toxic-test')
    const toxic = await createToxic(proxy, 'latency', { latency: 1000, jitter: 100 })
    expect(toxic).toMatchObject({
      name: 'latency_downstream',
      toxicity: 1,
      attributes: { latency: 1000, jitter: 100 },
    })
    const { name, type, stream, toxicity } = toxic
    expect(await proxy.getToxic(name)).toMatchObject({ name, type, stream, toxicity })
    const changed = { attributes: { latency: 12345, jitter: 42 } } as ICreateToxicBody<{
      latency: number
      jitter: number
    }>
    expect((await toxic.update(changed)).attributes).toEqual({ latency: 12345, jitter: 42 })
    await toxic.remove()
    await expect(proxy.getToxic(name)).rejects.toMatchObject({ message: 'Request failed with status code 404' })
  })

  const types = [
    ['latency', { latency: 1000, jitter: 100 }],
    ['bandwidth', { rate: 1000 }],
    ['slow_close', { delay: 1000 }],
    ['timeout', { timeout: 5000 }],
    ['slicer', { average_size: 1000, delay: 1000, size_variation: 1000 }],
    ['reset_peer', { timeout: 1000 }],
    ['limit_data', { bytes: 42 }],
  ] as const

  it('adds toxics of all types', async () => {
    const { createProxy, createToxic } = await start()
    const proxy = await createProxy('toxic-test')
    for (const [type, attributes] of types)
      expect((await createToxic(proxy, type, attributes)).attributes).toEqual(attributes)
  })
})

describe('A toxic that a stock client has added', () => {
  /** A connection through a proxy of the client’s, to a server of the test’s. */
  const through = async () => {
    const started = await start()
    const target = await startFarServer('node:net', runningLoop().loop)
    const proxy = await started.createProxy('through', `127.0.0.1:${target.port}`)
    const client = await connectTo(Number(proxy.listen.split(':').at(-1)))
    const server = await target.accepted()
    const add = <T>(type: string, attributes: T, stream = 'upstream') =>
      started.createToxic(proxy, type, attributes, { stream })
    return { ...started, proxy, client, server, add }
  }
  const came = (far: { readonly receivedBytes: number }, count: number) =>
    until(
      () => far.receivedBytes >= count,
      () => `${count} bytes; ${far.receivedBytes} came`,
    )

  it('delays (latency), both ways by as much as each says', async () => {
    const { client, server, add } = await through()
    await add('latency', { latency: 100, jitter: 0 })
    await add('latency', { latency: 50, jitter: 0 }, 'downstream')
    const message = randomBytes(32 * 1024)
    const startedAt = performance.now()
    client.send(message)
    await came(server, message.length)
    expect(performance.now() - startedAt).toBeGreaterThanOrEqual(100)
    server.send(server.received())
    await came(client, message.length)
    expect(performance.now() - startedAt).toBeGreaterThanOrEqual(150)
    expect(client.received().equals(message)).toBe(true)
  })

  it('limits the rate (bandwidth): 480 KB at 1000 KB/s take no less than 0.48 s', async () => {
    const { client, server, add } = await through()
    await add('bandwidth', { rate: 1000 })
    const message = randomBytes(480_000)
    const startedAt = performance.now()
    client.send(message)
    await came(server, message.length)
    // It may leave 5 ms early, which timers are late by.
    expect(performance.now() - startedAt).toBeGreaterThanOrEqual(470)
    expect(server.received().equals(message)).toBe(true)
  })

  it('closes after a while (timeout), and swallows and closes when it is removed', async () => {
    const first = await through()
    const startedAt = performance.now()
    await first.add('timeout', { timeout: 100 })
    await until(
      () => first.client.finSeen && first.server.finSeen,
      () => 'both ends to see a FIN',
    )
    expect(performance.now() - startedAt).toBeGreaterThanOrEqual(100)
    const second = await through()
    const toxic = await second.add('timeout', { timeout: 0 })
    second.client.send(Buffer.from('lost'))
    await second.engine.event(({ kind }) => kind === 'fault-applied')
    await toxic.remove()
    await until(
      () => second.client.finSeen && second.server.finSeen,
      () => 'both ends to see a FIN',
    )
    expect(second.server.receivedBytes).toBe(0)
  })

  it('cuts into slices (slicer): 480 KB by 1024 ± 512 are about 480, and the same bytes', async () => {
    const { client, server, add, engine } = await through()
    await add('slicer', { average_size: 1024, size_variation: 512, delay: 10 })
    const message = randomBytes(480_000)
    client.send(message)
    await came(server, message.length)
    expect(server.received().equals(message)).toBe(true)
    const sent = () => engine.told.events.filter(({ kind }) => kind === 'data-sent')
    await until(
      () => sent().reduce((sum, { length }) => sum + length, 0) === message.length,
      () => 'the events',
    )
    expect(sent().length).toBeGreaterThan(240)
    expect(sent().length).toBeLessThan(720)
    for (const { length } of sent()) expect(length).toBeLessThanOrEqual(1536)
  })

  it('closes after so many bytes (limit_data), and lets exactly these through', async () => {
    const { client, server, add } = await through()
    await add('limit_data', { bytes: 100 })
    client.send(randomBytes(90))
    await came(server, 90)
    client.send(randomBytes(20))
    await until(
      () => server.finSeen,
      () => 'a FIN',
    )
    expect(server.receivedBytes).toBe(100)
  })
})
