// From what a spec says of TLS to what a handshake needs: the identity behind its name. Counterparts: accepting.ts and
// connecting.ts (ask for it), ../thread.ts (keeps what the host has handed over), ../loop/tls.ts (shakes hands).
import { X509Certificate } from 'node:crypto'
import { fail, ok, type Result } from '../../../preload/contract/failure.ts'
import type { IdentityName, TlsClientSpec, TlsServerSpec } from '../../../preload/contract/tls.ts'
import type { EndpointId } from '../../../preload/contract/vocabulary.ts'
import { clientTls, type StartTls, serverTls, type TlsIdentity } from '../loop/tls.ts'

/** What the host has handed over for specs that name it, and what it takes. Neither is in any spec, event or answer. */
export interface Secrets {
  readonly identities: ReadonlyMap<IdentityName, TlsIdentity>
  keyLog(endpoint: EndpointId, line: string): void
}

interface Owner {
  readonly id: EndpointId
  readonly engine: { readonly secrets?: Secrets }
}

const identityOf = ({ engine }: Owner, name: IdentityName): Result<TlsIdentity> => {
  const identity = engine.secrets?.identities.get(name)
  return identity === undefined
    ? fail('no-identity', `There is no certificate “${name}” here; choose another one, or import it`, 'tls.identity')
    : ok(identity)
}

const keyLogOf = ({ id, engine }: Owner, spec: TlsClientSpec | TlsServerSpec) =>
  spec.keyLog === true ? { onKeyLog: (line: string) => engine.secrets?.keyLog(id, line) } : {}

/** OpenSSL takes any text for trusted certificates, and then trusts nobody. */
const checkAuthorities = (pem: string): Result<null> => {
  try {
    if (pem !== '') new X509Certificate(pem)
    return ok(null)
  } catch {
    return fail(
      'not-a-certificate',
      'The trusted authorities hold no certificate in PEM; it begins with -----BEGIN CERTIFICATE-----',
      'tls.caPem',
    )
  }
}

/** OpenSSL names the function that failed too; its reason is what can be understood. */
const attempt = (make: () => StartTls): Result<StartTls> => {
  try {
    return ok(make())
  } catch (error) {
    const { code, reason, message } = error as Error & { readonly code?: string; readonly reason?: string }
    return fail(code ?? 'tls', `TLS cannot be set up like this: OpenSSL says “${reason ?? message}”`, 'tls')
  }
}

/** How an endpoint answers handshakes. Failures: `no-identity`, or OpenSSL's where certificates or versions are of no use. */
export const serverTlsOf = (owner: Owner, spec: TlsServerSpec): Result<StartTls> => {
  const identity = identityOf(owner, spec.identity)
  if (!identity.ok) return identity
  const authorities = checkAuthorities(spec.caPem)
  if (!authorities.ok) return authorities
  return attempt(() => serverTls({ ...spec, identity: identity.value, ...keyLogOf(owner, spec) }))
}

/** How an endpoint begins handshakes with `host`. Failures as above. */
export const clientTlsOf = (
  owner: Owner,
  spec: TlsClientSpec,
  to: { readonly host: string; readonly connectTimeoutMs: number },
): Result<StartTls> => {
  const identity = spec.identity === null ? ok(null) : identityOf(owner, spec.identity)
  if (!identity.ok) return identity
  const authorities = checkAuthorities(spec.caPem)
  if (!authorities.ok) return authorities
  const options = { ...spec, identity: identity.value, ...keyLogOf(owner, spec) }
  return attempt(() => clientTls({ ...options, handshakeTimeoutMs: to.connectTimeoutMs }, to.host))
}
