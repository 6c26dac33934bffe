// `wireloop serve --toxiproxy-api`: toxiproxy's HTTP API on a port of its own of this machine, so that its clients work as they
// are. Off unless asked for. Counterparts: routes.ts (what requests do), main/cli/serve.ts (starts it).
//
// It has no token, because toxiproxy's clients know none. So it listens on 127.0.0.1 only, and nothing that a browser sends is
// taken: a page of any site could otherwise have connections made from here. By toxiproxy's rule (User-Agent) and by Origin,
// and by Host, against names that were pointed at this machine (DNS rebinding).
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { fail, ok, type Result } from '../../preload/contract/failure.ts'
import type { EngineHost } from '../engine-host.ts'
import { admitHost } from '../serve/admission.ts'
import { createProxies } from './proxies.ts'
import { type Answer, answerError, handle } from './routes.ts'

export const toxiproxyPort = 8474
const host = '127.0.0.1'
const bound = { host, address: host, machineName: '' }
/** The most that a request may have in its body: thousands of proxies. */
const maxBodyBytes = 1024 * 1024
/** As toxiproxy has it. */
const requestTimeoutMs = 15_000

export interface ToxiproxyApi {
  readonly url: string
  /** Stops listening and ends what requests there are; proxies stay. */
  dispose(): Promise<void>
}

const text = (status: number, body: string): Answer => ({ status, body, type: 'text/plain; charset=utf-8' })

/** What is wrong with who asks; null for nothing. */
const refusal = ({ headers }: IncomingMessage): Answer | null => {
  const fromBrowser = headers['user-agent']?.startsWith('Mozilla/') === true || headers.origin !== undefined
  if (fromBrowser) return text(403, 'User agent not allowed\n')
  const admitted = admitHost(headers.host, bound)
  return admitted.ok ? null : text(403, 'Host not allowed: use 127.0.0.1 or localhost\n')
}

/** The body as text; null where it is too large. */
const readBody = async (request: IncomingMessage): Promise<string | null> => {
  const parts: Buffer[] = []
  let bytes = 0
  for await (const part of request as AsyncIterable<Buffer>) {
    bytes += part.length
    if (bytes > maxBodyBytes) return null
    parts.push(part)
  }
  return Buffer.concat(parts).toString('utf8')
}

const send = (response: ServerResponse, { status, body, type, allow }: Answer): void => {
  response.writeHead(status, {
    ...(type === undefined ? {} : { 'Content-Type': type }),
    ...(allow === undefined ? {} : { Allow: allow }),
    'X-Content-Type-Options': 'nosniff',
    'Content-Length': Buffer.byteLength(body ?? ''),
  })
  response.end(body)
}

const listen = (server: Server, port: number): Promise<Result<AddressInfo>> =>
  new Promise((resolve) => {
    // Stays: an accept that fails later (EMFILE) must not end the process.
    server.on('error', (error: NodeJS.ErrnoException) =>
      resolve(fail(error.code ?? 'error', `The toxiproxy API cannot be served at ${host}:${port}: ${error.message}`)),
    )
    server.listen({ host, port }, () => resolve(ok(server.address() as AddressInfo)))
  })

/** Starts to listen; `port` 0 for any free one. Failures: the port cannot be listened at (errno name). */
export const createToxiproxyApi = async (engine: EngineHost, port: number): Promise<Result<ToxiproxyApi>> => {
  const proxies = createProxies(engine)
  /** One request after another: each looks at what there is before it changes it. */
  let last: Promise<unknown> = Promise.resolve()
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const done = last.then(work)
    last = done.catch(() => undefined)
    return done
  }

  const respond = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const refused = refusal(request)
    if (refused !== null) {
      response.setHeader('Connection', 'close')
      send(response, refused)
      return
    }
    const body = await readBody(request)
    if (body === null) {
      response.setHeader('Connection', 'close')
      send(response, {
        status: 413,
        body: `${JSON.stringify({ error: 'request body too large', status: 413 })}\n`,
        type: 'application/json',
      })
      return
    }
    const path = (request.url ?? '/').replace(/[?#].*$/, '')
    const answer = await inTurn(() => handle(proxies, request.method ?? 'GET', path, body)).catch(answerError)
    send(response, answer)
  }

  const server = createServer({ requestTimeout: requestTimeoutMs, headersTimeout: requestTimeoutMs })
  server.on('request', (request, response) => {
    // The client has gone before it was answered: there is nobody to tell.
    respond(request, response).catch(() => response.destroy())
  })
  const listening = await listen(server, port)
  if (!listening.ok) return listening

  return ok({
    url: `http://${host}:${listening.value.port}`,
    dispose: async () => {
      const closed = new Promise((resolve) => server.close(resolve))
      server.closeAllConnections()
      await closed
    },
  })
}
