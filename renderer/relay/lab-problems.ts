// What is wrong with what was typed into a direction of a relay's lab: names, patterns, templates, each at its own field.
// Pure. Counterparts: the contract's patterns.ts and templates.ts, which say it; fault-card.tsx and replacements.tsx show it.
import type { Fault, Replacement } from '../../preload/contract/faults.ts'
import { compilePattern, type Pattern } from '../../preload/contract/patterns.ts'
import { checkCaptures, parseTemplate } from '../../preload/contract/templates.ts'
import { type FlowDraft, isTwice, type Keyed } from './chain.ts'

/** Why a pattern cannot be used, in words; null where it can. */
export const patternProblem = (pattern: Pattern): string | null => {
  const compiled = compilePattern(pattern)
  return compiled.ok ? null : compiled.failure.message
}

/** Why a replacement's text cannot be used; null where it can. Of a pattern that is wrong itself, its groups are not known. */
export const templateProblem = ({ pattern, replace, notation }: Replacement): string | null => {
  const template = parseTemplate(replace, notation)
  if (!template.ok) return template.failure.message
  const matcher = compilePattern(pattern)
  return matcher.ok ? (checkCaptures(template.value, matcher.value)?.message ?? null) : null
}

export type NameProblem = 'name' | 'nameTwice'

export const nameProblem = (name: string, faults: readonly Keyed<Fault>[]): NameProblem | null =>
  !/^[A-Za-z0-9._-]{1,100}$/.test(name) ? 'name' : isTwice(faults, name) ? 'nameTwice' : null

/** True where a fault's folded-in details are wrong, so that they must be seen. */
export const isDetailWrong = (fault: Fault, faults: readonly Keyed<Fault>[]): boolean =>
  nameProblem(fault.name, faults) !== null || (fault.trigger !== null && patternProblem(fault.trigger.pattern) !== null)

/** True where a direction can be saved as it is. A pattern of what is switched off must be right too: the engine checks it. */
export const isLabRight = ({ intercept, faults, replacements }: FlowDraft): boolean =>
  patternProblem(intercept.pattern) === null &&
  faults.every(({ value }) => !isDetailWrong(value, faults)) &&
  replacements.every(({ value }) => patternProblem(value.pattern) === null && templateProblem(value) === null)
