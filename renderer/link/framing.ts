// Messages of the WebSocket pipe to bytes and back: msgpack, as the contract's WebSocketRequest and WebSocketResponse
// say. Free of the DOM. Counterpart: main/serve.
import { decode, encode } from '@msgpack/msgpack'
import type { WebSocketRequest, WebSocketResponse } from '../../preload/contract/api.ts'
import { frameValues } from '../../preload/contract/frame-values.ts'

/** One request as the binary frame that travels. */
export const encodeRequest = (request: WebSocketRequest): Uint8Array<ArrayBuffer> => encode(request)

/**
 * The bytes as an ArrayBuffer of their own. Decoded bytes are views into the frame at any offset, while a batch's
 * columns must start aligned; so they are copied, once.
 */
const ownBuffer = (bytes: Uint8Array | ArrayBuffer): ArrayBuffer =>
  bytes instanceof ArrayBuffer ? bytes : new Uint8Array(bytes).buffer

/** One binary frame as the response it carries. Throws where the frame is not msgpack or carries no known type. */
export const decodeResponse = (frame: ArrayBuffer | Uint8Array): WebSocketResponse => {
  const message = decode(frame, { extensionCodec: frameValues })
  if (typeof message !== 'object' || message === null || !('type' in message))
    throw new TypeError('A frame from Wireloop carries no message type')
  const response = message as WebSocketResponse
  switch (response.type) {
    case 'batch':
    case 'loop':
      return { type: response.type, buffer: ownBuffer(response.buffer) }
    case 'welcome':
    case 'reply':
    case 'state':
    case 'capture':
    case 'engine':
    case 'recording':
    case 'workspace':
      return response
    default:
      throw new TypeError(
        `A frame from Wireloop has the unknown type ${JSON.stringify((message as { type: unknown }).type)}`,
      )
  }
}
