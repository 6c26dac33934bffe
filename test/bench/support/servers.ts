// The programs that the benchmarks compare, each a process of its own: Wireloop, plain Node, and the peers that are installed.
// Counterparts: processes.ts, wireloop-server.ts; the suites name them.
import { spawnSync } from 'node:child_process'
import { accessSync, constants, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { isListening, type Process, startProcess } from './processes.ts'
import type { Settings, Subject } from './suite.ts'
import type { WireloopReport } from './tally.ts'

export interface RunningServer {
  readonly port: number
  readonly pid: number
  /** What Wireloop recorded; fails for others. */
  report(): Promise<WireloopReport>
  stop(): Promise<void>
}

type Start = (settings: Settings) => Promise<RunningServer>
type StartRelay = (settings: Settings, upstreamPort: number) => Promise<RunningServer>
export interface EchoServer extends Subject {
  readonly start: Start
}
export interface Relay extends Subject {
  readonly start: StartRelay
}

/** A folder for one sample: what a program writes there is deleted when it is stopped. */
const sampleFolder = (settings: Settings): string => mkdtempSync(path.join(settings.directory, 'sample-'))

const running = (process: Process, port: number, folder?: string): RunningServer => ({
  port,
  pid: process.pid,
  async report() {
    process.tell('report')
    return JSON.parse(await process.line())
  },
  async stop() {
    await process.stop()
    if (folder !== undefined) rmSync(folder, { recursive: true, force: true })
  },
})

/** Starts a program that prints its port on the first line. */
const startTelling = async (
  command: string,
  args: readonly string[],
  { folder, env = {} }: { readonly folder?: string | undefined; readonly env?: Readonly<Record<string, string>> } = {},
): Promise<RunningServer> => {
  const process = await startProcess(command, args, { env })
  try {
    return running(process, Number(await process.line()), folder)
  } catch (error) {
    await process.stop()
    throw error
  }
}

const freePort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0))
    })
  })

/** Starts a program that is told its port, and a folder of its own, and waits until it listens. */
const startOn = async (
  command: string,
  settings: Settings,
  argsFor: (port: number, folder: string) => readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<RunningServer> => {
  const port = await freePort()
  const folder = sampleFolder(settings)
  const process = await startProcess(command, argsFor(port, folder), { cwd: folder, env })
  const server = running(process, port, folder)
  for (let tries = 0; !isListening(port); tries++) {
    if (tries === 600 || process.ended) {
      await server.stop()
      await process.line()
      throw new Error(`${command} does not listen on port ${port}`)
    }
    await sleep(50)
  }
  return server
}

// haproxy and the like are where a person's PATH may not look.
const folders = [...(process.env['PATH'] ?? '').split(path.delimiter), '/usr/local/sbin', '/usr/sbin', '/sbin']

/** Where a program is; null where it is not installed. */
const find = (program: string): string | null => {
  for (const folder of folders) {
    const file = path.join(folder, program)
    try {
      accessSync(file, constants.X_OK)
      return file
    } catch {
      // Not in this folder.
    }
  }
  return null
}
const foundProgram = (program: string): string => find(program) ?? program

/** What a program says of its version, from its first number with a dot on. */
const versionOf = (program: string, option: string): string => {
  const { stdout, stderr } = spawnSync(foundProgram(program), [option], { encoding: 'utf8' })
  return /\d+\.\d[\w.-]*/.exec(`${stdout}${stderr}`)?.[0] ?? ''
}

/** A peer that has to be installed. */
const installed = (program: string, versionOption: string) => ({
  missing: () => (find(program) === null ? `${program} is not installed` : null),
  version: () => versionOf(program, versionOption),
})
/** What is always there: the project's own, and its Node. */
const builtIn = { missing: () => null, version: () => '' }
const socat = installed('socat', '-V')
const mitmdump = installed('mitmdump', '--version')

const wireloop = (options: readonly string[], folder?: string): Promise<RunningServer> =>
  startTelling(
    process.execPath,
    [path.join(import.meta.dirname, 'wireloop-server.ts'), ...options, ...(folder ? ['--captures', folder] : [])],
    { folder },
  )
const node = (script: string, ...args: string[]) => startTelling(process.execPath, ['-e', script, '--', ...args])

const nodeEcho = `
const server = require('node:net').createServer((socket) => {
  socket.on('data', (data) => socket.write(data))
  socket.on('error', () => {})
})
server.listen(0, '127.0.0.1', () => console.log(server.address().port))`

const nodePipe = `
const net = require('node:net')
const server = net.createServer({ allowHalfOpen: true }, (down) => {
  const up = net.connect({ port: Number(process.argv[1]), host: '127.0.0.1', allowHalfOpen: true })
  down.on('error', () => up.destroy())
  up.on('error', () => down.destroy())
  down.pipe(up)
  up.pipe(down)
})
server.listen(0, '127.0.0.1', () => console.log(server.address().port))`

/**
 * Python reads from a socket into fresh memory, which glibc gives back to the kernel and asks for again at every read, or not, by how
 * the heap happens to lie: a factor of three in asyncio's echo. Python is measured at its best: with that off.
 */
const pythonAtItsBest = { MALLOC_TRIM_THRESHOLD_: '100000000', MALLOC_MMAP_THRESHOLD_: '100000000' }

const asyncioEcho = `
import asyncio
class Echo(asyncio.Protocol):
    def connection_made(self, transport): self.transport = transport
    def data_received(self, data): self.transport.write(data)
async def main():
    server = await asyncio.get_running_loop().create_server(Echo, '127.0.0.1', 0, backlog=511)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()
asyncio.run(main())`

/** Wireloop's echo listener; everything is recorded, to memory within the bound of the app's. */
export const wireloopEcho = (name: string, ...options: string[]): EchoServer => ({
  name,
  ...builtIn,
  start: () => wireloop(options),
})
/** The same, and to a capture file. */
export const wireloopEchoOnDisk = (name: string, ...options: string[]): EchoServer => ({
  name,
  ...builtIn,
  start: (settings) => wireloop(options, sampleFolder(settings)),
})

/** The least there is: an epoll loop in C. What it cannot do, the machine and the load generator cannot. */
export const limit: EchoServer = {
  name: 'C epoll',
  ...builtIn,
  start: ({ load }) => startTelling(load.program, ['serve']),
}
/** `net` with a listener for `data` that writes it back; records nothing. */
export const nodeNet: EchoServer = { name: 'node net', ...builtIn, start: () => node(nodeEcho) }
/** asyncio's Protocol that writes back what it receives; records nothing. */
export const asyncio: EchoServer = {
  name: 'asyncio',
  ...installed('python3', '--version'),
  start: () => startTelling('python3', ['-c', asyncioEcho], { env: pythonAtItsBest }),
}
/** One child process a connection. */
export const socatEcho: EchoServer = {
  name: 'socat',
  ...socat,
  start: (settings) =>
    startOn(foundProgram('socat'), settings, (port) => [
      `TCP-LISTEN:${port},bind=127.0.0.1,fork,reuseaddr,backlog=511`,
      'PIPE',
    ]),
}

/** Wireloop's relay; everything is recorded, to memory within a bound. */
export const wireloopRelay = (name: string, ...options: string[]): Relay => ({
  name,
  ...builtIn,
  start: (_, upstreamPort) => wireloop(['--upstream', `${upstreamPort}`, ...options]),
})
/** The same, and to a capture file. */
export const wireloopRelayOnDisk = (name: string, ...options: string[]): Relay => ({
  name,
  ...builtIn,
  start: (settings, upstreamPort) => wireloop(['--upstream', `${upstreamPort}`, ...options], sampleFolder(settings)),
})

const socatRelay = (name: string, optionsIn: (folder: string) => string[]): Relay => ({
  name,
  ...socat,
  start: (settings, upstreamPort) =>
    startOn(foundProgram('socat'), settings, (port, folder) => [
      ...optionsIn(folder),
      `TCP-LISTEN:${port},bind=127.0.0.1,fork,reuseaddr`,
      `TCP:127.0.0.1:${upstreamPort}`,
    ]),
})

const haproxyConfig = (port: number, upstreamPort: number) => `defaults
  mode tcp
  timeout connect 10s
  timeout client 10m
  timeout server 10m
listen relay
  bind 127.0.0.1:${port}
  server upstream 127.0.0.1:${upstreamPort}
`

const configFile = (folder: string, name: string, text: string): string => {
  const file = path.join(folder, name)
  writeFileSync(file, text)
  return file
}

/** Relays that record nothing, or not the bytes. */
export const quietRelays: readonly Relay[] = [
  { name: 'node pipe', ...builtIn, start: (_, upstreamPort) => node(nodePipe, `${upstreamPort}`) },
  socatRelay('socat', () => []),
  {
    name: 'haproxy',
    ...installed('haproxy', '-v'),
    start: (settings, upstreamPort) =>
      startOn(foundProgram('haproxy'), settings, (port, folder) => [
        '-db',
        '-f',
        configFile(folder, 'haproxy.cfg', haproxyConfig(port, upstreamPort)),
      ]),
  },
  {
    name: 'toxiproxy',
    ...installed('toxiproxy-server', '-version'),
    start: async (settings, upstreamPort) => {
      const apiPort = await freePort()
      return startOn(foundProgram('toxiproxy-server'), settings, (port, folder) => [
        '-host',
        '127.0.0.1',
        '-port',
        `${apiPort}`,
        '-config',
        configFile(
          folder,
          'toxiproxy.json',
          JSON.stringify([
            { name: 'relay', listen: `127.0.0.1:${port}`, upstream: `127.0.0.1:${upstreamPort}`, enabled: true },
          ]),
        ),
      ])
    },
  },
]

/** mitmdump's raw TCP: a mode of its own since version 9, an option of its HTTP mode before. */
const rawTcp = (upstreamPort: number): string[] => {
  const major = Number.parseInt(mitmdump.version(), 10)
  return major < 9
    ? ['--mode', `reverse:http://127.0.0.1:${upstreamPort}`, '--tcp-hosts', '.*']
    : ['--mode', `reverse:tcp://127.0.0.1:${upstreamPort}`]
}

/** Relays that keep every byte: two files of raw bytes; messages in memory. */
export const keepingRelays: readonly Relay[] = [
  socatRelay('socat -r -R', (folder) => ['-r', path.join(folder, 'left'), '-R', path.join(folder, 'right')]),
  {
    name: 'mitmdump',
    ...mitmdump,
    start: (settings, upstreamPort) =>
      startOn(
        foundProgram('mitmdump'),
        settings,
        (port, folder) => [
          '-q',
          '--set',
          `confdir=${folder}`,
          ...rawTcp(upstreamPort),
          '--listen-host',
          '127.0.0.1',
          '--listen-port',
          `${port}`,
        ],
        pythonAtItsBest,
      ),
  },
]
