// A serve host on a workbench of its own and a small built page, and the clients that speak to it: raw HTTP, so that any path and any
// Host can be sent, and a WebSocket that speaks the contract. Used by every test in this folder.
import { once } from 'node:events'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { type IncomingHttpHeaders, request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { decode, encode } from '@msgpack/msgpack'
import { WebSocket } from 'ws'
import { createServeHost, type ServeOptions } from '../../main/serve/serve-host.ts'
import { createWorkbench } from '../../main/workbench.ts'
import type { CommandName, Commands, WebSocketRequest, WebSocketResponse } from '../../preload/contract/api.ts'
import type { Result } from '../../preload/contract/failure.ts'

/** What must never be served: it lies beside the pages. */
export const secret = 'this file lies outside of the pages'
export const pageText = '<!doctype html><title>Wireloop</title>'

/** A folder with `renderer/` (a page, a script, a picture) and a secret beside it. */
const createPages = async () => {
  const folder = await mkdtemp(join(tmpdir(), 'wireloop-serve-'))
  const directory = join(folder, 'renderer')
  await mkdir(join(directory, 'assets'), { recursive: true })
  await writeFile(join(directory, 'index.html'), pageText)
  await writeFile(join(directory, 'assets/main-1234.js'), 'export {}')
  await writeFile(join(directory, 'icon.svg'), '<svg xmlns="http://www.w3.org/2000/svg"/>')
  await writeFile(join(folder, 'secret.txt'), secret)
  return { directory, dispose: () => rm(folder, { recursive: true, force: true }) }
}

export interface Served {
  readonly url: URL
  readonly port: number
  readonly token: string
  /** What the host has told the person. */
  readonly warnings: readonly string[]
  dispose(): Promise<void>
}

export const serve = async (options: Partial<ServeOptions> = {}): Promise<Served> => {
  const pages = await createPages()
  const workbench = await createWorkbench()
  const warnings: string[] = []
  const host = await createServeHost({
    workbench,
    host: '127.0.0.1',
    port: 0,
    rendererDirectory: pages.directory,
    warn: (line) => warnings.push(line),
    ...options,
  })
  if (!host.ok) {
    await workbench.stop(1000)
    await pages.dispose()
    throw new Error(`${host.failure.code}: ${host.failure.message}`)
  }
  const url = new URL(host.value.url)
  return {
    url,
    port: Number(url.port),
    token: url.searchParams.get('token') ?? '',
    warnings,
    dispose: async () => {
      await host.value.dispose()
      await workbench.stop(1000)
      await pages.dispose()
    },
  }
}

export interface HttpAnswer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

/** Sends one request with exactly this path and these headers. */
export const ask = async (
  { port }: Served,
  path: string,
  headers: Record<string, string> = {},
  method = 'GET',
): Promise<HttpAnswer> => {
  const sent = request({ host: '127.0.0.1', port, path, method, headers, agent: false })
  sent.end()
  const [response] = await once(sent, 'response')
  let body = ''
  for await (const chunk of response.setEncoding('utf8')) body += chunk
  return { status: response.statusCode, headers: response.headers, body }
}

/** What became of a WebSocket that was not let in. */
export const askForSocket = async (
  { port }: Served,
  path: string,
  headers: Record<string, string>,
): Promise<HttpAnswer> => {
  const socket = new WebSocket(`ws://127.0.0.1:${port}${path}`, { headers })
  socket.on('error', () => undefined)
  const [, response] = await once(socket, 'unexpected-response')
  let body = ''
  for await (const chunk of response.setEncoding('utf8')) body += chunk
  return { status: response.statusCode, headers: response.headers, body }
}

export interface ServedPage {
  readonly socket: WebSocket
  /** All frames so far, in order. */
  readonly received: readonly WebSocketResponse[]
  ask<K extends CommandName>(name: K, args: Commands[K]['args']): Promise<Result<Commands[K]['value']>>
  send(message: WebSocketRequest | Record<string, unknown>): void
  /** The first frame that fits, past ones included. */
  seen(fits: (message: WebSocketResponse) => boolean): Promise<WebSocketResponse>
  /** The code and reason the socket was closed with. */
  readonly closed: Promise<{ readonly code: number; readonly reason: string }>
  dispose(): Promise<void>
}

/** Connects as the page does. */
export const openPage = async (served: Served): Promise<ServedPage> => {
  const { port, token } = served
  const socket = new WebSocket(`ws://127.0.0.1:${port}/socket?token=${token}`, { origin: `http://127.0.0.1:${port}` })
  const received: WebSocketResponse[] = []
  const waiting = new Set<() => void>()
  socket.on('message', (frame: Buffer) => {
    received.push(decode(frame) as WebSocketResponse)
    for (const look of [...waiting]) look()
  })
  const closed = once(socket, 'close').then(([code, reason]) => ({ code, reason: String(reason) }))
  // A frame that the host refuses may end in a reset as well as in a closing handshake; `closed` tells either.
  socket.on('error', () => undefined)
  let lastId = 0

  const seen = (fits: (message: WebSocketResponse) => boolean): Promise<WebSocketResponse> =>
    new Promise((resolve, reject) => {
      const look = () => {
        const found = received.find(fits)
        if (found === undefined) return
        waiting.delete(look)
        resolve(found)
      }
      waiting.add(look)
      look()
      void closed.then(({ code, reason }) => reject(new Error(`The socket was closed: ${code} ${reason}`)))
    })
  const send = (message: WebSocketRequest | Record<string, unknown>) => socket.send(encode(message))

  await once(socket, 'open')
  return {
    socket,
    received,
    send,
    seen,
    closed,
    ask: async <K extends CommandName>(name: K, args: Commands[K]['args']) => {
      const id = ++lastId
      send({ type: 'command', id, name, args })
      const reply = await seen((message) => message.type === 'reply' && message.id === id)
      return (reply as Extract<WebSocketResponse, { type: 'reply' }>).result as Result<Commands[K]['value']>
    },
    dispose: async () => {
      socket.close()
      await closed
    },
  }
}
