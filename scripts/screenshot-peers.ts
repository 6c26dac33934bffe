// The other ends of the session that scripts/screenshot.ts shows: a redis-server, an upstream for the relay, a peer that reads
// too slowly, a port that never answers, and peers that leave as peers do. All on loopback, all real sockets.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'

const host = '127.0.0.1'

/** What has to be ended after the session; each is called once. */
const endings: (() => unknown)[] = []

/** Ends every peer of this file. */
export const endPeers = async (): Promise<void> => {
  for (const end of endings.splice(0).reverse()) await end()
}

/** Listens on the port, or on any free one where somebody else has it. Resolves with the port. */
const listen = async (port: number, onSocket: (socket: Socket) => void): Promise<number> => {
  const sockets = new Set<Socket>()
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    sockets.add(socket)
    socket.on('error', () => {})
    socket.once('close', () => sockets.delete(socket))
    onSocket(socket)
  })
  const started = (wanted: number): Promise<number> =>
    new Promise((resolve, reject) => {
      server.once('error', reject)
      server.listen(wanted, host, () => {
        server.off('error', reject)
        resolve((server.address() as AddressInfo).port)
      })
    })
  const bound = await started(port).catch(() => started(0))
  endings.push(() => {
    server.close()
    for (const socket of sockets) socket.destroy()
  })
  return bound
}

/** The port itself where it is free now, else another that is. */
export const freePort = async (wanted: number): Promise<number> => {
  const port = await listen(wanted, () => {})
  await endings.pop()?.()
  return port
}

/** A redis-server that keeps nothing. Resolves with its port once it answers; throws where none is installed. */
export const startRedis = async (wanted: number): Promise<number> => {
  const port = await freePort(wanted)
  const folder = await mkdtemp(join(tmpdir(), 'wireloop-redis-'))
  const server = spawn('redis-server', ['--port', `${port}`, '--bind', host, '--save', '', '--dir', folder], {
    stdio: 'ignore',
  })
  const ended = new Promise<void>((resolve) => {
    server.once('exit', () => resolve())
    server.once('error', () => resolve())
  })
  endings.push(async () => {
    server.kill()
    await ended
    await rm(folder, { recursive: true, force: true })
  })
  const gone = ended.then(() => {
    throw new Error('The screenshot needs redis-server on the PATH')
  })
  const answers = async () => {
    while (true) {
      const socket = connect(port, host)
      const reached = await once(socket, 'connect').then(
        () => true,
        () => false,
      )
      socket.destroy()
      if (reached) return port
      await delay(50)
    }
  }
  return Promise.race([answers(), gone])
}

const order = (number: number, items: number): string =>
  JSON.stringify({
    id: `ord_${(0x8f20 + number).toString(16)}`,
    items: Array.from({ length: items }, (_, i) => ({ sku: `WID-${i + 1}`, qty: 1 + ((number + i) % 4) })),
  })

/** The service behind the relay: answers every request with an order, in HTTP. */
export const startOrders = (wanted: number): Promise<number> => {
  let answered = 0
  return listen(wanted, (socket) => {
    socket.on('data', () => {
      const body = order(answered++, 8 + (answered % 5) * 12)
      socket.write(`HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`)
    })
    socket.on('end', () => socket.end())
  })
}

/** Takes nothing of what comes until `read` is called, and then everything. */
export const startSlowReader = async (wanted: number): Promise<{ readonly port: number; read(): void }> => {
  let waiting: Socket | undefined
  const port = await listen(wanted, (socket) => {
    waiting = socket.pause()
    socket.on('end', () => socket.end())
  })
  return { port, read: () => void waiting?.resume() }
}

const deaf = `
const server = require('node:net').createServer()
server.listen({ port: Number(process.argv[1]), host: '${host}', backlog: 1 }, () => {
  require('node:fs').writeSync(1, 'listening')
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)
})`

/** A port that drops every further SYN: it accepts nothing, and its backlog is full. */
export const startDeaf = async (wanted: number): Promise<number> => {
  const port = await freePort(wanted)
  const child = spawn(process.execPath, ['-e', deaf, `${port}`], { stdio: ['ignore', 'pipe', 'inherit'] })
  const ended = once(child, 'exit')
  await once(child.stdout, 'data')
  const fillers = Array.from({ length: 8 }, () => connect(port, host).on('error', () => {}))
  endings.push(async () => {
    for (const socket of fillers) socket.destroy()
    child.kill('SIGKILL')
    await ended
  })
  await delay(300)
  return port
}

/** Opens a connection that stays half-open after the peer's FIN. Resolves once it is made. */
const open = async (port: number): Promise<Socket> => {
  const socket = connect({ port, host, allowHalfOpen: true })
  socket.on('error', () => {})
  endings.push(() => socket.destroy())
  await once(socket, 'connect')
  socket.resume()
  return socket
}

/** Asks through the relay for an order every 300 ms or so, `requests` times, then FIN. */
export const askForOrders = async (port: number, requests: number): Promise<void> => {
  const socket = await open(port)
  for (let i = 0; i < requests; i++) {
    socket.write(`GET /orders/ord_${(0x8f20 + i).toString(16)} HTTP/1.1\r\nHost: ${host}:${port}\r\n\r\n`)
    await delay(i % 3 === 2 ? 90 : 420)
  }
  socket.end()
}

/** Asks through the relay for an order every `everyMs` without waiting for answers, for 5 s, then FIN. */
export const askOften = async (port: number, everyMs: number): Promise<void> => {
  const socket = await open(port)
  for (let i = 0; i < 5000 / everyMs; i++) {
    socket.write(`GET /stock/${i} HTTP/1.1\r\nHost: ${host}:${port}\r\n\r\n`)
    await delay(everyMs)
  }
  socket.end()
}

/** Says a few things to the echo, then RST. */
export const talkAndReset = async (port: number): Promise<void> => {
  const socket = await open(port)
  for (const line of ['status\r\n', 'status --all\r\n', 'quit']) {
    socket.write(line)
    await delay(550)
  }
  socket.resetAndDestroy()
}

/** Says a few things, then FIN, and stays to read: half-closed. */
export const talkAndHalfClose = async (port: number): Promise<void> => {
  const socket = await open(port)
  for (const line of ['HELO wireloop\r\n', 'MAIL FROM:<ada@example.org>\r\n', 'QUIT\r\n']) {
    socket.write(line)
    await delay(450)
  }
  socket.end()
}
