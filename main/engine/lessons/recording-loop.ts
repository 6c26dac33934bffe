// The event loop that lessons get: EventLoop, with every connection recorded as the workbench records its own. Nothing of
// how it runs is changed. Counterparts: ../loop/event-loop.ts; modules.ts hands it out as `EventLoop`.
import { format } from 'node:util'
import type { Address, Cause, EventDetails, EventKind } from '../../../preload/contract/vocabulary.ts'
import { causeOfError, failureOf } from '../loop/errors.ts'
import { type ConnectionOptions, EventLoop } from '../loop/event-loop.ts'
import type { Executor } from '../loop/executor.ts'
import type { Future } from '../loop/future.ts'
import type { Protocol, ProtocolFactory } from '../loop/protocol.ts'
import type { Server, ServerOptions } from '../loop/server.ts'
import type { Ending, Transport, TransportObserver } from '../loop/transport.ts'
import type { Recorder } from '../record/recorder.ts'
import type { Marks } from './marks.ts'

class RecordedConnection implements TransportObserver {
  readonly #recorder: Recorder
  readonly #endpoint: number
  readonly #id: number
  readonly #direction: 'in' | 'out'
  #pausedAt = 0

  constructor(recorder: Recorder, endpoint: number, id: number, direction: 'in' | 'out') {
    this.#recorder = recorder
    this.#endpoint = endpoint
    this.#id = id
    this.#direction = direction
  }

  connectionMade(transport: Transport): void {
    this.#record('connection-made', 'none', {
      local: transport.getExtraInfo('sockname'),
      remote: transport.getExtraInfo('peername'),
      direction: this.#direction,
      side: null,
      pair: null,
    })
  }
  /** Not the recorder's own copy: code of a lesson may change what it is given, and what was received stays true. */
  dataReceived(data: Uint8Array): Uint8Array {
    this.#recorder.data('received', this.#endpoint, this.#id, data)
    return data
  }
  retain(): void {}
  release(): void {}
  dataSent(data: Uint8Array): void {
    this.#recorder.data('sent', this.#endpoint, this.#id, data)
  }
  eofReceived(): void {
    this.#record('eof-received', 'none', null)
  }
  eofSent(): void {
    this.#record('eof-sent', 'none', null)
  }
  writingPaused(bufferedBytes: number, highWaterBytes: number): void {
    this.#pausedAt = this.#recorder.now()
    this.#record('writing-paused', 'none', { bufferedBytes, highWaterBytes })
  }
  writingResumed(bufferedBytes: number): void {
    this.#record('writing-resumed', 'none', { bufferedBytes, pausedMs: this.#recorder.now() - this.#pausedAt })
  }
  readingPaused(): void {
    this.#record('reading-paused', 'none', null)
  }
  readingResumed(): void {
    this.#record('reading-resumed', 'none', null)
  }
  closing(): void {}
  connectionLost({ cause, error, unsentBytes, unreadBytes, ignoredBytes }: Ending): void {
    const failure = error === null ? null : failureOf(error)
    this.#record('connection-lost', cause, { error: failure, unsentBytes, unreadBytes, ignoredBytes })
  }

  #record<K extends Exclude<EventKind, 'data-received' | 'data-sent'>>(
    kind: K,
    cause: Cause,
    details: EventDetails[K],
  ): void {
    this.#recorder.event(kind, cause, this.#endpoint, this.#id, details)
  }
}

/**
 * A stand-in for a function of the lesson whose source travels without the lesson's marks: they mean nothing in the
 * executor's thread. `around` is put before the source.
 */
const withoutMarks = <A extends unknown[], T>(fn: (...args: A) => T, around: string): ((...args: A) => T) =>
  Object.assign((...args: A) => fn(...args), { toString: () => `(() => {${around} return (${fn.toString()})})()` })

/** The class of loops of one recorded thread. `unmarked` is code that makes the marks of a function do nothing. */
export const recordingLoop = (recorder: Recorder, marks: Marks, unmarked: string): typeof EventLoop => {
  let endpoints = 0
  let connections = 0
  const observe = (endpoint: number, direction: 'in' | 'out') => (protocol: Protocol) => {
    const id = ++connections
    marks.protocol(id, protocol.constructor.name)
    return new RecordedConnection(recorder, endpoint, id, direction)
  }
  return class extends EventLoop {
    constructor() {
      super()
      // As without a handler of its own, but into the lesson's console.
      this.setExceptionHandler((_loop, { message, exception }) =>
        marks.print('err', format('%s\n%s', message, exception)),
      )
    }

    override runInExecutor<A extends unknown[], T>(
      executor: Executor | null,
      fn: (...args: A) => T,
      ...args: A
    ): Future<Awaited<T>> {
      return super.runInExecutor(executor, withoutMarks(fn, unmarked), ...args)
    }

    override async createServer<P extends Protocol>(
      protocolFactory: ProtocolFactory<P>,
      options: ServerOptions<P>,
    ): Promise<Server> {
      const endpoint = ++endpoints
      const server = await super.createServer(protocolFactory, { ...options, observe: observe(endpoint, 'in') })
      recorder.event('listener-started', 'none', endpoint, 0, { local: server.sockets[0]! })
      return server
    }

    override async createConnection<P extends Protocol>(
      protocolFactory: ProtocolFactory<P>,
      options: ConnectionOptions<P>,
    ): Promise<[Transport, P]> {
      const endpoint = ++endpoints
      const remote: Address = { host: options.host, port: options.port }
      try {
        return await super.createConnection(protocolFactory, { ...options, observe: observe(endpoint, 'out') })
      } catch (thrown) {
        const error = thrown instanceof Error ? thrown : new Error(String(thrown))
        recorder.event('connection-failed', causeOfError(error), endpoint, 0, { error: failureOf(error), remote })
        throw thrown
      }
    }
  }
}
