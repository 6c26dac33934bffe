// The bar above the event table: filter, how much of the capture matches, go to, find. Counterparts: filter-field.tsx,
// go-to-field.tsx, search/find-bar.tsx.
import './event-bar.css'
import { Search } from 'lucide-react'
import { useTranslation } from 'react-i18next'
import { eventLog } from '../../event-log/event-log.ts'
import { useFilter } from '../../event-log/filter.ts'
import { FindBar } from '../../search/find-bar.tsx'
import { payloadSearch, useSearch } from '../../search/search.ts'
import { useLogCounts } from '../../stores/log-counts.ts'
import { formatCount } from '../../ui/format.ts'
import { Hint } from '../../ui/hint.tsx'
import { FilterField } from './filter-field.tsx'
import { GoToField } from './go-to-field.tsx'

const FilterCount = () => {
  const { t } = useTranslation()
  const filtered = useFilter((state) => state.parts.length > 0)
  const index = useFilter((state) => state.index)
  const reading = useFilter((state) => state.reading && state.index === null)
  const nextSeq = useLogCounts((state) => state.nextSeq)
  if (!filtered) return null
  if (reading || index === null) return <span className="filter-count dim">{t('search.filterReading')}</span>
  const matches = formatCount(index.count - index.rank(eventLog.firstSeq))
  const events = formatCount(nextSeq - eventLog.firstSeq)
  return (
    <span className="filter-count data" role="status" aria-label={t('search.filterCountLabel', { matches, events })}>
      {t('search.filterCount', { matches, events })}
    </span>
  )
}

export const EventBar = () => {
  const { t } = useTranslation()
  const finding = useSearch((state) => state.open)
  return (
    <search className="event-bars" aria-label={t('search.bar')}>
      <div className="event-bar">
        <FilterField />
        <FilterCount />
        <GoToField />
        <Hint text={t('search.find')} shortcut="Ctrl F">
          <button
            type="button"
            className="button quiet find-button"
            aria-pressed={finding}
            onClick={() => (finding ? payloadSearch.close() : payloadSearch.open())}
          >
            <Search size={14} aria-hidden="true" />
            {t('search.findWord')}
          </button>
        </Hint>
      </div>
      {finding ? <FindBar /> : null}
    </search>
  )
}
