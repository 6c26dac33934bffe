// What of a relay's lab only shows once its texts are read: patterns and replacements that are none, faults that cannot have a
// trigger. Pure; the engine, the command line and the page ask it. Counterparts: faults.ts, fault-checks.ts (the shapes).
import { fail, ok, type Result } from './failure.ts'
import { type Fault, flows, type Intercept, type RelayLab, type Replacement } from './faults.ts'
import { compilePattern, failureInField } from './patterns.ts'
import { checkCaptures, parseTemplate } from './templates.ts'

const checkFault = ({ name, action, trigger }: Fault, path: string): Result<null> => {
  if (trigger === null) return ok(null)
  if (action.kind === 'refuse' || action.kind === 'throttle-accept')
    return fail('bad-argument', `${name}: ${action.kind} acts before the first message and takes no trigger`, path)
  const compiled = compilePattern(trigger.pattern)
  return compiled.ok ? ok(null) : failureInField(compiled.failure, `${path}.trigger.pattern.text`)
}

const checkIntercept = ({ on, pattern }: Intercept, path: string): Result<null> => {
  const compiled = on ? compilePattern(pattern) : null
  return compiled?.ok === false ? failureInField(compiled.failure, `${path}.pattern.text`) : ok(null)
}

const checkReplacement = ({ on, pattern, replace, notation }: Replacement, path: string): Result<null> => {
  if (!on) return ok(null)
  const matcher = compilePattern(pattern)
  if (!matcher.ok) return failureInField(matcher.failure, `${path}.pattern.text`)
  const template = parseTemplate(replace, notation)
  if (!template.ok) return failureInField(template.failure, `${path}.replace`)
  if (template.value.files.length > 0)
    return fail('bad-argument', 'A replacement takes no {{file:…}}; write the bytes themselves', `${path}.replace`)
  const missing = checkCaptures(template.value, matcher.value)
  return missing === null ? ok(null) : failureInField(missing, `${path}.replace`)
}

/** The first thing that is wrong with a lab, with its place (`lab.upstream.faults.0.trigger.pattern.text`). What is off may be anything. */
export const checkLab = (lab: RelayLab | undefined): Result<null> => {
  if (lab === undefined) return ok(null)
  for (const flow of flows) {
    const { intercept, replacements, faults } = lab[flow]
    const path = `lab.${flow}`
    const results = [
      checkIntercept(intercept, `${path}.intercept`),
      ...replacements.map((each, i) => checkReplacement(each, `${path}.replacements.${i}`)),
      ...faults.map((each, i) => checkFault(each, `${path}.faults.${i}`)),
    ]
    const wrong = results.find((result) => !result.ok)
    if (wrong !== undefined) return wrong
  }
  return ok(null)
}
