// The way to the app in a browser: one WebSocket for commands and events, made again with a growing pause when it breaks.
// Counterpart: main/serve.
import {
  type CommandMethods,
  type CommandName,
  commandNames,
  type FromPage,
  type WebSocketRequest,
} from '../../preload/contract/api.ts'
import { fail, type Result } from '../../preload/contract/failure.ts'
import { decodeResponse, encodeRequest } from './framing.ts'
import type { Transport, TransportEvents } from './transport.ts'

const firstPauseMs = 250
const longestPauseMs = 5000

/** The pause before the next try, in ms, after `failedTries` failures in a row: doubling, up to five seconds. */
export const pauseAfter = (failedTries: number): number => Math.min(longestPauseMs, firstPauseMs * 2 ** failedTries)

const lost: Result<never> = fail('engine-stopped', 'The connection to Wireloop is lost; it is being tried again')

/** `url` is the WebSocket's address with its token. */
export const createSocketTransport = (url: string): Transport => {
  let socket: WebSocket | null = null
  let events: TransportEvents | null = null
  let failedTries = 0
  let timer: ReturnType<typeof setTimeout> | undefined
  let nextId = 1
  const waiting = new Map<number, (result: Result<unknown>) => void>()

  const send = (request: WebSocketRequest): boolean => {
    if (socket?.readyState !== WebSocket.OPEN) return false
    socket.send(encodeRequest(request))
    return true
  }

  const command = (name: CommandName, args: unknown) =>
    new Promise<Result<unknown>>((resolve) => {
      const id = nextId++
      if (send({ type: 'command', id, name, args })) waiting.set(id, resolve)
      else resolve(lost)
    })

  const onFrame = (frame: ArrayBuffer) => {
    const response = decodeResponse(frame)
    if (response.type === 'reply') {
      waiting.get(response.id)?.(response.result)
      waiting.delete(response.id)
    } else if (response.type === 'welcome') events?.host(response.host)
    else events?.message(response)
  }

  const connect = () => {
    clearTimeout(timer)
    const current = new WebSocket(url)
    socket = current
    current.binaryType = 'arraybuffer'
    current.onopen = () => {
      failedTries = 0
      events?.opened()
    }
    current.onmessage = (event: MessageEvent<ArrayBuffer>) => onFrame(event.data)
    current.onclose = () => {
      if (socket !== current) return
      socket = null
      for (const resolve of waiting.values()) resolve(lost)
      waiting.clear()
      events?.lost()
      timer = setTimeout(connect, pauseAfter(failedTries++))
    }
  }

  return {
    commands: Object.fromEntries(
      commandNames.map((name) => [name, (args: unknown) => command(name, args)]),
    ) as unknown as CommandMethods,
    post: (message: FromPage) => {
      send(message)
    },
    start: (sink) => {
      events = sink
      connect()
    },
    retry: () => {
      if (socket === null) connect()
    },
    dispose: () => {
      clearTimeout(timer)
      events = null
      const current = socket
      socket = null
      current?.close()
    },
  }
}
