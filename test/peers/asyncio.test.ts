// The echo client and server of the asyncio documentation, run by the machine's Python, against ours: what their prints tell
// is what our events tell, in the same order.
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { type JsonLine, wireloop } from '../support/command-line.ts'
import { eventually, freePort, missing, peer } from '../support/peers.ts'

const echoClient = join(import.meta.dirname, 'echo_client_protocol.py')
const echoServer = join(import.meta.dirname, 'echo_server_protocol.py')

const data = Buffer.from('Hello World!').toString('base64')
const story = (lines: readonly JsonLine[]) =>
  lines.map(({ kind, cause, data: bytes }) => [kind, cause ?? bytes].filter((word) => word !== undefined))

const startEchoServer = async () => {
  const port = await freePort()
  const server = peer('python3', [echoServer, String(port)])
  return { port, server }
}

/** Runs `wireloop connect` as soon as the server listens; until then it is refused. */
const connectWhenReady = async (port: number, args: readonly string[]) => {
  let client = wireloop(['connect', `127.0.0.1:${port}`, '--json', ...args])
  await eventually(async () => {
    const { stdout } = await client.ended
    if (!stdout.includes('ECONNREFUSED')) return true
    client = wireloop(['connect', `127.0.0.1:${port}`, '--json', ...args])
    return false
  })
  return client
}

describe.skipIf(missing('python3'))('the asyncio documentation’s', () => {
  it('echo client is answered by our listener, which closes', async () => {
    const listener = wireloop(['listen', '0', '--json', '--reply', 'echo-close', '--count', '1'])
    const client = peer('python3', [echoClient, String(await listener.port())])
    expect(await client.ended).toMatchObject({ code: 0, stderr: '' })
    expect(client.stdout()).toBe(
      "Data sent: 'Hello World!'\nData received: 'Hello World!'\nThe server closed the connection\n",
    )
    expect((await listener.ended).code).toBe(0)
    expect(story(listener.lines())).toEqual([
      ['listener-started'],
      ['connection-made'],
      ['data-received', data],
      ['data-sent', data],
      ['connection-lost', 'closed-here'],
      ['listener-stopped'],
    ])
  })

  it('echo server answers our client, which reports that the peer has closed', async () => {
    const { port, server } = await startEchoServer()
    const client = await connectWhenReady(port, ['--send', 'Hello World!'])
    expect(await client.ended).toMatchObject({ code: 0, stderr: '' })
    await server.says('Close the client socket')
    const made = client.lines().find(({ kind }) => kind === 'connection-made')
    expect(server.stdout()).toBe(
      `Connection from ('127.0.0.1', ${made?.local?.split(':')[1]})\n` +
        "Data received: 'Hello World!'\nSend: 'Hello World!'\nClose the client socket\n",
    )
    expect(story(client.lines())).toEqual([
      ['connection-started'],
      ['connection-made'],
      ['data-sent', data],
      ['data-received', data],
      ['eof-received'],
      ['connection-lost', 'closed-by-peer'],
    ])
  })

  it('client and server meet through our relay and notice nothing', async () => {
    const { port, server } = await startEchoServer()
    // Reached once directly, so that the relay's first connect is not refused.
    await connectWhenReady(port, ['--send', 'ready?'])
    await server.says('Close the client socket')
    const relay = wireloop(['relay', '0', `127.0.0.1:${port}`, '--json'])
    const client = peer('python3', [echoClient, String(await relay.port())])
    expect(await client.ended).toMatchObject({
      code: 0,
      stdout: "Data sent: 'Hello World!'\nData received: 'Hello World!'\nThe server closed the connection\n",
    })
    await relay.line(({ kind, side }) => kind === 'connection-lost' && side === 'downstream')
    relay.process.kill('SIGINT')
    expect((await relay.ended).code).toBe(0)
    expect(server.stdout()).toContain("Data received: 'Hello World!'\nSend: 'Hello World!'\n")
    const lost = (side: string) => relay.lines().find((line) => line.kind === 'connection-lost' && line.side === side)
    expect(lost('upstream')?.cause).toBe('closed-by-peer')
  })
})
