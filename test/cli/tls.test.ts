// The words of TLS, sockets and reconnecting on the command line: what is refused and how, and what they do.
// Counterpart: main/cli/tls-options.ts. With openssl and curl: ../peers/tls.test.ts.
import { createPrivateKey } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { selfSigned } from '../support/certificates.ts'
import { wireloop } from '../support/command-line.ts'
import { freePort } from '../support/loopback.ts'

const folderOf = (): string => {
  const folder = mkdtempSync(join(tmpdir(), 'wireloop-cli-tls-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

/** Files of a certificate and its key. */
const files = async () => {
  const folder = folderOf()
  const pair = await selfSigned()
  const paths = { certificate: join(folder, 'c.pem'), key: join(folder, 'k.pem'), encrypted: join(folder, 'e.pem') }
  writeFileSync(paths.certificate, pair.certificatePem)
  writeFileSync(paths.key, pair.keyPem)
  const cipher = { cipher: 'aes-256-cbc', passphrase: 'x' }
  writeFileSync(paths.encrypted, createPrivateKey(pair.keyPem).export({ type: 'pkcs8', format: 'pem', ...cipher }))
  return { ...pair, ...paths }
}

describe('Wrong words', () => {
  it.each([
    [['connect', '1', '--tls-min', '1.1'], 'Use 1.2 or 1.3'],
    [['connect', '1', '--tls-min', '1.3', '--tls-max', '1.2'], 'lowest TLS version is above the highest'],
    [['connect', '1', '--tls-alpn', 'h2,,x'], 'names with commas between'],
    [['connect', '1', '--tls-ca', '/nowhere/ca.pem'], 'cannot be read (ENOENT)'],
    [['connect', '1', '--tls-name', 'no name'], 'not a name or an address'],
    [['connect', '1', '--reconnect', 'soon'], 'FIRST[,LONGEST[,ATTEMPTS]]'],
    [['connect', '1', '--reconnect', '500,100'], 'first wait is longer than the longest'],
    [['listen', '--tls', '8443'], 'write it before this option'],
    [['listen', '0', '--keep-alive', '0'], 'whole number of 1 or more'],
    [['relay', '0', '1', '--upstream-tls-key', 'package.json'], 'belong together'],
  ])('%j are refused, saying what would be right', async (words, said) => {
    const { code, stderr } = await wireloop(words).ended
    expect({ code, said: stderr.includes(said) ? said : stderr }).toEqual({ code: 2, said })
  })

  it('a file that is no certificate is named', async () => {
    const { key } = await files()
    const { code, stderr } = await wireloop(['connect', '1', '--tls-ca', key]).ended
    expect({ code, stderr }).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('There is no certificate in PEM'),
    })
  })

  it('a key of another certificate, and one that is encrypted, are a job that fails', async () => {
    const [one, other] = [await files(), await files()]
    const listen = (key: string) => wireloop(['listen', '0', '--tls-cert', one.certificate, '--tls-key', key]).ended
    expect(await listen(other.key)).toMatchObject({ code: 1, stderr: expect.stringContaining('does not belong') })
    expect(await listen(one.encrypted)).toMatchObject({ code: 1, stderr: expect.stringContaining('is encrypted') })
  })

  it('a certificate that is not kept is named, with what to do', async () => {
    const { code, stderr } = await wireloop(['listen', '0', '--tls', 'shop', '--tls-folder', folderOf()]).ended
    expect(code).toBe(1)
    expect(stderr).toContain('There is no certificate “shop”')
  })
})

describe('TLS on the command line', () => {
  it('joins connect and listen, with a key log for its owner only, and no key in what is printed', async () => {
    const { certificate, key, keyPem } = await files()
    const keylog = join(folderOf(), 'keys.txt')
    const pair = ['--tls-cert', certificate, '--tls-key', key, '--tls-keylog', keylog, '--json']
    const listener = wireloop(['listen', '0', ...pair, '--reply', 'echo-close', '--count', '1'])
    const port = await listener.port()
    const ended = await wireloop(['connect', `localhost:${port}`, '--tls-ca', certificate, '--send', 'hi', '--json'])
      .ended
    expect(ended.code).toBe(0)
    const listened = await listener.ended
    expect(listened.code).toBe(0)
    for (const { stdout, stderr } of [ended, listened])
      for (const line of keyPem.split('\n').filter((text) => text.length > 30))
        expect(stdout + stderr).not.toContain(line)
    expect(readFileSync(keylog, 'latin1')).toContain('CLIENT_TRAFFIC_SECRET_0')
    if (process.platform !== 'win32') expect((statSync(keylog).mode & 0o777).toString(8)).toBe('600')
  })

  it('that the server does not speak ends connect with 1 and the reason', async () => {
    const listener = wireloop(['listen', '0', '--json', '--greeting', 'SSH-2.0-x\\r\\n', '--reply', 'discard'])
    const { code, stderr } = await wireloop(['connect', `127.0.0.1:${await listener.port()}`, '--tls']).ended
    expect({ code, stderr }).toMatchObject({ code: 1, stderr: expect.stringContaining('in clear text') })
  })
})

describe('connect --reconnect', () => {
  it('waits for a server that comes later, and is done when it is', async () => {
    const port = await freePort()
    const connect = wireloop([
      ...['connect', `127.0.0.1:${port}`, '--reconnect', '20,50', '--json'],
      ...['--send', 'hello', '--until', 'bytes=5'],
    ])
    await connect.line(({ kind }) => kind === 'reconnect-planned')
    const listener = wireloop(['listen', `${port}`, '--json'])
    await listener.port()
    expect((await connect.ended).code).toBe(0)
  })

  it('gives up after as many attempts as it was given, and says why', async () => {
    const { code, stdout, stderr } = await wireloop([
      ...['connect', `127.0.0.1:${await freePort()}`, '--reconnect', '1,1,2', '--json'],
    ]).ended
    expect(code).toBe(1)
    expect(stderr).toContain('refused')
    expect(stdout.match(/"reconnect-planned"/g)).toHaveLength(2)
  })
})
