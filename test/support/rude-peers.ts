// Peers that behave as badly as TCP lets them: each is what one socket does, for either side of a connection (servers take one
// as their script). Counterparts: scripted-server.ts, loopback.ts (peers that behave), deaf-listener.ts (never answers).
import net, { type Socket } from 'node:net'
import { onTestFinished } from 'vitest'

export { startDeafListener as startBlackHole } from './deaf-listener.ts'

export type Rudeness = (socket: Socket) => void

/** RST as soon as there is a connection. */
export const resetAtOnce: Rudeness = (socket) => {
  socket.resetAndDestroy()
}

/** RST at the first byte that comes, with the rest of them unread. */
export const resetAtFirstByte: Rudeness = (socket) => {
  socket.once('data', () => socket.resetAndDestroy())
}

/** FIN as soon as there is a connection, and then silence: it neither reads nor ends. */
export const halfCloseAtOnce: Rudeness = (socket) => {
  socket.pause()
  socket.end()
}

/** Takes nothing off the wire, so that everybody's buffers fill up. */
export const neverRead: Rudeness = (socket) => {
  socket.pause()
}

/** Takes `bytes` off the wire every millisecond; FIN is answered with FIN. */
export const readSlowly =
  (bytes: number, onData: (data: Buffer) => void = () => {}): Rudeness =>
  (socket) => {
    const timer = setInterval(() => {
      const data: Buffer | null = socket.read(Math.min(bytes, socket.readableLength))
      if (data !== null) onData(data)
    }, 1)
    socket.once('end', () => socket.end())
    socket.once('close', () => clearInterval(timer))
    // Without it, nothing is read into the buffer in the first place.
    socket.on('readable', () => {})
  }

/** Sends `data` one byte at a time, each in a segment of its own, then FIN. */
export const sendByteByByte =
  (data: Uint8Array): Rudeness =>
  (socket) => {
    socket.setNoDelay(true)
    const next = (at: number) => {
      if (socket.destroyed) return
      if (at === data.length) socket.end()
      else socket.write(data.subarray(at, at + 1), () => setImmediate(next, at + 1))
    }
    next(0)
  }

/** Sends `data` and resets once the kernel has it: what is still under way is lost. */
export const sendAndReset =
  (data: Uint8Array): Rudeness =>
  (socket) => {
    socket.write(data, () => socket.resetAndDestroy())
  }

/** Connects and is rude; destroyed with the test. */
export const connectRudely = (port: number, rudeness: Rudeness): Promise<Socket> =>
  new Promise((resolve, reject) => {
    const socket = net.connect({ port, host: '127.0.0.1', allowHalfOpen: true })
    onTestFinished(() => void socket.destroy())
    socket.once('error', reject)
    socket.once('connect', () => {
      socket.off('error', reject)
      socket.on('error', () => {})
      rudeness(socket)
      resolve(socket)
    })
  })
