// Keys stay where they are: nothing that a page is told, a capture file holds, or an engine answers has a line of one.
// Counterparts: main/tls/tls-commands.ts, main/engine-host.ts (hands keys to the engine), key-log.ts.
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { encode } from '@msgpack/msgpack'
import { describe, expect, it } from 'vitest'
import { whyNoCaptures } from '../../main/archive/archive-host.ts'
import { createKeyLog } from '../../main/tls/key-log.ts'
import { openPage } from '../page-session/page.ts'
import { clientTls, identitiesFolder, selfSigned, serverTls } from '../support/certificates.ts'
import { startWorkbench } from '../support/engine.ts'
import { localhost, until } from '../support/loopback.ts'

/** Parts of a key that would give it away: each line of its PEM, and its bytes. */
const traces = (keyPem: string): readonly Buffer[] => {
  const base64 = keyPem.replace(/-----[A-Z ]+-----|\s/g, '')
  const der = Buffer.from(base64, 'base64')
  // The private number itself: 32 bytes behind its header (RFC 5915).
  const secret = der.subarray(36, 68)
  return [Buffer.from(base64.slice(40, 80)), secret, Buffer.from(secret.toString('hex')), Buffer.from('PRIVATE KEY')]
}

const filesUnder = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))

describe.skipIf(whyNoCaptures() !== null)('A private key', () => {
  it('is in nothing that a page, a capture or a snapshot is given, while its endpoints work', async () => {
    const base = identitiesFolder()
    const folder = join(base, 'tls')
    const captures = join(base, 'captures')
    const test = await startWorkbench({ tls: folder, captures: { folder: captures } })
    const page = openPage(test.workbench)
    page.subscribe(0)
    const answers: unknown[] = []
    const ask = async <T>(answer: Promise<T>): Promise<T> => {
      answers.push(await answer)
      return answer
    }

    const own = await selfSigned()
    await ask(page.do('importIdentity', { name: 'own', certificatePem: own.certificatePem, keyPem: own.keyPem }))
    const caPem = await ask(page.do('exportAuthority', null))
    const spec = { role: 'listener', name: 'l', host: localhost, port: 0, reply: 'echo' } as const
    const listener = await ask(
      page.do('createEndpoint', { spec: { ...spec, greeting: new Uint8Array(), tls: serverTls() } }),
    )
    const client = {
      role: 'client',
      name: 'c',
      host: localhost,
      port: listener.local!.port,
      connectTimeoutMs: 9000,
    } as const
    const made = await ask(
      page.do('createEndpoint', {
        spec: {
          ...client,
          tls: clientTls({ caPem, identity: 'own' }),
          opening: { messages: [Buffer.from('hello')], halfClose: false },
        },
      }),
    )
    await until(
      () => page.events.some(({ kind, text }) => kind === 'data-received' && text === 'hello'),
      () => 'an echo',
    )
    await ask(
      page.do('updateEndpoint', { endpoint: made.id, spec: { ...client, tls: clientTls({ identity: 'own' }) } }),
    )
    await ask(page.do('listIdentities', null))
    await ask(page.do('exportCertificate', { name: 'own' }))
    await ask(page.do('snapshot', null))
    await page.do('removeEndpoint', { endpoint: made.id })
    await page.do('removeEndpoint', { endpoint: listener.id })
    // The file is written to its end.
    await test.workbench.stop(100)

    const generated = readFileSync(join(folder, 'identities/generated.pem'), 'utf8')
    const authority = readFileSync(join(folder, 'authority.pem'), 'utf8')
    const keyOf = (pem: string) => /-----BEGIN PRIVATE KEY-----[\s\S]*-----END PRIVATE KEY-----/.exec(pem)![0]
    const secrets = [own.keyPem, keyOf(generated), keyOf(authority)].flatMap(traces)
    const told = page.messages.map((message) =>
      'buffer' in message ? Buffer.from(message.buffer) : Buffer.from(encode(message)),
    )
    const written = filesUnder(captures).map((path) => readFileSync(path))
    expect(written.length).toBeGreaterThan(0)
    const places = { told, answers: answers.map((answer) => Buffer.from(encode(answer))), written }
    for (const [place, contents] of Object.entries(places))
      for (const content of contents)
        for (const secret of secrets)
          expect({ place, found: content.includes(secret) }).toEqual({ place, found: false })
    // The same search does find what is there.
    expect(secrets.some((secret) => Buffer.from(generated).includes(secret))).toBe(true)
    expect(written.some((content) => content.includes('hello'))).toBe(true)
  })

  it('of a page that may be elsewhere is not taken in', async () => {
    const { workbench } = await startWorkbench({ tls: identitiesFolder(), takesKeys: false })
    const page = openPage(workbench)
    const own = await selfSigned()
    const args = { name: 'own', certificatePem: own.certificatePem, keyPem: own.keyPem }
    expect(await page.session.invoke('importIdentity', args)).toMatchObject({ ok: false, failure: { code: 'refused' } })
  })
})

describe('A key log', () => {
  it('is written by a workbench where an endpoint asks for it, for its owner only', async () => {
    const test = await startWorkbench({ tls: identitiesFolder() })
    const page = openPage(test.workbench)
    const path = await page.do('keyLogFile', null)
    const listener = await test.listen({ tls: serverTls({ keyLog: true }) })
    const client = await test.do('createEndpoint', {
      spec: {
        role: 'client',
        name: '',
        host: localhost,
        port: listener.port,
        connectTimeoutMs: 9000,
        tls: clientTls({ verify: false }),
      },
    })
    await test.event(({ kind, endpoint }) => kind === 'tls-established' && endpoint === client.id)
    await test.event(({ kind, endpoint }) => kind === 'tls-established' && endpoint === listener.endpoint.id)
    await test.workbench.stop(100)
    const lines = readFileSync(path, 'latin1').trim().split('\n')
    expect(lines.map((line) => line.split(' ')[0])).toContain('CLIENT_HANDSHAKE_TRAFFIC_SECRET')
    if (process.platform !== 'win32') expect((statSync(path).mode & 0o777).toString(8)).toBe('600')
  })

  it('begins anew when it has grown too long, and keeps the part before', () => {
    const path = join(identitiesFolder(), 'deep/keylog.txt')
    const failures: Error[] = []
    const line = `${'x'.repeat(1024 * 1024 - 1)}\n`
    const log = createKeyLog(path, (error) => failures.push(error))
    for (let i = 0; i < 17; i++) log.write(line)
    log.dispose()
    expect([statSync(path).size, statSync(`${path}.1`).size]).toEqual([line.length, 16 * line.length])
    expect(failures).toEqual([])
  })

  it('that cannot be written is told of once', () => {
    const failures: Error[] = []
    const log = createKeyLog('/dev/null/none/keylog.txt', (error) => failures.push(error))
    log.write('a\n')
    log.write('b\n')
    log.dispose()
    expect(failures).toHaveLength(1)
  })
})
