// A value that is edited where it stands: dashed underline, a click or Enter makes a field of it, arrows step it, Enter or
// leaving takes what was written, Esc takes it back. Counterparts: quantities.ts (reads and writes it), fault-card.tsx.
import { type KeyboardEvent, useId, useLayoutEffect, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { FaultField } from './kinds.ts'
import { parseQuantity, showQuantity, stepQuantity } from './quantities.ts'

export interface InlineValueProps {
  readonly field: FaultField
  readonly value: number
  /** What the value is, for who does not see where it stands. */
  readonly label: string
  /** Its unit is written behind it. */
  readonly withUnit?: boolean
  onChange(value: number): void
  /** Told what is wrong with what is written now; null where nothing is. `id` names the element that shows it. */
  onProblem(problem: { readonly id: string; readonly message: string } | null): void
}

const steps: Readonly<Record<string, number>> = { ArrowUp: 1, ArrowDown: -1, PageUp: 10, PageDown: -10 }

export const InlineValue = ({ field, value, label, withUnit = true, onChange, onProblem }: InlineValueProps) => {
  const { t } = useTranslation()
  const problemId = useId()
  const [text, setText] = useState<string | null>(null)
  const [wrong, setWrong] = useState(false)
  const button = useRef<HTMLButtonElement>(null)
  const input = useRef<HTMLInputElement>(null)
  /** The field is left by a key: its button has the focus again. */
  const goesBack = useRef(false)
  const shown = showQuantity(field.unit, value)
  const editing = text !== null

  useLayoutEffect(() => {
    if (editing) input.current?.select()
    // At once: a focus that is nobody's is taken by the sheet.
    else if (goesBack.current) button.current?.focus()
    goesBack.current = false
  }, [editing])

  const said = (problem: 'unreadable' | 'not-whole' | 'too-small' | 'too-large'): string => {
    const bound = (of: number) => {
      const { number, unit } = showQuantity(field.unit, of)
      return unit === '' ? number : `${number} ${unit}`
    }
    return t(`relay.problem.${problem}`, {
      example: `${shown.number} ${shown.unit}`.trim(),
      unit: field.unit === 'bytes' ? 'B' : shown.unit,
      least: bound(field.least),
      most: bound(field.most),
    })
  }
  const tell = (message: string | null) => {
    setWrong(message !== null)
    onProblem(message === null ? null : { id: problemId, message })
  }
  /** Takes what is written. False where it cannot be. */
  const take = (written: string): boolean => {
    const parsed = parseQuantity(written, field, shown.unit)
    if (!parsed.ok) {
      tell(said(parsed.problem))
      return false
    }
    tell(null)
    setText(null)
    if (parsed.value !== value) onChange(parsed.value)
    return true
  }
  const revert = () => {
    goesBack.current = true
    tell(null)
    setText(null)
  }
  const step = (event: KeyboardEvent): boolean => {
    const by = event.altKey || event.ctrlKey || event.metaKey ? undefined : steps[event.key]
    if (by === undefined) return false
    const parsed = text === null ? ({ ok: true, value } as const) : parseQuantity(text, field, shown.unit)
    const next = stepQuantity(field, parsed.ok ? parsed.value : value, by * (event.shiftKey ? 10 : 1))
    tell(null)
    onChange(next)
    if (text !== null) {
      const now = showQuantity(field.unit, next)
      setText(`${now.number} ${now.unit}`.trim())
    }
    event.preventDefault()
    event.stopPropagation()
    return true
  }

  if (text === null)
    return (
      <span className="inline-quantity">
        <button
          ref={button}
          type="button"
          className="inline-value data"
          aria-label={`${label}, ${shown.number} ${shown.unit}`.trim()}
          onClick={() => setText(`${shown.number} ${shown.unit}`.trim())}
          onKeyDown={step}
        >
          {shown.number}
        </button>
        {withUnit && shown.unit !== '' ? <span>&#8239;{shown.unit}</span> : null}
      </span>
    )
  return (
    <input
      ref={input}
      // The button that it takes the place of had the focus.
      // biome-ignore lint/a11y/noAutofocus: whoever pressed the value goes on in its field.
      autoFocus
      className="inline-input data"
      aria-label={label}
      aria-invalid={wrong}
      {...(wrong ? { 'aria-describedby': problemId } : {})}
      spellCheck={false}
      autoComplete="off"
      inputMode="decimal"
      style={{ width: `${Math.max(4, text.length + 1)}ch` }}
      value={text}
      onChange={(event) => {
        setText(event.target.value)
        if (wrong) tell(null)
      }}
      onBlur={() => take(text)}
      onKeyDown={(event) => {
        if (step(event)) return
        if (event.key === 'Escape') {
          revert()
          event.preventDefault()
          event.stopPropagation()
        } else if (event.key === 'Enter' && !event.ctrlKey && !event.metaKey) {
          goesBack.current = true
          if (!take(text)) goesBack.current = false
          event.preventDefault()
          event.stopPropagation()
        } else if (event.key === 'Enter' && !take(text)) {
          event.preventDefault()
          event.stopPropagation()
        }
      }}
    />
  )
}
