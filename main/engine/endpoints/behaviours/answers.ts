// How one listener or client answers: its plan, its script, and the connections that work by them. Counterparts:
// answering-protocol.ts (a connection), answer-plan.ts (what the spec says), ../../scripts/script-runner.ts (the script).
import { ok, type Result } from '../../../../preload/contract/failure.ts'
import type { Frame } from '../../../../preload/contract/framing.ts'
import type {
  ClientSpec,
  ConnectionId,
  EventDetails,
  ListenerSpec,
  Opening,
} from '../../../../preload/contract/vocabulary.ts'
import { failureOf } from '../../loop/errors.ts'
import { type ScriptCommand, ScriptRunner } from '../../scripts/script-runner.ts'
import type { Connection } from '../connection.ts'
import type { Endpoint } from '../endpoint.ts'
import { type AnswerPlan, compilePlan } from './answer-plan.ts'
import { AnsweringProtocol, holds } from './answering-protocol.ts'

/** The most bytes that a script's connection keeps for a peer that does not read: 16 MiB. Then it is reset. */
export const maxUnreadBytes = 16 * 1024 * 1024

export class Answers {
  readonly #endpoint: Endpoint
  readonly #protocols = new Map<ConnectionId, AnsweringProtocol>()
  #plan: AnswerPlan = { reply: 'discard', framing: { kind: 'raw' }, rules: [], script: null }
  /** Of the last spec that was looked at. */
  #compiled: { readonly spec: ListenerSpec | ClientSpec; readonly plan: AnswerPlan } | null = null
  #script: ScriptRunner | null = null
  #scriptFailed: EventDetails['script-failed'] | null = null
  /** The endpoint has stopped, and its last connections are still being told of. */
  #stopping = false
  #replies = 0

  constructor(endpoint: Endpoint) {
    this.#endpoint = endpoint
  }

  get plan(): AnswerPlan {
    return this.#plan
  }

  /** Why the script answers nothing any more, where it does not. */
  get scriptFailed(): EventDetails['script-failed'] | null {
    return this.#scriptFailed
  }

  /** Whether this spec can be answered by; nothing changes. */
  check(spec: ListenerSpec | ClientSpec): Result<null> {
    if (this.#compiled?.spec === spec) return ok(null)
    const plan = compilePlan(spec)
    if (!plan.ok) return plan
    this.#compiled = { spec, plan: plan.value }
    return ok(null)
  }

  /** Answers by this spec from the next message on; where it cannot, all stays as it was. */
  apply(spec: ListenerSpec | ClientSpec): Result<null> {
    const checked = this.check(spec)
    if (!checked.ok) return checked
    const before = this.#plan
    this.#plan = this.#compiled!.plan
    if (this.#plan.script?.source !== before.script?.source || this.#scriptFailed !== null) this.#dropScript()
    const { state } = this.#endpoint
    if (state === 'live' || state === 'starting' || this.#protocols.size > 0) this.#startScript()
    for (const protocol of this.#protocols.values()) protocol.apply(this.#plan)
    return ok(null)
  }

  /** The endpoint starts with this spec, which was checked. */
  start(spec: ListenerSpec | ClientSpec): void {
    this.#stopping = false
    this.apply(spec)
    this.#startScript()
  }

  /** The endpoint has stopped: the script is told what it has not been told yet, and ends. */
  stop(): void {
    this.#stopping = true
    if (this.#protocols.size > 0) return
    this.#script?.finish()
    this.#script = null
  }

  #dropScript(): void {
    this.#script?.dispose()
    this.#script = null
    this.#scriptFailed = null
    for (const protocol of this.#protocols.values()) protocol.hold(holds.scriptIsBehind, false)
  }

  /** Starts the script, where there is one and none runs. */
  #startScript(): void {
    const { script } = this.#plan
    if (script === null || this.#script !== null) return
    if (!script.prepared.ok) {
      // Told once, until another text is applied.
      if (this.#scriptFailed !== null) return
      const { message, line, column } = script.prepared.error
      this.#failed(0, { error: { code: 'script-not-parsed', message }, line, column })
      return
    }
    this.#scriptFailed = null
    const { source, prepared } = script
    const runner = new ScriptRunner(
      this.#endpoint.engine,
      { source, prepared },
      {
        did: (commands) => {
          for (const command of commands) this.#do(command)
        },
        caughtUp: () => {
          if (this.#script !== runner) return
          for (const protocol of this.#protocols.values()) protocol.hold(holds.scriptIsBehind, false)
        },
        failed: (connection, details) => {
          this.#failed(connection, details)
          // One that is finishing has no connections any more; those of the next start are not its own.
          if (this.#script !== runner) return
          for (const protocol of [...this.#protocols.values()]) protocol.scriptGone()
        },
      },
    )
    this.#script = runner
    for (const protocol of this.#protocols.values()) runner.made(protocol.connection)
  }

  #failed(connection: number, details: EventDetails['script-failed']): void {
    this.#record('script-failed', connection, details)
    this.#scriptFailed = details
    this.#endpoint.changed()
  }

  protocol(connection: Connection, opening?: Opening): AnsweringProtocol {
    return new AnsweringProtocol(connection, this, opening)
  }

  made(protocol: AnsweringProtocol): void {
    this.#protocols.set(protocol.connection.id, protocol)
    this.#script?.made(protocol.connection)
  }

  lost({ connection }: AnsweringProtocol, reason: Error | null): void {
    this.#protocols.delete(connection.id)
    this.#script?.lost(connection.id, reason === null ? null : failureOf(reason))
    if (this.#stopping) this.stop()
  }

  paused({ connection }: AnsweringProtocol, on: boolean): void {
    this.#script?.paused(connection.id, on)
  }

  message(protocol: AnsweringProtocol, frame: Frame): void {
    const script = this.#script
    if (script === null) return
    script.message(protocol.connection.id, frame)
    if (script.isBehind) protocol.hold(holds.scriptIsBehind, true)
  }

  /** True where the script decides when the connection is closed. */
  ended({ connection }: AnsweringProtocol): boolean {
    return this.#script?.ended(connection.id) ?? false
  }

  counted(): number {
    return ++this.#replies
  }

  #do(command: ScriptCommand): void {
    if (command.what === 'log') {
      this.#record('script-logged', command.connection, { text: command.text })
      return
    }
    const protocol = this.#protocols.get(command.connection as ConnectionId)
    if (protocol === undefined) return
    const { connection } = protocol
    switch (command.what) {
      case 'write': {
        protocol.send(command.data, 'nothing')
        const { transport } = connection
        if (transport === null || transport.getWriteBufferSize() <= maxUnreadBytes) return
        const error = new Error(
          `The script has written more than ${maxUnreadBytes} bytes that the peer has not read; it can wait for resumeWriting()`,
        )
        connection.explain(Object.assign(error, { code: 'peer-does-not-read' }))
        transport.abort()
        return
      }
      case 'eof':
        protocol.halfClose()
        return
      case 'close':
        connection.transport?.close()
        return
      case 'abort':
        connection.transport?.abort()
        return
    }
  }

  #record<K extends 'script-logged' | 'script-failed'>(kind: K, connection: number, details: EventDetails[K]): void {
    const { engine, id } = this.#endpoint
    // Nothing is told of a connection behind its end.
    const open = this.#protocols.has(connection as ConnectionId)
    engine.recorder.event(kind, 'none', id, open ? connection : 0, details)
  }
}
