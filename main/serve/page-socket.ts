// One browser page over one WebSocket: frames in, checked and done; frames out, bounded. The page's whole view of the app is the
// PageSession, the same as a desktop window's. Counterparts: renderer/link (the page), main/page-session.ts.
import { decode, encode } from '@msgpack/msgpack'
import type { WebSocket } from 'ws'
import type { HostInfo, ToPage, WebSocketResponse } from '../../preload/contract/api.ts'
import { fail, ok, type Result } from '../../preload/contract/failure.ts'
import { frameValues } from '../../preload/contract/frame-values.ts'
import { createPageSession } from '../page-session.ts'
import type { Workbench } from '../workbench.ts'
import { refuseFrame } from './frame-shape.ts'

/** The largest frame taken: one `send` of 16 MiB and what wraps it. */
export const maxFrameBytes = 24 * 1024 * 1024
/** Commands of one page that may be under way; beyond, its socket is not read until one is answered. */
const maxCommandsUnderWay = 32
/**
 * Unsent bytes at which a page that does not read is given up. Credits bound batches far below, and replies are bounded by the
 * commands under way; this bounds the rest.
 */
const maxUnsentBytes = 64 * 1024 * 1024

/** WebSocket close codes (RFC 6455, 7.4.1). */
const closeCodes = { textFrame: 1003, notMsgpack: 1007, brokenRules: 1008 } as const

/** A close reason is at most 123 bytes of UTF-8. */
const shortened = (reason: string): string => {
  const bytes = new TextEncoder().encode(reason)
  return bytes.length <= 123 ? reason : new TextDecoder().decode(bytes.subarray(0, 120)).replace(/\uFFFD*$/, '…')
}

type Message = Readonly<Record<string, unknown>>

const isMessage = (value: unknown): value is Message =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !ArrayBuffer.isView(value)

/** A frame's map; the failure's message says what is wrong with the frame. */
const decodeFrame = (frame: Uint8Array): Result<Message> => {
  const wrong = refuseFrame(frame)
  if (wrong !== null) return fail('bad-argument', `Not a msgpack frame: ${wrong}`)
  try {
    const message = decode(frame)
    return isMessage(message) ? ok(message) : fail('bad-argument', 'Not a message: a frame is one map with a type')
  } catch (error) {
    // The shape is right, so this is a text that is not UTF-8, a key that is no text, or `__proto__`.
    return fail('bad-argument', `Not a msgpack frame: ${(error as Error).message}`)
  }
}

const isCommandId = (id: unknown): id is number => typeof id === 'number' && Number.isSafeInteger(id) && id >= 0

/** Serves one page until its socket closes. `socket` has passed admission. */
export const servePage = (socket: WebSocket, workbench: Workbench, host: HostInfo): void => {
  let commandsUnderWay = 0

  const refuse = (code: number, reason: string): void => socket.close(code, shortened(reason))

  const send = (message: WebSocketResponse, sent: () => void = () => undefined): void => {
    if (socket.readyState !== socket.OPEN) return
    // A bare ArrayBuffer is no msgpack value; a view of it is, and arrives as bytes.
    const value = 'buffer' in message ? { ...message, buffer: new Uint8Array(message.buffer) } : message
    socket.send(encode(value, { extensionCodec: frameValues }), sent)
  }

  /** What the page has not asked for: a page that reads nothing of it is given up. */
  const post = (message: ToPage): void => {
    if (socket.bufferedAmount > maxUnsentBytes) socket.terminate()
    else send(message)
  }

  send({ type: 'welcome', host })
  const session = createPageSession(workbench, post)

  const answer = async (id: number, name: unknown, args: unknown): Promise<void> => {
    if (++commandsUnderWay >= maxCommandsUnderWay) socket.pause()
    const result = await session.invoke(name, args)
    // Under way until the reply has left: a page that asks for much and reads nothing is slowed by its own socket.
    send({ type: 'reply', id, result }, () => {
      if (--commandsUnderWay < maxCommandsUnderWay && socket.isPaused) socket.resume()
    })
  }

  socket.on('message', (data, isBinary) => {
    // What was already on its way when the page was refused is not looked at.
    if (socket.readyState !== socket.OPEN) return
    if (!isBinary) {
      refuse(closeCodes.textFrame, 'Text frames are not taken: send one msgpack map in a binary frame')
      return
    }
    const message = decodeFrame(data as Buffer)
    if (!message.ok) refuse(closeCodes.notMsgpack, message.failure.message)
    else if (message.value['type'] !== 'command') {
      const taken = session.receive(message.value)
      if (!taken.ok) refuse(closeCodes.brokenRules, taken.failure.message)
    } else if (isCommandId(message.value['id'])) {
      void answer(message.value['id'], message.value['name'], message.value['args'])
    } else refuse(closeCodes.brokenRules, 'A command carries an id, a whole number of 0 or more')
  })
  // Too large a frame, a broken mask, a reset: ws closes the socket by itself, with the right code; `close` follows.
  socket.on('error', () => undefined)
  socket.once('close', () => session.dispose())
}
