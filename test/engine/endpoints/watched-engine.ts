// An engine thread whose word is checked: at the end of each test its state must be what its events add up to, its seqs must
// have no gap, and every connection's events must be in an order that can be. Counterpart: test/support/engine.ts.
import { expect, onTestFinished } from 'vitest'
import type { EngineCommandName, EngineCommands } from '../../../preload/contract/api.ts'
import type { Failure } from '../../../preload/contract/failure.ts'
import type {
  Cause,
  ClientSpec,
  ConnectionId,
  ConnectionInfo,
  EndpointId,
  EndpointInfo,
  EndpointSpec,
  EventDetails,
  EventKind,
  RelaySpec,
  Snapshot,
  Traffic,
} from '../../../preload/contract/vocabulary.ts'
import { type Event, startEngine, type TestEngine } from '../../support/engine.ts'
import { localhost, until } from '../../support/loopback.ts'

const noTraffic: Traffic = { bytesReceived: 0, bytesSent: 0, messagesReceived: 0, messagesSent: 0 }

/** What data events add up to. */
const trafficOf = (events: readonly Event[]): Traffic => {
  const sum = { ...noTraffic }
  for (const { kind, length } of events) {
    if (kind === 'data-received') {
      sum.messagesReceived++
      sum.bytesReceived += length
    } else if (kind === 'data-sent') {
      sum.messagesSent++
      sum.bytesSent += length
    }
  }
  return sum
}

const ends: readonly EventKind[] = ['connection-lost', 'connection-failed']

/** One letter a kind, so that an order can be told by a pattern. */
const letters: Partial<Record<EventKind, string>> = {
  'connection-started': 's',
  'attempt-failed': 'a',
  'connection-made': 'm',
  'connection-failed': 'f',
  'eof-received': 'e',
  'eof-sent': 'E',
  'connection-lost': 'l',
}
/** `x`: anything that happens on an open connection. At most one FIN each way, exactly one end, and nothing behind it. */
const possible = /^(?:sa*)?(?:f|m(?!.*e.*e)(?!.*E.*E)[xeE]*l?)?$/

/** Checks that the snapshot is what the events before its seq add up to. */
const expectTruth = (events: readonly Event[], snapshot: Snapshot): void => {
  expect(events.map((event) => event.seq)).toEqual(events.map((_, i) => i + 1))
  const told = events.filter((event) => event.seq < snapshot.seq)
  expect(told.length).toBe(snapshot.seq - 1)
  for (const connection of snapshot.connections) {
    const mine = told.filter((event) => event.connection === connection.id)
    expect(mine.map(({ kind }) => letters[kind] ?? 'x').join('')).toMatch(possible)
    expect({ id: connection.id, traffic: connection.traffic }).toEqual({
      id: connection.id,
      traffic: trafficOf(mine),
    })
    const end = mine.find(({ kind }) => ends.includes(kind))
    expect({ cause: connection.cause, ended: ['lost', 'failed'].includes(connection.state) }).toEqual({
      cause: end?.cause ?? 'none',
      ended: end !== undefined,
    })
  }
  for (const endpoint of snapshot.endpoints) {
    const mine = told.filter((event) => event.endpoint === endpoint.id)
    const count = (...kinds: EventKind[]) => mine.filter(({ kind }) => kinds.includes(kind)).length
    const begun = new Set(mine.filter(({ connection }) => connection !== 0).map(({ connection }) => connection)).size
    expect({
      id: endpoint.id,
      traffic: endpoint.traffic,
      total: endpoint.connectionsTotal,
      now: endpoint.connectionsNow,
    }).toEqual({
      id: endpoint.id,
      traffic: trafficOf(mine),
      total: count('connection-made'),
      now: begun - count(...ends),
    })
  }
}

export interface WatchedEngine extends TestEngine {
  /** Asks for a command that has to fail. */
  refuses<K extends EngineCommandName>(name: K, args: EngineCommands[K]['args']): Promise<Failure>
  create(spec: EndpointSpec): Promise<EndpointInfo>
  /** Connects a client, or tries to. */
  connect(port: number, spec?: Partial<ClientSpec>): Promise<EndpointInfo>
  relay(
    upstreamPort: number,
    spec?: Partial<RelaySpec>,
  ): Promise<{ readonly endpoint: EndpointInfo; readonly port: number }>
  snapshot(): Promise<Snapshot>
  endpoint(id: EndpointId): Promise<EndpointInfo | undefined>
  connection(id: number): Promise<ConnectionInfo | undefined>
  /** The `n`th connection of an endpoint that was made, from 0, once it is; of a relay, of one side. */
  made(endpoint: EndpointId, n?: number, side?: 'downstream' | 'upstream'): Promise<ConnectionId>
  /** How a connection ended, once it has. */
  end(connection: number): Promise<{ readonly cause: Cause; readonly errno: string | null } & Record<string, unknown>>
  /** Waits until an endpoint is in a state. */
  becomes(endpoint: EndpointId, state: EndpointInfo['state']): Promise<EndpointInfo>
  /** The kinds of a connection's events so far; data is left out, unless it is asked for. */
  story(connection: number, withData?: boolean): EventKind[]
}

export const watchedEngine = async (): Promise<WatchedEngine> => {
  const test = await startEngine()
  const { told } = test
  const snapshot = () => test.do('snapshot', null)
  // Before the engine is stopped, because cleanups run in reverse.
  onTestFinished(async () => expectTruth(told.events, await snapshot()))
  const create: WatchedEngine['create'] = (spec) => test.do('createEndpoint', { spec })
  return {
    ...test,
    create,
    snapshot,
    async refuses(name, args) {
      const result = await test.engine.ask(name, args)
      if (result.ok) throw new Error(`${name} was done, and should have been refused`)
      return result.failure
    },
    connect: (port, spec = {}) =>
      create({ role: 'client', name: '', host: localhost, port, connectTimeoutMs: 10_000, ...spec }),
    async relay(upstreamPort, spec = {}) {
      const endpoint = await create({
        role: 'relay',
        name: '',
        host: localhost,
        port: 0,
        upstreamHost: localhost,
        upstreamPort,
        connectTimeoutMs: 10_000,
        ...spec,
      })
      return { endpoint, port: endpoint.local!.port }
    },
    endpoint: async (id) => (await snapshot()).endpoints.find((endpoint) => endpoint.id === id),
    connection: async (id) => (await snapshot()).connections.find((connection) => connection.id === id),
    async made(endpoint, n = 0, side) {
      const found = () =>
        told.events.filter(
          (event) =>
            event.kind === 'connection-made' &&
            event.endpoint === endpoint &&
            (side === undefined || (event.details as EventDetails['connection-made']).side === side),
        )[n]
      await until(
        () => found() !== undefined,
        () => `connection ${n} of endpoint ${endpoint}`,
      )
      return found()!.connection as ConnectionId
    },
    async end(connection) {
      const event = await test.event((each) => each.connection === connection && ends.includes(each.kind))
      const { error, ...rest } = event.details as EventDetails['connection-lost']
      return { ...rest, cause: event.cause, errno: error?.code ?? null }
    },
    async becomes(endpoint, state) {
      await until(
        () => told.endpoints.get(endpoint)?.state === state,
        () => `endpoint ${endpoint} to be ${state}; it is ${told.endpoints.get(endpoint)?.state}`,
      )
      return told.endpoints.get(endpoint)!
    },
    story: (connection, withData = false) =>
      told.events
        .filter((event) => event.connection === connection && (withData || !event.kind.startsWith('data-')))
        .map((event) => event.kind),
  }
}
