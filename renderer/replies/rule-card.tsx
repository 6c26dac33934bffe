// One rule: what a message looks like, what is answered, and what its bytes will be; delay, once and what follows fold out.
// Counterparts: rules-section.tsx, which orders cards and takes their keys; answers.ts.
import { ChevronDown, GripVertical, X } from 'lucide-react'
import { type CSSProperties, type PointerEvent, useId, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { formatEscaped, formatHex } from '../../preload/contract/notation.ts'
import { compilePattern, patternKinds } from '../../preload/contract/patterns.ts'
import { parseTemplate, templatePieces } from '../../preload/contract/templates.ts'
import { Choice } from '../ui/choice.tsx'
import { Field } from '../ui/field.tsx'
import { formatBytes } from '../ui/format.ts'
import { Segmented } from '../ui/segmented.tsx'
import { Switch } from '../ui/switch.tsx'
import { delayOf, patternTrouble, type RuleValues, replyTrouble } from './answers.ts'
import { TextWithPlace } from './text-with-place.tsx'

/** Characters of a reply that its preview shows, and bytes of one of its parts. */
const previewBytes = 120
const afters = ['nothing', 'close', 'half-close', 'reset'] as const

interface Shown {
  readonly text: string
  /** Null where what it would capture is not known. */
  readonly bytes: number | null
}

/** The reply as it would be sent to `message`; to one that does not match, with what it would capture named. */
const previewOf = (rule: RuleValues, message: Uint8Array): Shown | null => {
  const template = parseTemplate(rule.reply, rule.notation)
  const matcher = compilePattern(rule.pattern)
  if (!template.ok || !matcher.ok) return null
  const match = message.length > 0 ? matcher.value(message) : null
  const format = rule.notation === 'hex' ? formatHex : formatEscaped
  const pieces = templatePieces(template.value, { counter: 1, match })
  const words = template.value.parts.map((part, i) => {
    if (part.kind === 'file') return `‹${part.path}›`
    if (match === null && part.kind === 'group') return `‹$${part.group}›`
    if (match === null && part.kind === 'name') return `‹${part.name}›`
    return format(pieces[i]!.subarray(0, previewBytes))
  })
  const isKnown = template.value.parts.every(
    ({ kind }) => kind !== 'file' && (match !== null || (kind !== 'group' && kind !== 'name')),
  )
  const text = words.join(rule.notation === 'hex' ? ' ' : '')
  return {
    text: text.length > previewBytes ? `${text.slice(0, previewBytes)}…` : text,
    bytes: isKnown ? pieces.reduce((sum, piece) => sum + piece.length, 0) : null,
  }
}

export interface RuleCardProps {
  readonly rule: RuleValues
  readonly number: number
  readonly title: string
  /** A message to fill the preview with. */
  readonly message: Uint8Array
  /** It would answer that message. */
  readonly answers: boolean
  readonly className?: string
  readonly style?: CSSProperties
  onChange(rule: RuleValues): void
  onRemove(): void
  onGrip(event: PointerEvent<HTMLElement>): void
}

const Preview = ({ rule, message }: { readonly rule: RuleValues; readonly message: Uint8Array }) => {
  const { t } = useTranslation()
  const shown = previewOf(rule, message)
  if (shown === null) return null
  if (shown.text === '') return <p className="rule-preview dim">{t('replies.sendsNothing')}</p>
  return (
    <p className="rule-preview">
      <span className="dim">{t('replies.sends')}</span> <span className="data wrap">{shown.text}</span>{' '}
      {shown.bytes === null ? null : <span className="dim">{formatBytes(shown.bytes)}</span>}
    </p>
  )
}

export const RuleCard = ({
  rule,
  number,
  title,
  message,
  answers,
  onChange,
  onRemove,
  onGrip,
  ...rest
}: RuleCardProps) => {
  const { t } = useTranslation()
  const details = useId()
  const after = useId()
  const [unfolded, setUnfolded] = useState(
    rule.once || rule.delay !== '0' || rule.after !== 'nothing' || rule.name !== '',
  )
  const change = (next: Partial<RuleValues>) => onChange({ ...rule, ...next })
  const delayWrong = delayOf(rule.delay) === null
  const { match } = rule.pattern
  // An empty field that was just made is no mistake that has to be told.
  const fresh = match !== 'always' && rule.pattern.text === ''
  return (
    <div
      style={rest.style}
      className={['rule-card', rule.on ? '' : 'off', answers ? 'answers' : '', rest.className ?? '']
        .filter(Boolean)
        .join(' ')}
    >
      <button
        type="button"
        className="rule-grip"
        data-grip
        aria-label={t('replies.move', { rule: title })}
        onPointerDown={onGrip}
      >
        <GripVertical size={14} aria-hidden="true" />
      </button>
      <span className="rule-number dim" aria-hidden="true">
        {number}
      </span>
      <div className="rule-body">
        <div className="rule-line">
          <span className="rule-word dim" aria-hidden="true">
            {t('replies.when')}
          </span>
          <Choice
            label={t('relay.pattern.match')}
            className="rule-match"
            value={match}
            options={patternKinds.map((each) => ({ value: each, text: t(`relay.pattern.${each}_message`) }))}
            onChange={(next) => change({ pattern: { match: next, text: next === 'always' ? '' : rule.pattern.text } })}
          />
          {match === 'always' ? null : (
            <TextWithPlace
              label={t('relay.pattern.label')}
              data-pattern
              placeholder={t(
                `relay.pattern.placeholder.${match === 'regex' || match === 'hex' ? match : ('text' as const)}`,
              )}
              value={rule.pattern.text}
              trouble={fresh ? null : patternTrouble(rule)}
              onChange={(text) => change({ pattern: { match, text } })}
            />
          )}
        </div>
        <div className="rule-line">
          <span className="rule-word dim" aria-hidden="true">
            {t('replies.answer')}
          </span>
          <TextWithPlace
            label={t('replies.reply')}
            placeholder={t(rule.notation === 'hex' ? 'replies.replyPlaceholderHex' : 'replies.replyPlaceholder')}
            value={rule.reply}
            trouble={fresh ? null : replyTrouble(rule)}
            onChange={(reply) => change({ reply })}
          />
          <Segmented
            label={t('replies.notation')}
            value={rule.notation}
            choices={[
              { value: 'text', text: t('replies.text') },
              { value: 'hex', text: t('replies.hex') },
            ]}
            onChange={(notation) => change({ notation })}
          />
        </div>
        <div className="rule-foot">
          <button
            type="button"
            className="link-button rule-more"
            aria-expanded={unfolded}
            aria-controls={details}
            onClick={() => setUnfolded(!unfolded)}
          >
            {t('replies.more')}
            <ChevronDown size={12} aria-hidden="true" className={unfolded ? 'turned' : ''} />
          </button>
          <Preview rule={rule} message={message} />
        </div>
        {unfolded ? (
          <div className="rule-details" id={details}>
            <Field
              label={t('replies.name')}
              aside={t('word.optional')}
              maxLength={100}
              value={rule.name}
              onChange={(name) => change({ name })}
            />
            <Field
              label={t('replies.delay')}
              inputMode="numeric"
              value={rule.delay}
              error={delayWrong ? t('replies.delayInvalid') : null}
              onChange={(delay) => change({ delay })}
            />
            <div className="field">
              <span className="field-label" id={after}>
                {t('replies.after')}
              </span>
              <Choice
                label={t('replies.after')}
                labelId={after}
                fieldSized
                value={rule.after}
                options={afters.map((each) => ({ value: each, text: t(`replies.after_${each}`) }))}
                onChange={(next) => change({ after: next })}
              />
            </div>
            <div className="rule-once">
              <Switch label={t('replies.once')} checked={rule.once} onChange={(once) => change({ once })} />
              <span aria-hidden="true">{t('replies.once')}</span>
            </div>
          </div>
        ) : null}
      </div>
      <Switch label={t('replies.on', { rule: title })} checked={rule.on} onChange={(on) => change({ on })} />
      <button
        type="button"
        className="icon-button"
        aria-label={t('replies.remove', { rule: title })}
        onClick={onRemove}
      >
        <X size={14} aria-hidden="true" />
      </button>
    </div>
  )
}
