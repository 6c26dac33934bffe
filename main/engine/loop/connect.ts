// Opens connections: addresses tried one after the other, a time limit, a way to give up. Counterparts: event-loop.ts
// (createConnection), node-sockets.ts (the socket), socket-transport.ts (what is made of it).
import net from 'node:net'
import type { Address } from '../../../preload/contract/vocabulary.ts'
import { asError, CancelledError, systemError } from './errors.ts'
import { connectSocket, type SocketSettings } from './node-sockets.ts'
import type { Protocol, ProtocolFactory } from './protocol.ts'
import { type ReportException, SocketTransport } from './socket-transport.ts'
import type { Transport, TransportObserver } from './transport.ts'

export interface ConnectionOptions<P extends Protocol = Protocol> extends SocketSettings {
  readonly host: string
  readonly port: number
  /** Gives up with ETIMEDOUT after this many ms; without it the operating system decides (two minutes and more). */
  readonly timeoutMs?: number
  /** The local address to connect from, IPv4 or IPv6; of a name, only addresses of that family are tried. */
  readonly localHost?: string
  readonly localPort?: number
  /** Gives up with the signal's CancelledError. */
  readonly signal?: AbortSignal
  /** One of several addresses did not answer (happy eyeballs, RFC 8305); the next is tried. */
  readonly onAttemptFailed?: (remote: Address, error: Error) => void
  /** Gives the observer of the connection, by the protocol just made for it. */
  readonly observe?: (protocol: P) => TransportObserver
}

/**
 * Reports the attempts of a connect that tries several addresses. A single address needs no such report: its failure is
 * the connection's, so a failure is held back until another attempt follows.
 */
const reportAttempts = (socket: net.Socket, report: ConnectionOptions['onAttemptFailed']) => {
  let attempts = 0
  let held: (() => void) | null = null
  const release = () => {
    held?.()
    held = null
  }
  const failed = (host: string, port: number, error: Error) => {
    release()
    held = () => report?.({ host, port }, error)
  }
  socket.on('connectionAttempt', () => {
    attempts++
    release()
  })
  socket.on('connectionAttemptFailed', (host, port, _family, error) => failed(host, port, error))
  socket.on('connectionAttemptTimeout', (host, port) =>
    failed(host, port, systemError('ETIMEDOUT', 'no answer before the next address was tried')),
  )
  return {
    allFailed: () => {
      if (attempts > 1) release()
    },
  }
}

const isPort = (port: number) => Number.isInteger(port) && port >= 0 && port <= 65535

/** What is wrong with the options, or null. Node finds it too, but only when there is a socket that nobody then closes. */
const wrongOption = ({ port, localHost, localPort }: ConnectionOptions<never>): string | null => {
  if (!isPort(port)) return `port must be a whole number from 0 to 65535, not ${port}`
  if (localPort !== undefined && !isPort(localPort))
    return `localPort must be a whole number from 0 to 65535, not ${localPort}`
  if (localHost !== undefined && net.isIP(localHost) === 0)
    return `localHost must be an IPv4 or IPv6 address, not ${localHost}`
  return null
}

/**
 * For the loop: connects, does the TLS handshake where there is one, and makes the protocol and its transport. Rejects as
 * `createConnection` tells; where a handshake failed, when the connection is lost.
 */
export const connect = <P extends Protocol>(
  protocolFactory: ProtocolFactory<P>,
  options: ConnectionOptions<P>,
  reportException: ReportException,
): Promise<[Transport, P]> =>
  new Promise((resolve, reject) => {
    const { signal, timeoutMs } = options
    if (signal?.aborted) {
      reject(asError(signal.reason))
      return
    }
    const wrong = wrongOption(options)
    if (wrong !== null) {
      reject(new RangeError(wrong))
      return
    }
    const { localHost, localPort } = options
    const raw = connectSocket(
      {
        host: options.host,
        port: options.port,
        autoSelectFamily: true,
        // From an address of one family nothing of the other can be reached.
        ...(localHost === undefined ? {} : { localAddress: localHost, family: net.isIP(localHost) }),
        ...(localPort === undefined ? {} : { localPort }),
      },
      options,
    )
    const { socket } = raw
    const timeout =
      timeoutMs === undefined
        ? undefined
        : setTimeout(() => socket.destroy(systemError('ETIMEDOUT', `no answer within ${timeoutMs} ms`)), timeoutMs)
    const onAbort = () => socket.destroy(asError(signal?.reason ?? new CancelledError()))
    const settle = () => {
      clearTimeout(timeout)
      signal?.removeEventListener('abort', onAbort)
      socket.off('error', onError)
    }
    const onError = (error: Error) => {
      settle()
      attempts.allFailed()
      reject(error instanceof AggregateError && error.errors.length > 0 ? asError(error.errors[0]) : error)
    }
    const attempts = reportAttempts(socket, options.onAttemptFailed)
    signal?.addEventListener('abort', onAbort, { once: true })
    socket.once('error', onError)
    socket.once('connect', () => {
      settle()
      try {
        // Node resets the connection where the peer was gone before we could look at it.
        if (socket.remoteAddress === undefined)
          throw systemError('ECONNRESET', 'the connection was reset as soon as it was made')
        const protocol = protocolFactory()
        const observer = options.observe?.(protocol) ?? null
        const transport: Transport = new SocketTransport(raw, protocol, observer, reportException, (error) => {
          if (error === null) resolve([transport, protocol])
          else reject(error)
        })
        if (!transport.isSecuring()) resolve([transport, protocol])
      } catch (error) {
        socket.destroy()
        reject(error)
      }
    })
  })
