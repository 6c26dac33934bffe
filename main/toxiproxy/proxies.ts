// toxiproxy's proxies are the engine's relays that have a name: made here or in the page, they are the same things. This reads
// them from the engine for each request and changes them by its commands; nothing is kept. Counterparts: toxics.ts, routes.ts.
import { lookup } from 'node:dns/promises'
import { isIP } from 'node:net'
import { networkInterfaces } from 'node:os'
import type { EngineCommandName, EngineCommands } from '../../preload/contract/api.ts'
import { checkSpec, formatAddress, parseHostPort } from '../../preload/contract/checks.ts'
import type { Failure } from '../../preload/contract/failure.ts'
import {
  type Fault,
  type Flow,
  type FlowLab,
  flows,
  nothingInLab,
  type RelayLab,
} from '../../preload/contract/faults.ts'
import type { Address, EndpointId, EndpointInfo, RelaySpec } from '../../preload/contract/vocabulary.ts'
import type { EngineHost } from '../engine-host.ts'
import { type ApiError, badBody, internal, proxyExists, proxyNotFound, toxicExists, toxicNotFound } from './errors.ts'
import type { JsonObject } from './fields.ts'
import { changedFault, newFault, type ToxicJson, toxicOf } from './toxics.ts'

/** A proxy as it is answered; Go writes the fields in this order. */
export interface ProxyJson {
  readonly name: string
  readonly listen: string
  readonly upstream: string
  readonly enabled: boolean
  readonly toxics: readonly ToxicJson[]
}

export interface ProxyInput {
  readonly name: string
  readonly listen: string
  readonly upstream: string
  readonly enabled: boolean
}

/** A relay that is a proxy. */
export interface Proxy {
  readonly id: EndpointId
  readonly spec: RelaySpec
  readonly listen: string
  readonly upstream: string
  readonly enabled: boolean
}

const connectTimeoutMs = 10_000
const emptyLab: RelayLab = { upstream: nothingInLab, downstream: nothingInLab }

const proxyOf = (info: EndpointInfo): Proxy | null => {
  const { spec } = info
  if (spec.role !== 'relay' || spec.name === '') return null
  return {
    id: info.id,
    spec,
    listen: formatAddress(info.local ?? spec),
    upstream: formatAddress({ host: spec.upstreamHost, port: spec.upstreamPort }),
    enabled: info.state === 'live' || info.state === 'starting',
  }
}

const bindWords: Readonly<Record<string, string>> = {
  EADDRINUSE: 'bind: address already in use',
  EACCES: 'bind: permission denied',
  EADDRNOTAVAIL: 'bind: cannot assign requested address',
}

const listenError = (at: Address, failure: Failure | null): ApiError =>
  internal(`listen tcp ${formatAddress(at)}: ${bindWords[failure?.code ?? ''] ?? failure?.message ?? 'it failed'}`)

/** Every address of this machine, as Go’s listener has it, in the way of `HOST:PORT`. */
const everyAddress = (): string =>
  Object.values(networkInterfaces()).some((all) => all?.some(({ family }) => family === 'IPv6')) ? '[::]' : '0.0.0.0'

/** A `listen` to an address: names are resolved, to IPv4 where there is one, and no host is all of them. Throws an ApiError. */
const resolveListen = async (listen: string): Promise<Address> => {
  const parsed = parseHostPort(listen === '' ? ':0' : listen, 0, everyAddress())
  if (!parsed.ok) throw internal(`listen tcp: address ${listen}: ${parsed.failure.message}`)
  const { host, port } = parsed.value
  if (isIP(host.replace(/%.*$/, '')) !== 0) return { host, port }
  try {
    const found = await lookup(host, { all: true })
    return { host: (found.find(({ family }) => family === 4) ?? found[0]!).address, port }
  } catch {
    throw internal(`listen tcp: lookup ${host}: no such host`)
  }
}

const parseUpstream = (upstream: string): Pick<RelaySpec, 'upstreamHost' | 'upstreamPort'> => {
  const parsed = parseHostPort(upstream, 1)
  if (!parsed.ok) throw badBody(`upstream: ${parsed.failure.message}`)
  return { upstreamHost: parsed.value.host, upstreamPort: parsed.value.port }
}

const checked = (spec: RelaySpec): RelaySpec => {
  const result = checkSpec(spec)
  if (!result.ok) throw badBody(result.failure.message)
  return spec
}

const withFlow = (spec: RelaySpec, flow: Flow, change: (lab: FlowLab) => FlowLab): RelaySpec => {
  const lab = spec.lab ?? emptyLab
  return { ...spec, lab: { ...lab, [flow]: change(lab[flow]) } }
}

/** A toxic, and in which direction of its proxy it is. */
interface Found {
  readonly fault: Fault
  readonly stream: Flow
}

const findToxic = ({ lab }: RelaySpec, name: string): Found | null => {
  for (const stream of flows) {
    const fault = lab?.[stream].faults.find((each) => each.name === name && each.on)
    if (fault !== undefined) return { fault, stream }
  }
  return null
}

export const createProxies = (engine: EngineHost) => {
  /** Asks the engine; what it refuses is an internal error here, in its words. */
  const ask = async <K extends EngineCommandName>(name: K, args: EngineCommands[K]['args']) => {
    const result = await engine.ask(name, args)
    if (!result.ok) throw internal(result.failure.message)
    return result.value
  }

  /** All of them by name; of two with one name the older. */
  const all = async (): Promise<ReadonlyMap<string, Proxy>> => {
    const { endpoints } = await ask('snapshot', null)
    const proxies = new Map<string, Proxy>()
    for (const info of endpoints) {
      const proxy = proxyOf(info)
      if (proxy !== null && !proxies.has(proxy.spec.name)) proxies.set(proxy.spec.name, proxy)
    }
    return proxies
  }

  const get = async (name: string): Promise<Proxy> => {
    const proxy = (await all()).get(name)
    if (proxy === undefined) throw proxyNotFound()
    return proxy
  }

  const known = async (id: EndpointId): Promise<Proxy> => {
    for (const proxy of (await all()).values()) if (proxy.id === id) return proxy
    throw proxyNotFound()
  }

  const remove = async ({ id }: Proxy): Promise<void> => {
    // In order first: what the kernel can still deliver is not reset.
    await ask('stopEndpoint', { endpoint: id })
    await ask('removeEndpoint', { endpoint: id })
  }

  /** Starts it, and writes down where it listens, so that it listens there again. */
  const start = async ({ id, spec }: Pick<Proxy, 'id' | 'spec'>): Promise<void> => {
    const { state, reason, local } = await ask('startEndpoint', { endpoint: id, spec })
    if (state !== 'live' || local === null) throw listenError(spec, reason)
    await ask('updateEndpoint', { endpoint: id, spec: { ...spec, ...local } })
  }

  const create = async (input: ProxyInput): Promise<Proxy> => {
    const at = await resolveListen(input.listen)
    const spec = checked({
      role: 'relay',
      name: input.name,
      ...at,
      ...parseUpstream(input.upstream),
      connectTimeoutMs,
    })
    // The engine starts what it makes. What is not to be started is made on a port of its own, and stopped at once.
    const made = await ask('createEndpoint', { spec: input.enabled ? spec : { ...spec, port: 0 } })
    if (made.state !== 'live' || made.local === null) {
      await ask('removeEndpoint', { endpoint: made.id })
      throw listenError(at, made.reason)
    }
    if (!input.enabled) await ask('stopEndpoint', { endpoint: made.id })
    await ask('updateEndpoint', { endpoint: made.id, spec: input.enabled ? { ...spec, ...made.local } : spec })
    return known(made.id)
  }

  const differs = async (proxy: Proxy, input: Pick<ProxyInput, 'listen' | 'upstream'>): Promise<boolean> =>
    formatAddress(await resolveListen(input.listen)) !== proxy.listen || input.upstream !== proxy.upstream

  const setSpec = async ({ id }: Proxy, spec: RelaySpec): Promise<void> => {
    await ask('updateEndpoint', { endpoint: id, spec: checked(spec) })
  }

  const toxicsOf = ({ spec }: Proxy): ToxicJson[] =>
    flows.flatMap((stream) =>
      (spec.lab?.[stream].faults ?? []).filter(({ on }) => on).map((fault) => toxicOf(fault, stream)),
    )

  const json = (proxy: Proxy): ProxyJson => ({
    name: proxy.spec.name,
    listen: proxy.listen,
    upstream: proxy.upstream,
    enabled: proxy.enabled,
    toxics: toxicsOf(proxy),
  })

  const getToxic = (proxy: Proxy, name: string): Found => {
    const found = findToxic(proxy.spec, name)
    if (found === null) throw toxicNotFound()
    return found
  }

  return {
    all,
    get,
    json,
    toxicsOf,

    async add(input: ProxyInput): Promise<Proxy> {
      if ((await all()).has(input.name)) throw proxyExists()
      return create(input)
    },

    /** As it is where nothing differs, else a new one in its place, without toxics. */
    async addOrReplace(input: ProxyInput): Promise<Proxy> {
      const existing = (await all()).get(input.name)
      if (existing !== undefined) {
        if (!(await differs(existing, input))) return existing
        await remove(existing)
      }
      return create(input)
    },

    /** Moves it, stops it, starts it; its toxics stay. */
    async update(proxy: Proxy, input: Omit<ProxyInput, 'name'>): Promise<Proxy> {
      let { spec, enabled } = proxy
      if (await differs(proxy, input)) {
        spec = checked({ ...spec, ...(await resolveListen(input.listen)), ...parseUpstream(input.upstream) })
        if (enabled) await ask('stopEndpoint', { endpoint: proxy.id })
        enabled = false
        await ask('updateEndpoint', { endpoint: proxy.id, spec })
      } else if (proxy.enabled && !input.enabled) {
        // Where it listened on any port, it listens on that one again.
        const parsed = parseHostPort(proxy.listen, 0)
        if (parsed.ok) spec = { ...spec, ...parsed.value }
        await ask('updateEndpoint', { endpoint: proxy.id, spec })
      }
      if (input.enabled && !enabled) await start({ id: proxy.id, spec })
      else if (!input.enabled && enabled) await ask('stopEndpoint', { endpoint: proxy.id })
      return known(proxy.id)
    },

    remove,

    /** Starts it where it is stopped, and takes its toxics away. */
    async reset(proxy: Proxy): Promise<void> {
      if (!proxy.enabled) await start(proxy)
      const { spec } = await known(proxy.id)
      if (toxicsOf(proxy).length === 0) return
      const without = flows.reduce((sum, flow) => withFlow(sum, flow, (lab) => ({ ...lab, faults: [] })), spec)
      await setSpec(proxy, without)
    },

    getToxic: (proxy: Proxy, name: string): ToxicJson => {
      const { fault, stream } = getToxic(proxy, name)
      return toxicOf(fault, stream)
    },

    async addToxic(proxy: Proxy, body: JsonObject): Promise<ToxicJson> {
      const { fault, stream } = newFault(body, (name) => {
        if (findToxic(proxy.spec, name) !== null) throw toxicExists()
      })
      // One of that name may be there and off.
      const others = (lab: FlowLab) => lab.faults.filter(({ name }) => name !== fault.name)
      await setSpec(
        proxy,
        withFlow(proxy.spec, stream, (lab) => ({ ...lab, faults: [...others(lab), fault] })),
      )
      return toxicOf(fault, stream)
    },

    async updateToxic(proxy: Proxy, name: string, body: JsonObject): Promise<ToxicJson> {
      const { fault, stream } = getToxic(proxy, name)
      const changed = changedFault(fault, body)
      await setSpec(
        proxy,
        withFlow(proxy.spec, stream, (lab) => ({
          ...lab,
          faults: lab.faults.map((each) => (each === fault ? changed : each)),
        })),
      )
      return toxicOf(changed, stream)
    },

    async removeToxic(proxy: Proxy, name: string): Promise<void> {
      const { fault, stream } = getToxic(proxy, name)
      await setSpec(
        proxy,
        withFlow(proxy.spec, stream, (lab) => ({ ...lab, faults: lab.faults.filter((each) => each !== fault) })),
      )
    },

    traffic: (proxy: Proxy) => ask('relayTraffic', { endpoint: proxy.id }),
  }
}

export type Proxies = ReturnType<typeof createProxies>
