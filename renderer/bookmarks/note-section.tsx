// The selected event's bookmark: one press marks it, and its note is written here. Counterparts: bookmarks.ts, the key M,
// inspector/event-page.tsx.
import { Bookmark } from 'lucide-react'
import { useEffect, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Button } from '../ui/button.tsx'
import { Kbd } from '../ui/kbd.tsx'
import { bookmarks, useBookmarks } from './bookmarks.ts'
import '../highlights/highlights.css'

/** The longest note (contract/checks.ts, `maxPatternLength`). */
const longestNote = 4096

const NoteField = ({ seq, note }: { readonly seq: number; readonly note: string }) => {
  const { t } = useTranslation()
  const [text, setText] = useState(note)
  // biome-ignore lint/correctness/useExhaustiveDependencies: another event has another note
  useEffect(() => setText(note), [seq, note])
  const save = () => {
    if (text !== note) void bookmarks.setNote(seq, text)
  }
  return (
    <input
      className="note-field"
      aria-label={t('bookmarks.note')}
      placeholder={t('bookmarks.noteHint')}
      maxLength={longestNote}
      value={text}
      onChange={(event) => setText(event.target.value)}
      onBlur={save}
      onKeyDown={(event) => {
        if (event.key !== 'Enter') return
        save()
        event.currentTarget.blur()
      }}
    />
  )
}

export const NoteSection = ({ seq }: { readonly seq: number }) => {
  const { t } = useTranslation()
  const note = useBookmarks((state) => state.notes.get(seq))
  return (
    <div className="note-section">
      <Button weight="quiet" aria-pressed={note !== undefined} onClick={() => void bookmarks.toggle(seq)}>
        <Bookmark size={14} aria-hidden="true" fill={note === undefined ? 'none' : 'currentColor'} />
        {t(note === undefined ? 'bookmarks.toggleOn' : 'bookmarks.toggleOff')}
        <Kbd>M</Kbd>
      </Button>
      {note === undefined ? null : <NoteField seq={seq} note={note} />}
    </div>
  )
}
