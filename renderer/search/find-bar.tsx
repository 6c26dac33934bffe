// The find bar: a pattern, how it is written, how many matches so far and which one is selected. Enter goes to the next
// match, Shift Enter to the one before, Esc closes. Counterpart: search.ts.
import { CaseSensitive, ChevronDown, ChevronUp, RotateCw, Square, X } from 'lucide-react'
import { type KeyboardEvent, useEffect, useRef } from 'react'
import { useTranslation } from 'react-i18next'
import type { SearchNotation } from '../../preload/contract/captures.ts'
import { useLogCounts } from '../stores/log-counts.ts'
import { IconButton } from '../ui/button.tsx'
import { formatCount } from '../ui/format.ts'
import { Segmented } from '../ui/segmented.tsx'
import { payloadSearch, useSearch } from './search.ts'

const Count = () => {
  const { t } = useTranslation()
  const phase = useSearch((state) => state.phase)
  const matches = useSearch((state) => state.matches)
  const current = useSearch((state) => state.current)
  const truncated = useSearch((state) => state.truncated)
  if (phase === 'idle' || phase === 'failed') return null
  const formatted = formatCount(matches)
  let text: string = matches === 0 ? t('search.none') : t('search.count', { count: matches, formatted })
  if (truncated) text = t('search.truncated', { formatted })
  if (current !== null) text = t('search.place', { place: formatCount(current + 1), formatted })
  if (phase === 'searching' && matches === 0) return null
  return (
    <span className="find-count data" role="status">
      {phase === 'searching' ? t('search.sofar', { text }) : text}
    </span>
  )
}

const Progress = () => {
  const { t } = useTranslation()
  const searching = useSearch((state) => state.phase === 'searching')
  const percent = useSearch((state) => Math.floor(state.progress * 100))
  if (!searching) return null
  return (
    <div
      className="find-progress"
      role="progressbar"
      aria-label={t('search.progress', { percent })}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={percent}
    >
      <span style={{ width: `${percent}%` }} />
    </div>
  )
}

/** Searching goes on where it stopped being asked for, or begins anew over what has come since. */
const Again = () => {
  const { t } = useTranslation()
  const phase = useSearch((state) => state.phase)
  const upTo = useSearch((state) => state.upTo)
  const nextSeq = useLogCounts((state) => state.nextSeq)
  if (phase === 'searching')
    return (
      <IconButton label={t('search.stop')} onClick={() => payloadSearch.cancel()}>
        <Square size={12} aria-hidden="true" />
      </IconButton>
    )
  if (phase !== 'done' || nextSeq <= upTo) return null
  return (
    <IconButton label={t('search.again')} onClick={() => payloadSearch.again()}>
      <RotateCw size={14} aria-hidden="true" />
    </IconButton>
  )
}

export const FindBar = () => {
  const { t } = useTranslation()
  const field = useRef<HTMLInputElement>(null)
  const pattern = useSearch((state) => state.pattern)
  const notation = useSearch((state) => state.notation)
  const ignoreCase = useSearch((state) => state.ignoreCase)
  const message = useSearch((state) => (state.phase === 'failed' ? state.message : ''))
  const any = useSearch((state) => state.matches > 0)

  useEffect(() => {
    field.current?.focus()
    field.current?.select()
  }, [])

  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === 'Enter') payloadSearch.step(event.shiftKey ? -1 : 1)
    else if (event.key === 'Escape') {
      payloadSearch.close()
      document.querySelector<HTMLElement>('[role=grid].event-grid')?.focus()
    } else return
    event.preventDefault()
    event.stopPropagation()
  }

  return (
    <div className="find-bar">
      <input
        ref={field}
        onKeyDown={onKeyDown}
        className="find-input data"
        data-find
        aria-label={t('search.find')}
        aria-invalid={message !== ''}
        aria-describedby={message === '' ? undefined : 'find-error'}
        placeholder={t(`search.findHint.${notation}`)}
        spellCheck={false}
        autoComplete="off"
        value={pattern}
        onChange={(event) => payloadSearch.look({ pattern: event.target.value })}
      />
      <Segmented<SearchNotation>
        label={t('search.notation')}
        value={notation}
        choices={[
          { value: 'text', text: t('search.text') },
          { value: 'hex', text: t('search.hex') },
          { value: 'regex', text: t('search.regex') },
        ]}
        onChange={(next) => payloadSearch.look({ notation: next })}
      />
      {notation === 'hex' ? null : (
        <IconButton
          label={t('search.ignoreCase')}
          aria-pressed={ignoreCase}
          onClick={() => payloadSearch.look({ ignoreCase: !ignoreCase })}
        >
          <CaseSensitive size={16} aria-hidden="true" />
        </IconButton>
      )}
      <Count />
      {message === '' ? null : (
        <span id="find-error" className="bar-error cut" role="alert" title={message}>
          {message}
        </span>
      )}
      <span className="bar-space" />
      <Again />
      <IconButton
        label={t('search.previous')}
        shortcut="Shift Enter"
        disabled={!any}
        onClick={() => payloadSearch.step(-1)}
      >
        <ChevronUp size={16} aria-hidden="true" />
      </IconButton>
      <IconButton label={t('search.next')} shortcut="Enter" disabled={!any} onClick={() => payloadSearch.step(1)}>
        <ChevronDown size={16} aria-hidden="true" />
      </IconButton>
      <IconButton label={t('search.close')} shortcut="Esc" onClick={() => payloadSearch.close()}>
        <X size={16} aria-hidden="true" />
      </IconButton>
      <Progress />
    </div>
  )
}
