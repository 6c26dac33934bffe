// The engine thread: commands in, batches and state changes out. It owns every socket. Counterparts: main/engine-host.ts
// on the other side of the port, messages.ts (what passes), command-table.ts (what commands do).
import './regex-guard.ts'
import { performance } from 'node:perf_hooks'
import { parentPort, workerData } from 'node:worker_threads'
import type { BatchBuffer } from '../../preload/contract/event-columns.ts'
import type { IdentityName } from '../../preload/contract/tls.ts'
import { createCommandTable } from './command-table.ts'
import type { Connection } from './endpoints/connection.ts'
import { Directory } from './endpoints/directory.ts'
import type { Endpoint, Engine } from './endpoints/endpoint.ts'
import type { Secrets } from './endpoints/tls-material.ts'
import { EventLoop } from './loop/event-loop.ts'
import type { TlsIdentity } from './loop/tls.ts'
import type { EngineThreadData, FromEngine, ToEngine } from './messages.ts'
import { defaultProbeLevel, Probe } from './probe/probe.ts'
import { defaultLimits, Recorder, waitingLimits } from './record/recorder.ts'
import { createRuns } from './runs/runs.ts'
import { keepPrepared } from './scripts/prepared.ts'
import { endScripts } from './scripts/script-runner.ts'

/**
 * State changes are gathered for this long, in ms; where there are many, longer by a millisecond for every two things that
 * had changed the last time, up to the second figure: what comes and goes in between is then never told of.
 */
const stateIntervalMs = { least: 50, most: 500 }

if (parentPort === null) throw new Error('main/engine/thread.ts runs as a worker thread; see main/engine-host.ts')
const port = parentPort
/** Shared memory is shown; a small batch's own is given away. */
const transferable = (buffer: BatchBuffer) => (buffer instanceof ArrayBuffer ? [buffer] : [])
const post = (message: FromEngine, transfer: ArrayBuffer[] = []) => port.postMessage(message, transfer)

const { origin, waits, acknowledged } = workerData as EngineThreadData
// Each thread's `performance.now()` has a zero of its own; `process.hrtime` has the same one in all of them.
const runningMs = Number(process.hrtime.bigint()) / 1e6 - origin.startedAtMonotonicMs
const recorder = new Recorder(
  (buffer, loan) => post({ type: 'batch', buffer, loan }, transferable(buffer)),
  (buffer) => post({ type: 'loop', buffer }, [buffer]),
  waits ? waitingLimits : defaultLimits,
  { ...origin, startedAt: performance.now() - runningMs },
)
const acknowledgedBytes = new BigInt64Array(acknowledged)
let knownBytes = 0n
const acknowledge = () => {
  const bytes = Atomics.load(acknowledgedBytes, 0)
  if (bytes === knownBytes) return
  const more = Number(bytes - knownBytes)
  knownBytes = bytes
  recorder.acknowledge(more)
}
recorder.onBehind = acknowledge
const probe = new Probe(recorder.loop)
probe.setLevel(defaultProbeLevel)
const loop = new EventLoop()

let stateTimer: NodeJS.Timeout | undefined
let lastChanges = 0
const publishState = () => {
  clearTimeout(stateTimer)
  stateTimer = undefined
  // Events first: a state never tells of what its receiver cannot have seen yet.
  recorder.flush()
  lastChanges = directory.changes
  if (lastChanges > 0) post({ type: 'state', change: directory.takeChange(probe.level) })
}
const onStateTimer = () => {
  recorder.loop.own()
  publishState()
}
const directory: Directory<Endpoint, Connection> = new Directory(
  recorder,
  () => {
    const intervalMs = Math.min(stateIntervalMs.least + lastChanges / 2, stateIntervalMs.most)
    stateTimer ??= setTimeout(onStateTimer, intervalMs)
  },
  { endpoint: origin.lastEndpoint, connection: origin.lastConnection },
)
const identities = new Map<IdentityName, TlsIdentity>()
const secrets: Secrets = { identities, keyLog: (endpoint, line) => post({ type: 'key-log', endpoint, line }) }
const engine: Engine = { loop, recorder, directory, secrets }
recorder.onWaiting = (waiting) => {
  for (const { transport } of directory.connections.values()) transport?.holdReading(waiting)
}
const runs = createRuns(engine)
const commands = createCommandTable(engine, probe, runs, origin.startedAtEpochMs)

const answer = async (message: Extract<ToEngine, { type: 'command' }>) => {
  const result = await commands[message.name](message.args as never)
  // What the command caused is known to the host before its answer is.
  publishState()
  post({ type: 'reply', id: message.id, result })
}

const quiet = () => [...directory.endpoints.values()].every((e) => e.open.size === 0 && e.state !== 'stopping')

const stop = async (graceMs: number) => {
  runs.stopAll()
  for (const endpoint of directory.endpoints.values()) endpoint.stop()
  const deadline = loop.time() + graceMs
  while (!quiet() && loop.time() < deadline) await loop.sleep(5)
  for (const endpoint of directory.endpoints.values()) endpoint.endAll('reset')
  while (!quiet()) await loop.sleep(5)
  loop.stop()
  endScripts()
  publishState()
  post({ type: 'stopped' })
  port.close()
}

port.on('message', (message: ToEngine) => {
  switch (message.type) {
    case 'command':
      void answer(message)
      break
    case 'identity':
      identities.set(message.name, message.identity)
      break
    case 'script':
      keepPrepared(message.source, message.script)
      break
    case 'acknowledge':
      recorder.loop.own()
      acknowledge()
      break
    case 'reuse':
      recorder.loop.own()
      recorder.reuse(message.loan)
      break
    case 'acknowledge-loop':
      recorder.loop.own()
      recorder.loop.acknowledge(message.bytes)
      break
    case 'stop':
      void stop(message.graceMs)
      break
  }
})

process.once('exit', endScripts)
void loop.runForever()
post({ type: 'ready' })
