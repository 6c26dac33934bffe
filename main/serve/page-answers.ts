// What `wireloop serve` answers to an HTTP request: the host is looked at first, then the method, then the file, then the token
// where one is due. Counterpart: serve-host.ts, which owns the server.
import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http'
import type { PageFiles } from '../page-files.ts'
import { pageHeaders } from '../page-headers.ts'
import { admitHost, admitToken, type Bound, cookieName } from './admission.ts'

/** What the answers depend on; `port` is the one that was bound. */
export interface Door {
  readonly bound: Bound
  readonly port: number
  readonly token: string
  readonly files: PageFiles
}

interface Answer {
  readonly status: number
  readonly headers: OutgoingHttpHeaders
  readonly body: Uint8Array
}

/** A request's path and query, or null where they cannot be read. The authority is the Host header's business. */
export const requestUrl = (request: IncomingMessage): URL | null => {
  try {
    return new URL(`http://wireloop${request.url ?? ''}`)
  } catch {
    return null
  }
}

const plain = (status: number, text: string, headers: OutgoingHttpHeaders = {}): Answer => ({
  status,
  headers: { ...pageHeaders(), 'Content-Type': 'text/plain; charset=utf-8', 'Cache-Control': 'no-store', ...headers },
  body: new TextEncoder().encode(`${text}\n`),
})

const answerTo = (request: IncomingMessage, { bound, port, token, files }: Door): Answer => {
  const host = admitHost(request.headers.host, bound)
  if (!host.ok) return plain(403, host.failure.message)
  if (request.method !== 'GET' && request.method !== 'HEAD')
    return plain(405, 'Wireloop serves its pages to GET and HEAD only.', { Allow: 'GET, HEAD' })
  const url = requestUrl(request)
  const file = url === null ? undefined : files.get(url.pathname)
  if (url === null || file === undefined) return plain(404, 'There is no such page in Wireloop.')
  const headers = {
    ...pageHeaders([`ws://${host.value}`]),
    'Content-Type': file.contentType,
    'Cache-Control': file.cacheControl,
  }
  if (url.pathname !== '/') return { status: 200, headers, body: file.body }
  const admitted = admitToken(url.searchParams, request.headers.cookie, port, token)
  if (!admitted.ok) return plain(403, admitted.failure.message)
  // The cookie is for reloads, and for the WebSocket once the page has taken the token out of its address bar.
  const cookie = `${cookieName(port)}=${token}; Path=/; HttpOnly; SameSite=Strict`
  return { status: 200, headers: { ...headers, 'Set-Cookie': cookie }, body: file.body }
}

/** Answers one request, whatever it is. */
export const answerPage = (request: IncomingMessage, response: ServerResponse, door: Door): void => {
  const { status, headers, body } = answerTo(request, door)
  response.writeHead(status, { ...headers, 'Content-Length': body.length })
  response.end(request.method === 'HEAD' ? undefined : body)
}
