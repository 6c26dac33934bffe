// The Lessons view: list, sentence, code, console, ring, queues, words, timeline and controls, all of the one step that
// store.ts stands at. Counterparts: main/lesson-host.ts runs what is shown; keys.ts moves it by keyboard.
import { PanelLeft } from 'lucide-react'
import { useEffect } from 'react'
import { useTranslation } from 'react-i18next'
import { useCommands } from '../link/link.ts'
import { useLinkStatus } from '../stores/link-status.ts'
import { Button, IconButton } from '../ui/button.tsx'
import { CodePane } from './code-pane.tsx'
import { ConsolePane } from './console-pane.tsx'
import { Controls } from './controls.tsx'
import { listenForLessonKeys } from './keys.ts'
import { LessonList } from './lesson-list.tsx'
import './lessons.css'
import { LessonQueues } from './queues.tsx'
import { LessonRing } from './ring.tsx'
import { Claims, Vocabulary } from './side.tsx'
import { chosenLesson, currentStep, loadLessons, runChosen, toggleList, useLessons } from './store.ts'
import { Timeline } from './timeline.tsx'
import { usePlaying } from './use-playing.ts'
import { sentenceOf, Words } from './words.tsx'

const Head = () => {
  const { t } = useTranslation()
  const lesson = useLessons(chosenLesson)
  const run = useLessons((state) => state.run)
  const step = useLessons(currentStep)
  const at = useLessons((state) => state.at)
  const busy = useLessons((state) => state.busy)
  const problem = useLessons((state) => state.problem)
  const listHidden = useLessons((state) => state.listHidden)
  if (lesson === null) return null
  const sentence = run === null || step === null ? null : sentenceOf(t, run, step)
  const error = run !== null && at === run.steps.length - 1 ? run.error : (run?.steps.length === 0 && run.error) || null
  return (
    <header className="lesson-head">
      <div className="lesson-title">
        {listHidden ? (
          <IconButton label={t('lessons.showList')} shortcut="[" onClick={toggleList}>
            <PanelLeft size={16} />
          </IconButton>
        ) : null}
        <h1>{lesson.title}</h1>
        {run?.edited === true ? <span className="lesson-changed">{t('lessons.changed')}</span> : null}
      </div>
      <p className="lesson-sentence" aria-live="polite">
        {sentence !== null ? (
          <>
            <b>{t('lessons.splitNote', { number: at + 1, all: run!.steps.length })}</b> <Words text={sentence} />
          </>
        ) : busy ? (
          t('lessons.running')
        ) : problem !== null ? (
          t('lessons.runFailed', { message: problem })
        ) : (
          <Words text={lesson.summary} />
        )}
      </p>
      {error === null ? null : (
        <p className="lesson-error err-text" role="alert">
          {error.line === undefined
            ? error.message
            : t('lessons.errorAt', { line: error.line, column: error.column ?? 1, message: error.message })}
        </p>
      )}
    </header>
  )
}

export const LessonsView = () => {
  const { t } = useTranslation()
  const commands = useCommands()
  const ready = useLinkStatus((state) => state.phase === 'ready')
  const lessons = useLessons((state) => state.lessons)
  const lesson = useLessons(chosenLesson)
  const run = useLessons((state) => state.run)
  const step = useLessons(currentStep)
  const problem = useLessons((state) => state.problem)
  const size = useLessons((state) => state.size)
  const listHidden = useLessons((state) => state.listHidden)
  usePlaying()
  useEffect(() => listenForLessonKeys(commands), [commands])
  useEffect(() => {
    if (ready) void loadLessons(commands)
  }, [ready, commands])

  if (lessons.length === 0 || lesson === null)
    return (
      <div className="lessons-none">
        <p>{problem === null ? t('lessons.loading') : t('lessons.unavailable', { message: problem })}</p>
        {problem === null ? null : <Button onClick={() => void loadLessons(commands)}>{t('lessons.retry')}</Button>}
      </div>
    )
  return (
    <section className={`lessons size-${size}`} aria-label={t('lessons.region')}>
      {listHidden || size === 150 ? null : <LessonList />}
      <div className="lesson">
        <Head />
        <div className="lesson-panes">
          <div className="lesson-left">
            <CodePane />
            <ConsolePane run={run} step={step} />
          </div>
          {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, so the keyboard must reach it */}
          <section className="lesson-middle scroll" tabIndex={0} aria-label={t('lessons.state')} data-pane="ring">
            <LessonRing step={step} />
            <LessonQueues step={step} />
          </section>
          <div className="lesson-right scroll" data-pane="words">
            {run === null || run.steps.length === 0 ? null : <Claims run={run} />}
            <Vocabulary lesson={lesson} run={run} step={step} />
          </div>
        </div>
        {run === null || run.steps.length === 0 ? <div className="lesson-timeline" /> : <Timeline run={run} />}
        {run !== null && run.dropped.marks + run.dropped.lines + run.dropped.blocks > 0 ? (
          <p className="lesson-dropped dim">{t('lessons.dropped', run.dropped)}</p>
        ) : null}
        <Controls />
      </div>
      {problem !== null && run !== null ? (
        <Button onClick={() => void runChosen(commands)}>{t('lessons.retry')}</Button>
      ) : null}
    </section>
  )
}
