// How a listener or client answers, as its fields hold it, and what of it goes into a spec. Pure. Counterparts:
// replies-section.tsx shows it; the contract's replies.ts, patterns.ts and templates.ts say what is right.
import { checkRules } from '../../preload/contract/pattern-checks.ts'
import { compilePattern, type TextFailure } from '../../preload/contract/patterns.ts'
import type { ReplyRule, ReplyScript } from '../../preload/contract/replies.ts'
import { checkCaptures, parseTemplate } from '../../preload/contract/templates.ts'
import type { AnsweringSpec, EndpointSpec } from '../../preload/contract/vocabulary.ts'
import { freshKey, type Keyed } from '../relay/chain.ts'
import { type FramingValues, framingOf, framingValues } from './framing-values.ts'

/** A rule with its delay as typed. */
export interface RuleValues extends Omit<ReplyRule, 'delayMs'> {
  readonly delay: string
}

export interface Answers {
  readonly how: 'rules' | 'script'
  readonly rules: readonly Keyed<RuleValues>[]
  readonly script: ReplyScript
  readonly framing: FramingValues
}

export const newRule: RuleValues = {
  name: '',
  on: true,
  pattern: { match: 'contains', text: '' },
  once: false,
  reply: '',
  notation: 'text',
  delay: '0',
  after: 'nothing',
}

/** `keptScript`: what was typed earlier in this session, shown where the spec has no script. */
export const answersOf = (spec: EndpointSpec | undefined, keptScript?: ReplyScript): Answers => {
  const answering: AnsweringSpec = spec === undefined || spec.role === 'relay' ? {} : spec
  return {
    how: answering.script === undefined ? 'rules' : 'script',
    rules: (answering.rules ?? []).map(({ delayMs, ...rule }) => ({
      key: freshKey(),
      value: { ...rule, delay: `${delayMs}` },
    })),
    script: answering.script ?? keptScript ?? { name: '', source: '' },
    framing: framingValues(spec?.framing),
  }
}

/** The delay in ms, or null where it is none. */
export const delayOf = (text: string): number | null => {
  const typed = text.trim()
  return /^\d{1,7}$/.test(typed) && Number(typed) <= 3_600_000 ? Number(typed) : null
}

export const ruleOf = ({ delay, ...rule }: RuleValues): ReplyRule => ({ ...rule, delayMs: delayOf(delay) ?? 0 })

export const patternTrouble = ({ pattern }: RuleValues): TextFailure | null => {
  const compiled = compilePattern(pattern)
  return compiled.ok ? null : compiled.failure
}

/** What is wrong with the reply; of a pattern that is wrong itself, its groups are not known. */
export const replyTrouble = ({ pattern, reply, notation }: RuleValues): TextFailure | null => {
  const template = parseTemplate(reply, notation)
  if (!template.ok) return template.failure
  const matcher = compilePattern(pattern)
  return matcher.ok ? checkCaptures(template.value, matcher.value) : null
}

export const isRuleRight = (rule: RuleValues): boolean =>
  patternTrouble(rule) === null && replyTrouble(rule) === null && delayOf(rule.delay) !== null

/** True where all of it can be used. */
export const areAnswersRight = ({ how, rules, script, framing }: Answers): boolean =>
  framingOf(framing).ok &&
  (how === 'script'
    ? script.source.trim() !== ''
    : rules.every(({ value }) => isRuleRight(value)) && checkRules(rules.map(({ value }) => ruleOf(value))).ok)

/** The same listener or client, answering like this. Nothing may be wrong with it: see `areAnswersRight`. */
export const withAnswers = (spec: EndpointSpec, answers: Answers): EndpointSpec => {
  const {
    rules: _rules,
    script: _script,
    framing: _framing,
    ...rest
  } = spec as EndpointSpec & {
    readonly rules?: unknown
    readonly script?: unknown
  }
  const framing = framingOf(answers.framing)
  const rules = answers.rules.map(({ value }) => ruleOf(value))
  return {
    ...(rest as EndpointSpec),
    ...(framing.ok && framing.value.kind !== 'raw' ? { framing: framing.value } : {}),
    ...(spec.role === 'relay' || rules.length === 0 ? {} : { rules }),
    ...(spec.role === 'relay' || answers.how === 'rules' ? {} : { script: answers.script }),
  }
}

/** All that the fields say, to be compared. */
export const saying = ({ rules, ...rest }: Answers): string => JSON.stringify([rules.map(({ value }) => value), rest])

/** Which rule answers a message, from 0; null for none. Rules that are off or wrong are passed over. */
export const answeringRule = (rules: readonly Keyed<RuleValues>[], message: Uint8Array): number | null => {
  const index = rules.findIndex(({ value }) => {
    const matcher = value.on ? compilePattern(value.pattern) : null
    return matcher?.ok === true && matcher.value(message) !== null
  })
  return index < 0 ? null : index
}
