// What an endpoint's spec says of its answers, made ready to be used: patterns compiled, templates read, files loaded.
// Counterparts: answers.ts (keeps it), message-answers.ts (works by it), preload/contract/replies.ts (what a rule is).
import { readFileSync, statSync } from 'node:fs'
import { fail, ok, type Result } from '../../../../preload/contract/failure.ts'
import type { Framing } from '../../../../preload/contract/framing.ts'
import { compilePattern, failureInField, type Matcher } from '../../../../preload/contract/patterns.ts'
import type { ReplyRule, ReplyScript } from '../../../../preload/contract/replies.ts'
import { checkCaptures, parseTemplate, type Template } from '../../../../preload/contract/templates.ts'
import type { ClientSpec, ListenerSpec, Reply } from '../../../../preload/contract/vocabulary.ts'
import type { PreparedScript } from '../../scripts/messages.ts'
import { preparedScript } from '../../scripts/prepared.ts'

/** The largest file that a reply may hold: 1 MiB. */
export const maxReplyFileBytes = 1024 * 1024

export interface CompiledRule {
  /** Its place in the spec, from 0: rules that are off count. */
  readonly index: number
  readonly rule: ReplyRule
  /** The same for the same rule in another spec: what `once` remembers. */
  readonly identity: string
  readonly matcher: Matcher
  readonly template: Template
  readonly files: ReadonlyMap<string, Uint8Array>
}

export interface AnswerPlan {
  /** Where nothing else answers; a client's is `discard`. */
  readonly reply: Reply
  readonly framing: Framing
  /** Those that are on. */
  readonly rules: readonly CompiledRule[]
  readonly script: (ReplyScript & { readonly prepared: PreparedScript }) | null
}

/** True where chunks need not be looked at: no rule is on and there is no script. */
export const isPlain = (plan: AnswerPlan): boolean => plan.rules.length === 0 && plan.script === null

const readFile = (path: string, field: string): Result<Uint8Array> => {
  try {
    const stat = statSync(path)
    if (!stat.isFile()) return fail('bad-argument', `${path} is no file`, field)
    if (stat.size > maxReplyFileBytes)
      return fail(
        'bad-argument',
        `${path} has ${stat.size} bytes; a reply takes files of up to ${maxReplyFileBytes}`,
        field,
      )
    return ok(new Uint8Array(readFileSync(path)))
  } catch (thrown) {
    return fail(
      (thrown as NodeJS.ErrnoException).code ?? 'bad-argument',
      `${path} cannot be read: ${(thrown as Error).message}`,
      field,
    )
  }
}

const compileRule = (rule: ReplyRule, index: number, identity: string): Result<CompiledRule> => {
  const field = `spec.rules.${index}`
  const matcher = compilePattern(rule.pattern)
  if (!matcher.ok) return failureInField(matcher.failure, `${field}.pattern.text`)
  const template = parseTemplate(rule.reply, rule.notation)
  if (!template.ok) return failureInField(template.failure, `${field}.reply`)
  const captures = checkCaptures(template.value, matcher.value)
  if (captures !== null) return failureInField(captures, `${field}.reply`)
  const files = new Map<string, Uint8Array>()
  for (const path of template.value.files) {
    const bytes = readFile(path, `${field}.reply`)
    if (!bytes.ok) return bytes
    files.set(path, bytes.value)
  }
  return ok({ index, rule, identity, matcher: matcher.value, template: template.value, files })
}

/** Fails at the first rule that cannot be used, with its field and the place in its text. */
export const compilePlan = (spec: ListenerSpec | ClientSpec): Result<AnswerPlan> => {
  const rules: CompiledRule[] = []
  const known = new Map<string, number>()
  for (const [index, rule] of (spec.rules ?? []).entries()) {
    const text = JSON.stringify([rule.name, rule.pattern, rule.reply, rule.notation])
    const count = (known.get(text) ?? 0) + 1
    known.set(text, count)
    // One that is off is checked too: it may be switched on at any time.
    const compiled = compileRule(rule, index, `${text}${count}`)
    if (!compiled.ok) return compiled
    if (rule.on) rules.push(compiled.value)
  }
  let script: AnswerPlan['script'] = null
  if (spec.script !== undefined) {
    const prepared = preparedScript(spec.script.source)
    if (prepared === undefined) return fail('bad-argument', 'The script was not made ready to run', 'spec.script')
    script = { ...spec.script, prepared }
  }
  return ok({
    reply: spec.role === 'listener' ? spec.reply : 'discard',
    framing: spec.framing ?? { kind: 'raw' },
    rules,
    script,
  })
}

/** True where two framings cut alike. */
export const sameFraming = (a: Framing, b: Framing): boolean =>
  a.kind === 'delimiter' && b.kind === 'delimiter'
    ? Buffer.compare(a.delimiter, b.delimiter) === 0
    : JSON.stringify(a) === JSON.stringify(b)
