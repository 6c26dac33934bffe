// Rules in the order in which they are tried: added, moved, switched, removed and brought back, and a message to try them
// with. Keys: arrows walk, Alt arrows move, Space switches, Del removes. Counterparts: rule-card.tsx, answers.ts.
import { Plus } from 'lucide-react'
import { type KeyboardEvent, useLayoutEffect, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { parseEscapes } from '../../preload/contract/notation.ts'
import type { Reply } from '../../preload/contract/vocabulary.ts'
import { freshKey, type Keyed, withBack, withChanged, withMoved, without } from '../relay/chain.ts'
import { useDrag } from '../relay/use-drag.ts'
import { useUndo } from '../relay/use-undo.ts'
import { Button } from '../ui/button.tsx'
import { Field } from '../ui/field.tsx'
import { answeringRule, isRuleRight, newRule, type RuleValues } from './answers.ts'
import { RuleCard } from './rule-card.tsx'

export interface RulesSectionProps {
  readonly rules: readonly Keyed<RuleValues>[]
  /** What a message gets that no rule matches. */
  readonly plain: Reply
  onChange(rules: readonly Keyed<RuleValues>[]): void
}

const macros = '{{counter}} {{now}} {{unix}} {{uuid}} {{random:8}} {{file:PATH}}'
const named = '$'.concat('{name}')

export const RulesSection = ({ rules, plain, onChange }: RulesSectionProps) => {
  const { t } = useTranslation()
  const list = useRef<HTMLDivElement>(null)
  const addButton = useRef<HTMLButtonElement>(null)
  const [tried, setTried] = useState('')
  const [said, setSaid] = useState('')
  const undo = useUndo<RuleValues>()
  /** What has the focus once the list is laid out anew. */
  const focusNext = useRef<{ readonly key: number; readonly part: 'grip' | 'pattern' } | null>(null)

  const titleOf = (key: number): string => {
    const index = rules.findIndex((each) => each.key === key)
    const name = rules[index]?.value.name ?? ''
    return name === '' ? t('replies.rule', { number: index + 1 }) : t('replies.ruleNamed', { number: index + 1, name })
  }
  const move = (key: number, to: number) => {
    const place = Math.max(0, Math.min(rules.length - 1, to))
    if (rules[place]?.key === key || !rules.some((each) => each.key === key)) return
    focusNext.current = { key, part: 'grip' }
    setSaid(t('replies.moved', { rule: titleOf(key), number: place + 1, count: rules.length }))
    onChange(withMoved(rules, key, place))
  }
  const drag = useDrag(list, rules, move)
  const remove = (key: number) => {
    const index = rules.findIndex((each) => each.key === key)
    const item = rules[index]
    if (item === undefined) return
    const next = rules[index + 1] ?? rules[index - 1]
    if (next === undefined) addButton.current?.focus()
    else focusNext.current = { key: next.key, part: 'grip' }
    undo.note({ item, index })
    onChange(without(rules, key))
  }
  const bringBack = () => {
    const { removed } = undo
    if (removed === null) return
    focusNext.current = { key: removed.item.key, part: 'grip' }
    undo.clear()
    onChange(withBack(rules, removed.item, removed.index))
  }
  const add = () => {
    const key = freshKey()
    focusNext.current = { key, part: 'pattern' }
    onChange([...rules, { key, value: newRule }])
  }

  const partOf = (key: number, part: 'grip' | 'pattern') =>
    list.current?.querySelector<HTMLElement>(`[data-key='${key}'] [data-${part}]`)
  useLayoutEffect(() => {
    const next = focusNext.current
    const target = next === null ? null : partOf(next.key, next.part)
    if (target === null || target === undefined) return
    focusNext.current = null
    target.focus()
  })

  const onKeyDown = (event: KeyboardEvent<HTMLElement>) => {
    const target = event.target as HTMLElement
    const key = Number(target.closest<HTMLElement>('[data-key]')?.dataset['key'] ?? Number.NaN)
    const index = rules.findIndex((each) => each.key === key)
    const item = rules[index]
    if (item === undefined || event.ctrlKey || event.metaKey) return
    const onGrip = target.matches('[data-grip]')
    const by = event.key === 'ArrowUp' ? -1 : event.key === 'ArrowDown' ? 1 : 0
    if (by !== 0 && event.altKey) move(key, index + by)
    else if (by !== 0 && onGrip) {
      const next = rules[index + by]
      if (next !== undefined) partOf(next.key, 'grip')?.focus()
    } else if (event.key === 'Delete' && onGrip) remove(key)
    else if (event.key === ' ' && onGrip) onChange(withChanged(rules, key, { ...item.value, on: !item.value.on }))
    else if (event.key === 'Enter' && onGrip) partOf(key, 'pattern')?.focus()
    else return
    event.preventDefault()
    event.stopPropagation()
  }

  const parsed = parseEscapes(tried)
  const message = parsed.ok ? parsed.bytes : new Uint8Array(0)
  const answering = tried === '' || !parsed.ok ? null : answeringRule(rules, message)
  const verdict =
    tried === ''
      ? t('replies.tryHelp')
      : answering === null
        ? t('replies.tryNone')
        : t('replies.tryRule', { rule: titleOf(rules[answering]!.key) })
  const wrong = tried !== '' && rules.some(({ value }) => value.on && !isRuleRight(value))

  return (
    <div className="rules-section">
      {rules.length === 0 ? <p className="field-help">{t('replies.none')}</p> : null}
      {/* biome-ignore lint/a11y/useSemanticElements: a list with its own look. */}
      <div ref={list} role="list" className="rule-list" aria-label={t('replies.list')} onKeyDown={onKeyDown}>
        {drag.shown.map(({ key, value }, i) => (
          // biome-ignore lint/a11y/useSemanticElements: a list with its own look.
          <div
            key={key}
            role="listitem"
            data-key={key}
            className={drag.floating === key ? 'rule-slot open' : 'rule-slot'}
            aria-label={titleOf(key)}
          >
            <RuleCard
              rule={value}
              number={i + 1}
              title={titleOf(key)}
              message={message}
              answers={answering !== null && rules[answering]?.key === key}
              {...(drag.floating === key
                ? { className: 'floats', style: { transform: `translate(8px, ${drag.offsetPx}px)` } }
                : {})}
              onChange={(next) => onChange(withChanged(rules, key, next))}
              onRemove={() => remove(key)}
              onGrip={(event) => drag.begin(event, key)}
            />
          </div>
        ))}
      </div>
      {undo.removed === null ? null : (
        <p className="rule-removed" role="status">
          {t('replies.removed', {
            rule: undo.removed.item.value.name || t('replies.rule', { number: undo.removed.index + 1 }),
          })}{' '}
          <button type="button" className="link-button" onClick={bringBack}>
            {t('replies.undo')}
          </button>
        </p>
      )}
      <div className="rule-adds">
        <Button ref={addButton} weight="quiet" onClick={add}>
          <Plus size={14} aria-hidden="true" />
          {t('replies.add')}
        </Button>
        <span className="field-help grow">{t(`replies.plain_${plain}`)}</span>
      </div>
      {rules.length === 0 ? null : (
        <>
          <p className="field-help">{t('replies.replyHelp', { macros, named })}</p>
          <Field
            label={t('replies.try')}
            aria-label={t('replies.tryLabel')}
            value={tried}
            placeholder="GET a"
            error={parsed.ok ? null : parsed.message}
            help={
              <span role="status">
                {wrong ? `${t('replies.tryWrong')} ` : ''}
                {verdict}
              </span>
            }
            onChange={setTried}
          />
        </>
      )}
      <span className="visually-hidden" role="status">
        {said}
      </span>
    </div>
  )
}
