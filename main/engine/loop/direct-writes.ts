// Writes that go to the kernel at once, past the queue, the callback and the tick that Node's Writable spends on each of
// them: most writes of a quiet connection are taken whole, and there is nothing to wait for. Counterparts:
// socket-transport.ts (asks), node-sockets.ts (the same for reading).
//
// This calls what `net.Socket` itself calls: `writeBuffer` of its handle, with a write request. Both are internal to Node,
// and unchanged since Node 12 (lib/internal/stream_base_commons.js, handleWriteReq). Where they should be missing, every write goes
// through the Writable. What the kernel does not take stays in libuv's queue, in order before all that is written later.
import type { Socket } from 'node:net'
import { getSystemErrorName } from 'node:util'

/** Node's WriteWrap. It is used up only by a write that the kernel does not take whole at the first attempt. */
interface WriteRequest {
  /** Negative as long as it is not used up. */
  getAsyncId(): number
  /** Keeps the bytes from the garbage collector. */
  buffer?: Uint8Array
  oncomplete?: (status: number) => void
}

interface StreamHandle {
  writeBuffer?(request: WriteRequest, data: Uint8Array): number
  readonly writeQueueSize?: number
}

let spare: WriteRequest | null = null
let newRequest: (() => WriteRequest) | null = null

const handleOf = (socket: Socket) => (socket as unknown as { readonly _handle?: StreamHandle | null })._handle

/** The class of requests is Node's own: it is met with the first write that goes the long way. */
const meetRequests = (handle: StreamHandle): void => {
  const { writeBuffer } = handle
  if (typeof writeBuffer !== 'function' || typeof handle.writeQueueSize !== 'number') return
  handle.writeBuffer = (request, data) => {
    delete handle.writeBuffer
    const Request = request.constructor as new () => WriteRequest
    newRequest = () => new Request()
    return writeBuffer.call(handle, request, data)
  }
}

/** The error that Node would have made of libuv's `-errno`. */
const writeError = (status: number): Error => {
  const code = getSystemErrorName(status)
  return Object.assign(new Error(`write ${code}`), { code, errno: status, syscall: 'write' })
}

/**
 * Writes `data` to a socket that has nothing queued. Answers how many bytes the kernel has not taken; where that is not
 * none, they must stay as they are until `onTaken` is called. An error destroys the socket, and where that is at once,
 * `onTaken` is never called. Null where it cannot be done this way, and was not done.
 */
export const writeDirectly = (socket: Socket, data: Uint8Array, onTaken: () => void): number | null => {
  const handle = handleOf(socket)
  if (handle == null || socket.connecting || socket.destroyed) return null
  if (newRequest === null) {
    meetRequests(handle)
    return null
  }
  const request = spare ?? newRequest()
  spare = request
  const status = handle.writeBuffer!(request, data)
  if (status < 0) {
    socket.destroy(writeError(status))
    return data.length
  }
  if (request.getAsyncId() < 0) return 0
  spare = null
  const left = handle.writeQueueSize!
  // None: libuv has tried again, and the kernel has taken the rest too.
  if (left > 0) {
    request.buffer = data
    request.oncomplete = (ended) => {
      if (ended < 0 && !socket.destroyed) socket.destroy(writeError(ended))
      onTaken()
    }
  }
  return left
}
