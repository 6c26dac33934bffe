// A text area for PEM, with its label, help and what is wrong. Counterpart: ui/field.tsx, the same for one line.
import { type ReactNode, useId } from 'react'
import { ErrorMark } from '../ui/marks.tsx'

export interface PemFieldProps {
  readonly label: string
  readonly value: string
  readonly help?: string
  readonly error?: ReactNode
  /** Never kept by the browser, nor read aloud as it is typed. */
  readonly secret?: boolean
  onChange(text: string): void
}

export const PemField = ({ label, value, help, error, secret = false, onChange }: PemFieldProps) => {
  const id = useId()
  const hasError = error !== undefined && error !== null
  return (
    <div className="field">
      <span className="field-label">
        <label htmlFor={id}>{label}</label>
      </span>
      <textarea
        id={id}
        className={secret ? 'input data pem secret' : 'input data pem'}
        rows={3}
        spellCheck={false}
        autoComplete="off"
        placeholder={secret ? '-----BEGIN PRIVATE KEY-----' : '-----BEGIN CERTIFICATE-----'}
        aria-invalid={hasError}
        aria-describedby={`${id}-more`}
        value={value}
        onChange={({ target }) => onChange(target.value)}
      />
      <div id={`${id}-more`}>
        {hasError ? (
          <p className="field-error" role="alert">
            <ErrorMark />
            <span>{error}</span>
          </p>
        ) : help === undefined ? null : (
          <p className="field-help">{help}</p>
        )}
      </div>
    </div>
  )
}
