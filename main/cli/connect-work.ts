// What `wireloop connect` does once it is told everything: sends, waits, runs a sequence, and says how that went.
// Counterparts: connect.ts (the words), session.ts (engine and lines), main/engine/runs (sequences, --expect, --repeat).
import { open } from 'node:fs/promises'
import { formatAddress } from '../../preload/contract/checks.ts'
import { ok, type Result } from '../../preload/contract/failure.ts'
import type { Pattern } from '../../preload/contract/patterns.ts'
import type { RunInfo, RunMessage, RunSpec, RunStep } from '../../preload/contract/runs.ts'
import type { Address, Cause, ClientSpec, ConnectionInfo, EndpointInfo } from '../../preload/contract/vocabulary.ts'
import type { EngineHost } from '../engine-host.ts'
import type { Repeat, Until } from './connect-options.ts'
import { formatFailure, printable, printableEscapes } from './human-line.ts'
import { done, failed, type Outcome } from './outcome.ts'
import type { Seen, Session } from './session.ts'

export interface Conversation {
  readonly peer: Address
  /** Steps of a sequence, or those that `--expect` makes; empty for none. */
  readonly steps: readonly RunStep[]
  readonly name: string
  /** Sent again and again; null for nothing. */
  readonly repeat: (Repeat & { readonly message: RunMessage }) | null
  readonly sendFile: string | null
  /** After the file or the repetition; before them it is the opening's. */
  readonly halfClose: boolean
  /** Null: done as soon as the steps are. */
  readonly until: Until | null
  /** Seconds. */
  readonly maxTime: number | undefined
}

/** Steps that wait for one pattern after the other, as long as that takes: `--max-time` ends it. */
export const expectSteps = (patterns: readonly Pattern[]): readonly RunStep[] =>
  patterns.map((pattern) => ({ kind: 'expect', name: '', pattern, timeoutMs: 86_400_000 }))

/** Makes the client along with the run that sees its bytes from the first on. */
export const makeWithSteps =
  (client: ClientSpec, { name, steps }: Pick<Conversation, 'name' | 'steps'>) =>
  async (engine: EngineHost): Promise<Result<EndpointInfo>> => {
    const run: RunSpec = { kind: 'sequence', name, on: { newClient: client }, steps }
    const started = await engine.ask('startRun', { run })
    if (!started.ok) return started
    const snapshot = await engine.ask('snapshot', null)
    if (!snapshot.ok) return snapshot
    return ok(snapshot.value.endpoints.find(({ id }) => id === started.value.endpoint)!)
  }

const ended = (connection: ConnectionInfo | null): connection is ConnectionInfo =>
  connection?.state === 'lost' || connection?.state === 'failed'

/** A peer that closes in the middle of a TLS handshake leaves an error too. */
const orderly = ({ cause, error }: ConnectionInfo): boolean =>
  error === null && (cause === 'closed-by-peer' || cause === 'closed-here')
/** Not while its TLS handshake is under way, or it waits to try again. */
const isStarting = ({ endpoint }: Seen): boolean => endpoint.state === 'starting'
/** Ended otherwise than asked: one sentence with the cause and the errno name. */
const endedBadly = (connection: ConnectionInfo, before: string): Outcome =>
  failed(
    connection.error === null
      ? `The connection ended (${connection.cause}) before ${before}`
      : `The connection ended (${connection.cause}) before ${before}: ${formatFailure(connection.error)}`,
  )

/** What a person can do something about, in plain words; the errno name follows. */
const whyNot: Partial<Record<Cause, (peer: string, host: string) => string>> = {
  refused: (peer) => `${peer} refused the connection; nothing listens there`,
  'timed-out': (peer) => `${peer} did not answer in time`,
  'name-not-found': (_, host) => `No address was found for the name ${host}`,
  unreachable: (peer) => `${peer} cannot be reached from here`,
}

const notConnected = ({ connection, endpoint }: Seen, peer: Address): Outcome => {
  const error = connection?.error ?? endpoint.reason
  const cause = connection?.cause ?? 'error'
  const words = whyNot[cause]?.(formatAddress(peer), peer.host)
  return failed(formatFailure({ code: error?.code ?? cause, message: words ?? error?.message ?? 'Not connected' }))
}

const settled = (seen: Seen): boolean =>
  seen.connection === null
    ? seen.endpoint.state === 'failed'
    : seen.connection.state !== 'connecting' && !isStarting(seen)

/** Pieces of a file that are written at once. */
const filePieceBytes = 1024 * 1024

/** Sends a file piece by piece, each when the peer has taken enough of those before. */
const sendFile = async ({ engine, seen }: Session, path: string): Promise<Outcome> => {
  const connection = seen.connection!.id
  try {
    const file = await open(path)
    try {
      for (;;) {
        const piece = new Uint8Array(filePieceBytes)
        const { bytesRead } = await file.read(piece, 0, filePieceBytes)
        if (bytesRead === 0) return done
        const sent = await engine.ask('send', { connection, data: piece.slice(0, bytesRead) })
        if (!sent.ok) return failed(`${printable(path)} was not sent to its end: ${formatFailure(sent.failure)}`)
        await engine.ask('waitUntilWritable', { connection })
      }
    } finally {
      await file.close()
    }
  } catch (error) {
    return failed(printable(`${path} cannot be read: ${(error as Error).message}`))
  }
}

const over = (run: RunInfo | undefined): run is RunInfo => run !== undefined && run.state !== 'running'

const outcomeOf = ({ state, message }: RunInfo): Outcome =>
  state === 'passed' ? done : failed(printableEscapes(message))

/** The run that was started first, once it is over. */
const stepsEnded = async (session: Session): Promise<Outcome> => {
  const { runs } = await session.until((seen) => over(seen.runs[0]))
  return outcomeOf(runs[0]!)
}

const repeats = async (session: Session, { repeat }: Conversation): Promise<Outcome> => {
  const connection = session.seen.connection!.id
  const { message, everyMs, times } = repeat!
  const run: RunSpec = { kind: 'repeat', name: 'repeat', on: { connection }, message, everyMs, times }
  const started = await session.engine.ask('startRun', { run })
  if (!started.ok) return failed(formatFailure(started.failure))
  const { runs } = await session.until((seen) => over(seen.runs.find(({ id }) => id === started.value.id)))
  const repetition = runs.find(({ id }) => id === started.value.id)!
  const { sent, missed } = repetition.repeat!
  if (missed > 0) process.stderr.write(`wireloop: sent ${sent} times; ${missed} more were due and left out\n`)
  // Without a number of times, the end of the connection is the end of the job.
  return times === null ? done : outcomeOf(repetition)
}

export const converse = async (session: Session, conversation: Conversation): Promise<Outcome> => {
  const { peer, steps, until } = conversation
  const seen = await session.until(settled)
  if (seen.connection === null || seen.connection.state === 'failed') return notConnected(seen, peer)
  const connection = seen.connection.id
  const parts: (() => Promise<Outcome>)[] = []
  if (conversation.sendFile !== null) parts.push(() => sendFile(session, conversation.sendFile!))
  if (conversation.repeat !== null) parts.push(() => repeats(session, conversation))
  for (const part of parts) {
    const outcome = await part()
    if (outcome.code !== 0) return outcome
  }
  if (conversation.halfClose) {
    const closed = await session.engine.ask('halfClose', { connection })
    if (!closed.ok) return failed(formatFailure(closed.failure))
  }
  if (steps.length > 0) {
    const outcome = await stepsEnded(session)
    if (outcome.code !== 0) return outcome
  }
  return until === null ? done : waitFor(session, until)
}

const waitFor = async (session: Session, until: Until): Promise<Outcome> => {
  if (until.on === 'bytes') {
    const received = () => session.seen.connection?.traffic.bytesReceived ?? 0
    const { connection } = await session.until((seen) => received() >= until.count || ended(seen.connection))
    if (received() >= until.count || connection === null) return done
    return endedBadly(connection, `${until.count} bytes had come; there were ${received()}`)
  }
  if (until.on === 'idle') {
    const moved = () => {
      const traffic = session.seen.connection?.traffic
      return (traffic?.bytesReceived ?? 0) + (traffic?.bytesSent ?? 0)
    }
    for (;;) {
      const before = moved()
      const silence = AbortSignal.timeout(until.idleMs)
      await session.until((seen) => moved() !== before || ended(seen.connection), silence)
      // What is seen lags behind by some ten milliseconds; an answer of the engine brings it up to date.
      await session.engine.ask('snapshot', null)
      const { connection } = session.seen
      // A connection that was closed in order is silent for good: that is what was waited for.
      if (ended(connection)) return orderly(connection) ? done : endedBadly(connection, `${until.idleMs} ms of silence`)
      if (silence.aborted && moved() === before) return done
    }
  }
  const { connection } = await session.until((seen) => ended(seen.connection) && !isStarting(seen))
  return connection === null || orderly(connection) ? done : endedBadly(connection, 'it was closed in order')
}

/** The engine's own connect timeout ends with `--max-time`; a moment later it has said so, with cause and errno name. */
const connectAnswerMs = 1_000

const stepWords = (steps: readonly RunStep[], run: RunInfo): string => {
  const at = run.steps.findIndex(({ state }) => state === 'running' || state === 'waiting')
  const step = steps[Math.max(0, at)]!
  const what = step.kind === 'expect' ? `${step.pattern.match} “${step.pattern.text}” had come` : `it had ended`
  return printable(`step ${at + 1} of ${steps.length}: ${what}`)
}

export const timeUp = async (session: Session, { peer, maxTime, steps, until }: Conversation): Promise<Outcome> => {
  const seen = await session.until(settled, AbortSignal.timeout(connectAnswerMs))
  if (seen.connection?.state === 'failed') return notConnected(seen, peer)
  const run = seen.runs[0]
  if (steps.length > 0 && run?.state === 'running')
    return failed(`--max-time: ${maxTime} s have passed before ${stepWords(steps, run)}`)
  const goal = {
    closed: 'the connection was closed',
    bytes: `enough bytes had come; there were ${seen.connection?.traffic.bytesReceived ?? 0}`,
    idle: 'it fell silent',
    steps: 'it was done',
  }[until?.on ?? 'steps']
  return failed(`--max-time: ${maxTime} s have passed before ${goal}`)
}
