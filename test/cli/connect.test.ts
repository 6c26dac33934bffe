// `wireloop connect` as scripts use it: what it sends, when it is done, and every way a connection can end, with its exit code.
import { createServer } from 'node:net'
import { describe, expect, it } from 'vitest'
import { parseLines, runWireloop, wireloop } from '../support/command-line.ts'
import { startDeafListener } from '../support/deaf-listener.ts'
import { startScriptedServer } from '../support/scripted-server.ts'

/** Collects what comes and answers with all of it, reversed, when the client has said it is done. */
const reverser = () =>
  startScriptedServer((socket) => {
    let text = ''
    socket.setEncoding('latin1').on('data', (chunk) => {
      text += chunk
    })
    socket.once('end', () => socket.end([...text].reverse().join(''), 'latin1'))
  })

const echoes = () => startScriptedServer((socket) => socket.pipe(socket))

const kinds = (stdout: string) =>
  stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line).kind)

describe('wireloop connect', () => {
  it('sends each --send in turn with its line ending, half-closes, and takes the late answer', async () => {
    const { port } = await reverser()
    const cli = wireloop([
      'connect',
      `127.0.0.1:${port}`,
      '--json',
      '--send',
      'one\\x00',
      '--send',
      'two',
      '--eol',
      'crlf',
      '--half-close',
    ])
    const { code, stderr } = await cli.ended
    expect(stderr).toBe('')
    expect(code).toBe(0)
    const bytes = (kind: string) =>
      Buffer.concat(
        cli
          .lines()
          .filter((line) => line.kind === kind)
          .map((line) => Buffer.from(line.data ?? '', 'base64')),
      ).toString('latin1')
    expect(bytes('data-sent')).toBe('one\0\r\ntwo\r\n')
    expect(bytes('data-received')).toBe('\n\rowt\n\r\0eno')
    const on = {
      endpoint: 1,
      connection: 1,
      local: expect.stringMatching(/^127\.0\.0\.1:\d+$/),
      remote: `127.0.0.1:${port}`,
      at: expect.any(Number),
      seq: expect.any(Number),
    }
    expect(cli.lines()[0]).toEqual({ ...on, local: undefined, kind: 'connection-started', seq: 1 })
    expect(cli.lines()[1]).toEqual({ ...on, kind: 'connection-made', seq: 2, direction: 'out' })
    expect(cli.lines().at(-1)).toEqual({
      ...on,
      kind: 'connection-lost',
      cause: 'closed-here',
      unsentBytes: 0,
      unreadBytes: 0,
      ignoredBytes: 0,
    })
  })

  it.each([
    { eol: 'none', sent: 'ab' },
    { eol: 'lf', sent: 'a\nb\n' },
    { eol: 'cr', sent: 'a\rb\r' },
    { eol: 'crlf', sent: 'a\r\nb\r\n' },
  ])('--eol $eol', async ({ eol, sent }) => {
    const { port, accepted } = await startScriptedServer(() => {})
    const cli = wireloop(['connect', `127.0.0.1:${port}`, '--send', 'a', '--send', 'b', '--eol', eol, '--half-close'])
    const socket = await accepted()
    let text = ''
    socket.setEncoding('latin1').on('data', (chunk) => {
      text += chunk
    })
    await new Promise((resolve) => socket.once('end', resolve))
    expect(text).toBe(sent)
    socket.end()
    expect((await cli.ended).code).toBe(0)
  })

  it('without --send connects and stays connected until the peer closes', async () => {
    const { port, accepted } = await startScriptedServer(() => {})
    const cli = wireloop(['connect', `127.0.0.1:${port}`, '--json'])
    const socket = await accepted()
    await cli.line(({ kind }) => kind === 'connection-made')
    socket.end()
    const { code, stdout } = await cli.ended
    expect(code).toBe(0)
    expect(kinds(stdout)).toEqual(['connection-started', 'connection-made', 'eof-received', 'connection-lost'])
    expect(cli.lines().at(-1)).toMatchObject({ cause: 'closed-by-peer' })
  })

  it('has sent everything also where the peer greets and closes at once', async () => {
    const heard: Buffer[] = []
    const server = await startScriptedServer((socket) => {
      socket.on('data', (data) => heard.push(data))
      socket.end('bye')
    })
    const address = `127.0.0.1:${server.port}`
    const { code, stdout } = await runWireloop(['connect', address, '--send', 'one', '--send', 'two', '--json'])
    expect(code).toBe(0)
    expect(
      parseLines(stdout)
        .filter(({ kind }) => kind === 'data-sent')
        .map(({ length }) => length),
    ).toEqual([3, 3])
    await expect.poll(() => Buffer.concat(heard).toString()).toBe('onetwo')
  })

  it('--until bytes=N ends when so many have come, and closes', async () => {
    const { port } = await echoes()
    const cli = wireloop(['connect', `127.0.0.1:${port}`, '--json', '--send', '0123456789', '--until', 'bytes=10'])
    expect((await cli.ended).code).toBe(0)
    expect(cli.lines().at(-1)).toMatchObject({ kind: 'connection-lost', cause: 'closed-here' })
  })

  it('--until bytes=N with fewer bytes before the end: exit 1 and how many there were', async () => {
    const { port } = await startScriptedServer((socket) => socket.end('1234567'))
    const { code, stderr } = await runWireloop(['connect', `127.0.0.1:${port}`, '--until', 'bytes=10'])
    expect(stderr).toBe('wireloop: The connection ended (closed-by-peer) before 10 bytes had come; there were 7\n')
    expect(code).toBe(1)
  })

  it('--until idle=MS ends after the last byte, however slowly they come', async () => {
    const { port } = await startScriptedServer((socket) => {
      socket.on('data', () => {})
      let left = 5
      const next = () => {
        socket.write(String(left--))
        if (left > 0) setTimeout(next, 100)
      }
      next()
    })
    const cli = wireloop(['connect', `127.0.0.1:${port}`, '--json', '--until', 'idle=1000'])
    expect((await cli.ended).code).toBe(0)
    const received = cli.lines().filter(({ kind }) => kind === 'data-received')
    expect(received.map(({ data }) => Buffer.from(data ?? '', 'base64').toString()).join('')).toBe('54321')
    expect(cli.lines().at(-1)).toMatchObject({ kind: 'connection-lost', cause: 'closed-here' })
    expect((cli.lines().at(-1)?.at ?? 0) - (received.at(-1)?.at ?? 0)).toBeGreaterThanOrEqual(1000)
  })

  it('--until idle=MS counts an orderly close by the peer as silence', async () => {
    const { port } = await startScriptedServer((socket) => socket.end('bye'))
    expect((await runWireloop(['connect', `127.0.0.1:${port}`, '--until', 'idle=60000'])).code).toBe(0)
  })

  it('SIGINT closes in order and exits 0', async () => {
    const { port, accepted } = await startScriptedServer((socket) => socket.on('data', () => {}))
    const cli = wireloop(['connect', `127.0.0.1:${port}`, '--json'])
    await cli.line(({ kind }) => kind === 'connection-made')
    const socket = await accepted()
    const ended = new Promise<string>((resolve) => {
      socket.once('end', () => resolve('FIN'))
      socket.once('error', (error) => resolve(error.message))
    })
    cli.process.kill('SIGINT')
    expect(await ended).toBe('FIN')
    const { code, stderr } = await cli.ended
    expect(stderr).toBe('')
    expect(code).toBe(0)
    expect(cli.lines().at(-1)).toMatchObject({ kind: 'connection-lost', cause: 'closed-here' })
  })

  it('--max-time before the goal is reached closes in order, says so and exits 1', async () => {
    const { port } = await startScriptedServer((socket) => socket.on('data', () => {}))
    const cli = wireloop(['connect', `127.0.0.1:${port}`, '--json', '--max-time', '0.5'])
    const { code, stderr } = await cli.ended
    expect(stderr).toBe('wireloop: --max-time: 0.5 s have passed before the connection was closed\n')
    expect(code).toBe(1)
    expect(cli.lines().at(-1)).toMatchObject({ kind: 'connection-lost', cause: 'closed-here' })
  })

  it('--quiet prints nothing', async () => {
    const { port } = await startScriptedServer((socket) => socket.end('bye'))
    expect(await runWireloop(['connect', `127.0.0.1:${port}`, '--quiet'])).toMatchObject({
      code: 0,
      stdout: '',
      stderr: '',
    })
  })
})

describe('a connection that is not made: exit 1, the cause on its line, one sentence with the errno name', () => {
  const expectFailure = async (args: readonly string[], cause: string, error: RegExp) => {
    const cli = wireloop([...args, '--json'])
    const { code, stderr } = await cli.ended
    expect(cli.lines()[0]?.kind).toBe('connection-started')
    const last = cli.lines().at(-1)
    expect(last).toMatchObject({ kind: 'connection-failed', cause, error: expect.stringMatching(error) })
    expect(last?.message).toBeTypeOf('string')
    expect(stderr).toMatch(/^wireloop: [^\n]*\n$/)
    expect(stderr).toContain(`(${last?.error})`)
    expect(code).toBe(1)
  }

  it('refused: ECONNREFUSED', async () => {
    const server = createServer()
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const address = server.address()
    const port = typeof address === 'object' ? address?.port : null
    await new Promise((resolve) => server.close(resolve))
    await expectFailure(['connect', `127.0.0.1:${port}`], 'refused', /^ECONNREFUSED$/)
  })

  it('a name that is not found: ENOTFOUND, or EAI_AGAIN where no resolver answers', async () => {
    // RFC 2606 keeps .invalid free of names.
    await expectFailure(['connect', 'no-such-host.invalid:80'], 'name-not-found', /^(?:ENOTFOUND|EAI_AGAIN)$/)
  })

  it('a peer that never answers: ETIMEDOUT, when --max-time is over', async () => {
    const port = await startDeafListener()
    await expectFailure(['connect', `127.0.0.1:${port}`, '--max-time', '0.5'], 'timed-out', /^ETIMEDOUT$/)
  })
})

describe('a connection that is reset', () => {
  it('while it waits: exit 1, reset-by-peer with ECONNRESET', async () => {
    const { port, accepted } = await startScriptedServer(() => {})
    const cli = wireloop(['connect', `127.0.0.1:${port}`, '--json'])
    await cli.line(({ kind }) => kind === 'connection-made')
    ;(await accepted()).resetAndDestroy()
    const { code, stderr } = await cli.ended
    expect(cli.lines().at(-1)).toMatchObject({ kind: 'connection-lost', cause: 'reset-by-peer', error: 'ECONNRESET' })
    expect(stderr).toMatch(/^wireloop: [^\n]*reset-by-peer[^\n]*ECONNRESET[^\n]*\n$/)
    expect(code).toBe(1)
  })

  it('in mid-transfer: exit 1, and what had come is told', async () => {
    const { port } = await startScriptedServer((socket) => {
      socket.write('part', () => {
        socket.once('data', () => socket.resetAndDestroy())
      })
    })
    const cli = wireloop(['connect', `127.0.0.1:${port}`, '--json', '--send', 'x', '--until', 'bytes=100'])
    const { code, stderr } = await cli.ended
    expect(cli.lines().at(-1)).toMatchObject({ kind: 'connection-lost', cause: 'reset-by-peer', error: 'ECONNRESET' })
    expect(stderr).toContain('before 100 bytes had come; there were 4')
    expect(stderr).toContain('ECONNRESET')
    expect(code).toBe(1)
  })
})
