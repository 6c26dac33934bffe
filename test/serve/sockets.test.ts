// The WebSocket of `wireloop serve`: who is let in, that a page can do its work over it, and that no frame, however wrong, does more
// than close the socket it came on while an honest page goes on working.
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { connect } from 'node:net'
import { encode } from '@msgpack/msgpack'
import fc from 'fast-check'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import { openBatch, rowBytesOf } from '../../preload/contract/event-columns.ts'
import { eventKinds } from '../../preload/contract/vocabulary.ts'
import { askForSocket, openPage, type Served, type ServedPage, serve } from './served.ts'

// One host for all: whatever a test does to it, the next finds it working.
let served: Served
beforeAll(async () => {
  served = await serve()
})
afterAll(() => served.dispose())

/** Proves that the app still answers. */
const stillWorks = async (page: ServedPage) => expect(await page.ask('snapshot', null)).toMatchObject({ ok: true })

describe('A WebSocket is let in', () => {
  const own = () => ({ origin: `http://127.0.0.1:${served.port}` })
  const path = () => `/socket?token=${served.token}`

  it('with the token in its query, or the cookie that the page was given', async () => {
    const page = await openPage(served)
    await page.dispose()
    const cookie = `wireloop-token-${served.port}=${served.token}`
    const socket = new WebSocket(`ws://127.0.0.1:${served.port}/socket?token=`, { ...own(), headers: { cookie } })
    await once(socket, 'open')
    socket.close()
    await once(socket, 'close')
  })

  it.each([
    ['without a token', () => '/socket', own, 403, 'no token'],
    ['with a wrong token', () => '/socket?token=wrong', own, 403, 'not that of the Wireloop'],
    ['from another site', path, () => ({ origin: 'http://evil.example' }), 403, 'another origin'],
    ['from another port', path, () => ({ origin: 'http://127.0.0.1:1' }), 403, 'another origin'],
    ['from a sandboxed frame', path, () => ({ origin: 'null' }), 403, 'another origin'],
    ['over https', path, () => ({ origin: `https://127.0.0.1:${served.port}` }), 403, 'another origin'],
    ['without an origin', path, () => ({}), 403, 'names no origin'],
    [
      'under a rebound name',
      path,
      () => ({ host: 'evil.example', origin: 'http://evil.example' }),
      403,
      'does not answer under that host name',
    ],
    ['at another path', () => `/?token=${served.token}`, own, 404, '/socket'],
  ])('but not %s', async (_case, pathOf, headers, status, sentence) => {
    const answer = await askForSocket(served, pathOf(), headers() as Record<string, string>)
    expect(answer.status).toBe(status)
    expect(answer.body).toContain(sentence)
  })

  it('and a client that only half asks, or asks nonsense, is dropped without harm', async () => {
    for (const said of [
      'GET /socket HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n',
      `GET ${path()} HTTP/1.1\r\nHost: 127.0.0.1:${served.port}\r\nOrigin: ${own().origin}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n`,
      '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03',
      'GET\r\n\r\n',
    ]) {
      const raw = connect(served.port, '127.0.0.1')
      raw.on('error', () => undefined)
      raw.resume()
      raw.write(said)
      await once(raw, 'close')
    }
    const page = await openPage(served)
    await stillWorks(page)
    await page.dispose()
  })
})

describe('A page over its WebSocket', () => {
  it('is welcomed first, with what it looks at', async () => {
    const page = await openPage(served)
    await page.ask('snapshot', null)
    expect(page.received[0]).toMatchObject({
      type: 'welcome',
      host: { kind: 'serve', version: '0.1.0', versions: { node: process.versions.node }, platform: process.platform },
    })
    await page.dispose()
  })

  it('sends “Hello World!” to an echo and sees it come back, byte for byte, paying with credits', async () => {
    const page = await openPage(served)
    const texts: string[] = []
    page.socket.on('message', () => {
      const message = page.received.at(-1)
      if (message?.type !== 'batch') return
      const bytes = message.buffer as unknown as Uint8Array
      const batch = openBatch(new Uint8Array(bytes).buffer)
      for (let i = 0; i < batch.count; i++) {
        const kind = eventKinds[batch.kind[i]!]!
        if (kind.startsWith('data-')) texts.push(`${kind} ${new TextDecoder().decode(rowBytesOf(batch, i))}`)
      }
      page.send({ type: 'credit', bytes: bytes.byteLength })
    })
    page.send({ type: 'subscribe', fromSeq: 0 })
    const address = { name: '', host: '127.0.0.1' }
    const listener = await page.ask('createEndpoint', {
      spec: { role: 'listener', ...address, port: 0, reply: 'echo', greeting: new Uint8Array() },
    })
    const port = listener.ok ? (listener.value.local?.port ?? 0) : 0
    await page.ask('createEndpoint', { spec: { role: 'client', ...address, port, connectTimeoutMs: 1000 } })
    const change = await page.seen(
      (message) => message.type === 'state' && message.change.connections.some((each) => each.state === 'open'),
    )
    const connection = change.type === 'state' && change.change.connections.find(({ direction }) => direction === 'out')
    if (!connection) throw new Error('The client has no connection')
    const sent = await page.ask('send', { connection: connection.id, data: Buffer.from('Hello World!') })
    expect(sent).toEqual({ ok: true, value: 12 })
    await expect.poll(() => texts).toHaveLength(4)
    expect(texts.toSorted()).toEqual([
      'data-received Hello World!',
      'data-received Hello World!',
      'data-sent Hello World!',
      'data-sent Hello World!',
    ])
    await page.dispose()
  })

  it('gets every answer, also when it asks more at once than is done at once', async () => {
    const page = await openPage(served)
    const answers = await Promise.all(Array.from({ length: 500 }, () => page.ask('snapshot', null)))
    expect(answers.every(({ ok }) => ok)).toBe(true)
    await page.dispose()
  })

  it('is told what is wrong with a command, and where', async () => {
    const page = await openPage(served)
    const spec = { role: 'client', name: '', host: '127.0.0.1', port: 70_000, connectTimeoutMs: 1000 } as const
    expect(await page.ask('createEndpoint', { spec })).toMatchObject({
      ok: false,
      failure: { code: 'bad-argument', path: 'spec.port', message: expect.stringContaining('70000') },
    })
    for (const [name, args] of [
      ['explode', null],
      ['constructor', null],
      ['send', { connection: 'one', data: 'text' }],
      ['send', null],
      ['snapshot', {}],
      [17, null],
    ] as const)
      expect(await page.ask(name as never, args as never)).toMatchObject({
        ok: false,
        failure: { code: 'bad-argument' },
      })
    await page.dispose()
  })

  it('is closed, with the code and a reason, when the host is disposed of', async () => {
    const other = await serve()
    const page = await openPage(other)
    await other.dispose()
    expect(await page.closed).toEqual({ code: 1001, reason: 'Wireloop is stopping' })
  })
})

describe('A frame that is wrong closes its socket and harms nobody else', () => {
  let honest: ServedPage
  beforeEach(async () => {
    honest = await openPage(served)
  })
  afterEach(async () => {
    await stillWorks(honest)
    await honest.dispose()
  })

  const command = encode({ type: 'command', id: 1, name: 'snapshot', args: null })

  it.each([
    ['a text frame', 'snapshot', 1003, 'Text frames'],
    ['an empty frame', Buffer.alloc(0), 1007, 'in the middle of a value'],
    ['a frame cut short', command.subarray(0, -3), 1007, 'in the middle of a value'],
    ['two messages in one frame', Buffer.concat([command, command]), 1007, 'bytes follow the value'],
    ['a byte that msgpack never uses', Uint8Array.of(0xc1), 1007, 'starts no msgpack value'],
    ['a key that is no text', Uint8Array.of(0x81, 0x80, 0x01), 1007, 'Not a msgpack frame'],
    ['a frame that would be somebody’s prototype', encode(JSON.parse('{"__proto__": 1}')), 1007, '__proto__'],
    ['millions of nested arrays', Buffer.alloc(20 * 1024 * 1024, 0x91), 1007, 'nested more than 32 deep'],
    ['a number', encode(17), 1007, 'one map with a type'],
    ['a list', encode([command]), 1007, 'one map with a type'],
    ['bytes', encode(command), 1007, 'one map with a type'],
    ['no type', encode({}), 1008, ''],
    ['an unknown type', encode({ type: 'welcome' }), 1008, ''],
    ['a subscription to nothing', encode({ type: 'subscribe', fromSeq: -1 }), 1008, 'seq is 0 or more'],
    ['a credit that is no number', encode({ type: 'credit', bytes: '512' }), 1008, ''],
    ['a command without an id', encode({ type: 'command', name: 'snapshot', args: null }), 1008, 'an id'],
    ['a command with half an id', encode({ type: 'command', id: 0.5, name: 'snapshot', args: null }), 1008, 'an id'],
    ['more than 24 MiB', Buffer.alloc(24 * 1024 * 1024 + 1), 1009, ''],
  ])('%s', async (_case, frame, code, reason) => {
    const page = await openPage(served)
    page.socket.send(frame)
    const closed = await page.closed
    expect(closed.code).toBe(code)
    expect(closed.reason).toContain(reason)
  })

  it('and nothing that follows it on that socket is looked at', async () => {
    const page = await openPage(served)
    const name = 'never to be made'
    const spec = { role: 'listener', name, host: '127.0.0.1', port: 0, reply: 'echo', greeting: new Uint8Array() }
    page.socket.send('text')
    page.send({ type: 'command', id: 1, name: 'createEndpoint', args: { spec } })
    await page.closed
    expect(page.received.map(({ type }) => type)).toEqual(['welcome'])
    const snapshot = await honest.ask('snapshot', null)
    expect(snapshot.ok && snapshot.value.endpoints.map((each) => each.spec.name)).not.toContain(name)
  })

  it('whatever bytes it is made of', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ minLength: 1, maxLength: 200 }), async (bytes) => {
        const page = await openPage(served)
        page.socket.send(bytes)
        expect([1007, 1008]).toContain((await page.closed).code)
      }),
      { numRuns: 100 },
    )
  })

  it('also where it is no WebSocket frame at all', async () => {
    for (let i = 0; i < 20; i++) {
      const page = await openPage(served)
      const raw = (page.socket as unknown as { _socket: import('node:net').Socket })._socket
      raw.write(randomBytes(200))
      await page.closed
    }
  })
})

describe('A page that is gone without a word', () => {
  it('is noticed, while one that answers its pings stays', async () => {
    const watched = await serve({ pingEveryMs: 20 })
    const page = await openPage(watched)
    let pings = 0
    page.socket.on('ping', () => pings++)
    const dead = connect(watched.port, '127.0.0.1')
    dead.write(
      `GET /socket?token=${watched.token} HTTP/1.1\r\nHost: 127.0.0.1:${watched.port}\r\n` +
        `Origin: http://127.0.0.1:${watched.port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n` +
        'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n',
    )
    let said = ''
    dead.on('error', () => undefined)
    dead.setEncoding('latin1').on('data', (text: string) => {
      said += text
    })
    await once(dead, 'close')
    expect(said).toContain('101 Switching Protocols')
    expect(pings).toBeGreaterThan(0)
    await stillWorks(page)
    await page.dispose()
    await watched.dispose()
  })
})
