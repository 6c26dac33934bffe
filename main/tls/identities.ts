// The identities of a workspace: certificates with their keys, in a folder that nobody else may read. Counterparts: pem.ts
// (reads what people bring), issue.ts (makes the workspace's own), ../engine-host.ts (hands them to the engine by name).
//
// authority.pem and identities/NAME.pem each hold a key and its chain: one file a pair, so that no reader sees half of one.
import { X509Certificate } from 'node:crypto'
import { link, mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { isIP } from 'node:net'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { fail, ok, type Result } from '../../preload/contract/failure.ts'
import { generatedIdentity, type IdentityInfo, type IdentityName } from '../../preload/contract/tls.ts'
import { issueAuthority, issueCertificate } from './issue.ts'
import { factsOfChain, type KeyPair, readCertificates, readKeyPair } from './pem.ts'

const dayMs = 86_400_000
/** Days before its end at which a certificate is made anew. The authority's outlive all that they sign. */
const renewalDays = { authority: 400, leaf: 30 } as const

export interface Identities {
  list(): Promise<Result<readonly IdentityInfo[]>>
  /** See `TlsCommands.importIdentity`. */
  import(name: IdentityName, certificatePem: string, keyPem: string, passphrase?: string): Promise<Result<IdentityInfo>>
  remove(name: IdentityName): Promise<Result<null>>
  certificatePem(name: IdentityName): Promise<Result<string>>
  authorityPem(): Promise<Result<string>>
  /** Certificate and key, for the engine only. The generated one is made where there is none, or its end is near. */
  pair(name: IdentityName): Promise<Result<KeyPair>>
}

const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : 'error'

/** Doings that touch the disk fail as data. */
const attempt = async <T>(folder: string, work: () => Promise<Result<T>>): Promise<Result<T>> => {
  try {
    return await work()
  } catch (error) {
    const said = error instanceof Error ? error.message : String(error)
    return fail(codeOf(error), `The certificates in ${folder} cannot be used: ${said}`)
  }
}

const isMissing = (error: unknown) => codeOf(error) === 'ENOENT'

/** What the workspace's own certificate is for. */
const ownNames = (): readonly string[] => {
  const machine = hostname().toLowerCase()
  const isName = /^[a-z0-9]([a-z0-9.-]{0,61}[a-z0-9])?$/.test(machine)
  return [...new Set(['localhost', ...(isName ? [machine] : []), '127.0.0.1', '::1'])]
}

const holdsFor = (certificate: X509Certificate, days: number): boolean =>
  Date.parse(certificate.validTo) - Date.now() > days * dayMs

/** `folder` is made when it is first needed. */
export const createIdentities = (folder: string): Identities => {
  const authorityPath = join(folder, 'authority.pem')
  const pathOf = (name: IdentityName) => join(folder, 'identities', `${name}.pem`)

  const readPair = async (path: string): Promise<Result<KeyPair> | null> => {
    try {
      const text = await readFile(path, 'utf8')
      return readKeyPair(text, text)
    } catch (error) {
      if (isMissing(error)) return null
      throw error
    }
  }

  let written = 0
  /** Whole or not at all. `replace` false: false where there is one already. */
  const writePair = async (path: string, { certificatePem, keyPem }: KeyPair, replace: boolean): Promise<boolean> => {
    await mkdir(join(folder, 'identities'), { recursive: true, mode: 0o700 })
    const fresh = `${path}.${process.pid}-${++written}.new`
    await writeFile(fresh, keyPem + certificatePem, { mode: 0o600, flag: 'wx' })
    try {
      if (replace) await rename(fresh, path)
      else await link(fresh, path)
      return true
    } catch (error) {
      if (codeOf(error) === 'EEXIST') return false
      throw error
    } finally {
      await rm(fresh, { force: true })
    }
  }

  const authority = async (): Promise<KeyPair> => {
    const kept = await readPair(authorityPath)
    if (kept?.ok && holdsFor(new X509Certificate(kept.value.certificatePem), renewalDays.authority)) return kept.value
    const made = await issueAuthority(hostname())
    if (await writePair(authorityPath, made, kept !== null)) return made
    // Another process of this person's was first.
    const theirs = await readPair(authorityPath)
    return theirs?.ok ? theirs.value : made
  }

  const isGood = (pair: KeyPair, signer: KeyPair): boolean => {
    const leaf = new X509Certificate(pair.certificatePem)
    const issued = leaf.verify(new X509Certificate(signer.certificatePem).publicKey)
    const names = ownNames()
    const covers = names.every((name) => (isIP(name) === 0 ? leaf.checkHost(name) : leaf.checkIP(name)) !== undefined)
    return issued && covers && holdsFor(leaf, renewalDays.leaf)
  }

  const makeGenerated = async (): Promise<Result<KeyPair>> => {
    const signer = await authority()
    const path = pathOf(generatedIdentity)
    const kept = await readPair(path)
    if (kept?.ok && isGood(kept.value, signer)) return kept
    const made = await issueCertificate(signer, ownNames())
    await writePair(path, made, true)
    return ok(made)
  }

  let making: Promise<Result<KeyPair>> | null = null
  /** One at a time: two sheets that open at once ask for one certificate. */
  const generated = (): Promise<Result<KeyPair>> => {
    making ??= makeGenerated().finally(() => {
      making = null
    })
    return making
  }

  const notThere = (name: IdentityName) =>
    fail('not-found', `There is no certificate “${name}” in this workspace; import it first`, 'identity')

  const pairOf = async (name: IdentityName): Promise<Result<KeyPair>> =>
    name === generatedIdentity ? generated() : ((await readPair(pathOf(name))) ?? notThere(name))

  const infoOf = (name: IdentityName, { certificatePem }: KeyPair): Result<IdentityInfo> => {
    const certificates = readCertificates(certificatePem)
    if (!certificates.ok) return certificates
    return ok({ name, generated: name === generatedIdentity, chain: factsOfChain(certificates.value) })
  }

  const names = async (): Promise<readonly IdentityName[]> => {
    const files = await readdir(join(folder, 'identities')).catch((error: unknown) => {
      if (isMissing(error)) return []
      throw error
    })
    const own = files.filter((file) => file.endsWith('.pem')).map((file) => file.slice(0, -'.pem'.length))
    return [generatedIdentity, ...own.filter((name) => name !== generatedIdentity).sort()]
  }

  return {
    list: () =>
      attempt(folder, async () => {
        const infos: IdentityInfo[] = []
        for (const name of [generatedIdentity, ...(await names()).slice(1)]) {
          const pair = await pairOf(name)
          const info = pair.ok ? infoOf(name, pair.value) : pair
          // A file that somebody has damaged is in nobody's way.
          if (info.ok) infos.push(info.value)
          else if (name === generatedIdentity) return info
        }
        return ok(infos)
      }),
    import: (name, certificatePem, keyPem, passphrase) =>
      attempt(folder, async () => {
        if (name === generatedIdentity)
          return fail('exists', `“${generatedIdentity}” is the name of the certificate that is made here`, 'name')
        const pair = readKeyPair(certificatePem, keyPem, passphrase)
        if (!pair.ok) return pair
        return (await writePair(pathOf(name), pair.value, false))
          ? infoOf(name, pair.value)
          : fail('exists', `There is a certificate “${name}” already; delete it first, or take another name`, 'name')
      }),
    remove: (name) =>
      attempt(folder, async () => {
        if ((await readPair(pathOf(name))) === null) return notThere(name)
        await rm(pathOf(name))
        return ok(null)
      }),
    certificatePem: (name) =>
      attempt(folder, async () => {
        const pair = await pairOf(name)
        return pair.ok ? ok(pair.value.certificatePem) : pair
      }),
    authorityPem: () => attempt(folder, async () => ok((await authority()).certificatePem)),
    pair: (name) => attempt(folder, () => pairOf(name)),
  }
}
