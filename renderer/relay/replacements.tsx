// The match-and-replace rules of one direction. Counterparts: chain.ts, lab-problems.ts; the engine replaces in framed
// messages, before the faults.
import { Plus, X } from 'lucide-react'
import { type KeyboardEvent, type ReactNode, useId, useRef } from 'react'
import { useTranslation } from 'react-i18next'
import type { Flow, Replacement } from '../../preload/contract/faults.ts'
import { Button } from '../ui/button.tsx'
import { Segmented } from '../ui/segmented.tsx'
import { Switch } from '../ui/switch.tsx'
import { type FlowDraft, withBack, withChanged, without, withReplacement } from './chain.ts'
import { templateProblem } from './lab-problems.ts'
import { FieldProblem, PatternField } from './pattern-field.tsx'
import { useUndo } from './use-undo.ts'

interface RowProps {
  readonly rule: Replacement
  onChange(rule: Replacement): void
  onRemove(): void
}

const Row = ({ rule, onChange, onRemove }: RowProps) => {
  const { t } = useTranslation()
  const id = useId()
  const problem = templateProblem(rule)
  return (
    <>
      <div className="replacement-row">
        <PatternField
          label={t('relay.pattern.label')}
          pattern={rule.pattern}
          ofMessage
          onChange={(pattern) => onChange({ ...rule, pattern })}
        />
        <Switch
          label={t('relay.replace.on', { name: rule.name })}
          checked={rule.on}
          onChange={(on) => onChange({ ...rule, on })}
        />
        <button
          type="button"
          className="icon-button"
          aria-label={t('relay.replace.remove', { name: rule.name })}
          onClick={onRemove}
        >
          <X size={12} aria-hidden="true" />
        </button>
      </div>
      <div className="replacement-row with">
        <span className="dim" aria-hidden="true">
          {t('relay.replace.with')}
        </span>
        <input
          className="input small data"
          aria-label={t('relay.replace.withLabel')}
          aria-invalid={problem !== null}
          {...(problem === null ? {} : { 'aria-describedby': id })}
          placeholder={t(
            rule.notation === 'hex' ? 'relay.replace.withPlaceholderHex' : 'relay.replace.withPlaceholder',
          )}
          spellCheck={false}
          autoComplete="off"
          value={rule.replace}
          onChange={({ target }) => onChange({ ...rule, replace: target.value })}
        />
        <Segmented
          label={t('relay.replace.notation')}
          value={rule.notation}
          choices={[
            { value: 'text', text: t('relay.held.text') },
            { value: 'hex', text: t('relay.held.hex') },
          ]}
          onChange={(notation) => onChange({ ...rule, notation })}
        />
      </div>
      <FieldProblem id={id} message={problem} />
    </>
  )
}

export interface ReplacementsProps {
  readonly flow: Flow
  readonly draft: FlowDraft
  onChange(change: (held: FlowDraft) => FlowDraft): void
}

/** The list, which stands before the faults, and the button that adds to it. */
export const useReplacements = ({
  flow,
  draft,
  onChange,
}: ReplacementsProps): { readonly list: ReactNode; readonly add: ReactNode } => {
  const { t } = useTranslation()
  const list = useRef<HTMLDivElement>(null)
  const addButton = useRef<HTMLButtonElement>(null)
  const undo = useUndo<Replacement>()
  const { replacements } = draft
  const focusLater = (pick: () => HTMLElement | null | undefined) => requestAnimationFrame(() => pick()?.focus())
  const remove = (key: number) => {
    const index = replacements.findIndex((each) => each.key === key)
    const item = replacements[index]
    if (item === undefined) return
    addButton.current?.focus()
    undo.note({ item, index })
    onChange((held) => ({ ...held, replacements: without(held.replacements, key) }))
  }
  const bringBack = () => {
    const { removed } = undo
    if (removed === null) return
    addButton.current?.focus()
    undo.clear()
    onChange((held) => ({ ...held, replacements: withBack(held.replacements, removed.item, removed.index) }))
  }
  const add = () => {
    onChange((held) => withReplacement(held, t('relay.replace.fresh')))
    focusLater(() => [...(list.current?.querySelectorAll<HTMLElement>('.pattern-field input') ?? [])].at(-1))
  }
  const onKeyDown = (event: KeyboardEvent<HTMLElement>) => {
    const target = event.target as HTMLElement
    const key = Number(target.closest<HTMLElement>('[data-key]')?.dataset['key'] ?? Number.NaN)
    if (event.key !== 'Delete' || Number.isNaN(key) || target.matches('input')) return
    remove(key)
    event.preventDefault()
    event.stopPropagation()
  }
  return {
    list: (
      <>
        {replacements.length === 0 ? null : (
          // biome-ignore lint/a11y/useSemanticElements: a list with its own look.
          <div
            ref={list}
            role="list"
            className="replacement-list"
            aria-label={t('relay.replace.list', { flow: t(`relay.flow.${flow}`) })}
            onKeyDown={onKeyDown}
          >
            {replacements.map(({ key, value }) => (
              // biome-ignore lint/a11y/useSemanticElements: a list with its own look.
              <div
                key={key}
                role="listitem"
                data-key={key}
                className={value.on ? 'replacement' : 'replacement off'}
                aria-label={value.name}
              >
                <Row
                  rule={value}
                  onChange={(rule) =>
                    onChange((held) => ({ ...held, replacements: withChanged(held.replacements, key, rule) }))
                  }
                  onRemove={() => remove(key)}
                />
              </div>
            ))}
          </div>
        )}
        {undo.removed === null ? null : (
          <p className="lab-removed" role="status">
            {t('relay.removed', { name: undo.removed.item.value.name })}{' '}
            <button type="button" className="link-button" onClick={bringBack}>
              {t('relay.undo')}
            </button>
          </p>
        )}
      </>
    ),
    add: (
      <Button
        ref={addButton}
        weight="quiet"
        className="lab-add"
        aria-label={t('relay.replace.addLabel', { flow: t(`relay.flow.${flow}`) })}
        onClick={add}
      >
        <Plus size={14} aria-hidden="true" />
        {t('relay.replace.title')}
      </Button>
    ),
  }
}
