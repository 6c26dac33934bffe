// A labelled text field with what is wrong with it right below. The error is announced when it comes, and belongs to the
// field for who does not see the screen.
import { type ComponentPropsWithRef, type ReactNode, useId } from 'react'
import { ErrorMark } from './marks.tsx'

export interface FieldProps extends Omit<ComponentPropsWithRef<'input'>, 'onChange' | 'value'> {
  readonly label: string
  /** Small words beside the label. */
  readonly aside?: string
  readonly value: string
  /** What is wrong, or nothing. */
  readonly error?: ReactNode
  readonly help?: ReactNode
  onChange(value: string): void
}

export const Field = ({ label, aside, error, help, className, onChange, ...input }: FieldProps) => {
  const id = useId()
  const hasError = error !== undefined && error !== null
  const hasHelp = help !== undefined && help !== null
  const described = [hasError ? `${id}-error` : '', hasHelp ? `${id}-help` : ''].filter(Boolean).join(' ')
  return (
    <div className={['field', className ?? ''].filter(Boolean).join(' ')}>
      <span className="field-label">
        <label htmlFor={id}>{label}</label>
        {aside === undefined ? null : <span className="dim">{aside}</span>}
      </span>
      <input
        spellCheck={false}
        autoComplete="off"
        {...input}
        id={id}
        className="input data"
        aria-invalid={hasError}
        {...(described === '' ? {} : { 'aria-describedby': described })}
        onChange={(event) => onChange(event.target.value)}
      />
      {hasError ? (
        <p id={`${id}-error`} className="field-error" role="alert">
          <ErrorMark />
          <span>{error}</span>
        </p>
      ) : null}
      {hasHelp ? (
        <p id={`${id}-help`} className="field-help">
          {help}
        </p>
      ) : null}
    </div>
  )
}
