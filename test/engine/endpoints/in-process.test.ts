// Endpoints in this very thread, for what a test cannot reach in another: names with several addresses, and the moment between
// a relay's accepting and its connecting. Counterparts: main/engine/endpoints/{client,relay,directory}.ts.
import { describe, expect, it, onTestFinished } from 'vitest'
import { Client } from '../../../main/engine/endpoints/client.ts'
import type { Connection } from '../../../main/engine/endpoints/connection.ts'
import { Directory } from '../../../main/engine/endpoints/directory.ts'
import type { Endpoint, Engine } from '../../../main/engine/endpoints/endpoint.ts'
import { Listener } from '../../../main/engine/endpoints/listener.ts'
import { Relay } from '../../../main/engine/endpoints/relay.ts'
import { defaultLimits, Recorder } from '../../../main/engine/record/recorder.ts'
import { openBatch } from '../../../preload/contract/event-columns.ts'
import type { ClientSpec } from '../../../preload/contract/vocabulary.ts'
import { connectTo, type Event, eventsOf } from '../../support/engine.ts'
import {
  freePort,
  hasIPv6,
  listenWith,
  localhost,
  runningLoop,
  startFarServer,
  turns,
  until,
  withNames,
} from '../../support/loopback.ts'
import { NotingProtocol } from '../../support/playbook.ts'

const mib = 1024 * 1024

const engineHere = (limits = defaultLimits) => {
  const { loop } = runningLoop()
  const events: Event[] = []
  const recorder: Recorder = new Recorder(
    (buffer) => {
      events.push(...eventsOf(openBatch(buffer)))
      unacknowledged.push(buffer.byteLength)
      if (limits.waitBytes > 0) acknowledge()
    },
    (buffer) => recorder.loop.acknowledge(buffer.byteLength),
    limits,
  )
  const unacknowledged: number[] = []
  const acknowledge = () => {
    for (const bytes of unacknowledged.splice(0)) recorder.acknowledge(bytes)
  }
  const directory: Directory<Endpoint, Connection> = new Directory(recorder, () => {})
  const engine: Engine = { loop, recorder, directory }
  onTestFinished(async () => {
    for (const endpoint of directory.endpoints.values()) {
      endpoint.stopAccepting()
      endpoint.endAll('reset')
    }
    await until(
      () => [...directory.endpoints.values()].every(({ open, state }) => open.size === 0 && state !== 'stopping'),
      () => 'all endpoints to be over',
    )
    recorder.flush()
  })
  return {
    engine,
    acknowledge,
    events: () => {
      recorder.flush()
      return events
    },
  }
}

const clientSpec = (port: number, host: string): ClientSpec => ({
  role: 'client',
  name: '',
  host,
  port,
  connectTimeoutMs: 10_000,
})

const becomes = (endpoint: Endpoint, state: Endpoint['state']) =>
  until(
    () => endpoint.state === state,
    () => `${state}; it is ${endpoint.state}`,
  )

describe.runIf(hasIPv6)('A client whose target has several addresses', () => {
  const told = (events: readonly Event[]) =>
    events.map(({ kind, cause, details }) => {
      const remote = (details as { remote?: { host: string } } | null)?.remote?.host
      return [kind, cause, remote].filter((each) => each !== undefined && each !== 'none').join(' ')
    })

  it('tells of the attempt that failed before it was made', async () => {
    withNames({ 'both.test': ['::1', localhost] })
    const { engine, events } = engineHere()
    const { port } = await listenWith(engine.loop, () => new NotingProtocol())
    const client = new Client(engine, clientSpec(port, 'both.test'))
    await client.start()
    await becomes(client, 'live')
    expect(told(events())).toEqual([
      'connection-started both.test',
      'attempt-failed refused ::1',
      `connection-made ${localhost}`,
    ])
    expect(client.info().connectionsTotal).toBe(1)
  })

  it('tells of every attempt where all have failed', async () => {
    withNames({ 'both.test': ['::1', localhost] })
    const { engine, events } = engineHere()
    const client = new Client(engine, clientSpec(await freePort(), 'both.test'))
    await client.start()
    await becomes(client, 'failed')
    expect(told(events())).toEqual([
      'connection-started both.test',
      'attempt-failed refused ::1',
      `attempt-failed refused ${localhost}`,
      'connection-failed refused both.test',
    ])
  })
})

describe.runIf(hasIPv6)('A listener on a name with two addresses', () => {
  it('says that it started and stopped on both', async () => {
    withNames({ 'both.test': [localhost, '::1'] })
    const { engine, events } = engineHere()
    const listener = new Listener(engine, {
      role: 'listener',
      name: '',
      host: 'both.test',
      port: 0,
      reply: 'echo',
      greeting: new Uint8Array(),
    })
    await listener.start()
    const { port } = listener.info().local!
    listener.stop()
    await becomes(listener, 'stopped')
    expect(events().map(({ kind, details }) => [kind, details])).toEqual([
      ['listener-started', { local: { host: localhost, port } }],
      ['listener-started', { local: { host: '::1', port } }],
      ['listener-stopped', { local: { host: localhost, port } }],
      ['listener-stopped', { local: { host: '::1', port } }],
    ])
  })
})

describe('A connection that is made when nothing more should come', () => {
  it('is not read from until it should, also where its being made was what was too much', async () => {
    // Each event goes out when the next one comes, and is too much by itself.
    const { engine, acknowledge } = engineHere({ ...defaultLimits, rows: 1, waitBytes: 0, flushMs: 1_000_000 })
    engine.recorder.onWaiting = (waiting) => {
      for (const { transport } of engine.directory.connections.values()) transport?.holdReading(waiting)
    }
    const listener = new Listener(engine, {
      role: 'listener',
      name: '',
      host: localhost,
      port: 0,
      reply: 'discard',
      greeting: new Uint8Array(),
    })
    await listener.start()
    expect(engine.recorder.isWaiting).toBe(false)
    const client = await connectTo(listener.info().local!.port)
    client.send(new Uint8Array(10))
    await until(
      () => listener.open.size === 1,
      () => 'the connection',
    )
    expect(engine.recorder.isWaiting).toBe(true)
    await turns(50)
    expect(listener.info().traffic.bytesReceived).toBe(0)
    acknowledge()
    await until(
      () => listener.info().traffic.bytesReceived === 10,
      () => 'the bytes',
    )
    // What is left to tell at the test's end is not waited for.
    engine.recorder.onWaiting = () => {}
    acknowledge()
  })
})

describe('A relay that is still connecting', () => {
  it('does not read from the upstream what a client that a person overfed cannot take', async () => {
    const { engine } = engineHere()
    const target = await startFarServer('node:net', engine.loop)
    /** Speaks to a client in the very moment in which it has come: its upstream cannot have answered by then. */
    class TalkativeRelay extends Relay {
      override connectionMade(connection: Connection): void {
        super.connectionMade(connection)
        if (connection.side === 'downstream') queueMicrotask(() => this.send(connection, new Uint8Array(10 * mib)))
      }
    }
    const relay = new TalkativeRelay(engine, {
      role: 'relay',
      name: '',
      host: localhost,
      port: 0,
      upstreamHost: localhost,
      upstreamPort: target.port,
      connectTimeoutMs: 10_000,
    })
    await relay.start()
    const client = await connectTo(relay.info().local!.port)
    client.pause()
    const half = (side: 'downstream' | 'upstream') => [...relay.open.values()].find((each) => each.side === side)
    const server = await target.accepted()
    server.send(new Uint8Array(50 * mib))
    await until(
      () => half('upstream')?.state === 'open',
      () => 'the upstream',
    )
    await turns(200)
    expect(half('upstream')!.traffic.bytesReceived).toBe(0)
    expect(half('downstream')!.info().bufferedBytes).toBeLessThanOrEqual(10 * mib)
    client.resume()
    await until(
      () => client.receivedBytes === 60 * mib,
      () => `all bytes; ${client.receivedBytes} came`,
    )
  })
})
