// The bar above the event table: filter, how much of the capture matches, what is saved of filters, bookmarks, go to, find.
// Counterparts: filter-field.tsx, go-to-field.tsx, highlights/, bookmarks/, search/find-bar.tsx.
import './event-bar.css'
import { Download, Search } from 'lucide-react'
import { useTranslation } from 'react-i18next'
import { hasTerm } from '../../../preload/contract/filter-language.ts'
import { BookmarkList } from '../../bookmarks/bookmark-list.tsx'
import { eventLog } from '../../event-log/event-log.ts'
import { eventFilter, useFilter } from '../../event-log/filter.ts'
import { exportSheetStore } from '../../export/store.ts'
import { SavedFilters } from '../../highlights/saved-filters.tsx'
import { useLoopSettings } from '../../loop/settings.ts'
import { RowsSwitch } from '../../messages/rows-switch.tsx'
import { FindBar } from '../../search/find-bar.tsx'
import { payloadSearch, useSearch } from '../../search/search.ts'
import { useLogCounts } from '../../stores/log-counts.ts'
import { useViewing } from '../../stores/viewing.ts'
import { IconButton } from '../../ui/button.tsx'
import { formatCount } from '../../ui/format.ts'
import { Hint } from '../../ui/hint.tsx'
import { FilterField } from './filter-field.tsx'
import { GoToField } from './go-to-field.tsx'

const FilterCount = () => {
  const { t } = useTranslation()
  const filtered = useFilter((state) => state.parts.length > 0)
  const index = useFilter((state) => state.index)
  const reading = useFilter((state) => state.reading)
  const percent = useFilter((state) => Math.floor(state.progress * 100))
  useFilter((state) => state.version)
  const nextSeq = useLogCounts((state) => state.nextSeq)
  if (!filtered) return null
  if (reading && (index === null || percent < 99))
    return (
      <span className="filter-count dim">
        {index === null ? t('search.filterReading') : t('filter.progress', { percent })}
      </span>
    )
  if (index === null) return null
  const matches = formatCount(index.count - index.rank(eventLog.firstSeq))
  const events = formatCount(nextSeq - eventLog.firstSeq)
  return (
    <span className="filter-count data" role="status" aria-label={t('search.filterCountLabel', { matches, events })}>
      {t('search.filterCount', { matches, events })}
    </span>
  )
}

const Only = () => {
  const { t } = useTranslation()
  const filtered = useFilter((state) => state.parts.length > 0)
  const only = useFilter((state) => state.only)
  if (!filtered) return null
  return (
    <Hint text={t('filter.only')} shortcut="Enter">
      <button
        type="button"
        className="button quiet find-button"
        aria-label={t('filter.only')}
        aria-pressed={only}
        onClick={() => eventFilter.setOnly(!only)}
      >
        {t('filter.onlyWord')}
      </button>
    </Hint>
  )
}

/** What is wrong with a chip, or with filtering; and what is not known of a time. */
const FilterProblem = () => {
  const { t } = useTranslation()
  const chips = useFilter((state) => state.chips)
  const failure = useFilter((state) => state.failure)
  const slow = useFilter((state) => state.parts.some((part) => hasTerm(part, 'slow')))
  const live = useViewing((state) => state.file === null)
  const unwatched = useLoopSettings((state) => state.level === 'off' || state.level === 'heartbeat')
  const bad = chips.find((chip) => chip.error !== null)
  if (bad !== undefined || failure !== '')
    return (
      <p className="filter-problem err-text" role="alert">
        {bad?.error === undefined || bad.error === null ? (
          t('filter.failed', { message: failure })
        ) : (
          <>
            <span className="data">
              {bad.text.slice(0, bad.error.at)}
              <u>{bad.text.slice(bad.error.at, bad.error.end)}</u>
              {bad.text.slice(bad.error.end)}
            </span>{' '}
            {bad.error.message}
          </>
        )}
      </p>
    )
  return slow && live && unwatched ? <p className="filter-problem">{t('filter.slowUnwatched')}</p> : null
}

export const EventBar = () => {
  const { t } = useTranslation()
  const finding = useSearch((state) => state.open)
  return (
    <search className="event-bars" aria-label={t('search.bar')}>
      <div className="event-bar">
        <RowsSwitch />
        <FilterField />
        <FilterCount />
        <Only />
        <SavedFilters />
        <BookmarkList />
        <GoToField />
        <IconButton
          label={t('export.open')}
          shortcut="Ctrl E"
          onClick={() => exportSheetStore.getState().open({ kind: 'export', connection: null })}
        >
          <Download size={14} aria-hidden="true" />
        </IconButton>
        <Hint text={t('search.find')} shortcut="Ctrl F">
          <button
            type="button"
            className="button quiet find-button"
            aria-pressed={finding}
            onClick={() => (finding ? payloadSearch.close() : payloadSearch.open())}
          >
            <Search size={14} aria-hidden="true" />
            <span className="find-word">{t('search.findWord')}</span>
          </button>
        </Hint>
      </div>
      <FilterProblem />
      {finding ? <FindBar /> : null}
    </search>
  )
}
