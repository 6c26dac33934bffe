// Sockets that read into our own buffers: Node's documented `onread` for outgoing connections, and the same for accepted
// ones, for which Node has no documented way. Counterparts: event-loop.ts, server.ts; read-buffers.ts.
//
// For accepted sockets this replaces the listening handle's `onconnection`, internal to Node but unchanged since 0.12
// (lib/net.js, onconnection). Where a Node should come without it, sockets are accepted the documented way and their
// chunks are Node's own.
import net from 'node:net'
import { getSystemErrorName } from 'node:util'
import type { Address, SocketOptions } from '../../../preload/contract/vocabulary.ts'
import { createDescriptorWatch } from './descriptors.ts'
import { systemError } from './errors.ts'
import { readBlock } from './read-buffers.ts'
import type { StartTls } from './tls.ts'

/** A socket before a transport has taken it over. */
export interface RawSocket {
  readonly socket: net.Socket
  /** Its own address, where that is known without asking the kernel. */
  readonly local: Address | null
  /** Where bytes go; set by the transport before the first can come. */
  onRead: (data: Uint8Array) => void
  /** How its TLS begins; null where it has none. Such a socket reads no bytes of its own. */
  readonly tls: StartTls | null
  /** What it is set to. */
  readonly options: SocketOptions | undefined
}

/** What sockets are to be: read anew for each. */
export interface SocketSettings {
  readonly tls?: StartTls
  /** Of the connection that comes next. */
  readonly socketOptions?: () => SocketOptions | undefined
}

/** Sets what a socket of Node's can be set to while it is connected. What is left out is as the loop has it. */
export const setSocketOptions = (socket: net.Socket, { noDelay = true, keepAliveMs = null }: SocketOptions): void => {
  socket.setNoDelay(noDelay)
  if (keepAliveMs === null) socket.setKeepAlive(false)
  else socket.setKeepAlive(true, keepAliveMs)
}

const onreadOf = (raw: () => RawSocket) => ({
  buffer: readBlock,
  callback: (length: number) => {
    raw().onRead(readBlock.subarray(0, length))
    return true
  },
})

const drop = () => {}

/** Starts connecting. */
export const connectSocket = (to: net.TcpNetConnectOpts, { tls, socketOptions }: SocketSettings = {}): RawSocket => {
  const options = socketOptions?.()
  const { noDelay = true, keepAliveMs = null } = options ?? {}
  const socket = net.connect({
    ...to,
    allowHalfOpen: true,
    noDelay,
    ...(keepAliveMs === null ? {} : { keepAlive: true, keepAliveInitialDelay: keepAliveMs }),
    ...(tls === undefined ? { onread: onreadOf(() => raw) } : {}),
  })
  const raw: RawSocket = { socket, local: null, onRead: drop, tls: tls ?? null, options }
  return raw
}

interface TcpHandle {
  /** The file descriptor; -1 on Windows, absent where a Node does not tell it. */
  readonly fd?: number
  setNoDelay(on: boolean): number
  close(): void
}

interface ListeningHandle {
  onconnection?: (status: number, handle: TcpHandle | undefined) => void
}

const wrapHandle = (handle: TcpHandle, local: Address | null, { tls, socketOptions }: SocketSettings): RawSocket => {
  handle.setNoDelay(true)
  // `handle` is how net.Server itself makes the sockets that it accepts; the types do not tell of it.
  const made = { handle, allowHalfOpen: true, ...(tls === undefined ? { onread: onreadOf(() => raw) } : {}) }
  const socket = new net.Socket(made as unknown as net.SocketConstructorOpts)
  const options = socketOptions?.()
  if (options !== undefined) setSocketOptions(socket, options)
  const raw: RawSocket = { socket, local, onRead: drop, tls: tls ?? null, options }
  return raw
}

const wrapSocket = (socket: net.Socket, { tls, socketOptions }: SocketSettings): RawSocket => {
  const options = socketOptions?.()
  if (options !== undefined) setSocketOptions(socket, options)
  const raw: RawSocket = { socket, local: null, onRead: drop, tls: tls ?? null, options }
  // Attached a tick later: a 'data' listener makes the socket flow, and the transport is made first.
  if (tls === undefined) process.nextTick(() => socket.on('data', (data) => raw.onRead(data)))
  return raw
}

/** The address of every connection that the server accepts; null where it is bound to all of the machine's. */
const oneAddressOf = (server: net.Server): Address | null => {
  const at = server.address()
  if (at === null || typeof at === 'string' || at.address === '0.0.0.0' || at.address === '::') return null
  return { host: at.address, port: at.port }
}

const acceptError = (code: string) =>
  Object.assign(systemError(code, 'a connection could not be accepted'), { syscall: 'accept' })

/**
 * A server that hands every accepted socket to `accept`, and every failed accept (`EMFILE` …) to `onError`. A socket with
 * one of the last file descriptors is closed at once, and is a failed accept too.
 */
export const createListeningServer = (
  accept: (raw: RawSocket) => void,
  onError: (error: Error) => void,
  settings: SocketSettings = {},
): { readonly server: net.Server; readonly takeOver: () => void } => {
  const server = net.createServer({ allowHalfOpen: true, noDelay: true }, (socket) =>
    accept(wrapSocket(socket, settings)),
  )
  return {
    server,
    /** To be called once it listens. */
    takeOver: () => {
      server.on('error', onError)
      const handle = (server as unknown as { readonly _handle?: ListeningHandle })._handle
      if (typeof handle?.onconnection !== 'function') return
      const descriptors = createDescriptorWatch()
      const local = oneAddressOf(server)
      handle.onconnection = (status, client) => {
        if (client === undefined) onError(acceptError(getSystemErrorName(status)))
        else if (descriptors.isAmongLast(client.fd ?? -1)) {
          client.close()
          onError(acceptError('EMFILE'))
        } else accept(wrapHandle(client, local, settings))
      }
    },
  }
}

const [uvMajor = 0, uvMinor = 0] = (process.versions['uv'] ?? '').split('.').map(Number)
/** libuv before 1.52 (Node 20 and 22) tells of an EOF where bytes and an RST have come together (libuv #4997). */
const resetsPassForEof = uvMajor === 1 && uvMinor < 52

interface ConnectedHandle {
  getpeername?(out: object): number
}

/**
 * True where the EOF that a socket has just told of was an RST. The kernel knows: a connection that was reset has no peer
 * any more; one whose peer has only finished has. Once we have sent FIN too, neither has, and it passes for the EOF.
 */
export const eofWasReset = (socket: net.Socket, unsentBytes: number): boolean => {
  if (!resetsPassForEof || (socket.writableEnded && unsentBytes === 0)) return false
  const handle = (socket as unknown as { readonly _handle?: ConnectedHandle | null })._handle
  return (handle?.getpeername?.({}) ?? 0) < 0
}
