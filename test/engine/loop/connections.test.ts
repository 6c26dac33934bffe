// createConnection: where it connects to and from, how it gives up, and what it says when it does. Counterpart:
// main/engine/loop/connect.ts.
import net from 'node:net'
import { describe, expect, it } from 'vitest'
import { CancelledError, causeOfError, errnoName } from '../../../main/engine/loop/errors.ts'
import type { ConnectionOptions, EventLoop } from '../../../main/engine/loop/event-loop.ts'
import type { Address } from '../../../preload/contract/vocabulary.ts'
import {
  freePort,
  hasIPv6,
  listenWith,
  localhost,
  runningLoop,
  startFarServer,
  turns,
  until,
  withNames,
} from '../../support/loopback.ts'
import { NotingObserver, NotingProtocol } from '../../support/playbook.ts'
import { resetAtOnce, startBlackHole } from '../../support/rude-peers.ts'
import { startScriptedServer } from '../../support/scripted-server.ts'

const attempt = (loop: EventLoop, options: Partial<ConnectionOptions> & { port: number }) =>
  loop.createConnection(() => new NotingProtocol(), { host: localhost, ...options })

/** Connects, notes the attempts that failed, and closes again. */
const connectNoting = async (loop: EventLoop, options: Partial<ConnectionOptions> & { port: number }) => {
  const attempts: string[] = []
  const onAttemptFailed = (remote: Address, error: Error) => attempts.push(`${remote.host} ${errnoName(error)}`)
  try {
    const [transport, protocol] = await attempt(loop, { ...options, onAttemptFailed })
    const peername = transport.getExtraInfo('peername').host
    transport.abort()
    await until(
      () => protocol.notes().includes('connectionLost null'),
      () => 'connectionLost',
    )
    return { attempts, result: peername }
  } catch (error) {
    return { attempts, result: errnoName(error) ?? String(error) }
  }
}

describe('Connecting', () => {
  it('gives the transport and the protocol, connectionMade called', async () => {
    const { loop } = runningLoop()
    const { port } = await startFarServer('node:net', loop)
    const [transport, protocol] = await attempt(loop, { port })
    expect(protocol.notes()).toEqual(['connectionMade'])
    expect(protocol.transport).toBe(transport)
    transport.abort()
  })

  it('tells its observer before its protocol', async () => {
    const { loop } = runningLoop()
    const { port } = await startFarServer('node:net', loop)
    const observer = new NotingObserver()
    let known: string[] = []
    const made = new NotingProtocol({
      connectionMade: () => {
        known = [...observer.notes]
      },
    })
    const [transport] = await loop.createConnection(() => made, {
      host: localhost,
      port,
      observe: (protocol) => {
        expect(protocol).toBe(made)
        return observer
      },
    })
    expect(known).toEqual(['connectionMade'])
    transport.abort()
  })

  it('from a local address and port of one’s choice', async () => {
    const { loop } = runningLoop()
    const { port } = await startFarServer('node:net', loop)
    const localPort = await freePort()
    const [transport] = await attempt(loop, { port, localHost: '127.0.0.2', localPort })
    expect(transport.getExtraInfo('sockname')).toEqual({ host: '127.0.0.2', port: localPort })
    transport.abort()
  })

  it('works while the loop is not running, as sockets do', async () => {
    const { loop } = runningLoop()
    const { port } = await startFarServer('node:net', loop)
    loop.stop()
    await turns()
    expect(loop.isRunning()).toBe(false)
    const [transport, protocol] = await attempt(loop, { port })
    transport.abort()
    await until(
      () => protocol.notes().includes('connectionLost null'),
      () => 'connectionLost',
    )
  })

  it.runIf(hasIPv6)('to an IPv6 address', async () => {
    const { loop } = runningLoop()
    const { port } = await listenWith(loop, () => new NotingProtocol(), { host: '::1' })
    expect(await connectNoting(loop, { host: '::1', port })).toEqual({ attempts: [], result: '::1' })
  })
})

describe('A connect that fails', () => {
  it.each<[string, string, Partial<ConnectionOptions>, string, string]>([
    ['a port that nobody listens on', localhost, {}, 'ECONNREFUSED', 'refused'],
    [
      'a local address that is not ours',
      localhost,
      { localHost: '203.0.113.1' },
      'EADDRNOTAVAIL',
      'address-not-available',
    ],
  ])('because of %s rejects with the errno name', async (_what, host, options, code, cause) => {
    const { loop } = runningLoop()
    const failing = attempt(loop, { host, port: await freePort(), ...options })
    await expect(failing).rejects.toMatchObject({ code })
    expect(causeOfError(await failing.catch((error) => error))).toBe(cause)
  })

  it('because its local port is taken rejects with EADDRINUSE', async () => {
    const { loop } = runningLoop()
    const { port } = await startFarServer('node:net', loop)
    const taken = await startFarServer('node:net', loop)
    await expect(attempt(loop, { port, localHost: localhost, localPort: taken.port })).rejects.toMatchObject({
      code: 'EADDRINUSE',
    })
  })

  it('because there is no such name rejects with what the resolver says', async () => {
    const { loop } = runningLoop()
    const failing = attempt(loop, { host: 'no-such-name.invalid', port: 1 })
    await expect(failing).rejects.toMatchObject({ code: expect.stringMatching(/^(ENOTFOUND|EAI_AGAIN)$/) })
    expect(causeOfError(await failing.catch((error) => error))).toBe('name-not-found')
  })

  it('because nobody answers in time rejects with ETIMEDOUT and says how long it waited', async () => {
    const { loop } = runningLoop()
    const port = await startBlackHole()
    const failing = attempt(loop, { port, timeoutMs: 50 })
    await expect(failing).rejects.toMatchObject({ code: 'ETIMEDOUT', message: 'no answer within 50 ms (ETIMEDOUT)' })
    expect(causeOfError(await failing.catch((error) => error))).toBe('timed-out')
  })

  it.each<[Partial<ConnectionOptions>, string]>([
    [{ port: 70_000 }, 'port must be a whole number from 0 to 65535, not 70000'],
    [{ port: 1.5 }, 'port must be a whole number from 0 to 65535, not 1.5'],
    [{ localPort: -1 }, 'localPort must be a whole number from 0 to 65535, not -1'],
    [{ localHost: 'localhost' }, 'localHost must be an IPv4 or IPv6 address, not localhost'],
  ])('because of %j, which cannot be, rejects with a RangeError and opens nothing', async (options, message) => {
    const { loop } = runningLoop()
    const failing = attempt(loop, { port: 1, ...options })
    await expect(failing).rejects.toThrow(RangeError)
    await expect(failing).rejects.toThrow(message)
  })

  it('because the peer resets at once is either over as soon as it is made, or never made', async () => {
    const { loop, reported } = runningLoop()
    const { port } = await startScriptedServer(resetAtOnce)
    for (let i = 0; i < 20; i++) {
      const protocol = new NotingProtocol()
      try {
        await loop.createConnection(() => protocol, { host: localhost, port })
        await until(
          () => protocol.notes().length > 1,
          () => 'connectionLost',
        )
        expect(protocol.notes()).toEqual(['connectionMade', 'connectionLost ECONNRESET'])
      } catch (error) {
        expect(errnoName(error)).toBe('ECONNRESET')
        expect(protocol.notes()).toEqual([])
      }
    }
    expect(reported).toEqual([])
  })

  it('because the protocol factory throws rejects with that, and closes the connection', async () => {
    const { loop, reported } = runningLoop()
    const { port, accepted } = await startFarServer('node:net', loop)
    const connecting = loop.createConnection(
      () => {
        throw new Error('no protocol today')
      },
      { host: localhost, port },
    )
    await expect(connecting).rejects.toThrow('no protocol today')
    const far = await accepted()
    await until(
      () => far.finSeen || far.ended !== null,
      () => 'the connection to be closed',
    )
    far.close()
    expect(reported).toEqual([])
  })
})

describe('A connect that is given up', () => {
  it('before it began rejects with the signal’s reason', async () => {
    const { loop } = runningLoop()
    const { port } = await startFarServer('node:net', loop)
    const signal = AbortSignal.abort(new CancelledError('never mind'))
    await expect(attempt(loop, { port, signal })).rejects.toThrow('never mind')
  })

  it('while nobody answers rejects with the signal’s reason', async () => {
    const { loop } = runningLoop()
    const port = await startBlackHole()
    const abort = new AbortController()
    const connecting = attempt(loop, { port, signal: abort.signal, timeoutMs: 60_000 })
    await turns()
    abort.abort(new CancelledError('enough'))
    await expect(connecting).rejects.toThrow('enough')
    expect(causeOfError(await connecting.catch((error) => error))).toBe('cancelled')
  })

  it('while the name is looked up rejects with the signal’s reason', async () => {
    const { loop } = runningLoop()
    const abort = new AbortController()
    const connecting = attempt(loop, { host: 'no-such-name.invalid', port: 1, signal: abort.signal })
    abort.abort(new CancelledError('enough'))
    await expect(connecting).rejects.toThrow('enough')
  })

  it('after it was made is made all the same', async () => {
    const { loop } = runningLoop()
    const { port } = await startFarServer('node:net', loop)
    const abort = new AbortController()
    const [transport, protocol] = await attempt(loop, { port, signal: abort.signal, timeoutMs: 60_000 })
    abort.abort(new CancelledError('too late'))
    await turns()
    expect(protocol.notes()).toEqual(['connectionMade'])
    transport.abort()
  })
})

describe.runIf(hasIPv6)('A name with several addresses (happy eyeballs)', () => {
  const both = ['::1', localhost]

  it('is connected to where somebody listens, and says which attempt failed', async () => {
    withNames({ 'both.test': both })
    const { loop } = runningLoop()
    const { port } = await listenWith(loop, () => new NotingProtocol(), { host: localhost })
    expect(await connectNoting(loop, { host: 'both.test', port })).toEqual({
      attempts: ['::1 ECONNREFUSED'],
      result: localhost,
    })
  })

  it('is connected to by its first address where that answers, and nothing has failed', async () => {
    withNames({ 'both.test': both })
    const { loop } = runningLoop()
    const { port } = await listenWith(loop, () => new NotingProtocol(), { host: '::1' })
    expect(await connectNoting(loop, { host: 'both.test', port })).toEqual({ attempts: [], result: '::1' })
  })

  it('is left for the next address where the first does not answer', async () => {
    withNames({ 'both.test': [localhost, '::1'] })
    const { loop } = runningLoop()
    const port = await startBlackHole()
    await listenWith(loop, () => new NotingProtocol(), { host: '::1', port })
    expect(await connectNoting(loop, { host: 'both.test', port })).toEqual({
      attempts: [`${localhost} ETIMEDOUT`],
      result: '::1',
    })
  })

  it('that nobody listens on fails with the first address’s errno, and tells of all', async () => {
    withNames({ 'both.test': both })
    const { loop } = runningLoop()
    expect(await connectNoting(loop, { host: 'both.test', port: await freePort() })).toEqual({
      attempts: ['::1 ECONNREFUSED', `${localhost} ECONNREFUSED`],
      result: 'ECONNREFUSED',
    })
  })

  it('is connected to from a local address of either family', async () => {
    withNames({ 'both.test': both })
    const { loop } = runningLoop()
    const { port } = await listenWith(loop, () => new NotingProtocol(), { host: '::' })
    for (const local of both)
      expect(await connectNoting(loop, { host: 'both.test', port, localHost: local })).toEqual({
        attempts: [],
        result: local,
      })
  })

  it('and a single one that fails is told once, as the connection’s own failure', async () => {
    withNames({ 'one.test': [localhost] })
    const { loop } = runningLoop()
    expect(await connectNoting(loop, { host: 'one.test', port: await freePort() })).toEqual({
      attempts: [],
      result: 'ECONNREFUSED',
    })
  })

  it('does not outlive its time limit', async () => {
    withNames({ 'deaf.test': [localhost, '127.0.0.1', localhost] })
    const { loop } = runningLoop()
    const port = await startBlackHole()
    const { result } = await connectNoting(loop, { host: 'deaf.test', port, timeoutMs: 30 })
    expect(result).toBe('ETIMEDOUT')
  })
})

describe('A plain node:net peer', () => {
  it('sees no difference between our connections and its own', async () => {
    const { loop } = runningLoop()
    const sockets: net.Socket[] = []
    const { port } = await startScriptedServer((socket) => {
      sockets.push(socket)
      socket.pipe(socket)
    })
    const [transport, protocol] = await attempt(loop, { port })
    transport.write(Buffer.from('through a pipe'))
    await until(
      () => protocol.received().length === 14,
      () => 'the echo',
    )
    expect(net.isIP(sockets[0]!.remoteAddress ?? '')).toBe(4)
    expect(sockets[0]!.remotePort).toBe(transport.getExtraInfo('sockname').port)
    transport.close()
  })
})
