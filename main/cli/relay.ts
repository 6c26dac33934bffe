// `wireloop relay`: listens, and connects upstream for each connection it accepts.
import type { Command } from 'commander'
import { type FaultOptions, labFields, withFaults } from './fault-options.ts'
import { type FramingOptions, framingFields, withFraming } from './framing-option.ts'
import { checkedSpec, listenAddress, peerAddress, withCommonOptions } from './options.ts'
import { done, type Run } from './outcome.ts'
import { withRecordingOptions } from './recording.ts'
import { connectTimeoutMs, type EndpointOptions, runEndpoint } from './session.ts'
import { relayFields, withClientTls, withConnectivity, withServerTls } from './tls-options.ts'

interface HostPort {
  readonly host: string
  readonly port: number
}

export const defineRelay = (program: Command, version: string, run: Run): void => {
  const command = withRecordingOptions(withCommonOptions(program.command('relay'), version))
    .summary('carry bytes between clients and a server, and show them')
    .description(
      'Accepts TCP connections, opens one to the upstream server for each, and carries bytes, half-closes and resets both ways.',
    )
    .argument('<[HOST:]PORT>', 'where to listen; host 127.0.0.1 unless given, port 0 for any free one', listenAddress)
    .argument('<HOST:PORT>', 'the upstream server', peerAddress)
  withFraming(withFaults(withConnectivity(withClientTls(withServerTls(command, 'listen-tls'), 'upstream-tls'))))
  command.action((address: HostPort, upstream: HostPort, options: EndpointOptions & FaultOptions & FramingOptions) => {
    const spec = checkedSpec(command, {
      role: 'relay',
      name: 'relay',
      ...address,
      upstreamHost: upstream.host,
      upstreamPort: upstream.port,
      connectTimeoutMs,
      ...relayFields(command, options),
      ...labFields(command, options),
      ...framingFields(options),
    })
    return run(() =>
      runEndpoint(spec, options, {
        // A relay has no goal of its own: it works until it is told to stop.
        work: () => new Promise(() => {}),
        timeUp: async () => done,
      }),
    )
  })
}
