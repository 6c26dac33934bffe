// Which ended connections are still known: the last thousand, with the rest announced as forgotten. Counterpart:
// main/engine/endpoints/directory.ts.
import net from 'node:net'
import { describe, expect, it } from 'vitest'
import { keptEndedConnections } from '../../../main/engine/endpoints/directory.ts'
import type { ConnectionId } from '../../../preload/contract/vocabulary.ts'
import { connectTo } from '../../support/engine.ts'
import { localhost, until } from '../../support/loopback.ts'
import { watchedEngine } from './watched-engine.ts'

/** Connects and waits for the other side's end, over and over, some at a time. */
const comeAndGo = async (port: number, count: number): Promise<void> => {
  let left = count
  const oneByOne = async () => {
    while (left-- > 0)
      await new Promise((resolve) => {
        const socket = net.connect(port, localhost, () => socket.end())
        socket.resume()
        socket.once('close', resolve)
      })
  }
  await Promise.all(Array.from({ length: 20 }, oneByOne))
}

describe('Connections that have ended', () => {
  it('are forgotten, the oldest first, beyond the last thousand, and those who listen are told', async () => {
    const engine = await watchedEngine()
    const { endpoint, port } = await engine.listen({ reply: 'discard' })
    const forgotten: ConnectionId[] = []
    engine.engine.onState((change) => forgotten.push(...change.removedConnections))
    // One that is open is not forgotten, however old.
    const open = await connectTo(port)
    const oldest = await engine.made(endpoint.id)
    const more = 30
    await comeAndGo(port, keptEndedConnections + more)
    await until(
      () => engine.told.endpoints.get(endpoint.id)?.connectionsNow === 1,
      () => 'all but one to be over',
    )
    const { connections, endpoints } = await engine.snapshot()
    expect(connections.length).toBe(keptEndedConnections + 1)
    expect(connections.filter(({ state }) => state !== 'lost').map(({ id }) => id)).toEqual([oldest])
    const lost = engine.told.events.filter(({ kind }) => kind === 'connection-lost').map(({ connection }) => connection)
    expect(lost.length).toBe(keptEndedConnections + more)
    expect(forgotten).toEqual(lost.slice(0, more))
    expect(
      connections
        .map(({ id }) => id)
        .filter((id) => id !== oldest)
        .toSorted((a, b) => a - b),
    ).toEqual(lost.slice(more).toSorted((a, b) => a - b))
    expect(endpoints[0]).toMatchObject({ connectionsNow: 1, connectionsTotal: keptEndedConnections + more + 1 })
    expect(await engine.refuses('close', { connection: forgotten[0]! })).toMatchObject({ code: 'not-found' })
    open.finish()
    await engine.end(oldest)
    expect((await engine.snapshot()).connections.length).toBe(keptEndedConnections)
  })
})
