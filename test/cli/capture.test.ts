// `--capture`, `wireloop info` and `wireloop open` on real files: what is recorded is there, whole, and nothing that was
// there before is lost. What a capture file is made of is test/archive's subject.
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  statSync,
  truncateSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs'
import { isBuiltin } from 'node:module'
import { connect } from 'node:net'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { type JsonLine, parseLines, runWireloop, wireloop } from '../support/command-line.ts'
import { eventually, temporaryFolder } from '../support/peers.ts'

interface CaptureLine extends JsonLine {
  readonly state: string
  readonly events: number
  readonly droppedEvents: number
  readonly connections: number
  readonly payloadBytes: number
  readonly endings: Record<string, number>
  readonly check: { readonly problems: readonly string[]; readonly damagedSegments: number }
}

const infoOf = async (file: string) => {
  const { code, stdout, stderr } = await runWireloop(['info', '--json', file])
  const lines = parseLines(stdout)
  return { code, stderr, capture: lines[0] as CaptureLine, lines }
}

/** Records one listener with one connection that sends `text` and hears it again. */
const record = async (file: string, text: string) => {
  const listener = wireloop(['listen', '0', '--json', '--reply', 'echo-close', '--count', '1', '--capture', file])
  const port = await listener.port()
  const client = await runWireloop(['connect', `127.0.0.1:${port}`, '--send', text])
  expect(client.code).toBe(0)
  const ended = await listener.ended
  return { ...ended, lines: parseLines(ended.stdout) }
}

describe.skipIf(!isBuiltin('node:sqlite'))('wireloop --capture FILE', () => {
  it('records what it prints, says at the end what the file holds, and info finds it whole', async () => {
    const file = join(temporaryFolder(), 'one.wireloop')
    const { code, stderr, lines } = await record(file, 'Hello World!')
    expect(code).toBe(0)
    expect(stderr).toMatch(
      new RegExp(
        `^wireloop: ${file} holds ${lines.length} events with 12 bytes of payload \\(\\d+ bytes on disk\\); nothing is missing\\.\\n$`,
      ),
    )
    // Nothing beside it: it can be carried away as it is.
    expect(existsSync(`${file}-wal`)).toBe(false)

    const info = await infoOf(file)
    expect(info.stderr).toBe('')
    expect(info.code).toBe(0)
    expect(info.capture).toMatchObject({
      kind: 'capture',
      name: 'one.wireloop',
      state: 'closed',
      events: lines.length,
      droppedEvents: 0,
      connections: 1,
      // The echo sends the bytes that it has received: they are kept once.
      payloadBytes: 12,
      missingBytes: 0,
      limits: { maxBytes: null, maxDays: null, snapBytes: null },
      check: { problems: [], damagedSegments: 0, events: lines.length },
      endings: { 'closed-here': 1 },
    })
    const lost = lines.find(({ kind }) => kind === 'connection-lost')!
    expect(info.lines.slice(1)).toMatchObject([
      { kind: 'endpoint', endpoint: 1, role: 'listener', name: 'listener', connections: 1 },
      {
        kind: 'connection',
        connection: 1,
        remote: lost.remote,
        cause: 'closed-here',
        bytesReceived: 12,
        bytesSent: 12,
      },
    ])
  })

  it('info tells a person the same in words, and escapes what a file holds', async () => {
    const file = join(temporaryFolder(), 'words.wireloop')
    await record(file, 'x')
    const { code, stdout } = await runWireloop(['info', file])
    expect(code).toBe(0)
    expect(stdout).toMatch(/^state +closed in order$/m)
    expect(stdout).toMatch(/^connections +1, 1 closed-here$/m)
    expect(stdout).toMatch(/#1 .*127\.0\.0\.1:\d+ ← 127\.0\.0\.1:\d+ {2}1 B received, 1 B sent, closed-here after/)
  })

  it('--snap keeps the beginnings of payloads, and their lengths', async () => {
    const file = join(temporaryFolder(), 'snapped.wireloop')
    const listener = wireloop([
      'listen',
      '0',
      '--json',
      '--reply',
      'discard',
      '--count',
      '1',
      '--capture',
      file,
      '--snap',
      '4',
    ])
    const port = await listener.port()
    const client = await runWireloop(['connect', `127.0.0.1:${port}`, '--send', 'Hello World!', '--half-close'])
    expect(client.code).toBe(0)
    expect((await listener.ended).stderr).toMatch(/with 4 bytes of payload .*; nothing is missing\.\n$/)
    expect((await infoOf(file)).capture).toMatchObject({
      payloadBytes: 4,
      missingBytes: 8,
      limits: { snapBytes: 4 },
      check: { problems: [] },
    })
  })

  it('a file that is there is refused and stays as it is, unless --force replaces it', async () => {
    const file = join(temporaryFolder(), 'there.wireloop')
    writeFileSync(file, 'not ours')
    const refused = await runWireloop(['listen', '0', '--capture', file, '--max-time', '20'])
    expect(refused.code).toBe(1)
    expect(refused.stdout).toBe('')
    expect(refused.stderr).toMatch(/^wireloop: Cannot record to [^\n]*exists already[^\n]*--force[^\n]*\n$/)
    expect(readFileSync(file, 'utf8')).toBe('not ours')
    const forced = await runWireloop(['listen', '0', '--capture', file, '--force', '--max-time', '0.5'])
    expect(forced.code).toBe(0)
    expect((await infoOf(file)).capture).toMatchObject({ state: 'closed', events: 2 })
  })

  it.each([
    { place: 'a folder that is not there', path: 'nowhere/x.wireloop', says: /folder does not exist \(ENOENT\)/ },
    { place: 'a folder', path: '', says: /it is a folder \(EISDIR\)/ },
  ])('$place is refused before a socket is opened', async ({ path, says }) => {
    const { code, stdout, stderr } = await runWireloop(['listen', '0', '--capture', join(temporaryFolder(), path)])
    expect(code).toBe(1)
    expect(stdout).toBe('')
    expect(stderr).toMatch(says)
  })

  it('a relay keeps both sides, and --quiet leaves the sentence at the end out', async () => {
    const file = join(temporaryFolder(), 'relay.wireloop')
    const upstream = wireloop(['listen', '0', '--json', '--reply', 'echo-close', '--count', '1'])
    const relay = wireloop(['relay', '0', `127.0.0.1:${await upstream.port()}`, '--json', '--quiet', '--capture', file])
    const client = await runWireloop(['connect', `127.0.0.1:${await relay.port()}`, '--send', 'through'])
    expect(client.code).toBe(0)
    relay.process.kill('SIGTERM')
    const { code, stderr } = await relay.ended
    expect([code, stderr]).toEqual([0, ''])
    const { capture, lines } = await infoOf(file)
    expect(capture).toMatchObject({ state: 'closed', connections: 2 })
    const sides = lines.filter(({ kind }) => kind === 'connection')
    expect(sides).toMatchObject([
      { side: 'downstream', pair: 2, bytesReceived: 7, bytesSent: 7 },
      { side: 'upstream', pair: 1, bytesReceived: 7, bytesSent: 7 },
    ])
  })

  it('has every byte where a reader of --json is so slow that lines come without data', async () => {
    const file = join(temporaryFolder(), 'all.wireloop')
    // A disk slower than loopback may not fail this: what is asked here is of a slow reader, so the peer waits for the disk.
    const kept = ['--capture', file, '--wait-for-capture']
    const cli = wireloop(['listen', '0', '--json', '--reply', 'discard', '--count', '1', ...kept], { reads: false })
    // Its first line is read, and then nothing for as long as bytes come.
    const port = await new Promise<number>((resolve) => {
      cli.process.stdout.once('data', (text) => {
        cli.process.stdout.pause()
        resolve(Number(/"port":(\d+)/.exec(String(text))?.[1]))
      })
    })
    const total = 64 * 1024 * 1024
    const socket = connect(port, '127.0.0.1')
    onTestFinished(() => {
      socket.destroy()
    })
    const chunk = Buffer.alloc(64 * 1024, 'wireloop')
    for (let sent = 0; sent < total; sent += chunk.length)
      if (!socket.write(chunk)) await new Promise((resolve) => socket.once('drain', resolve))
    socket.end()
    await new Promise((resolve) => socket.once('close', resolve))
    let text = ''
    cli.process.stdout.setEncoding('utf8').on('data', (more: string) => {
      text += more
    })
    cli.process.stdout.resume()
    const { code, stderr } = await cli.ended
    expect(stderr).toContain(`${total} bytes of payload`)
    expect(code).toBe(0)
    // What was printed lacks something; as a boolean, or a failure would show tens of megabytes.
    expect(/"stored":0|"events-dropped"/.test(text)).toBe(true)
    const { capture } = await infoOf(file)
    expect(capture).toMatchObject({ payloadBytes: total, missingBytes: 0, droppedEvents: 0, check: { problems: [] } })
  }, 60_000)

  it('--wait-for-capture leaves nothing out however fast it comes', async () => {
    const file = join(temporaryFolder(), 'waited.wireloop')
    const cli = wireloop([
      'listen',
      '0',
      '--quiet',
      '--reply',
      'discard',
      '--count',
      '2',
      '--capture',
      file,
      '--wait-for-capture',
    ])
    await eventually(() => cli.stdout().includes('\n'))
    const port = Number(/127\.0\.0\.1:(\d+)/.exec(cli.stdout())?.[1])
    const total = 160 * 1024 * 1024
    const chunk = Buffer.alloc(1024 * 1024, 'wireloop')
    const send = async () => {
      const socket = connect(port, '127.0.0.1')
      for (let sent = 0; sent < total / 2; sent += chunk.length)
        if (!socket.write(chunk)) await new Promise((resolve) => socket.once('drain', resolve))
      socket.end()
      await new Promise((resolve) => socket.once('close', resolve))
    }
    await Promise.all([send(), send()])
    expect((await cli.ended).code).toBe(0)
    expect((await infoOf(file)).capture).toMatchObject({ payloadBytes: total, missingBytes: 0, droppedEvents: 0 })
  }, 60_000)

  it('a file that is taken away meanwhile is told of once, and begun anew with what memory has', async () => {
    const file = join(temporaryFolder(), 'gone.wireloop')
    const cli = wireloop(['listen', '0', '--json', '--reply', 'echo', '--capture', file])
    const port = await cli.port()
    await eventually(() => existsSync(file))
    const talk = async (text: string) => {
      const { code } = await runWireloop([
        'connect',
        `127.0.0.1:${port}`,
        '--send',
        text,
        '--until',
        `bytes=${text.length}`,
      ])
      expect(code).toBe(0)
    }
    await talk('before')
    unlinkSync(file)
    await talk('after')
    await eventually(() => cli.stderr().includes('\n') && existsSync(file))
    await talk('again')
    cli.process.kill('SIGTERM')
    const { code, stderr, stdout } = await cli.ended
    expect(code).toBe(0)
    const [told, end, ...more] = stderr.trimEnd().split('\n')
    expect(told).toMatch(/^wireloop: .*removed while it was recorded to\. Recording goes on in memory$/)
    expect(end).toMatch(/ holds \d+ events /)
    expect(more).toEqual([])
    const { capture } = await infoOf(file)
    expect(capture).toMatchObject({ events: parseLines(stdout).length, droppedEvents: 0, connections: 3 })
  })

  it.skipIf(process.getuid?.() === 0)('a folder that may not be written to is refused by its name', async () => {
    const folder = join(temporaryFolder(), 'locked')
    mkdirSync(folder)
    chmodSync(folder, 0o500)
    const { code, stderr } = await runWireloop(['listen', '0', '--capture', join(folder, 'x.wireloop')])
    expect(code).toBe(1)
    expect(stderr).toContain('EACCES')
  })
})

describe.skipIf(!isBuiltin('node:sqlite'))('wireloop info', () => {
  it('exits 1 with a sentence where a file is cut short, overwritten in its middle, or no capture at all', async () => {
    const folder = temporaryFolder()
    const file = join(folder, 'hurt.wireloop')
    await record(file, 'Hello World!')
    const bytes = readFileSync(file)
    const at = bytes.indexOf('Hello World!')
    expect(at).toBeGreaterThan(0)
    bytes.write('HELLO WORLD!', at)
    writeFileSync(file, bytes)
    const hurt = await runWireloop(['info', file])
    expect(hurt.code).toBe(1)
    expect(hurt.stdout).toMatch(/^state +damaged$/m)
    expect(hurt.stdout).toMatch(/payloads cannot be read/)
    expect(hurt.stderr).toMatch(/^wireloop: hurt\.wireloop is damaged: [^\n]+\n$/)

    truncateSync(file, Math.floor(statSync(file).size / 2))
    const cut = await runWireloop(['info', file])
    expect(cut.code).toBe(1)
    expect(cut.stderr).toMatch(/^wireloop: hurt\.wireloop [^\n]+\n$/)

    const other = join(folder, 'letter.txt')
    writeFileSync(other, 'Dear Sir or Madam')
    expect(await runWireloop(['info', other])).toMatchObject({
      code: 1,
      stdout: '',
      stderr: 'wireloop: letter.txt is no Wireloop capture\n',
    })
    expect(await runWireloop(['info', join(folder, 'nothing')])).toMatchObject({ code: 1, stdout: '' })
    expect(await runWireloop(['info', folder])).toMatchObject({ code: 1, stdout: '' })
  })

  it('finds a recording whole whose process was killed, and says that it was cut off', async () => {
    const file = join(temporaryFolder(), 'killed.wireloop')
    const cli = wireloop(['listen', '0', '--json', '--capture', file])
    const port = await cli.port()
    await runWireloop(['connect', `127.0.0.1:${port}`, '--send', 'kept', '--until', 'bytes=4'])
    await eventually(async () => (await infoOf(file)).capture?.payloadBytes === 4)
    expect((await infoOf(file)).capture.state).toBe('recording')
    cli.process.kill('SIGKILL')
    await cli.ended
    const { code, capture } = await infoOf(file)
    expect(code).toBe(0)
    expect(capture).toMatchObject({ state: 'interrupted', payloadBytes: 4, check: { problems: [] } })
  })
})
