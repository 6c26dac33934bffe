// Makes certificates: a small authority of the workspace's own, and what it signs. Counterparts: identities.ts (keeps them,
// and says when new ones are due). The X.509 library is loaded with the first certificate that is made.
import { randomBytes } from 'node:crypto'
import { isIP } from 'node:net'
import type { KeyPair } from './pem.ts'

const dayMs = 86_400_000
/** How long certificates hold, in days: browsers take none of a server's that hold longer than 398. */
export const lifetimeDays = { authority: 3650, leaf: 397 } as const

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const

const loadX509 = async () => {
  // The library asks for it and does not bring it.
  await import('reflect-metadata')
  return import('@peculiar/x509')
}

const newKeys = () => crypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])

const keyPemOf = async ({ privateKey }: Awaited<ReturnType<typeof newKeys>>): Promise<string> => {
  const base64 = Buffer.from(await crypto.subtle.exportKey('pkcs8', privateKey)).toString('base64')
  return `-----BEGIN PRIVATE KEY-----\n${base64.replace(/(.{64})(?=.)/g, '$1\n')}\n-----END PRIVATE KEY-----\n`
}

const privateKeyOf = (pem: string) => {
  const der = Buffer.from(pem.replace(/-----[A-Z ]+-----|\s/g, ''), 'base64')
  return crypto.subtle.importKey('pkcs8', der, algorithm, false, ['sign'])
}

/** Positive, 127 bits, never the same twice (RFC 5280, 4.1.2.2). */
const newSerial = (): string => {
  const bytes = randomBytes(16)
  bytes[0] = (bytes[0]! & 0x7f) | 0x40
  return bytes.toString('hex')
}

/** An hour back: the clock of whoever checks it may be behind. */
const validity = (days: number) => ({
  notBefore: new Date(Date.now() - 3_600_000),
  notAfter: new Date(Date.now() + days * dayMs),
})

/** A new authority. `machine` goes into its name, so that a person who trusts several can tell them apart. */
export const issueAuthority = async (machine: string): Promise<KeyPair> => {
  const x509 = await loadX509()
  const keys = await newKeys()
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: newSerial(),
    name: [{ O: ['Wireloop'] }, { CN: [`Wireloop authority of ${machine}`.slice(0, 64)] }],
    ...validity(lifetimeDays.authority),
    signingAlgorithm: algorithm,
    keys,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  })
  return { certificatePem: `${certificate.toString('pem')}\n`, keyPem: await keyPemOf(keys) }
}

/** A certificate for these names and addresses, signed by the authority and followed by it. */
export const issueCertificate = async (authority: KeyPair, names: readonly string[]): Promise<KeyPair> => {
  const x509 = await loadX509()
  const signer = new x509.X509Certificate(authority.certificatePem)
  const keys = await newKeys()
  const certificate = await x509.X509CertificateGenerator.create({
    serialNumber: newSerial(),
    subject: [{ O: ['Wireloop'] }, { CN: ['localhost'] }],
    issuer: signer.subjectName,
    ...validity(lifetimeDays.leaf),
    signingAlgorithm: algorithm,
    publicKey: keys.publicKey,
    signingKey: await privateKeyOf(authority.keyPem),
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth, x509.ExtendedKeyUsage.clientAuth]),
      new x509.SubjectAlternativeNameExtension(
        names.map((name) => ({ type: isIP(name) === 0 ? ('dns' as const) : ('ip' as const), value: name })),
      ),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
      await x509.AuthorityKeyIdentifierExtension.create(signer),
    ],
  })
  return {
    certificatePem: `${certificate.toString('pem')}\n${authority.certificatePem}`,
    keyPem: await keyPemOf(keys),
  }
}
