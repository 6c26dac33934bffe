// What msgpack has no word for, on the WebSocket: bare buffers and columns of numbers, as msgpack extensions. They arrive
// as what they were, in memory of their own. Counterparts: main/serve/page-socket.ts and renderer/link/framing.ts.
import { ExtensionCodec } from '@msgpack/msgpack'

/** Extension types, 0 to 127; bytes of the machine's order, which is little-endian wherever Node and browsers run. */
const kinds = [
  { type: 1, is: (value: unknown) => value instanceof ArrayBuffer, from: (bytes: ArrayBuffer) => bytes },
  {
    type: 2,
    is: (value: unknown) => value instanceof Float64Array,
    from: (bytes: ArrayBuffer) => new Float64Array(bytes),
  },
  {
    type: 3,
    is: (value: unknown) => value instanceof Float32Array,
    from: (bytes: ArrayBuffer) => new Float32Array(bytes),
  },
  {
    type: 4,
    is: (value: unknown) => value instanceof Uint32Array,
    from: (bytes: ArrayBuffer) => new Uint32Array(bytes),
  },
] as const

const bytesOf = (value: ArrayBuffer | ArrayBufferView): Uint8Array =>
  ArrayBuffer.isView(value) ? new Uint8Array(value.buffer, value.byteOffset, value.byteLength) : new Uint8Array(value)

/** For `encode` and `decode` of both sides. */
export const frameValues = new ExtensionCodec()
for (const { type, is, from } of kinds)
  frameValues.register({
    type,
    encode: (value) => (is(value) ? bytesOf(value as ArrayBuffer | ArrayBufferView) : null),
    // Decoded bytes are views into the frame at any offset; columns must start aligned, so they are copied, once.
    decode: (bytes) => from(new Uint8Array(bytes).buffer),
  })
