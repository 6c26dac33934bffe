// Sentences with code in them: what stands in `backticks` is set as code. Counterpart: main/engine/lessons/about, which
// writes them; sentences for steps that nobody wrote one for are made here, from what was recorded.
import type { TFunction } from 'i18next'
import { Fragment } from 'react'
import type { LessonRun, LessonStep } from '../../preload/contract/lessons.ts'
import { formatDuration } from '../ui/format.ts'

/** Code that may be broken behind a dot or an underscore, where a column is too narrow for it. */
const breakable = (code: string) =>
  code.split(/(?<=[._])/).map((part, i) => (
    // As below.
    // biome-ignore lint/suspicious/noArrayIndexKey: see below
    <Fragment key={i}>
      {i === 0 ? null : <wbr />}
      {part}
    </Fragment>
  ))

export const Words = ({ text }: { readonly text: string }) =>
  text.split('`').map((part, i) =>
    // The parts of one sentence have no other identity than their place in it.
    // biome-ignore lint/suspicious/noArrayIndexKey: see above
    i % 2 === 1 ? <code key={i}>{breakable(part)}</code> : <Fragment key={i}>{part}</Fragment>,
  )

/** What a step says. */
export const sentenceOf = (t: TFunction, run: LessonRun, step: LessonStep): string => {
  if (step.text !== null) return step.text
  if (step.waitedMs > 0) return t('lessons.stepWait', { duration: formatDuration(step.waitedMs) })
  if (step.line === 0) return t(`lessons.end.${run.ending}`)
  return t('lessons.stepRuns', { runs: step.runs, line: step.line })
}
