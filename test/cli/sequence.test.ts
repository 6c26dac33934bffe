// `wireloop connect` in scripts that check a service: sequences, expected answers, files and repetition, with exit codes.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import type { Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { Sequence } from '../../preload/contract/workspace.ts'
import { formatWorkspace } from '../../preload/contract/workspace-document.ts'
import { runWireloop, wireloop } from '../support/command-line.ts'
import { eventually, freePort, missing, peer, temporaryFolder } from '../support/peers.ts'
import { startScriptedServer } from '../support/scripted-server.ts'

const file = (name: string, content: string | Uint8Array): string => {
  const folder = mkdtempSync(join(tmpdir(), 'wireloop-cli-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const path = join(folder, name)
  writeFileSync(path, content)
  return path
}

const send = (text: string, name = '') =>
  ({ kind: 'send', name, text, mode: 'text', encoding: 'utf-8', ending: 'crlf' }) as const
const wait = (text: string, name = '', timeoutMs = 20_000) =>
  ({ kind: 'expect', name, pattern: { match: 'prefix', text }, timeoutMs }) as const

const login = (password: string, timeoutMs?: number): Sequence => ({
  id: 'login',
  name: 'login, then query',
  target: null,
  steps: [
    send(`AUTH ${password}`, 'log in'),
    wait('+OK', 'logged in', timeoutMs),
    send('SET n 42'),
    wait('+OK'),
    send('GET n'),
    { kind: 'expect', name: 'the value', pattern: { match: 'contains', text: '42' }, timeoutMs: 20_000 },
    { kind: 'assert', name: 'no error', pattern: { match: 'prefix', text: '-' }, matches: false },
    send('QUIT'),
    wait('+OK'),
    { kind: 'close', name: '', how: 'close' },
  ],
})

const sequenceFile = (...sequences: Sequence[]) => file('sequence.json', formatWorkspace({ sequences }))

/** Speaks as much of redis as the login needs. */
const redisLike = (socket: Socket) => {
  let rest = ''
  let in_ = false
  socket.setEncoding('latin1').on('data', (chunk: string) => {
    rest += chunk
    for (let end = rest.indexOf('\r\n'); end >= 0; end = rest.indexOf('\r\n')) {
      const words = rest.slice(0, end).split(' ')
      rest = rest.slice(end + 2)
      if (words[0] === 'AUTH') in_ = words[1] === 'secret'
      if (words[0] === 'AUTH') socket.write(in_ ? '+OK\r\n' : '-WRONGPASS invalid username-password pair\r\n')
      else if (!in_) socket.write('-NOAUTH Authentication required.\r\n')
      else if (words[0] === 'GET') socket.write('$2\r\n42\r\n')
      else socket.write('+OK\r\n')
      if (words[0] === 'QUIT') socket.end()
    }
  })
  socket.on('end', () => socket.end())
}

describe('wireloop connect --sequence', () => {
  it('does its steps over one connection, prints each, and exits 0', async () => {
    const { port, sockets } = await startScriptedServer(redisLike)
    const cli = wireloop(['connect', `127.0.0.1:${port}`, '--sequence', sequenceFile(login('secret')), '--json'])
    const { code, stderr } = await cli.ended
    expect(stderr).toBe('')
    expect(code).toBe(0)
    expect(sockets).toHaveLength(1)
    const steps = cli.lines().filter(({ kind }) => kind === 'step-ended')
    expect(steps).toHaveLength(10)
    expect(steps[0]).toMatchObject({
      connection: 1,
      sequence: 'login, then query',
      step: 0,
      name: 'log in',
      passed: true,
    })
    expect(steps[5]).toMatchObject({
      step: 5,
      name: 'the value',
      passed: true,
      message: '42',
      tookMs: expect.any(Number),
    })
  })

  it('exits 1 at the first step that fails, and names it in one sentence', async () => {
    const { port } = await startScriptedServer(redisLike)
    const path = sequenceFile(login('wrong', 2000))
    const { code, stderr } = await wireloop(['connect', `127.0.0.1:${port}`, '--sequence', path, '--quiet']).ended
    expect(stderr).toBe(
      'wireloop: Step 2 (logged in): prefix “+OK” did not come within 2000 ms; what came last is “-WRONGPASS invalid username-password pair\\r\\n”\n',
    )
    expect(code).toBe(1)
  })

  it('takes one of several by its name, and says which there are', async () => {
    const { port } = await startScriptedServer(redisLike)
    const other: Sequence = { id: 'o', name: 'other', target: null, steps: [send('AUTH secret'), wait('+OK')] }
    const path = sequenceFile(login('secret'), other)
    expect((await runWireloop(['connect', `127.0.0.1:${port}`, '--sequence', `${path}#other`])).code).toBe(0)
    const { code, stderr } = await runWireloop(['connect', `127.0.0.1:${port}`, '--sequence', path])
    expect(code).toBe(2)
    expect(stderr).toContain('#NAME (“login, then query”, “other”)')
  })

  it.each([
    ['no file', () => 'there/is/none.json', /There is no file/],
    ['no workspace', () => file('x.json', '{}'), /"format" is not/],
    [
      'a wrong step',
      () =>
        file(
          'x.json',
          formatWorkspace({ sequences: [{ ...login('x'), steps: [{ kind: 'delay', name: '', delayMs: -1 }] }] }),
        ),
      /sequences\.0\.steps\.0\.delayMs/,
    ],
    [
      'a wrong escape',
      () => sequenceFile({ ...login('x'), steps: [send('a\\q')] }),
      /Step 1: \\q is no escape.*at character 2/,
    ],
  ])('is refused with %s, before anything is connected: exit 2', async (_, path, says) => {
    const { code, stderr } = await runWireloop(['connect', '127.0.0.1:1', '--sequence', path()])
    expect(code).toBe(2)
    expect(stderr).toMatch(says)
  })

  it('goes with nothing that says otherwise what is sent', async () => {
    const path = sequenceFile(login('x'))
    const { code, stderr } = await runWireloop(['connect', '127.0.0.1:1', '--sequence', path, '--send', 'x'])
    expect(code).toBe(2)
    expect(stderr).toContain('cannot be used with')
  })
})

describe.skipIf(missing('redis-server'))('wireloop connect --sequence against redis-server', () => {
  const startRedis = async (): Promise<number> => {
    const port = await freePort()
    const server = peer(
      'redis-server',
      [
        '--port',
        String(port),
        '--bind',
        '127.0.0.1',
        '--requirepass',
        'secret',
        '--save',
        '',
        '--dir',
        temporaryFolder(),
      ],
      null,
    )
    await server.says('Ready to accept connections')
    return port
  }

  it('logs in, queries and quits step by step, and a wrong password fails at its step', async () => {
    const port = await startRedis()
    const right = await wireloop(['connect', `127.0.0.1:${port}`, '--sequence', sequenceFile(login('secret'))]).ended
    expect(right.stderr).toBe('')
    expect(right.code).toBe(0)
    expect(right.stdout).toContain('the value: passed, 42')
    const wrong = await wireloop([
      'connect',
      `127.0.0.1:${port}`,
      '--sequence',
      sequenceFile(login('wrong', 2000)),
      '--quiet',
    ]).ended
    expect(wrong.code).toBe(1)
    expect(wrong.stderr).toMatch(/^wireloop: Step 2 \(logged in\): prefix “\+OK” did not come .* “-WRONGPASS [^\n]*\n$/)
  })
})

describe('wireloop connect --expect', () => {
  it('is done when all have come, in order: exit 0', async () => {
    const { port } = await startScriptedServer((socket) => {
      socket.write('220 ready\r\n')
      socket.once('data', () => socket.write('250 \x00\xff ok\r\n', 'latin1'))
    })
    const words = [
      '--send',
      'EHLO\\r\\n',
      '--expect',
      '^220 \\w+',
      '--expect',
      'hex:00 ff',
      '--expect',
      'text:ok\\r\\n',
    ]
    const { code, stderr } = await runWireloop(['connect', `127.0.0.1:${port}`, ...words])
    expect(stderr).toBe('')
    expect(code).toBe(0)
  })

  it('exits 1 where the connection ends before, or --max-time does', async () => {
    const { port } = await startScriptedServer((socket) => socket.end('no\n'))
    const ended = await runWireloop(['connect', `127.0.0.1:${port}`, '--expect', 'yes', '--quiet'])
    expect(ended.code).toBe(1)
    expect(ended.stderr).toMatch(
      /^wireloop: Step 1 \(expect\): Connection 1 is over \(closed-by-peer\) before regex “yes” came/,
    )
    const silent = await startScriptedServer(() => {})
    const late = await runWireloop([
      'connect',
      `127.0.0.1:${silent.port}`,
      '--expect',
      'yes',
      '--max-time',
      '2',
      '--quiet',
    ])
    expect(late.code).toBe(1)
    expect(late.stderr).toMatch(/^wireloop: --max-time: 2 s have passed before step 1 of 1: regex “yes” had come\n$/)
  })

  it.each(['(', 'hex:0g', 'text:\\q'])('of %s is wrong usage', async (pattern) => {
    expect((await runWireloop(['connect', '127.0.0.1:1', '--expect', pattern])).code).toBe(2)
  })
})

describe('wireloop connect', () => {
  it('sends a file behind the messages, then FIN, and has all of it there', async () => {
    const content = Buffer.alloc(5 * 1024 * 1024, 'abcdefg')
    let came = 0
    const { port } = await startScriptedServer((socket) => {
      socket.on('data', (chunk) => {
        came += chunk.length
      })
      socket.on('end', () => socket.end(`${came}\n`))
    })
    const words = ['--send', 'head', '--send-file', file('large.bin', content), '--half-close']
    const { code } = await runWireloop([
      'connect',
      `127.0.0.1:${port}`,
      ...words,
      '--expect',
      `${content.length + 4}\\n`,
    ])
    expect(code).toBe(0)
  })

  it('repeats what it sends, so many times, each with its own counter', async () => {
    let came = ''
    const { port } = await startScriptedServer((socket) => {
      socket.setEncoding('latin1').on('data', (chunk) => {
        came += chunk
      })
      socket.on('end', () => socket.end())
    })
    const words = ['--send', 'n={{counter}}', '--macros', '--eol', 'lf', '--repeat', '5x4', '--half-close']
    expect((await runWireloop(['connect', `127.0.0.1:${port}`, ...words])).code).toBe(0)
    expect(came).toBe('n=1\nn=2\nn=3\nn=4\n')
  })

  it('writes in other encodings, line ending and all, and sends nothing of what they cannot write', async () => {
    let came = Buffer.alloc(0)
    const { port, sockets } = await startScriptedServer((socket) => {
      socket.on('data', (chunk) => {
        came = Buffer.concat([came, chunk])
      })
      socket.on('end', () => socket.end())
    })
    const connect = (...words: string[]) =>
      runWireloop(['connect', `127.0.0.1:${port}`, '--half-close', '--eol', 'crlf', ...words])
    expect((await connect('--send', '한글', '--encoding', 'EUC-KR')).code).toBe(0)
    await eventually(() => came.toString('hex') === 'c7d1b1db0d0a')
    const wrong = await connect('--send', 'a한', '--encoding', 'latin1')
    expect(wrong.code).toBe(2)
    expect(wrong.stderr).toContain('Latin-1 cannot write “한” (at character 2)')
    expect(sockets).toHaveLength(1)
  })

  it.each([
    ['--repeat', 'x5'],
    ['--repeat', '10'],
    ['--send-file', 'there/is/none'],
    ['--encoding', 'ebcdic'],
  ])('%s %s is wrong usage', async (...words) => {
    expect((await runWireloop(['connect', '127.0.0.1:1', ...words])).code).toBe(2)
  })
})
