// Work that the engine does by itself on one connection, over time: a message repeated, or a sequence of steps. Counterparts:
// main/engine/runs (does it), runs-message.ts (makes messages ready for it), runs-checks.ts, renderer/library.
import type { Pattern } from './patterns.ts'
import type { TemplatePart } from './templates.ts'
import type { ClientSpec, ConnectionId, EndpointId } from './vocabulary.ts'

declare const brand: unique symbol
/** 1 and up, never reused while the engine runs. */
export type RunId = number & { readonly [brand]: 'RunId' }

/** Runs that may be under way at a time, and ended ones that are remembered. */
export const maxActiveRuns = 64
export const keptEndedRuns = 50
/** The most steps of a sequence. */
export const maxRunSteps = 1000
/** Received bytes that a sequence keeps and no step has waited for yet; beyond them it fails. */
export const maxUnreadBytes = 1024 * 1024
/** The most `waitUntilWritable` that wait for one connection. */
export const maxWritableWaiters = 1000

/** Bytes that are made anew each time they are sent. Files and literal text are bytes already. */
export interface RunMessage {
  readonly parts: readonly Exclude<TemplatePart, { kind: 'file' | 'group' | 'name' }>[]
  /** How the text of macros is written: a byte a character, or two (UTF-16). */
  readonly macros: 'ascii' | 'utf-16le' | 'utf-16be'
}

export type RunStep =
  | { readonly kind: 'send'; readonly name: string; readonly message: RunMessage }
  /** See `SequenceStep` in workspace.ts. */
  | { readonly kind: 'expect'; readonly name: string; readonly pattern: Pattern; readonly timeoutMs: number }
  | { readonly kind: 'delay'; readonly name: string; readonly delayMs: number }
  | { readonly kind: 'assert'; readonly name: string; readonly pattern: Pattern; readonly matches: boolean }
  | { readonly kind: 'close'; readonly name: string; readonly how: 'close' | 'half-close' | 'reset' }

/**
 * Where it runs: on an open connection, on a client's (which is connected first where it is not), or on that of a new client,
 * of which it then sees every byte from the first.
 */
export type RunTarget =
  | { readonly connection: ConnectionId }
  | { readonly client: EndpointId }
  | { readonly newClient: ClientSpec }

export type RunSpec =
  | { readonly kind: 'sequence'; readonly name: string; readonly on: RunTarget; readonly steps: readonly RunStep[] }
  | {
      readonly kind: 'repeat'
      readonly name: string
      readonly on: RunTarget
      readonly message: RunMessage
      readonly everyMs: number
      /** Null: until it is stopped. */
      readonly times: number | null
    }

/** `stopped`: by the person, or, of a repetition, by the end of its connection. */
export type RunState = 'running' | 'passed' | 'failed' | 'stopped'

export interface StepResult {
  readonly name: string
  readonly kind: RunStep['kind']
  readonly state: 'waiting' | 'running' | 'passed' | 'failed' | 'skipped'
  /** Why it failed, or what it found; empty before it has ended. */
  readonly message: string
  readonly tookMs: number
}

export interface RunInfo {
  readonly id: RunId
  readonly kind: RunSpec['kind']
  readonly name: string
  readonly endpoint: EndpointId
  /** Null as long as its client has none. */
  readonly connection: ConnectionId | null
  readonly state: RunState
  /** Why it failed or was stopped; empty where it has not or went to its end. */
  readonly message: string
  /** ms since the engine started. */
  readonly startedAt: number
  readonly endedAt: number | null
  /** Of a sequence, one a step; empty for a repetition. */
  readonly steps: readonly StepResult[]
  /** Of a repetition; null for a sequence. */
  readonly repeat: {
    readonly everyMs: number
    readonly times: number | null
    readonly sent: number
    /** Times when it was due and not sent, because the loop was busy or the peer did not read; never caught up with. */
    readonly missed: number
  } | null
}

export interface RunCommands {
  /** Starts it. Failure `wrong-state` where its connection cannot be written to, or too many run already. */
  startRun: { args: { run: RunSpec }; value: RunInfo }
  stopRun: { args: { run: RunId }; value: RunInfo }
  /** Resolves when the peer has taken enough that writing may go on, or the connection is over. Value: what is buffered, in bytes. */
  waitUntilWritable: { args: { connection: ConnectionId }; value: number }
}
export const runCommandNames = [
  'startRun',
  'stopRun',
  'waitUntilWritable',
] as const satisfies readonly (keyof RunCommands)[]
