// What the sheets of listeners and clients hold of TLS, sockets and reconnecting, as typed, and what of it goes into a spec.
// Pure. Counterparts: connectivity-fields.tsx shows it, workbench/sheets/use-endpoint-form.ts sends it.
import { generatedIdentity, type TlsClientSpec, type TlsServerSpec } from '../../preload/contract/tls.ts'
import type { EndpointSpec, Reconnect, SocketOptions } from '../../preload/contract/vocabulary.ts'

export const newServerTls: TlsServerSpec = {
  alpn: [],
  minVersion: 'TLSv1.2',
  maxVersion: 'TLSv1.3',
  identity: generatedIdentity,
  clientCertificate: 'no',
  caPem: '',
}

export const newClientTls: TlsClientSpec = {
  alpn: [],
  minVersion: 'TLSv1.2',
  maxVersion: 'TLSv1.3',
  serverName: '',
  verify: true,
  caPem: '',
  identity: null,
}

/** Numbers as they are typed. */
export interface SocketValues {
  readonly noDelay: boolean
  /** Seconds. */
  readonly keepAlive: string
  readonly highWater: string
}

export interface ReconnectValues {
  readonly on: boolean
  readonly firstMs: string
  readonly maxMs: string
  readonly attempts: string
}

export interface Connectivity {
  /** Null: clear text. */
  readonly serverTls: TlsServerSpec | null
  readonly clientTls: TlsClientSpec | null
  readonly socket: SocketValues
  readonly reconnect: ReconnectValues
}

export type SocketErrors = Partial<Record<'keepAlive' | 'highWater' | 'firstMs' | 'maxMs' | 'attempts', SocketWord>>
/** Keys of the texts that say what would be right. */
export type SocketWord = 'keepAliveInvalid' | 'highWaterInvalid' | 'waitInvalid' | 'waitOrder' | 'attemptsInvalid'

const noReconnect: ReconnectValues = { on: false, firstMs: '1000', maxMs: '30000', attempts: '' }

export const socketValues = (socket: SocketOptions | undefined): SocketValues => ({
  noDelay: socket?.noDelay ?? true,
  keepAlive: socket?.keepAliveMs == null ? '' : `${socket.keepAliveMs / 1000}`,
  highWater: socket?.highWaterBytes === undefined ? '' : `${socket.highWaterBytes}`,
})

const reconnectValues = (reconnect: Reconnect | undefined): ReconnectValues =>
  reconnect === undefined
    ? noReconnect
    : {
        on: true,
        firstMs: `${reconnect.firstMs}`,
        maxMs: `${reconnect.maxMs}`,
        attempts: reconnect.attempts === null ? '' : `${reconnect.attempts}`,
      }

export const connectivityOf = (spec: EndpointSpec | undefined): Connectivity => ({
  serverTls: spec?.role === 'listener' ? (spec.tls ?? null) : null,
  clientTls: spec?.role === 'client' ? (spec.tls ?? null) : null,
  socket: socketValues(spec?.socket),
  reconnect: reconnectValues(spec?.role === 'client' ? spec.reconnect : undefined),
})

const whole = (text: string, least: number, most: number): number | null => {
  const typed = text.replace(/\s/g, '')
  const value = /^\d{1,12}$/.test(typed) ? Number(typed) : Number.NaN
  return value >= least && value <= most ? value : null
}

/** The options that the fields describe, undefined where all is as ever; or what is wrong. */
export const socketOf = (values: SocketValues): { socket: SocketOptions | undefined; errors: SocketErrors } => {
  const errors: SocketErrors = {}
  const keepAlive = values.keepAlive.trim() === '' ? undefined : whole(values.keepAlive, 1, 86_400)
  const highWater = values.highWater.trim() === '' ? undefined : whole(values.highWater, 1, 2 ** 30)
  if (keepAlive === null) errors.keepAlive = 'keepAliveInvalid'
  if (highWater === null) errors.highWater = 'highWaterInvalid'
  const socket = {
    ...(values.noDelay ? {} : { noDelay: false }),
    ...(keepAlive == null ? {} : { keepAliveMs: keepAlive * 1000 }),
    ...(highWater == null ? {} : { highWaterBytes: highWater }),
  }
  return { socket: Object.keys(socket).length === 0 ? undefined : socket, errors }
}

const reconnectOf = (values: ReconnectValues): { reconnect: Reconnect | undefined; errors: SocketErrors } => {
  if (!values.on) return { reconnect: undefined, errors: {} }
  const errors: SocketErrors = {}
  const firstMs = whole(values.firstMs, 1, 86_400_000)
  const maxMs = whole(values.maxMs, 1, 86_400_000)
  const attempts = values.attempts.trim() === '' ? undefined : whole(values.attempts, 1, 1_000_000)
  if (firstMs === null) errors.firstMs = 'waitInvalid'
  if (maxMs === null) errors.maxMs = 'waitInvalid'
  else if (firstMs !== null && maxMs < firstMs) errors.maxMs = 'waitOrder'
  if (attempts === null) errors.attempts = 'attemptsInvalid'
  const reconnect = firstMs === null || maxMs === null ? undefined : { firstMs, maxMs, attempts: attempts ?? null }
  return { reconnect, errors }
}

/** What of it is wrong; empty where nothing is. */
export const errorsIn = (role: EndpointSpec['role'], { socket, reconnect }: Connectivity): SocketErrors => ({
  ...socketOf(socket).errors,
  ...(role === 'client' ? reconnectOf(reconnect).errors : {}),
})

/** The same listener or client, with all this. Whatever is wrong is left out: see `errorsIn`. */
export const withConnectivity = (spec: EndpointSpec, values: Connectivity): EndpointSpec => {
  const { socket } = socketOf(values.socket)
  const sockets = socket === undefined ? {} : { socket }
  if (spec.role === 'listener')
    return { ...spec, ...sockets, ...(values.serverTls === null ? {} : { tls: values.serverTls }) }
  if (spec.role !== 'client') return spec
  const { reconnect } = reconnectOf(values.reconnect)
  return {
    ...spec,
    ...sockets,
    ...(values.clientTls === null ? {} : { tls: values.clientTls }),
    ...(reconnect === undefined ? {} : { reconnect }),
  }
}

/** ALPN as it is typed: names with commas or spaces between. */
export const alpnOf = (text: string): readonly string[] => text.split(/[\s,]+/).filter((name) => name !== '')
export const alpnText = (alpn: readonly string[]): string => alpn.join(', ')
