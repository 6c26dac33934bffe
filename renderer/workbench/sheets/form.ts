// What a person types into a sheet, to the endpoint that it describes, or what is wrong field by field. Pure.
// Counterparts: the contract's checks.ts, endpoint-sheet.tsx.
import {
  checkSpec,
  maxGreetingBytes,
  maxNameLength,
  parseHost,
  parseHostPort,
  parsePort,
} from '../../../preload/contract/checks.ts'
import type { Result } from '../../../preload/contract/failure.ts'
import { formatEscaped, parseEscapes } from '../../../preload/contract/notation.ts'
import type { EndpointInfo, EndpointRole, EndpointSpec, Reply } from '../../../preload/contract/vocabulary.ts'
import { maxSnapBytes } from '../../capture/limits.ts'

export const fieldNames = [
  'name',
  'host',
  'port',
  'upstreamHost',
  'upstreamPort',
  'greeting',
  'connectTimeoutMs',
  'snapBytes',
] as const
export type FieldName = (typeof fieldNames)[number]

/** Every field as typed, whether the role has it or not. */
export interface FormValues extends Readonly<Record<FieldName, string>> {
  readonly reply: Reply
}

export type FieldErrors = Readonly<Partial<Record<FieldName, string>>>

/** Texts of the checks that only forms make. */
export interface FormWords {
  readonly timeoutInvalid: string
  readonly snapInvalid: string
}

export const defaultConnectTimeoutMs = 5000

const take = <T>(errors: Partial<Record<FieldName, string>>, field: FieldName, result: Result<T>): T | undefined => {
  if (result.ok) return result.value
  errors[field] = result.failure.message
  return undefined
}

/** The endpoint that the fields describe; `autoName` stands in for a name that was left empty. */
export const specOf = (
  role: EndpointRole,
  values: FormValues,
  autoName: string,
  words: FormWords,
): { readonly ok: true; readonly spec: EndpointSpec } | { readonly ok: false; readonly errors: FieldErrors } => {
  const errors: Partial<Record<FieldName, string>> = {}
  const name = values.name.trim() || autoName
  if (name.length > maxNameLength) errors.name = `A name has at most ${maxNameLength} characters`
  const host = take(errors, 'host', parseHost(values.host))
  const port = take(errors, 'port', parsePort(values.port, role === 'client' ? 1 : 0))

  const greeting = parseEscapes(values.greeting)
  if (role === 'listener' && !greeting.ok) errors.greeting = greeting.message
  if (role === 'listener' && greeting.ok && greeting.bytes.length > maxGreetingBytes)
    errors.greeting = `A greeting has at most ${maxGreetingBytes} bytes, not ${greeting.bytes.length}`

  const typedTimeout = values.connectTimeoutMs.trim()
  const connectTimeoutMs = /^\d{1,7}$/.test(typedTimeout) ? Number(typedTimeout) : Number.NaN
  if (role !== 'listener' && !(connectTimeoutMs >= 1 && connectTimeoutMs <= 3_600_000))
    errors.connectTimeoutMs = words.timeoutInvalid

  const typedSnap = values.snapBytes.replace(/\s/g, '')
  const snapBytes = typedSnap === '' ? null : Number(typedSnap)
  if (snapBytes !== null && !(/^\d+$/.test(typedSnap) && snapBytes <= maxSnapBytes))
    errors.snapBytes = words.snapInvalid

  const upstreamHost = role === 'relay' ? take(errors, 'upstreamHost', parseHost(values.upstreamHost)) : undefined
  const upstreamPort = role === 'relay' ? take(errors, 'upstreamPort', parsePort(values.upstreamPort, 1)) : undefined
  if (Object.keys(errors).length > 0 || host === undefined || port === undefined) return { ok: false, errors }

  const own =
    role === 'listener'
      ? { role, name, host, port, reply: values.reply, greeting: greeting.ok ? greeting.bytes : new Uint8Array(0) }
      : role === 'client'
        ? { role, name, host, port, connectTimeoutMs }
        : { role, name, host, port, upstreamHost, upstreamPort, connectTimeoutMs }
  const checked = checkSpec(snapBytes === null ? own : { ...own, snapBytes })
  if (checked.ok) return { ok: true, spec: checked.value }
  const field = fieldNames.find((candidate) => candidate === checked.failure.path) ?? 'name'
  return { ok: false, errors: { [field]: checked.failure.message } }
}

/** The fields that describe an endpoint already there. */
export const valuesOf = (spec: EndpointSpec): FormValues => ({
  name: spec.name,
  host: spec.host,
  port: `${spec.port}`,
  upstreamHost: spec.role === 'relay' ? spec.upstreamHost : '',
  upstreamPort: spec.role === 'relay' ? `${spec.upstreamPort}` : '',
  reply: spec.role === 'listener' ? spec.reply : 'echo',
  greeting: spec.role === 'listener' ? formatEscaped(spec.greeting) : '',
  connectTimeoutMs: `${spec.role === 'listener' ? defaultConnectTimeoutMs : spec.connectTimeoutMs}`,
  snapBytes: spec.snapBytes === undefined ? '' : `${spec.snapBytes}`,
})

/** Ports that our own endpoints listen on now. */
export const takenPorts = (endpoints: Iterable<EndpointInfo>): ReadonlySet<number> => {
  const taken = new Set<number>()
  for (const endpoint of endpoints)
    if (endpoint.local !== null && endpoint.spec.role !== 'client') taken.add(endpoint.local.port)
  return taken
}

/** The first port from `port` up that none of our endpoints listens on. */
export const freePortFrom = (port: number, taken: ReadonlySet<number>): number => {
  for (let candidate = port; candidate <= 65535; candidate++) if (!taken.has(candidate)) return candidate
  return 0
}

/** What a new sheet starts with: a client aims at our newest listener, and nothing at a port that is taken. */
export const defaultValues = (role: EndpointRole, endpoints: Iterable<EndpointInfo>): FormValues => {
  const all = [...endpoints]
  const taken = takenPorts(all)
  const listening = all.filter((endpoint) => endpoint.local !== null && endpoint.spec.role !== 'client')
  const newest = listening.filter((endpoint) => endpoint.spec.role === 'listener').at(-1) ?? listening.at(-1)
  // An address to connect to: where the newest one listens, or would.
  const target = newest?.local ?? { host: '127.0.0.1', port: 8888 }
  const targetHost = target.host === '0.0.0.0' || target.host === '::' ? '127.0.0.1' : target.host
  const client = role === 'client'
  return {
    name: '',
    host: client ? targetHost : '127.0.0.1',
    port: `${client ? target.port : freePortFrom(role === 'listener' ? 8888 : 8080, taken)}`,
    upstreamHost: role === 'relay' ? targetHost : '',
    upstreamPort: role === 'relay' ? `${target.port}` : '',
    reply: 'echo',
    greeting: '',
    connectTimeoutMs: `${defaultConnectTimeoutMs}`,
    snapBytes: '',
  }
}

/** `base`, or `base 2`, `base 3`, … where our endpoints have it already. */
export const uniqueName = (base: string, endpoints: Iterable<EndpointInfo>): string => {
  const names = new Set([...endpoints].map((endpoint) => endpoint.spec.name))
  if (!names.has(base)) return base
  for (let i = 2; ; i++) if (!names.has(`${base} ${i}`)) return `${base} ${i}`
}

/** `HOST:PORT` with both in place, as the first-run cards take it. */
export const parseAddress = (text: string, lowest: 0 | 1): Result<{ host: string; port: number }> =>
  parseHostPort(text, lowest, '127.0.0.1')
