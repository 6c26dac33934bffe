// A relay with a lab, through the real engine thread and real sockets: chunks held and injected between, faults and their events,
// ends, changes under traffic. Counterparts: main/engine/endpoints/{relay,link}.ts and lab/; lab/*.test.ts has each fault's
// times, on a clock of its own. Times here are lower bounds, of the events.
import { createHash, randomBytes } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { type Fault, type FlowLab, labBounds, type RelayLab } from '../../../preload/contract/faults.ts'
import type { EventDetails, RelaySpec } from '../../../preload/contract/vocabulary.ts'
import type { Event } from '../../support/engine.ts'
import { connectFarEnd, type FarEnd, runningLoop, startFarServer, until } from '../../support/loopback.ts'
import { fault, faulty, lab } from './lab/virtual-flow.ts'
import { watchedEngine } from './watched-engine.ts'

const mib = 1024 * 1024
const bytes = (text: string) => Buffer.from(text)
const plain = lab({})
const upstream = (flow: FlowLab): RelayLab => ({ upstream: flow, downstream: plain })
const downstream = (flow: FlowLab): RelayLab => ({ upstream: plain, downstream: flow })
const holdAll = lab({ intercept: { on: true, pattern: { match: 'always', text: '' } } })

const received = (far: FarEnd, count: number) =>
  until(
    () => far.receivedBytes >= count,
    () => `${count} bytes; ${far.receivedBytes} came`,
  )
const ended = (far: FarEnd, how: string) =>
  until(
    () => far.ended === how,
    () => `the far end to be over by ${how}; it is ${far.ended ?? 'open'}`,
  )
const finSeen = (far: FarEnd) =>
  until(
    () => far.finSeen,
    () => 'a FIN',
  )

/** A relay with this lab and one pair through it. */
const labRelay = async (relayLab: RelayLab, more: Partial<RelaySpec> = {}) => {
  const engine = await watchedEngine()
  const { loop } = runningLoop()
  const target = await startFarServer('node:net', loop)
  const { endpoint, port } = await engine.relay(target.port, { lab: relayLab, ...more })
  const connect = () => connectFarEnd('node:net', loop, port)
  const setLab = (changed: RelayLab | undefined) => {
    const { lab: _lab, ...spec } = endpoint.spec as RelaySpec
    return engine.do('updateEndpoint', {
      endpoint: endpoint.id,
      spec: changed === undefined ? spec : { ...spec, lab: changed },
    })
  }
  const events = (kind: Event['kind']) => engine.told.events.filter((event) => event.kind === kind)
  const faultsOf = () => events('fault-applied').map(({ details }) => details as EventDetails['fault-applied'])
  return { engine, target, endpoint, port, connect, setLab, events, faultsOf }
}

/** The same, connected: the client’s and the server’s end, and the relay’s two halves. */
const labPair = async (relayLab: RelayLab, more: Partial<RelaySpec> = {}) => {
  const relay = await labRelay(relayLab, more)
  const client = await relay.connect()
  const server = await relay.target.accepted()
  const down = await relay.engine.made(relay.endpoint.id, 0, 'downstream')
  const up = await relay.engine.made(relay.endpoint.id, 0, 'upstream')
  return { ...relay, client, server, down, up }
}

describe('A relay that holds chunks', () => {
  it('lets 49 of 50 go in order, the 7th edited and the 9th dropped, with an injection between', async () => {
    const { engine, endpoint, client, server, up, events } = await labPair(upstream(holdAll))
    const chunks = Array.from({ length: 50 }, (_, i) => `chunk ${i + 1};`)
    for (const [i, chunk] of chunks.entries()) {
      client.send(bytes(chunk))
      await until(
        () => events('chunk-held').length > i,
        () => `chunk ${i + 1} to be held`,
      )
    }
    const held = await engine.do('heldChunks', { endpoint: endpoint.id, limit: 100 })
    expect(held.count).toBe(50)
    expect(held.chunks.map(({ data }) => Buffer.from(data).toString())).toEqual(chunks)
    expect((await engine.endpoint(endpoint.id))?.held).toBe(50)
    const ids = held.chunks.map(({ id }) => id)
    const forward = (which: readonly number[] | null, data?: Uint8Array) =>
      engine.do('forwardHeld', { endpoint: endpoint.id, chunks: which, ...(data === undefined ? {} : { data }) })
    expect(await forward([ids[6]!], bytes('EDITED;'))).toBe(1)
    expect(await engine.do('dropHeld', { endpoint: endpoint.id, chunks: [ids[8]!] })).toBe(1)
    expect(await forward(ids.slice(0, 20))).toBe(18)
    await engine.do('send', { connection: up, data: bytes('INJECTED;') })
    expect(await forward(null)).toBe(30)
    const wanted = chunks.map((chunk, i) => (i === 6 ? 'EDITED;' : chunk)).filter((_, i) => i !== 8)
    wanted.splice(19, 0, 'INJECTED;')
    await received(server, wanted.join('').length)
    expect(server.received().toString()).toBe(wanted.join(''))
    const sent = engine.told.events.filter(({ kind, connection }) => kind === 'data-sent' && connection === up)
    expect(sent.map(({ text }) => text)).toEqual(wanted)
    expect((await engine.endpoint(endpoint.id))?.held).toBe(0)
    const decisions = events('chunk-released').map(
      ({ details }) => (details as EventDetails['chunk-released']).decision,
    )
    expect(
      decisions
        .map((decision, i) => (decision === 'forwarded' ? '' : `${i + 1} ${decision}`))
        .join(' ')
        .trim(),
    ).toBe('7 edited  9 dropped')
  })

  it('holds the FIN behind them, and lets all go when it is told to hold no more', async () => {
    const { client, server, setLab, events } = await labPair(upstream(holdAll))
    client.send(bytes('last words'))
    client.finish()
    await until(
      () => events('chunk-held').length === 1 && events('eof-received').length === 1,
      () => 'the chunk and the FIN',
    )
    expect(server.finSeen).toBe(false)
    await setLab(undefined)
    await finSeen(server)
    expect(server.received().toString()).toBe('last words')
  })

  it('answers where nothing is held, and not for what is no relay', async () => {
    const { engine, endpoint } = await labRelay(upstream(holdAll))
    expect(await engine.do('heldChunks', { endpoint: endpoint.id, limit: 10 })).toEqual({
      chunks: [],
      count: 0,
      bytes: 0,
    })
    expect(await engine.do('forwardHeld', { endpoint: endpoint.id, chunks: [1] })).toBe(0)
    const listener = await engine.listen()
    expect(await engine.refuses('dropHeld', { endpoint: listener.endpoint.id, chunks: null })).toMatchObject({
      code: 'wrong-state',
    })
  })
})

describe('A relay with faults', () => {
  it('delays each chunk no less than it says, and names the chunk and the delay', async () => {
    const latency = fault({ kind: 'latency', delayMs: 60, jitterMs: 0 }, { name: 'slow-line' })
    const { engine, client, server, down, up, events, faultsOf } = await labPair(upstream(faulty(latency)))
    for (let i = 0; i < 3; i++) {
      client.send(bytes(`message ${i}`))
      await received(server, 9 * (i + 1))
    }
    await until(
      () => faultsOf().length === 3,
      () => 'three marks',
    )
    const came = events('data-received').filter(({ connection }) => connection === down)
    const went = events('data-sent').filter(({ connection }) => connection === up)
    for (const [i, details] of faultsOf().entries()) {
      expect(details).toMatchObject({ fault: 'slow-line', action: 'latency', flow: 'upstream', chunk: came[i]!.seq })
      expect(details.effect.delayedMs).toBeGreaterThanOrEqual(60)
      expect(went[i]!.at - came[i]!.at).toBeGreaterThanOrEqual(60)
    }
    expect((await engine.connection(up))?.traffic.bytesSent).toBe(27)
  })

  it('carries FIN and RST over behind the bytes that came before them, as late as those', async () => {
    for (const end of ['finish', 'reset'] as const) {
      const { client, server, events, down, up } = await labPair(
        upstream(faulty(fault({ kind: 'latency', delayMs: 80, jitterMs: 0 }))),
      )
      client.send(bytes('before the end'))
      await until(
        () => events('data-received').length === 1,
        () => 'the bytes',
      )
      client[end]()
      if (end === 'finish') {
        await finSeen(server)
        expect(server.received().toString()).toBe('before the end')
      } else await ended(server, 'ECONNRESET')
      const kind = end === 'finish' ? 'eof-received' : 'connection-lost'
      const sent = end === 'finish' ? 'eof-sent' : 'connection-lost'
      const of = (what: Event['kind'], connection: number) =>
        events(what).find((event) => event.connection === connection)
      await until(
        () => of(sent, up) !== undefined,
        () => 'the end to be sent',
      )
      // An end that is read at once may throw away what its receiver has not read yet; here it is sent behind the bytes.
      expect(of('data-sent', up)!.seq).toBeLessThan(of(sent, up)!.seq)
      expect(of('data-sent', up)!.text).toBe('before the end')
      expect(of(sent, up)!.at - of(kind, down)!.at).toBeGreaterThanOrEqual(79)
    }
  })

  it('closes a pair once so many bytes have passed, with exactly these', async () => {
    const { client, server, engine, down, up } = await labPair(
      downstream(faulty(fault({ kind: 'limit-data', bytes: 100_000 }))),
    )
    server.send(randomBytes(300_000))
    await finSeen(client)
    expect(client.receivedBytes).toBe(100_000)
    client.close()
    server.close()
    expect([await engine.end(down), await engine.end(up)]).toMatchObject([
      { cause: 'closed-here' },
      { cause: 'closed-here' },
    ])
  })

  it('resets both halves', async () => {
    const { client, server, engine, down, up } = await labPair(
      upstream(faulty(fault({ kind: 'reset-peer', timeoutMs: 30 }))),
    )
    await Promise.all([ended(client, 'ECONNRESET'), ended(server, 'ECONNRESET')])
    expect([await engine.end(down), await engine.end(up)]).toMatchObject([
      { cause: 'reset-here' },
      { cause: 'reset-here' },
    ])
  })

  it('refuses connections at once, opens nothing for them, and says which fault it was', async () => {
    const { engine, target, connect, faultsOf, events } = await labRelay(
      upstream(faulty(fault({ kind: 'refuse' }, { name: 'no-entry' }))),
    )
    const client = await connect()
    await ended(client, 'ECONNRESET')
    await until(
      () => events('connection-lost').length === 1,
      () => 'the end of the refused connection',
    )
    expect(faultsOf()).toEqual([
      { fault: 'no-entry', action: 'refuse', flow: 'upstream', chunk: null, effect: { ended: 'reset' } },
    ])
    expect(events('connection-started')).toEqual([])
    expect((await engine.snapshot()).connections).toMatchObject([{ pair: null, cause: 'reset-here' }])
    expect(target.port).toBeGreaterThan(0)
  })

  it('takes connections up one after the other, as many a second as it says, and all at once when it is told to', async () => {
    const throttle = fault({ kind: 'throttle-accept', perSecond: 20 })
    const { connect, events, setLab } = await labRelay(upstream(faulty(throttle)))
    await Promise.all(Array.from({ length: 4 }, connect))
    const started = () => events('connection-started')
    await until(
      () => started().length === 4,
      () => 'four upstream connections',
    )
    // The first goes at once, the others 50 ms after the one before.
    expect(started()[3]!.at - events('connection-made')[0]!.at).toBeGreaterThanOrEqual(150)
    expect(events('fault-applied').length).toBeGreaterThanOrEqual(3)
    await setLab(upstream(faulty({ ...throttle, action: { kind: 'throttle-accept', perSecond: 0.001 } })))
    await Promise.all(Array.from({ length: 3 }, connect))
    await until(
      () => events('connection-made').length >= 11,
      () => 'three more to be accepted',
    )
    expect(started().length).toBeLessThan(7)
    await setLab(undefined)
    await until(
      () => started().length === 7,
      () => 'those that waited',
    )
  })

  it('stops reading where a fault lets nothing more pass, and loses nothing by it', async () => {
    const { client, server, engine, down, setLab } = await labPair(
      upstream(faulty(fault({ kind: 'stall', afterBytes: 1000 }))),
    )
    const data = randomBytes(8 * mib)
    client.send(data)
    client.finish()
    await received(server, 1000)
    await engine.event(({ kind, connection }) => kind === 'reading-paused' && connection === down)
    expect(client.unsentBytes).toBeGreaterThan(0)
    await setLab(undefined)
    await finSeen(server)
    expect(server.received().equals(data)).toBe(true)
  })

  it('does the same to pairs of the same number in another relay with the same seed', async () => {
    const spec = upstream(
      faulty(
        fault({ kind: 'drop' }, { seed: 11, toxicity: 0.5 }),
        fault({ kind: 'corrupt', bitRate: 0.01 }, { seed: 12, toxicity: 0.5 }),
      ),
    )
    const run = async () => {
      const { connect, target } = await labRelay(spec)
      const texts: string[] = []
      for (let i = 0; i < 8; i++) {
        const client = await connect()
        const server = await target.accepted(i)
        client.send(Buffer.alloc(2000))
        client.finish()
        await finSeen(server)
        texts.push(server.received().toString('base64'))
        server.close()
      }
      return texts
    }
    const first = await run()
    expect(new Set(first).size).toBeGreaterThan(2)
    expect(await run()).toEqual(first)
  })

  it('does not change what was recorded of a chunk that it corrupts', async () => {
    const { client, server, events } = await labPair(upstream(faulty(fault({ kind: 'corrupt', bitRate: 1 }))))
    client.send(bytes('\x00\x0f'))
    await received(server, 2)
    expect(server.received()).toEqual(Buffer.from([0xff, 0xf0]))
    await until(
      () => events('data-sent').length === 1,
      () => 'the event of the write',
    )
    expect(events('data-received').map(({ text }) => text)).toEqual(['\x00\x0f'])
    expect(events('data-sent').map(({ text }) => text)).toEqual(['\xff\xf0'])
  })
})

describe('A relay that is stopped or changed with bytes under way', () => {
  const minute = fault({ kind: 'latency', delayMs: 60_000, jitterMs: 0 })

  it('lets go at once what waits in its faults when a person ends the pair or a half of it, and when it is stopped', async () => {
    for (const how of ['close', 'halfClose', 'stopEndpoint'] as const) {
      const { engine, endpoint, client, server, down, up, events } = await labPair(upstream(faulty(minute)))
      client.send(bytes('under way'))
      await until(
        () => events('data-received').length === 1,
        () => 'the bytes',
      )
      if (how === 'close') await engine.do('close', { connection: down })
      else if (how === 'halfClose') await engine.do('halfClose', { connection: up })
      else await engine.do('stopEndpoint', { endpoint: endpoint.id })
      await finSeen(server)
      expect(server.received().toString()).toBe('under way')
      client.close()
      server.close()
      if (how === 'stopEndpoint') await engine.becomes(endpoint.id, 'stopped')
    }
  })

  it('comes to its end in order also where a fault lets nothing pass and chunks are held', async () => {
    const { engine, endpoint, client, server, events } = await labPair({
      upstream: faulty(minute, fault({ kind: 'slow-close', delayMs: 60_000 })),
      downstream: holdAll,
    })
    client.send(bytes('a'))
    client.finish()
    server.send(bytes('b'))
    await until(
      () => events('chunk-held').length === 1 && events('eof-received').length === 1,
      () => 'the bytes',
    )
    await engine.do('stopEndpoint', { endpoint: endpoint.id })
    await Promise.all([finSeen(client), finSeen(server)])
    expect([client.received().toString(), server.received().toString()]).toEqual(['', 'a'])
    server.close()
    await engine.becomes(endpoint.id, 'stopped')
    expect((await engine.endpoint(endpoint.id))?.held).toBe(0)
  })

  it('loses no byte and mixes none up while its chain is changed again and again under traffic both ways', async () => {
    const chains: readonly Fault[][] = [
      [fault({ kind: 'latency', delayMs: 5, jitterMs: 5 })],
      [],
      [
        fault({ kind: 'slicer', averageBytes: 20_000, variationBytes: 10_000, delayUs: 50 }),
        fault({ kind: 'latency', delayMs: 3, jitterMs: 0 }),
      ],
      [
        fault({ kind: 'latency', delayMs: 3, jitterMs: 0 }),
        fault({ kind: 'slicer', averageBytes: 50_000, variationBytes: 0, delayUs: 0 }),
      ],
      [fault({ kind: 'bandwidth', bytesPerSecond: 200_000_000 }), fault({ kind: 'slow-close', delayMs: 10 })],
      [fault({ kind: 'stall', afterBytes: 100_000 })],
    ]
    const { client, server, setLab } = await labPair({ upstream: faulty(), downstream: faulty() })
    const sums = { up: createHash('sha256'), down: createHash('sha256') }
    let sent = 0
    for (let round = 0; round < 24; round++) {
      const [upward, downward] = [randomBytes(150_000 + round), randomBytes(130_000 + round)]
      client.send(upward)
      sums.up.update(upward)
      server.send(downward)
      sums.down.update(downward)
      sent += upward.length
      await setLab({
        upstream: faulty(...chains[round % chains.length]!),
        downstream: faulty(...chains[(round * 5 + 1) % chains.length]!),
      })
    }
    await setLab(upstream(faulty(...chains[0]!)))
    client.finish()
    server.finish()
    await Promise.all([finSeen(client), finSeen(server)])
    expect(server.receivedBytes).toBe(sent)
    expect(createHash('sha256').update(server.received()).digest('hex')).toBe(sums.up.digest('hex'))
    expect(createHash('sha256').update(client.received()).digest('hex')).toBe(sums.down.digest('hex'))
  })

  it('keeps its pace to a sink that does not read: no more waits than may', async () => {
    const { engine, client, server, down, up } = await labPair(
      upstream(faulty(fault({ kind: 'latency', delayMs: 1, jitterMs: 0 }))),
    )
    server.pause()
    const data = randomBytes(40 * mib)
    client.send(data)
    client.finish()
    await engine.event(({ kind, connection }) => kind === 'reading-paused' && connection === down)
    expect((await engine.connection(up))!.bufferedBytes).toBeLessThanOrEqual(labBounds.flowBytes + mib)
    server.resume()
    await finSeen(server)
    expect(server.received().equals(data)).toBe(true)
  })
})
