// `wireloop listen` as scripts use it: its replies, its JSON Lines, --count, --max-time, signals and failures.
import { connect, createServer, type Socket } from 'node:net'
import { expect, it, onTestFinished } from 'vitest'
import { runWireloop, wireloop } from '../support/command-line.ts'

/** A plain client; `received` resolves with all that came up to the peer's FIN. */
const dial = (port: number) => {
  const socket: Socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true })
  onTestFinished(() => {
    socket.destroy()
  })
  let text = ''
  socket.setEncoding('latin1').on('data', (chunk) => {
    text += chunk
  })
  const received = new Promise<string>((resolve, reject) => {
    socket.once('end', () => resolve(text))
    socket.once('error', reject)
  })
  return { socket, received, text: () => text }
}

const base64 = (text: string) => Buffer.from(text, 'latin1').toString('base64')

it('tells first of all where it listens, and every event after that as one JSON object a line', async () => {
  const cli = wireloop(['listen', '0', '--json', '--reply', 'echo-close', '--count', '1'])
  const port = await cli.port()
  const { socket, received } = dial(port)
  socket.write('Hello\0World!')
  expect(await received).toBe('Hello\0World!')
  const local = `127.0.0.1:${port}`
  const remote = `127.0.0.1:${socket.localPort}`
  socket.end()
  const { code, stderr } = await cli.ended
  expect(stderr).toBe('')
  expect(code).toBe(0)
  const on = { endpoint: 1, connection: 1, local, remote, at: expect.any(Number) }
  const data = { length: 12, data: base64('Hello\0World!') }
  expect(cli.lines()).toEqual([
    {
      seq: 1,
      at: expect.any(Number),
      kind: 'listener-started',
      endpoint: 1,
      name: 'listener',
      host: '127.0.0.1',
      port,
      local,
    },
    { seq: 2, kind: 'connection-made', ...on, direction: 'in' },
    { seq: 3, kind: 'data-received', ...on, ...data },
    { seq: 4, kind: 'data-sent', ...on, ...data },
    { seq: 5, kind: 'connection-lost', ...on, cause: 'closed-here', unsentBytes: 0, unreadBytes: 0, ignoredBytes: 0 },
    { seq: 6, at: expect.any(Number), kind: 'listener-stopped', endpoint: 1, local },
  ])
  const times = cli.lines().map(({ at }) => at ?? Number.NaN)
  expect(times).toEqual(times.toSorted((a, b) => a - b))
})

it.each([
  { reply: 'echo', answer: 'ping' },
  { reply: 'echo-close', answer: 'ping' },
  { reply: 'discard', answer: '' },
])('--reply $reply answers “ping” with “$answer” and closes when the client has', async ({ reply, answer }) => {
  const cli = wireloop(['listen', '127.0.0.1:0', '--json', '--reply', reply, '--count', '1'])
  const { socket, received } = dial(await cli.port())
  socket.end('ping')
  expect(await received).toBe(answer)
  expect((await cli.ended).code).toBe(0)
})

it('--reply none answers nothing, not even the client’s FIN, until it is stopped', async () => {
  const cli = wireloop(['listen', '0', '--json', '--reply', 'none'])
  const { socket, received } = dial(await cli.port())
  socket.end('ping')
  await cli.line(({ kind }) => kind === 'eof-received')
  cli.process.kill('SIGINT')
  expect(await received).toBe('')
  expect((await cli.ended).code).toBe(0)
  expect(cli.lines().map(({ kind }) => kind)).toEqual([
    'listener-started',
    'connection-made',
    'data-received',
    'eof-received',
    'connection-lost',
    'listener-stopped',
  ])
})

it('--greeting is sent first, with its C escapes as the bytes they stand for', async () => {
  const cli = wireloop(['listen', '0', '--json', '--greeting', '220 r\\xe9ady\\r\\n\\0\\\\', '--count', '1'])
  const { socket, received } = dial(await cli.port())
  socket.end()
  expect(await received).toBe('220 r\xe9ady\r\n\0\\')
  await cli.ended
})

it('--count 2 takes two connections that come and go, one after the other, and then ends with 0', async () => {
  const cli = wireloop(['listen', '0', '--json', '--count', '2'])
  const port = await cli.port()
  for (let i = 0; i < 2; i++) {
    const { socket, received } = dial(port)
    socket.end('x')
    await received
  }
  expect((await cli.ended).code).toBe(0)
  expect(cli.lines().filter(({ kind }) => kind === 'connection-lost').length).toBe(2)
  expect(cli.lines().at(-1)?.kind).toBe('listener-stopped')
})

it.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)(
  '%s: closes in order what is open, says listener-stopped last, exits 0',
  async (signal) => {
    const cli = wireloop(['listen', '0', '--json'])
    const { socket, received } = dial(await cli.port())
    socket.write('hi')
    await cli.line(({ kind }) => kind === 'data-sent')
    cli.process.kill(signal)
    expect(await received).toBe('hi')
    socket.end()
    const { code, stderr } = await cli.ended
    expect(stderr).toBe('')
    expect(code).toBe(0)
    expect(cli.lines().slice(-2)).toMatchObject([
      { kind: 'connection-lost', cause: 'closed-here' },
      { kind: 'listener-stopped' },
    ])
  },
)

it('one Ctrl+C that arrives twice, from the terminal and through npm, still ends in order', async () => {
  const cli = wireloop(['listen', '0', '--json'])
  await cli.port()
  cli.process.kill('SIGINT')
  cli.process.kill('SIGINT')
  expect((await cli.ended).code).toBe(0)
  expect(cli.lines().at(-1)?.kind).toBe('listener-stopped')
})

it('--max-time ends in order and exits 0', async () => {
  const { code, stdout } = await runWireloop(['listen', '0', '--json', '--max-time', '0.2'])
  expect(code).toBe(0)
  expect(
    stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line).kind),
  ).toEqual(['listener-started', 'listener-stopped'])
})

it('--quiet prints where it listens and nothing else', async () => {
  const cli = wireloop(['listen', '0', '--json', '--quiet', '--count', '1'])
  const { socket, received } = dial(await cli.port())
  socket.end('x')
  expect(await received).toBe('x')
  expect((await cli.ended).code).toBe(0)
  expect(cli.lines().map(({ kind }) => kind)).toEqual(['listener-started'])
})

it('an address in use: exit 1, one sentence with EADDRINUSE, listener-failed with its cause', async () => {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => new Promise((resolve) => server.close(() => resolve())))
  const address = server.address()
  const port = typeof address === 'object' ? address?.port : null
  const cli = wireloop(['listen', `127.0.0.1:${port}`, '--json'])
  const { code, stderr } = await cli.ended
  expect(code).toBe(1)
  expect(stderr).toMatch(/^wireloop: [^\n]*EADDRINUSE[^\n]*\n$/)
  expect(cli.lines()).toMatchObject([
    { kind: 'listener-failed', cause: 'address-in-use', error: 'EADDRINUSE', message: expect.any(String) },
  ])
})

it('an address of another machine: exit 1 and EADDRNOTAVAIL', async () => {
  // 192.0.2.0/24 is for documentation (RFC 5737), so it is no address of this machine.
  const { code, stderr } = await runWireloop(['listen', '192.0.2.1:0'])
  expect(code).toBe(1)
  expect(stderr).toContain('EADDRNOTAVAIL')
})

it('listens on IPv6 and writes its addresses in brackets', async () => {
  const cli = wireloop(['listen', '[::1]:0', '--json', '--max-time', '20'])
  const started = await cli.line(() => true)
  expect(started).toMatchObject({ kind: 'listener-started', host: '::1', local: `[::1]:${started.port}` })
  cli.process.kill('SIGINT')
  expect((await cli.ended).code).toBe(0)
})
