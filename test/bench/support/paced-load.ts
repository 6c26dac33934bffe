// Clients that send at a pace and wait for each echo before the next message, in a process of their own: every message is one
// event received and one sent, which the page, the engine and the capture must count alike. Counterpart: ../page.bench.ts.
// node paced-load.ts PORT EVENTS_PER_SECOND SECONDS CONNECTIONS; prints what it counted as JSON.
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'

const [port = 0, eventsPerSecond = 0, seconds = 0, connections = 0] = process.argv.slice(2).map(Number)
const size = 64
const perConnectionMs = 1000 / (eventsPerSecond / 2 / connections)
const message = Buffer.alloc(size, 'Wireloop ')

const startedMs = performance.now()
const endMs = startedMs + seconds * 1000
let messages = 0

/** Sends when it is due and the echo of the one before has come; catches up where it is late. */
const play = async (socket: Socket, number: number): Promise<void> => {
  let dueMs = startedMs + (number / connections) * perConnectionMs
  let received = 0
  let echoed: () => void = () => undefined
  socket.on('data', (data) => {
    received += data.length
    if (received % size === 0) echoed()
  })
  while (performance.now() < endMs) {
    const waitMs = dueMs - performance.now()
    if (waitMs > 0.5) await new Promise((resolve) => setTimeout(resolve, waitMs))
    const back = new Promise<void>((resolve) => {
      echoed = resolve
    })
    socket.write(message)
    await back
    messages++
    dueMs = Math.max(dueMs + perConnectionMs, performance.now() - 50)
  }
  socket.end()
  await once(socket, 'close')
}

const sockets = await Promise.all(
  Array.from({ length: connections }, async () => {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true })
    await once(socket, 'connect')
    return socket
  }),
)
await Promise.all(sockets.map(play))
const tookMs = performance.now() - startedMs
console.log(
  JSON.stringify({
    connections,
    messages,
    bytes: messages * size,
    eventsPerSecond: Math.round((2000 * messages) / tookMs),
  }),
)
