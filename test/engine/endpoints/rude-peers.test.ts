// Every rude peer against every kind of endpoint: the engine neither falls nor forgets, what it tells adds up, and the next,
// polite peer is served. Counterparts: test/support/rude-peers.ts; main/engine/endpoints.
import { randomBytes } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import type { EndpointId, RelaySpec } from '../../../preload/contract/vocabulary.ts'
import { connectTo } from '../../support/engine.ts'
import { connectFarEnd, runningLoop, startFarServer, turns, until } from '../../support/loopback.ts'
import {
  connectRudely,
  halfCloseAtOnce,
  neverRead,
  type Rudeness,
  readSlowly,
  resetAtFirstByte,
  resetAtOnce,
  sendAndReset,
  sendByteByByte,
} from '../../support/rude-peers.ts'
import { startScriptedServer } from '../../support/scripted-server.ts'
import { type WatchedEngine, watchedEngine } from './watched-engine.ts'

const mib = 1024 * 1024

const rudenesses: readonly [string, Rudeness][] = [
  ['resets at once', resetAtOnce],
  ['resets at the first byte', resetAtFirstByte],
  ['half-closes at once and falls silent', halfCloseAtOnce],
  ['never reads', neverRead],
  ['reads a hundred bytes a millisecond', readSlowly(100)],
  ['sends byte by byte', sendByteByByte(randomBytes(200))],
  ['sends a megabyte and resets', sendAndReset(randomBytes(mib))],
]

/** Resets whatever a rude peer has left open, and waits until nothing is. */
const clear = async (engine: WatchedEngine, endpoint: EndpointId) => {
  await engine.do('closeAll', { endpoint, how: 'reset' })
  await until(
    () => engine.told.endpoints.get(endpoint)?.connectionsNow === 0,
    () => `endpoint ${endpoint} to be clear; it has ${engine.told.endpoints.get(endpoint)?.connectionsNow} connections`,
  )
}

describe.each(rudenesses)('A peer that %s', (_name, rudeness) => {
  it('is served by a listener, which then serves the next', async () => {
    const engine = await watchedEngine()
    const { endpoint, port } = await engine.listen({ reply: 'echo', greeting: randomBytes(1000) })
    // One that resets at once may be gone before it is known to be here.
    const socket = await connectRudely(port, rudeness).catch(() => null)
    socket?.write(new Uint8Array(mib))
    await engine.made(endpoint.id)
    await turns(20)
    await clear(engine, endpoint.id)
    const polite = await connectTo(port)
    polite.finish()
    await until(
      () => polite.finSeen,
      () => 'the next one to be served',
    )
    expect(polite.receivedBytes).toBe(1000)
  })

  it('is endured by a client', async () => {
    const engine = await watchedEngine()
    const { port, accepted } = await startScriptedServer(rudeness)
    const endpoint = await engine.connect(port)
    await accepted()
    await until(
      () => engine.told.events.some(({ kind }) => kind === 'connection-made' || kind === 'connection-failed'),
      () => 'the connection to be made or not',
    )
    const [connection] = (await engine.snapshot()).connections
    // Whether it still takes bytes is the peer's doing.
    await engine.engine.ask('send', { connection: connection!.id, data: new Uint8Array(2 * mib) })
    await turns(20)
    await clear(engine, endpoint.id)
    await until(
      () => ['stopped', 'failed'].includes(engine.told.endpoints.get(endpoint.id)?.state ?? ''),
      () => 'the client to be over',
    )
  })

  it('is relayed to, and the relay serves the next', async () => {
    const engine = await watchedEngine()
    const rude = await startScriptedServer(rudeness)
    const { endpoint, port } = await engine.relay(rude.port)
    const client = await connectTo(port)
    client.send(randomBytes(2 * mib))
    await rude.accepted()
    await turns(20)
    await clear(engine, endpoint.id)
    await until(
      () => client.ended !== null || client.finSeen,
      () => 'the client to see the end',
    )
    const { loop } = runningLoop()
    const target = await startFarServer('node:net', loop)
    await engine.do('stopEndpoint', { endpoint: endpoint.id })
    await engine.becomes(endpoint.id, 'stopped')
    const spec = { ...(endpoint.spec as RelaySpec), upstreamPort: target.port, port }
    await engine.do('startEndpoint', { endpoint: endpoint.id, spec })
    const polite = await connectFarEnd('node:net', loop, port)
    polite.send(Buffer.from('hello'))
    const server = await target.accepted()
    await until(
      () => server.received().toString() === 'hello',
      () => 'the next one to be relayed',
    )
  })
})
