// A pattern: how it is meant, and its text; what is wrong with it stands under it. Counterparts: the contract's patterns.ts,
// lab-problems.ts.
import { createContext, useContext, useId, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { type Pattern, patternKinds } from '../../preload/contract/patterns.ts'
import { Choice } from '../ui/choice.tsx'
import { ErrorMark } from '../ui/marks.tsx'
import { patternProblem } from './lab-problems.ts'

export interface PatternFieldProps {
  readonly pattern: Pattern
  readonly label: string
  /** The sentence before it speaks of a message, not of chunks. */
  readonly ofMessage?: boolean
  /** What `always` is called here. */
  readonly always?: string
  onChange(pattern: Pattern): void
}

/** True once a person has tried to save: fields that were left empty are then told too. */
export const TriedContext = createContext(false)

/** What is wrong with a field, right under it. */
export const FieldProblem = ({ id, message }: { readonly id: string; readonly message: string | null }) =>
  message === null ? null : (
    <p id={id} className="field-error" role="alert">
      <ErrorMark />
      <span>{message}</span>
    </p>
  )

export const PatternField = ({ pattern, label, ofMessage = false, always, onChange }: PatternFieldProps) => {
  const { t } = useTranslation()
  const id = useId()
  const tried = useContext(TriedContext)
  const [left, setLeft] = useState(false)
  // An empty field that nobody has come to yet is no mistake so far.
  const problem = pattern.text === '' && !left && !tried ? null : patternProblem(pattern)
  const placeholder = pattern.match === 'regex' || pattern.match === 'hex' ? pattern.match : 'text'
  return (
    <div className="pattern-field">
      <Choice
        label={t('relay.pattern.match')}
        value={pattern.match}
        options={patternKinds.map((match) => ({
          value: match,
          text:
            match === 'always' && always !== undefined
              ? always
              : t(ofMessage ? `relay.pattern.${match}_message` : `relay.pattern.${match}`),
        }))}
        onChange={(match) => onChange({ match, text: match === 'always' ? '' : pattern.text })}
      />
      {pattern.match === 'always' ? null : (
        <input
          className="input small data"
          aria-label={label}
          aria-invalid={problem !== null}
          {...(problem === null ? {} : { 'aria-describedby': id })}
          placeholder={t(`relay.pattern.placeholder.${placeholder}`)}
          spellCheck={false}
          autoComplete="off"
          value={pattern.text}
          onBlur={() => setLeft(true)}
          onChange={(event) => onChange({ ...pattern, text: event.target.value })}
        />
      )}
      <FieldProblem id={id} message={pattern.match === 'always' ? null : problem} />
    </div>
  )
}
