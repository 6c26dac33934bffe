// The two columns of words: the vocabulary card, with the step's own words in bold, and the claims with what was recorded.
// Counterpart: main/engine/lessons/about, which writes them.
import { Check, X } from 'lucide-react'
import { useTranslation } from 'react-i18next'
import type { LessonInfo, LessonRun, LessonStep } from '../../preload/contract/lessons.ts'
import { Words } from './words.tsx'

/** The words of code in an entry, without their brackets. */
const codeWords = (text: string): readonly string[] =>
  [...text.matchAll(/`([^`]+)`/g)].flatMap(([, code]) => code!.match(/[A-Za-z_]{4,}/g) ?? [])

/** True where the step's line or sentence uses one of the entry's words. */
const isUsed = (entry: LessonInfo['vocabulary'][number], heard: string): boolean =>
  codeWords(`${entry.asyncio} ${entry.node}`).some((word) => {
    const camel = word.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase())
    return new RegExp(`\\b(?:${word}|${camel})\\b`).test(heard)
  })

export const Vocabulary = ({
  lesson,
  run,
  step,
}: {
  readonly lesson: LessonInfo
  readonly run: LessonRun | null
  readonly step: LessonStep | null
}) => {
  const { t } = useTranslation()
  const line = step === null || step.line === 0 ? '' : (run?.source.split('\n')[step.line - 1] ?? '')
  const heard = `${line} ${step?.text ?? ''}`
  return (
    <section className="lesson-vocabulary">
      <h3>{t('lessons.vocabulary')}</h3>
      <table>
        <thead>
          <tr>
            <th scope="col">{t('lessons.asyncio')}</th>
            <th scope="col">{t('lessons.node')}</th>
          </tr>
        </thead>
        {lesson.vocabulary.map((entry) => (
          <tbody key={`${entry.asyncio} ${entry.node}`} className={isUsed(entry, heard) ? 'used' : ''}>
            <tr>
              <td>
                <Words text={entry.asyncio} />
              </td>
              <td>
                <Words text={entry.node} />
              </td>
            </tr>
            {entry.differs === '' ? null : (
              <tr>
                <td colSpan={2} className="differs">
                  <Words text={entry.differs} />
                </td>
              </tr>
            )}
          </tbody>
        ))}
      </table>
    </section>
  )
}

export const Claims = ({ run }: { readonly run: LessonRun }) => {
  const { t } = useTranslation()
  return (
    <section className="lesson-claims">
      <h3>{t('lessons.claims')}</h3>
      {run.edited ? <p className="dim">{t('lessons.claimsOfChanged')}</p> : null}
      <ul>
        {run.claims.map((claim) => (
          <li key={claim.text} className={claim.held ? 'held' : 'missed'}>
            <details open={!claim.held}>
              <summary>
                {claim.held ? <Check size={14} aria-hidden="true" /> : <X size={14} aria-hidden="true" />}
                <span>
                  <b>{t(claim.held ? 'lessons.held' : 'lessons.notHeld')}</b> <Words text={claim.text} />
                </span>
              </summary>
              <p className="seen">{t('lessons.seen', { seen: claim.seen })}</p>
            </details>
          </li>
        ))}
      </ul>
    </section>
  )
}
