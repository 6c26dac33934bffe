// One end of a byte race, a program of its own: sends so many pseudo-random bytes, reads to the peer's FIN, and prints the
// SHA-256 of both. `connect` connects, `listen` prints its port and takes one connection. Counterpart: byte-race.ts.
// node pump.ts listen|connect PORT BYTES SEED [SLOW_BYTES_PER_SECOND SLOW_SECONDS]
import { createCipheriv, createHash } from 'node:crypto'
import { connect, createServer, type Socket } from 'node:net'

const [mode, portText, bytesText, seed, slowRateText, slowSecondsText] = process.argv.slice(2)
const bytes = Number(bytesText)
const slowBytesPerSecond = Number(slowRateText ?? 0)
const slowMs = Number(slowSecondsText ?? 0) * 1000
const chunkBytes = 64 * 1024

const print = (line: unknown) => process.stdout.write(`${JSON.stringify(line)}\n`)

const send = (socket: Socket): Promise<string> => {
  // The key stream of a cipher is random enough for any relay, the same for the same seed, and quicker than the wire.
  const stream = createCipheriv('aes-128-ctr', Buffer.from(String(seed).padEnd(16, '.').slice(0, 16)), Buffer.alloc(16))
  const zeros = Buffer.alloc(chunkBytes)
  const hash = createHash('sha256')
  let left = bytes
  return new Promise((resolve) => {
    const fill = () => {
      while (left > 0) {
        const chunk = stream.update(left < chunkBytes ? zeros.subarray(0, left) : zeros)
        left -= chunk.length
        hash.update(chunk)
        if (!socket.write(chunk)) {
          socket.once('drain', fill)
          return
        }
      }
      socket.end()
      resolve(hash.digest('hex'))
    }
    fill()
  })
}

const receive = (socket: Socket): Promise<{ sha256: string; count: number }> => {
  const hash = createHash('sha256')
  const slowUntil = performance.now() + slowMs
  let count = 0
  return new Promise((resolve) => {
    socket.on('data', (chunk: Buffer) => {
      hash.update(chunk)
      count += chunk.length
      if (performance.now() >= slowUntil) return
      socket.pause()
      setTimeout(() => socket.resume(), (chunk.length / slowBytesPerSecond) * 1000)
    })
    socket.once('end', () => resolve({ sha256: hash.digest('hex'), count }))
  })
}

const race = async (socket: Socket) => {
  socket.on('error', (error) => {
    print({ error: error.message })
    process.exit(1)
  })
  const startedAt = performance.now()
  const [sent, received] = await Promise.all([send(socket), receive(socket)])
  print({ sent, received: received.sha256, count: received.count, ms: Math.round(performance.now() - startedAt) })
}

if (mode === 'connect') {
  const socket = connect({ port: Number(portText), host: '127.0.0.1', allowHalfOpen: true })
  socket.once('connect', () => void race(socket))
} else {
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    server.close()
    void race(socket)
  })
  server.listen(Number(portText), '127.0.0.1', () => {
    const address = server.address()
    print({ port: typeof address === 'object' ? address?.port : null })
  })
}
