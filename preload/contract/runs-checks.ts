// The checks of what a run may be. Counterpart: runs.ts.
import * as v from 'valibot'
import { bytes, connection, endpoint, id, maxSendBytes, wholeNumber } from './check-basics.ts'
import { pattern } from './pattern-checks.ts'
import { maxRunSteps, type RunId, type RunMessage, type RunSpec, type RunStep, type RunTarget } from './runs.ts'
import { clientSpec } from './spec-checks.ts'
import { maxRandomBytes } from './templates.ts'

const dayMs = 86_400_000
const name = v.pipe(v.string('A name is text'), v.maxLength(100, 'A name has at most 100 characters'))

const message = v.pipe(
  v.strictObject({
    parts: v.pipe(
      v.array(
        v.variant(
          'kind',
          [
            v.strictObject({ kind: v.literal('bytes'), bytes: bytes(maxSendBytes) }),
            v.strictObject({ kind: v.picklist(['counter', 'now', 'unix', 'uuid']) }),
            v.strictObject({
              kind: v.literal('random'),
              count: wholeNumber('The number of random bytes', 1, maxRandomBytes),
            }),
          ],
          'A part of a message is bytes, counter, now, unix, uuid or random',
        ),
        'A message is a list of parts',
      ),
      v.maxLength(10_000, 'A message has at most 10000 parts'),
    ),
    macros: v.picklist(['ascii', 'utf-16le', 'utf-16be'], 'Macros are written as ascii, utf-16le or utf-16be'),
  }),
  v.check(
    ({ parts }) =>
      parts.reduce(
        (sum, part) => sum + (part.kind === 'bytes' ? part.bytes.length : part.kind === 'random' ? part.count : 64),
        0,
      ) <= maxSendBytes,
    `A message has at most ${maxSendBytes} bytes`,
  ),
) satisfies v.GenericSchema<unknown, RunMessage>

const step = v.variant(
  'kind',
  [
    v.strictObject({ kind: v.literal('send'), name, message }),
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
) satisfies v.GenericSchema<unknown, RunStep>

const on = v.union(
  [v.strictObject({ connection }), v.strictObject({ client: endpoint }), v.strictObject({ newClient: clientSpec })],
  'A run is on a connection, a client or a new client',
) satisfies v.GenericSchema<unknown, RunTarget>

const run = v.variant(
  'kind',
  [
    v.strictObject({
      kind: v.literal('sequence'),
      name,
      on,
      steps: v.pipe(
        v.array(step, 'Steps are a list'),
        v.minLength(1, 'A sequence has at least one step'),
        v.maxLength(maxRunSteps, `A sequence has at most ${maxRunSteps} steps`),
      ),
    }),
    v.strictObject({
      kind: v.literal('repeat'),
      name,
      on,
      message,
      everyMs: wholeNumber('The period in ms', 1, dayMs),
      times: v.nullable(wholeNumber('The number of times', 1, Number.MAX_SAFE_INTEGER)),
    }),
  ],
  'A run is a sequence or a repeat',
) satisfies v.GenericSchema<unknown, RunSpec>

export const runArguments = {
  startRun: v.strictObject({ run }),
  stopRun: v.strictObject({ run: id<RunId>('run') }),
  waitUntilWritable: v.strictObject({ connection }),
}
