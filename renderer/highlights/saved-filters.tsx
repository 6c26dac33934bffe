// The popover of saved filters and highlight rules: names the filter that is on, uses one that was named, gives what a filter
// means a coloured edge. Counterparts: saved.ts (where they are kept), highlights.ts (what they mean).
import { Popover } from '@base-ui/react/popover'
import { Star, Trash2 } from 'lucide-react'
import { type FormEvent, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { formatFilter, formatParts } from '../../preload/contract/filter-format.ts'
import type { FilterPart } from '../../preload/contract/filter-language.ts'
import { chipsOf, eventFilter, useFilter } from '../event-log/filter.ts'
import { endpointsStore } from '../stores/endpoints.ts'
import { noticeStore } from '../stores/notice.ts'
import { useWorkspace } from '../stores/workspace.ts'
import { Button, IconButton } from '../ui/button.tsx'
import { formatCount } from '../ui/format.ts'
import { Switch } from '../ui/switch.tsx'
import { maxActiveRules, useHighlights } from './highlights.ts'
import './highlights.css'
import {
  addRule,
  changeRule,
  type HighlightRule,
  highlightColours,
  maxNameLength,
  readHighlightRules,
  readSavedFilters,
  removeFilter,
  removeRule,
  type SavedFilter,
  saveFilter,
} from './saved.ts'

/** Endpoints by name in place of their numbers, which mean others in another session. */
const byName = (part: FilterPart): FilterPart => {
  switch (part.by) {
    case 'endpoint': {
      const name = endpointsStore.getState().names.get(part.id)
      return name === undefined ? part : { by: 'endpoint-name', name }
    }
    case 'and':
    case 'or':
      return { ...part, parts: part.parts.map(byName) }
    case 'not':
      return { by: 'not', part: byName(part.part) }
    default:
      return part
  }
}

/** The filter that is on, as it can be kept; empty for none. */
const currentFilter = (parts: readonly FilterPart[]): string => {
  const named = parts.map(byName)
  return named.length === 1 ? formatFilter(named[0]!) : formatParts(named)
}

type Change = Promise<Parameters<ReturnType<typeof noticeStore.getState>['report']>[0]>
const report = (change: Change): void => {
  void change.then((result) => noticeStore.getState().report(result))
}

const SavedRow = ({ saved, use }: { readonly saved: SavedFilter; readonly use: () => void }) => {
  const { t } = useTranslation()
  return (
    <li className="saved-row">
      <button
        type="button"
        className="saved-use"
        aria-label={t('filter.use', { name: saved.name })}
        onClick={() => {
          eventFilter.setChips(chipsOf(saved.filter))
          use()
        }}
      >
        <span className="cut">{saved.name}</span>
        <span className="cut dim data">{saved.filter}</span>
      </button>
      <IconButton label={t('filter.removeSaved', { name: saved.name })} onClick={() => report(removeFilter(saved.id))}>
        <Trash2 size={14} aria-hidden="true" />
      </IconButton>
    </li>
  )
}

const nextColour = ({ colour }: HighlightRule) =>
  highlightColours[(highlightColours.indexOf(colour) + 1) % highlightColours.length]!

const RuleRow = ({ rule }: { readonly rule: HighlightRule }) => {
  const { t } = useTranslation()
  useHighlights((state) => state.version)
  const active = useHighlights((state) => state.active.find((each) => each.rule.id === rule.id))
  const index = active?.matches.store.getState().index ?? null
  const { filter } = rule
  return (
    <li className="saved-row">
      <IconButton
        label={t('filter.highlightColour', { filter, colour: t(`filter.colour.${rule.colour}`) })}
        onClick={() => report(changeRule(rule.id, { colour: nextColour(rule) }))}
      >
        <span className="highlight-swatch" style={{ background: `var(--highlight-${rule.colour})` }} />
      </IconButton>
      <span className="saved-rule data">
        <span className="cut">{filter}</span>
        {index === null ? null : (
          <span className="dim">{t('filter.highlightCount', { number: formatCount(index.count) })}</span>
        )}
      </span>
      <Switch
        label={t('filter.highlightOn', { filter })}
        checked={rule.on}
        onChange={(on) => report(changeRule(rule.id, { on }))}
      />
      <IconButton label={t('filter.highlightRemove', { filter })} onClick={() => report(removeRule(rule.id))}>
        <Trash2 size={14} aria-hidden="true" />
      </IconButton>
    </li>
  )
}

const SaveForm = ({ filter }: { readonly filter: string }) => {
  const { t } = useTranslation()
  const [name, setName] = useState('')
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (filter === '' || name.trim() === '') return
    report(saveFilter(name.trim(), filter))
    setName('')
  }
  return (
    <form className="saved-form" onSubmit={submit}>
      <input
        className="go-to-input"
        aria-label={t('filter.saveName')}
        placeholder={filter === '' ? t('filter.saveNothing') : t('filter.saveName')}
        disabled={filter === ''}
        maxLength={maxNameLength}
        value={name}
        onChange={(event) => setName(event.target.value)}
      />
      <Button type="submit" disabled={filter === '' || name.trim() === ''}>
        {t('filter.save')}
      </Button>
    </form>
  )
}

export const SavedFilters = () => {
  const { t } = useTranslation()
  const [open, setOpen] = useState(false)
  const saved = useWorkspace((state) => state.parts.filters)
  const stored = useWorkspace((state) => state.parts.highlights)
  const parts = useFilter((state) => state.parts)
  const filter = currentFilter(parts)
  const filters = readSavedFilters(saved)
  const rules = readHighlightRules(stored)
  const on = rules.filter((rule) => rule.on).length
  return (
    <Popover.Root open={open} onOpenChange={setOpen}>
      <Popover.Trigger
        render={
          <IconButton label={t('filter.saved')}>
            <Star size={14} aria-hidden="true" />
          </IconButton>
        }
      />
      <Popover.Portal>
        <Popover.Positioner className="floating" sideOffset={4} align="end">
          <Popover.Popup className="menu saved-filters" aria-label={t('filter.saved')}>
            <h3>{t('filter.savedHead')}</h3>
            {filters.length === 0 ? (
              <p className="saved-note">{t('filter.savedNone')}</p>
            ) : (
              <ul className="saved-list scroll">
                {filters.map((each) => (
                  <SavedRow key={each.id} saved={each} use={() => setOpen(false)} />
                ))}
              </ul>
            )}
            <SaveForm filter={filter} />
            <h3>{t('filter.highlightHead')}</h3>
            {rules.length === 0 ? (
              <p className="saved-note">{t('filter.highlightNone')}</p>
            ) : (
              <ul className="saved-list scroll">
                {rules.map((rule) => (
                  <RuleRow key={rule.id} rule={rule} />
                ))}
              </ul>
            )}
            {on > maxActiveRules ? (
              <p className="saved-note err-text">{t('filter.highlightMost', { most: maxActiveRules })}</p>
            ) : null}
            <Button disabled={filter === ''} onClick={() => report(addRule(filter))}>
              {t('filter.highlightAdd')}
            </Button>
          </Popover.Popup>
        </Popover.Positioner>
      </Popover.Portal>
    </Popover.Root>
  )
}
