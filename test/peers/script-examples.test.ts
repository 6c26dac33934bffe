// The scripts that the editor offers, as they are shipped, with the clients that they are for. Counterparts:
// renderer/replies/examples, main/scripts.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import type { Framing } from '../../preload/contract/framing.ts'
import { connectTo, startEngine } from '../support/engine.ts'
import { type FarEnd, until } from '../support/loopback.ts'
import { missing, peer } from '../support/peers.ts'

/** A thread starts, on a machine that has other things to do. */
const timeoutMs = 60_000
const folder = join(import.meta.dirname, '../../renderer/replies/examples')

const listenWith = async (name: string, framing: Framing = { kind: 'raw' }) => {
  const engine = await startEngine()
  const source = readFileSync(join(folder, `${name}.js`), 'utf8')
  const { port } = await engine.listen({ script: { name, source }, framing })
  return port
}
const hasReceived = (far: FarEnd, text: string) =>
  until(
    () => far.received().toString('latin1') === text,
    () => `“${text}”; there is “${far.received().toString('latin1')}”`,
    30_000,
  )
const bytes = (text: string) => Buffer.from(text, 'latin1')

it(
  'The example of capital letters answers in capital letters',
  async () => {
    const far = await connectTo(await listenWith('uppercase'))
    far.send(bytes('Hello World!'))
    await hasReceived(far, 'HELLO WORLD!')
  },
  timeoutMs,
)

it(
  'The chat room passes each line on to everybody else, and tells who comes and goes',
  async () => {
    const port = await listenWith('chat', { kind: 'line' })
    const one = await connectTo(port)
    await hasReceived(one, 'Welcome, guest 1; 1 here\r\n')
    const other = await connectTo(port)
    await hasReceived(other, 'Welcome, guest 2; 2 here\r\n')
    one.send(bytes('Hel'))
    one.send(bytes('lo\r\n'))
    await hasReceived(other, 'Welcome, guest 2; 2 here\r\nguest 1: Hello\r\n')
    await hasReceived(one, 'Welcome, guest 1; 1 here\r\nguest 2 came\r\n')
    other.close()
    await hasReceived(one, 'Welcome, guest 1; 1 here\r\nguest 2 came\r\nguest 2 left\r\n')
  },
  timeoutMs,
)

it(
  'The length-prefixed ping answers each ping, however it arrives',
  async () => {
    const far = await connectTo(
      await listenWith('length-ping', { kind: 'length', size: 4, endian: 'big', offset: 0, inclusive: false }),
    )
    far.send(bytes('\0\0\0\x04ping\0\0\0\x04pi'))
    await hasReceived(far, '\0\0\0\x04pong')
    far.send(bytes('ng'))
    await hasReceived(far, '\0\0\0\x04pong\0\0\0\x04pong')
  },
  timeoutMs,
)

it.skipIf(missing('curl'))(
  'curl gets 200 of the HTTP example, twice over one connection and with a body',
  async () => {
    const port = await listenWith('http-200')
    const url = (path: string) => `http://127.0.0.1:${port}${path}`
    const format = '%{http_code} %{num_connects}\n'
    const curl = peer('curl', ['-sS', '--noproxy', '*', '-w', format, url('/one'), url('/two'), '-d', 'body=1'])
    expect(await curl.ended).toMatchObject({
      code: 0,
      stdout: 'You asked for: POST /one HTTP/1.1\n200 1\nYou asked for: POST /two HTTP/1.1\n200 0\n',
    })
  },
  timeoutMs,
)

it.skipIf(missing('redis-cli'))(
  'redis-cli gets its PONG and its echo of the Redis example',
  async () => {
    const port = await listenWith('redis-ping')
    const ask = (...words: string[]) => peer('redis-cli', ['-h', '127.0.0.1', '-p', String(port), ...words]).ended
    expect(await ask('PING')).toMatchObject({ code: 0, stdout: 'PONG\n' })
    expect(await ask('ECHO', 'hello there')).toMatchObject({ code: 0, stdout: 'hello there\n' })
    expect((await ask('GET', 'a')).stdout).toContain("ERR unknown command 'GET'")
  },
  timeoutMs,
)
