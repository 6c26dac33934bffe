// The browser's way in: the built pages over HTTP and one WebSocket a page, for a remote or headless machine. What a request may do
// is decided by admission.ts; what a page may do by main/page-session.ts, the same as on the desktop.
import { randomBytes } from 'node:crypto'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { hostname } from 'node:os'
import { formatAddress } from '../../preload/contract/checks.ts'
import { fail, ok, type Result } from '../../preload/contract/failure.ts'
import { serveHostInfo } from '../host-info.ts'
import { readPageFiles } from '../page-files.ts'
import type { Workbench } from '../workbench.ts'
import { isLoopback, isWildcard } from './admission.ts'
import { answerPage, type Door } from './page-answers.ts'
import { createPageSockets } from './page-sockets.ts'

export interface ServeOptions {
  /** The caller's; it outlives the host. */
  readonly workbench: Workbench
  /** A name or numeric address to listen at; 127.0.0.1 keeps it to this machine. */
  readonly host: string
  /** 0 for any free port. */
  readonly port: number
  /** The built renderer, out/renderer. */
  readonly rendererDirectory: string
  /** Opens a URL in the person's browser; left out, nothing is opened. A failure to open is told and is no failure of the host. */
  readonly openBrowser?: (url: string) => Promise<unknown>
  /** How often pages are asked whether they are still there, in ms; 15 s unless given. */
  readonly pingEveryMs?: number
  /** Takes a line that the person must see; standard error unless given. */
  readonly warn?: (line: string) => void
}

export interface ServeHost {
  /** The one URL to open; it carries the token. */
  readonly url: string
  /** Closes every page's socket and stops listening; resolves when both are done. */
  dispose(): Promise<void>
}

const tokenBytes = 32

const exposure = (at: string): string =>
  `WARNING: Wireloop listens at ${at}, where other machines may reach it. There is no TLS: whoever sees the token on the way ` +
  'can open sockets from this machine and read all that is recorded. “ssh -L” to 127.0.0.1 is the safer way.'

const listen = (server: Server, host: string, port: number): Promise<Result<AddressInfo>> =>
  new Promise((resolve) => {
    // Stays: an accept that fails later (EMFILE) must not end the process.
    server.on('error', (error: NodeJS.ErrnoException) =>
      resolve(fail(error.code ?? 'error', `Cannot serve at ${formatAddress({ host, port })}: ${error.message}`)),
    )
    server.listen({ host, port }, () => resolve(ok(server.address() as AddressInfo)))
  })

/** The host to write into the URL: “every address” is none that a browser can open. */
const openableHost = (host: string, address: string): string =>
  isWildcard(address) ? (address === '::' ? '::1' : '127.0.0.1') : host

/** Starts to serve. Failures: the renderer is not built, or the address cannot be listened at (errno name). */
export const createServeHost = async (options: ServeOptions): Promise<Result<ServeHost>> => {
  const warn = options.warn ?? ((line: string) => process.stderr.write(`${line}\n`))
  const files = await readPageFiles(options.rendererDirectory)
  if (!files.ok) return files

  const server = createServer()
  const listening = await listen(server, options.host, options.port)
  if (!listening.ok) return listening
  const { address, port } = listening.value

  const token = randomBytes(tokenBytes).toString('base64url')
  const bound = { host: options.host, address, machineName: hostname() }
  const door: Door = { bound, port, token, files: files.value }
  const sockets = createPageSockets(options.workbench, serveHostInfo(), options.pingEveryMs ?? 15_000)
  server.on('request', (request, response) => answerPage(request, response, door))
  server.on('upgrade', (request, socket, head) => sockets.upgrade(request, socket, head, door))

  if (!isLoopback(address)) warn(exposure(formatAddress({ host: address, port })))
  const url = `http://${formatAddress({ host: openableHost(options.host, address), port })}/?token=${token}`
  options.openBrowser?.(url).catch((error: unknown) => warn(`No browser was opened (${error}); open the URL yourself`))

  return ok({
    url,
    dispose: async () => {
      const closed = new Promise((resolve) => server.close(resolve))
      await sockets.dispose()
      server.closeAllConnections()
      await closed
    },
  })
}
