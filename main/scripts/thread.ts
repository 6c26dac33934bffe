// The thread of one endpoint's script: its own for every start, ended by the engine where it takes too long. Runs the
// person's protocol on messages and hands back what it does. Counterparts: main/engine/scripts/script-runner.ts (starts and
// watches it), messages.ts there (what passes), script-code.ts (the text, which the host prepares), protocols.ts (what a script sees).
import * as buffer from 'node:buffer'
import * as crypto from 'node:crypto'
import * as events from 'node:events'
import * as stringDecoder from 'node:string_decoder'
import * as timers from 'node:timers'
import * as timersPromises from 'node:timers/promises'
import * as url from 'node:url'
import * as util from 'node:util'
import { Script } from 'node:vm'
import { parentPort, workerData } from 'node:worker_threads'
import * as zlib from 'node:zlib'
import type { Failure } from '../../preload/contract/failure.ts'
import { offsetInText, offsetOf, placeAt } from '../code-places.ts'
import { createMemoryLook } from '../engine/memory-bound.ts'
import { type FromScript, type ScriptData, shared, type ToScript } from '../engine/scripts/messages.ts'
import { Outgoing, protocolFactory, type ScriptProtocol, ScriptTransport } from './protocols.ts'

if (parentPort === null)
  throw new Error('main/scripts/thread.ts runs as a worker thread; see main/engine/scripts/script-runner.ts')
const port = parentPort
const data = workerData as ScriptData
const memory = new Int32Array(data.shared)
const post = (message: FromScript) => port.postMessage(message)
const outgoing = new Outgoing(post)

/** Memory is looked at once in so many marks: about 2 µs each time. */
const marksPerMemoryLook = 16

const modules: Readonly<Record<string, object>> = {
  'node:buffer': buffer,
  'node:crypto': crypto,
  'node:events': events,
  'node:string_decoder': stringDecoder,
  'node:timers': timers,
  'node:timers/promises': timersPromises,
  'node:url': url,
  'node:util': util,
  'node:zlib': zlib,
}

/** Told once; from then on nothing of the script is called, and the engine ends the thread. */
let failed = false
const fail = (error: Failure, place: { readonly line: number; readonly column: number }): void => {
  if (failed) return
  failed = true
  outgoing.flush()
  post({ type: 'failed', error, line: place.line, column: place.column, connection: memory[shared.connection]! })
}

const { code, places, added } = data.prepared
const placeNow = (place: number) => ({ line: places[place * 2]!, column: places[place * 2 + 1]! })

/** Where V8 says that an exception was thrown, or the statement that ran. */
const placeOf = (error: Error) => {
  const frame = /script\.ts:(\d+):(\d+)/.exec(error.stack ?? '')
  if (frame === null) return placeNow(memory[shared.place]!)
  return placeAt(data.source, offsetInText(added, offsetOf(code, Number(frame[1]), Number(frame[2]))))
}

const printing = (...values: unknown[]) => outgoing.log(memory[shared.connection]!, util.format(...values))
Object.assign(console, { log: printing, info: printing, debug: printing, warn: printing, error: printing })

const run = () => {
  let untilMemoryLook = marksPerMemoryLook
  const takesTooMuch = createMemoryLook(data.memoryBytes)
  /** A statement runs. */
  const mark = (place: number): void => {
    memory[shared.place] = place
    if (Atomics.load(memory, shared.stop) !== 0) process.exit(0)
    if (--untilMemoryLook > 0) return
    untilMemoryLook = marksPerMemoryLook
    if (!takesTooMuch()) return
    const message = `The script used more than ${data.memoryBytes / 2 ** 20} MiB of memory and was ended`
    fail({ code: 'script-out-of-memory', message }, placeNow(place))
    // Not to be caught: in a thread this never returns.
    process.exit(0)
  }
  const threw = (thrown: unknown) => {
    const error = thrown instanceof Error ? thrown : new Error(util.inspect(thrown))
    fail({ code: 'script-threw', message: `${error.name}: ${error.message}` }, placeOf(error))
  }
  process.on('uncaughtException', threw)
  process.on('unhandledRejection', threw)

  const runtime = {
    protocol: undefined as unknown,
    take: (module: string, name: string): unknown => {
      const found = modules[module]!
      if (name === '*') return found
      if (!(name in found)) throw new SyntaxError(`“${module}” has no export named ${name}`)
      return (found as Record<string, unknown>)[name]
    },
  }

  const connections = new Map<number, { readonly protocol: ScriptProtocol; readonly transport: ScriptTransport }>()
  let makeProtocol: (() => ScriptProtocol) | null = null
  const waiting: ToScript[] = []

  const serve = (message: ToScript): void => {
    switch (message.type) {
      case 'made': {
        const served = { protocol: makeProtocol!(), transport: new ScriptTransport(message.connection.id, outgoing) }
        connections.set(message.connection.id, served)
        served.protocol.connectionMade?.(served.transport, message.connection)
        return
      }
      case 'message': {
        const protocol = connections.get(message.connection)?.protocol
        const bytes = Buffer.from(message.data.buffer, message.data.byteOffset, message.data.length)
        if (protocol?.messageReceived !== undefined)
          protocol.messageReceived(bytes.subarray(message.bodyFrom, message.bodyTo))
        else protocol?.dataReceived?.(bytes)
        return
      }
      case 'eof': {
        const served = connections.get(message.connection)
        if (served?.protocol.eofReceived?.() !== true) served?.transport.close()
        return
      }
      case 'lost': {
        const served = connections.get(message.connection)
        connections.delete(message.connection)
        served?.transport.lost()
        served?.protocol.connectionLost?.(message.error)
        return
      }
      case 'paused': {
        const protocol = connections.get(message.connection)?.protocol
        if (message.on) protocol?.pauseWriting?.()
        else protocol?.resumeWriting?.()
        return
      }
    }
  }

  const take = (message: ToScript): void => {
    Atomics.add(memory, shared.begun, 1)
    const { type } = message
    memory[shared.connection] =
      type === 'made' ? message.connection.id : 'connection' in message ? message.connection : 0
    try {
      serve(message)
    } catch (thrown) {
      threw(thrown)
    }
    memory[shared.connection] = 0
    outgoing.flush()
    post({ type: 'done', count: 1, bytes: type === 'message' ? message.data.length : 0 })
    if (type === 'finish') process.exit(0)
  }

  port.on('message', (message: ToScript) => {
    if (failed) return
    if (message.type === 'taken') outgoing.taken(message.bytes)
    else if (makeProtocol === null && message.type !== 'ping') waiting.push(message)
    else take(message)
  })

  const program = new Script(code, { filename: 'script.ts' }).runInThisContext() as (
    mark: (place: number) => void,
    given: typeof runtime,
  ) => Promise<void>
  program(mark, runtime).then(() => {
    try {
      makeProtocol = protocolFactory(runtime.protocol)
    } catch (thrown) {
      fail({ code: 'script-threw', message: (thrown as Error).message }, { line: 1, column: 1 })
      return
    }
    post({ type: 'ready' })
    while (waiting.length > 0 && !failed) take(waiting.shift()!)
  }, threw)
}

post({ type: 'begins' })
run()
