// The filter as typed chips: what is typed proposes terms and ways to go on; Enter adds, Backspace takes the last one away,
// Enter with nothing typed leaves out what does not match. A chip that is not understood is red, and filters nothing.
// Counterparts: filter-words.ts (what is proposed), event-log/filter.ts (what it does), contract/filter-language.ts.
import { Combobox } from '@base-ui/react/combobox'
import { Funnel, X } from 'lucide-react'
import { type KeyboardEvent, useMemo, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { formatFilter } from '../../../preload/contract/filter-format.ts'
import { parseFilter } from '../../../preload/contract/filter-language.ts'
import type { ConnectionId } from '../../../preload/contract/vocabulary.ts'
import { eventLog } from '../../event-log/event-log.ts'
import { eventFilter, type FilterChip, type FilterPart, useFilter } from '../../event-log/filter.ts'
import { useEndpoints } from '../../stores/endpoints.ts'
import { type Offer, offersFor } from './filter-words.ts'

/** What the list and the chips hold. */
type Item = Offer | { readonly type: 'chip'; readonly chip: FilterChip }

const textOfItem = (item: Item): string =>
  item.type === 'chip' ? item.chip.text : item.type === 'part' ? formatFilter(item.part) : `write ${item.text}`
const sameItem = (a: Item, b: Item): boolean => textOfItem(a) === textOfItem(b)

/** A part as it is shown, `conn:3`; an endpoint by its name. */
export const usePartText = () => {
  const { t } = useTranslation()
  const names = useEndpoints((state) => state.names)
  return (part: FilterPart): string => {
    if (part.by !== 'endpoint') return formatFilter(part)
    const name = names.get(part.id)
    return name === undefined ? t('search.endpointRemoved', { id: part.id }) : t('search.endpoint', { name })
  }
}

const PartText = ({ text }: { readonly text: string }) => {
  const colon = /^[a-z]+[:<>=~]+/.exec(text)?.[0].length ?? 0
  return (
    <>
      <span className="dim">{text.slice(0, colon)}</span>
      {text.slice(colon)}
    </>
  )
}

const fields = [
  'kind',
  'conn',
  'endpoint',
  'dir',
  'size',
  'text',
  'hex',
  'bytes',
  'cause',
  'at',
  'slow',
  'marked',
] as const

/** What a field that is offered asks for. */
const FieldHelp = ({ item }: { readonly item: Item }) => {
  const { t } = useTranslation()
  const name = item.type === 'write' ? /^([a-z]+)[:<>~/]+$/.exec(item.word)?.[1] : undefined
  const field = fields.find((each) => each === name)
  return field === undefined ? null : <span className="filter-help">{t(`filter.field.${field}`)}</span>
}

export const FilterField = () => {
  const { t } = useTranslation()
  const chips = useFilter((state) => state.chips)
  const names = useEndpoints((state) => state.names)
  const [typed, setTyped] = useState('')
  const [open, setOpen] = useState(false)
  const highlighted = useRef<Item | undefined>(undefined)
  /** Written into the field by the list, which would empty it. */
  const written = useRef(false)
  const input = useRef<HTMLInputElement>(null)
  const partText = usePartText()
  const textOf = (item: Item): string => {
    if (item.type === 'write') return item.word
    const part = item.type === 'chip' ? item.chip.part : item.part
    return part === null ? textOfItem(item) : partText(part)
  }
  const items = useMemo(
    (): readonly Item[] =>
      offersFor(typed, {
        endpoints: names,
        hasConnection: (id) => eventLog.connections.has(id as ConnectionId),
        connections: () => [...eventLog.connections.keys()].reverse(),
      }),
    [typed, names],
  )
  const wrong = useMemo(() => {
    const parsed = parseFilter(typed)
    return parsed.ok ? null : parsed.error
  }, [typed])
  const value = useMemo(() => chips.map((chip): Item => ({ type: 'chip', chip })), [chips])

  const write = (text: string) => {
    written.current = true
    setTyped(text)
    setOpen(true)
    // The list empties the field once it has told of its choice.
    queueMicrotask(() => {
      written.current = false
    })
  }

  const onValueChange = (next: readonly Item[]) => {
    const added = next.find((item) => item.type !== 'chip')
    if (added === undefined) {
      eventFilter.setChips(next.map((item) => (item as Item & { readonly type: 'chip' }).chip))
      return
    }
    if (added.type === 'write') {
      write(added.text)
      return
    }
    setTyped('')
    if (added.type === 'part') eventFilter.add(added.part)
  }

  const edit = (index: number) => {
    const chip = chips[index]
    if (chip === undefined) return
    eventFilter.removeAt(index)
    setTyped(chip.text)
    setOpen(false)
    input.current?.focus()
  }

  const onKeyDown = (event: KeyboardEvent<HTMLInputElement> & { preventBaseUIHandler(): void }) => {
    if (event.key === 'Escape' && !open) {
      // Esc leaves the field; it does not take the chips away.
      event.preventBaseUIHandler()
      event.currentTarget.blur()
      event.preventDefault()
      return
    }
    if (event.key !== 'Enter' || (open && highlighted.current !== undefined)) return
    event.preventBaseUIHandler()
    event.preventDefault()
    if (typed.trim() === '') eventFilter.setOnly(!eventFilter.store.getState().only)
    else {
      eventFilter.addText(typed)
      setTyped('')
      setOpen(false)
    }
  }

  return (
    <Combobox.Root<Item, true>
      multiple
      items={items}
      filter={null}
      value={value}
      onValueChange={onValueChange}
      inputValue={typed}
      onInputValueChange={(text) => {
        if (!written.current) setTyped(text)
      }}
      onItemHighlighted={(item) => {
        highlighted.current = item
      }}
      itemToStringLabel={textOf}
      isItemEqualToValue={sameItem}
      open={open}
      onOpenChange={(next) => {
        if (!written.current) setOpen(next)
      }}
      autoHighlight
    >
      <Combobox.Chips className="filter-field">
        <Funnel size={14} aria-hidden="true" className="filter-icon" />
        {value.map((item, index) => {
          const text = textOf(item)
          const bad = item.type === 'chip' && item.chip.error !== null
          return (
            <Combobox.Chip
              key={textOfItem(item)}
              className={bad ? 'filter-chip data bad' : 'filter-chip data'}
              title={t('filter.edit')}
              onDoubleClick={() => edit(index)}
              onKeyDown={(event) => {
                if (event.key === 'Enter' || event.key === 'F2') edit(index)
              }}
            >
              <span className="filter-chip-text cut">
                <PartText text={text} />
              </span>
              <Combobox.ChipRemove className="filter-chip-remove" aria-label={t('search.filterRemove', { part: text })}>
                <X size={12} aria-hidden="true" />
              </Combobox.ChipRemove>
            </Combobox.Chip>
          )
        })}
        <Combobox.Input
          ref={input}
          className="filter-input"
          data-filter
          aria-label={t('search.filter')}
          placeholder={chips.length === 0 ? t('filter.hint') : ''}
          spellCheck={false}
          onKeyDown={onKeyDown}
        />
      </Combobox.Chips>
      <Combobox.Portal>
        <Combobox.Positioner className="floating" sideOffset={4} align="start">
          <Combobox.Popup className="menu filter-menu">
            <Combobox.Empty>
              <div className={wrong === null ? 'menu-note' : 'menu-note err-text'}>
                {wrong === null ? t('search.filterNone', { text: typed }) : wrong.message}
              </div>
            </Combobox.Empty>
            <Combobox.List>
              {(item: Item) => (
                <Combobox.Item key={textOfItem(item)} value={item} className="menu-item filter-item data">
                  <span className="menu-label cut">
                    <PartText text={textOf(item)} />
                  </span>
                  <FieldHelp item={item} />
                </Combobox.Item>
              )}
            </Combobox.List>
          </Combobox.Popup>
        </Combobox.Positioner>
      </Combobox.Portal>
    </Combobox.Root>
  )
}
