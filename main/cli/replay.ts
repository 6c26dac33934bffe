// `wireloop replay`: sends one direction of a recorded connection to a live target. Counterparts: main/replay, which does it;
// docs/exports.md.
import { existsSync, statSync } from 'node:fs'
import { type Command, InvalidArgumentError, Option } from 'commander'
import type { ReplayReport } from '../../preload/contract/exports.ts'
import { maxReplaySpeed, maxReplayWaitMs } from '../../preload/contract/exports-checks.ts'
import { formatHex } from '../../preload/contract/notation.ts'
import type { Address, ConnectionId } from '../../preload/contract/vocabulary.ts'
import { whyNoCaptures } from '../archive/archive-host.ts'
import { createEngineHost } from '../engine-host.ts'
import { openFileSource } from '../export/file-source.ts'
import { startReplay } from '../replay/replay.ts'
import { formatFailure, printable } from './human-line.ts'
import { createInterruptions } from './interruption.ts'
import { peerAddress, positiveCount, withCommonOptions } from './options.ts'
import { done, failed, type Outcome, type Run } from './outcome.ts'
import { graceMs } from './session.ts'

interface ReplayOptions {
  readonly json?: true
  readonly quiet?: true
  readonly maxTime?: number
  readonly connection: ConnectionId
  readonly direction: 'received' | 'sent'
  readonly to: Address
  readonly speed: number
  readonly wait: number
}

const connectionNumber = (text: string): ConnectionId => positiveCount(text) as ConnectionId

const speed = (text: string): number => {
  const value = /^\d+\.?\d*$|^\.\d+$/.test(text) ? Number(text) : Number.NaN
  if (value === 0 || (value >= 0.001 && value <= maxReplaySpeed)) return value
  throw new InvalidArgumentError(
    'Use 0 for as fast as it goes, 1 for the time it took, 2 for half of it; at least 0.001.',
  )
}

const waitMs = (text: string): number => {
  const value = positiveCount(text)
  if (value > maxReplayWaitMs) throw new InvalidArgumentError(`Use at most ${maxReplayWaitMs} ms.`)
  return value
}

export const defineReplay = (program: Command, version: string, run: Run): void => {
  const command = withCommonOptions(program.command('replay'), version)
    .summary('send one direction of a recorded connection to a live target, and compare the answers')
    .description(
      'Connects to a target and writes to it what a recorded connection had received, or had sent, at the times that it had. ' +
        'Tells how much was sent, what came back, and where the answers first differ from the recorded ones. Exits with 1 ' +
        'where not all could be sent.',
    )
    .argument('<FILE>', 'a capture')
    .addOption(
      new Option('--connection <N>', 'the connection, as “wireloop info FILE” lists them')
        .argParser(connectionNumber)
        .makeOptionMandatory(),
    )
    .addOption(
      new Option('--direction <DIRECTION>', 'what is sent: what the connection had received, or what it had sent')
        .choices(['received', 'sent'])
        .makeOptionMandatory(),
    )
    .addOption(new Option('--to <HOST:PORT>', 'the target').argParser(peerAddress).makeOptionMandatory())
    .addOption(
      new Option('--speed <X>', 'how many times as fast as it was; 0: as fast as it goes').argParser(speed).default(1),
    )
    .addOption(
      new Option('--wait <MS>', 'after the last byte, wait for answers until none has come for so long')
        .argParser(waitMs)
        .default(1000),
    )
  command.action((file: string, options: ReplayOptions) => run(() => replayFile(file, options)))
}

const differenceWords = ({ difference, notCompared, answerBytes, recordedAnswerBytes }: ReplayReport): string => {
  if (difference !== null) {
    const { offset, recorded, came } = difference
    const show = (bytes: Uint8Array) => (bytes.length === 0 ? 'nothing more' : formatHex(bytes))
    return `the answers differ from byte ${offset} on: recorded ${show(recorded)}, came ${show(came)}`
  }
  if (notCompared !== null) return `the answers were not compared to their end: ${notCompared}`
  return answerBytes === 0 && recordedAnswerBytes === 0
    ? 'there were no answers, then and now'
    : 'the answers are the same'
}

const words = (report: ReplayReport): string =>
  `${report.sentBytes} of ${report.recordedBytes} bytes sent in ${(report.tookMs / 1000).toFixed(3)} s` +
  (report.missingBytes === 0 ? '' : ` (${report.missingBytes} more are not in the capture)`) +
  `; ${report.answerBytes} bytes came back, ${report.recordedAnswerBytes} are recorded; ${differenceWords(report)}`

const outcomeOf = ({ outcome, failure, cause, sentBytes, recordedBytes }: ReplayReport): Outcome => {
  if (outcome === 'done') return done
  if (outcome === 'cancelled') return failed('The replay was ended before its end')
  const why = failure === null ? cause : formatFailure(failure)
  return failed(
    outcome === 'failed'
      ? `The target was not reached: ${why}`
      : `The connection was over after ${sentBytes} of ${recordedBytes} bytes: ${why}`,
  )
}

const replayFile = async (path: string, options: ReplayOptions): Promise<Outcome> => {
  const unavailable = whyNoCaptures()
  if (unavailable !== null) return failed(unavailable)
  if (!existsSync(path)) return failed(printable(`There is no file ${path}`))
  if (statSync(path).isDirectory()) return failed(printable(`${path} is a folder; name a capture in it`))
  const opened = await openFileSource(path)
  if (!opened.ok) return failed(printable(opened.failure.message))
  const interruptions = createInterruptions(options.maxTime, () => process.exit(1))
  const engine = await createEngineHost()
  try {
    const replay = await startReplay(engine, opened.value, {
      connection: options.connection,
      direction: options.direction,
      host: options.to.host,
      port: options.to.port,
      speed: options.speed,
      waitMs: options.wait,
    })
    if (!replay.ok) return failed(formatFailure(replay.failure))
    void interruptions.first.then(() => replay.value.cancel())
    const report = await replay.value.done
    if (options.json) {
      const difference =
        report.difference === null
          ? null
          : {
              offset: report.difference.offset,
              recorded: Buffer.from(report.difference.recorded).toString('base64'),
              came: Buffer.from(report.difference.came).toString('base64'),
            }
      process.stdout.write(`${JSON.stringify({ kind: 'replayed', ...report, difference })}\n`)
    } else if (options.quiet !== true && report.outcome !== 'failed')
      process.stdout.write(`${printable(words(report))}\n`)
    return outcomeOf(report)
  } finally {
    await engine.stop(graceMs)
    opened.value.close()
    interruptions.dispose()
  }
}
