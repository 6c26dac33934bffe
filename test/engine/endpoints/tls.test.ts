// TLS of listeners, clients and relays through the real engine thread: what is told and in which order, what is refused and
// why, that no byte is lost or changed. Counterparts: main/engine/loop/{tls,tls-facts,socket-transport}.ts, tls-material.ts.
import { createHash, randomBytes } from 'node:crypto'
import net from 'node:net'
import tls from 'node:tls'
import fc from 'fast-check'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { TlsFacts } from '../../../preload/contract/tls.ts'
import type { ClientSpec, ConnectionId, EventDetails } from '../../../preload/contract/vocabulary.ts'
import { clientTls, knowIdentities, selfSigned, serverTls } from '../../support/certificates.ts'
import { localhost, until } from '../../support/loopback.ts'
import { watchedEngine } from './watched-engine.ts'

const bytes = (text: string) => Buffer.from(text)
const opening = (...messages: readonly Uint8Array[]) => ({ messages, halfClose: false })

/** An engine that knows its own certificate and these others. */
const start = async (...[others]: readonly [Parameters<typeof knowIdentities>[1]?]) => {
  const engine = await watchedEngine()
  const { caPem, identities } = await knowIdentities(engine.engine, others)
  const factsOf = async (connection: ConnectionId) =>
    (await engine.event((event) => event.kind === 'tls-established' && event.connection === connection))
      .details as TlsFacts
  const failureOf = async (endpoint: number) =>
    (await engine.event((event) => event.kind === 'tls-failed' && event.endpoint === endpoint))
      .details as EventDetails['tls-failed']
  const secured = (port: number, spec: Partial<ClientSpec> = {}) =>
    engine.connect(port, { tls: clientTls({ caPem, serverName: 'localhost' }), ...spec })
  return { engine, caPem, identities, factsOf, failureOf, secured }
}

/** A plain server that does this to each connection; closed with the test. */
const plainServer = async (accept: (socket: net.Socket) => void): Promise<number> => {
  const sockets = new Set<net.Socket>()
  const server = net.createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => {})
    accept(socket)
  })
  await new Promise<void>((resolve) => server.listen(0, localhost, resolve))
  onTestFinished(async () => {
    for (const socket of sockets) socket.destroy()
    await new Promise((resolve) => server.close(resolve))
  })
  return (server.address() as net.AddressInfo).port
}

describe('A client and a listener that speak TLS', () => {
  it('tell of the connection, then of its security, and only then of bytes', async () => {
    const { engine, secured, factsOf } = await start()
    const listener = await engine.listen({ tls: serverTls(), greeting: bytes('welcome\n') })
    const client = await secured(listener.port, { opening: opening(bytes('hello')) })
    const [mine, theirs] = [await engine.made(client.id), await engine.made(listener.endpoint.id)]
    await until(
      () => engine.told.events.filter(({ kind, length }) => kind === 'data-received' && length > 0).length >= 3,
      () => 'greeting, hello and echo',
    )
    const begins = ['connection-made', 'tls-established', 'data-sent']
    expect(engine.story(mine, true).slice(0, 4)).toEqual(['connection-started', ...begins])
    expect(engine.story(theirs, true).slice(0, 3)).toEqual(begins)
    expect(await factsOf(mine)).toMatchObject({
      protocol: 'TLSv1.3',
      cipher: expect.stringMatching(/^TLS_/),
      serverName: 'localhost',
      alpn: null,
      verified: true,
      notTrusted: null,
      resumed: false,
      chain: [{ subject: 'O=Wireloop, CN=localhost' }, { subject: expect.stringContaining('authority') }],
    })
    // Nobody asked the client for a certificate.
    expect(await factsOf(theirs)).toMatchObject({
      verified: false,
      notTrusted: null,
      chain: [],
      serverName: 'localhost',
    })
    expect(await engine.connection(mine)).toMatchObject({ tls: { protocol: 'TLSv1.3' } })
    expect(await engine.endpoint(client.id)).toMatchObject({ state: 'live' })
  })

  it('record what is inside, and put none of it on the wire', async () => {
    const { engine, caPem } = await start()
    const listener = await engine.listen({ tls: serverTls() })
    const wire: Buffer[] = []
    const upstreams: net.Socket[] = []
    onTestFinished(() => {
      for (const upstream of upstreams) upstream.destroy()
    })
    const port = await plainServer((socket) => {
      const upstream = net.connect(listener.port, localhost)
      upstreams.push(upstream)
      upstream.on('error', () => {})
      socket.on('data', (data) => wire.push(data))
      upstream.on('data', (data) => wire.push(data))
      socket.pipe(upstream).pipe(socket)
    })
    const secret = randomBytes(40).toString('hex')
    const client = await engine.connect(port, {
      tls: clientTls({ caPem, serverName: 'localhost' }),
      opening: opening(bytes(secret)),
    })
    const mine = await engine.made(client.id)
    await engine.event(
      ({ kind, connection, text }) => kind === 'data-received' && connection === mine && text === secret,
    )
    expect(wire.length).toBeGreaterThan(0)
    expect(Buffer.concat(wire).includes(secret)).toBe(false)
  })

  it('agree on ALPN and on versions within their bounds', async () => {
    const { engine, caPem, factsOf } = await start()
    const listener = await engine.listen({ tls: serverTls({ alpn: ['http/1.1', 'h2'], maxVersion: 'TLSv1.2' }) })
    const client = await engine.connect(listener.port, { tls: clientTls({ caPem, alpn: ['h2', 'x'] }) })
    expect(await factsOf(await engine.made(client.id))).toMatchObject({
      protocol: 'TLSv1.2',
      alpn: 'h2',
      serverName: null,
    })
  })

  it('end in every way that TCP knows, and say which', async () => {
    const { engine, secured, factsOf } = await start()
    const listener = await engine.listen({ tls: serverTls() })
    for (const [how, cause, theirCause] of [
      ['close', 'closed-here', 'closed-by-peer'],
      ['reset', 'reset-here', 'reset-by-peer'],
      ['destroy', 'closed-here', 'closed-by-peer'],
    ] as const) {
      const client = await secured(listener.port)
      const mine = await engine.made(client.id)
      const theirs = await engine.made(listener.endpoint.id, ['close', 'reset', 'destroy'].indexOf(how))
      await factsOf(mine)
      await factsOf(theirs)
      await engine.do(how, { connection: mine })
      expect(await engine.end(mine)).toMatchObject({ cause, unsentBytes: 0 })
      expect(await engine.end(theirs)).toMatchObject({ cause: theirCause })
    }
  })

  it('keep the other half open after a half-close', async () => {
    const { engine, secured, factsOf } = await start()
    const listener = await engine.listen({ tls: serverTls(), reply: 'echo' })
    const client = await secured(listener.port)
    const mine = await engine.made(client.id)
    const theirs = await engine.made(listener.endpoint.id)
    await factsOf(theirs)
    await engine.do('halfClose', { connection: theirs })
    await engine.event(({ kind, connection }) => kind === 'eof-received' && connection === mine)
    // A client closes when its peer has; what it says on the way arrives.
    expect(await engine.end(mine)).toMatchObject({ cause: 'closed-by-peer' })
    expect(engine.story(theirs)).toContain('eof-sent')
  })

  it('send all that is under way to a side that has finished speaking', async () => {
    const { engine, secured } = await start()
    const listener = await engine.listen({ tls: serverTls(), reply: 'echo' })
    const data = randomBytes(3 * 1024 * 1024)
    const client = await secured(listener.port, { opening: { messages: [data], halfClose: true } })
    const mine = await engine.made(client.id)
    expect(await engine.end(mine)).toMatchObject({ cause: 'closed-here', unsentBytes: 0 })
    expect(await engine.connection(mine)).toMatchObject({ traffic: { bytesReceived: data.length } })
    expect(await engine.end(await engine.made(listener.endpoint.id))).toMatchObject({ cause: 'closed-by-peer' })
  })

  it('resume no session that they do not keep, and one that a peer keeps', async () => {
    const { engine, caPem, factsOf } = await start()
    const listener = await engine.listen({ tls: serverTls(), greeting: bytes('x') })
    let session: Buffer | undefined
    const visit = (n: number) =>
      new Promise<ConnectionId>((resolve, reject) => {
        const socket = tls.connect({
          port: listener.port,
          host: localhost,
          servername: 'localhost',
          ca: caPem,
          session,
        })
        socket.on('session', (ticket) => {
          session = ticket
        })
        socket.on('error', reject)
        // The ticket has come by the time the greeting has.
        socket.once('data', () => socket.end())
        socket.once('close', () => resolve(engine.made(listener.endpoint.id, n)))
      })
    expect(await factsOf(await visit(0))).toMatchObject({ resumed: false })
    expect(session).toBeDefined()
    expect(await factsOf(await visit(1))).toMatchObject({ resumed: true })
  })
})

describe('A client that verifies', () => {
  it.each([
    ['is self-signed', 'DEPTH_ZERO_SELF_SIGNED_CERT', {}],
    ['is for another name', 'ERR_TLS_CERT_ALTNAME_INVALID', { names: ['other.test'] }],
    ['has expired', 'CERT_HAS_EXPIRED', { fromDays: -9, toDays: -1 }],
    ['is not valid yet', 'CERT_NOT_YET_VALID', { fromDays: 1, toDays: 9 }],
  ])('refuses a server whose certificate %s, in plain words with OpenSSL’s code', async (_, code, wanted) => {
    const own = await selfSigned(wanted)
    const { engine, failureOf } = await start({ own })
    const listener = await engine.listen({ tls: serverTls({ identity: 'own' }) })
    // Trusted as a root where it is something else that is wrong.
    const caPem = code === 'DEPTH_ZERO_SELF_SIGNED_CERT' ? '' : own.certificatePem
    const client = await engine.connect(listener.port, {
      tls: clientTls({ caPem, serverName: 'localhost' }),
      opening: opening(bytes('a secret')),
    })
    const { error, chain } = await failureOf(client.id)
    expect(error.code).toBe(code)
    expect(error.message).toMatch(/^(The peer’s|A) certificate/)
    expect(chain).toHaveLength(1)
    const mine = await engine.made(client.id)
    expect(await engine.end(mine)).toMatchObject({ cause: 'error', errno: code })
    // Not a byte of it was said to whoever that was.
    expect(engine.story(mine, true)).toEqual(['connection-started', 'connection-made', 'tls-failed', 'connection-lost'])
    expect(await engine.becomes(client.id, 'failed')).toMatchObject({ reason: { code } })
  })

  it('refuses an authority that it does not know, and goes on with it where it is told to, saying why not', async () => {
    const { engine, failureOf, factsOf } = await start()
    const listener = await engine.listen({ tls: serverTls() })
    const refusing = await engine.connect(listener.port, { tls: clientTls() })
    expect(await failureOf(refusing.id)).toMatchObject({ error: { code: 'SELF_SIGNED_CERT_IN_CHAIN' } })
    await engine.end(await engine.made(refusing.id))
    const trusting = await engine.connect(listener.port, { tls: clientTls({ verify: false }) })
    expect(await factsOf(await engine.made(trusting.id))).toMatchObject({
      verified: false,
      notTrusted: { code: 'SELF_SIGNED_CERT_IN_CHAIN' },
    })
  })
})

describe('A handshake', () => {
  it('with a peer that answers in clear text fails, and says so', async () => {
    const { engine, failureOf } = await start()
    const port = await plainServer((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'))
    const client = await engine.connect(port, { tls: clientTls() })
    const { error } = await failureOf(client.id)
    expect(error.message).toContain('clear text')
    expect(await engine.end(await engine.made(client.id))).toMatchObject({ cause: 'error', errno: error.code })
  })

  it('of a peer that asks in clear text fails, and says so', async () => {
    const { engine, failureOf } = await start()
    const listener = await engine.listen({ tls: serverTls() })
    const socket = net.connect(listener.port, localhost, () => socket.write('GET / HTTP/1.1\r\n\r\n'))
    onTestFinished(() => void socket.destroy())
    socket.on('error', () => {})
    const { error } = await failureOf(listener.endpoint.id)
    expect(error).toMatchObject({ code: 'ERR_SSL_HTTP_REQUEST', message: expect.stringContaining('clear text') })
    expect(await engine.endpoint(listener.endpoint.id)).toMatchObject({ state: 'live' })
  })

  it('that the peer never answers ends in time', async () => {
    const { engine, failureOf } = await start()
    const port = await plainServer((socket) => socket.resume())
    const client = await engine.connect(port, { tls: clientTls(), connectTimeoutMs: 1500 })
    expect(await failureOf(client.id)).toMatchObject({ error: { code: 'ERR_TLS_HANDSHAKE_TIMEOUT' } })
    expect(await engine.end(await engine.made(client.id))).toMatchObject({ cause: 'timed-out' })
  })

  it('that the peer closes or resets ends as the peer ended it', async () => {
    const { engine, failureOf } = await start()
    const closing = await engine.connect(await plainServer((socket) => socket.once('data', () => socket.end())), {
      tls: clientTls(),
    })
    expect(await failureOf(closing.id)).toMatchObject({ error: { code: 'peer-closed' } })
    expect(await engine.end(await engine.made(closing.id))).toMatchObject({ cause: 'closed-by-peer' })
    expect(await engine.becomes(closing.id, 'failed')).toMatchObject({ reason: { code: 'peer-closed' } })
    const resetting = await engine.connect(
      await plainServer((socket) => socket.once('data', () => socket.resetAndDestroy())),
      { tls: clientTls() },
    )
    expect(await failureOf(resetting.id)).toMatchObject({ error: { code: 'ECONNRESET' } })
    expect(await engine.end(await engine.made(resetting.id))).toMatchObject({ cause: 'reset-by-peer' })
  })

  it.each([
    ['close', 'closed-here'],
    ['reset', 'reset-here'],
    ['destroy', 'closed-here'],
  ] as const)('can be ended here by %s; bytes wait for it, and are refused until then', async (how, cause) => {
    const { engine } = await start()
    const ends: string[] = []
    const port = await plainServer((socket) => {
      socket.resume()
      socket.on('end', () => ends.push('FIN'))
      socket.on('error', (error: NodeJS.ErrnoException) => ends.push(error.code ?? ''))
    })
    const client = await engine.connect(port, { tls: clientTls() })
    const mine = await engine.made(client.id)
    expect(await engine.endpoint(client.id)).toMatchObject({ state: 'starting' })
    expect(await engine.refuses('send', { connection: mine, data: bytes('x') })).toMatchObject({ code: 'wrong-state' })
    expect(await engine.refuses('halfClose', { connection: mine })).toMatchObject({ code: 'wrong-state' })
    await engine.do(how, { connection: mine })
    expect(await engine.end(mine)).toMatchObject({ cause, errno: null })
    expect(engine.story(mine)).toEqual(['connection-started', 'connection-made', 'connection-lost'])
    await until(
      () => ends.length > 0,
      () => 'the peer to be told',
    )
    expect(ends[0]).toBe(how === 'reset' ? 'ECONNRESET' : 'FIN')
    await engine.becomes(client.id, 'stopped')
  })

  it('where nothing suits both names what does not', async () => {
    const { engine, failureOf, caPem } = await start()
    const listener = await engine.listen({ tls: serverTls({ alpn: ['h2'], minVersion: 'TLSv1.3' }) })
    const byAlpn = await engine.connect(listener.port, { tls: clientTls({ caPem, alpn: ['ftp'] }) })
    expect((await failureOf(byAlpn.id)).error.message).toContain('ALPN')
    const byVersion = await engine.connect(listener.port, { tls: clientTls({ caPem, maxVersion: 'TLSv1.2' }) })
    expect((await failureOf(byVersion.id)).error.message).toContain('TLS version')
  })
})

describe('Client certificates', () => {
  it('are demanded, checked, and told of', async () => {
    const own = await selfSigned({ names: ['me'] })
    const { engine, caPem, factsOf, failureOf } = await start({ own })
    const listener = await engine.listen({
      tls: serverTls({ clientCertificate: 'require', caPem: own.certificatePem, maxVersion: 'TLSv1.2' }),
    })
    const without = await engine.connect(listener.port, { tls: clientTls({ caPem }) })
    expect(await failureOf(listener.endpoint.id)).toMatchObject({ error: { code: 'no-certificate' } })
    await engine.end(await engine.made(without.id))
    const shown = await engine.connect(listener.port, { tls: clientTls({ caPem, identity: 'own' }) })
    await factsOf(await engine.made(shown.id))
    const theirs = await engine.made(listener.endpoint.id, 1)
    expect(await factsOf(theirs)).toMatchObject({ verified: true, notTrusted: null, chain: [{ subject: 'CN=me' }] })
  })

  it('are asked for, and their lack is told of', async () => {
    const { engine, secured, factsOf } = await start({ stranger: await selfSigned() })
    const listener = await engine.listen({ tls: serverTls({ clientCertificate: 'ask' }) })
    await secured(listener.port)
    expect(await factsOf(await engine.made(listener.endpoint.id))).toMatchObject({
      verified: false,
      notTrusted: { code: 'no-certificate' },
    })
  })
})

describe('What cannot be', () => {
  it('an identity that is not there is a failure of the command or of the start', async () => {
    const { engine } = await start()
    expect(
      await engine.refuses('createEndpoint', {
        spec: {
          role: 'listener',
          name: '',
          host: localhost,
          port: 0,
          reply: 'echo',
          greeting: new Uint8Array(),
          tls: serverTls({ identity: 'nobody' }),
        },
      }),
    ).toMatchObject({ code: 'not-found', path: 'spec.tls.identity', message: expect.stringContaining('nobody') })
  })

  it('no identities at all neither', async () => {
    const engine = await watchedEngine()
    const listener = await engine.create({
      role: 'listener',
      name: '',
      host: localhost,
      port: 0,
      reply: 'echo',
      greeting: new Uint8Array(),
      tls: serverTls(),
    })
    expect(listener).toMatchObject({ state: 'failed', reason: { code: 'no-identity' } })
  })

  it('an authority that is no certificate is a start that fails', async () => {
    const { engine } = await start()
    const client = await engine.connect(1, { tls: clientTls({ caPem: 'nonsense' }) })
    const failed = await engine.becomes(client.id, 'failed')
    expect(failed.reason).toMatchObject({ code: 'not-a-certificate' })
  })
})

describe('A relay', () => {
  it.each([
    ['terminates TLS', true, false],
    ['originates TLS', false, true],
    ['does both', true, true],
  ])('that %s tells of both sides and passes every byte', async (_, terminates, originates) => {
    const { engine, caPem } = await start()
    const listener = await engine.listen({ reply: 'echo', ...(originates ? { tls: serverTls() } : {}) })
    const relay = await engine.relay(listener.port, {
      ...(terminates ? { listenTls: serverTls() } : {}),
      ...(originates ? { upstreamTls: clientTls({ caPem, serverName: 'localhost' }) } : {}),
    })
    const data = randomBytes(700_000)
    const client = await engine.connect(relay.port, {
      ...(terminates ? { tls: clientTls({ caPem, serverName: 'localhost' }) } : {}),
      opening: opening(data),
    })
    const mine = await engine.made(client.id)
    await until(
      () => (engine.told.connections.get(mine)?.traffic.bytesReceived ?? 0) === data.length,
      () => 'all of it to come back',
    )
    const back = engine.told.events
      .filter(({ kind, connection }) => kind === 'data-received' && connection === mine)
      .map(({ text }) => text)
      .join('')
    expect(createHash('sha256').update(back, 'latin1').digest('hex')).toBe(
      createHash('sha256').update(data).digest('hex'),
    )
    for (const [side, secure] of [
      ['downstream', terminates],
      ['upstream', originates],
    ] as const) {
      const half = await engine.made(relay.endpoint.id, 0, side)
      expect(engine.story(half).includes('tls-established')).toBe(secure)
    }
    await engine.do('close', { connection: mine })
    for (const side of ['downstream', 'upstream'] as const)
      await engine.end(await engine.made(relay.endpoint.id, 0, side))
  })

  it('resets who connects where its upstream is not trusted, and says why', async () => {
    const { engine, failureOf } = await start()
    const listener = await engine.listen({ tls: serverTls() })
    const relay = await engine.relay(listener.port, { upstreamTls: clientTls() })
    const client = await engine.connect(relay.port)
    expect(await failureOf(relay.endpoint.id)).toMatchObject({ error: { code: 'SELF_SIGNED_CERT_IN_CHAIN' } })
    expect(await engine.end(await engine.made(client.id))).toMatchObject({ cause: 'reset-by-peer' })
    const down = await engine.made(relay.endpoint.id, 0, 'downstream')
    expect(await engine.end(down)).toMatchObject({ cause: 'reset-here', errno: 'SELF_SIGNED_CERT_IN_CHAIN' })
  })

  it('opens nothing upstream for a client whose handshake fails', async () => {
    const { engine } = await start()
    let opened = 0
    const upstream = await plainServer(() => opened++)
    const relay = await engine.relay(upstream, { listenTls: serverTls() })
    const client = await engine.connect(relay.port, { tls: clientTls() })
    await engine.end(await engine.made(client.id))
    await engine.end(await engine.made(relay.endpoint.id, 0, 'downstream'))
    expect(opened).toBe(0)
    expect(await engine.endpoint(relay.endpoint.id)).toMatchObject({ state: 'live', connectionsNow: 0 })
  })
})

describe('Bytes through TLS', () => {
  it('come out as they went in, however they are cut, both ways at once', async () => {
    const { engine, caPem } = await start()
    const listener = await engine.listen({ reply: 'none', tls: serverTls() })
    const relay = await engine.relay(listener.port, {
      listenTls: serverTls(),
      upstreamTls: clientTls({ caPem, serverName: 'localhost' }),
    })
    let visits = 0
    const sizes = fc.array(fc.oneof(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: 70_000 })), {
      minLength: 1,
      maxLength: 12,
    })
    await fc.assert(
      fc.asyncProperty(sizes, sizes, async (up, down) => {
        const n = visits++
        const client = await engine.connect(relay.port, { tls: clientTls({ caPem, serverName: 'localhost' }) })
        const mine = await engine.made(client.id)
        const theirs = await engine.made(listener.endpoint.id, n)
        for (const connection of [mine, theirs])
          await engine.event((event) => event.kind === 'tls-established' && event.connection === connection)
        const ways = [
          { from: mine, to: theirs, chunks: up.map((size) => randomBytes(size)) },
          { from: theirs, to: mine, chunks: down.map((size) => randomBytes(size)) },
        ]
        await Promise.all(
          ways.map(async ({ from, chunks }) => {
            for (const data of chunks) await engine.do('send', { connection: from, data })
          }),
        )
        for (const { to, chunks } of ways) {
          const sent = Buffer.concat(chunks)
          const received = () =>
            engine.told.events.filter(({ kind, connection }) => kind === 'data-received' && connection === to)
          await until(
            () => received().reduce((sum, { length }) => sum + length, 0) === sent.length,
            () => `${sent.length} bytes`,
          )
          expect(
            received()
              .map(({ text }) => text)
              .join('') === sent.toString('latin1'),
          ).toBe(true)
        }
        // A listener that answers nothing leaves its half open for the person.
        await engine.do('close', { connection: theirs })
        await engine.end(mine)
        await engine.do('removeEndpoint', { endpoint: client.id })
      }),
      { numRuns: 8, endOnFailure: true },
    )
  })

  it('wait where the peer does not read, and all come when it does', async () => {
    const { engine, factsOf } = await start()
    const listener = await engine.listen({ reply: 'none', tls: serverTls() })
    const socket = tls.connect({ port: listener.port, host: localhost, rejectUnauthorized: false })
    onTestFinished(() => void socket.destroy())
    await new Promise((resolve) => socket.once('secureConnect', resolve))
    socket.pause()
    const theirs = await engine.made(listener.endpoint.id)
    await factsOf(theirs)
    const data = randomBytes(12 * 1024 * 1024)
    await engine.do('send', { connection: theirs, data })
    await engine.event(({ kind, connection }) => kind === 'writing-paused' && connection === theirs)
    const hash = createHash('sha256')
    let got = 0
    socket.on('data', (chunk: Buffer) => {
      got += chunk.length
      hash.update(chunk)
    })
    socket.resume()
    await until(
      () => got === data.length,
      () => `${data.length} bytes; there were ${got}`,
    )
    expect(hash.digest('hex')).toBe(createHash('sha256').update(data).digest('hex'))
    await engine.event(({ kind, connection }) => kind === 'writing-resumed' && connection === theirs)
  })

  it('that wait here are counted as unsent by destroy, whose FIN comes without a goodbye of TLS', async () => {
    const { engine, factsOf } = await start()
    const listener = await engine.listen({ reply: 'none', tls: serverTls() })
    const socket = tls.connect({ port: listener.port, host: localhost, rejectUnauthorized: false })
    onTestFinished(() => void socket.destroy())
    await new Promise((resolve) => socket.once('secureConnect', resolve))
    socket.pause()
    const theirs = await engine.made(listener.endpoint.id)
    await factsOf(theirs)
    await engine.do('send', { connection: theirs, data: randomBytes(12 * 1024 * 1024) })
    await engine.event(({ kind, connection }) => kind === 'writing-paused' && connection === theirs)
    await engine.do('destroy', { connection: theirs })
    const end = await engine.end(theirs)
    expect(end).toMatchObject({ cause: 'closed-here', errno: null })
    expect(end['unsentBytes']).toBeGreaterThan(0)
  })
})

describe('A key log', () => {
  it('is told line by line where it is asked for, and not where it is not', async () => {
    const { engine, secured, factsOf } = await start()
    const lines: [number, string][] = []
    engine.engine.onKeyLog((endpoint, line) => lines.push([endpoint, line]))
    const listener = await engine.listen({ tls: serverTls({ keyLog: true }) })
    const client = await secured(listener.port)
    await factsOf(await engine.made(client.id))
    await factsOf(await engine.made(listener.endpoint.id))
    await until(
      () => lines.length >= 5,
      () => 'five secrets of TLS 1.3',
    )
    expect(new Set(lines.map(([endpoint]) => endpoint))).toEqual(new Set([listener.endpoint.id]))
    for (const [, line] of lines) expect(line).toMatch(/^[A-Z_0-9]+ [0-9a-f]{64} [0-9a-f]+\n$/)
  })
})
