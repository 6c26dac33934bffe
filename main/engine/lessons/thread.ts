// A lesson's own thread: fresh for every run, with a loop that nobody else uses. Runs the prepared text and tells the host
// what it did. Counterparts: main/lesson-host.ts; messages.ts (what passes); marks.ts, recording-loop.ts and ../probe
// (what is recorded).
import { createHook } from 'node:async_hooks'
import * as buffer from 'node:buffer'
import * as events from 'node:events'
import * as net from 'node:net'
import * as perfHooks from 'node:perf_hooks'
import * as nodeProcess from 'node:process'
import * as timers from 'node:timers'
import * as timersPromises from 'node:timers/promises'
import * as util from 'node:util'
import { Script } from 'node:vm'
import { parentPort, workerData } from 'node:worker_threads'
import { Probe } from '../probe/probe.ts'
import { defaultLimits, Recorder } from '../record/recorder.ts'
import { type Activation, Marks } from './marks.ts'
import type { FromLesson, LessonData } from './messages.ts'
import { recordingLoop } from './recording-loop.ts'
import * as wireloop from './wireloop.ts'

if (parentPort === null)
  throw new Error('main/engine/lessons/thread.ts runs as a worker thread; see main/lesson-host.ts')
const port = parentPort
const post = (message: FromLesson, transfer: ArrayBuffer[] = []) => port.postMessage(message, transfer)
const data = workerData as LessonData

/** Published only when the host is handed something: a timer of the recorder's own would wake the loop that is shown. */
const limits = { ...defaultLimits, flushMs: Number.POSITIVE_INFINITY }
const recorder = new Recorder(
  (batch) => post({ type: 'events', buffer: batch }, batch instanceof ArrayBuffer ? [batch] : []),
  (batch) => post({ type: 'loop', buffer: batch }, [batch]),
  limits,
)
const marks = new Marks(recorder, data, post, () => {
  post({ type: 'out-of-memory' })
  process.exit(1)
})
const probe = new Probe(recorder.loop)

const shown = new Set(['Timeout', 'Immediate', 'TickObject', 'Microtask', 'PROMISE'])
const makings = createHook({
  init: (asyncId, type) => {
    if (shown.has(type)) marks.made(asyncId, type)
  },
})

/** Makes the marks of a function that runs in an executor's thread do nothing. */
const unmarked = 'const ø={e:()=>({l(){},x(){},s:(k,v)=>v,r:(k,v)=>v})},ƒ=ø.e();'

const modules: Readonly<Record<string, object>> = {
  wireloop: { ...wireloop, EventLoop: recordingLoop(recorder, marks, unmarked) },
  'node:buffer': buffer,
  'node:events': events,
  'node:net': net,
  'node:perf_hooks': perfHooks,
  'node:process': nodeProcess,
  'node:timers': timers,
  'node:timers/promises': timersPromises,
  'node:util': util,
}

const runtime = {
  /** A function is entered. */
  e: (_fn: number, site: number): Activation => marks.enter(site),
  take: (module: string, name: string): unknown => {
    const found = modules[module]!
    if (name === '*') return found
    if (!(name in found)) throw new SyntaxError(`“${module}” has no export named ${name}`)
    return (found as Record<string, unknown>)[name]
  },
}

// Written at once, without the stream machinery, whose ticks would stand between the lesson's own.
const printing = (stream: 'out' | 'err') =>
  ((chunk: string | Uint8Array) => {
    marks.print(stream, typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString())
    return true
  }) as typeof process.stdout.write
process.stdout.write = printing('out')
process.stderr.write = printing('err')

const fail = (thrown: unknown) => {
  const error = thrown instanceof Error ? thrown : new Error(util.format(thrown))
  post({ type: 'failed', message: `${error.name}: ${error.message}`, stack: error.stack ?? '' })
  process.exit(1)
}
process.on('uncaughtException', fail)

const start = () => {
  post({
    type: 'started',
    at: recorder.now(),
    callback: recorder.loop.current,
    iteration: perfHooks.performance.nodeTiming.uvMetricsInfo.loopCount,
  })
  makings.enable()
  const run = new Script(data.code, { filename: 'lesson.ts' }).runInThisContext() as (
    top: Activation,
    given: typeof runtime,
  ) => Promise<void>
  run(marks.enter(0), runtime).then(() => {
    recorder.loop.own()
    post({ type: 'returned', at: recorder.now() })
  }, fail)
}

port.on('message', () => process.exit(0))
port.unref()
// However it ends, what is recorded is handed over: the code may end its thread itself.
process.once('exit', () => marks.handOver())
process.once('beforeExit', () => {
  post({ type: 'drained', at: recorder.now() })
  process.exit(0)
})
probe.setLevel('microtasks')
// From the check phase of an iteration of its own: what the thread's own start has left in the queues is over by then.
setImmediate(() => setImmediate(start))
