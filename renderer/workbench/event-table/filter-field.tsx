// The filter as typed chips: what is typed proposes kinds, connections and endpoints; Enter adds, Backspace takes the last
// one away. Counterparts: filter-words.ts (what is proposed), event-log/filter.ts (what it does).
import { Combobox } from '@base-ui/react/combobox'
import { Funnel, X } from 'lucide-react'
import { useMemo, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { ConnectionId } from '../../../preload/contract/vocabulary.ts'
import { eventLog } from '../../event-log/event-log.ts'
import { eventFilter, type FilterPart, useFilter } from '../../event-log/filter.ts'
import { useEndpoints } from '../../stores/endpoints.ts'
import { proposals } from './filter-words.ts'

const keyOf = (part: FilterPart): string => JSON.stringify(part)
const samePart = (a: FilterPart, b: FilterPart): boolean => keyOf(a) === keyOf(b)

/** A part as it is written, `conn:3`. */
const usePartText = () => {
  const { t } = useTranslation()
  const names = useEndpoints((state) => state.names)
  return (part: FilterPart): string => {
    if (part.by === 'kind') return t('search.kind', { kind: part.kind })
    if (part.by === 'connection') return t('search.connection', { id: part.id })
    const name = names.get(part.id)
    return name === undefined ? t('search.endpointRemoved', { id: part.id }) : t('search.endpoint', { name })
  }
}

const PartText = ({ text }: { readonly text: string }) => {
  const colon = text.indexOf(':') + 1
  return (
    <>
      <span className="dim">{text.slice(0, colon)}</span>
      {text.slice(colon)}
    </>
  )
}

export const FilterField = () => {
  const { t } = useTranslation()
  const parts = useFilter((state) => state.parts)
  const names = useEndpoints((state) => state.names)
  const [typed, setTyped] = useState('')
  const [open, setOpen] = useState(false)
  const textOf = usePartText()
  const items = useMemo(
    () =>
      proposals(typed, {
        endpoints: names,
        hasConnection: (id) => eventLog.connections.has(id as ConnectionId),
        connections: () => [...eventLog.connections.keys()].reverse(),
      }),
    [typed, names],
  )
  return (
    <Combobox.Root<FilterPart, true>
      multiple
      items={items}
      filter={null}
      value={[...parts]}
      onValueChange={(next) => {
        setTyped('')
        eventFilter.set(next)
      }}
      inputValue={typed}
      onInputValueChange={setTyped}
      itemToStringLabel={textOf}
      isItemEqualToValue={samePart}
      open={open}
      onOpenChange={setOpen}
      autoHighlight
    >
      <Combobox.Chips className="filter-field">
        <Funnel size={14} aria-hidden="true" className="filter-icon" />
        {parts.map((part) => (
          <Combobox.Chip key={keyOf(part)} className="filter-chip data">
            <PartText text={textOf(part)} />
            <Combobox.ChipRemove
              className="filter-chip-remove"
              aria-label={t('search.filterRemove', { part: textOf(part) })}
            >
              <X size={12} aria-hidden="true" />
            </Combobox.ChipRemove>
          </Combobox.Chip>
        ))}
        <Combobox.Input
          className="filter-input"
          data-filter
          aria-label={t('search.filter')}
          placeholder={parts.length === 0 ? t('search.filterHint') : ''}
          spellCheck={false}
          onKeyDown={(event) => {
            if (event.key !== 'Escape' || open) return
            // Esc leaves the field; it does not take the chips away.
            event.preventBaseUIHandler()
            event.currentTarget.blur()
            event.preventDefault()
          }}
        />
      </Combobox.Chips>
      <Combobox.Portal>
        <Combobox.Positioner className="floating" sideOffset={4} align="start">
          <Combobox.Popup className="menu filter-menu">
            <Combobox.Empty>
              <div className="menu-note">{t('search.filterNone', { text: typed })}</div>
            </Combobox.Empty>
            <Combobox.List>
              {(part: FilterPart) => (
                <Combobox.Item key={keyOf(part)} value={part} className="menu-item filter-item data">
                  <span className="menu-label cut">
                    <PartText text={textOf(part)} />
                  </span>
                </Combobox.Item>
              )}
            </Combobox.List>
          </Combobox.Popup>
        </Combobox.Positioner>
      </Combobox.Portal>
    </Combobox.Root>
  )
}
