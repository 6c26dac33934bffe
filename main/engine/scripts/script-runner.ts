// Runs the script of one endpoint in a thread of its own, and ends it where it takes too long or too much memory: the line
// that it was at is known from memory that both threads see. Counterparts: main/scripts/thread.ts (the thread),
// messages.ts (what passes), ../endpoints/behaviours/answers.ts (whose script it is).
import { Worker } from 'node:worker_threads'
import type { Failure } from '../../../preload/contract/failure.ts'
import type { Frame } from '../../../preload/contract/framing.ts'
import type { EventDetails } from '../../../preload/contract/vocabulary.ts'
import type { Connection } from '../endpoints/connection.ts'
import type { Engine } from '../endpoints/endpoint.ts'
import { heapReserve } from '../memory-bound.ts'
import { threadEnv } from '../thread-env.ts'
import {
  type FromScript,
  type PreparedScript,
  type ScriptCommand,
  type ScriptData,
  shared,
  type ToScript,
} from './messages.ts'

export type { ScriptCommand } from './messages.ts'

/** A script that could be read. */
export interface RunnableScript {
  readonly source: string
  readonly prepared: PreparedScript & { readonly ok: true }
}

export interface ScriptBounds {
  /** The longest that one callback takes, in ms. */
  readonly callbackMs: number
  /** The JavaScript heap of the thread, and what it has outside of it (buffers), in MiB each. */
  readonly memoryMb: number
}
export const scriptBounds: ScriptBounds = { callbackMs: 2000, memoryMb: 64 }

/** Above so many bytes that a script has not looked at yet, nothing more is read for it: 1 MiB; on it goes at a quarter. */
export const scriptQueueBytes = 1024 * 1024
/** What a message counts beside its bytes. */
const entryBytes = 64
/** How often a callback's time is looked at before it is over. */
const looks = 4
/** The longest that a thread takes until the script begins to run, in ms. */
const startMs = 30_000

const threadUrl = import.meta.url.endsWith('.ts')
  ? new URL('../../scripts/thread.ts', import.meta.url)
  : new URL(import.meta.url.includes('/chunks/') ? '../script.js' : './script.js', import.meta.url)

export interface ScriptListener {
  /** What the script did, in order. */
  did(commands: readonly ScriptCommand[]): void
  /** `isBehind` has become false. */
  caughtUp(): void
  /** Once at most; nothing follows. `connection`: the one it served, 0 for none. */
  failed(connection: number, details: EventDetails['script-failed']): void
}

const running = new Set<ScriptRunner>()
/** Ends every script of this thread at once: it is about to end itself. */
export const endScripts = (): void => {
  for (const runner of [...running]) runner.dispose()
}

export class ScriptRunner {
  readonly #engine: Engine
  readonly #listener: ScriptListener
  readonly #bounds: ScriptBounds
  readonly #thread: Worker
  readonly #shared = new Int32Array(new SharedArrayBuffer(shared.length * 4))
  readonly #places: Int32Array
  #failed: EventDetails['script-failed'] | null = null
  #ended = false
  #finishing = false
  #begun = false
  #waitingBytes = 0
  #waitingCount = 0
  #behind = false
  readonly #watch: NodeJS.Timeout
  #lastBegun = 0
  #stillLooks = 0

  constructor(engine: Engine, script: RunnableScript, listener: ScriptListener, bounds: ScriptBounds = scriptBounds) {
    this.#engine = engine
    this.#listener = listener
    this.#bounds = bounds
    this.#places = script.prepared.places
    const data: ScriptData = {
      source: script.source,
      prepared: script.prepared,
      shared: this.#shared.buffer as SharedArrayBuffer,
      memoryBytes: bounds.memoryMb * 2 ** 20,
    }
    this.#thread = new Worker(threadUrl, {
      name: 'wireloop-script',
      workerData: data,
      // Nothing of ours that a script has no use for. Sources that run unbuilt are taken from Node's cache, where there is one:
      // see PreparedScript.
      env: threadEnv(),
      execArgv: [],
      resourceLimits: { maxOldGenerationSizeMb: bounds.memoryMb * heapReserve },
    })
    this.#thread.on('message', (message: FromScript) => this.#receive(message))
    this.#thread.on('error', (error) => this.#crashed(error))
    this.#thread.once('exit', () => this.#exited())
    running.add(this)
    this.#watch = setInterval(() => this.#look(), bounds.callbackMs / looks)
  }

  /** Why it answers nothing any more; null while it does. */
  get failed(): EventDetails['script-failed'] | null {
    return this.#failed
  }

  /** True while more waits for the script than should. */
  get isBehind(): boolean {
    return this.#behind
  }

  made(connection: Connection): void {
    const { id, direction, local, remote } = connection.info()
    this.#post({ type: 'made', connection: { id, direction, local, remote } })
  }

  message(connection: number, { bytes, body }: Frame): void {
    if (this.#ended) return
    // A copy that the thread may keep: the bytes lie where the next ones are read into, or in a batch.
    const data = new Uint8Array(bytes)
    const bodyFrom = body.byteOffset - bytes.byteOffset
    this.#post({ type: 'message', connection, data, bodyFrom, bodyTo: bodyFrom + body.length }, [data.buffer])
    this.#waitingBytes += bytes.length
    this.#noteBehind()
  }

  /** The peer has sent FIN. True where the script will close; false where it cannot any more. */
  ended(connection: number): boolean {
    this.#post({ type: 'eof', connection })
    return !this.#ended
  }

  lost(connection: number, error: Failure | null): void {
    this.#post({ type: 'lost', connection, error })
  }

  paused(connection: number, on: boolean): void {
    this.#post({ type: 'paused', connection, on })
  }

  /** Ends the thread when it has done all that it was given. */
  finish(): void {
    if (this.#finishing) return
    this.#finishing = true
    this.#post({ type: 'finish' })
  }

  /** Ends the thread at once; nothing is told of it any more. */
  dispose(): void {
    this.#end()
  }

  #post(message: ToScript, transfer: ArrayBuffer[] = []): void {
    if (this.#ended) return
    this.#thread.postMessage(message, transfer)
    if (message.type === 'taken') return
    this.#waitingCount++
    this.#waitingBytes += entryBytes
  }

  #receive(message: FromScript): void {
    if (this.#ended) return
    switch (message.type) {
      case 'begins':
        this.#begun = true
        this.#stillLooks = 0
        return
      case 'ready':
        return
      case 'did': {
        let bytes = 0
        for (const command of message.commands) bytes += command.what === 'write' ? command.data.length : 0
        this.#post({ type: 'taken', bytes: bytes + message.commands.length * entryBytes })
        this.#listener.did(message.commands)
        return
      }
      case 'done':
        this.#waitingCount -= message.count
        this.#waitingBytes -= message.bytes + message.count * entryBytes
        this.#noteBehind()
        return
      case 'failed':
        this.#fail(message.error, message.connection, message.line, message.column)
        return
    }
  }

  #noteBehind(): void {
    const behind = this.#waitingBytes > (this.#behind ? scriptQueueBytes / 4 : scriptQueueBytes)
    if (behind === this.#behind) return
    this.#behind = behind
    if (!behind) this.#listener.caughtUp()
  }

  /**
   * A script is over its time where it has begun nothing new in so many looks although something waits for it. Looks are
   * counted, not the time: where this thread itself stood still, that is no fault of the script's.
   */
  #look(): void {
    this.#engine.recorder.loop.own()
    const begun = Atomics.load(this.#shared, shared.begun)
    if (begun !== this.#lastBegun || this.#waitingCount === 0) this.#stillLooks = 0
    else this.#stillLooks++
    this.#lastBegun = begun
    const { callbackMs } = this.#bounds
    if (this.#begun && this.#stillLooks >= looks)
      this.#failHere('script-too-slow', `A callback ran longer than ${callbackMs / 1000} s; the script was ended`)
    else if (!this.#begun && this.#stillLooks * callbackMs > looks * startMs)
      this.#fail({ code: 'script-too-slow', message: 'The thread of the script did not start' }, 0, 0, 0)
    // A timer of the script's own may be what never ends.
    else if (this.#waitingCount === 0) this.#post({ type: 'ping' })
  }

  #crashed(error: Error): void {
    if ((error as NodeJS.ErrnoException).code === 'ERR_WORKER_OUT_OF_MEMORY')
      this.#failHere(
        'script-out-of-memory',
        `The script used more than ${this.#bounds.memoryMb} MiB of memory and was ended`,
      )
    else this.#failHere('script-failed', error.message)
  }

  #exited(): void {
    if (this.#finishing) this.#end()
    else this.#failHere('script-failed', 'The script ended its own thread (process.exit)')
  }

  /** At the place where it is now. */
  #failHere(code: string, message: string): void {
    const place = this.#shared[shared.place]! * 2
    const connection = this.#shared[shared.connection]!
    this.#fail({ code, message }, connection, this.#places[place] ?? 0, this.#places[place + 1] ?? 0)
  }

  #fail(error: Failure, connection: number, line: number, column: number): void {
    if (this.#ended) return
    this.#failed = { error, line, column }
    this.#end()
    this.#listener.failed(connection, this.#failed)
  }

  #end(): void {
    if (this.#ended) return
    this.#ended = true
    this.#behind = false
    running.delete(this)
    clearInterval(this.#watch)
    Atomics.store(this.#shared, shared.stop, 1)
    void this.#thread.terminate()
  }
}
