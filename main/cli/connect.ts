// `wireloop connect`: opens one connection, sends what it is told to, and waits for the end that was asked for.
import { type Command, InvalidArgumentError, Option } from 'commander'
import { formatAddress } from '../../preload/contract/checks.ts'
import { concatBytes, type LineEnding, lineEndingBytes, lineEndings } from '../../preload/contract/notation.ts'
import type { Address, Cause, ConnectionInfo } from '../../preload/contract/vocabulary.ts'
import { formatFailure } from './human-line.ts'
import { checkedSpec, escapedText, milliseconds, peerAddress, positiveCount, withCommonOptions } from './options.ts'
import { done, failed, type Outcome, type Run } from './outcome.ts'
import { withRecordingOptions } from './recording.ts'
import { connectTimeoutMs, type EndpointOptions, runEndpoint, type Seen, type Session } from './session.ts'

/** When the job is done: the peer has closed, so many bytes have come, or nothing has moved for so long. */
export type Until =
  | { readonly on: 'closed' }
  | { readonly on: 'bytes'; readonly count: number }
  | { readonly on: 'idle'; readonly idleMs: number }

interface ConnectOptions extends EndpointOptions {
  readonly send: readonly Uint8Array[]
  readonly eol: LineEnding
  readonly halfClose?: true
  readonly until: Until
}

const untilText = (text: string): Until => {
  if (text === 'closed') return { on: 'closed' }
  const [, word, number] = /^(bytes|idle)=(.*)$/s.exec(text) ?? []
  if (word === undefined || number === undefined)
    throw new InvalidArgumentError('Use closed, bytes=N or idle=MS, such as idle=500.')
  return word === 'bytes' ? { on: 'bytes', count: positiveCount(number) } : { on: 'idle', idleMs: milliseconds(number) }
}

export const defineConnect = (program: Command, version: string, run: Run): void => {
  const command = withRecordingOptions(withCommonOptions(program.command('connect'), version))
    .summary('open one connection, send, and show what comes back')
    .description('Opens one TCP connection, sends each --send in turn, and ends as --until says.')
    .argument('<HOST:PORT>', 'the server', peerAddress)
    .addOption(
      new Option('--send <TEXT>', 'bytes to send; may be given again; takes C escapes (\\r \\n \\t \\0 \\xNN \\\\)')
        .argParser((text, before: readonly Uint8Array[]) => [...before, escapedText(text)])
        .default([], 'nothing'),
    )
    .addOption(new Option('--eol <EOL>', 'line ending added to each --send').choices(lineEndings).default('none'))
    .addOption(new Option('--half-close', 'send FIN after the last --send and go on receiving'))
    .addOption(
      new Option(
        '--until <END>',
        'closed: the peer has closed; bytes=N: N bytes have come; idle=MS: nothing was sent or received for MS ms',
      )
        .argParser(untilText)
        .default({ on: 'closed' }, 'closed'),
    )
  command.action((peer: Address, options: ConnectOptions) => {
    const spec = checkedSpec(command, {
      role: 'client',
      name: 'client',
      ...peer,
      // --max-time also bounds the connecting, so that a peer that never answers is told of as timed-out (ETIMEDOUT).
      connectTimeoutMs: Math.min(connectTimeoutMs, Math.ceil((options.maxTime ?? Number.POSITIVE_INFINITY) * 1000)),
      // Written as soon as the connection is made: a peer that answers and closes early must not come in between.
      opening: {
        messages: options.send.map((bytes) => concatBytes([bytes, lineEndingBytes[options.eol]])),
        halfClose: options.halfClose === true,
      },
    })
    return run(() =>
      runEndpoint(spec, options, {
        work: (session) => converse(session, peer, options),
        timeUp: (session) => timeUp(session, peer, options),
      }),
    )
  })
}

const ended = (connection: ConnectionInfo | null): connection is ConnectionInfo =>
  connection?.state === 'lost' || connection?.state === 'failed'

const orderly = ({ cause }: ConnectionInfo): boolean => cause === 'closed-by-peer' || cause === 'closed-here'
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

const settled = ({ connection, endpoint }: Seen): boolean =>
  connection === null ? endpoint.state === 'failed' : connection.state !== 'connecting'

const converse = async (session: Session, peer: Address, { until }: ConnectOptions): Promise<Outcome> => {
  const seen = await session.until(settled)
  if (seen.connection === null || seen.connection.state === 'failed') return notConnected(seen, peer)
  return waitFor(session, until)
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
  const { connection } = await session.until((seen) => ended(seen.connection))
  return connection === null || orderly(connection) ? done : endedBadly(connection, 'it was closed in order')
}

/** The engine's own connect timeout ends with `--max-time`; a moment later it has said so, with cause and errno name. */
const connectAnswerMs = 1_000

const timeUp = async (session: Session, peer: Address, { maxTime, until }: ConnectOptions): Promise<Outcome> => {
  const seen = await session.until(settled, AbortSignal.timeout(connectAnswerMs))
  if (seen.connection?.state === 'failed') return notConnected(seen, peer)
  const goal = {
    closed: 'the connection was closed',
    bytes: `enough bytes had come; there were ${seen.connection?.traffic.bytesReceived ?? 0}`,
    idle: 'it fell silent',
  }[until.on]
  return failed(`--max-time: ${maxTime} s have passed before ${goal}`)
}
