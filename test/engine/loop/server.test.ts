// Server: where it binds, how it closes, and what it does with connections that come and go. Counterpart:
// main/engine/loop/server.ts.
import net from 'node:net'
import { Worker } from 'node:worker_threads'
import { describe, expect, it, onTestFinished } from 'vitest'
import { BaseProtocol } from '../../../main/engine/loop/protocol.ts'
import type { Server } from '../../../main/engine/loop/server.ts'
import type { Transport } from '../../../main/engine/loop/transport.ts'
import {
  connectFarEnd,
  freePort,
  hasIPv6,
  listenWith,
  localhost,
  runningLoop,
  turns,
  until,
  withNames,
} from '../../support/loopback.ts'
import { NotingProtocol } from '../../support/playbook.ts'

/** Resolves with how a connect ends: `connected`, or an errno name. */
const tryConnect = (port: number, host = localhost): Promise<string> =>
  new Promise((resolve) => {
    const socket = net.connect({ port, host })
    socket.once('connect', () => {
      socket.destroy()
      resolve('connected')
    })
    socket.once('error', (error) => resolve('code' in error ? String(error.code) : error.message))
  })

/** A server that notes the protocols it makes. */
const serve = async (options: { host?: string; port?: number } = {}) => {
  const { loop, reported } = runningLoop()
  const protocols: NotingProtocol[] = []
  const listening = await listenWith(
    loop,
    () => {
      const protocol = new NotingProtocol()
      protocols.push(protocol)
      return protocol
    },
    options,
  )
  const accepted = (count: number) =>
    until(
      () => protocols.filter(({ transport }) => transport !== undefined).length >= count,
      () => `${count} accepted connections; there are ${protocols.length}`,
    )
  return { loop, reported, protocols, accepted, ...listening }
}

const settled = async (promise: Promise<unknown>): Promise<boolean> => {
  let done = false
  void promise.then(() => {
    done = true
  })
  await turns()
  return done
}

describe('Listening', () => {
  it('on an IPv4 address and any free port says where', async () => {
    const { server, port } = await serve()
    expect(server.sockets).toEqual([{ host: localhost, port: expect.any(Number) }])
    expect(port).toBeGreaterThan(0)
    expect(server.isServing()).toBe(true)
    expect(await tryConnect(port)).toBe('connected')
  })

  it.runIf(hasIPv6)('on an IPv6 address', async () => {
    const { server, port } = await serve({ host: '::1' })
    expect(server.sockets).toEqual([{ host: '::1', port }])
    expect(await tryConnect(port, '::1')).toBe('connected')
    expect(await tryConnect(port)).toBe('ECONNREFUSED')
  })

  it.runIf(hasIPv6)('on :: takes IPv4 too', async () => {
    const { protocols, accepted, port } = await serve({ host: '::' })
    expect(await tryConnect(port)).toBe('connected')
    await accepted(1)
    expect(protocols[0]!.transport.getExtraInfo('peername').host).toBe('::ffff:127.0.0.1')
  })

  it.runIf(hasIPv6)('on a name binds every address of it, on one port', async () => {
    withNames({ 'both.test': [localhost, '::1', localhost] })
    const { server, port } = await serve({ host: 'both.test' })
    expect(server.sockets).toEqual([
      { host: localhost, port },
      { host: '::1', port },
    ])
    expect([await tryConnect(port), await tryConnect(port, '::1')]).toEqual(['connected', 'connected'])
  })

  it('on a name leaves out an address that this machine does not have', async () => {
    withNames({ 'partly.test': ['203.0.113.1', localhost] })
    const { server, port } = await serve({ host: 'partly.test' })
    expect(server.sockets).toEqual([{ host: localhost, port }])
  })

  it.each<[string, string]>([
    ['203.0.113.1', 'EADDRNOTAVAIL'],
    ['nowhere.test', 'EADDRNOTAVAIL'],
  ])('on %s alone, which is not of this machine, rejects with %s', async (host, code) => {
    withNames({ 'nowhere.test': ['203.0.113.1', '198.51.100.1'] })
    await expect(serve({ host })).rejects.toMatchObject({ code })
  })

  it('on a port that is taken rejects with EADDRINUSE', async () => {
    const { port } = await serve()
    await expect(serve({ port })).rejects.toMatchObject({ code: 'EADDRINUSE' })
  })

  it.runIf(hasIPv6)('binds all addresses of a name or none', async () => {
    withNames({ 'both.test': [localhost, '::1'] })
    const { port } = await serve({ host: '::1' })
    await expect(serve({ host: 'both.test', port })).rejects.toMatchObject({ code: 'EADDRINUSE' })
    expect(await tryConnect(port)).toBe('ECONNREFUSED')
    expect((await serve({ port })).port).toBe(port)
  })

  it('on a name that does not exist rejects with what the resolver says', async () => {
    await expect(serve({ host: 'no-such-name.invalid' })).rejects.toMatchObject({
      code: expect.stringMatching(/^(ENOTFOUND|EAI_AGAIN)$/),
    })
  })

  it('on a port that cannot be rejects', async () => {
    await expect(serve({ port: 70_000 })).rejects.toThrow(RangeError)
  })
})

describe('Closing', () => {
  it('stops accepting at once, and leaves connections open', async () => {
    const { loop, server, port, protocols, accepted } = await serve()
    const far = await connectFarEnd('node:net', loop, port)
    await accepted(1)
    server.close()
    server.close()
    expect({ serving: server.isServing(), sockets: server.sockets }).toEqual({ serving: false, sockets: [] })
    expect(await tryConnect(port)).toBe('ECONNREFUSED')
    far.send(Buffer.from('still here'))
    await until(
      () => protocols[0]!.received().length === 10,
      () => 'the bytes of the open connection',
    )
  })

  it('is waited for until the last connection is lost', async () => {
    const { loop, server, port, accepted } = await serve()
    const far = await connectFarEnd('node:net', loop, port)
    await accepted(1)
    const waiting = server.waitClosed()
    expect(await settled(waiting)).toBe(false)
    server.close()
    expect(await settled(waiting)).toBe(false)
    far.close()
    await waiting
    await server.waitClosed()
  })

  it('without a connection is waited for only until close', async () => {
    const { server } = await serve()
    const waiting = server.waitClosed()
    expect(await settled(waiting)).toBe(false)
    server.close()
    await waiting
  })

  it('with closeClients flushes and finishes every connection', async () => {
    const { loop, server, port, protocols, accepted } = await serve()
    const ends = await Promise.all([1, 2, 3].map(() => connectFarEnd('node:net', loop, port)))
    await accepted(3)
    for (const { transport } of protocols) transport.write(Buffer.from('bye'))
    server.close()
    server.closeClients()
    await server.waitClosed()
    for (const end of ends) {
      await until(
        () => end.finSeen,
        () => 'the FIN',
      )
      expect(end.received().toString()).toBe('bye')
    }
    expect(protocols.map((protocol) => protocol.notes().at(-1))).toEqual(Array(3).fill('connectionLost null'))
  })

  it('with abortClients resets every connection', async () => {
    const { loop, server, port, accepted } = await serve()
    const ends = await Promise.all([1, 2].map(() => connectFarEnd('node:net', loop, port)))
    await accepted(2)
    server.close()
    server.abortClients()
    await server.waitClosed()
    for (const end of ends) {
      await until(
        () => end.ended !== null,
        () => 'the reset',
      )
      expect(end.ended).toBe('ECONNRESET')
    }
  })

  it('frees the port for the next server at once, with connections open and others in TIME_WAIT', async () => {
    const first = await serve()
    for (let i = 0; i < 5; i++) {
      const far = await connectFarEnd('node:net', first.loop, first.port)
      await first.accepted(i + 1)
      // Whoever sends FIN first stands in TIME_WAIT: here, the server.
      first.protocols[i]!.transport.close()
      await until(
        () => far.finSeen,
        () => 'the FIN',
      )
      far.close()
    }
    await connectFarEnd('node:net', first.loop, first.port)
    await first.accepted(6)
    first.server.close()
    const second = await serve({ port: first.port })
    expect(await tryConnect(second.port)).toBe('connected')
    await second.accepted(1)
    expect(first.protocols[5]!.notes()).toEqual(['connectionMade'])
  })
})

describe('Accepting', () => {
  it('goes on when a protocol factory throws; that connection is closed, and the exception is reported', async () => {
    const { loop, reported } = runningLoop()
    let made = 0
    const { port } = await listenWith(loop, () => {
      made++
      if (made === 1) throw new Error('no protocol today')
      return new BaseProtocol()
    })
    const refused = await connectFarEnd('node:net', loop, port)
    await until(
      () => refused.finSeen || refused.ended !== null,
      () => 'the connection to be closed',
    )
    expect(reported.map(({ message, exception }) => [message, exception.message])).toEqual([
      ['Error on transport creation for incoming connection.', 'no protocol today'],
    ])
    const taken = await connectFarEnd('node:net', loop, port)
    await until(
      () => made === 2,
      () => 'the second connection',
    )
    await turns()
    expect({ finSeen: taken.finSeen, ended: taken.ended }).toEqual({ finSeen: false, ended: null })
  })

  it('survives peers that were gone before they were accepted', async () => {
    const { reported, protocols, accepted, port } = await serve()
    // In a thread of its own, while this one sleeps: the kernel connects them, and they reset, before anybody accepts.
    const gate = new Int32Array(new SharedArrayBuffer(4))
    const worker = new Worker(
      `const { workerData } = require('node:worker_threads')
      const net = require('node:net')
      let left = 5
      for (let i = 0; i < 5; i++) {
        const socket = net.connect(workerData.port, '127.0.0.1', () => socket.resetAndDestroy())
        socket.on('close', () => {
          if (--left > 0) return
          Atomics.store(workerData.gate, 0, 1)
          Atomics.notify(workerData.gate, 0)
        })
      }`,
      { eval: true, workerData: { port, gate } },
    )
    onTestFinished(async () => void (await worker.terminate()))
    await new Promise((resolve) => worker.once('online', resolve))
    Atomics.wait(gate, 0, 0)
    await accepted(5)
    await until(
      () => protocols.every((protocol) => protocol.notes().at(-1)?.startsWith('connectionLost')),
      () => 'all five to be lost',
    )
    for (const protocol of protocols) expect(protocol.notes()).toEqual(['connectionMade', 'connectionLost ECONNRESET'])
    expect(reported).toEqual([])
    expect(await tryConnect(port)).toBe('connected')
  })

  it('takes a hundred connections at once', async () => {
    const { loop, port, protocols, accepted } = await serve()
    const ends = await Promise.all(Array.from({ length: 100 }, () => connectFarEnd('node:net', loop, port)))
    await accepted(100)
    for (const [i, end] of ends.entries()) end.send(Buffer.from(String(i).padStart(3, '0')))
    await until(
      () => protocols.every((protocol) => protocol.received().length === 3),
      () => 'everybody’s bytes',
    )
    const numbers = protocols.map((protocol) => protocol.received().toString()).toSorted()
    expect(numbers).toEqual(ends.map((_, i) => String(i).padStart(3, '0')))
  })

  it('lets a server’s connection ask for the server’s end from within', async () => {
    const { loop } = runningLoop()
    let server: Server | undefined
    class LastGuest extends BaseProtocol {
      override connectionMade(transport: Transport): void {
        server!.close()
        transport.close()
      }
    }
    const listening = await listenWith(loop, () => new LastGuest())
    server = listening.server
    await connectFarEnd('node:net', loop, listening.port)
    await server.waitClosed()
    expect(await tryConnect(listening.port)).toBe('ECONNREFUSED')
  })
})

describe('A free port', () => {
  it('refuses connections, as the tests beside this one take for granted', async () => {
    expect(await tryConnect(await freePort())).toBe('ECONNREFUSED')
  })
})
