// Every page's WebSocket together: who is admitted, who is still there, and how all of them end. Counterparts: page-socket.ts (one
// of them), serve-host.ts (the HTTP server they come through).
import { type IncomingMessage, STATUS_CODES } from 'node:http'
import type { Duplex } from 'node:stream'
import { type WebSocket, WebSocketServer } from 'ws'
import type { HostInfo } from '../../preload/contract/api.ts'
import type { Workbench } from '../workbench.ts'
import { admitHost, admitOrigin, admitToken } from './admission.ts'
import { type Door, requestUrl } from './page-answers.ts'
import { maxFrameBytes, servePage } from './page-socket.ts'

export interface PageSockets {
  /** Takes an HTTP upgrade, or refuses it with a status and a sentence. */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer, door: Door): void
  /** Closes all of them in order; resolves when none is left. */
  dispose(): Promise<void>
}

/** How long a page has for its part of the closing handshake, in ms. */
const closingMs = 1_000

const refuseUpgrade = (socket: Duplex, status: number, text: string): void => {
  const body = `${text}\n`
  socket.end(
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nConnection: close\r\nContent-Type: text/plain; charset=utf-8\r\n` +
      `Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  )
}

/** What stands against an upgrade, or null. */
const refusalOf = (request: IncomingMessage, { bound, port, token }: Door): { status: number; text: string } | null => {
  const host = admitHost(request.headers.host, bound)
  if (!host.ok) return { status: 403, text: host.failure.message }
  const origin = admitOrigin(request.headers.origin, host.value)
  if (!origin.ok) return { status: 403, text: origin.failure.message }
  const url = requestUrl(request)
  if (url?.pathname !== '/socket') return { status: 404, text: 'The WebSocket of Wireloop is at /socket.' }
  const admitted = admitToken(url.searchParams, request.headers.cookie, port, token)
  return admitted.ok ? null : { status: 403, text: admitted.failure.message }
}

/** Asks every page each `everyMs` whether it is there, and gives up those that have not answered since the last time. */
const createPings = (server: WebSocketServer, everyMs: number) => {
  const silent = new WeakSet<WebSocket>()
  const timer = setInterval(() => {
    for (const socket of server.clients) {
      // A socket that is not read, because its commands are under way, cannot show its pong.
      if (socket.isPaused) continue
      if (silent.has(socket)) socket.terminate()
      else {
        silent.add(socket)
        socket.ping()
      }
    }
  }, everyMs)
  timer.unref()
  return {
    watch: (socket: WebSocket) => socket.on('pong', () => silent.delete(socket)),
    dispose: () => clearInterval(timer),
  }
}

const whenClosed = (socket: WebSocket): Promise<void> =>
  new Promise((resolve) => {
    socket.once('close', () => resolve())
    socket.close(1001, 'Wireloop is stopping')
  })

export const createPageSockets = (workbench: Workbench, host: HostInfo, pingEveryMs: number): PageSockets => {
  const server = new WebSocketServer({ noServer: true, maxPayload: maxFrameBytes, perMessageDeflate: false })
  const pings = createPings(server, pingEveryMs)
  return {
    upgrade: (request, socket, head, door) => {
      const refusal = refusalOf(request, door)
      if (refusal !== null) {
        // A refused client may reset at once; that is no event of ours.
        socket.on('error', () => socket.destroy())
        refuseUpgrade(socket, refusal.status, refusal.text)
      } else
        server.handleUpgrade(request, socket, head, (page) => {
          pings.watch(page)
          servePage(page, workbench, host)
        })
    },
    dispose: async () => {
      pings.dispose()
      const timer = setTimeout(() => {
        for (const socket of server.clients) socket.terminate()
      }, closingMs)
      await Promise.all(Array.from(server.clients, whenClosed))
      clearTimeout(timer)
      server.close()
    },
  }
}
