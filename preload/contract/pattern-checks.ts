// The checks of framing, patterns, reply rules and scripts. Counterparts: framing.ts, patterns.ts, replies.ts.
import * as v from 'valibot'
import { bytes, show, wholeNumber } from './check-basics.ts'
import { fail, ok, type Result } from './failure.ts'
import { type Framing, maxFrameBytes } from './framing.ts'
import { compilePattern, type Pattern, patternKinds, type TextFailure } from './patterns.ts'
import type { ReplyRule, ReplyScript } from './replies.ts'
import { checkCaptures, parseTemplate } from './templates.ts'

/** The longest pattern or template, in UTF-16 units. */
export const maxTemplateLength = 64 * 1024
/** The longest script, in UTF-16 units. */
export const maxScriptLength = 256 * 1024

export const template = v.pipe(
  v.string('A reply is text'),
  v.maxLength(maxTemplateLength, `A reply has at most ${maxTemplateLength} characters`),
)

/** A failure of a text in words, with its place. */
const inText = (failure: TextFailure): string => `${failure.message} (at character ${failure.at + 1})`

const patternTrouble = (value: Pattern): string | null => {
  const compiled = compilePattern(value)
  return compiled.ok ? null : inText(compiled.failure)
}

export const pattern = v.pipe(
  v.strictObject({
    match: v.picklist(patternKinds, (issue) => `${show(issue.input)} is none of ${patternKinds.join(', ')}`),
    text: v.pipe(
      v.string('A pattern is text'),
      v.maxLength(maxTemplateLength, `A pattern has at most ${maxTemplateLength} characters`),
    ),
  }),
  v.forward(
    v.check(
      (value) => patternTrouble(value) === null,
      (issue) => patternTrouble(issue.input) ?? '',
    ),
    ['text'],
  ),
) satisfies v.GenericSchema<unknown, Pattern>

export const framing = v.variant(
  'kind',
  [
    v.strictObject({ kind: v.literal('raw') }),
    v.strictObject({ kind: v.literal('line') }),
    v.strictObject({
      kind: v.literal('delimiter'),
      delimiter: v.pipe(
        bytes(1024),
        v.check((data) => data.length > 0, 'A delimiter has at least one byte'),
      ),
    }),
    v.strictObject({
      kind: v.literal('length'),
      size: v.picklist([1, 2, 4, 8], 'A length prefix has 1, 2, 4 or 8 bytes'),
      endian: v.picklist(['big', 'little'], 'A number’s bytes are in “big” or “little” endian order'),
      offset: wholeNumber('The offset of the length', 0, maxFrameBytes),
      inclusive: v.boolean('inclusive is true or false'),
    }),
    v.strictObject({ kind: v.literal('fixed'), bytes: wholeNumber('The size of a message', 1, maxFrameBytes) }),
    v.strictObject({ kind: v.literal('idle'), idleMs: wholeNumber('The pause in ms', 1, 3_600_000) }),
  ],
  'Messages are cut as raw, line, delimiter, length, fixed or idle',
) satisfies v.GenericSchema<unknown, Framing>

const ruleShape = v.strictObject({
  name: v.pipe(v.string('A rule’s name is text'), v.maxLength(100, 'A rule’s name has at most 100 characters')),
  on: v.boolean('on is true or false'),
  pattern,
  once: v.boolean('once is true or false'),
  reply: template,
  notation: v.picklist(['text', 'hex'], 'A reply is written as “text” or “hex”'),
  delayMs: wholeNumber('The delay in ms', 0, 3_600_000),
  after: v.picklist(
    ['nothing', 'close', 'half-close', 'reset'],
    'What follows a reply is nothing, close, half-close or reset',
  ),
})

const replyTrouble = (value: ReplyRule): string | null => {
  const template = parseTemplate(value.reply, value.notation)
  if (!template.ok) return inText(template.failure)
  const matcher = compilePattern(value.pattern)
  const captures = matcher.ok ? checkCaptures(template.value, matcher.value) : null
  return captures === null ? null : inText(captures)
}

const rule = v.pipe(
  ruleShape,
  v.forward(
    v.check(
      (value) => replyTrouble(value) === null,
      (issue) => replyTrouble(issue.input) ?? '',
    ),
    ['reply'],
  ),
) satisfies v.GenericSchema<unknown, ReplyRule>

/** Checks a list of rules, with the path of the first wrong field (`3.pattern.text`). */
export const checkRules = (value: unknown): Result<ReplyRule[]> => {
  const result = v.safeParse(rules, value, { abortEarly: true })
  if (result.success) return ok(result.output)
  const issue = result.issues[0]
  return fail('bad-argument', issue.message, v.getDotPath(issue) ?? '')
}

export const rules = v.pipe(v.array(rule, 'Rules are a list'), v.maxLength(10_000, 'At most 10000 rules are taken'))

export const script = v.strictObject({
  name: v.pipe(v.string('A script’s name is text'), v.maxLength(100, 'A script’s name has at most 100 characters')),
  source: v.pipe(
    v.string('A script is text'),
    v.maxLength(maxScriptLength, `A script has at most ${maxScriptLength} characters`),
  ),
}) satisfies v.GenericSchema<unknown, ReplyScript>
