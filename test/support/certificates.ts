// Certificates for one test: the workspace's own and wrong ones of every kind, and an engine that knows them by name.
// Counterparts: main/tls, main/engine/loop/tls.ts.
import 'reflect-metadata'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as x509 from '@peculiar/x509'
import { onTestFinished } from 'vitest'
import type { EngineHost } from '../../main/engine-host.ts'
import { createIdentities, type Identities } from '../../main/tls/identities.ts'
import type { KeyPair } from '../../main/tls/pem.ts'
import type { TlsClientSpec, TlsServerSpec } from '../../preload/contract/tls.ts'
import { expectOk } from './engine.ts'

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const
const dayMs = 86_400_000

export interface Wanted {
  /** Names in it; localhost and 127.0.0.1 unless given. */
  readonly names?: readonly string[]
  /** Days from now at which it begins and ends. */
  readonly fromDays?: number
  readonly toDays?: number
}

/** A certificate that nobody but itself has signed, and its key. */
export const selfSigned = async ({
  names = ['localhost', '127.0.0.1'],
  fromDays = -2,
  toDays = 2,
}: Wanted = {}): Promise<KeyPair> => {
  const keys = await crypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: '01',
    name: `CN=${names[0]}`,
    notBefore: new Date(Date.now() + fromDays * dayMs),
    notAfter: new Date(Date.now() + toDays * dayMs),
    signingAlgorithm: algorithm,
    keys,
    extensions: [
      new x509.SubjectAlternativeNameExtension(
        names.map((value) => ({ type: /^[\d.:]+$/.test(value) ? ('ip' as const) : ('dns' as const), value })),
      ),
    ],
  })
  const key = Buffer.from(await crypto.subtle.exportKey('pkcs8', keys.privateKey)).toString('base64')
  return {
    certificatePem: `${certificate.toString('pem')}\n`,
    keyPem: `-----BEGIN PRIVATE KEY-----\n${key}\n-----END PRIVATE KEY-----\n`,
  }
}

/** A folder for identities, for the length of the test. */
export const identitiesFolder = (): string => {
  const folder = mkdtempSync(join(tmpdir(), 'wireloop-tls-test-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return join(folder, 'tls')
}

export interface KnownIdentities {
  readonly identities: Identities
  /** The authority that has signed the generated certificate. */
  readonly caPem: string
}

/** Gives the engine a workspace's own certificate, and `others` by their names. */
export const knowIdentities = async (
  engine: EngineHost,
  others: Readonly<Record<string, KeyPair>> = {},
): Promise<KnownIdentities> => {
  const identities = createIdentities(identitiesFolder())
  const caPem = expectOk(await identities.authorityPem())
  engine.useIdentities(async (name) => {
    const other = others[name]
    return other === undefined ? identities.pair(name) : { ok: true, value: other }
  })
  return { identities, caPem }
}

export const serverTls = (spec: Partial<TlsServerSpec> = {}): TlsServerSpec => ({
  alpn: [],
  minVersion: 'TLSv1.2',
  maxVersion: 'TLSv1.3',
  identity: 'generated',
  clientCertificate: 'no',
  caPem: '',
  ...spec,
})

export const clientTls = (spec: Partial<TlsClientSpec> = {}): TlsClientSpec => ({
  alpn: [],
  minVersion: 'TLSv1.2',
  maxVersion: 'TLSv1.3',
  serverName: '',
  verify: true,
  caPem: '',
  identity: null,
  ...spec,
})
