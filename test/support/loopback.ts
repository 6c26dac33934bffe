// Loops, servers and connections on loopback for one test, on ports of 0, ended with the test. Counterparts: rude-peers.ts
// (peers that misbehave), playbook.ts (scripts for both ends), scripted-server.ts (a plain server).
import dns from 'node:dns'
import dnsPromises from 'node:dns/promises'
import { syncBuiltinESMExports } from 'node:module'
import net from 'node:net'
import { networkInterfaces } from 'node:os'
import { onTestFinished, vi } from 'vitest'
import { errnoName } from '../../main/engine/loop/errors.ts'
import { EventLoop, type ExceptionContext } from '../../main/engine/loop/event-loop.ts'
import { BaseProtocol, type Protocol } from '../../main/engine/loop/protocol.ts'
import type { Server, ServerOptions } from '../../main/engine/loop/server.ts'
import type { Transport } from '../../main/engine/loop/transport.ts'

export const localhost = '127.0.0.1'

/** Whether this machine has ::1. Tests that need it are skipped without it, and one loud line says so. */
export const hasIPv6 = Object.values(networkInterfaces()).some((all) => all?.some(({ address }) => address === '::1'))
if (!hasIPv6) console.error('\n*** Skipping the tests that need IPv6: this machine has no ::1 ***\n')

interface Found {
  readonly address: string
  readonly family: number
}

/**
 * Gives names addresses for one test, as a resolver would: names with several addresses, one of which nobody listens on,
 * are what happy eyeballs is about, and no machine has one for sure. Other names are resolved as always.
 */
export const withNames = (names: Readonly<Record<string, readonly string[]>>): void => {
  const { lookup } = dns
  const { lookup: lookupPromise } = dnsPromises
  const found = (name: string, { family }: { family?: unknown }): Found[] | undefined =>
    names[name]
      ?.map((address) => ({ address, family: net.isIP(address) }))
      .filter((each) => (family !== 4 && family !== 6) || each.family === family)
  dns.lookup = ((name: string, options: dns.LookupOptions, done: (error: null, ...found: unknown[]) => void) => {
    const known = found(name, options)
    if (known === undefined) lookup(name, options, done as never)
    else process.nextTick(done, null, ...(options.all ? [known] : [known[0]!.address, known[0]!.family]))
  }) as typeof dns.lookup
  dnsPromises.lookup = (async (name: string, options: dns.LookupOptions) =>
    found(name, options) ?? (await lookupPromise(name, options))) as typeof dnsPromises.lookup
  syncBuiltinESMExports()
  onTestFinished(() => {
    dns.lookup = lookup
    dnsPromises.lookup = lookupPromise
    syncBuiltinESMExports()
  })
}

/** A port of 127.0.0.1, and of ::1, on which nobody listens now. */
export const freePort = async (): Promise<number> => {
  const server = net.createServer()
  await new Promise<void>((resolve) => server.listen(0, hasIPv6 ? '::' : localhost, resolve))
  const { port } = server.address() as net.AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}

/** Resolves once `condition` holds; rejects, with what it waited for, before the test's own timeout would only say “timed out”. */
export const until = async (condition: () => boolean, what: () => string, patienceMs = 15_000): Promise<void> => {
  const deadline = performance.now() + patienceMs
  while (!condition()) {
    if (performance.now() > deadline) throw new Error(`Waited ${patienceMs} ms in vain: ${what()}`)
    await new Promise((resolve) => setTimeout(resolve, 1))
  }
}

/** Lets everything happen that is ready to: some whole turns of the loop. For “and then nothing more comes”. */
export const turns = async (count = 5): Promise<void> => {
  for (let i = 0; i < count; i++) await new Promise((resolve) => setImmediate(resolve))
}

export interface TestLoop {
  readonly loop: EventLoop
  /** What was told to the exception handler. */
  readonly reported: readonly ExceptionContext[]
}

/** A loop that the test runs itself; closed with the test. */
export const idleLoop = (): TestLoop => {
  const loop = new EventLoop()
  const reported: ExceptionContext[] = []
  loop.setExceptionHandler((_loop, context) => reported.push(context))
  onTestFinished(async () => {
    await loop.shutdownDefaultExecutor()
    loop.close()
  })
  return { loop, reported }
}

/** A loop that runs until the test is finished. A test that expects no exceptions checks `reported`. */
export const runningLoop = (): TestLoop => {
  const idle = idleLoop()
  const ended = idle.loop.runForever()
  onTestFinished(async () => {
    if (idle.loop.isRunning()) idle.loop.stop()
    await ended
  })
  return idle
}

/** Listens on a free port; closed, and its connections reset, with the test. */
export const listenWith = async <P extends Protocol>(
  loop: EventLoop,
  factory: () => P,
  options: Partial<ServerOptions<P>> = {},
): Promise<{ readonly server: Server; readonly port: number }> => {
  const server = await loop.createServer(factory, { host: localhost, port: 0, ...options })
  onTestFinished(async () => {
    server.close()
    server.abortClients()
    await server.waitClosed()
  })
  return { server, port: server.sockets[0]!.port }
}

/** The other end of a connection, as a test moves it: once a plain node:net socket, once our own core. */
export interface FarEnd {
  send(data: Uint8Array): void
  /** FIN; goes on receiving. */
  finish(): void
  /** Ends the connection in order. */
  close(): void
  reset(): void
  pause(): void
  resume(): void
  /** Everything received so far. */
  received(): Buffer
  readonly receivedBytes: number
  /** Bytes handed over that the kernel has not taken yet. */
  readonly unsentBytes: number
  readonly finSeen: boolean
  /** How it ended: `closed` or an errno name; null while it has not. */
  readonly ended: string | null
}

class NetFarEnd implements FarEnd {
  readonly #socket: net.Socket
  readonly #chunks: Buffer[] = []
  receivedBytes = 0
  finSeen = false
  ended: string | null = null

  constructor(socket: net.Socket) {
    this.#socket = socket
    let error: Error | null = null
    socket.on('data', (data) => {
      this.#chunks.push(data)
      this.receivedBytes += data.length
    })
    socket.on('end', () => {
      this.finSeen = true
    })
    socket.on('error', (caught) => {
      error ??= caught
    })
    socket.on('close', () => {
      this.ended = error === null ? 'closed' : (errnoName(error) ?? error.message)
    })
  }
  get unsentBytes(): number {
    return this.#socket.writableLength
  }
  send(data: Uint8Array): void {
    this.#socket.write(data)
  }
  finish(): void {
    this.#socket.end()
  }
  close(): void {
    this.#socket.destroySoon()
  }
  reset(): void {
    // Node loses a socket that is reset while it is being shut down: libuv refuses (EINVAL), and it is never closed.
    const { writableEnded, writableFinished, writableLength } = this.#socket
    if (writableEnded && !writableFinished && writableLength === 0)
      this.#socket.once('finish', () => this.#socket.resetAndDestroy())
    else this.#socket.resetAndDestroy()
  }
  pause(): void {
    this.#socket.pause()
  }
  resume(): void {
    this.#socket.resume()
  }
  received(): Buffer {
    return Buffer.concat(this.#chunks)
  }
}

class CoreFarEnd extends BaseProtocol implements FarEnd {
  /** None where the connection was over before it was made. */
  #transport: Transport | undefined
  readonly #chunks: Buffer[] = []
  receivedBytes = 0
  finSeen = false
  ended: string | null = null

  override connectionMade(transport: Transport): void {
    this.#transport = transport
  }
  override dataReceived(data: Uint8Array): void {
    this.#chunks.push(Buffer.from(data))
    this.receivedBytes += data.length
  }
  override eofReceived(): boolean {
    this.finSeen = true
    return true
  }
  override connectionLost(reason: Error | null): void {
    this.ended = reason === null ? 'closed' : (errnoName(reason) ?? reason.message)
  }
  get unsentBytes(): number {
    return this.#transport?.getWriteBufferSize() ?? 0
  }
  send(data: Uint8Array): void {
    this.#transport?.write(data)
  }
  finish(): void {
    this.#transport?.writeEof()
  }
  close(): void {
    this.#transport?.close()
  }
  reset(): void {
    this.#transport?.abort()
  }
  pause(): void {
    this.#transport?.pauseReading()
  }
  resume(): void {
    this.#transport?.resumeReading()
  }
  received(): Buffer {
    return Buffer.concat(this.#chunks)
  }
}

/** What the far end is made of. */
export const farKinds = ['node:net', 'the core'] as const
export type FarKind = (typeof farKinds)[number]

/** Far ends that listen on a free port; `accepted` resolves with the `n`th connection, from 0. */
export const startFarServer = async (
  kind: FarKind,
  loop: EventLoop,
): Promise<{ readonly port: number; readonly accepted: (n?: number) => Promise<FarEnd> }> => {
  const ends: FarEnd[] = []
  const accepted = async (n = 0) => {
    await until(
      () => ends.length > n,
      () => `connection ${n} to be accepted`,
    )
    return ends[n]!
  }
  if (kind === 'the core') {
    const { port } = await listenWith(loop, () => {
      const end = new CoreFarEnd()
      ends.push(end)
      return end
    })
    return { port, accepted }
  }
  const sockets: net.Socket[] = []
  const server = net.createServer({ allowHalfOpen: true }, (socket) => {
    sockets.push(socket)
    ends.push(new NetFarEnd(socket))
  })
  await new Promise<void>((resolve) => server.listen(0, localhost, resolve))
  onTestFinished(async () => {
    for (const socket of sockets) socket.destroy()
    await new Promise((resolve) => server.close(resolve))
  })
  return { port: (server.address() as net.AddressInfo).port, accepted }
}

/** A far end that connects; destroyed with the test. */
export const connectFarEnd = async (kind: FarKind, loop: EventLoop, port: number): Promise<FarEnd> => {
  if (kind === 'the core') {
    const end = new CoreFarEnd()
    try {
      const [transport] = await loop.createConnection(() => end, { host: localhost, port })
      onTestFinished(() => transport.abort())
    } catch (error) {
      // Reset as soon as it was made: over before there was a transport.
      end.ended = errnoName(error) ?? String(error)
    }
    return end
  }
  const socket = net.connect({ port, host: localhost, allowHalfOpen: true })
  const end = new NetFarEnd(socket)
  onTestFinished(() => void socket.destroy())
  await until(
    () => !socket.connecting,
    () => `a connection to port ${port}`,
  )
  return end
}

/** Waits until `check` throws no more; a bound, never a measure: vitest's own second is short on a busy machine. */
export const comesTrue = (check: () => void | Promise<void>): Promise<void> =>
  vi.waitFor(check, { timeout: 20_000, interval: 20 })
