// One direction of a relay's lab: intercept, replacements and faults in the order in which they act, and below what they come
// to. Counterparts: fault-list.tsx, replacements.tsx, strip.tsx.
import { ArrowRight } from 'lucide-react'
import { useTranslation } from 'react-i18next'
import type { Flow } from '../../preload/contract/faults.ts'
import { Kbd } from '../ui/kbd.tsx'
import { Switch } from '../ui/switch.tsx'
import type { FlowDraft } from './chain.ts'
import { FaultList } from './fault-list.tsx'
import { PatternField } from './pattern-field.tsx'
import { useReplacements } from './replacements.tsx'
import { Strip } from './strip.tsx'

export interface FlowColumnProps {
  readonly flow: Flow
  readonly draft: FlowDraft
  /** The keys `I` and `A` mean this direction now. */
  readonly withKeys: boolean
  onChange(change: (held: FlowDraft) => FlowDraft): void
}

export const FlowColumn = ({ flow, draft, withKeys, onChange }: FlowColumnProps) => {
  const { t } = useTranslation()
  const { intercept } = draft
  const replacements = useReplacements({ flow, draft, onChange })
  const name = t(`relay.flow.${flow}`)
  return (
    <section className="flow-column" data-flow={flow} aria-label={name}>
      <header className="flow-head">
        <h3>
          {t(`relay.flowFrom.${flow}`)} <ArrowRight size={14} aria-hidden="true" /> {t(`relay.flowTo.${flow}`)}
        </h3>
        <span className="flow-intercept">
          {t('relay.intercept')}
          {withKeys ? <Kbd>I</Kbd> : null}
          <Switch
            label={t('relay.interceptLabel', { flow: name })}
            checked={intercept.on}
            className="intercept-switch"
            onChange={(on) => onChange((held) => ({ ...held, intercept: { ...held.intercept, on } }))}
          />
        </span>
      </header>
      {intercept.on || intercept.pattern.match !== 'always' ? (
        <div className="intercept-which">
          <span className="dim">{t('relay.interceptWhich')}</span>
          <PatternField
            label={t('relay.pattern.label')}
            pattern={intercept.pattern}
            onChange={(pattern) => onChange((held) => ({ ...held, intercept: { ...held.intercept, pattern } }))}
          />
        </div>
      ) : null}
      {replacements.list}
      <FaultList flow={flow} draft={draft} withKey={withKeys} onChange={onChange} beside={replacements.add} />
      <div className="grow" />
      <Strip flow={flow} draft={draft} />
    </section>
  )
}
