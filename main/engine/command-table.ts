// What each command does, inside the engine thread. Counterparts: preload/contract/api.ts (what they promise), thread.ts.
import { performance } from 'node:perf_hooks'
import type { EngineCommands } from '../../preload/contract/api.ts'
import { formatAddress } from '../../preload/contract/checks.ts'
import { fail, ok, type Result } from '../../preload/contract/failure.ts'
import { resourceTypeCode } from '../../preload/contract/loop-columns.ts'
import type { ConnectionId, EndpointId, EndpointInfo, EndpointSpec } from '../../preload/contract/vocabulary.ts'
import { Client } from './endpoints/client.ts'
import type { Connection } from './endpoints/connection.ts'
import type { Endpoint, Engine, Held } from './endpoints/endpoint.ts'
import { Listener } from './endpoints/listener.ts'
import { writePaced } from './endpoints/paced-writes.ts'
import { Relay } from './endpoints/relay.ts'
import type { Probe } from './probe/probe.ts'
import type { Runs } from './runs/runs.ts'

/** One function a command; a missing one is a type error. */
export type CommandTable = {
  readonly [K in keyof EngineCommands]: (
    args: EngineCommands[K]['args'],
  ) => Result<EngineCommands[K]['value']> | Promise<Result<EngineCommands[K]['value']>>
}

const newEndpoint = (engine: Engine, spec: EndpointSpec): Endpoint => {
  switch (spec.role) {
    case 'listener':
      return new Listener(engine, spec)
    case 'client':
      return new Client(engine, spec)
    case 'relay':
      return new Relay(engine, spec)
  }
}

const describe = (connection: Connection): string => {
  const { remote } = connection.info()
  return `Connection ${connection.id}${remote === null ? '' : ` (${formatAddress(remote)})`}`
}

const blockType = resourceTypeCode('block-loop')

const block = ({ loop, recorder }: Engine, durationMs: number): void => {
  recorder.loop.callIt(blockType)
  const until = loop.time() + durationMs
  while (loop.time() < until) {
    // nothing: that is the point
  }
}

/** `startedAtEpochMs`: the wall clock when the recorder's clock stood at 0. */
export const createCommandTable = (
  engine: Engine,
  probe: Probe,
  runs: Runs,
  startedAtEpochMs: number,
): CommandTable => {
  const { directory } = engine

  const withEndpoint = <T>(id: EndpointId, use: (endpoint: Endpoint) => T): T | Result<never> => {
    const endpoint = directory.endpoints.get(id)
    return endpoint === undefined ? fail('not-found', `There is no endpoint ${id}`) : use(endpoint)
  }

  const withHeld = <T>(id: EndpointId, use: (held: Held) => Result<T>): Result<T> =>
    withEndpoint(id, (endpoint) =>
      endpoint.held === null ? fail('wrong-state', 'Only a relay holds chunks') : use(endpoint.held),
    )

  const withConnection = <T>(id: ConnectionId, use: (connection: Connection) => T): T | Result<never> => {
    const connection = directory.connections.get(id)
    if (connection === undefined) return fail('not-found', `There is no connection ${id}`)
    if (connection.ended) return fail('wrong-state', `${describe(connection)} is over: ${connection.info().cause}`)
    return use(connection)
  }

  const started = async (endpoint: Endpoint, start: Promise<Result<null>>): Promise<Result<EndpointInfo>> => {
    const result = await start
    return result.ok ? ok(endpoint.info()) : result
  }

  const end = (how: 'close' | 'reset' | 'destroy') => (args: { connection: ConnectionId }) =>
    withConnection(args.connection, (connection) => {
      connection.endpoint.end(connection, how)
      return ok(null)
    })

  return {
    snapshot: () =>
      ok(directory.snapshot(startedAtEpochMs, probe.level, performance.nodeTiming.uvMetricsInfo.loopCount)),

    createEndpoint: ({ spec }) => {
      const endpoint = newEndpoint(engine, spec)
      return started(endpoint, endpoint.start())
    },

    startEndpoint: (args) => withEndpoint(args.endpoint, (endpoint) => started(endpoint, endpoint.start(args.spec))),

    updateEndpoint: (args) =>
      withEndpoint(args.endpoint, (endpoint) => {
        const result = endpoint.update(args.spec)
        return result.ok ? ok(endpoint.info()) : result
      }),

    stopAccepting: (args) =>
      withEndpoint(args.endpoint, (endpoint) => {
        const result = endpoint.stopAccepting()
        return result.ok ? ok(endpoint.info()) : result
      }),

    stopEndpoint: (args) =>
      withEndpoint(args.endpoint, (endpoint) => {
        endpoint.stop()
        return ok(endpoint.info())
      }),

    closeAll: (args) => withEndpoint(args.endpoint, (endpoint) => ok(endpoint.endAll(args.how))),

    removeEndpoint: (args) =>
      withEndpoint(args.endpoint, (endpoint) => {
        // A client has nothing to stop accepting; that it says so is no matter here.
        endpoint.stopAccepting()
        endpoint.endAll('reset')
        directory.removeEndpoint(endpoint)
        return ok(null)
      }),

    send: (args) =>
      withConnection(args.connection, (connection) => {
        if (!connection.canSend)
          return fail('wrong-state', `${describe(connection)} takes no bytes: it is ${connection.state}`)
        connection.endpoint.send(connection, args.data)
        return ok(args.data.length)
      }),

    halfClose: (args) =>
      withConnection(args.connection, (connection) => {
        if (!connection.canSend)
          return fail('wrong-state', `${describe(connection)} cannot be half-closed: it is ${connection.state}`)
        connection.endpoint.halfClose(connection)
        return ok(null)
      }),

    close: end('close'),
    reset: end('reset'),
    destroy: end('destroy'),

    heldChunks: (args) =>
      withHeld(args.endpoint, (held) => ok({ chunks: held.list(args.limit), count: held.count, bytes: held.bytes })),
    forwardHeld: (args) => withHeld(args.endpoint, (held) => ok(held.forward(args.chunks, args.data))),
    dropHeld: (args) => withHeld(args.endpoint, (held) => ok(held.drop(args.chunks))),

    startRun: (args) => runs.startRun(args),
    stopRun: (args) => runs.stopRun(args),
    waitUntilWritable: (args) => runs.waitUntilWritable(args),

    writePaced: ({ connection: id, origin, chunks }) =>
      withConnection(id, async (connection) =>
        ok(await writePaced(engine.loop, connection, origin, chunks, () => runs.waitUntilWritable({ connection: id }))),
      ),

    relayTraffic: (args) =>
      withEndpoint(args.endpoint, (endpoint) =>
        endpoint instanceof Relay
          ? ok(endpoint.flowTraffic())
          : fail('wrong-state', 'Only a relay carries bytes both ways'),
      ),

    setProbe: ({ level }) => {
      if (level !== probe.level) {
        probe.setLevel(level)
        directory.probeChanged()
      }
      return ok(probe.level)
    },

    blockLoop: ({ durationMs }) => {
      // In a callback of its own, as a slow handler would.
      engine.loop.callSoon(block, engine, durationMs)
      return ok(null)
    },
  }
}
