// The checks of what a relay does to what passes through it. Counterpart: faults.ts.
import * as v from 'valibot'
import { bytes, endpoint, maxSendBytes, show, wholeNumber } from './check-basics.ts'
import { type Fault, type FaultAction, type FlowLab, faultKinds, type RelayLab } from './faults.ts'
import { pattern, template } from './pattern-checks.ts'

const hourMs = 3_600_000
const ms = (what: string) => wholeNumber(what, 0, hourMs)
const size = (what: string, least: number) => wholeNumber(what, least, Number.MAX_SAFE_INTEGER)
const rate = (what: string, least: number, most: number) =>
  v.pipe(
    v.number(`${what} is a number`),
    v.minValue(least, `${what} is at least ${least}`),
    v.maxValue(most, `${what} is at most ${most}`),
  )

const action = v.variant(
  'kind',
  [
    v.strictObject({ kind: v.literal('latency'), delayMs: ms('The delay in ms'), jitterMs: ms('The jitter in ms') }),
    v.strictObject({ kind: v.literal('bandwidth'), bytesPerSecond: size('The rate in bytes a second', 1) }),
    v.strictObject({ kind: v.literal('slow-close'), delayMs: ms('The delay in ms') }),
    v.strictObject({ kind: v.literal('timeout'), timeoutMs: ms('The timeout in ms') }),
    v.strictObject({ kind: v.literal('reset-peer'), timeoutMs: ms('The time until the reset in ms') }),
    v.strictObject({
      kind: v.literal('slicer'),
      averageBytes: size('The size of a slice', 1),
      variationBytes: size('The variation of a slice’s size', 0),
      delayUs: wholeNumber('The delay between slices in µs', 0, hourMs * 1000),
    }),
    v.strictObject({ kind: v.literal('limit-data'), bytes: size('The number of bytes', 0) }),
    v.strictObject({ kind: v.literal('corrupt'), bitRate: rate('The share of flipped bits', 0, 1) }),
    v.strictObject({ kind: v.literal('drop') }),
    v.strictObject({ kind: v.literal('refuse') }),
    v.strictObject({ kind: v.literal('limit-time'), afterMs: ms('The time in ms') }),
    v.strictObject({ kind: v.literal('stall'), afterBytes: size('The number of bytes', 0) }),
    v.strictObject({
      kind: v.literal('throttle-accept'),
      perSecond: rate('The number of connections a second', 0.001, 1_000_000),
    }),
  ],
  (issue) => `${show((issue.input as { kind?: unknown } | null)?.kind)} is none of ${faultKinds.join(', ')}`,
) satisfies v.GenericSchema<unknown, FaultAction>

export const fault = v.strictObject({
  name: v.pipe(
    v.string('A fault’s name is text'),
    v.regex(/^[A-Za-z0-9._-]{1,100}$/, 'A fault’s name has 1 to 100 letters, digits, dots, - and _'),
  ),
  on: v.boolean('on is true or false'),
  toxicity: rate('The toxicity', 0, 1),
  seed: wholeNumber('The seed', 0, 0xffff_ffff),
  action,
  trigger: v.nullable(
    v.strictObject({
      pattern,
      times: v.nullable(wholeNumber('The number of times', 1, Number.MAX_SAFE_INTEGER)),
    }),
  ),
}) satisfies v.GenericSchema<unknown, Fault>

const flowLab = v.strictObject({
  intercept: v.strictObject({ on: v.boolean('on is true or false'), pattern }),
  replacements: v.pipe(
    v.array(
      v.strictObject({
        name: v.pipe(v.string('A name is text'), v.maxLength(100, 'A name has at most 100 characters')),
        on: v.boolean('on is true or false'),
        pattern,
        replace: template,
        notation: v.picklist(['text', 'hex'], 'A replacement is written as “text” or “hex”'),
      }),
      'Replacements are a list',
    ),
    v.maxLength(1000, 'At most 1000 replacements are taken'),
  ),
  faults: v.pipe(
    v.array(fault, 'Faults are a list'),
    v.maxLength(1000, 'At most 1000 faults are taken'),
    v.check(
      (faults) => new Set(faults.map((each) => each.name)).size === faults.length,
      'Two faults of one direction have the same name',
    ),
  ),
}) satisfies v.GenericSchema<unknown, FlowLab>

export const lab = v.strictObject({ upstream: flowLab, downstream: flowLab }) satisfies v.GenericSchema<
  unknown,
  RelayLab
>

const chunks = v.nullable(
  v.pipe(
    v.array(wholeNumber('A held chunk’s number', 1, Number.MAX_SAFE_INTEGER), 'Held chunks are a list of numbers'),
    v.maxLength(100_000, 'At most 100000 held chunks are named'),
  ),
)

export const labArguments = {
  heldChunks: v.strictObject({ endpoint, limit: wholeNumber('The limit', 1, 10_000) }),
  forwardHeld: v.pipe(
    v.strictObject({ endpoint, chunks, data: v.exactOptional(bytes(maxSendBytes)) }),
    v.check((args) => args.data === undefined || args.chunks?.length === 1, 'Other bytes are given for one chunk only'),
  ),
  dropHeld: v.strictObject({ endpoint, chunks }),
  relayTraffic: v.strictObject({ endpoint }),
}
