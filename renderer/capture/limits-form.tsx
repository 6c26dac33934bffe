// What the recording keeps at most: size, age, bytes of each payload. Applies at once to what is recorded now.
// Counterparts: limits.ts (the words and their meaning), main/archive/writer.ts (which drops the oldest).
import { type FormEvent, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { RecordingState } from '../../preload/contract/captures.ts'
import { useCommands } from '../link/link.ts'
import { Button } from '../ui/button.tsx'
import { Choice } from '../ui/choice.tsx'
import { Field } from '../ui/field.tsx'
import { formatCount } from '../ui/format.ts'
import { ErrorMark } from '../ui/marks.tsx'
import { type LimitFieldName, type LimitFields, maxSnapBytes, parseLimits, sizeUnits, toFields } from './limits.ts'

export interface LimitsFormProps {
  readonly recording: RecordingState
  takeRecording(recording: RecordingState): void
}

const sameFields = (a: LimitFields, b: LimitFields) =>
  a.size === b.size && a.days === b.days && a.snap === b.snap && (a.unit === b.unit || a.size === '')

export const LimitsForm = ({ recording, takeRecording }: LimitsFormProps) => {
  const { t } = useTranslation()
  const commands = useCommands()
  const form = useRef<HTMLFormElement>(null)
  const inForce = toFields(recording.limits)
  /** Null while the person has not touched them. */
  const [typed, setTyped] = useState<LimitFields | null>(null)
  const [tried, setTried] = useState(false)
  const [pending, setPending] = useState(false)
  /** What became of the last try; null while nothing has. */
  const [outcome, setOutcome] = useState<{ readonly failure: string | null } | null>(null)
  const fields = typed ?? inForce
  const changed = !sameFields(fields, inForce)
  const { limits, problems } = parseLimits(fields)

  const change = (part: Partial<LimitFields>) => {
    setTyped({ ...fields, ...part })
    setOutcome(null)
  }
  const revert = () => {
    setTyped(null)
    setTried(false)
    setOutcome(null)
  }
  const submit = async (event: FormEvent) => {
    event.preventDefault()
    if (pending || !changed) return
    setTried(true)
    if (limits === null) {
      requestAnimationFrame(() => form.current?.querySelector<HTMLElement>('[aria-invalid=true]')?.focus())
      return
    }
    setPending(true)
    const set = await commands.setCaptureLimits({ limits })
    setPending(false)
    setOutcome({ failure: set.ok ? null : set.failure.message })
    if (!set.ok) return
    takeRecording(set.value)
    setTyped(null)
    setTried(false)
  }
  const errorOf = (name: LimitFieldName) => {
    const problem = tried ? problems[name] : undefined
    return problem === undefined ? null : t(`capture.invalid.${problem}`, { most: formatCount(maxSnapBytes) })
  }

  return (
    <form ref={form} className="capture-limits" onSubmit={(event) => void submit(event)} noValidate>
      <h3>{t('capture.limits')}</h3>
      <p className="field-help">{t('capture.limitsHelp')}</p>
      <div className="capture-limit-fields">
        <div className="capture-size">
          <Field
            label={t('capture.maxSize')}
            value={fields.size}
            inputMode="decimal"
            placeholder={t('capture.noLimit')}
            error={errorOf('size')}
            help={errorOf('size') === null ? t('capture.maxSizeHelp') : null}
            onChange={(size) => change({ size })}
          />
          <Choice
            label={t('capture.unit')}
            fieldSized
            className="capture-unit"
            value={fields.unit}
            options={sizeUnits.map((unit) => ({ value: unit, text: unit }))}
            onChange={(unit) => change({ unit })}
          />
        </div>
        <Field
          label={t('capture.maxDays')}
          value={fields.days}
          inputMode="decimal"
          placeholder={t('capture.noLimit')}
          error={errorOf('days')}
          help={errorOf('days') === null ? t('capture.maxDaysHelp') : null}
          onChange={(days) => change({ days })}
        />
        <Field
          label={t('capture.snap')}
          value={fields.snap}
          inputMode="numeric"
          placeholder={t('capture.noLimit')}
          error={errorOf('snap')}
          help={errorOf('snap') === null ? t('capture.snapHelp') : null}
          onChange={(snap) => change({ snap })}
        />
      </div>
      {outcome?.failure == null ? null : (
        <p className="field-error" role="alert">
          <ErrorMark />
          <span>{outcome.failure}</span>
        </p>
      )}
      <div className="capture-limit-actions">
        <Button type="submit" disabled={!changed} aria-disabled={pending}>
          {pending ? t('capture.applying') : t('capture.apply')}
        </Button>
        {changed ? (
          <Button weight="quiet" onClick={revert}>
            {t('capture.revert')}
          </Button>
        ) : null}
        <span role="status" className="dim">
          {outcome !== null && outcome.failure === null ? t('capture.applied') : ''}
        </span>
      </div>
    </form>
  )
}
