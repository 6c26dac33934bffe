// The border's checks: shapes, ranges and words of what people and pages hand in, each with a message that says what
// would be right. Used by the hosts before a command reaches its logic, and by forms and the command line as they are typed.
import * as v from 'valibot'
import type { CommandName, Commands, FromPage } from './api.ts'
import type { CaptureId } from './captures.ts'
import {
  bytes,
  connection,
  endpoint,
  host,
  id,
  isHost,
  maxSendBytes,
  port,
  remotePort,
  seq,
  show,
  snapBytes,
} from './check-basics.ts'
import { exportArguments, pacingArguments } from './exports-checks.ts'
import { fail, ok, type Result } from './failure.ts'
import { labArguments } from './fault-checks.ts'
import { parseFilter } from './filter-language.ts'
import { maxLessonLength } from './lessons.ts'
import { probeLevels } from './loop-columns.ts'
import { runArguments } from './runs-checks.ts'
import { spec } from './spec-checks.ts'
import { tlsArguments } from './tls-checks.ts'
import { type EndpointSpec, eventKinds } from './vocabulary.ts'
import { workspaceArguments } from './workspace-checks.ts'

export { maxNameLength, maxSendBytes } from './check-basics.ts'
export { maxGreetingBytes } from './spec-checks.ts'

/** The longest that `blockLoop` blocks: 10 s. */
export const maxBlockMs = 10_000
/** The most bytes that one reading of events or loop records answers: 16 MiB. */
export const maxReadBytes = 16 * 1024 * 1024
/** The smallest size that a capture file can be held to: 8 MiB, a few segments. */
export const minCaptureBytes = 8 * 1024 * 1024
/** The longest search pattern, and the longest note of a bookmark, in UTF-16 units. */
export const maxPatternLength = 4096
/** The most connections that one `readConnections` answers. */
export const maxReadConnections = 10_000
/** The most endpoints or connections that a filter names. */
const maxFilterIds = 100_000

const nothing = v.null('This command takes no argument (null)')

const capture = v.pipe(
  v.string('A capture is named by its id'),
  v.maxLength(100, 'No capture has so long an id'),
  v.transform((text) => text as CaptureId),
)
// Separators of every system, and what Windows forbids: a capture that is saved here may be copied there.
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is refused
const notInFileNames = /[/\\<>:"|?*\u0000-\u001f\u007f]/
const fileName = v.pipe(
  v.string('The name of a file is text'),
  v.minLength(1, 'The file needs a name'),
  v.maxLength(200, 'The name of a file has at most 200 characters'),
  v.check(
    (text) => !notInFileNames.test(text) && !/^\.|[. ]$/.test(text),
    (issue) => `${show(issue.input)} is no plain file name; a folder is not part of it, nor are < > : " | ? *`,
  ),
)
const maxBytes = v.pipe(
  v.number('maxBytes is a number'),
  v.integer('maxBytes is a whole number'),
  v.minValue(1, 'maxBytes is 1 or more'),
  v.maxValue(maxReadBytes, `At most ${maxReadBytes} bytes are read at once`),
)
const ids = <S extends v.GenericSchema>(schema: S, what: string) =>
  v.pipe(v.array(schema, `${what} is a list`), v.maxLength(maxFilterIds, `${what} names at most ${maxFilterIds}`))
const filter = v.strictObject({
  endpoints: v.exactOptional(ids(endpoint, 'endpoints')),
  connections: v.exactOptional(ids(connection, 'connections')),
  kinds: v.exactOptional(
    v.array(
      v.picklist(eventKinds, (issue) => `${show(issue.input)} is no kind of event`),
      'kinds is a list',
    ),
  ),
  where: v.exactOptional(
    v.pipe(
      v.string('A filter is text'),
      v.rawTransform(({ dataset, addIssue, NEVER }) => {
        const parsed = parseFilter(dataset.value)
        if (parsed.ok) return dataset.value
        addIssue({ message: parsed.error.message })
        return NEVER
      }),
    ),
  ),
})
const limits = v.strictObject({
  maxBytes: v.pipe(
    v.number('The size of a capture is a number of bytes'),
    v.safeInteger('The size of a capture is a whole number of bytes'),
    v.minValue(minCaptureBytes, `A capture has at least ${minCaptureBytes} bytes (8 MiB)`),
  ),
  maxDays: v.nullable(
    v.pipe(
      v.number('The age of events is a number of days'),
      v.minValue(1 / 1440, 'The age of events is at least a minute (1/1440 day)'),
      v.maxValue(36_500, 'The age of events is at most 36500 days'),
    ),
  ),
  snapBytes: v.nullable(snapBytes),
})
const search = v.strictObject({
  pattern: v.pipe(
    v.string('The pattern is text'),
    v.minLength(1, 'Nothing is searched for'),
    v.maxLength(maxPatternLength, `A pattern has at most ${maxPatternLength} characters`),
  ),
  notation: v.picklist(['text', 'hex', 'regex'], 'A pattern is “text”, “hex” or “regex”'),
  ignoreCase: v.boolean('ignoreCase is true or false'),
  filter,
})
const searchId = id<number>('search')

const argumentSchemas = {
  snapshot: nothing,
  createEndpoint: v.strictObject({ spec }),
  startEndpoint: v.strictObject({ endpoint, spec: v.exactOptional(spec) }),
  updateEndpoint: v.strictObject({ endpoint, spec }),
  stopAccepting: v.strictObject({ endpoint }),
  stopEndpoint: v.strictObject({ endpoint }),
  closeAll: v.strictObject({
    endpoint,
    how: v.picklist(['close', 'reset'], 'Connections are ended by “close” or “reset”'),
  }),
  removeEndpoint: v.strictObject({ endpoint }),
  send: v.strictObject({ connection, data: bytes(maxSendBytes) }),
  halfClose: v.strictObject({ connection }),
  close: v.strictObject({ connection }),
  reset: v.strictObject({ connection }),
  destroy: v.strictObject({ connection }),
  setProbe: v.strictObject({
    level: v.picklist(probeLevels, `The probe's levels are ${probeLevels.join(', ')}`),
  }),
  blockLoop: v.strictObject({
    durationMs: v.pipe(
      v.number('The duration is a number of milliseconds'),
      v.minValue(1, 'The duration is at least 1 ms'),
      v.maxValue(maxBlockMs, `The duration is at most ${maxBlockMs} ms`),
    ),
  }),
  ...labArguments,
  ...runArguments,
  ...pacingArguments,
  ...tlsArguments,
  readPayload: v.strictObject({ seq }),
  restartEngine: nothing,
  listLessons: nothing,
  runLesson: v.strictObject({
    lesson: v.pipe(v.string('The lesson is named by a word'), v.maxLength(100, 'No lesson has so long a name')),
    source: v.exactOptional(
      v.pipe(
        v.string('The text of a lesson is text'),
        v.maxLength(maxLessonLength, `The text of a lesson has at most ${maxLessonLength} characters`),
      ),
    ),
  }),

  listCaptures: nothing,
  openCapture: v.strictObject({ capture }),
  chooseCapture: nothing,
  viewLive: nothing,
  saveCapture: v.strictObject({ capture, name: fileName }),
  deleteCapture: v.strictObject({ capture }),
  compactCapture: v.strictObject({ capture }),
  checkCapture: v.strictObject({ capture }),
  recording: nothing,
  setCaptureLimits: v.strictObject({ limits }),
  readEvents: v.strictObject({ fromSeq: seq, maxBytes }),
  readLoopRecords: v.strictObject({ fromRecord: seq, maxBytes }),
  seekTime: v.strictObject({
    at: v.pipe(v.number('A time is a number of milliseconds'), v.finite('A time is a finite number of milliseconds')),
  }),
  filterEvents: v.strictObject({ filter, fromSeq: v.exactOptional(seq) }),
  readSummaries: v.strictObject({
    fromSegment: seq,
    connections: v.exactOptional(ids(connection, 'connections')),
  }),
  readLoopSummaries: v.strictObject({ fromSegment: seq }),
  readConnections: v.strictObject({
    fromConnection: connection,
    limit: v.pipe(
      v.number('The limit is a number'),
      v.integer('The limit is a whole number'),
      v.minValue(1, 'The limit is 1 or more'),
      v.maxValue(maxReadConnections, `At most ${maxReadConnections} connections are read at once`),
    ),
  }),
  startSearch: v.strictObject({ search }),
  continueSearch: v.strictObject({ search: searchId }),
  cancelSearch: v.strictObject({ search: searchId }),
  bookmarks: nothing,
  setBookmark: v.strictObject({
    seq,
    note: v.nullable(
      v.pipe(
        v.string('A note is text'),
        v.maxLength(maxPatternLength, `A note has at most ${maxPatternLength} characters`),
      ),
    ),
  }),
  ...workspaceArguments,
  ...exportArguments(filter),
} satisfies { [K in CommandName]: v.GenericSchema<unknown, Commands[K]['args']> }

/** Stops at the first issue: a host of ten megabytes is too long, and is not matched against the pattern after that. */
const check = <S extends v.GenericSchema>(schema: S, value: unknown) => v.safeParse(schema, value, { abortEarly: true })

const firstIssue = (issues: readonly v.BaseIssue<unknown>[]): Result<never> => {
  const issue = issues[0]!
  const path = v.getDotPath(issue)
  return path === null ? fail('bad-argument', issue.message) : fail('bad-argument', issue.message, path)
}

/** Checks that `name` is a command and that `args` have the shape it asks for. */
export const checkCommand = (name: unknown, args: unknown): Result<{ name: CommandName; args: never }> => {
  if (typeof name !== 'string' || !Object.hasOwn(argumentSchemas, name))
    return fail('bad-argument', `There is no command ${show(name)}`)
  const result = check(argumentSchemas[name as CommandName], args)
  return result.success ? ok({ name: name as CommandName, args: result.output as never }) : firstIssue(result.issues)
}

/** Checks a whole endpoint, with the path of the first wrong field (`host`, `port`, `upstreamPort`, …). */
export const checkSpec = (value: unknown): Result<EndpointSpec> => {
  const result = check(spec, value)
  return result.success ? ok(result.output) : firstIssue(result.issues)
}

const fromPage = v.variant('type', [
  v.strictObject({ type: v.literal('subscribe'), fromSeq: seq, fromRecord: v.exactOptional(seq) }),
  v.strictObject({
    type: v.literal('credit'),
    bytes: v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(Number.MAX_SAFE_INTEGER)),
  }),
]) satisfies v.GenericSchema<unknown, FromPage>

/** Checks a message of a page on the event pipe. */
export const checkFromPage = (value: unknown): Result<FromPage> => {
  const result = check(fromPage, value)
  return result.success ? ok(result.output) : firstIssue(result.issues)
}

/** Reads a port as a person types it. `lowest` is 0 where “any free port” makes sense, 1 where a peer is named. */
export const parsePort = (text: string, lowest: 0 | 1): Result<number> => {
  const trimmed = text.trim()
  const value = /^\d{1,9}$/.test(trimmed) ? Number(trimmed) : trimmed
  const result = check(lowest === 0 ? port : remotePort, value)
  return result.success ? ok(result.output) : firstIssue(result.issues)
}

/** Reads a host as a person types it: a name, an IPv4 address, or an IPv6 address with or without brackets. */
export const parseHost = (text: string): Result<string> => {
  const result = check(host, text.trim().replace(/^\[(.*)\]$/, '$1'))
  return result.success ? ok(result.output) : firstIssue(result.issues)
}

/**
 * Reads `HOST:PORT`, `[IPV6]:PORT` or `:PORT`, and where `defaultHost` is given a bare `PORT` too. A failure's path is
 * `host` or `port`.
 */
export const parseHostPort = (
  text: string,
  lowest: 0 | 1,
  defaultHost?: string,
): Result<{ host: string; port: number }> => {
  const match = /^(?:(?<host>\[[^\]]*\]|[^[\]]*):)?(?<port>[^:]*)$/.exec(text.trim())
  const notHostPort = () =>
    fail('bad-argument', `${show(text)} is not HOST:PORT (write an IPv6 address as [::1]:8080)`, 'host')
  if (match?.groups === undefined) return notHostPort()
  const hostText = match.groups['host'] || defaultHost
  if (hostText === undefined)
    return fail('bad-argument', `${show(text)} names no host; write HOST:PORT, for example 127.0.0.1:8888`, 'host')
  if (!hostText.startsWith('[') && hostText.includes(':'))
    return isHost(hostText)
      ? fail('bad-argument', `Write the IPv6 address in brackets: [${hostText}]:${match.groups['port'] ?? ''}`, 'host')
      : notHostPort()
  const parsedHost = parseHost(hostText)
  if (!parsedHost.ok) return fail('bad-argument', parsedHost.failure.message, 'host')
  const parsedPort = parsePort(match.groups['port'] ?? '', lowest)
  if (!parsedPort.ok) return fail('bad-argument', parsedPort.failure.message, 'port')
  return ok({ host: parsedHost.value, port: parsedPort.value })
}

/** `host:port`, with brackets around an IPv6 address (RFC 3986, 3.2.2). */
export const formatAddress = (address: { readonly host: string; readonly port: number }): string =>
  address.host.includes(':') ? `[${address.host}]:${address.port}` : `${address.host}:${address.port}`
