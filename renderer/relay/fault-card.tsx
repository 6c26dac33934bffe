// One fault of a direction: grip, number, what it does with its values in place, the part of the pairs, on or off; its
// details fold out. Counterparts: fault-list.tsx, which orders cards and takes their keys; inline-value.tsx.
import { ChevronDown, GripVertical, X } from 'lucide-react'
import { type CSSProperties, Fragment, type PointerEvent, type Ref, useContext, useId, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { Fault } from '../../preload/contract/faults.ts'
import { Field } from '../ui/field.tsx'
import { Switch } from '../ui/switch.tsx'
import type { Keyed } from './chain.ts'
import { phraseParts } from './fault-words.tsx'
import { InlineValue, type InlineValueProps } from './inline-value.tsx'
import { type FaultField, fieldValue, toxicityField, withValue } from './kinds.ts'
import { isDetailWrong, nameProblem } from './lab-problems.ts'
import { FieldProblem, PatternField, TriedContext } from './pattern-field.tsx'
import { showQuantity } from './quantities.ts'

/** What a fault is called on its card: its kind, and its name where that says something else. */
export const useFaultTitle = () => {
  const { t } = useTranslation()
  return (fault: Fault): string => {
    const kind = t(`relay.kind.${fault.action.kind}`)
    return fault.name.startsWith(fault.action.kind) ? kind : `${kind} ${fault.name}`
  }
}

interface DetailsProps {
  readonly id: string
  readonly fault: Fault
  readonly faults: readonly Keyed<Fault>[]
  onChange(fault: Fault): void
}

const Details = ({ id, fault, faults, onChange }: DetailsProps) => {
  const { t } = useTranslation()
  const tried = useContext(TriedContext)
  const [seedText, setSeedText] = useState(`${fault.seed}`)
  const [timesText, setTimesText] = useState(`${fault.trigger?.times ?? ''}`)
  const wrongName = nameProblem(fault.name, faults)
  const seedWrong = !(/^\d{1,10}$/.test(seedText.trim()) && Number(seedText) <= 0xffff_ffff)
  const timesWrong = timesText.trim() !== '' && !/^[1-9]\d{0,8}$/.test(timesText.trim())
  const { trigger } = fault
  return (
    <div className="fault-details" id={id}>
      <div className="fault-detail-row">
        <Field
          label={t('relay.card.name')}
          value={fault.name}
          error={wrongName === null ? null : t(`relay.problem.${wrongName}`, { name: fault.name })}
          onChange={(name) => onChange({ ...fault, name })}
        />
        <Field
          label={t('relay.card.seed')}
          className="seed"
          inputMode="numeric"
          value={seedText}
          error={seedWrong ? t('relay.problem.too-large', { most: 0xffff_ffff }) : null}
          onChange={(text) => {
            setSeedText(text)
            if (/^\d{1,10}$/.test(text.trim()) && Number(text) <= 0xffff_ffff)
              onChange({ ...fault, seed: Number(text) })
          }}
        />
      </div>
      <p className="field-help">{t('relay.card.seedHelp')}</p>
      <div className="fault-trigger">
        <span className="field-label">{t('relay.card.trigger')}</span>
        <PatternField
          ofMessage
          always={t('relay.card.triggerNone')}
          label={t('relay.pattern.label')}
          pattern={trigger?.pattern ?? { match: 'always', text: '' }}
          onChange={(pattern) =>
            onChange({
              ...fault,
              trigger:
                pattern.match === 'always' && (trigger?.times ?? null) === null
                  ? null
                  : { pattern, times: trigger?.times ?? null },
            })
          }
        />
        {trigger === null ? (
          <p className="field-help">{t('relay.card.triggerAlways')}</p>
        ) : (
          <label className="fault-times">
            {t('relay.card.triggerTimes')}
            <input
              className="input small data"
              inputMode="numeric"
              aria-invalid={timesWrong && tried}
              value={timesText}
              onChange={({ target }) => {
                setTimesText(target.value)
                const times = target.value.trim() === '' ? null : Number(target.value)
                if (times === null || /^[1-9]\d{0,8}$/.test(target.value.trim()))
                  onChange({ ...fault, trigger: { ...trigger, times } })
              }}
            />
            {t('relay.card.triggerMessages')}
          </label>
        )}
      </div>
    </div>
  )
}

export interface FaultCardProps {
  readonly fault: Fault
  readonly number: number
  readonly faults: readonly Keyed<Fault>[]
  readonly style?: CSSProperties
  readonly className?: string
  readonly ref?: Ref<HTMLDivElement>
  onChange(fault: Fault): void
  onRemove(): void
  onGrip(event: PointerEvent<HTMLElement>): void
}

export const FaultCard = ({ fault, number, faults, onChange, onRemove, onGrip, ...rest }: FaultCardProps) => {
  const { t } = useTranslation()
  const detailsId = useId()
  const titleOf = useFaultTitle()
  const tried = useContext(TriedContext)
  const [unfolded, setUnfolded] = useState(false)
  const [problem, setProblem] = useState<{ readonly id: string; readonly message: string } | null>(null)
  const title = titleOf(fault)
  const { kind } = fault.action
  const parts = phraseParts(kind, t(`relay.phrase.${kind}`))
  /** A value and its spread share a unit: `120 ± 30 ms`. */
  const isSpread = (i: number): boolean => {
    const [own, between, spread] = parts.slice(i, i + 3)
    if (typeof own !== 'object' || between !== ' ± ' || typeof spread !== 'object') return false
    const unitOf = (field: FaultField) => showQuantity(field.unit, fieldValue(fault.action, field)).unit
    return unitOf(own) === unitOf(spread)
  }
  const open = unfolded || (tried && isDetailWrong(fault, faults))
  const value = (field: FaultField, own: Pick<InlineValueProps, 'value' | 'onChange' | 'withUnit'>) => (
    <InlineValue
      {...own}
      field={field}
      label={t('relay.valueLabel', {
        value: t(`relay.value.${field.name}` as 'relay.value.delayMs'),
        fault: fault.name,
      })}
      onProblem={setProblem}
    />
  )
  return (
    <div {...rest} className={['fault-card', fault.on ? '' : 'off', rest.className ?? ''].filter(Boolean).join(' ')}>
      <button
        type="button"
        className="fault-grip"
        data-grip
        aria-label={t('relay.card.grip', { name: title })}
        onPointerDown={onGrip}
      >
        <GripVertical size={14} aria-hidden="true" />
      </button>
      <span className="fault-number data dim" aria-hidden="true">
        {number}
      </span>
      <div className="fault-what">
        <button
          type="button"
          className="fault-name"
          aria-expanded={open}
          aria-controls={detailsId}
          aria-label={t('relay.card.details', { name: title })}
          onClick={() => setUnfolded(!open)}
        >
          <span className="cut">{title}</span>
          <ChevronDown size={12} aria-hidden="true" className={open ? 'turned' : ''} />
        </button>
        <p className="fault-phrase data">
          {parts.map((part, i) =>
            typeof part === 'string' ? (
              // biome-ignore lint/suspicious/noArrayIndexKey: the parts of a phrase are where they are.
              <Fragment key={i}>{part}</Fragment>
            ) : (
              <Fragment key={part.name}>
                {value(part, {
                  value: fieldValue(fault.action, part),
                  withUnit: !isSpread(i),
                  onChange: (next) => onChange({ ...fault, action: withValue(fault.action, part, next) }),
                })}
              </Fragment>
            ),
          )}
        </p>
        {fault.trigger === null ? null : (
          <p className="fault-note">
            {fault.trigger.times === null
              ? t('relay.card.triggerShort')
              : t('relay.card.triggerShortTimes', { count: fault.trigger.times })}
          </p>
        )}
      </div>
      <div className="fault-share">
        <span className="data">
          {value(toxicityField, {
            value: fault.toxicity,
            onChange: (toxicity) => onChange({ ...fault, toxicity }),
          })}
        </span>
        <span className="dim">{t('relay.ofPairs')}</span>
      </div>
      <Switch
        label={t('relay.card.on', { name: title })}
        checked={fault.on}
        onChange={(on) => onChange({ ...fault, on })}
      />
      <button
        type="button"
        className="fault-remove"
        aria-label={t('relay.card.remove', { name: title })}
        onClick={onRemove}
      >
        <X size={12} aria-hidden="true" />
      </button>
      {problem === null ? null : <FieldProblem id={problem.id} message={problem.message} />}
      {open ? <Details id={detailsId} fault={fault} faults={faults} onChange={onChange} /> : null}
    </div>
  )
}
