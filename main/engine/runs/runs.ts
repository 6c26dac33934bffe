// The runs of the engine: starts them where they are to run, stops them, and bounds how many there are. Counterparts:
// repetition.ts and sequence.ts (do the work), ../endpoints/directory.ts (tells of them), ../command-table.ts.
import { fail, ok, type Result } from '../../../preload/contract/failure.ts'
import { compilePattern, failureInField, type Matcher } from '../../../preload/contract/patterns.ts'
import {
  maxActiveRuns,
  maxWritableWaiters,
  type RunCommands,
  type RunId,
  type RunInfo,
  type RunSpec,
  type RunTarget,
} from '../../../preload/contract/runs.ts'
import type { ConnectionId, EndpointId } from '../../../preload/contract/vocabulary.ts'
import { Client } from '../endpoints/client.ts'
import type { Connection } from '../endpoints/connection.ts'
import type { Engine } from '../endpoints/endpoint.ts'
import { Repetition } from './repetition.ts'
import type { Run } from './run.ts'
import { SequenceRun } from './sequence.ts'

/** The handlers of `RunCommands`, and the end of them all. */
export interface Runs {
  startRun(args: RunCommands['startRun']['args']): Result<RunInfo>
  stopRun(args: RunCommands['stopRun']['args']): Result<RunInfo>
  waitUntilWritable(args: RunCommands['waitUntilWritable']['args']): Promise<Result<number>>
  /** Stops what is under way; timers are gone then. */
  stopAll(): void
}

/** The steps' patterns, ready; null for steps without. */
const matchersOf = (run: Extract<RunSpec, { kind: 'sequence' }>): Result<readonly (Matcher | null)[]> => {
  const matchers: (Matcher | null)[] = []
  for (const [i, step] of run.steps.entries()) {
    if (step.kind !== 'expect' && step.kind !== 'assert') {
      matchers.push(null)
      continue
    }
    const compiled = compilePattern(step.pattern)
    if (!compiled.ok) return failureInField(compiled.failure, `run.steps.${i}.pattern.text`)
    matchers.push(compiled.value)
  }
  return ok(matchers)
}

export const createRuns = (engine: Engine): Runs => {
  const { directory } = engine
  const active = new Map<RunId, Run>()
  const waiters = new Map<ConnectionId, number>()
  let lastId = 0

  const onEnd = (run: Run) => {
    active.delete(run.id)
    directory.runEnded(run)
  }

  const openConnection = (id: ConnectionId): Result<Connection> => {
    const connection = directory.connections.get(id)
    if (connection === undefined) return fail('not-found', `There is no connection ${id}`)
    // One that is being made, or secured, is waited for.
    const comes = connection.state === 'connecting' || connection.transport?.isSecuring() === true
    if (!connection.canSend && !comes)
      return fail('wrong-state', `Connection ${id} takes no bytes: it is ${connection.state}`)
    return ok(connection)
  }

  /** Its open connection, or the one that it starts to make now. */
  const ofClient = (client: Client): Result<Connection> => {
    if (client.open.size === 0) void client.start()
    const connection = [...client.open.values()].at(-1)
    if (connection === undefined) return fail('wrong-state', `${client.spec.name || 'The client'} cannot be connected`)
    return openConnection(connection.id).ok
      ? ok(connection)
      : fail('wrong-state', `Connection ${connection.id} takes no bytes: it is ${connection.state}`)
  }

  const clientOf = (id: EndpointId): Result<Client> => {
    const endpoint = directory.endpoints.get(id)
    if (endpoint === undefined) return fail('not-found', `There is no endpoint ${id}`)
    return endpoint instanceof Client
      ? ok(endpoint)
      : fail('wrong-state', `A ${endpoint.spec.role} is not connected from here; name one of its connections`)
  }

  const connectionOf = (on: RunTarget): Result<Connection> => {
    if ('connection' in on) return openConnection(on.connection)
    if ('newClient' in on) return ofClient(new Client(engine, on.newClient))
    const client = clientOf(on.client)
    return client.ok ? ofClient(client.value) : client
  }

  return {
    startRun({ run: spec }) {
      if (active.size >= maxActiveRuns)
        return fail('wrong-state', `${maxActiveRuns} runs are under way already; stop one first`)
      // Before anything is connected for it.
      const matchers = spec.kind === 'sequence' ? matchersOf(spec) : ok([])
      if (!matchers.ok) return matchers
      const connection = connectionOf(spec.on)
      if (!connection.ok) return connection
      const id = ++lastId as RunId
      const run =
        spec.kind === 'repeat'
          ? new Repetition(id, connection.value, spec, onEnd)
          : new SequenceRun(id, connection.value, spec, matchers.value, onEnd)
      active.set(id, run)
      run.start()
      return ok(run.info())
    },

    stopRun({ run: id }) {
      const run = active.get(id)
      if (run === undefined)
        return directory.runs.has(id)
          ? fail('wrong-state', `Run ${id} is over already`)
          : fail('not-found', `There is no run ${id}`)
      run.stop()
      return ok(run.info())
    },

    async waitUntilWritable({ connection: id }) {
      const connection = directory.connections.get(id)
      if (connection === undefined) return fail('not-found', `There is no connection ${id}`)
      const buffered = () => ok(connection.transport?.getWriteBufferSize() ?? 0)
      if (!connection.sendingPaused) return buffered()
      const waiting = waiters.get(id) ?? 0
      if (waiting >= maxWritableWaiters)
        return fail('wrong-state', `${maxWritableWaiters} wait for connection ${id} already`)
      waiters.set(id, waiting + 1)
      await new Promise<void>((resolve) => {
        const go = () => {
          unwatch()
          const left = waiters.get(id)! - 1
          if (left === 0) waiters.delete(id)
          else waiters.set(id, left)
          resolve()
        }
        const nothing = () => {}
        const unwatch = connection.watch({
          connectionMade: nothing,
          dataReceived: nothing,
          eofReceived: nothing,
          writingResumed: go,
          ended: go,
        })
      })
      return buffered()
    },

    stopAll() {
      for (const run of [...active.values()]) run.stop()
    },
  }
}
