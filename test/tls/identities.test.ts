// The certificates of a workspace: what is made, what is taken in, what is refused and why, and who may read it.
// Counterparts: main/tls/{identities,issue,pem}.ts.
import { createPrivateKey, generateKeyPairSync, X509Certificate } from 'node:crypto'
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { createIdentities } from '../../main/tls/identities.ts'
import type { Failure, Result } from '../../preload/contract/failure.ts'
import { identitiesFolder, selfSigned } from '../support/certificates.ts'
import { expectOk } from '../support/engine.ts'

const failureOf = (result: Result<unknown>): Failure => {
  if (result.ok) throw new Error('It was taken, and should have been refused')
  return result.failure
}

describe('The workspace’s own certificate', () => {
  it('is for this machine, signed by an authority of its own, and holds for servers and clients', async () => {
    const identities = createIdentities(identitiesFolder())
    const { certificatePem, keyPem } = expectOk(await identities.pair('generated'))
    const leaf = new X509Certificate(certificatePem)
    const authority = new X509Certificate(expectOk(await identities.authorityPem()))
    expect(leaf.checkPrivateKey(createPrivateKey(keyPem))).toBe(true)
    expect(leaf.checkIssued(authority)).toBe(true)
    expect(leaf.verify(authority.publicKey)).toBe(true)
    expect(authority.ca).toBe(true)
    expect(leaf.ca).toBe(false)
    expect(leaf.checkHost('localhost')).toBe('localhost')
    expect([leaf.checkIP('127.0.0.1'), leaf.checkIP('::1')]).toEqual(['127.0.0.1', '::1'])
    expect(leaf.publicKey.asymmetricKeyDetails).toMatchObject({ namedCurve: 'prime256v1' })
    expect(leaf.keyUsage).toEqual(['1.3.6.1.5.5.7.3.1', '1.3.6.1.5.5.7.3.2'])
  })

  it('stays the same from one start to the next', async () => {
    const folder = identitiesFolder()
    const first = expectOk(await createIdentities(folder).pair('generated'))
    expect(expectOk(await createIdentities(folder).pair('generated'))).toEqual(first)
  })

  it('is one, also where two ask for it at the same time', async () => {
    const folder = identitiesFolder()
    const identities = createIdentities(folder)
    const [a, b] = await Promise.all([identities.pair('generated'), identities.pair('generated')])
    expect(expectOk(a)).toEqual(expectOk(b))
    // Two programs of one person at once: whoever comes second signs with the authority of the first.
    const pairs = await Promise.all(
      [createIdentities(folder), createIdentities(folder)].map((each) => each.pair('generated')),
    )
    for (const pair of pairs) {
      const leaf = new X509Certificate(expectOk(pair).certificatePem)
      expect(leaf.verify(new X509Certificate(expectOk(await identities.authorityPem())).publicKey)).toBe(true)
    }
  })

  it('is made anew, by the same authority, when its end is near', async () => {
    const folder = identitiesFolder()
    const identities = createIdentities(folder)
    const authority = expectOk(await identities.authorityPem())
    const old = await selfSigned({ toDays: 20 })
    expectOk(await identities.pair('generated'))
    writeFileSync(join(folder, 'identities/generated.pem'), old.keyPem + old.certificatePem)
    const fresh = expectOk(await identities.pair('generated'))
    expect(fresh.certificatePem).not.toBe(old.certificatePem)
    expect(new X509Certificate(fresh.certificatePem).verify(new X509Certificate(authority).publicKey)).toBe(true)
  })

  it('can be removed, and is another one afterwards', async () => {
    const identities = createIdentities(identitiesFolder())
    const first = expectOk(await identities.pair('generated'))
    expectOk(await identities.remove('generated'))
    expect(expectOk(await identities.pair('generated')).keyPem).not.toBe(first.keyPem)
  })
})

describe('A certificate that a person brings', () => {
  it('is kept with its key under its name, and told of without it', async () => {
    const identities = createIdentities(identitiesFolder())
    const own = await selfSigned({ names: ['shop.test'] })
    const info = expectOk(await identities.import('shop', own.certificatePem, own.keyPem))
    expect(info).toMatchObject({ name: 'shop', generated: false, chain: [{ subject: 'CN=shop.test' }] })
    const listed = expectOk(await identities.list())
    expect(listed.map(({ name }) => name)).toEqual(['generated', 'shop'])
    expect(JSON.stringify(listed)).not.toContain('PRIVATE')
    expect(createPrivateKey(expectOk(await identities.pair('shop')).keyPem).equals(createPrivateKey(own.keyPem))).toBe(
      true,
    )
    expect(expectOk(await identities.certificatePem('shop'))).not.toContain('PRIVATE')
    expectOk(await identities.remove('shop'))
    expect(failureOf(await identities.pair('shop'))).toMatchObject({ code: 'not-found', path: 'identity' })
  })

  it('is refused where the key is another one’s', async () => {
    const identities = createIdentities(identitiesFolder())
    const [a, b] = [await selfSigned(), await selfSigned()]
    expect(failureOf(await identities.import('x', a.certificatePem, b.keyPem))).toMatchObject({
      code: 'no-match',
      path: 'keyPem',
    })
    // The right one is there, in the wrong place.
    const both = a.certificatePem + b.certificatePem
    expect(failureOf(await identities.import('x', both, b.keyPem))).toMatchObject({
      code: 'no-match',
      path: 'certificatePem',
      message: expect.stringContaining('certificate 2'),
    })
  })

  it('is refused where it is none, or damaged, or the key is', async () => {
    const identities = createIdentities(identitiesFolder())
    const own = await selfSigned()
    const damaged = (pem: string) => pem.replace(/\n[A-Za-z0-9+/]{8}/, '\n!!!!!!!!')
    const said = async (certificate: string, key: string) => failureOf(await identities.import('x', certificate, key))
    expect(await said('', own.keyPem)).toMatchObject({ code: 'not-a-certificate', path: 'certificatePem' })
    expect(await said(own.keyPem, own.keyPem)).toMatchObject({ code: 'not-a-certificate' })
    expect(await said(damaged(own.certificatePem), own.keyPem)).toMatchObject({ code: 'not-a-certificate' })
    expect(await said(own.certificatePem, own.certificatePem)).toMatchObject({ code: 'not-a-key', path: 'keyPem' })
    expect(await said(own.certificatePem, damaged(own.keyPem))).toMatchObject({ code: 'not-a-key' })
  })

  it('is not taken over one that is there, and not as the generated one', async () => {
    const identities = createIdentities(identitiesFolder())
    const own = await selfSigned()
    expectOk(await identities.import('x', own.certificatePem, own.keyPem))
    expect(failureOf(await identities.import('x', own.certificatePem, own.keyPem))).toMatchObject({ code: 'exists' })
    expect(failureOf(await identities.import('generated', own.certificatePem, own.keyPem))).toMatchObject({
      code: 'exists',
    })
  })

  it('with an encrypted key asks for the passphrase, says when it is wrong, and keeps the key without it', async () => {
    const identities = createIdentities(identitiesFolder())
    const own = await selfSigned()
    const encrypted = createPrivateKey(own.keyPem)
      .export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'correct horse' })
      .toString()
    const without = failureOf(await identities.import('x', own.certificatePem, encrypted))
    expect(without).toMatchObject({ code: 'encrypted-key', path: 'passphrase' })
    const wrong = failureOf(await identities.import('x', own.certificatePem, encrypted, 'wrong horse'))
    expect(wrong).toMatchObject({ code: 'encrypted-key', path: 'passphrase' })
    expect(wrong.message).not.toBe(without.message)
    expectOk(await identities.import('x', own.certificatePem, encrypted, 'correct horse'))
    expect(createPrivateKey(expectOk(await identities.pair('x')).keyPem).asymmetricKeyType).toBe('ec')
  })

  it('may have an RSA key in the old form', async () => {
    const identities = createIdentities(identitiesFolder())
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
    const own = await selfSigned()
    const pem = privateKey.export({ type: 'pkcs1', format: 'pem' }).toString()
    // Read, and found to belong to nobody here.
    expect(failureOf(await identities.import('x', own.certificatePem, pem))).toMatchObject({ code: 'no-match' })
  })
})

describe.skipIf(process.platform === 'win32')('Keys', () => {
  it('lie in files that nobody else may read', async () => {
    const folder = identitiesFolder()
    const identities = createIdentities(folder)
    const own = await selfSigned()
    expectOk(await identities.pair('generated'))
    expectOk(await identities.import('own', own.certificatePem, own.keyPem))
    const mode = (path: string) => (statSync(path).mode & 0o777).toString(8)
    expect([mode(folder), mode(join(folder, 'identities'))]).toEqual(['700', '700'])
    const files = readdirSync(join(folder, 'identities')).map((name) => join(folder, 'identities', name))
    expect(files.length).toBe(2)
    for (const path of [join(folder, 'authority.pem'), ...files]) expect(mode(path)).toBe('600')
    // Nothing is left lying about: no second copy under a name of its own.
    expect(readdirSync(folder).sort()).toEqual(['authority.pem', 'identities'])
  })

  it.skipIf(process.getuid?.() === 0)('that cannot be written are a failure that says so', async () => {
    const folder = identitiesFolder()
    mkdirSync(folder, { recursive: true })
    chmodSync(folder, 0o500)
    expect(failureOf(await createIdentities(folder).pair('generated'))).toMatchObject({ code: 'EACCES' })
    chmodSync(folder, 0o700)
  })

  it('of a damaged file are a failure of that one only', async () => {
    const folder = identitiesFolder()
    const identities = createIdentities(folder)
    expectOk(await identities.pair('generated'))
    writeFileSync(join(folder, 'identities/broken.pem'), 'nothing')
    expect(failureOf(await identities.pair('broken')).code).toBe('not-a-certificate')
    expect(expectOk(await identities.list()).map(({ name }) => name)).toEqual(['generated'])
    expect(existsSync(join(folder, 'identities/broken.pem'))).toBe(true)
    expect(readFileSync(join(folder, 'authority.pem'), 'utf8')).toContain('CERTIFICATE')
  })
})
