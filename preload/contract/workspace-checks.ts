// The checks of what is kept in a workspace: of commands, of the document on disk and of one that is imported.
// Counterpart: workspace.ts.
import * as v from 'valibot'
import { show, wholeNumber } from './check-basics.ts'
import { textEncodings } from './encodings.ts'
import { fail, ok, type Result } from './failure.ts'
import { lineEndings } from './notation.ts'
import { pattern } from './pattern-checks.ts'
import { spec } from './spec-checks.ts'
import {
  type EndpointSettings,
  type JsonObject,
  type SavedEndpoint,
  type SavedMessage,
  type SavedTarget,
  type Sequence,
  type SequenceStep,
  type WorkspacePartName,
  type WorkspaceParts,
  type WorkspaceWrite,
  writingModes,
} from './workspace.ts'

/** The most items of each part. */
export const workspaceLimits = {
  messages: 2000,
  sequences: 500,
  /** Steps of one sequence. */
  steps: 1000,
  endpointSettings: 1000,
  endpoints: 1000,
  filters: 1000,
  highlights: 1000,
} as const
/** The longest text of a saved message, in UTF-16 units: 1 MiB. */
export const maxSavedText = 1024 * 1024
/** The largest document, in bytes of JSON: 16 MiB. */
export const maxWorkspaceBytes = 16 * 1024 * 1024
/** How deep filters and highlights may be nested. */
const maxJsonDepth = 20

const dayMs = 86_400_000
const id = v.pipe(v.string('An id is text'), v.regex(/^[\w-]{1,64}$/, 'An id has 1 to 64 letters, digits, - and _'))
const words = (what: string, most: number) =>
  v.pipe(v.string(`${what} is text`), v.maxLength(most, `${what} has at most ${most} characters`))
const name = words('A name', 100)
const list = <S extends v.GenericSchema>(item: S, what: string, most: number) =>
  v.pipe(v.array(item, `${what} are a list`), v.maxLength(most, `At most ${most} ${what.toLowerCase()} are kept`))
const distinct = (items: readonly { readonly id: string }[]) =>
  new Set(items.map((item) => item.id)).size === items.length

const written = {
  text: words('A message', maxSavedText),
  mode: v.picklist(writingModes, 'A message is written as “text” or “hex”'),
  encoding: v.picklist(textEncodings, (issue) => `${show(issue.input)} is none of ${textEncodings.join(', ')}`),
  ending: v.picklist(lineEndings, (issue) => `${show(issue.input)} is none of ${lineEndings.join(', ')}`),
}
/** As `endpointKey` makes it. */
const key = words('An endpoint', 1000)
const target = v.nullable(
  v.strictObject({
    endpoint: key,
    side: v.nullable(v.picklist(['downstream', 'upstream'], 'A side is “downstream” or “upstream”')),
    name,
  }) satisfies v.GenericSchema<unknown, SavedTarget>,
)

const isJson = (value: unknown, depth: number): boolean => {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return true
  if (typeof value === 'number') return Number.isFinite(value)
  if (typeof value !== 'object' || depth === 0) return false
  if (Array.isArray(value)) return value.every((each) => isJson(each, depth - 1))
  const prototype: unknown = Object.getPrototypeOf(value)
  return (
    (prototype === Object.prototype || prototype === null) &&
    Object.values(value).every((each) => isJson(each, depth - 1))
  )
}
const jsonObject = v.custom<JsonObject>(
  (value) => typeof value === 'object' && value !== null && !Array.isArray(value) && isJson(value, maxJsonDepth),
  `An object of JSON values was expected, nested at most ${maxJsonDepth} deep`,
)

const message = v.strictObject({
  id,
  name,
  folder: words('A folder', 100),
  key: v.nullable(wholeNumber('The key', 1, 9)),
  target,
  ...written,
  packetSender: v.exactOptional(jsonObject),
}) satisfies v.GenericSchema<unknown, SavedMessage>

export const step = v.variant(
  'kind',
  [
    v.strictObject({ kind: v.literal('send'), name, ...written }),
    v.strictObject({ kind: v.literal('expect'), name, pattern, timeoutMs: wholeNumber('The wait in ms', 1, dayMs) }),
    v.strictObject({ kind: v.literal('delay'), name, delayMs: wholeNumber('The delay in ms', 0, dayMs) }),
    v.strictObject({ kind: v.literal('assert'), name, pattern, matches: v.boolean('matches is true or false') }),
    v.strictObject({
      kind: v.literal('close'),
      name,
      how: v.picklist(['close', 'half-close', 'reset'], 'A step ends by close, half-close or reset'),
    }),
  ],
  'A step is send, expect, delay, assert or close',
) satisfies v.GenericSchema<unknown, SequenceStep>

export const sequence = v.strictObject({
  id,
  name,
  target,
  steps: list(step, 'Steps', workspaceLimits.steps),
}) satisfies v.GenericSchema<unknown, Sequence>

const settings = v.strictObject({
  endpoint: key,
  ending: written.ending,
  encoding: written.encoding,
}) satisfies v.GenericSchema<unknown, EndpointSettings>

const savedEndpoint = v.strictObject({ id, spec }) satisfies v.GenericSchema<unknown, SavedEndpoint>

const twice = 'Two of them have the same id'
const partSchemas = {
  messages: v.pipe(
    list(message, 'Messages', workspaceLimits.messages),
    v.check((items) => distinct(items), twice),
    v.check((messages) => {
      const keys = messages.flatMap((each) => (each.key === null ? [] : [each.key]))
      return new Set(keys).size === keys.length
    }, 'Two messages have the same key'),
  ),
  sequences: v.pipe(
    list(sequence, 'Sequences', workspaceLimits.sequences),
    v.check((items) => distinct(items), twice),
  ),
  endpointSettings: list(settings, 'Settings of endpoints', workspaceLimits.endpointSettings),
  endpoints: v.pipe(
    list(savedEndpoint, 'Endpoints', workspaceLimits.endpoints),
    v.check((items) => distinct(items), twice),
  ),
  filters: list(jsonObject, 'Filters', workspaceLimits.filters),
  highlights: list(jsonObject, 'Highlights', workspaceLimits.highlights),
} satisfies { [K in WorkspacePartName]: v.GenericSchema<unknown, WorkspaceParts[K]> }

const revision = wholeNumber('The revision', 0, Number.MAX_SAFE_INTEGER)
const write = <K extends WorkspacePartName>(part: K) =>
  v.strictObject({ part: v.literal(part), value: partSchemas[part], revision })

export const workspaceArguments = {
  readWorkspace: v.null('This command takes no argument (null)'),
  writeWorkspacePart: v.variant(
    'part',
    [
      write('messages'),
      write('sequences'),
      write('endpointSettings'),
      write('endpoints'),
      write('filters'),
      write('highlights'),
    ],
    'There is no such part of a workspace',
  ) satisfies v.GenericSchema<unknown, WorkspaceWrite>,
  readMessageFile: v.strictObject({
    path: v.pipe(
      v.string('A path is text'),
      v.minLength(1, 'The file needs a path'),
      v.maxLength(4096, 'A path has at most 4096 characters'),
    ),
  }),
}

/** Checks the value of one part, with the path of the first wrong field. */
export const checkWorkspacePart = <K extends WorkspacePartName>(part: K, value: unknown): Result<WorkspaceParts[K]> => {
  const result = v.safeParse(partSchemas[part], value, { abortEarly: true })
  if (result.success) return ok(result.output as WorkspaceParts[K])
  const issue = result.issues[0]!
  const path = v.getDotPath(issue)
  return path === null ? fail('bad-argument', issue.message) : fail('bad-argument', issue.message, path)
}
