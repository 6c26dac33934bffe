// One endpoint of its own engine, its events on standard output, from start to orderly end. Counterpart: the commands,
// which say which endpoint and when its job is done.
import type { Result } from '../../preload/contract/failure.ts'
import type { RunInfo } from '../../preload/contract/runs.ts'
import type { ConnectionInfo, EndpointInfo, EndpointSpec } from '../../preload/contract/vocabulary.ts'
import { createEngineHost, type EngineHost } from '../engine-host.ts'
import { formatDroppedHuman, formatFailure, printable } from './human-line.ts'
import { createInterruptions } from './interruption.ts'
import { formatDroppedJson } from './json-line.ts'
import { createLineQueue, type LineQueue } from './line-queue.ts'
import type { CommonOptions } from './options.ts'
import { done, failed, type Outcome } from './outcome.ts'
import { createPrinter } from './printer.ts'
import { planRecording, type Recorder, type RecordingOptions } from './recording.ts'
import { type ConnectivityOptions, keepTls } from './tls-options.ts'

/** How long an outgoing connection may take to be made. */
export const connectTimeoutMs = 10_000
/** At the end, connections have this long to flush what they hold; then they are reset. */
export const graceMs = 5_000

/** What every command that runs an endpoint takes. */
export interface EndpointOptions extends CommonOptions, RecordingOptions, ConnectivityOptions {}

/** What the engine last said of the endpoint and, for a client, of its connection. */
export interface Seen {
  readonly endpoint: EndpointInfo
  readonly connection: ConnectionInfo | null
  /** Of a job that starts runs: what was last said of each, in the order in which they were started. */
  readonly runs: readonly RunInfo[]
}

export interface Session {
  readonly engine: EngineHost
  readonly seen: Seen
  /** Resolves with what is seen once `reached` says so, or when `giveUp` is aborted. Looks at every change. */
  until(reached: (seen: Seen) => boolean, giveUp?: AbortSignal): Promise<Seen>
}

export interface Job {
  /** Makes the endpoint in another way than by `createEndpoint`. */
  make?(engine: EngineHost): Promise<Result<EndpointInfo>>
  /** Resolves when the job is done or cannot be done. */
  work(session: Session): Promise<Outcome>
  /** What it means that `--max-time` has passed before that. */
  timeUp(session: Session): Promise<Outcome>
}

const follow = (engine: EngineHost) => {
  let endpoint: EndpointInfo | null = null
  let connection: ConnectionInfo | null = null
  const runs = new Map<number, RunInfo>()
  const waiting = new Set<() => void>()
  engine.onState((change) => {
    endpoint = change.endpoints.at(-1) ?? endpoint
    connection = change.connections.at(-1) ?? connection
    for (const run of change.runs ?? []) runs.set(run.id, run)
    for (const look of waiting) look()
  })
  /** The session of the endpoint that was made; what the engine has told of it meanwhile is newer than `made`. */
  return (made: EndpointInfo): Session => ({
    engine,
    get seen() {
      return { endpoint: endpoint ?? made, connection, runs: [...runs.values()] }
    },
    until(reached, giveUp) {
      return new Promise((resolve) => {
        const look = () => {
          if (!reached(this.seen) && giveUp?.aborted !== true) return
          waiting.delete(look)
          giveUp?.removeEventListener('abort', look)
          resolve(this.seen)
        }
        waiting.add(look)
        giveUp?.addEventListener('abort', look)
        look()
      })
    },
  })
}

/** The engine has died, or nobody reads what is printed any more. */
const accident = (engine: EngineHost, queue: LineQueue): Promise<Outcome> =>
  Promise.race([
    new Promise<Outcome>((resolve) => {
      engine.onRunning((running, message) => {
        if (!running) resolve(failed(printable(message)))
      })
    }),
    queue.failed.then((error) =>
      error.code === 'EPIPE' ? done : failed(printable(`Standard output cannot be written to: ${error.message}`)),
    ),
  ])

/** What became of the file; it outweighs a job that went well. */
const endRecording = async (recorder: Recorder | null, outcome: Outcome, quiet: boolean): Promise<Outcome> => {
  if (recorder === null) return outcome
  const ended = await recorder.end()
  if (ended.ok) {
    if (!quiet) process.stderr.write(`wireloop: ${printable(ended.value)}\n`)
    return outcome
  }
  if (outcome.message !== null) process.stderr.write(`wireloop: ${outcome.message}\n`)
  return failed(printable(ended.failure.message))
}

/** Starts the endpoint, does the job, ends everything in order, and has all events written before it resolves. */
export const runEndpoint = async (spec: EndpointSpec, options: EndpointOptions, job: Job): Promise<Outcome> => {
  const recording = planRecording(options)
  if (!recording.ok) return failed(printable(recording.failure.message))
  const interruptions = createInterruptions(options.maxTime, () => process.exit(1))
  const engine = await (recording.value?.createEngine() ?? createEngineHost())
  const endTls = keepTls(engine, options)
  // Before the lines: what is printed slowly is recorded all the same.
  const recorder = (await recording.value?.begin(engine)) ?? null
  const queue = createLineQueue(process.stdout, options.json ? formatDroppedJson : formatDroppedHuman)
  const printer = createPrinter(engine, queue, spec, { ...options, patient: recorder !== null })
  const sessionOf = follow(engine)
  const trouble = accident(engine, queue)

  const start = async (): Promise<Outcome> => {
    const made = await (job.make?.(engine) ?? engine.ask('createEndpoint', { spec }))
    if (!made.ok) return failed(formatFailure(made.failure))
    // A client's connection tells of its own failure, with its cause.
    if (spec.role !== 'client' && made.value.state === 'failed')
      return failed(made.value.reason === null ? 'The endpoint failed' : formatFailure(made.value.reason))
    const session = sessionOf(made.value)
    return Promise.race([
      job.work(session),
      interruptions.first.then((what) => (what === 'signal' ? done : job.timeUp(session))),
    ])
  }

  const outcome = await Promise.race([start(), trouble])
  await engine.stop(graceMs)
  await endTls()
  printer.end()
  const [all] = await Promise.all([endRecording(recorder, outcome, options.quiet === true), queue.end()])
  interruptions.dispose()
  return all
}
