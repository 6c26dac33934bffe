// A line of text that is read as a notation, with what is wrong underlined at its place and said below. Counterparts: the
// contract's patterns.ts and templates.ts, which say where.
import { type ComponentPropsWithRef, useId } from 'react'
import type { TextFailure } from '../../preload/contract/patterns.ts'
import { ErrorMark } from '../ui/marks.tsx'

export interface TextWithPlaceProps extends Omit<ComponentPropsWithRef<'input'>, 'onChange' | 'value'> {
  readonly label: string
  readonly value: string
  readonly trouble: TextFailure | null
  onChange(value: string): void
}

/** Further right, the text may have been scrolled. */
const lastShownPlace = 48

export const TextWithPlace = ({ label, value, trouble, onChange, className, ...input }: TextWithPlaceProps) => {
  const id = useId()
  const shown = trouble !== null && trouble.at <= lastShownPlace && trouble.span < value.length
  return (
    <div className={['text-with-place', className ?? ''].filter(Boolean).join(' ')}>
      <div className="text-place-box">
        <input
          spellCheck={false}
          autoComplete="off"
          {...input}
          className="input small data"
          aria-label={label}
          aria-invalid={trouble !== null}
          {...(trouble === null ? {} : { 'aria-describedby': id })}
          value={value}
          onChange={(event) => onChange(event.target.value)}
        />
        {shown ? (
          <span
            className="text-place"
            aria-hidden="true"
            style={{ left: `calc(8px + ${trouble.at}ch)`, width: `${Math.max(1, trouble.span)}ch` }}
          />
        ) : null}
      </div>
      {trouble === null ? null : (
        <p id={id} className="field-error" role="alert">
          <ErrorMark />
          <span>{trouble.message}</span>
        </p>
      )}
    </div>
  )
}
