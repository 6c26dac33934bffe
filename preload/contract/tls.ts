// TLS of listeners, clients and relays. A spec names an identity (certificate and key) that the host keeps; keys are never in
// a spec, an event or an export. Counterparts: main/tls (identities), main/engine/loop (handshakes).
import type { Failure } from './failure.ts'

export const tlsVersions = ['TLSv1.2', 'TLSv1.3'] as const
export type TlsVersion = (typeof tlsVersions)[number]

/** Names what the host keeps; `generated` is the workspace's own certificate, made when it is first asked for. */
export type IdentityName = string

interface TlsCommon {
  /** Protocols offered or taken, most wanted first; empty for none (RFC 7301). */
  readonly alpn: readonly string[]
  readonly minVersion: TlsVersion
  readonly maxVersion: TlsVersion
}

export interface TlsClientSpec extends TlsCommon {
  /** SNI (RFC 6066), and the name that the certificate is checked against; empty: the host that is connected to. */
  readonly serverName: string
  /** Refuses a server whose chain or name is not right. */
  readonly verify: boolean
  /** Trusted certificates in PEM, in place of the system's; empty for those. */
  readonly caPem: string
  /** The client's certificate; null for none. */
  readonly identity: IdentityName | null
}

export interface TlsServerSpec extends TlsCommon {
  readonly identity: IdentityName
  /** Asks for a client certificate: `no`, `ask` (goes on without), `require` (signed by `caPem`). */
  readonly clientCertificate: 'no' | 'ask' | 'require'
  readonly caPem: string
}

/** One certificate of a chain, leaf first. */
export interface CertificateFacts {
  readonly subject: string
  readonly issuer: string
  readonly altNames: string
  readonly validFrom: string
  readonly validTo: string
  readonly sha256: string
}

/** What was negotiated. */
export interface TlsFacts {
  readonly protocol: string
  readonly cipher: string
  /** Null where none was agreed on. */
  readonly alpn: string | null
  readonly serverName: string | null
  /** True where the peer's chain was checked and found right; where not, `notTrusted` says why (OpenSSL's code and words). */
  readonly verified: boolean
  readonly notTrusted: Failure | null
  readonly chain: readonly CertificateFacts[]
  readonly resumed: boolean
}
