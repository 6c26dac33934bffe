// What a finished handshake has agreed on, as data, and why one failed, in words. Counterparts: tls.ts (makes handshakes),
// preload/contract/tls.ts (the facts).
import { X509Certificate } from 'node:crypto'
import type { DetailedPeerCertificate, TLSSocket } from 'node:tls'
import type { Failure } from '../../../preload/contract/failure.ts'
import type { CertificateFacts, TlsFacts } from '../../../preload/contract/tls.ts'

/** Certificates of a chain that are told of at most; OpenSSL itself takes no chain of more than 100 KiB. */
const maxChain = 10
/** Characters of a name in a certificate that are told of at most: it is the peer who wrote it. */
const maxNameLength = 2000

const cut = (text: string): string => (text.length > maxNameLength ? `${text.slice(0, maxNameLength)}…` : text)
/** OpenSSL writes one attribute a line. */
const oneLine = (name: string): string => cut(name.trim().replaceAll('\n', ', '))

/** What a certificate says, in the words of `openssl x509`. */
export const certificateFacts = (certificate: X509Certificate): CertificateFacts => ({
  subject: oneLine(certificate.subject ?? ''),
  issuer: oneLine(certificate.issuer ?? ''),
  altNames: cut(certificate.subjectAltName ?? ''),
  validFrom: certificate.validFrom,
  validTo: certificate.validTo,
  sha256: certificate.fingerprint256,
})

/** The peer's chain, leaf first, with what was found to complete it; empty where it showed no certificate. */
export const chainOf = (socket: TLSSocket): readonly CertificateFacts[] => {
  const chain: CertificateFacts[] = []
  const seen = new Set<string>()
  let next: DetailedPeerCertificate | undefined = socket.getPeerCertificate(true)
  while (next?.raw !== undefined && chain.length < maxChain) {
    const facts = certificateFacts(new X509Certificate(next.raw))
    // A root is its own issuer.
    if (seen.has(facts.sha256)) break
    seen.add(facts.sha256)
    chain.push(facts)
    next = next.issuerCertificate
  }
  return chain
}

const verifyWords: Readonly<Record<string, string>> = {
  DEPTH_ZERO_SELF_SIGNED_CERT: 'The peer’s certificate is self-signed, and it is not among the trusted ones',
  SELF_SIGNED_CERT_IN_CHAIN: 'The peer’s chain ends in a root certificate that is not trusted here',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE:
    'The peer’s certificate was signed by somebody that is not trusted here, and the peer sent no more of the chain',
  UNABLE_TO_GET_ISSUER_CERT:
    'The chain is not whole: the certificate of one of its signers was not sent and is not known here',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    'The chain is not whole: the certificate of one of its signers was not sent and is not trusted here',
  CERT_HAS_EXPIRED: 'A certificate of the peer’s chain has expired',
  CERT_NOT_YET_VALID: 'A certificate of the peer’s chain is not valid yet; is the clock right on both sides?',
  CERT_REVOKED: 'A certificate of the peer’s chain was revoked',
  CERT_UNTRUSTED: 'A certificate of the peer’s chain is not trusted for this use',
  CERT_REJECTED: 'A certificate of the peer’s chain is marked as not to be used for this',
  CERT_SIGNATURE_FAILURE: 'The signature of a certificate in the peer’s chain is wrong',
  CERT_CHAIN_TOO_LONG: 'The peer’s chain is too long',
  PATH_LENGTH_EXCEEDED: 'The peer’s chain is longer than one of its signers allows',
  INVALID_CA: 'A certificate in the peer’s chain has signed another one without being allowed to sign',
  INVALID_PURPOSE: 'The peer’s certificate is not meant for this side of TLS (extended key usage)',
  HOSTNAME_MISMATCH: 'The peer’s certificate is for another name',
}

/** Why a chain is not trusted: OpenSSL's code, and what it means. `name` is what the certificate was to be for. */
export const notTrusted = (code: string, mismatch: Error | null): Failure => {
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID' && mismatch !== null) {
    const { reason, host } = mismatch as Error & { readonly reason?: unknown; readonly host?: unknown }
    const why = typeof reason === 'string' ? reason : mismatch.message
    return {
      code,
      message: cut(
        `The peer’s certificate is for another name${typeof host === 'string' ? ` than ${host}` : ''}: ${why}`,
      ),
    }
  }
  return { code, message: verifyWords[code] ?? `OpenSSL does not trust the peer’s chain: ${code}` }
}

/** The facts of a handshake that is done. `trust` is null where nobody looked at the peer's chain, or it was found right. */
export const factsOf = (
  socket: TLSSocket,
  trust: { readonly verified: boolean; readonly notTrusted: Failure | null; readonly serverName: string | null },
): TlsFacts => {
  const cipher = socket.getCipher()
  return {
    protocol: socket.getProtocol() ?? '',
    cipher: cipher.standardName ?? cipher.name,
    alpn: socket.alpnProtocol || null,
    ...trust,
    chain: chainOf(socket),
    resumed: socket.isSessionReused(),
  }
}

const clearText = 'The peer answered in clear text: what it sent is no TLS'

const handshakeWords: Readonly<Record<string, string>> = {
  ERR_SSL_WRONG_VERSION_NUMBER: clearText,
  ERR_SSL_PACKET_LENGTH_TOO_LONG: clearText,
  ERR_SSL_HTTP_REQUEST: 'The peer asks in clear text: it sent an HTTP request and no TLS',
  ERR_SSL_HTTPS_PROXY_REQUEST: 'The peer asks in clear text: it sent a request to an HTTP proxy and no TLS',
  ERR_SSL_UNEXPECTED_MESSAGE: 'The peer sent a TLS message that does not belong there',
  ERR_SSL_RECORD_LAYER_FAILURE: clearText,
  ERR_SSL_UNSUPPORTED_PROTOCOL: 'The two sides have no TLS version in common',
  ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION: 'The peer takes none of the TLS versions that are offered here',
  ERR_SSL_NO_PROTOCOLS_AVAILABLE: 'The TLS versions set here leave none that can be used',
  ERR_SSL_NO_SHARED_CIPHER: 'The two sides have no cipher in common',
  ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE:
    'The peer ended the handshake: it found no cipher, version or certificate that suits both',
  ERR_SSL_TLSV1_ALERT_NO_APPLICATION_PROTOCOL: 'The peer takes none of the ALPN protocols that are offered here',
  ERR_SSL_NO_APPLICATION_PROTOCOL: 'The peer offers none of the ALPN protocols that are taken here',
  ERR_SSL_TLSV1_ALERT_UNKNOWN_CA: 'The peer does not trust who signed our certificate',
  ERR_SSL_SSLV3_ALERT_BAD_CERTIFICATE: 'The peer refuses our certificate',
  ERR_SSL_SSLV3_ALERT_CERTIFICATE_UNKNOWN: 'The peer refuses our certificate',
  ERR_SSL_SSLV3_ALERT_CERTIFICATE_EXPIRED: 'The peer finds our certificate expired',
  ERR_SSL_SSLV3_ALERT_CERTIFICATE_REVOKED: 'The peer finds our certificate revoked',
  ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED: 'The peer asks for a client certificate, and none was shown',
  ERR_SSL_TLSV1_UNRECOGNIZED_NAME: 'The peer knows no server of that name (SNI)',
  ERR_SSL_TLSV1_ALERT_UNRECOGNIZED_NAME: 'The peer knows no server of that name (SNI)',
  ERR_SSL_TLSV1_ALERT_INTERNAL_ERROR: 'The peer ended the handshake for an error of its own',
  ERR_SSL_TLSV1_ALERT_ACCESS_DENIED: 'The peer denies access to this certificate',
  ERR_SSL_TLSV1_ALERT_DECRYPT_ERROR: 'The peer could not check or decrypt what was sent in the handshake',
  ERR_SSL_PEER_DID_NOT_RETURN_A_CERTIFICATE: 'The peer was asked for a certificate and showed none',
  ERR_SSL_CERTIFICATE_VERIFY_FAILED: 'The peer’s certificate was refused',
  ERR_SSL_BAD_RECORD_TYPE: clearText,
}

/** What an error of TLS means, in a sentence; undefined where it is none of OpenSSL's. */
export const tlsSentence = (error: Error, code: string): string | undefined => {
  if (Object.hasOwn(handshakeWords, code)) return handshakeWords[code]
  // Its message is the place in OpenSSL's source; its reason is what a person can look up.
  const { reason } = error as Error & { readonly reason?: unknown }
  return code.startsWith('ERR_SSL_') && typeof reason === 'string' ? `OpenSSL says “${reason}”` : undefined
}
