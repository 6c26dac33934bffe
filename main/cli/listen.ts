// `wireloop listen`: accepts connections and answers them as `--reply` says.
import { type Command, Option } from 'commander'
import { type Reply, replies } from '../../preload/contract/vocabulary.ts'
import { checkedSpec, escapedText, listenAddress, positiveCount, withCommonOptions } from './options.ts'
import { done, type Run } from './outcome.ts'
import { withRecordingOptions } from './recording.ts'
import { type ReplyOptions, replyFields, withReplyOptions } from './reply-options.ts'
import { type EndpointOptions, runEndpoint } from './session.ts'
import { listenerFields, withConnectivity, withServerTls } from './tls-options.ts'

interface ListenOptions extends EndpointOptions, ReplyOptions {
  readonly reply: Reply
  readonly greeting: Uint8Array
  readonly count?: number
}

export const defineListen = (program: Command, version: string, run: Run): void => {
  const command = withRecordingOptions(withCommonOptions(program.command('listen'), version))
    .summary('accept connections and answer them')
    .description('Accepts TCP connections and answers what arrives, until SIGINT, --count or --max-time.')
    .argument('<[HOST:]PORT>', 'where to listen; host 127.0.0.1 unless given, port 0 for any free one', listenAddress)
    .addOption(new Option('--reply <REPLY>', 'what to answer').choices(replies).default('echo'))
    .addOption(
      new Option('--greeting <TEXT>', 'sent first on every connection; takes C escapes (\\r \\n \\t \\0 \\xNN \\\\)')
        .argParser(escapedText)
        .default(new Uint8Array(0), 'none'),
    )
    .addOption(
      new Option('--count <N>', 'stop after N connections have come and gone, and exit 0').argParser(positiveCount),
    )
  withReplyOptions(withConnectivity(withServerTls(command, 'tls')))
  command.action((address: { host: string; port: number }, options: ListenOptions) => {
    const spec = checkedSpec(command, {
      role: 'listener',
      name: 'listener',
      ...address,
      reply: options.reply,
      greeting: options.greeting,
      ...listenerFields(command, options),
      ...replyFields(options),
    })
    return run(() =>
      runEndpoint(spec, options, {
        work: async (session) => {
          const { count } = options
          await session.until(
            ({ endpoint }) => count !== undefined && endpoint.connectionsTotal - endpoint.connectionsNow >= count,
          )
          return done
        },
        timeUp: async () => done,
      }),
    )
  })
}
