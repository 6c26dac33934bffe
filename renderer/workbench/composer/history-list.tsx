// What was sent before, newest first, and a field to search in it. Counterparts: composer.tsx (Alt Up and Down walk the same
// list), stores/composer.ts.
import { Popover } from '@base-ui/react/popover'
import { History } from 'lucide-react'
import { type KeyboardEvent, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { SentMessage } from '../../stores/composer.ts'
import { Button } from '../../ui/button.tsx'
import { Kbd } from '../../ui/kbd.tsx'

/** Characters of a message that its row shows. */
const shownLength = 120

export interface HistoryListProps {
  /** Oldest first. */
  readonly history: readonly SentMessage[]
  recall(sent: SentMessage): void
}

export const HistoryList = ({ history, recall }: HistoryListProps) => {
  const { t } = useTranslation()
  const [open, setOpen] = useState(false)
  const [sought, setSought] = useState('')
  const popup = useRef<HTMLDivElement>(null)
  const field = useRef<HTMLInputElement>(null)
  const found = history.filter((sent) => sent.text.toLowerCase().includes(sought.trim().toLowerCase())).toReversed()

  const choose = (sent: SentMessage) => {
    setOpen(false)
    recall(sent)
  }
  const onKeyDown = (event: KeyboardEvent) => {
    const rows = [...(popup.current?.querySelectorAll<HTMLElement>('.menu-item') ?? [])]
    const at = rows.indexOf(document.activeElement as HTMLElement)
    if (event.key === 'ArrowDown') rows[Math.min(at + 1, rows.length - 1)]?.focus()
    else if (event.key === 'ArrowUp') (at <= 0 ? field.current : rows[at - 1])?.focus()
    else if (event.key === 'Enter' && at < 0 && found[0] !== undefined) choose(found[0])
    else return
    event.preventDefault()
    event.stopPropagation()
  }
  return (
    <Popover.Root
      open={open}
      onOpenChange={(next) => {
        setOpen(next)
        if (next) setSought('')
      }}
    >
      <Popover.Trigger
        render={
          <Button
            weight="quiet"
            className="composer-history-open"
            disabled={history.length === 0}
            aria-label={t('composer.history')}
          >
            <History size={14} aria-hidden="true" />
            <span className="folds">{t('composer.history')}</span>
            <Kbd>Alt ↑</Kbd>
          </Button>
        }
      />
      <Popover.Portal>
        <Popover.Positioner className="floating" side="top" align="end" sideOffset={4}>
          <Popover.Popup
            ref={popup}
            className="menu composer-history"
            aria-label={t('composer.history')}
            initialFocus={field}
            onKeyDown={onKeyDown}
          >
            <input
              ref={field}
              className="input data"
              type="search"
              aria-label={t('composer.historySearch')}
              placeholder={t('composer.historySearch')}
              spellCheck={false}
              autoComplete="off"
              value={sought}
              onChange={(event) => setSought(event.target.value)}
            />
            <div className="composer-history-rows scroll">
              {found.length === 0 ? <p className="menu-note">{t('composer.historyNone')}</p> : null}
              {found.map((sent) => (
                <button
                  key={`${sent.mode} ${sent.encoding} ${sent.ending} ${sent.text}`}
                  type="button"
                  className="menu-item"
                  onClick={() => choose(sent)}
                >
                  <span className="menu-icon caption">{sent.mode === 'hex' ? 'x' : 'T'}</span>
                  <span className="menu-label data cut">
                    {sent.text.length > shownLength ? `${sent.text.slice(0, shownLength)}…` : sent.text}
                  </span>
                </button>
              ))}
            </div>
          </Popover.Popup>
        </Popover.Positioner>
      </Popover.Portal>
    </Popover.Root>
  )
}
