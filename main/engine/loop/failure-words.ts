// What a system error means, in a sentence, where Node's own message only repeats errno and address. Counterpart: errors.ts,
// whose `failureOf` puts the errno name beside it.
import { formatAddress } from '../../../preload/contract/checks.ts'
import { tlsSentence } from './tls-facts.ts'

/** What Node puts on the errors of its sockets and lookups (lib/internal/errors.js). */
interface SystemError extends Error {
  readonly code?: unknown
  readonly syscall?: unknown
  readonly address?: unknown
  readonly port?: unknown
  readonly hostname?: unknown
}

const text = (value: unknown): string | null => (typeof value === 'string' && value !== '' ? value : null)

const placeOf = (error: SystemError): string => {
  const host = text(error.hostname) ?? text(error.address)
  if (host === null) return 'the other side'
  return typeof error.port === 'number' ? formatAddress({ host, port: error.port }) : host
}

const noWay = (place: string) => `There is no way to ${place} from here; check the address and the network`
const notPermitted = (place: string) => `This system does not let a program connect to ${place}`
const noName = (place: string) => `No address was found for the name ${place}`

const whileConnecting: Readonly<Record<string, (place: string) => string>> = {
  ECONNREFUSED: (place) => `Nothing accepts connections on ${place}`,
  ECONNRESET: (place) => `${place} reset the connection while it was being made`,
  ETIMEDOUT: (place) => `${place} did not answer in the time that the operating system allows`,
  EHOSTUNREACH: noWay,
  ENETUNREACH: noWay,
  EHOSTDOWN: noWay,
  ENETDOWN: noWay,
  EACCES: notPermitted,
  EPERM: notPermitted,
  EADDRNOTAVAIL: (place) => `No local address or port is left to connect to ${place} from`,
  EADDRINUSE: (place) => `The local port to connect to ${place} from is taken`,
}

const whileOpen: Readonly<Record<string, string>> = {
  ECONNRESET: 'The peer reset the connection',
  ECONNABORTED: 'The connection was given up by the operating system',
  EPIPE: 'The peer had closed the connection before these bytes could be written',
  ETIMEDOUT: 'The peer stopped answering: bytes were not acknowledged in the time that the operating system allows',
  EHOSTUNREACH: 'The way to the peer was lost',
  ENETUNREACH: 'The way to the peer was lost',
  ENETDOWN: 'The network went down',
}

const anywhere: Readonly<Record<string, (place: string) => string>> = {
  ENOTFOUND: noName,
  EAI_NONAME: noName,
  EAI_AGAIN: (place) => `The name ${place} cannot be looked up now: the name server does not answer`,
  EMFILE: () => 'This process has too few file descriptors left for another connection; raise its limit (ulimit -n)',
  ENFILE: () => 'This machine has no file descriptor left for another socket',
  ENOBUFS: () => 'The operating system has no room left for another socket',
}

const own = <T>(table: Readonly<Record<string, T>>, code: string): T | undefined =>
  Object.hasOwn(table, code) ? table[code] : undefined

/** The sentence for a system error; the error's own message, without its errno name, where none is known. */
export const sentenceOf = (error: Error): string => {
  const { code, syscall } = error as SystemError
  if (typeof code !== 'string') return error.message
  if (typeof syscall === 'string') {
    const place = placeOf(error)
    const known = syscall === 'connect' ? own(whileConnecting, code)?.(place) : own(whileOpen, code)
    const said = known ?? own(anywhere, code)?.(place)
    if (said !== undefined) return said
  }
  return tlsSentence(error, code) ?? error.message.replace(` (${code})`, '')
}
