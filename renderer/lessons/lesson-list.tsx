// The lessons, in teaching order, ticked where they were gone through. Counterpart: lessons.tsx.
import { Check } from 'lucide-react'
import type { KeyboardEvent } from 'react'
import { useTranslation } from 'react-i18next'
import { useCommands } from '../link/link.ts'
import { Kbd } from '../ui/kbd.tsx'
import { choose, chooseNext, cycleSize, toggleList, useLessons } from './store.ts'

export const LessonList = () => {
  const { t } = useTranslation()
  const commands = useCommands()
  const lessons = useLessons((state) => state.lessons)
  const chosen = useLessons((state) => state.chosen)
  const done = useLessons((state) => state.done)
  const size = useLessons((state) => state.size)
  const onKeyDown = (event: KeyboardEvent<HTMLElement>) => {
    if (event.key !== 'ArrowDown' && event.key !== 'ArrowUp') return
    event.preventDefault()
    const next = event.key === 'ArrowDown' ? 1 : -1
    chooseNext(next, commands)
    const rows = [...event.currentTarget.querySelectorAll<HTMLElement>('.lesson-name')]
    rows[rows.indexOf(event.target as HTMLElement) + next]?.focus()
  }
  return (
    <nav className="lesson-list" aria-label={t('lessons.list')} data-pane="lessons">
      <div className="lesson-list-head">
        <h2>{t('lessons.list')}</h2>
        <span className="dim">{t('lessons.done', { done: done.size, all: lessons.length })}</span>
      </div>
      <ol className="scroll" onKeyDown={onKeyDown}>
        {lessons.map((lesson) => (
          <li key={lesson.name}>
            <button
              type="button"
              className="lesson-name"
              aria-current={lesson.name === chosen}
              tabIndex={lesson.name === chosen || (chosen === null && lesson.number === 1) ? 0 : -1}
              onClick={() => choose(lesson.name, commands)}
            >
              {done.has(lesson.name) ? (
                <Check size={16} className="lesson-tick" aria-label={t('lessons.isDone')} />
              ) : (
                <span className="data dim">{lesson.number}</span>
              )}
              <span>{lesson.title}</span>
            </button>
          </li>
        ))}
      </ol>
      <div className="lesson-list-foot">
        <button type="button" onClick={cycleSize}>
          {t('lessons.sizeLabel')} <b>{t('lessons.size', { percent: size })}</b> <Kbd>Ctrl +</Kbd>
        </button>
        <button type="button" onClick={toggleList}>
          {t('lessons.hideList')} <Kbd>[</Kbd>
        </button>
      </div>
    </nav>
  )
}
