// The popover of bookmarks: every mark of the capture with its note, to jump to. Counterparts: bookmarks.ts, the
// inspector's note section.
import { Popover } from '@base-ui/react/popover'
import { Bookmark, Trash2 } from 'lucide-react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { selectSeq } from '../event-log/step.ts'
import { selectionStore } from '../stores/selection.ts'
import { IconButton } from '../ui/button.tsx'
import { formatCount } from '../ui/format.ts'
import { bookmarks, useBookmarks } from './bookmarks.ts'
import '../highlights/highlights.css'

/** Bookmarks that are listed at most; the filter's `marked:` finds them all. */
const listed = 500

export const BookmarkList = () => {
  const { t } = useTranslation()
  const [open, setOpen] = useState(false)
  const notes = useBookmarks((state) => state.notes)
  const label = notes.size === 0 ? t('bookmarks.list') : t('bookmarks.listCount', { number: formatCount(notes.size) })
  return (
    <Popover.Root open={open} onOpenChange={setOpen}>
      <Popover.Trigger
        render={
          <IconButton label={label}>
            <Bookmark size={14} aria-hidden="true" fill={notes.size === 0 ? 'none' : 'currentColor'} />
          </IconButton>
        }
      />
      <Popover.Portal>
        <Popover.Positioner className="floating" sideOffset={4} align="end">
          <Popover.Popup className="menu bookmark-list" aria-label={t('bookmarks.title')}>
            <h3>{t('bookmarks.title')}</h3>
            {notes.size === 0 ? <p className="saved-note">{t('bookmarks.none')}</p> : null}
            <ul className="saved-list scroll">
              {[...notes].slice(0, listed).map(([seq, note]) => (
                <li key={seq} className="saved-row">
                  <button
                    type="button"
                    className="saved-use"
                    aria-label={t('bookmarks.goTo', { seq })}
                    onClick={() => {
                      selectionStore.getState().setFollowing(false)
                      selectSeq(seq)
                      setOpen(false)
                    }}
                  >
                    <span className="data">#{seq}</span>
                    <span className="cut dim">{note === '' ? t('bookmarks.noNote') : note}</span>
                  </button>
                  <IconButton label={t('bookmarks.remove', { seq })} onClick={() => void bookmarks.remove(seq)}>
                    <Trash2 size={14} aria-hidden="true" />
                  </IconButton>
                </li>
              ))}
            </ul>
          </Popover.Popup>
        </Popover.Positioner>
      </Popover.Portal>
    </Popover.Root>
  )
}
