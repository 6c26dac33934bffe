// What the lesson has printed up to this step, with when; what it is still to print is dimmed. Counterpart: code-pane.tsx.
import { useEffect, useRef } from 'react'
import { useTranslation } from 'react-i18next'
import type { LessonRun, LessonStep } from '../../preload/contract/lessons.ts'

export const ConsolePane = ({ run, step }: { readonly run: LessonRun | null; readonly step: LessonStep | null }) => {
  const { t } = useTranslation()
  const list = useRef<HTMLOListElement>(null)
  const printed = step?.printed ?? 0
  useEffect(() => {
    list.current?.children[Math.max(0, printed - 1)]?.scrollIntoView({ block: 'nearest' })
  }, [printed])
  const lines = run?.console ?? []
  return (
    <section className="lesson-console" data-pane="console">
      <h3>{t('lessons.console')}</h3>
      {lines.length === 0 && run !== null ? <p className="dim">{t('lessons.consoleEmpty')}</p> : null}
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, so the keyboard must reach it */}
      <ol ref={list} className="scroll selectable" tabIndex={0} data-pane-focus aria-label={t('lessons.console')}>
        {lines.map((line, i) => (
          <li
            // Lines are only ever appended.
            // biome-ignore lint/suspicious/noArrayIndexKey: see above
            key={i}
            className={`${i < printed ? '' : 'to-come'} ${line.stream === 'err' ? 'err-text' : ''}`}
          >
            <span className="dim">{line.at.toFixed(1)} ms</span>
            <span>{line.text}</span>
          </li>
        ))}
      </ol>
    </section>
  )
}
