// One direction of a recorded connection, sent again to a live target by a client of the engine: at the times that it had, faster,
// slower, or as fast as the target reads. What comes back is compared with what came back then. Counterparts: answers.ts,
// engine/endpoints/paced-writes.ts (writes on time), cli/replay.ts and export-commands.ts (who asks).
import { kindCode, openBatch, rowBytesOf } from '../../preload/contract/event-columns.ts'
import type { PacedChunk, ReplayProgress, ReplayReport, ReplaySpec } from '../../preload/contract/exports.ts'
import { type Failure, fail, ok, type Result } from '../../preload/contract/failure.ts'
import type {
  Cause,
  ClientSpec,
  ConnectionId,
  ConnectionInfo,
  EndpointId,
  EndpointInfo,
} from '../../preload/contract/vocabulary.ts'
import type { EngineHost } from '../engine-host.ts'
import type { ExportSource } from '../export/source.ts'
import { chunksOf } from '../export/streams.ts'
import { compareAnswers } from './answers.ts'

/** Bytes and chunks that are handed to the engine at once; the next are read when they are written. */
const windowBytes = 256 * 1024
const windowChunks = 256
/** How long the target may take to accept. */
const connectTimeoutMs = 10_000
/** Once as many answers are there as are recorded, silence of so many ms is enough. */
const settledMs = 200
/** How long the connection may take to close at the end. */
const closeMs = 2000

export interface Replay {
  readonly endpoint: EndpointId
  progress(): ReplayProgress
  /** Resolves with every change, and at the end. */
  changed(): Promise<void>
  readonly done: Promise<ReplayReport>
  cancel(): void
}

const received = kindCode('data-received')

interface Recorded {
  readonly info: ConnectionInfo
  readonly bytes: number
  readonly missing: number
  readonly answers: number
}

/** What there is to send, and what was answered. */
const measure = async (source: ExportSource, spec: ReplaySpec): Promise<Result<Recorded>> => {
  const [info] = await source.connections(spec.connection, 1)
  if (info?.id !== spec.connection) return fail('not-found', `The capture has no connection ${spec.connection}`)
  let bytes = 0
  let missing = 0
  let answers = 0
  for await (const chunk of chunksOf(source, (id) => id === spec.connection, 'both')) {
    if ((chunk.from === 'remote') !== (spec.direction === 'received')) answers += chunk.length
    else {
      bytes += chunk.data.length
      missing += chunk.length - chunk.data.length
    }
  }
  if (bytes === 0)
    return fail('nothing', `Of connection ${spec.connection} the capture has no bytes that were ${spec.direction}`)
  return ok({ info, bytes, missing, answers })
}

const hasStopped = ({ state, connectionsNow }: EndpointInfo): boolean =>
  connectionsNow === 0 && (state === 'stopped' || state === 'failed')

/** Whether the recorded side ended its stream: then so do we, when everything is sent. */
const hadEnd = ({ cause }: ConnectionInfo, { direction }: ReplaySpec): boolean =>
  cause === (direction === 'received' ? 'closed-by-peer' : 'closed-here')

/** Starts the client. Failures: there is no such connection, nothing of it to send, or no engine. */
export const startReplay = async (
  engine: EngineHost,
  source: ExportSource,
  spec: ReplaySpec,
): Promise<Result<Replay>> => {
  const measured = await measure(source, spec)
  if (!measured.ok) return measured
  const recorded = measured.value
  const isOurs = (id: number) => id === spec.connection
  const startedAt = performance.now()

  /** Connections of before. */
  const past = new Set<ConnectionId>()
  let connection: ConnectionInfo | null = null
  let endpoint: EndpointId | null = null
  let sentBytes = 0
  let report: ReplayReport | null = null
  let cancelled = false
  let lastAnswerAt = performance.now()
  const answers = compareAnswers(chunksOf(source, isOurs, spec.direction === 'received' ? 'sent' : 'received'))

  const waiters = new Set<() => void>()
  const tell = () => {
    for (const wake of [...waiters]) wake()
    waiters.clear()
  }
  const changed = () =>
    new Promise<void>((resolve) => {
      if (report === null) waiters.add(resolve)
      else resolve()
    })
  /** The next change, or the end of a wait. */
  const changedWithin = async (ms: number) => {
    let timer: NodeJS.Timeout | undefined
    await Promise.race([
      changed(),
      new Promise<void>((resolve) => {
        timer = setTimeout(resolve, ms)
      }),
    ])
    clearTimeout(timer)
  }

  const stopListening = [
    engine.onState((change) => {
      for (const info of change.connections)
        if (info.endpoint === endpoint && !past.has(info.id) && (connection === null || info.id === connection.id))
          connection = info
      tell()
    }),
    engine.onBatch((buffer) => {
      const batch = openBatch(buffer)
      for (let i = 0; i < batch.count; i++)
        if (
          batch.kind[i] === received &&
          batch.endpoint[i] === endpoint &&
          !past.has(batch.connection[i] as ConnectionId)
        ) {
          answers.came(rowBytesOf(batch, i), batch.length[i]!)
          lastAnswerAt = performance.now()
        }
      return 'done'
    }),
    engine.onRunning(tell),
  ]
  const hasEnded = () => !engine.running || connection?.state === 'lost' || connection?.state === 'failed'
  const isOver = () => cancelled || hasEnded()

  const name = `replay of #${spec.connection}`
  const client: ClientSpec = { role: 'client', name, host: spec.host, port: spec.port, connectTimeoutMs }
  // Again and again is one client, not many: the one of the last time, where it has ended.
  const before = await engine.ask('snapshot', null)
  const known = before.ok
    ? before.value.endpoints.find((info) => info.spec.name === name && info.spec.role === 'client' && hasStopped(info))
    : undefined
  for (const info of before.ok ? before.value.connections : []) past.add(info.id)
  endpoint = known?.id ?? null
  const made = await (known === undefined
    ? engine.ask('createEndpoint', { spec: client })
    : engine.ask('startEndpoint', { endpoint: known.id, spec: client }))
  if (!made.ok) {
    for (const stop of stopListening) stop()
    await answers.end()
    return made
  }
  endpoint = made.value.id
  // What was told before its number was known.
  const snapshot = await engine.ask('snapshot', null)
  if (snapshot.ok)
    connection ??= snapshot.value.connections.find((info) => info.endpoint === endpoint && !past.has(info.id)) ?? null

  /** Hands a window to the engine. False where the connection takes no more. */
  const write = async (id: ConnectionId, chunks: readonly PacedChunk[], state: { origin: number | null }) => {
    const bytes = chunks.reduce((sum, { data }) => sum + data.length, 0)
    const written = await engine.ask('writePaced', { connection: id, origin: state.origin, chunks })
    if (!written.ok) return false
    state.origin = written.value.origin
    sentBytes += written.value.sentBytes
    tell()
    return written.value.sentBytes === bytes
  }

  const sendAll = async (id: ConnectionId): Promise<boolean> => {
    const state = { origin: null as number | null }
    const beganAt = recorded.info.madeAt ?? recorded.info.startedAt
    let window: PacedChunk[] = []
    let bytes = 0
    for await (const chunk of chunksOf(source, isOurs, spec.direction)) {
      if (isOver()) return false
      if (chunk.data.length === 0) continue
      const atMs = spec.speed === 0 ? 0 : Math.max(0, chunk.at - beganAt) / spec.speed
      // Its memory is the batch's; a chunk may be larger than what is handed over at once.
      for (let at = 0; at < chunk.data.length; at += windowBytes) {
        const data = chunk.data.slice(at, at + windowBytes)
        window.push({ atMs, data })
        bytes += data.length
        if (bytes < windowBytes && window.length < windowChunks) continue
        if (!(await write(id, window, state))) return false
        window = []
        bytes = 0
      }
    }
    return window.length === 0 || write(id, window, state)
  }

  const awaitAnswers = async () => {
    lastAnswerAt = performance.now()
    while (!isOver()) {
      const patience = answers.bytes >= recorded.answers ? Math.min(settledMs, spec.waitMs) : spec.waitMs
      const left = lastAnswerAt + patience - performance.now()
      if (left <= 0) return
      await changedWithin(left)
    }
  }

  const run = async (): Promise<ReplayReport> => {
    while (!isOver() && connection?.state !== 'open' && connection?.madeAt == null)
      await changedWithin(connectTimeoutMs)
    let outcome: ReplayReport['outcome'] = 'failed'
    let failure: Failure | null = null
    const id = connection?.id
    if (id !== undefined && connection?.state !== 'failed' && !isOver()) {
      const all = await sendAll(id)
      if (all && hadEnd(recorded.info, spec)) await engine.ask('halfClose', { connection: id })
      if (all) await awaitAnswers()
      outcome = all ? 'done' : 'ended'
    }
    // Everything that has happened up to here is told of by now.
    await engine.ask('snapshot', null)
    const cause: Cause = connection?.cause ?? 'none'
    if (connection?.state === 'failed' || outcome === 'failed') failure = connection?.error ?? null
    else if (outcome === 'ended') failure = connection?.error ?? null
    if (cancelled) outcome = 'cancelled'
    if (id !== undefined && !hasEnded()) {
      await engine.ask('close', { connection: id })
      const until = performance.now() + closeMs
      while (!hasEnded() && performance.now() < until) await changedWithin(until - performance.now())
    }
    for (const stop of stopListening) stop()
    const { difference, notCompared } = await answers.end()
    return {
      outcome,
      failure,
      cause,
      recordedBytes: recorded.bytes,
      sentBytes,
      missingBytes: recorded.missing,
      recordedAnswerBytes: recorded.answers,
      answerBytes: answers.bytes,
      difference,
      notCompared,
      tookMs: performance.now() - startedAt,
    }
  }

  const done = run().then((ended) => {
    report = ended
    tell()
    return ended
  })
  return ok({
    endpoint,
    progress: () => ({ endpoint: endpoint!, sentBytes, answerBytes: answers.bytes, report }),
    changed,
    done,
    cancel() {
      cancelled = true
      if (connection !== null) void engine.ask('reset', { connection: connection.id })
      tell()
    },
  })
}
