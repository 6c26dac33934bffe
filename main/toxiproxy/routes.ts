// Which request does what: paths, methods, status codes and JSON of toxiproxy's HTTP API (api.go, v2.12). Counterparts:
// proxies.ts (does it), api-server.ts (takes requests in).
import { ApiError, badBody, missingField } from './errors.ts'
import { booleanField, objectOf, parseJson, textField } from './fields.ts'
import { metricsType, writeMetrics } from './metrics.ts'
import type { Proxies, ProxyInput, ProxyJson } from './proxies.ts'

/** The toxiproxy whose API this is. */
export const toxiproxyVersion = '2.12.0'

export interface Answer {
  readonly status: number
  /** Left out: none. */
  readonly body?: string
  readonly type?: string
  readonly allow?: string
}

const jsonType = 'application/json'
const answer = (status: number, value: unknown): Answer => ({ status, body: JSON.stringify(value), type: jsonType })
const nothing: Answer = { status: 204 }

export const answerError = (error: unknown): Answer => {
  const { message, status } = error instanceof ApiError ? error : { message: String(error), status: 500 }
  return { status, body: `${JSON.stringify({ error: message, status })}\n`, type: jsonType }
}

const inputOf = (value: unknown, before: ProxyInput): ProxyInput => {
  const body = objectOf(value, 'toxiproxy.Proxy')
  return {
    name: textField(body, 'name', before.name),
    listen: textField(body, 'listen', before.listen),
    upstream: textField(body, 'upstream', before.upstream),
    enabled: booleanField(body, 'enabled', before.enabled),
  }
}

const newProxy: ProxyInput = { name: '', listen: '', upstream: '', enabled: true }

const requireFields = ({ name, upstream }: ProxyInput, where: string): void => {
  if (name === '') throw missingField(`name${where}`)
  if (upstream === '') throw missingField(`upstream${where}`)
}

const listOf = (value: unknown): readonly unknown[] => {
  if (!Array.isArray(value)) throw badBody('json: cannot unmarshal object into Go value of type []toxiproxy.Proxy')
  return value
}

/** Makes all proxies of a list, or as many as can be: then the error stands beside them. */
const populate = async (proxies: Proxies, text: string): Promise<Answer> => {
  let made: ProxyJson[] | null = null
  try {
    const inputs = listOf(parseJson(text)).map((each) => inputOf(each, newProxy))
    for (const [i, input] of inputs.entries()) requireFields(input, ` at proxy ${i + 1}`)
    made = []
    for (const input of inputs) made.push(proxies.json(await proxies.addOrReplace(input)))
    return answer(201, { proxies: made })
  } catch (error) {
    const { message, status } = error instanceof ApiError ? error : new ApiError(String(error), 500)
    return answer(status, { error: message, status, proxies: made })
  }
}

type Handler = (proxies: Proxies, names: readonly string[], body: string) => Promise<Answer>
type Methods = Readonly<Record<string, Handler>>

const updateProxy: Handler = async (proxies, [name = ''], body) => {
  const proxy = await proxies.get(name)
  const input = inputOf(parseJson(body), { ...newProxy, ...proxy })
  return answer(200, proxies.json(await proxies.update(proxy, input)))
}

const updateToxic: Handler = async (proxies, [name = '', toxic = ''], body) =>
  answer(200, await proxies.updateToxic(await proxies.get(name), toxic, objectOf(parseJson(body), 'toxic')))

const routes: readonly { readonly path: RegExp; readonly methods: Methods }[] = [
  {
    path: /^\/reset$/,
    methods: {
      POST: async (proxies) => {
        for (const proxy of (await proxies.all()).values()) await proxies.reset(proxy)
        return nothing
      },
    },
  },
  {
    path: /^\/proxies$/,
    methods: {
      GET: async (proxies) => {
        const all = [...(await proxies.all()).values()].sort((a, b) => (a.spec.name < b.spec.name ? -1 : 1))
        return answer(200, Object.fromEntries(all.map((proxy) => [proxy.spec.name, proxies.json(proxy)])))
      },
      POST: async (proxies, _names, body) => {
        const input = inputOf(parseJson(body), newProxy)
        requireFields(input, '')
        return answer(201, proxies.json(await proxies.add(input)))
      },
    },
  },
  { path: /^\/populate$/, methods: { POST: (proxies, _names, body) => populate(proxies, body) } },
  {
    path: /^\/proxies\/([^/]+)$/,
    methods: {
      GET: async (proxies, [name = '']) => answer(200, proxies.json(await proxies.get(name))),
      POST: updateProxy,
      PATCH: updateProxy,
      DELETE: async (proxies, [name = '']) => {
        await proxies.remove(await proxies.get(name))
        return nothing
      },
    },
  },
  {
    path: /^\/proxies\/([^/]+)\/toxics$/,
    methods: {
      GET: async (proxies, [name = '']) => answer(200, proxies.toxicsOf(await proxies.get(name))),
      POST: async (proxies, [name = ''], body) =>
        answer(200, await proxies.addToxic(await proxies.get(name), objectOf(parseJson(body), 'toxic'))),
    },
  },
  {
    path: /^\/proxies\/([^/]+)\/toxics\/([^/]+)$/,
    methods: {
      GET: async (proxies, [name = '', toxic = '']) => answer(200, proxies.getToxic(await proxies.get(name), toxic)),
      POST: updateToxic,
      PATCH: updateToxic,
      DELETE: async (proxies, [name = '', toxic = '']) => {
        await proxies.removeToxic(await proxies.get(name), toxic)
        return nothing
      },
    },
  },
  {
    path: /^\/version$/,
    methods: {
      GET: async () => ({
        status: 200,
        body: `{"version": "${toxiproxyVersion}"}\n`,
        type: 'application/json;charset=utf-8',
      }),
    },
  },
  {
    path: /^\/metrics$/,
    methods: { GET: async (proxies) => ({ status: 200, body: await writeMetrics(proxies), type: metricsType }) },
  },
]

/** Does what a request asks for. `path` is as it came, without the query. */
export const handle = async (proxies: Proxies, method: string, path: string, body: string): Promise<Answer> => {
  for (const route of routes) {
    const match = route.path.exec(path)
    if (match === null) continue
    const handler = Object.hasOwn(route.methods, method) ? route.methods[method] : undefined
    if (handler === undefined) return { status: 405, allow: Object.keys(route.methods).join(', ') }
    try {
      return await handler(proxies, match.slice(1).map(decodeURIComponent), body)
    } catch (error) {
      return answerError(error)
    }
  }
  return { status: 404, body: '404 page not found\n', type: 'text/plain; charset=utf-8' }
}
