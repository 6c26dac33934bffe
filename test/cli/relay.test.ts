// `wireloop relay` as scripts use it: both halves of every pair on their lines, and the ends of each carried over to the other.
import { connect, createServer } from 'node:net'
import { expect, it, onTestFinished } from 'vitest'
import { type JsonLine, wireloop } from '../support/command-line.ts'
import { startScriptedServer } from '../support/scripted-server.ts'

const startRelay = async (upstreamPort: number) => {
  const cli = wireloop(['relay', '0', `127.0.0.1:${upstreamPort}`, '--json'])
  return { cli, port: await cli.port() }
}

/** A plain client of the relay; `end` resolves with what came and how it ended: FIN, or the errno name. */
const dial = (port: number) => {
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true })
  onTestFinished(() => {
    socket.destroy()
  })
  let text = ''
  socket.setEncoding('latin1').on('data', (chunk) => {
    text += chunk
  })
  const end = new Promise<{ text: string; how: string }>((resolve) => {
    socket.once('end', () => resolve({ text, how: 'FIN' }))
    socket.once('error', (error: NodeJS.ErrnoException) => resolve({ text, how: String(error.code) }))
  })
  return { socket, end }
}

const lost = (side: string) => (line: JsonLine) => line.kind === 'connection-lost' && line.side === side
const bytesOf = (lines: readonly JsonLine[], kind: string, side: string) =>
  Buffer.concat(
    lines
      .filter((line) => line.kind === kind && line.side === side)
      .map(({ data }) => Buffer.from(data ?? '', 'base64')),
  ).toString('latin1')

it('carries bytes, the client’s FIN and the late answer, and names the side on every line of a connection', async () => {
  const { port: upstreamPort } = await startScriptedServer((socket) => {
    let text = ''
    socket.setEncoding('latin1').on('data', (chunk) => {
      text += chunk
    })
    socket.once('end', () => socket.end(`got ${text}`))
  })
  const { cli, port } = await startRelay(upstreamPort)
  const { socket, end } = dial(port)
  socket.end('all of it')
  expect(await end).toEqual({ text: 'got all of it', how: 'FIN' })
  await Promise.all([cli.line(lost('downstream')), cli.line(lost('upstream'))])
  cli.process.kill('SIGINT')
  expect((await cli.ended).code).toBe(0)

  const lines = cli.lines()
  expect(lines[0]).toMatchObject({ kind: 'listener-started', name: 'relay', host: '127.0.0.1', port })
  expect(lines.at(-1)).toMatchObject({ kind: 'listener-stopped' })
  for (const line of lines.slice(1, -1)) expect(['downstream', 'upstream']).toContain(line.side)
  expect(bytesOf(lines, 'data-received', 'downstream')).toBe('all of it')
  expect(bytesOf(lines, 'data-sent', 'upstream')).toBe('all of it')
  expect(bytesOf(lines, 'data-received', 'upstream')).toBe('got all of it')
  expect(bytesOf(lines, 'data-sent', 'downstream')).toBe('got all of it')

  const made = (side: string) => lines.find((line) => line.kind === 'connection-made' && line.side === side)
  expect(made('downstream')).toMatchObject({
    direction: 'in',
    local: `127.0.0.1:${port}`,
    pair: made('upstream')?.connection,
  })
  expect(made('upstream')).toMatchObject({
    direction: 'out',
    remote: `127.0.0.1:${upstreamPort}`,
    pair: made('downstream')?.connection,
  })
})

it('a reset by the client arrives at the server as ECONNRESET', async () => {
  const upstream = await startScriptedServer((socket) => socket.on('data', () => {}))
  const { cli, port } = await startRelay(upstream.port)
  const { socket } = dial(port)
  socket.write('x')
  const served = await upstream.accepted()
  await cli.line(({ kind, side }) => kind === 'data-sent' && side === 'upstream')
  const error = new Promise<NodeJS.ErrnoException>((resolve) => served.once('error', resolve))
  socket.resetAndDestroy()
  expect((await error).code).toBe('ECONNRESET')
  expect(await cli.line(lost('downstream'))).toMatchObject({ cause: 'reset-by-peer', error: 'ECONNRESET' })
  expect(await cli.line(lost('upstream'))).toMatchObject({ cause: 'reset-here' })
})

it('a reset by the server arrives at the client as ECONNRESET', async () => {
  const upstream = await startScriptedServer((socket) => socket.once('data', () => socket.resetAndDestroy()))
  const { cli, port } = await startRelay(upstream.port)
  const { socket, end } = dial(port)
  socket.write('x')
  expect((await end).how).toBe('ECONNRESET')
  expect(await cli.line(lost('upstream'))).toMatchObject({ cause: 'reset-by-peer', error: 'ECONNRESET' })
  expect(await cli.line(lost('downstream'))).toMatchObject({ cause: 'reset-here' })
})

it('an upstream that refuses is told on both halves, and the relay goes on', async () => {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  const upstreamPort = typeof address === 'object' && address !== null ? address.port : 0
  await new Promise((resolve) => server.close(resolve))
  const { cli, port } = await startRelay(upstreamPort)
  for (let i = 0; i < 2; i++) expect((await dial(port).end).how).toBe('ECONNRESET')
  const failed = await cli.line(({ kind }) => kind === 'connection-failed')
  expect(failed).toMatchObject({
    side: 'upstream',
    cause: 'refused',
    error: 'ECONNREFUSED',
    remote: `127.0.0.1:${upstreamPort}`,
  })
  expect(await cli.line(lost('downstream'))).toMatchObject({ cause: 'reset-here', error: 'ECONNREFUSED' })
})

it('SIGTERM closes both halves of open pairs in order', async () => {
  const upstream = await startScriptedServer((socket) => socket.on('data', () => {}))
  const { cli, port } = await startRelay(upstream.port)
  const { socket, end } = dial(port)
  socket.write('x')
  const served = await upstream.accepted()
  const servedEnd = new Promise<string>((resolve) => {
    served.once('end', () => resolve('FIN'))
    served.once('error', (error) => resolve(error.message))
  })
  await cli.line(({ kind, side }) => kind === 'data-sent' && side === 'upstream')
  cli.process.kill('SIGTERM')
  expect((await end).how).toBe('FIN')
  expect(await servedEnd).toBe('FIN')
  expect((await cli.ended).code).toBe(0)
  expect(
    cli
      .lines()
      .filter(({ kind }) => kind === 'connection-lost')
      .map(({ cause }) => cause),
  ).toEqual(['closed-here', 'closed-here'])
})

it('listener-stopped is the last line, also where the upstream half outlives the client’s', async () => {
  const upstream = await startScriptedServer((socket) => socket.on('data', () => {}))
  const { cli, port } = await startRelay(upstream.port)
  const { socket } = dial(port)
  socket.end('x')
  await upstream.accepted()
  await cli.line(({ kind, side }) => kind === 'eof-sent' && side === 'upstream')
  cli.process.kill('SIGTERM')
  expect((await cli.ended).code).toBe(0)
  const ends = cli.lines().filter(({ kind }) => kind === 'connection-lost' || kind === 'listener-stopped')
  expect(ends.map(({ kind, side }) => side ?? kind)).toEqual(['downstream', 'upstream', 'listener-stopped'])
})
