// PEM as people bring it: certificates and keys, checked to be what they are said to be and to belong together.
// Counterparts: identities.ts, which keeps them, and the contract's IdentityInfo, which tells of them.
import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto'
import { fail, ok, type Result } from '../../preload/contract/failure.ts'
import type { CertificateFacts } from '../../preload/contract/tls.ts'
import { certificateFacts } from '../engine/loop/tls-facts.ts'

/** Certificates of one file, at most: a chain is short, a bundle of all roots is no identity. */
const maxCertificates = 20

const certificateBlocks = /-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/g
const keyBlock = /-----BEGIN ([A-Z ]*)PRIVATE KEY-----[\s\S]*?-----END \1PRIVATE KEY-----/

/** What is kept: the chain leaf first, and its key, unencrypted. */
export interface KeyPair {
  readonly certificatePem: string
  readonly keyPem: string
}

/** The certificates in a text, leaf first. Failure `not-a-certificate`. */
export const readCertificates = (text: string): Result<readonly X509Certificate[]> => {
  const blocks = text.match(certificateBlocks) ?? []
  if (blocks.length === 0)
    return fail(
      'not-a-certificate',
      'There is no certificate in PEM here; it begins with -----BEGIN CERTIFICATE-----',
      'certificatePem',
    )
  if (blocks.length > maxCertificates)
    return fail('not-a-certificate', `A chain has at most ${maxCertificates} certificates`, 'certificatePem')
  const certificates: X509Certificate[] = []
  for (const [i, block] of blocks.entries()) {
    try {
      certificates.push(new X509Certificate(block))
    } catch {
      return fail(
        'not-a-certificate',
        `Certificate ${i + 1} of the text cannot be read: its PEM is damaged`,
        'certificatePem',
      )
    }
  }
  return ok(certificates)
}

const isEncrypted = (pem: string): boolean =>
  pem.includes('BEGIN ENCRYPTED PRIVATE KEY') || /^Proc-Type:.*ENCRYPTED/m.test(pem)

const readKey = (text: string, passphrase: string | undefined): Result<KeyObject> => {
  const [pem] = keyBlock.exec(text) ?? []
  if (pem === undefined)
    return fail(
      'not-a-key',
      'There is no private key in PEM here; it begins with -----BEGIN PRIVATE KEY-----',
      'keyPem',
    )
  const encrypted = isEncrypted(pem)
  if (encrypted && (passphrase === undefined || passphrase === ''))
    return fail('encrypted-key', 'The key is encrypted; its passphrase is needed', 'passphrase')
  try {
    return ok(createPrivateKey({ key: pem, ...(encrypted ? { passphrase: passphrase ?? '' } : {}) }))
  } catch {
    return encrypted
      ? fail('encrypted-key', 'The passphrase does not open the key', 'passphrase')
      : fail(
          'not-a-key',
          'The private key cannot be read: its PEM is damaged, or of a kind that OpenSSL does not know',
          'keyPem',
        )
  }
}

/**
 * A certificate and its key as they are kept: the chain in its order, and the key without a passphrase. Failures:
 * `not-a-certificate`, `not-a-key`, `encrypted-key`, `no-match`.
 */
export const readKeyPair = (certificateText: string, keyText: string, passphrase?: string): Result<KeyPair> => {
  const certificates = readCertificates(certificateText)
  if (!certificates.ok) return certificates
  const key = readKey(keyText, passphrase)
  if (!key.ok) return key
  const [leaf] = certificates.value
  if (leaf === undefined || !leaf.checkPrivateKey(key.value)) {
    const other = certificates.value.findIndex((certificate) => certificate.checkPrivateKey(key.value))
    return other > 0
      ? fail(
          'no-match',
          `The key belongs to certificate ${other + 1} of the text; that one has to be the first`,
          'certificatePem',
        )
      : fail('no-match', 'The key does not belong to this certificate: they are of two different key pairs', 'keyPem')
  }
  return ok({
    certificatePem: certificates.value.map((certificate) => certificate.toString()).join(''),
    keyPem: key.value.export({ type: 'pkcs8', format: 'pem' }).toString(),
  })
}

export const factsOfChain = (certificates: readonly X509Certificate[]): readonly CertificateFacts[] =>
  certificates.map(certificateFacts)
