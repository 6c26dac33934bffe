// A plain `node:net` server for one test: what it does with each connection is the test's. Counterpart: the command line as
// the client, in test/cli and test/peers.
import { createServer, type Socket } from 'node:net'
import { onTestFinished } from 'vitest'

export interface ScriptedServer {
  readonly port: number
  readonly sockets: readonly Socket[]
  /** Resolves with the `n`th connection accepted, from 0. */
  readonly accepted: (n?: number) => Promise<Socket>
}

/** Listens on a free port of 127.0.0.1. Half-open as TCP is: the script ends its side itself. Closed with the test. */
export const startScriptedServer = async (serve: (socket: Socket) => void): Promise<ScriptedServer> => {
  const sockets: Socket[] = []
  const lookers = new Set<() => void>()
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    socket.on('error', () => {})
    sockets.push(socket)
    serve(socket)
    for (const look of lookers) look()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(async () => {
    const closed = new Promise((resolve) => server.close(resolve))
    for (const socket of sockets) socket.destroy()
    await closed
  })
  const address = server.address()
  if (typeof address !== 'object' || address === null) throw new Error('a TCP server has an address')
  return {
    port: address.port,
    sockets,
    accepted: (n = 0) =>
      new Promise((resolve) => {
        const look = () => {
          const socket = sockets[n]
          if (socket === undefined) return
          lookers.delete(look)
          resolve(socket)
        }
        lookers.add(look)
        look()
      }),
  }
}
