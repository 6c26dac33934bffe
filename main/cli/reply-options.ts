// How the command line says what is answered: `--rule`, `--rules`, `--script`, of listen and connect, and `--frame` with
// them. Counterparts: framing-option.ts, preload/contract/replies.ts (what a rule is).
import { readFileSync } from 'node:fs'
import { basename } from 'node:path'
import { type Command, InvalidArgumentError, Option } from 'commander'
import type { Framing } from '../../preload/contract/framing.ts'
import { checkRules } from '../../preload/contract/pattern-checks.ts'
import { type Pattern, patternKinds } from '../../preload/contract/patterns.ts'
import type { ReplyRule, ReplyScript } from '../../preload/contract/replies.ts'
import { type FramingOptions, framingFields, withFraming } from './framing-option.ts'
import { milliseconds } from './options.ts'

export interface ReplyOptions extends FramingOptions {
  readonly rule: readonly ReplyRule[]
  readonly rules?: readonly ReplyRule[]
  readonly script?: ReplyScript
}

/** `always`, `KIND:TEXT`, or a regular expression. */
const patternText = (text: string): Pattern => {
  if (text === 'always') return { match: 'always', text: '' }
  const kind = patternKinds.find((each) => text.startsWith(`${each}:`))
  return kind === undefined ? { match: 'regex', text } : { match: kind, text: text.slice(kind.length + 1) }
}

const plainRule: Omit<ReplyRule, 'pattern' | 'reply'> = {
  name: '',
  on: true,
  once: false,
  notation: 'text',
  delayMs: 0,
  after: 'nothing',
}

const settings = (text: string): Partial<ReplyRule> =>
  Object.assign(
    {},
    ...text.split(',').map((each): Partial<ReplyRule> => {
      const word = each.trim()
      const [key, value] = word.split(/=(.*)/s)
      if (word === 'once') return { once: true }
      if (word === 'hex') return { notation: 'hex' }
      if (word === 'close' || word === 'half-close' || word === 'reset') return { after: word }
      if (key === 'delay' && value !== undefined) return { delayMs: value === '0' ? 0 : milliseconds(value) }
      if (key === 'name' && value !== undefined) return { name: value }
      throw new InvalidArgumentError(
        `“${word}” is none of once, delay=MS, close, half-close, reset, hex and name=NAME.`,
      )
    }),
  )

const checkedRules = (value: unknown, of: string): readonly ReplyRule[] => {
  const rules = checkRules(value)
  if (rules.ok) return rules.value
  throw new InvalidArgumentError(`${of}: ${rules.failure.message}`)
}

/** `MATCH => REPLY`, or `MATCH =>[once,delay=MS,close] REPLY`; one blank on either side of the arrow belongs to it. */
export const ruleText = (text: string): ReplyRule => {
  const parts = /^(.*?) ?=>(?:\[([^\]]*)\])?(?: (.*)|(.*))$/s.exec(text)
  if (parts === null)
    throw new InvalidArgumentError(`“${text}” is no rule; write MATCH => REPLY, such as 'regex:GET (\\w+) => VAL $1'.`)
  const [, match = '', setting, spaced, close] = parts
  const rule: ReplyRule = {
    ...plainRule,
    pattern: patternText(match),
    reply: spaced ?? close ?? '',
    ...(setting === undefined ? {} : settings(setting)),
  }
  return checkedRules([rule], `“${text}”`)[0]!
}

const fileText = (path: string): string => {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    throw new InvalidArgumentError(`${path} cannot be read: ${(error as Error).message}`)
  }
}

/** A JSON list of rules; what is left out of one is as with `--rule`, and its `pattern` may be written as MATCH. */
export const rulesFile = (path: string): readonly ReplyRule[] => {
  let value: unknown
  try {
    value = JSON.parse(fileText(path))
  } catch (error) {
    if (error instanceof SyntaxError) throw new InvalidArgumentError(`${path} is no JSON: ${error.message}`)
    throw error
  }
  if (!Array.isArray(value)) throw new InvalidArgumentError(`${path} holds no list of rules: it begins with [`)
  const whole = value.map((each: unknown) => {
    if (typeof each !== 'object' || each === null) return each
    const { pattern } = each as { pattern?: unknown }
    return {
      ...plainRule,
      reply: '',
      ...each,
      ...(typeof pattern === 'string' ? { pattern: patternText(pattern) } : {}),
    }
  })
  const rules = checkRules(whole)
  if (rules.ok) return rules.value
  const [index, ...field] = (rules.failure.path ?? '').split('.')
  const place = index === '' ? '' : `, rule ${Number(index) + 1}${field.length === 0 ? '' : `, ${field.join('.')}`}`
  throw new InvalidArgumentError(`${path}${place}: ${rules.failure.message}`)
}

const scriptFile = (path: string): ReplyScript => ({ name: basename(path).slice(0, 100), source: fileText(path) })

/** Gives a command the options that say what it answers. */
export const withReplyOptions = (command: Command): Command =>
  withFraming(command)
    .addOption(
      new Option(
        '--rule <RULE>',
        "answer a message: 'MATCH => REPLY'; MATCH is a regular expression, always, or exact: contains: prefix: suffix: " +
          'regex: or hex: and its text; REPLY takes C escapes, $1, {{counter}} …; =>[once,delay=MS,close] sets more; ' +
          'may be given again, the first that matches answers',
      )
        .argParser((text, before: readonly ReplyRule[]) => [...before, ruleText(text)])
        .default([], 'none'),
    )
    .addOption(new Option('--rules <FILE>', 'a JSON list of rules, tried after each --rule').argParser(rulesFile))
    .addOption(
      new Option('--script <FILE>', 'answer by a protocol in TypeScript or JavaScript, run in a thread of its own')
        .argParser(scriptFile)
        .conflicts(['rule', 'rules']),
    )

/** The fields of a spec that these options make. */
export const replyFields = (
  options: ReplyOptions,
): { readonly framing?: Framing; readonly rules?: readonly ReplyRule[]; readonly script?: ReplyScript } => {
  const rules = [...options.rule, ...(options.rules ?? [])]
  return {
    ...framingFields(options),
    ...(rules.length === 0 ? {} : { rules }),
    ...(options.script === undefined ? {} : { script: options.script }),
  }
}
