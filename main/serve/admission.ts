// Who may come in: the checks of `wireloop serve` on a request's Host, Origin and token, before anything else is looked at.
// Pure functions of headers and URL; counterpart: serve-host.ts, which asks them for pages and WebSockets alike.
import { timingSafeEqual } from 'node:crypto'
import { BlockList, isIP } from 'node:net'
import { fail, ok, type Result } from '../../preload/contract/failure.ts'

const loopback = new BlockList()
loopback.addSubnet('127.0.0.0', 8, 'ipv4')
loopback.addAddress('::1', 'ipv6')

const familyOf = (address: string) => (isIP(address) === 6 ? 'ipv6' : 'ipv4')

/** True for a numeric address that only this machine can reach. */
export const isLoopback = (address: string): boolean => loopback.check(address, familyOf(address))
/** True for the address that stands for every address of this machine. */
export const isWildcard = (address: string): boolean => address === '0.0.0.0' || address === '::'

/** Where the host listens: as it was asked for (`localhost`), and the numeric address it got. */
export interface Bound {
  readonly host: string
  readonly address: string
  readonly machineName: string
}

/** The host and port of a `Host` header as a browser spells them (lower case, brackets kept); null where it names none. */
const hostOf = (header: string | undefined): { readonly name: string; readonly withPort: string } | null => {
  const spelled = header?.toLowerCase() ?? ''
  try {
    const { host, hostname } = new URL(`http://${spelled}`)
    // Browsers send what they have parsed; a header that parses into something else is not from one.
    return spelled === host || spelled === `${host}:80` ? { name: hostname, withPort: host } : null
  } catch {
    return null
  }
}

const bracketed = (host: string): string => (isIP(host) === 6 ? `[${host}]` : host.toLowerCase())

const isOurName = (name: string, bound: Bound): boolean => {
  if (name === bracketed(bound.host) || name === bracketed(bound.address) || name === 'localhost') return true
  const numeric = name.replace(/^\[(.*)\]$/, '$1')
  const isNumeric = isIP(numeric) !== 0
  if (isNumeric && isLoopback(numeric)) return true
  // Bound to every address, any number may be ours; rebinding needs a name, so numbers are safe to take.
  return isWildcard(bound.address) && (isNumeric || name === bound.machineName.toLowerCase())
}

/**
 * Reads a `Host` header; the value is the host with its port, safe to put into a header. A page of another site whose name was
 * pointed at this machine (DNS rebinding) carries that site's name here and is refused. The port is not compared: behind
 * `ssh -L` it is another one, and no attacker gains by it.
 */
export const admitHost = (header: string | undefined, bound: Bound): Result<string> => {
  const host = hostOf(header)
  return host !== null && isOurName(host.name, bound)
    ? ok(host.withPort)
    : fail('refused', 'This Wireloop does not answer under that host name. Use the URL that “wireloop serve” printed.')
}

/** Checks a WebSocket's `Origin`: it must be the very origin, `http://host`, that the page was served from. */
export const admitOrigin = (origin: string | undefined, host: string): Result<null> =>
  origin?.toLowerCase() === `http://${host}`
    ? ok(null)
    : fail(
        'refused',
        `The WebSocket of Wireloop is for its own page, not for ${origin === undefined ? 'a client that names no origin' : 'one of another origin'}.`,
      )

/** The cookie's name; cookies do not know ports, so that two hosts on one machine would overwrite each other's. */
export const cookieName = (port: number): string => `wireloop-token-${port}`

const cookieOf = (header: string | undefined, name: string): string | null => {
  for (const pair of (header ?? '').split(';')) {
    const [key, value] = pair.split('=', 2)
    if (key?.trim() === name && value !== undefined) return value.trim()
  }
  return null
}

const sameToken = (given: string, token: string): boolean => {
  const a = Buffer.from(given)
  const b = Buffer.from(token)
  return a.length === b.length && timingSafeEqual(a, b)
}

/** Checks a request's token, in its query or in the cookie that the page was given. */
export const admitToken = (
  query: URLSearchParams,
  cookies: string | undefined,
  port: number,
  token: string,
): Result<null> => {
  const asked = query.get('token')
  const kept = cookieOf(cookies, cookieName(port))
  if ((asked !== null && sameToken(asked, token)) || (kept !== null && sameToken(kept, token))) return ok(null)
  const why =
    asked === null
      ? 'This URL carries no token.'
      : 'The token in this URL is not that of the Wireloop that runs here now.'
  return fail('refused', `${why} Use the URL that “wireloop serve” printed.`)
}
