// Listening sockets that make a protocol for each connection. Counterpart: event-loop.ts (createServer). As asyncio.Server.
import { lookup } from 'node:dns/promises'
import net from 'node:net'
import type { Address } from '../../../preload/contract/vocabulary.ts'
import { asError, errnoName } from './errors.ts'
import { createListeningServer, type RawSocket, type SocketSettings } from './node-sockets.ts'
import type { Protocol, ProtocolFactory } from './protocol.ts'
import { type ReportException, SocketTransport } from './socket-transport.ts'
import type { TransportObserver } from './transport.ts'

export interface ServerOptions<P extends Protocol = Protocol> extends SocketSettings {
  /**
   * A name, an IPv4 or an IPv6 address; every address of a name is bound, as in asyncio. `::` also takes IPv4 (as the
   * operating system has it by default; asyncio sets IPV6_V6ONLY).
   */
  readonly host: string
  /** 0 for any free port; the further addresses of a name then get the port of the first. */
  readonly port: number
  /** The longest queue of connections not accepted yet; asyncio's default is 100. */
  readonly backlog?: number
  /** Gives the observer of an accepted connection, by the protocol just made for it. */
  readonly observe?: (protocol: P) => TransportObserver
  /** A connection came and could not be accepted (`EMFILE` …); without it, that is reported as an exception. */
  readonly onAcceptFailed?: (error: Error) => void
}

export class Server {
  readonly #servers: net.Server[] = []
  readonly #transports = new Set<SocketTransport>()
  readonly #sockets: Address[] = []
  #closed = false
  #waiters: (() => void)[] = []

  /** Where it is bound; empty once closed. */
  get sockets(): readonly Address[] {
    return this.#closed ? [] : this.#sockets
  }

  isServing(): boolean {
    return !this.#closed
  }

  /** Stops accepting. Connections that were made stay open. */
  close(): void {
    if (this.#closed) return
    this.#closed = true
    for (const server of this.#servers) server.close()
    this.#wakeWhenIdle()
  }

  /** Closes every connection: flush, then FIN. */
  closeClients(): void {
    for (const transport of this.#transports) transport.close()
  }

  /** Resets every connection. */
  abortClients(): void {
    for (const transport of this.#transports) transport.abort()
  }

  /** Resolves once the server is closed and its last connection is lost (as in Python 3.12.1 and later). */
  waitClosed(): Promise<void> {
    return this.#closed && this.#transports.size === 0
      ? Promise.resolve()
      : new Promise((resolve) => this.#waiters.push(resolve))
  }

  #wakeWhenIdle(): void {
    if (!this.#closed || this.#transports.size > 0) return
    const waiters = this.#waiters
    this.#waiters = []
    for (const wake of waiters) wake()
  }

  /**
   * For the loop: binds all addresses or none. Rejects with the system error (`EADDRINUSE`, `EACCES`, `ENOTFOUND` …).
   * An accept that fails later (`EMFILE`) is told of (`onAcceptFailed`) and accepting goes on.
   */
  static async start<P extends Protocol>(
    factory: ProtocolFactory<P>,
    options: ServerOptions<P>,
    reportException: ReportException,
  ): Promise<Server> {
    const addresses = net.isIP(options.host) > 0 ? [options.host] : await resolveAll(options.host)
    const server = new Server()
    const accept = (raw: RawSocket) => {
      let transport: SocketTransport
      try {
        const protocol = factory()
        transport = new SocketTransport(raw, protocol, options.observe?.(protocol) ?? null, reportException)
      } catch (thrown) {
        raw.socket.destroy()
        reportException('Error on transport creation for incoming connection.', asError(thrown), null)
        return
      }
      server.#transports.add(transport)
      raw.socket.once('close', () => {
        server.#transports.delete(transport)
        server.#wakeWhenIdle()
      })
    }
    const onAcceptFailed =
      options.onAcceptFailed ?? ((error: Error) => reportException('A connection could not be accepted.', error, null))
    let port = options.port
    let unusable: unknown = null
    try {
      for (const host of addresses) {
        let bound: net.Server
        try {
          bound = await listen(host, port, options, accept, onAcceptFailed)
        } catch (error) {
          // An address or family that this machine does not have is no failure while another one of the name works.
          if (!['EAFNOSUPPORT', 'EADDRNOTAVAIL'].includes(errnoName(error) ?? '')) throw error
          unusable ??= error
          continue
        }
        const at = bound.address() as net.AddressInfo
        port = at.port
        server.#servers.push(bound)
        server.#sockets.push({ host: at.address, port: at.port })
      }
    } catch (error) {
      server.close()
      server.abortClients()
      throw error
    }
    if (server.#servers.length === 0) throw unusable
    return server
  }
}

const resolveAll = async (host: string): Promise<string[]> => {
  const found = await lookup(host, { all: true })
  return [...new Set(found.map((each) => each.address))]
}

const listen = (
  host: string,
  port: number,
  options: Pick<ServerOptions, 'backlog' | keyof SocketSettings>,
  accept: (raw: RawSocket) => void,
  onAcceptFailed: (error: Error) => void,
): Promise<net.Server> =>
  new Promise((resolve, reject) => {
    const { server, takeOver } = createListeningServer(accept, onAcceptFailed, options)
    server.once('error', reject)
    server.listen({ host, port, backlog: options.backlog ?? 100 }, () => {
      server.off('error', reject)
      takeOver()
      resolve(server)
    })
  })
