// Programs that people have, unchanged, through `wireloop relay`: redis-cli and redis-server, curl and nginx, ncat, socat.
import { createHash, randomBytes } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { wireloop } from '../support/command-line.ts'
import { eventually, freePort, missing, peer, startNginx, startRedis, temporaryFolder } from '../support/peers.ts'

/** A relay to `upstreamPort`; resolves with the port to use instead. */
const relayTo = async (upstreamPort: number) => {
  const relay = wireloop(['relay', '0', `127.0.0.1:${upstreamPort}`, '--json'])
  return { relay, port: await relay.port() }
}

describe.skipIf(missing('redis-server', 'redis-cli'))('redis-cli', () => {
  const redis = (port: number, args: readonly string[], input?: string) =>
    peer('redis-cli', ['-h', '127.0.0.1', '-p', String(port), ...args], input).ended

  it('works through the relay: a command, a value of 1 MiB, a thousand commands at once', async () => {
    const { port } = await relayTo(await startRedis())
    expect(await redis(port, ['PING'])).toMatchObject({ code: 0, stdout: 'PONG\n' })

    const value = randomBytes(512 * 1024).toString('hex')
    expect(await redis(port, ['-x', 'SET', 'large'], value)).toMatchObject({ code: 0, stdout: 'OK\n' })
    expect((await redis(port, ['GET', 'large'])).stdout).toBe(`${value}\n`)

    const commands = Array.from({ length: 1000 }, (_, i) => `SET key:${i} ${i}\r\n`).join('')
    expect((await redis(port, ['--pipe'], commands)).stdout).toContain('errors: 0, replies: 1000')
    expect((await redis(port, ['DBSIZE'])).stdout).toBe('1001\n')
  })

  it('is shown what happens: its command upstream, the answer downstream', async () => {
    const { relay, port } = await relayTo(await startRedis())
    await redis(port, ['ECHO', 'hi'])
    await relay.line(({ kind, side }) => kind === 'connection-lost' && side === 'downstream')
    const bytes = (kind: string, side: string) =>
      relay
        .lines()
        .filter((line) => line.kind === kind && line.side === side)
        .map(({ data }) => Buffer.from(data ?? '', 'base64').toString())
        .join('')
    expect(bytes('data-sent', 'upstream')).toContain('*2\r\n$4\r\nECHO\r\n$2\r\nhi\r\n')
    expect(bytes('data-received', 'upstream')).toContain('$2\r\nhi\r\n')
    expect(bytes('data-sent', 'downstream')).toBe(bytes('data-received', 'upstream'))
  })
})

describe.skipIf(missing('nginx', 'curl'))('curl', () => {
  it('fetches from nginx through the relay: text, 8 MiB, a part, and two on one connection', async () => {
    const large = randomBytes(8 * 1024 * 1024)
    const { relay, port } = await relayTo(await startNginx({ 'hello.txt': 'Hello World!\n', 'large.bin': large }))
    const url = `http://127.0.0.1:${port}`
    const curl = (...args: readonly string[]) => peer('curl', ['-sS', '--noproxy', '*', ...args]).ended

    expect(await curl(`${url}/hello.txt`)).toMatchObject({ code: 0, stdout: 'Hello World!\n' })
    expect((await curl('-r', '6-10', `${url}/hello.txt`)).stdout).toBe('World')
    expect((await curl('-I', `${url}/missing`)).stdout).toContain('404 Not Found')

    const { code, stdout } = await curl(`${url}/large.bin`)
    expect(code).toBe(0)
    const sha256 = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex')
    expect(sha256(Buffer.from(stdout, 'latin1'))).toBe(sha256(large))

    const accepted = () =>
      relay.lines().filter(({ kind, side }) => kind === 'connection-made' && side === 'downstream').length
    const before = accepted()
    expect((await curl(`${url}/hello.txt`, `${url}/hello.txt`)).stdout).toBe('Hello World!\nHello World!\n')
    await eventually(() => accepted() > before)
    expect(accepted()).toBe(before + 1)
  })
})

describe.skipIf(missing('socat', 'ncat', 'sh'))('ncat and socat', () => {
  /** A socat that reads to the client's FIN, then answers what `script` makes of it; resolves with its port. */
  const startLateServer = async (script: string) => {
    const port = await freePort()
    const file = join(temporaryFolder(), 'answer.sh')
    writeFileSync(file, script)
    peer('socat', ['-d', '-d', '-t', '20', `TCP-LISTEN:${port},bind=127.0.0.1,reuseaddr,fork`, `EXEC:sh ${file}`], null)
    await eventually(async () => (await peer('ncat', ['-z', '127.0.0.1', String(port)]).ended).code === 0)
    return port
  }
  const reverse = 'all=$(cat); sleep 0.2; echo "late answer to $all"'

  it('ncat’s FIN goes through, and so does the answer that comes only then', async () => {
    const { port } = await relayTo(await startLateServer(reverse))
    const { code, stdout } = await peer('ncat', ['127.0.0.1', String(port)], 'a question').ended
    expect(stdout).toBe('late answer to a question\n')
    expect(code).toBe(0)
  })

  it('socat’s FIN goes through, and so does the answer that comes only then', async () => {
    const { port } = await relayTo(await startLateServer(reverse))
    const { code, stdout } = await peer('socat', ['-t', '20', '-', `TCP:127.0.0.1:${port}`], 'a question').ended
    expect(stdout).toBe('late answer to a question\n')
    expect(code).toBe(0)
  })

  it('ncat talks to our listener, and our client to ncat', async () => {
    const listener = wireloop(['listen', '0', '--json', '--reply', 'echo', '--count', '1'])
    const { stdout } = await peer('ncat', ['127.0.0.1', String(await listener.port())], 'echo me').ended
    expect(stdout).toBe('echo me')
    expect((await listener.ended).code).toBe(0)

    const port = await freePort()
    const server = peer('ncat', ['-l', '127.0.0.1', String(port)], null)
    const talk = async () => {
      // No --half-close: a listening ncat that reads EOF leaves without looking at its standard input again.
      const client = wireloop(['connect', `127.0.0.1:${port}`, '--send', 'from us'])
      const answered = server.says('from us').then(() => server.process.stdin?.end('from ncat'))
      const refused = client.ended.then(({ stderr }) => stderr.includes('ECONNREFUSED'))
      if ((await Promise.race([answered, refused])) === true) return false
      expect(await client.ended).toMatchObject({ code: 0, stdout: expect.stringContaining('from ncat') })
      return true
    }
    await eventually(talk)
    expect((await server.ended).stdout).toBe('from us')
  })
})

describe.skipIf(missing('python3'))('a reset', () => {
  // SO_LINGER with a time of 0: close() sends RST.
  const linger = `
import socket, struct, sys
def reset(s):
    s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack('ii', 1, 0))
    s.close()
def ending(s):
    try:
        while True:
            data = s.recv(65536)
            if not data:
                return 'FIN'
    except OSError as error:
        return type(error).__name__
`
  const server = (then: string) => `${linger}
l = socket.create_server(('127.0.0.1', 0))
print('port', l.getsockname()[1], flush=True)
s, _ = l.accept()
print('got', s.recv(100), flush=True)
${then}
`
  const client = (then: string) => `${linger}
s = socket.create_connection(('127.0.0.1', int(sys.argv[1])))
s.sendall(b'hello')
${then}
`
  const startServer = async (then: string) => {
    const started = peer('python3', ['-c', server(then)])
    await started.says('\n')
    return { started, port: Number(/port (\d+)/.exec(started.stdout())?.[1]) }
  }

  it('by the server arrives at the client as ECONNRESET', async () => {
    const { started, port } = await startServer('reset(s)')
    const { relay, port: relayPort } = await relayTo(port)
    const { stdout } = await peer('python3', ['-c', client('print(ending(s))'), String(relayPort)]).ended
    expect(stdout).toBe('ConnectionResetError\n')
    expect((await started.ended).stdout).toContain("got b'hello'")
    expect(await relay.line(({ kind, side }) => kind === 'connection-lost' && side === 'upstream')).toMatchObject({
      cause: 'reset-by-peer',
      error: 'ECONNRESET',
    })
  })

  it('by the client arrives at the server as ECONNRESET', async () => {
    const { started, port } = await startServer('print(ending(s))')
    const { relay, port: relayPort } = await relayTo(port)
    const running = peer('python3', ['-c', client('sys.stdin.read(); reset(s)'), String(relayPort)], null)
    await started.says("got b'hello'")
    running.process.stdin?.end()
    expect((await started.ended).stdout).toMatch(/ConnectionResetError\n$/)
    expect(await relay.line(({ kind, side }) => kind === 'connection-lost' && side === 'downstream')).toMatchObject({
      cause: 'reset-by-peer',
      error: 'ECONNRESET',
    })
  })

  it('of our own client’s connection is told by its exit code', async () => {
    const { port } = await startServer('reset(s)')
    const { code, stderr } = await wireloop(['connect', `127.0.0.1:${port}`, '--send', 'hello']).ended
    expect(code).toBe(1)
    expect(stderr).toContain('ECONNRESET')
  })
})
