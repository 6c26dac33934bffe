// TLS on a TCP connection that is made: a handshake, and then a socket whose bytes are what is inside. Counterparts:
// socket-transport.ts (takes the socket over), tls-facts.ts (what was agreed on), ../endpoints/tls-material.ts (who is who).
//
// The accepting side lends each connection a `tls.Server` of its own that never listens: given a connection, it does the
// handshake and the verification as documented, and tells of its errors; one for all could not say whose they are.
import { randomBytes } from 'node:crypto'
import net from 'node:net'
import tls from 'node:tls'
import type { Failure } from '../../../preload/contract/failure.ts'
import type { CertificateFacts, TlsClientSpec, TlsFacts, TlsServerSpec } from '../../../preload/contract/tls.ts'
import { chainOf, factsOf, notTrusted } from './tls-facts.ts'

/** A certificate with those that lead to its root, and its key, in PEM. */
export interface TlsIdentity {
  readonly certificatePem: string
  readonly keyPem: string
}

interface Material {
  /** Takes each line for a key log (the NSS format, ends in a line feed). */
  readonly onKeyLog?: (line: string) => void
}

export interface TlsServerOptions extends Omit<TlsServerSpec, 'identity' | 'keyLog'>, Material {
  readonly identity: TlsIdentity
}

export interface TlsClientOptions extends Omit<TlsClientSpec, 'identity' | 'keyLog'>, Material {
  readonly identity: TlsIdentity | null
  readonly handshakeTimeoutMs: number
}

/** The handshake failed or the chain was refused, and is the reason for which the connection ends. */
export class TlsError extends Error {
  override readonly name: string = 'TlsError'
  readonly code: string
  constructor(failure: Failure) {
    super(failure.message)
    this.code = failure.code
  }
}

export interface HandshakeListener {
  established(socket: tls.TLSSocket, facts: TlsFacts): void
  /** The connection is of no use any more, and is closed by whoever listens. At most once, and never after `established`. */
  failed(error: Error, chain: readonly CertificateFacts[]): void
}

/** Begins the handshake on a connected socket that nothing was read from. Answers how to stop waiting for it. */
export type StartTls = (tcp: net.Socket, listener: HandshakeListener) => () => void

/** How long an accepted connection has for its handshake, in ms. */
export const serverHandshakeTimeoutMs = 10_000

/** Node makes a reset of every connection that ends before its handshake does; a real one names the call that saw it. */
const asHandshakeError = (error: Error): Error =>
  'code' in error && error.code === 'ECONNRESET' && !('syscall' in error && error.syscall !== undefined)
    ? peerClosed()
    : error

export const peerClosed = (): TlsError =>
  new TlsError({ code: 'peer-closed', message: 'The peer closed the connection before the handshake was done' })

const timedOut = (timeoutMs: number) =>
  new TlsError({
    code: 'ERR_TLS_HANDSHAKE_TIMEOUT',
    message: `The handshake was not done within ${timeoutMs} ms`,
  })

/** One outcome, whoever tells of it first, within a time limit. */
const once = (listener: HandshakeListener, timeoutMs: number) => {
  let over = false
  const end = <A extends unknown[]>(then: (...args: A) => void) => {
    return (...args: A) => {
      if (over) return
      over = true
      clearTimeout(timer)
      then(...args)
    }
  }
  const failed = end((error: Error, chain: readonly CertificateFacts[]) => listener.failed(error, chain))
  const timer = setTimeout(() => failed(timedOut(timeoutMs), []), timeoutMs)
  return { failed, established: end(listener.established.bind(listener)), stop: end(() => {}) }
}

const common = (options: TlsServerOptions | TlsClientOptions) => ({
  minVersion: options.minVersion,
  maxVersion: options.maxVersion,
  ...(options.identity === null ? {} : { cert: options.identity.certificatePem, key: options.identity.keyPem }),
  ...(options.caPem === '' ? {} : { ca: options.caPem }),
  ...(options.alpn.length === 0 ? {} : { ALPNProtocols: [...options.alpn] }),
})

const keyLogTo =
  ({ onKeyLog }: Material) =>
  (line: Buffer) =>
    onKeyLog?.(line.toString('latin1'))

/**
 * TLS for the connections that a server accepts. Throws OpenSSL's error where certificate, key or CA cannot be used.
 */
export const serverTls = (options: TlsServerOptions, timeoutMs = serverHandshakeTimeoutMs): StartTls => {
  const asks = options.clientCertificate !== 'no'
  const settings: tls.TlsOptions = {
    ...common(options),
    requestCert: asks,
    // Decided below, once the chain can be told of.
    rejectUnauthorized: false,
    // Ours has the same limit, and words.
    handshakeTimeout: timeoutMs + 1000,
    // One for all connections, or none could be resumed.
    ticketKeys: randomBytes(48),
  }
  // Looks at all of it once, before anybody connects.
  tls.createSecureContext(settings)

  const trustOf = (socket: tls.TLSSocket): { readonly verified: boolean; readonly notTrusted: Failure | null } => {
    if (!asks) return { verified: false, notTrusted: null }
    if (socket.getPeerCertificate().raw === undefined)
      return {
        verified: false,
        notTrusted: { code: 'no-certificate', message: 'The peer was asked for a certificate and showed none' },
      }
    if (socket.authorized) return { verified: true, notTrusted: null }
    return { verified: false, notTrusted: notTrusted(`${socket.authorizationError}`, null) }
  }

  return (tcp, listener) => {
    const { established, failed, stop } = once(listener, timeoutMs)
    const server = tls.createServer(settings)
    if (options.onKeyLog !== undefined) server.on('keylog', keyLogTo(options))
    server.on('tlsClientError', (error) => failed(asHandshakeError(error), []))
    server.on('secureConnection', (socket) => {
      // Errors before its transport listens are told by `close`.
      socket.on('error', () => {})
      const trust = trustOf(socket)
      if (options.clientCertificate === 'require' && trust.notTrusted !== null)
        failed(new TlsError(trust.notTrusted), chainOf(socket))
      else {
        socket.allowHalfOpen = true
        established(socket, factsOf(socket, { ...trust, serverName: socket.servername || null }))
      }
    })
    // Until the handshake is done a FIN is the end of it; the server's socket takes this over from the TCP socket.
    tcp.allowHalfOpen = false
    server.emit('connection', tcp)
    return stop
  }
}

/** TLS for a connection to `host`. Throws OpenSSL's error where certificate, key or CA cannot be used. */
export const clientTls = (options: TlsClientOptions, host: string): StartTls => {
  const name = options.serverName || host
  const secureContext = tls.createSecureContext(common(options))
  // An address is none of the names that RFC 6066 knows.
  const serverName = net.isIP(name) === 0 ? name : null
  return (tcp, listener) => {
    const { established, failed, stop } = once(listener, options.handshakeTimeoutMs)
    let mismatch: Error | null = null
    const socket = tls.connect({
      socket: tcp,
      secureContext,
      ...(options.alpn.length === 0 ? {} : { ALPNProtocols: [...options.alpn] }),
      ...(serverName === null ? {} : { servername: serverName }),
      // Decided below, once the chain can be told of. Node, too, looks at it only when the handshake is done.
      rejectUnauthorized: false,
      checkServerIdentity: (_, certificate) => {
        mismatch = tls.checkServerIdentity(name, certificate) ?? null
        return mismatch ?? undefined
      },
    })
    if (options.onKeyLog !== undefined) socket.on('keylog', keyLogTo(options))
    // Later ones are the transport's.
    socket.on('error', (error) => failed(asHandshakeError(error), []))
    socket.once('secureConnect', () => {
      const refused = socket.authorized ? null : notTrusted(`${socket.authorizationError}`, mismatch)
      if (options.verify && refused !== null) failed(new TlsError(refused), chainOf(socket))
      else established(socket, factsOf(socket, { verified: refused === null, notTrusted: refused, serverName }))
    })
    return stop
  }
}
