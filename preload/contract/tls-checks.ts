// The checks of what TLS is to be. Counterpart: tls.ts.
import * as v from 'valibot'
import { host } from './check-basics.ts'
import { type TlsClientSpec, type TlsCommands, type TlsServerSpec, tlsVersions } from './tls.ts'

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
  keyLog: v.exactOptional(v.boolean('keyLog is true or false')),
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

const nothing = v.null('This command takes no argument (null)')

export const tlsArguments = {
  listIdentities: nothing,
  importIdentity: v.strictObject({
    name: identity,
    certificatePem: pem,
    keyPem: pem,
    passphrase: v.exactOptional(
      v.pipe(v.string('A passphrase is text'), v.maxLength(1024, 'A passphrase has at most 1024 characters')),
    ),
  }),
  removeIdentity: v.strictObject({ name: identity }),
  exportCertificate: v.strictObject({ name: identity }),
  exportAuthority: nothing,
  keyLogFile: nothing,
} satisfies { [K in keyof TlsCommands]: v.GenericSchema<unknown, TlsCommands[K]['args']> }
