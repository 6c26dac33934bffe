// `wireloop info`: what a capture file holds, and whether it is whole. Counterparts: capture-facts.ts (reads it), open.ts
// (shows it in a browser).
import { lstatSync } from 'node:fs'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { Command } from 'commander'
import { formatAddress } from '../../preload/contract/checks.ts'
import type { ConnectionInfo, EndpointInfo } from '../../preload/contract/vocabulary.ts'
import { whyNoCaptures } from '../archive/archive-host.ts'
import { type CaptureFacts, type OpenedCapture, openCaptureFile } from './capture-facts.ts'
import { printable } from './human-line.ts'
import { withOutputOptions } from './options.ts'
import { done, failed, type Outcome, type Run } from './outcome.ts'

interface InfoOptions {
  readonly json?: true
}

/** Connections and problems that a person is shown; `--json` has them all. */
const shownConnections = 40
const shownProblems = 20

export const defineInfo = (program: Command, version: string, run: Run): void => {
  withOutputOptions(program.command('info'), version)
    .summary('tell what a capture file holds, and whether it is whole')
    .description(
      'Reads a capture file from first to last and compares it with what was written. Exits 0 where it is whole, 1 where ' +
        'it is damaged or cannot be read.',
    )
    .argument('<FILE>', 'a capture')
    .action((path: string, options: InfoOptions) => run(() => info(path, options)))
}

const seconds = (ms: number): string => `${(ms / 1000).toFixed(3)} s`
const bytes = (count: number): string => `${count} B`

/** How long something took, in the two units that say it. */
const span = (ms: number): string => {
  const whole = Math.round(ms / 1000)
  if (whole < 60) return seconds(ms)
  const minutes = Math.floor(whole / 60)
  if (minutes < 60) return `${minutes} min ${whole % 60} s`
  const hours = Math.floor(minutes / 60)
  return hours < 48 ? `${hours} h ${minutes % 60} min` : `${Math.floor(hours / 24)} days ${hours % 24} h`
}

const stateWords: Readonly<Record<CaptureFacts['state'], string>> = {
  recording: 'recording goes on',
  closed: 'closed in order',
  interrupted: 'cut off: whatever recorded it was ended before it could close the file; what was written is there',
  damaged: 'damaged',
}

const limitWords = ({ limits }: CaptureFacts): string => {
  if (limits === null) return 'not known'
  const { maxBytes, maxDays, snapBytes } = limits
  const parts = [
    maxBytes >= Number.MAX_SAFE_INTEGER ? null : `at most ${bytes(maxBytes)}`,
    maxDays === null ? null : `at most ${maxDays} days`,
    snapBytes === null ? null : `${bytes(snapBytes)} of each payload`,
  ].filter((part) => part !== null)
  return parts.length === 0 ? 'none' : parts.join(', ')
}

const endpointWords = ({ spec, connectionsTotal }: EndpointInfo): string => {
  const bound = formatAddress({ host: spec.host, port: spec.port })
  const way =
    spec.role === 'relay' ? `${bound} → ${formatAddress({ host: spec.upstreamHost, port: spec.upstreamPort })}` : bound
  const came = `${connectionsTotal} ${connectionsTotal === 1 ? 'connection' : 'connections'}`
  return `${spec.role.padEnd(8)}  ${spec.name}  ${way}  ${came}`
}

const connectionWords = (connection: ConnectionInfo): string => {
  const { id, direction, local, remote, traffic, startedAt, endedAt, cause, error } = connection
  const near = local === null ? '' : formatAddress(local)
  const far = remote === null ? '' : formatAddress(remote)
  const how = endedAt === null ? 'open at the end' : cause
  const code = endedAt === null || error === null ? '' : ` (${error.code})`
  const lasted = endedAt === null ? '' : ` after ${span(endedAt - startedAt)}`
  return (
    `#${String(id).padEnd(6)} ${seconds(startedAt).padStart(12)}  ${near} ${direction === 'out' ? '→' : '←'} ${far}  ` +
    `${bytes(traffic.bytesReceived)} received, ${bytes(traffic.bytesSent)} sent, ${how}${code}${lasted}`
  )
}

function* humanLines({ facts, endpoints, connections }: OpenedCapture): Generator<string> {
  const line = (label: string, value: string) => `${label.padEnd(12)} ${value}`
  const { check } = facts
  yield line('file', `${facts.folder}/${facts.name}`)
  yield line('state', stateWords[facts.state])
  yield line('started', new Date(facts.startedAtEpochMs).toISOString())
  yield line('ended', `${new Date(facts.startedAtEpochMs + facts.lastAt).toISOString()} (after ${span(facts.lastAt)})`)
  yield line('size', bytes(facts.sizeBytes))
  yield line('events', `${facts.events}, ${facts.droppedEvents} dropped`)
  yield line('payload', `${bytes(facts.payloadBytes)}, ${bytes(facts.missingBytes)} not kept`)
  yield line('loop', `${facts.loopRecords} records, ${facts.droppedLoopRecords} dropped`)
  yield line('limits', limitWords(facts))
  yield line(
    'checked',
    `${check.segments} segments, ${check.damagedSegments} damaged; ${check.events} events are whole`,
  )
  for (const problem of check.problems.slice(0, shownProblems)) yield line('', problem)
  if (check.problems.length > shownProblems)
    yield line('', `and ${check.problems.length - shownProblems} more; --json tells of all`)
  yield line('endpoints', String(facts.endpoints))
  for (const endpoint of endpoints) yield line('', endpointWords(endpoint))
  const endings = Object.entries(facts.endings).map(([how, count]) => `${count} ${how}`)
  yield line('connections', [String(facts.connections), ...endings].join(', '))
  let shown = 0
  for (const connection of connections()) {
    if (shown++ === shownConnections) break
    yield `  ${connectionWords(connection)}`
  }
  if (facts.connections > shownConnections)
    yield `  and ${facts.connections - shownConnections} more; --json tells of all`
}

function* jsonLines({ facts, endpoints, connections }: OpenedCapture): Generator<string> {
  const { limits, startedAtEpochMs, lastAt, ...rest } = facts
  yield JSON.stringify({
    kind: 'capture',
    ...rest,
    startedAt: new Date(startedAtEpochMs).toISOString(),
    startedAtEpochMs,
    lastAt,
    limits:
      limits === null
        ? null
        : { ...limits, maxBytes: limits.maxBytes >= Number.MAX_SAFE_INTEGER ? null : limits.maxBytes },
  })
  for (const { id, spec, state, local, connectionsTotal, traffic } of endpoints)
    yield JSON.stringify({
      kind: 'endpoint',
      endpoint: id,
      role: spec.role,
      name: spec.name,
      host: spec.host,
      port: spec.port,
      upstream: spec.role === 'relay' ? formatAddress({ host: spec.upstreamHost, port: spec.upstreamPort }) : undefined,
      state,
      local: local === null ? undefined : formatAddress(local),
      connections: connectionsTotal,
      bytesReceived: traffic.bytesReceived,
      bytesSent: traffic.bytesSent,
    })
  for (const {
    id,
    endpoint,
    direction,
    side,
    pair,
    local,
    remote,
    startedAt,
    madeAt,
    endedAt,
    cause,
    error,
    traffic,
  } of connections())
    yield JSON.stringify({
      kind: 'connection',
      connection: id,
      endpoint,
      direction,
      side: side ?? undefined,
      pair: pair ?? undefined,
      local: local === null ? undefined : formatAddress(local),
      remote: remote === null ? undefined : formatAddress(remote),
      startedAt,
      madeAt: madeAt ?? undefined,
      endedAt: endedAt ?? undefined,
      cause: endedAt === null ? undefined : cause,
      error: endedAt === null ? undefined : error?.code,
      bytesReceived: traffic.bytesReceived,
      bytesSent: traffic.bytesSent,
    })
}

const info = async (path: string, { json }: InfoOptions): Promise<Outcome> => {
  const unavailable = whyNoCaptures()
  if (unavailable !== null) return failed(unavailable)
  const there = lstatSync(path, { throwIfNoEntry: false })
  if (there === undefined) return failed(printable(`There is no file ${path}`))
  if (there.isDirectory()) return failed(printable(`${path} is a folder; name a capture in it`))
  const opened = await openCaptureFile(path)
  if (!opened.ok) return failed(printable(opened.failure.message))
  const text = function* () {
    // Whatever a file holds, names too, is somebody else's.
    for (const line of (json ? jsonLines : humanLines)(opened.value)) yield `${json ? line : printable(line)}\n`
  }
  try {
    await pipeline(Readable.from(text()), process.stdout, { end: false })
  } catch (error) {
    // A reader that has seen enough (`| head`).
    if ((error as NodeJS.ErrnoException).code !== 'EPIPE') throw error
  } finally {
    opened.value.close()
  }
  const { check, name } = opened.value.facts
  if (check.problems.length === 0) return done
  return failed(printable(`${name} is damaged: ${check.problems[0]}`))
}
