// What every command takes, and how its words become values: each wrong one is answered by a sentence that says what
// would be right, and exit code 2. Counterpart: the command files, one a command.
import { type Command, InvalidArgumentError, Option } from 'commander'
import { checkSpec, parseHost, parseHostPort, parsePort } from '../../preload/contract/checks.ts'
import type { Result } from '../../preload/contract/failure.ts'
import { parseEscapes } from '../../preload/contract/notation.ts'
import type { EndpointSpec } from '../../preload/contract/vocabulary.ts'

export interface CommonOptions {
  readonly json?: true
  readonly quiet?: true
  /** Tells of callbacks that held the event loop. */
  readonly debug?: true
  /** Seconds; more than 0. */
  readonly maxTime?: number
}

const checked = <T>(result: Result<T>): T => {
  if (!result.ok) throw new InvalidArgumentError(result.failure.message)
  return result.value
}

/** `[HOST:]PORT` to listen on; 127.0.0.1 where no host is named, port 0 for any. */
export const listenAddress = (text: string) => checked(parseHostPort(text, 0, '127.0.0.1'))
/** `[HOST:]PORT` of a peer; 127.0.0.1 where no host is named. */
export const peerAddress = (text: string) => checked(parseHostPort(text, 1, '127.0.0.1'))
export const listenPort = (text: string) => checked(parsePort(text, 0))
export const listenHost = (text: string) => checked(parseHost(text))

/** TEXT with C escapes. */
export const escapedText = (text: string): Uint8Array => {
  const notation = parseEscapes(text)
  if (!notation.ok) throw new InvalidArgumentError(`${notation.message} (at character ${notation.at + 1})`)
  return notation.bytes
}

/** A whole number of 1 or more, in digits. */
export const positiveCount = (text: string): number => {
  const value = /^\d+$/.test(text) ? Number(text) : 0
  if (value < 1 || !Number.isSafeInteger(value)) throw new InvalidArgumentError(`Use a whole number of 1 or more.`)
  return value
}

/** A whole number of bytes, 0 and up to 4 GiB less one. */
export const wholeBytes = (text: string): number => {
  const value = /^\d+$/.test(text) ? Number(text) : Number.NaN
  if (!(value <= 0xffff_ffff)) throw new InvalidArgumentError('Use a whole number of bytes, such as 256.')
  return value
}

/** Node's timers reach no further; about 24 days. */
const longestMs = 2_147_483_647
const longestSeconds = Math.floor(longestMs / 1000)

/** A whole number of milliseconds that a timer can wait. */
export const milliseconds = (text: string): number => {
  const value = positiveCount(text)
  if (value > longestMs) throw new InvalidArgumentError(`Use at most ${longestMs} ms, which is about 24 days.`)
  return value
}

const seconds = (text: string): number => {
  const value = /^(?:\d+\.?\d*|\.\d+)$/.test(text) ? Number(text) : 0
  if (!(value > 0 && value <= longestSeconds))
    throw new InvalidArgumentError(`Use a number of seconds above 0 and up to ${longestSeconds}, such as 2.5.`)
  return value
}

/** Gives a command that tells what there is, and ends, the options that it has. */
export const withOutputOptions = (command: Command, version: string): Command =>
  command
    .addOption(new Option('--json', 'print one JSON object per line, and nothing else, on standard output'))
    .version(version, '--version', 'print the version')
    .helpOption('--help', 'print this help')

/** Gives a command the options that all have that run for a while. */
export const withCommonOptions = (command: Command, version: string): Command =>
  withOutputOptions(command, version)
    .addOption(new Option('--quiet', 'print only where it listens, and failures'))
    .addOption(
      new Option('--max-time <SECONDS>', 'end in order, as on SIGINT, after this many seconds').argParser(seconds),
    )
    .addOption(
      new Option('--debug', "as asyncio's debug mode: say on standard error when a callback held the loop for 0.1 s"),
    )

/** A wrong use that only shows once the words are put together; answered like the parser's own. */
export const checkedSpec = (command: Command, spec: EndpointSpec): EndpointSpec => {
  const result = checkSpec(spec)
  return result.ok ? result.value : command.error(`error: ${result.failure.message}`)
}
