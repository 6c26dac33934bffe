// Many clients at once against an echo port, as fast as they go: each sends a message, waits for all of its echo, and sends
// the next. Counts on its own what it sent and got, to compare the app's counters with. Counterpart: byte-race.ts.
import net from 'node:net'

export interface PingPongOptions {
  readonly connections: number
  /** Of each connection. */
  readonly messages: number
  /** Bytes of a message. */
  readonly size: number
  /** Called before each message; what it answers is waited for. For a test that has to stop in the middle. */
  readonly before?: (connection: number, message: number) => Promise<void> | undefined
}

/** The outside count, of all connections together. */
export interface PingPongCount {
  readonly connections: number
  readonly bytesSent: number
  readonly bytesReceived: number
  readonly messages: number
}

/** The message that connection `c` sends as its number `n`: no two are the same. */
export const pingPongMessage = (c: number, n: number, size: number): Buffer => Buffer.alloc(size, `${c}:${n};`)

const play = async (port: number, c: number, { messages, size, before }: PingPongOptions) => {
  const socket = net.connect({ port, host: '127.0.0.1', noDelay: true })
  let received = 0
  let echoed = () => {}
  let ended: Error | null = null
  socket.on('data', (data) => {
    received += data.length
    echoed()
  })
  socket.on('error', (error) => {
    ended = error
  })
  const closed = new Promise<void>((resolve) => {
    socket.once('close', () => {
      ended ??= new Error(`connection ${c} was closed after ${received} bytes`)
      echoed()
      resolve()
    })
  })
  for (let n = 0; n < messages; n++) {
    await before?.(c, n)
    socket.write(pingPongMessage(c, n, size))
    while (received < (n + 1) * size) {
      if (ended !== null) throw ended
      await new Promise<void>((resolve) => {
        echoed = resolve
      })
    }
  }
  socket.end()
  await closed
  return { sent: messages * size, received }
}

/** Plays all connections to their end: each closes first, after its last echo. */
export const pingPong = async (port: number, options: PingPongOptions): Promise<PingPongCount> => {
  const all = await Promise.all(Array.from({ length: options.connections }, (_, c) => play(port, c, options)))
  return {
    connections: all.length,
    bytesSent: all.reduce((sum, { sent }) => sum + sent, 0),
    bytesReceived: all.reduce((sum, { received }) => sum + received, 0),
    messages: options.connections * options.messages,
  }
}
