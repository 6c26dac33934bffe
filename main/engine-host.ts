// The engine thread as the hosts see it: starts it, asks it, passes its events on, restarts and stops it.
// Counterparts: engine/thread.ts; workbench.ts (the page hosts) and cli/ use it.
import { Worker } from 'node:worker_threads'
import type { EngineCommandName, EngineCommands } from '../preload/contract/api.ts'
import type { BatchBuffer } from '../preload/contract/event-columns.ts'
import { fail, ok, type Result } from '../preload/contract/failure.ts'
import type { ReplyScript } from '../preload/contract/replies.ts'
import type { IdentityName } from '../preload/contract/tls.ts'
import type { EndpointId, EndpointSpec, StateChange } from '../preload/contract/vocabulary.ts'
import type { TlsIdentity } from './engine/loop/tls.ts'
import type { EngineThreadData, FromEngine, ToEngine } from './engine/messages.ts'
import { trackOrigin } from './engine-origin.ts'

/** Says what it did with a batch's buffer: is `done` with it, or `kept` it, and will `giveBack` it one day. */
export type BatchListener = (buffer: BatchBuffer) => 'kept' | 'done'

export interface EngineHostOptions {
  /**
   * True where nothing may be left out: sockets are not read from while too much is not acknowledged, so what is observed goes as
   * slowly as it is kept. False: sockets never wait, and what cannot be kept is left out and counted.
   */
  readonly waits?: boolean
}

/** The identity of a name. A failure is the answer to the command whose spec names it. */
export type IdentitySource = (name: IdentityName) => Promise<Result<TlsIdentity>>

export interface EngineHost {
  readonly running: boolean
  /** Why there is no thread, in a sentence; null while one runs. */
  readonly endedBecause: string | null
  /** ms since 1970 at which the event clock stands at 0. */
  readonly startedAtEpochMs: number
  /** Never rejects: a thread that is not there answers `engine-stopped`. */
  ask<K extends EngineCommandName>(
    name: K,
    args: EngineCommands[K]['args'],
  ): Promise<Result<EngineCommands[K]['value']>>
  /** Batches in seq order. Returns a function that stops listening. */
  onBatch(listener: BatchListener): () => void
  /** A listener that had kept a batch needs it no more; when all are done, the engine writes to its memory again. */
  giveBack(buffer: BatchBuffer): void
  /** Where the engine waits (`waits`): `bytes` of batches are where they have to be. */
  acknowledge(bytes: number): void
  /** Batches of loop records in order; the buffer is the listener's to keep. */
  onLoop(listener: (buffer: ArrayBuffer) => void): () => void
  onState(listener: (change: StateChange) => void): () => void
  /** Told when the thread starts, and when it ends with why. */
  onRunning(listener: (running: boolean, message: string) => void): () => void
  /**
   * Says where the identities come from that specs name: certificate and key go to the engine beside the command, and
   * nowhere else. Without it such specs fail with `no-identity`.
   */
  useIdentities(source: IdentitySource): void
  /** Lines for key logs (each ends in a line feed), of endpoints that ask for one. */
  onKeyLog(listener: (endpoint: EndpointId, line: string) => void): () => void
  /** Starts a new thread where the last one has ended. Its seqs, ids and clock go on where that one's ended. */
  restart(): Promise<Result<null>>
  /**
   * Stops accepting, closes every connection in order within `graceMs`, then resets what is left. Resolves when the
   * thread has ended and its last batch was delivered. A thread that does not answer is ended all the same.
   */
  stop(graceMs: number): Promise<void>
}

// Run from the sources (Node strips the types), the thread is a .ts file; built, a bundle beside this one.
const threadUrl = import.meta.url.endsWith('.ts')
  ? new URL('./engine/thread.ts', import.meta.url)
  : new URL(import.meta.url.includes('/chunks/') ? '../engine.js' : './engine.js', import.meta.url)

/** What a thread has beyond the grace period, in ms, to answer that it has stopped; one that is blocked never does. */
const answerMs = 2_000

/** The identities that a spec names. */
const namesIn = (spec: EndpointSpec): readonly IdentityName[] => {
  const of = spec.role === 'relay' ? [spec.listenTls, spec.upstreamTls] : [spec.tls]
  return of.flatMap((tls) => tls?.identity ?? [])
}

/** The spec of a command that makes or changes an endpoint. */
const specIn = (args: EngineCommands[EngineCommandName]['args']): EndpointSpec | null => {
  if (args === null) return null
  if ('run' in args) return typeof args.run === 'object' && 'newClient' in args.run.on ? args.run.on.newClient : null
  return 'spec' in args ? (args.spec ?? null) : null
}

/** The endpoint that a command is for; null for none, or one that is yet to be made. */
const endpointIn = (args: EngineCommands[EngineCommandName]['args']): EndpointId | null =>
  args !== null && 'endpoint' in args && typeof args.endpoint === 'number' ? args.endpoint : null

/** A set of listeners that can be added to and called. */
const listeners = <A extends unknown[]>() => {
  const all = new Set<(...args: A) => void>()
  return {
    add: (listener: (...args: A) => void) => {
      all.add(listener)
      return () => {
        all.delete(listener)
      }
    },
    call: (...args: A) => {
      for (const listener of [...all]) listener(...args)
    },
  }
}

/** Starts the thread. Rejects where it cannot be started at all. */
export const createEngineHost = async ({ waits = false }: EngineHostOptions = {}): Promise<EngineHost> => {
  const batchListeners = new Set<BatchListener>()
  const onLoop = listeners<[ArrayBuffer]>()
  const onState = listeners<[StateChange]>()
  const onKeyLog = listeners<[EndpointId, string]>()
  let identitySource: IdentitySource | null = null
  const onRunning = listeners<[boolean, string]>()
  const waiting = new Map<number, (result: Result<never>) => void>()
  const reached = trackOrigin()
  let worker: Worker | null = null
  let acknowledged = new BigInt64Array(new SharedArrayBuffer(8))
  let endedBecause: string | null = null
  let starting: Promise<Result<null>> | null = null
  let lastId = 0
  let stopped: Promise<void> | null = null

  const post = (message: ToEngine, transfer: ArrayBuffer[] = []) => worker?.postMessage(message, transfer)

  const ended = (message: string) => {
    worker = null
    endedBecause = message
    for (const answer of waiting.values()) answer(fail('engine-stopped', message))
    waiting.clear()
    onRunning.call(false, message)
  }

  /** Batches that the engine wants back, and how many still need them. */
  const loans = new Map<BatchBuffer, { readonly loan: number; readonly lender: Worker | null; holders: number }>()

  const giveBack = (buffer: BatchBuffer) => {
    const held = loans.get(buffer)
    if (held === undefined || --held.holders > 0) return
    loans.delete(buffer)
    // A thread that was started since has loans of its own.
    if (held.lender === worker) post({ type: 'reuse', loan: held.loan })
  }

  /** One that throws keeps neither the others nor the engine from theirs. What it still holds of the batch nobody knows. */
  const show = (listener: BatchListener, buffer: BatchBuffer): 'kept' | 'done' => {
    try {
      return listener(buffer)
    } catch (thrown) {
      queueMicrotask(() => {
        throw thrown
      })
      return 'kept'
    }
  }

  const acknowledge = (bytes: number) => {
    Atomics.add(acknowledged, 0, BigInt(bytes))
    post({ type: 'acknowledge' })
  }

  const takeBatch = (buffer: BatchBuffer, loan: number | null) => {
    reached.events(buffer)
    // Held by this function too, for a listener may give a batch back at once.
    if (loan !== null) loans.set(buffer, { loan, lender: worker, holders: 1 + batchListeners.size })
    for (const listener of [...batchListeners]) if (show(listener, buffer) === 'done') giveBack(buffer)
    if (!waits) acknowledge(buffer.byteLength)
    giveBack(buffer)
  }

  const receive = (message: FromEngine) => {
    switch (message.type) {
      case 'batch':
        takeBatch(message.buffer, message.loan)
        break
      case 'loop':
        post({ type: 'acknowledge-loop', bytes: message.buffer.byteLength })
        reached.loop(message.buffer)
        onLoop.call(message.buffer)
        break
      case 'state':
        onState.call(message.change)
        break
      case 'key-log':
        onKeyLog.call(message.endpoint, message.line)
        break
      case 'reply':
        waiting.get(message.id)?.(message.result as Result<never>)
        waiting.delete(message.id)
        break
      case 'ready':
      case 'stopped':
        break
    }
  }

  /** Resolves when the thread has set itself up, or has failed to. */
  const start = (): Promise<Result<null>> =>
    new Promise((resolve) => {
      acknowledged = new BigInt64Array(new SharedArrayBuffer(8))
      const thread = new Worker(threadUrl, {
        name: 'wireloop-engine',
        workerData: { origin: reached.origin, waits, acknowledged: acknowledged.buffer } satisfies EngineThreadData,
      })
      let why = 'The engine thread has ended'
      thread.on('message', (message: FromEngine) => {
        receive(message)
        if (message.type === 'ready') {
          worker = thread
          endedBecause = null
          onRunning.call(true, 'The engine thread runs')
          resolve(ok(null))
        }
        // Nothing follows: whatever might still keep the thread (a name that is being looked up) is not waited for.
        if (message.type === 'stopped') void thread.terminate()
      })
      thread.on('error', (error) => {
        why = `The engine thread failed: ${error instanceof Error ? error.message : String(error)}`
        process.stderr.write(`${why}\n`)
      })
      thread.once('exit', () => {
        if (worker === thread) ended(why)
        resolve(fail('engine-stopped', why))
      })
    })

  const stop = async (graceMs: number): Promise<void> => {
    await starting
    const thread = worker
    if (thread === null) return
    const exited = new Promise((resolve) => thread.once('exit', resolve))
    post({ type: 'stop', graceMs })
    const timer = setTimeout(() => void thread.terminate(), graceMs + answerMs)
    await exited
    clearTimeout(timer)
  }

  const ask: EngineHost['ask'] = (name, args) => {
    if (worker === null || stopped !== null)
      return Promise.resolve(fail('engine-stopped', 'The engine thread is not running'))
    const id = ++lastId
    return new Promise((resolve) => {
      waiting.set(id, resolve)
      post({ type: 'command', id, name, args })
    })
  }

  /** By endpoint, what is handed over for the command that was asked last; a later one does not overtake it. */
  const handing = new Map<EndpointId, Promise<Result<null>>>()

  /** Hands over what a spec names before the command that has it. */
  const handOver = async (names: readonly IdentityName[], script?: ReplyScript): Promise<Result<null>> => {
    if (script !== undefined) {
      // Loaded when first needed: the type stripper is 4 MB.
      const { prepareScript } = await import('./scripts/script-code.ts')
      post({ type: 'script', source: script.source, script: prepareScript(script.source) })
    }
    for (const name of names) {
      const identity = await identitySource?.(name)
      if (identity === undefined) continue
      if (!identity.ok) return fail(identity.failure.code, identity.failure.message, 'spec.tls.identity')
      const { certificatePem, keyPem } = identity.value
      post({ type: 'identity', name, identity: { certificatePem, keyPem } })
    }
    return ok(null)
  }

  /** A command without anything to hand over is held up only by one for the same endpoint that has. */
  const inOrder = (
    endpoint: EndpointId | null,
    names: readonly IdentityName[],
    script?: ReplyScript,
  ): Promise<Result<null>> | null => {
    const before = endpoint === null ? undefined : handing.get(endpoint)
    if (before === undefined && names.length === 0 && script === undefined) return null
    const handed = (before ?? Promise.resolve())
      .then(() => handOver(names, script))
      .catch((error: unknown) =>
        fail('failed', `What the endpoint needs was not made ready: ${error instanceof Error ? error.message : error}`),
      )
    if (endpoint !== null) {
      handing.set(endpoint, handed)
      void handed.then(() => {
        if (handing.get(endpoint) === handed) handing.delete(endpoint)
      })
    }
    return handed
  }

  const started = await start()
  if (!started.ok) throw new Error(started.failure.message)

  return {
    get running() {
      return worker !== null
    },
    get endedBecause() {
      return endedBecause
    },
    startedAtEpochMs: reached.origin.startedAtEpochMs,
    ask(name, args) {
      const spec = specIn(args)
      const names = spec === null ? [] : namesIn(spec)
      const script = spec === null || spec.role === 'relay' ? undefined : spec.script
      const handed = inOrder(endpointIn(args), names, script)
      return handed === null ? ask(name, args) : handed.then((done) => (done.ok ? ask(name, args) : done))
    },
    useIdentities(source) {
      identitySource = source
    },
    onKeyLog: onKeyLog.add,
    onBatch(listener) {
      batchListeners.add(listener)
      return () => {
        batchListeners.delete(listener)
      }
    },
    giveBack,
    acknowledge: (bytes) => {
      if (waits) acknowledge(bytes)
    },
    onLoop: onLoop.add,
    onState: onState.add,
    onRunning: onRunning.add,
    async restart() {
      if (stopped !== null) return fail('engine-stopped', 'Wireloop is quitting')
      if (worker !== null || starting !== null) return fail('wrong-state', 'The engine thread is running')
      starting = start()
      const result = await starting
      starting = null
      return result
    },
    stop(graceMs) {
      stopped ??= stop(graceMs)
      return stopped
    },
  }
}
