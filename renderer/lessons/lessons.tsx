// The Lessons view until part 2 brings them: which they will be. Nothing here pretends to run.
import { useTranslation } from 'react-i18next'
import { viewStore } from '../stores/view.ts'
import { Button } from '../ui/button.tsx'
import '../ui/coming.css'

export const LessonsView = () => {
  const { t } = useTranslation()
  const lessons = t('coming.lessonList', { returnObjects: true })
  return (
    <div className="coming scroll">
      <div className="coming-middle">
        <ol className="coming-lessons" aria-label={t('coming.planned')}>
          {lessons.map((lesson, i) => (
            <li key={lesson}>
              <span className="data dim">{i + 1}</span>
              {lesson}
            </li>
          ))}
        </ol>
        <div>
          <h2>{t('coming.lessonsTitle')}</h2>
          <p>{t('coming.lessonsText')}</p>
          <p>{t('coming.lessonsNow')}</p>
          <Button onClick={() => viewStore.getState().show('wire')}>{t('coming.back')}</Button>
        </div>
      </div>
    </div>
  )
}
