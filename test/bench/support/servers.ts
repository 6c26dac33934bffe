// The servers that the echo benchmark compares, each a process of its own. Counterpart: echo.bench.ts.
// `wireloop` is the real engine with everything recorded; the recorded batches go to the capture in memory, as in the app.
import { type ChildProcess, spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'

export interface RunningServer {
  readonly port: number
  readonly pid: number
  stop(): Promise<void>
}

const wireloop = (level: string) => [
  process.execPath,
  fileURLToPath(new URL('./wireloop-echo.ts', import.meta.url)),
  level,
]

const nodePlain = `
const server = require('node:net').createServer((socket) => {
  socket.on('data', (data) => socket.write(data))
  socket.on('error', () => {})
})
server.listen(0, '127.0.0.1', () => console.log(server.address().port))`

const asyncioEcho = `
import asyncio
class Echo(asyncio.Protocol):
    def connection_made(self, transport): self.transport = transport
    def data_received(self, data): self.transport.write(data)
async def main():
    server = await asyncio.get_running_loop().create_server(Echo, '127.0.0.1', 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()
asyncio.run(main())`

/** Command lines by name; each prints its port on the first line. */
export const servers: Readonly<Record<string, readonly string[]>> = {
  'wireloop off': wireloop('off'),
  'wireloop heartbeat': wireloop('heartbeat'),
  'wireloop callbacks': wireloop('callbacks'),
  'wireloop microtasks': wireloop('microtasks'),
  'node net': [process.execPath, '-e', nodePlain],
  asyncio: ['python3', '-c', asyncioEcho],
}

const firstLine = (child: ChildProcess): Promise<string> =>
  new Promise((resolve, reject) => {
    let text = ''
    child.stdout!.on('data', (chunk: Buffer) => {
      text += chunk.toString()
      if (text.includes('\n')) resolve(text.slice(0, text.indexOf('\n')))
    })
    child.once('error', reject)
    child.once('exit', (code) => reject(new Error(`the server ended with ${code}`)))
  })

/** Starts a server. Rejects where its program is not installed. */
export const startServer = async (name: string): Promise<RunningServer> => {
  const [command, ...args] = servers[name]!
  const child = spawn(command!, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  const port = Number(await firstLine(child))
  return {
    port,
    pid: child.pid!,
    stop: () =>
      new Promise((resolve) => {
        child.removeAllListeners('exit')
        child.once('exit', () => resolve())
        child.kill('SIGKILL')
      }),
  }
}
