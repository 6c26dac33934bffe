// An engine thread or a whole workbench for one test, with what it has told collected, ended with the test; and ways to
// make the thread fail for real. Counterparts: main/engine-host.ts, main/workbench.ts.
import type { Worker } from 'node:worker_threads'
import { onTestFinished } from 'vitest'
import { EventLoop } from '../../main/engine/loop/event-loop.ts'
import { createEngineHost, type EngineHost } from '../../main/engine-host.ts'
import { createWorkbench, type Workbench } from '../../main/workbench.ts'
import type { EngineCommandName, EngineCommands } from '../../preload/contract/api.ts'
import { type EventBatch, openBatch, rowBytesOf, rowDetails } from '../../preload/contract/event-columns.ts'
import type { Result } from '../../preload/contract/failure.ts'
import {
  type Cause,
  type ConnectionInfo,
  causes,
  type EndpointInfo,
  type EventDetails,
  type EventKind,
  eventKinds,
  type ListenerSpec,
} from '../../preload/contract/vocabulary.ts'
import { connectFarEnd, type FarEnd, until } from './loopback.ts'

/** The worker threads that were started, oldest first. Node tells of them; nothing in the product needs to. */
const threads: Worker[] = []
process.on('worker', (worker) => threads.push(worker))

/** The engine thread that was started last. */
export const engineThread = (): Worker => {
  const thread = threads.at(-1)
  if (thread === undefined) throw new Error('No engine thread was started')
  return thread
}

/** Ends the thread by an exception of its own, as a bug in it would: it gets a command that it cannot know. */
export const crash = (thread: Worker): void =>
  thread.postMessage({ type: 'command', id: 0, name: 'there is no such command', args: null })

/** The value of a result; throws the failure's message. */
export const expectOk = <T>(result: Result<T>): T => {
  if (!result.ok) throw new Error(`${result.failure.code}: ${result.failure.message}`)
  return result.value
}

/** One event, read out of its batch. */
export interface Event {
  readonly seq: number
  readonly kind: EventKind
  readonly cause: Cause
  readonly at: number
  readonly endpoint: number
  readonly connection: number
  readonly length: number
  /** Payload as text, one character a byte; empty for anything but data. */
  readonly text: string
  readonly details: EventDetails[EventKind]
}

export const eventsOf = (batch: EventBatch): Event[] =>
  Array.from({ length: batch.count }, (_, i) => {
    const kind = eventKinds[batch.kind[i]!]!
    return {
      seq: batch.firstSeq + i,
      kind,
      cause: causes[batch.cause[i]!]!,
      at: batch.at[i]!,
      endpoint: batch.endpoint[i]!,
      connection: batch.connection[i]!,
      length: batch.length[i]!,
      text: kind.startsWith('data-') ? Buffer.from(rowBytesOf(batch, i)).toString('latin1') : '',
      details: rowDetails(batch, i),
    }
  })

/** What an engine has told so far. */
export interface Told {
  readonly events: Event[]
  readonly running: { readonly running: boolean; readonly message: string }[]
  readonly endpoints: Map<number, EndpointInfo>
  readonly connections: Map<number, ConnectionInfo>
}

const listenTo = (engine: EngineHost): Told => {
  const told: Told = { events: [], running: [], endpoints: new Map(), connections: new Map() }
  engine.onBatch((buffer) => {
    told.events.push(...eventsOf(openBatch(buffer)))
    return 'kept'
  })
  engine.onState((change) => {
    for (const endpoint of change.endpoints) told.endpoints.set(endpoint.id, endpoint)
    for (const connection of change.connections) told.connections.set(connection.id, connection)
  })
  engine.onRunning((running, message) => told.running.push({ running, message }))
  return told
}

export interface TestEngine {
  readonly engine: EngineHost
  readonly told: Told
  /** Asks for a command that has to succeed. */
  do<K extends EngineCommandName>(name: K, args: EngineCommands[K]['args']): Promise<EngineCommands[K]['value']>
  /** Starts a listener on a free port of 127.0.0.1. */
  listen(spec?: Partial<ListenerSpec>): Promise<{ readonly endpoint: EndpointInfo; readonly port: number }>
  /** Resolves with the first event that `fits`, past ones included. */
  event(fits: (event: Event) => boolean): Promise<Event>
}

const testEngine = (engine: EngineHost): TestEngine => {
  const told = listenTo(engine)
  const command: TestEngine['do'] = async (name, args) => expectOk(await engine.ask(name, args))
  return {
    engine,
    told,
    do: command,
    async listen(spec = {}) {
      const endpoint = await command('createEndpoint', {
        spec: {
          role: 'listener',
          name: '',
          host: '127.0.0.1',
          port: 0,
          reply: 'echo',
          greeting: new Uint8Array(),
          ...spec,
        },
      })
      if (endpoint.local === null) throw new Error(`The listener is ${endpoint.state}: ${endpoint.reason?.message}`)
      return { endpoint, port: endpoint.local.port }
    },
    async event(fits) {
      let looked = 0
      let found: Event | undefined
      await until(
        () => {
          while (found === undefined && looked < told.events.length) {
            const event = told.events[looked++]!
            if (fits(event)) found = event
          }
          return found !== undefined
        },
        () => `an event after ${told.events.map((event) => `${event.kind} ${event.connection}`).join(', ')}`,
      )
      return found!
    },
  }
}

/** How long a test gives open connections at its end, in ms. */
const graceMs = 100

export const startEngine = async (): Promise<TestEngine> => {
  const engine = await createEngineHost()
  onTestFinished(() => engine.stop(graceMs))
  return testEngine(engine)
}

export const startWorkbench = async (
  options?: Parameters<typeof createWorkbench>[0],
): Promise<TestEngine & { readonly workbench: Workbench }> => {
  const workbench = await createWorkbench(options)
  onTestFinished(() => workbench.stop(graceMs))
  return { ...testEngine(workbench.engine), workbench }
}

/** A plain node:net client of a port of 127.0.0.1. */
export const connectTo = (port: number): Promise<FarEnd> => connectFarEnd('node:net', new EventLoop(), port)
