// The faults of one direction in the order in which they act: added, moved, switched, removed and brought back. Its cards'
// keys are taken here: arrows walk, Alt arrows move, Space switches, Enter edits, Del removes. Counterparts: fault-card.tsx,
// chain.ts.
import { type KeyboardEvent, type ReactNode, useLayoutEffect, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { Fault, FaultKind, Flow } from '../../preload/contract/faults.ts'
import { Kbd } from '../ui/kbd.tsx'
import { type FlowDraft, type Keyed, withBack, withChanged, withFault, withMoved, without } from './chain.ts'
import { FaultCard, useFaultTitle } from './fault-card.tsx'
import { FaultMenu } from './fault-menu.tsx'
import { useDrag } from './use-drag.ts'
import { useUndo } from './use-undo.ts'

/** What a new fault's chance is seeded with: small enough to be read out and typed. */
const freshSeed = (): number => 1 + Math.floor(Math.random() * 9999)

export interface FaultListProps {
  readonly flow: Flow
  readonly draft: FlowDraft
  readonly withKey: boolean
  /** Stands beside the button that adds a fault. */
  readonly beside: ReactNode
  onChange(change: (held: FlowDraft) => FlowDraft): void
}

export const FaultList = ({ flow, draft, withKey, beside, onChange }: FaultListProps) => {
  const { t } = useTranslation()
  const titleOf = useFaultTitle()
  const list = useRef<HTMLDivElement>(null)
  const [menuOpen, setMenuOpen] = useState(false)
  const [said, setSaid] = useState('')
  const undo = useUndo<Fault>()
  /** What has the focus once the list is laid out anew. */
  const focusNext = useRef<{ readonly key: number; readonly part: 'grip' | 'value' } | null>(null)
  const { faults } = draft

  const setFaults = (next: (held: readonly Keyed<Fault>[]) => readonly Keyed<Fault>[]) =>
    onChange((held) => ({ ...held, faults: next(held.faults) }))
  const move = (key: number, to: number) => {
    const place = Math.max(0, Math.min(faults.length - 1, to))
    const item = faults.find((each) => each.key === key)
    if (item === undefined || faults[place]?.key === key) return
    focusNext.current = { key, part: 'grip' }
    setFaults((held) => withMoved(held, key, place))
    setSaid(t('relay.card.moved', { name: titleOf(item.value), number: place + 1, count: faults.length }))
  }
  const drag = useDrag(list, faults, move)

  const remove = (key: number) => {
    const index = faults.findIndex((each) => each.key === key)
    const item = faults[index]
    if (item === undefined) return
    const next = faults[index + 1] ?? faults[index - 1]
    if (next !== undefined) focusNext.current = { key: next.key, part: 'grip' }
    else list.current?.parentElement?.querySelector<HTMLElement>('[data-add-fault]')?.focus()
    undo.note({ item, index })
    setFaults((held) => without(held, key))
  }
  const bringBack = () => {
    const { removed } = undo
    if (removed === null) return
    focusNext.current = { key: removed.item.key, part: 'grip' }
    undo.clear()
    setFaults((held) => withBack(held, removed.item, removed.index))
  }
  const add = (kind: FaultKind) => {
    const seed = freshSeed()
    const key = withFaultKey(draft, kind, seed)
    focusNext.current = { key: key.key, part: 'value' }
    onChange((held) => ({ ...held, faults: [...held.faults, key] }))
  }

  const partOf = (key: number, part: 'grip' | 'value') => {
    const card = list.current?.querySelector(`[data-key='${key}']`)
    return (
      (part === 'value' ? card?.querySelector<HTMLElement>('.fault-phrase button') : null) ??
      card?.querySelector<HTMLElement>('[data-grip]')
    )
  }
  useLayoutEffect(() => {
    const next = focusNext.current
    if (next === null) return
    const target = partOf(next.key, next.part)
    if (target === undefined || target === null) return
    focusNext.current = null
    target.focus()
    // A menu that closes gives the focus back to its button, after this.
    requestAnimationFrame(() => requestAnimationFrame(() => target.isConnected && target.focus()))
  })

  const onKeyDown = (event: KeyboardEvent<HTMLElement>) => {
    const target = event.target as HTMLElement
    const key = Number(target.closest<HTMLElement>('[data-key]')?.dataset['key'] ?? Number.NaN)
    const index = faults.findIndex((each) => each.key === key)
    const item = faults[index]
    if (item === undefined || event.ctrlKey || event.metaKey) return
    const inText = target.matches('input, textarea')
    const onGrip = target.matches('[data-grip]')
    const by = event.key === 'ArrowUp' ? -1 : event.key === 'ArrowDown' ? 1 : 0
    if (by !== 0 && event.altKey) move(key, index + by)
    else if (by !== 0 && onGrip) {
      const next = faults[index + by]
      if (next !== undefined) partOf(next.key, 'grip')?.focus()
    } else if (event.key === 'Delete' && !inText) remove(key)
    else if (event.key === ' ' && onGrip)
      setFaults((held) => withChanged(held, key, { ...item.value, on: !item.value.on }))
    else if (event.key === 'Enter' && onGrip) {
      const value = partOf(key, 'value')
      if (value?.matches('[data-grip]'))
        target.closest('[data-key]')?.querySelector<HTMLElement>('.fault-name')?.click()
      else value?.click()
    } else return
    event.preventDefault()
    event.stopPropagation()
  }

  const onUndoKey = (event: KeyboardEvent<HTMLElement>) => {
    if (undo.removed === null || event.key !== 'z' || !(event.ctrlKey || event.metaKey)) return
    if (event.target instanceof HTMLInputElement) return
    bringBack()
    event.preventDefault()
    event.stopPropagation()
  }

  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: takes back what was removed, wherever in it the focus is.
    <div className="fault-chain" onKeyDown={onUndoKey}>
      {/* biome-ignore lint/a11y/useSemanticElements: a list with its own look. */}
      <div
        ref={list}
        role="list"
        className="fault-list"
        aria-label={t('relay.faults', { flow: t(`relay.flow.${flow}`) })}
        onKeyDown={onKeyDown}
      >
        {drag.shown.map(({ key, value }, i) => (
          // biome-ignore lint/a11y/useSemanticElements: a list with its own look.
          <div
            key={key}
            role="listitem"
            data-key={key}
            className={drag.floating === key ? 'fault-slot open' : 'fault-slot'}
            aria-label={t('relay.card.number', { number: i + 1, name: titleOf(value) })}
          >
            <FaultCard
              fault={value}
              number={i + 1}
              faults={faults}
              {...(drag.floating === key
                ? { className: 'floats', style: { transform: `translate(8px, ${drag.offsetPx}px)` } }
                : {})}
              onChange={(next) => setFaults((held) => withChanged(held, key, next))}
              onRemove={() => remove(key)}
              onGrip={(event) => drag.begin(event, key)}
            />
          </div>
        ))}
      </div>
      {undo.removed === null ? null : (
        <p className="lab-removed" role="status">
          {t('relay.removed', { name: titleOf(undo.removed.item.value) })}{' '}
          <button type="button" className="link-button" onClick={bringBack}>
            {t('relay.undo')}
          </button>{' '}
          <Kbd>Ctrl Z</Kbd>
        </p>
      )}
      <div className="lab-adds">
        <FaultMenu flow={flow} open={menuOpen} withKey={withKey} onOpen={setMenuOpen} onChoose={add} />
        {beside}
      </div>
      <span className="visually-hidden" role="status">
        {said}
      </span>
    </div>
  )
}

/** The new fault that the chain ends with once it is added. */
const withFaultKey = (draft: FlowDraft, kind: FaultKind, seed: number): Keyed<Fault> =>
  withFault(draft, kind, seed).faults.at(-1)!
