// The pieces that checks of the border are made of: words, ports, hosts, bytes, ids. Counterparts: checks.ts and the
// *-checks.ts beside it, which put them together.
import * as v from 'valibot'
import type { ConnectionId, EndpointId } from './vocabulary.ts'

/** The most bytes one `send` takes: 16 MiB. */
export const maxSendBytes = 16 * 1024 * 1024
/** The longest name of an endpoint, in UTF-16 units. */
export const maxNameLength = 100

const portMessage = (received: unknown) => `Port ${show(received)} is not a whole number from 0 to 65535`
/** What was handed in, in a few words. Objects are not asked to describe themselves: their `toString` is the sender's. */
export const show = (received: unknown): string => {
  if (typeof received === 'string') return received.length > 60 ? `“${received.slice(0, 60)}…”` : `“${received}”`
  if (Array.isArray(received)) return 'a list'
  if (typeof received === 'function') return 'a function'
  return typeof received === 'object' && received !== null ? 'an object' : String(received).slice(0, 60)
}

export const port = v.pipe(
  v.number((issue) => portMessage(issue.input)),
  v.integer((issue) => portMessage(issue.input)),
  v.minValue(0, (issue) => portMessage(issue.input)),
  v.maxValue(65535, (issue) => portMessage(issue.input)),
)

export const remotePort = v.pipe(
  port,
  v.minValue(1, 'Port 0 means “any free port” and only makes sense for listening; use a port from 1 to 65535'),
)

// Names as resolvers take them (RFC 1123 labels, with the underscore that is met in practice) and IPv4. Whether the name
// exists is for the resolver to say.
const namePattern = /^[A-Za-z0-9_](?:[A-Za-z0-9_.-]*[A-Za-z0-9_])?\.?$/
const zonePattern = /%[\w.-]+$/

/** True for an IPv6 address without a zone (RFC 4291, 2.2). By hand, because Valibot's own refuses some valid ones. */
const isIpv6 = (text: string): boolean => {
  const halves = text.split('::')
  const groups = halves.flatMap((half) => (half === '' ? [] : half.split(':')))
  const last = groups.at(-1) ?? ''
  const dotted = v.IPV4_REGEX.test(last) && text.endsWith(last)
  const hex = dotted ? groups.slice(0, -1) : groups
  const words = hex.length + (dotted ? 2 : 0)
  return (
    hex.every((group) => /^[0-9A-Fa-f]{1,4}$/.test(group)) &&
    (halves.length === 1 ? words === 8 : halves.length === 2 && words < 8)
  )
}

export const isHost = (text: string) => namePattern.test(text) || isIpv6(text.replace(zonePattern, ''))
const hostMessage = (received: unknown) =>
  `Host ${show(received)} is not a name or an address; try 127.0.0.1, ::1 or localhost`
export const host = v.pipe(
  v.string((issue) => hostMessage(issue.input)),
  v.maxLength(253, 'A host name has at most 253 characters'),
  v.check(isHost, (issue) => hostMessage(issue.input)),
)

export const name = v.pipe(
  v.string('The name must be text'),
  v.maxLength(maxNameLength, `A name has at most ${maxNameLength} characters`),
)
export const connectTimeoutMs = v.pipe(
  v.number('The connect timeout is a number of milliseconds'),
  v.integer('The connect timeout is a whole number of milliseconds'),
  v.minValue(1, 'The connect timeout is at least 1 ms'),
  v.maxValue(3_600_000, 'The connect timeout is at most one hour (3600000 ms)'),
)
export const bytes = (max: number) =>
  v.pipe(
    v.instance(Uint8Array, 'Expected bytes (a Uint8Array)'),
    v.check(
      (data) => data.length <= max,
      (issue) => `${issue.input.length} bytes are more than the ${max} bytes taken at once`,
    ),
    // Bytes that came in a frame are a view of all of it, and whoever passes them on to a thread passes on all of it.
    v.transform((data) => (data.byteLength === data.buffer.byteLength ? data : new Uint8Array(data))),
  )

export const snapBytes = v.pipe(
  v.number('The snap length is a number of bytes'),
  v.integer('The snap length is a whole number of bytes'),
  v.minValue(0, 'The snap length is 0 bytes or more'),
  v.maxValue(0xffff_ffff, 'The snap length is less than 4 GiB'),
)

export const id = <T extends number>(what: string) =>
  v.pipe(
    v.number(`The ${what} id is a number`),
    v.integer(`The ${what} id is a whole number`),
    v.minValue(1, `The ${what} id is 1 or more`),
    v.maxValue(0xffff_ffff, `The ${what} id is too large`),
    v.transform((value) => value as T),
  )
export const endpoint = id<EndpointId>('endpoint')
export const connection = id<ConnectionId>('connection')
export const seq = v.pipe(
  v.number('seq is a number'),
  v.safeInteger('seq is a whole number'),
  v.minValue(0, 'seq is 0 or more'),
)

/** A whole number from `least` to `most`; `what` begins the sentence that says so. */
export const wholeNumber = (what: string, least: number, most: number) =>
  v.pipe(
    v.number(`${what} is a number`),
    v.safeInteger(`${what} is a whole number`),
    v.minValue(least, `${what} is at least ${least}`),
    v.maxValue(most, `${what} is at most ${most}`),
  )
