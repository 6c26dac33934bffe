// OpenSSL's own client and server, and curl, against listen, connect and relay with TLS on either side.
// Counterparts: main/cli/tls-options.ts, main/engine/loop/tls.ts, main/tls.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { selfSigned } from '../support/certificates.ts'
import { wireloop } from '../support/command-line.ts'
import { freePort, missing, peer, startNginx, temporaryFolder } from '../support/peers.ts'

/** `openssl s_server` with a certificate that nobody has signed, until the test ends; `what` it does with who comes. */
const startServer = async (...what: readonly string[]) => {
  const folder = temporaryFolder()
  const { certificatePem, keyPem } = await selfSigned()
  const certificate = join(folder, 'certificate.pem')
  const key = join(folder, 'key.pem')
  writeFileSync(certificate, certificatePem)
  writeFileSync(key, keyPem)
  const port = await freePort()
  const server = peer(
    'openssl',
    ['s_server', '-accept', `127.0.0.1:${port}`, '-cert', certificate, '-key', key, ...what],
    null,
  )
  await server.says('ACCEPT')
  return { port, certificate }
}

/** `openssl s_client`, which says `input` and leaves when the server closes. */
const client = (port: number, authority: string, input: string, ...more: readonly string[]) =>
  peer(
    'openssl',
    [
      ...[
        's_client',
        '-quiet',
        '-connect',
        `127.0.0.1:${port}`,
        '-servername',
        'localhost',
        '-verify_hostname',
        'localhost',
      ],
      ...['-CAfile', authority, '-verify_return_error', ...more],
    ],
    input,
  ).ended

/** The folder of certificates of one test, and the authority in it, which is made with the first certificate. */
const ownFolder = () => {
  const folder = temporaryFolder()
  return { words: ['--tls-folder', folder], authority: join(folder, 'authority.pem') }
}

describe.skipIf(missing('openssl'))('openssl', () => {
  it.each(['-tls1_2', '-tls1_3'])(
    's_client %s trusts a listener’s own certificate, and is answered',
    async (version) => {
      const { words, authority } = ownFolder()
      const listener = wireloop(['listen', '0', '--tls', '--reply', 'echo-close', '--json', ...words])
      const { code, stdout } = await client(await listener.port(), authority, 'hello\n', version)
      expect({ code, stdout }).toEqual({ code: 0, stdout: 'hello\n' })
      const established = await listener.line(({ kind }) => kind === 'tls-established')
      expect(established).toMatchObject({
        protocol: version === '-tls1_2' ? 'TLSv1.2' : 'TLSv1.3',
        serverName: 'localhost',
      })
      const received = await listener.line(({ kind }) => kind === 'data-received')
      expect(Buffer.from(received.data ?? '', 'base64').toString()).toBe('hello\n')
    },
  )

  it('s_client without the authority refuses it, and the listener says so', async () => {
    const listener = wireloop(['listen', '0', '--tls', '--json', ...ownFolder().words])
    const own = await selfSigned()
    const other = join(temporaryFolder(), 'other.pem')
    writeFileSync(other, own.certificatePem)
    expect((await client(await listener.port(), other, '', '-tls1_2')).code).not.toBe(0)
    expect(await listener.line(({ kind }) => kind === 'tls-failed')).toMatchObject({
      error: 'ERR_SSL_TLSV1_ALERT_UNKNOWN_CA',
      message: expect.stringContaining('does not trust'),
    })
  })

  it('s_server is refused by connect unless it is trusted, with the reason', async () => {
    const { port, certificate } = await startServer('-rev')
    const connect = (...more: readonly string[]) =>
      wireloop([
        'connect',
        `127.0.0.1:${port}`,
        '--tls-name',
        'localhost',
        '--send',
        'hello\\n',
        '--until',
        'bytes=6',
        ...more,
      ])
    const refused = await connect().ended
    expect(refused.code).toBe(1)
    expect(refused.stderr).toContain('self-signed')
    expect(refused.stderr).toContain('DEPTH_ZERO_SELF_SIGNED_CERT')
    expect(refused.stdout).not.toContain('data-sent')

    const trusted = await connect('--tls-ca', certificate).ended
    expect(trusted.code).toBe(0)
    expect(trusted.stdout).toContain('olleh\\n')

    const insecure = await connect('--tls-insecure').ended
    expect(insecure.code).toBe(0)
    expect(insecure.stdout).toMatch(/tls-established .*DEPTH_ZERO_SELF_SIGNED_CERT/)
  })

  it('s_client and s_server meet through a relay that ends and begins TLS', async () => {
    const { port, certificate } = await startServer('-rev')
    const { words, authority } = ownFolder()
    const upstream = ['--upstream-tls-name', 'localhost', '--upstream-tls-ca', certificate]
    const relay = wireloop(['relay', '0', `127.0.0.1:${port}`, '--listen-tls', ...upstream, '--json', ...words])
    const relayPort = await relay.port()
    // Not -quiet: it leaves when its input ends, and what was answered is told by the relay.
    const going = peer('openssl', ['s_client', '-connect', `127.0.0.1:${relayPort}`, '-CAfile', authority], null)
    going.process.stdin?.write('hello\n')
    const sent = await relay.line(({ kind, side }) => kind === 'data-sent' && side === 'downstream')
    expect(Buffer.from(sent.data ?? '', 'base64').toString()).toBe('olleh\n')
    going.process.stdin?.end()
    await going.ended
    const sides = relay.lines().filter(({ kind }) => kind === 'tls-established')
    expect(sides.map(({ side }) => side)).toEqual(['downstream', 'upstream'])
  })

  it('shows its certificate to a listener that demands one, with key and certificate from files', async () => {
    const folder = temporaryFolder()
    const { certificatePem, keyPem } = await selfSigned()
    const certificate = join(folder, 'own.pem')
    const key = join(folder, 'own.key')
    writeFileSync(certificate, certificatePem)
    writeFileSync(key, keyPem)
    const files = ['--tls-cert', certificate, '--tls-key', key, '--tls-client-ca', certificate]
    const listener = wireloop(['listen', '0', ...files, '--reply', 'echo-close', '--json'])
    const port = await listener.port()
    const { code, stdout } = await client(port, certificate, 'me\n', '-cert', certificate, '-key', key)
    expect({ code, stdout }).toEqual({ code: 0, stdout: 'me\n' })
    expect(await listener.line(({ kind }) => kind === 'tls-established')).toMatchObject({ verified: true })
    expect(listener.stdout()).not.toContain('PRIVATE')
  })
})

describe.skipIf(missing('openssl', 'curl', 'nginx'))('curl', () => {
  const curl = (...args: readonly string[]) => peer('curl', ['-sS', '--noproxy', '*', ...args]).ended

  it('fetches https:// through a relay that ends TLS in front of a plain server', async () => {
    const { words, authority } = ownFolder()
    const upstream = await startNginx({ 'hello.txt': 'Hello World!\n' })
    const relay = wireloop([
      'relay',
      '0',
      `127.0.0.1:${upstream}`,
      '--listen-tls',
      '--listen-tls-alpn',
      'http/1.1',
      ...words,
      '--json',
    ])
    const port = await relay.port()
    const url = `https://localhost:${port}/hello.txt`
    const resolve = ['--resolve', `localhost:${port}:127.0.0.1`]
    expect(await curl(...resolve, '--cacert', authority, url)).toMatchObject({ code: 0, stdout: 'Hello World!\n' })
    // 60: the certificate is not trusted.
    expect((await curl(...resolve, url)).code).toBe(60)
  })

  it('fetches http:// through a relay that begins TLS in front of an https server', async () => {
    const { port, certificate } = await startServer('-www')
    const relay = wireloop([
      ...['relay', '0', `127.0.0.1:${port}`, '--upstream-tls', '--upstream-tls-name', 'localhost'],
      ...['--upstream-tls-ca', certificate, '--json'],
    ])
    const { code, stdout } = await curl(`http://127.0.0.1:${await relay.port()}/`)
    expect(code).toBe(0)
    expect(stdout).toContain('s_server')
  })
})
