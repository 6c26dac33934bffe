// What an endpoint may be: the check of a whole spec, with the path of the first wrong field. Counterpart: vocabulary.ts.
import * as v from 'valibot'
import {
  bytes,
  connectTimeoutMs,
  host,
  maxSendBytes,
  name,
  port,
  remotePort,
  show,
  snapBytes,
  wholeNumber,
} from './check-basics.ts'
import { lab } from './fault-checks.ts'
import { framing, rules, script } from './pattern-checks.ts'
import { tlsClient, tlsServer } from './tls-checks.ts'
import { type EndpointSpec, replies } from './vocabulary.ts'

/** The most bytes of a greeting: 64 KiB. */
export const maxGreetingBytes = 64 * 1024

const dayMs = 86_400_000
const common = {
  snapBytes: v.exactOptional(snapBytes),
  framing: v.exactOptional(framing),
  socket: v.exactOptional(
    v.strictObject({
      noDelay: v.exactOptional(v.boolean('noDelay is true or false')),
      keepAliveMs: v.exactOptional(v.nullable(wholeNumber('The keep-alive’s silence in ms', 1000, dayMs))),
      highWaterBytes: v.exactOptional(wholeNumber('The high-water mark in bytes', 1, 1024 * 1024 * 1024)),
    }),
  ),
}
const answering = { rules: v.exactOptional(rules), script: v.exactOptional(script) }
const reconnect = v.pipe(
  v.strictObject({
    firstMs: wholeNumber('The first wait in ms', 1, dayMs),
    maxMs: wholeNumber('The longest wait in ms', 1, dayMs),
    attempts: v.nullable(wholeNumber('The number of attempts', 1, 1_000_000)),
  }),
  v.check((spec) => spec.firstMs <= spec.maxMs, 'The first wait is longer than the longest'),
)

const listenerSpec = v.strictObject({
  role: v.literal('listener'),
  name,
  host,
  port,
  reply: v.picklist(replies, (issue) => `Reply ${show(issue.input)} is none of ${replies.join(', ')}`),
  greeting: bytes(maxGreetingBytes),
  tls: v.exactOptional(tlsServer),
  ...common,
  ...answering,
})
const opening = v.pipe(
  v.strictObject({
    messages: v.array(bytes(maxSendBytes), 'The opening is a list of messages'),
    halfClose: v.boolean('halfClose is true or false'),
  }),
  v.check(
    ({ messages }) => messages.reduce((sum, message) => sum + message.length, 0) <= maxSendBytes,
    `An opening has at most ${maxSendBytes} bytes`,
  ),
)
export const clientSpec = v.strictObject({
  role: v.literal('client'),
  name,
  host,
  port: remotePort,
  connectTimeoutMs,
  opening: v.exactOptional(opening),
  tls: v.exactOptional(tlsClient),
  reconnect: v.exactOptional(reconnect),
  ...common,
  ...answering,
})
const relaySpec = v.strictObject({
  role: v.literal('relay'),
  name,
  host,
  port,
  upstreamHost: host,
  upstreamPort: remotePort,
  connectTimeoutMs,
  lab: v.exactOptional(lab),
  listenTls: v.exactOptional(tlsServer),
  upstreamTls: v.exactOptional(tlsClient),
  ...common,
})
export const spec = v.variant(
  'role',
  [listenerSpec, clientSpec, relaySpec],
  'An endpoint is a listener, a client or a relay',
) satisfies v.GenericSchema<unknown, EndpointSpec>
