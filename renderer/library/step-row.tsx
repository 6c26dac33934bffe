// One step of a sequence: its fields, and how it went in the last run. Counterpart: sequence-editor.tsx.
import { ArrowDown, ArrowUp, Trash2 } from 'lucide-react'
import { useTranslation } from 'react-i18next'
import { encodingLabels, textEncodings } from '../../preload/contract/encodings.ts'
import { lineEndings } from '../../preload/contract/notation.ts'
import { compilePattern, type Pattern, patternKinds } from '../../preload/contract/patterns.ts'
import type { StepResult } from '../../preload/contract/runs.ts'
import { type SequenceStep, stepKinds } from '../../preload/contract/workspace.ts'
import { IconButton } from '../ui/button.tsx'
import { Choice } from '../ui/choice.tsx'
import { formatDuration } from '../ui/format.ts'
import { ErrorMark } from '../ui/marks.tsx'
import { leastStepMs, shownMs, typedMs, wrongTime } from './step-time.ts'

/** A step of this kind as it begins. */
export const newStep = (kind: SequenceStep['kind']): SequenceStep => {
  const pattern: Pattern = { match: 'contains', text: '' }
  switch (kind) {
    case 'send':
      return { kind, name: '', text: '', mode: 'text', encoding: 'utf-8', ending: 'crlf' }
    case 'expect':
      return { kind, name: '', pattern, timeoutMs: 5000 }
    case 'delay':
      return { kind, name: '', delayMs: 1000 }
    case 'assert':
      return { kind, name: '', pattern, matches: true }
    case 'close':
      return { kind, name: '', how: 'close' }
  }
}

interface PatternFieldsProps {
  readonly pattern: Pattern
  readonly wrong: boolean
  onChange(pattern: Pattern): void
}

const PatternFields = ({ pattern, wrong, onChange }: PatternFieldsProps) => {
  const { t } = useTranslation()
  return (
    <>
      <Choice
        label={t('library.match')}
        value={pattern.match}
        options={patternKinds.map((match) => ({ value: match, text: t(`library.matchKind.${match}`) }))}
        onChange={(match) => onChange({ ...pattern, match })}
      />
      {pattern.match === 'always' ? null : (
        <input
          className="input data"
          aria-label={t('library.pattern')}
          aria-invalid={wrong}
          spellCheck={false}
          placeholder={t('library.pattern')}
          value={pattern.text}
          onChange={(event) => onChange({ ...pattern, text: event.target.value })}
        />
      )}
    </>
  )
}

interface FieldsProps {
  readonly step: SequenceStep
  readonly wrong: boolean
  onChange(step: SequenceStep): void
}

const StepFields = ({ step, wrong, onChange }: FieldsProps) => {
  const { t } = useTranslation()
  switch (step.kind) {
    case 'send':
      return (
        <>
          <input
            className="input data"
            aria-label={t('library.text')}
            aria-invalid={wrong}
            spellCheck={false}
            placeholder={t('library.text')}
            value={step.text}
            onChange={(event) => onChange({ ...step, text: event.target.value })}
          />
          <Choice
            label={t('library.mode')}
            value={step.mode}
            options={[
              { value: 'text', text: t('library.textMode') },
              { value: 'hex', text: t('library.hexMode') },
            ]}
            onChange={(mode: 'text' | 'hex') => onChange({ ...step, mode })}
          />
          <Choice
            label={t('library.ending')}
            value={step.ending}
            options={lineEndings.map((ending) => ({ value: ending, text: t(`composer.eolChoice.${ending}`) }))}
            onChange={(ending) => onChange({ ...step, ending })}
          />
          {step.mode === 'hex' ? null : (
            <Choice
              label={t('library.encoding')}
              value={step.encoding}
              options={textEncodings.map((encoding) => ({ value: encoding, text: encodingLabels[encoding] }))}
              onChange={(encoding) => onChange({ ...step, encoding })}
            />
          )}
        </>
      )
    case 'expect':
      return (
        <>
          <PatternFields
            pattern={step.pattern}
            wrong={!compilePattern(step.pattern).ok}
            onChange={(pattern) => onChange({ ...step, pattern })}
          />
          <input
            className="input data narrow"
            aria-label={t('library.timeout')}
            inputMode="numeric"
            aria-invalid={wrongTime(step) !== null}
            value={shownMs(step.timeoutMs, leastStepMs.expect)}
            onChange={(event) => onChange({ ...step, timeoutMs: typedMs(event.target.value) })}
          />
          <span className="step-unit">ms</span>
        </>
      )
    case 'delay':
      return (
        <>
          <input
            className="input data narrow"
            aria-label={t('library.delay')}
            inputMode="numeric"
            aria-invalid={wrongTime(step) !== null}
            value={shownMs(step.delayMs, leastStepMs.delay)}
            onChange={(event) => onChange({ ...step, delayMs: typedMs(event.target.value) })}
          />
          <span className="step-unit">ms</span>
        </>
      )
    case 'assert':
      return (
        <>
          <Choice
            label={t('library.matches')}
            value={step.matches ? 'yes' : 'no'}
            options={[
              { value: 'yes', text: t('library.matchesChoice.yes') },
              { value: 'no', text: t('library.matchesChoice.no') },
            ]}
            onChange={(matches) => onChange({ ...step, matches: matches === 'yes' })}
          />
          <PatternFields pattern={step.pattern} wrong={wrong} onChange={(pattern) => onChange({ ...step, pattern })} />
        </>
      )
    case 'close':
      return (
        <Choice
          label={t('library.how')}
          value={step.how}
          options={(['close', 'half-close', 'reset'] as const).map((how) => ({
            value: how,
            text: t(`library.howChoice.${how}`),
          }))}
          onChange={(how) => onChange({ ...step, how })}
        />
      )
  }
}

export interface StepRowProps {
  readonly step: SequenceStep
  readonly place: number
  readonly count: number
  /** What is wrong with it; null where it is right. */
  readonly problem: string | null
  /** How it went, or goes; null where it was not run. */
  readonly result: StepResult | null
  onChange(step: SequenceStep): void
  onMove(by: -1 | 1): void
  onRemove(): void
}

export const StepRow = ({ step, place, count, problem, result, onChange, onMove, onRemove }: StepRowProps) => {
  const { t } = useTranslation()
  return (
    <li
      className={['step', result?.state ?? ''].filter(Boolean).join(' ')}
      aria-label={`${place + 1} ${t(`library.stepKind.${step.kind}`)}`}
    >
      <span className="step-number data">{place + 1}</span>
      <Choice
        label={t('library.stepKind.send')}
        value={step.kind}
        options={stepKinds.map((kind) => ({ value: kind, text: t(`library.stepKind.${kind}`) }))}
        onChange={(kind) => onChange({ ...newStep(kind), name: step.name })}
      />
      <div className="step-fields">
        <StepFields step={step} wrong={problem !== null} onChange={onChange} />
      </div>
      <div className="step-actions">
        <IconButton label={t('library.moveUp')} disabled={place === 0} onClick={() => onMove(-1)}>
          <ArrowUp size={14} aria-hidden="true" />
        </IconButton>
        <IconButton label={t('library.moveDown')} disabled={place === count - 1} onClick={() => onMove(1)}>
          <ArrowDown size={14} aria-hidden="true" />
        </IconButton>
        <IconButton label={t('library.removeStep')} onClick={onRemove}>
          <Trash2 size={14} aria-hidden="true" />
        </IconButton>
      </div>
      <input
        className="input step-name"
        aria-label={t('library.stepName')}
        placeholder={t('library.name')}
        maxLength={100}
        value={step.name}
        onChange={(event) => onChange({ ...step, name: event.target.value })}
      />
      {problem === null ? null : (
        <p className="field-error step-problem" role="alert">
          <ErrorMark />
          <span>{problem}</span>
        </p>
      )}
      {result === null || result.state === 'waiting' ? null : (
        <p className="step-result" role={result.state === 'failed' ? 'alert' : undefined}>
          {result.state === 'failed' ? <ErrorMark /> : null}
          <span className="step-state">{t(`library.stepState.${result.state}`)}</span>
          <span className="data">{result.message}</span>
          {result.state === 'passed' || result.state === 'failed' ? (
            <span className="step-took data">{formatDuration(result.tookMs)}</span>
          ) : null}
        </p>
      )}
    </li>
  )
}
