// The checks of what TLS is to be. Counterpart: tls.ts.
import * as v from 'valibot'
import { host } from './check-basics.ts'
import { type TlsClientSpec, type TlsServerSpec, tlsVersions } from './tls.ts'

const identity = v.pipe(
  v.string('An identity is named by text'),
  v.regex(/^[\w. -]{1,100}$/, 'An identity’s name has 1 to 100 letters, digits, spaces, dots, - and _'),
)
const pem = v.pipe(v.string('Certificates are PEM text'), v.maxLength(1024 * 1024, 'At most 1 MiB of PEM is taken'))
const version = v.picklist(tlsVersions, `A TLS version is one of ${tlsVersions.join(', ')}`)
const common = {
  alpn: v.pipe(
    v.array(
      v.pipe(
        v.string('A protocol is text'),
        v.check(
          (text) => text.length > 0 && new TextEncoder().encode(text).length <= 255,
          'A protocol’s name has 1 to 255 bytes',
        ),
      ),
      'ALPN is a list of protocols',
    ),
    v.maxLength(100, 'At most 100 protocols are offered'),
  ),
  minVersion: version,
  maxVersion: version,
}
const order = 'The lowest TLS version is above the highest'

export const tlsClient = v.pipe(
  v.strictObject({
    ...common,
    serverName: v.union([v.literal(''), host]),
    verify: v.boolean('verify is true or false'),
    caPem: pem,
    identity: v.nullable(identity),
  }),
  v.check((spec) => spec.minVersion <= spec.maxVersion, order),
) satisfies v.GenericSchema<unknown, TlsClientSpec>

export const tlsServer = v.pipe(
  v.strictObject({
    ...common,
    identity,
    clientCertificate: v.picklist(['no', 'ask', 'require'], 'Client certificates are “no”, “ask” or “require”'),
    caPem: pem,
  }),
  v.check((spec) => spec.minVersion <= spec.maxVersion, order),
) satisfies v.GenericSchema<unknown, TlsServerSpec>
