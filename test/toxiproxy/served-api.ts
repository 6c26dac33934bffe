// toxiproxy's API on an engine of its own and a free port, ended with the test. Used by every test in this folder.
import { request } from 'node:http'
import { onTestFinished } from 'vitest'
import { createToxiproxyApi } from '../../main/toxiproxy/api-server.ts'
import { expectOk, startEngine, type TestEngine } from '../support/engine.ts'

export interface Reply {
  readonly status: number
  readonly type: string | undefined
  readonly text: string
  /** The body as JSON. */
  readonly json: unknown
}

export interface ServedApi {
  readonly engine: TestEngine
  readonly url: string
  ask(method: string, path: string, body?: unknown, headers?: Readonly<Record<string, string>>): Promise<Reply>
}

export const serveApi = async (): Promise<ServedApi> => {
  const engine = await startEngine()
  const api = expectOk(await createToxiproxyApi(engine.engine, 0))
  onTestFinished(() => api.dispose())
  return {
    engine,
    url: api.url,
    ask: (method, path, body, headers = {}) =>
      new Promise((resolve, reject) => {
        const sent = body === undefined ? '' : typeof body === 'string' ? body : JSON.stringify(body)
        const asked = request(`${api.url}${path}`, {
          method,
          headers: { 'User-Agent': 'a-client', 'Content-Length': Buffer.byteLength(sent), ...headers },
        })
        asked.once('error', reject)
        asked.once('response', (response) => {
          let text = ''
          response.setEncoding('utf8').on('data', (part: string) => {
            text += part
          })
          response.once('end', () =>
            resolve({
              status: response.statusCode ?? 0,
              type: response.headers['content-type'],
              text,
              get json() {
                return JSON.parse(text) as unknown
              },
            }),
          )
        })
        asked.end(sent)
      }),
  }
}
