// `wireloop connect`: opens one connection, sends what it is told to, and waits for the end that was asked for. This is its
// words; counterparts: connect-options.ts (what they mean), connect-work.ts (does it).
import { type Command, InvalidArgumentError, Option } from 'commander'
import type { TextEncoding } from '../../preload/contract/encodings.ts'
import { type LineEnding, lineEndings } from '../../preload/contract/notation.ts'
import type { Pattern } from '../../preload/contract/patterns.ts'
import type { RunMessage } from '../../preload/contract/runs.ts'
import type { Address, ClientSpec, Reconnect } from '../../preload/contract/vocabulary.ts'
import {
  encodingName,
  expectedPattern,
  joined,
  messagesOf,
  openingOf,
  type Repeat,
  repeatText,
  sendFilePath,
  sequenceFile,
  type Until,
  untilText,
} from './connect-options.ts'
import { type Conversation, converse, expectSteps, makeWithSteps, timeUp } from './connect-work.ts'
import { checkedSpec, escapedText, peerAddress, withCommonOptions } from './options.ts'
import type { Run } from './outcome.ts'
import { withRecordingOptions } from './recording.ts'
import { type ReplyOptions, replyFields, withReplyOptions } from './reply-options.ts'
import type { ReadySequence } from './sequence-file.ts'
import { connectTimeoutMs, type EndpointOptions, runEndpoint } from './session.ts'
import { clientFields, withClientTls, withConnectivity, withReconnect } from './tls-options.ts'

interface ConnectOptions extends EndpointOptions, ReplyOptions {
  readonly send: readonly string[]
  readonly eol: LineEnding
  readonly encoding: TextEncoding
  readonly macros?: true
  readonly halfClose?: true
  readonly until: Until
  readonly expect: readonly Pattern[]
  readonly sendFile?: string
  readonly repeat?: Repeat
  readonly sequence?: ReadySequence
  readonly reconnect?: Reconnect
}

const withConversationOptions = (command: Command): Command =>
  command
    .addOption(
      new Option(
        '--expect <PATTERN>',
        'wait until the peer has sent this, a regular expression, text:TEXT or hex:BYTES; may be given again, to come ' +
          'in this order; then done, with exit code 0',
      )
        .argParser((text, before: readonly Pattern[]) => [...before, expectedPattern(text)])
        .default([], 'nothing'),
    )
    .addOption(
      new Option('--send-file <FILE>', 'send all of FILE after the --send, as fast as the peer reads').argParser(
        sendFilePath,
      ),
    )
    .addOption(
      new Option('--repeat <EVERYMS[xN]>', 'send the --send together again and again, EVERYMS apart, N times')
        .argParser(repeatText)
        .conflicts('sendFile'),
    )
    .addOption(
      new Option(
        '--encoding <NAME>',
        'what --send is written in: utf-8, latin1, utf-16le, utf-16be, euc-kr, gbk, shift_jis',
      )
        .argParser(encodingName)
        .default('utf-8'),
    )
    .addOption(
      new Option('--macros', 'fill {{counter}} {{now}} {{unix}} {{uuid}} {{random:N}} {{file:PATH}} in each --send'),
    )
    .addOption(
      new Option(
        '--sequence <FILE>',
        'do the steps of a sequence that was exported (FILE#NAME of several); exit code 1 at the first that fails',
      )
        .argParser(sequenceFile)
        .conflicts(['send', 'sendFile', 'repeat', 'expect', 'halfClose', 'until', 'macros']),
    )

export const defineConnect = (program: Command, version: string, run: Run): void => {
  const command = withRecordingOptions(withCommonOptions(program.command('connect'), version))
    .summary('open one connection, send, and show what comes back')
    .description('Opens one TCP connection, sends each --send in turn, and ends as --until says.')
    .argument('<HOST:PORT>', 'the server', peerAddress)
    .addOption(
      new Option('--send <TEXT>', 'bytes to send; may be given again; takes C escapes (\\r \\n \\t \\0 \\xNN \\\\)')
        .argParser((text, before: readonly string[]) => {
          escapedText(text)
          return [...before, text]
        })
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
  withConversationOptions(command)
  withReplyOptions(withReconnect(withConnectivity(withClientTls(command, 'tls'))))
  command.action((peer: Address, options: ConnectOptions) => connect(command, run, peer, options))
}

const messages = (command: Command, options: ConnectOptions): readonly RunMessage[] => {
  try {
    return messagesOf(options)
  } catch (error) {
    if (error instanceof InvalidArgumentError) return command.error(`error: --send: ${error.message}`)
    throw error
  }
}

const connect = (command: Command, run: Run, peer: Address, options: ConnectOptions): Promise<void> => {
  const { sequence, repeat, sendFile } = options
  const sends = messages(command, options)
  if (repeat !== undefined && sends.length === 0) command.error('error: --repeat needs a --send to repeat')
  const steps = sequence?.steps ?? expectSteps(options.expect)
  // A file and a repetition come after the connection is made, and FIN after them.
  const later = sendFile !== undefined || repeat !== undefined
  const conversation: Conversation = {
    peer,
    steps,
    name: sequence?.name ?? 'expect',
    repeat: repeat === undefined ? null : { ...repeat, message: joined(sends) },
    sendFile: sendFile ?? null,
    halfClose: later && options.halfClose === true,
    until: steps.length > 0 && command.getOptionValueSource('until') !== 'cli' ? null : options.until,
    maxTime: options.maxTime,
  }
  const spec = checkedSpec(command, {
    role: 'client',
    name: 'client',
    ...peer,
    // --max-time also bounds the connecting, so that a peer that never answers is told of as timed-out (ETIMEDOUT).
    connectTimeoutMs: Math.min(connectTimeoutMs, Math.ceil((options.maxTime ?? Number.POSITIVE_INFINITY) * 1000)),
    // Written as soon as the connection is made: a peer that answers and closes early must not come in between.
    opening: {
      messages: repeat === undefined ? openingOf(sends) : [],
      halfClose: options.halfClose === true && !later,
    },
    ...clientFields(command, options),
    ...replyFields(options),
  }) as ClientSpec
  return run(() =>
    runEndpoint(spec, options, {
      ...(steps.length === 0 ? {} : { make: makeWithSteps(spec, conversation) }),
      work: (session) => converse(session, conversation),
      timeUp: (session) => timeUp(session, conversation),
    }),
  )
}
