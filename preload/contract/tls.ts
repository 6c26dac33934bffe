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
  /** The host writes the secrets of each session to a file of its own (NSS key log), for Wireshark. Left out: no. */
  readonly keyLog?: boolean
}

export interface TlsClientSpec extends TlsCommon {
  /** SNI (RFC 6066), and the name that the certificate is checked against; empty: the host that is connected to. */
  readonly serverName: string
  /** Refuses a server whose chain or name is not right. */
  readonly verify: boolean
  /** Trusted certificates in PEM, in place of those that Node trusts (Mozilla's); empty for those. */
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

/** The identity that every workspace has: made here and signed by its own authority, when it is first asked for. */
export const generatedIdentity: IdentityName = 'generated'

/** What the host keeps, without its key. */
export interface IdentityInfo {
  readonly name: IdentityName
  readonly generated: boolean
  readonly chain: readonly CertificateFacts[]
}

/** Commands about certificates. Keys go in, and never come out. */
export interface TlsCommands {
  /** The generated one first. */
  listIdentities: { args: null; value: readonly IdentityInfo[] }
  /**
   * Keeps a certificate, with those that lead to its root, and its key. Failures: `not-a-certificate`, `not-a-key`,
   * `encrypted-key` (a passphrase is needed, or wrong), `no-match` (they do not belong together), `exists`.
   */
  importIdentity: {
    args: { name: IdentityName; certificatePem: string; keyPem: string; passphrase?: string }
    value: IdentityInfo
  }
  /** Forgets it, key and all. The generated one is made anew when it is next asked for. */
  removeIdentity: { args: { name: IdentityName }; value: null }
  /** The certificate with its chain, in PEM. */
  exportCertificate: { args: { name: IdentityName }; value: string }
  /** The certificate of the authority that signs generated ones, in PEM: what peers are to trust. */
  exportAuthority: { args: null; value: string }
  /** The file that the secrets of sessions go to where an endpoint asks for it (`keyLog`). */
  keyLogFile: { args: null; value: string }
}

export const tlsCommandNames = [
  'listIdentities',
  'importIdentity',
  'removeIdentity',
  'exportCertificate',
  'exportAuthority',
  'keyLogFile',
] as const satisfies readonly (keyof TlsCommands)[]
