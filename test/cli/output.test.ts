// Standard output against the world: hostile bytes, readers that leave, stall or are slow, terminals and their colours.
import { readFileSync } from 'node:fs'
import { connect } from 'node:net'
import fc from 'fast-check'
import { expect, it, onTestFinished } from 'vitest'
import { cliSource, parseLines, runWireloop, wireloop } from '../support/command-line.ts'
import { eventually, peer, programPath } from '../support/peers.ts'
import { startScriptedServer } from '../support/scripted-server.ts'

/** Connects to the CLI's listener and sends `bytes`; resolves when the listener has closed. */
const sendTo = (port: number, bytes: Uint8Array): Promise<void> =>
  new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1' })
    socket.on('error', () => {})
    socket.once('close', () => resolve())
    socket.resume()
    socket.end(bytes)
  })

it('no byte of a peer reaches the terminal raw, whatever it sends', async () => {
  const cli = wireloop(['listen', '0', '--reply', 'echo-close', '--greeting', '\\e[2J'])
  await eventually(() => cli.stdout().includes('listener-started'))
  const port = Number(/127\.0\.0\.1:(\d+)/.exec(cli.stdout())?.[1])
  const every = Uint8Array.from({ length: 256 }, (_, i) => i)
  await sendTo(port, every)
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ minLength: 1, maxLength: 300 }), (bytes) => sendTo(port, bytes)),
    { numRuns: 40 },
  )
  cli.process.kill('SIGINT')
  const { stdout, code } = await cli.ended
  expect(code).toBe(0)
  expect(stdout.split('\n').length).toBeGreaterThan(40 * 4)
  expect(stdout).not.toMatch(/[^\P{Cc}\n]/u)
  expect(stdout).not.toMatch(/[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/)
})

it('human lines stand in columns', async () => {
  const { port } = await startScriptedServer((socket) => socket.end('bye\r\n'))
  const { stdout } = await runWireloop(['connect', `127.0.0.1:${port}`])
  const time = ' {2,}\\d+\\.\\d{6}'
  expect(stdout).toMatch(
    new RegExp(
      `^${time} {2}connection-started #1 {4}→ 127\\.0\\.0\\.1:${port}
${time} {2}connection-made {4}#1 {4}127\\.0\\.0\\.1:\\d+ → 127\\.0\\.0\\.1:${port}
${time} {2}data-received {6}#1 {10}5 B {2}bye\\\\r\\\\n
${time} {2}eof-received {7}#1
${time} {2}connection-lost {4}#1 {4}closed-by-peer
$`,
    ),
  )
})

it('a reader that leaves after one line (| head -1) ends it quietly', async () => {
  const cli = wireloop(['listen', '0', '--json'], { reads: false })
  const first = await new Promise<string>((resolve) =>
    cli.process.stdout.once('data', (text: Buffer) => resolve(String(text))),
  )
  const port = parseLines(first)[0]?.port ?? 0
  cli.process.stdout.destroy()
  await sendTo(port, Buffer.from('x'))
  expect(await cli.ended).toMatchObject({ code: 0, stderr: '' })
})

/** Resident memory of a running process, now (`VmRSS`) or at its peak (`VmHWM`), in bytes (Linux). */
const residentBytes = (pid: number | undefined, which: 'VmRSS' | 'VmHWM'): number =>
  Number(new RegExp(`${which}:\\s+(\\d+) kB`).exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) * 1024

it('an answer of a few megabytes at one go is printed whole', async () => {
  const answer = new Uint8Array(4 * 1024 * 1024).map((_, i) => (i * 2654435761) >>> 24)
  const { port } = await startScriptedServer((socket) => socket.end(answer))
  const cli = wireloop(['connect', `127.0.0.1:${port}`, '--json'])
  expect((await cli.ended).code).toBe(0)
  const received = cli.lines().filter(({ kind }) => kind === 'data-received')
  expect(Buffer.compare(Buffer.concat(received.map(({ data }) => Buffer.from(data ?? '', 'base64'))), answer)).toBe(0)
})

it('a reader that stalls never holds up a peer: payloads are left out, no event is, and memory stays bounded', async () => {
  const cli = wireloop(['listen', '0', '--json', '--reply', 'discard'], { reads: false })
  const chunks: Buffer[] = []
  const first = await new Promise<string>((resolve) =>
    cli.process.stdout.once('data', (text: Buffer) => resolve(String(text))),
  )
  cli.process.stdout.pause()
  const port = parseLines(first)[0]?.port ?? 0
  const before = process.platform === 'linux' ? residentBytes(cli.process.pid, 'VmRSS') : 0
  // Base64 alone would be many times what the queue takes.
  const flood = 256 * 1024 * 1024
  await sendTo(port, Buffer.alloc(flood, 'x'))
  if (process.platform === 'linux') expect(residentBytes(cli.process.pid, 'VmHWM') - before).toBeLessThan(flood)

  cli.process.stdout.on('data', (chunk: Buffer) => chunks.push(chunk)).resume()
  cli.process.kill('SIGINT')
  expect((await cli.ended).code).toBe(0)

  const lines = parseLines(first + Buffer.concat(chunks).toString())
  expect(lines.map(({ seq }) => seq)).toEqual(lines.map((_, i) => i + 1))
  expect(lines.at(-1)?.kind).toBe('listener-stopped')
  const received = lines.filter(({ kind }) => kind === 'data-received')
  expect(received.reduce((sum, { length }) => sum + (length ?? 0), 0)).toBe(flood)
  const without = received.filter(({ stored }) => stored === 0)
  expect(without.length).toBeGreaterThan(0)
  for (const line of received) expect(Buffer.from(line.data ?? '', 'base64').length).toBe(line.stored ?? line.length)
})

it('ends at a second signal when the first one’s orderly end takes too long for somebody', async () => {
  const cli = wireloop(['listen', '0', '--json', '--reply', 'echo'], { reads: false })
  const first = await new Promise<string>((resolve) =>
    cli.process.stdout.once('data', (text: Buffer) => resolve(String(text))),
  )
  // A peer that sends and never reads: the listener's echo cannot be flushed within the grace period.
  const socket = connect({ port: parseLines(first)[0]?.port ?? 0, host: '127.0.0.1' })
  onTestFinished(() => {
    socket.destroy()
  })
  socket.on('error', () => {})
  socket.pause()
  const chunk = Buffer.alloc(1024 * 1024)
  let stalled = false
  while (!stalled) {
    stalled = await new Promise<boolean>((resolve) => {
      if (socket.write(chunk)) resolve(false)
      else {
        const timer = setTimeout(() => resolve(true), 500)
        socket.once('drain', () => {
          clearTimeout(timer)
          resolve(false)
        })
      }
    })
  }
  cli.process.stdout.resume()
  cli.process.kill('SIGTERM')
  const again = setInterval(() => cli.process.kill('SIGTERM'), 600)
  onTestFinished(() => clearInterval(again))
  expect((await cli.ended).code).toBe(1)
})

const python = programPath('python3')
const onTerminal = (env: Readonly<Record<string, string>>, args: readonly string[]) =>
  peer('python3', [
    '-c',
    // Node takes a terminal in CI for one without colours.
    `import os, pty, sys
os.environ.pop('CI', None)
os.environ.update(${JSON.stringify(env)})
sys.exit(os.waitstatus_to_exitcode(pty.spawn(sys.argv[1:])))`,
    process.execPath,
    cliSource,
    ...args,
  ]).ended

it.skipIf(python === null)('colours are for terminals only, and not where NO_COLOR is set', async () => {
  const { port } = await startScriptedServer((socket) => socket.end('bye'))
  const args = ['connect', `127.0.0.1:${port}`]
  const coloured = await onTerminal({ TERM: 'xterm-256color', NO_COLOR: '' }, args)
  const plain = await onTerminal({ TERM: 'xterm-256color', NO_COLOR: '1' }, args)
  expect(coloured.code).toBe(0)
  expect(plain.code).toBe(0)
  expect(plain.stdout).toContain('data-received')
  expect(plain.stdout).not.toContain('\x1b')
  expect(coloured.stdout).toContain('\x1b[34mdata-received')
  expect((await runWireloop(args)).stdout).not.toContain('\x1b')
})
