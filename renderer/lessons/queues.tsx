// What waits for its turn at this step: known because it was recorded running later. Counterpart: ring.tsx.
import { useTranslation } from 'react-i18next'
import type { LessonStep } from '../../preload/contract/lessons.ts'
import { PhaseMark } from '../loop/phase-mark.tsx'
import type { Lane } from '../loop-log/lanes.ts'

/** Chips of one queue at most; the number beside them is of all. */
const maxChips = 3

interface QueueProps {
  readonly lane: Lane
  readonly now?: string | undefined
  readonly names: readonly string[]
  readonly count: number
}

const Queue = ({ lane, now, names, count }: QueueProps) => {
  const { t } = useTranslation()
  const chips = names.slice(0, maxChips)
  return (
    <div className="lesson-queue">
      <dt>
        <PhaseMark lane={lane} />
        {t(`loop.lane.${lane}`)}
      </dt>
      <dd className="data">
        {now === undefined ? null : <span className="chip now">{now}</span>}
        {chips.map((name, i) => (
          // Two of a kind differ only by their place in the queue.
          // biome-ignore lint/suspicious/noArrayIndexKey: see above
          <span key={i} className="chip">
            {name}
          </span>
        ))}
        {count > chips.length ? (
          <span className="dim">{chips.length === 0 ? count : `+ ${count - chips.length}`}</span>
        ) : null}
        {count === 0 && now === undefined ? <span className="dim">{t('lessons.empty')}</span> : null}
      </dd>
    </div>
  )
}

export const LessonQueues = ({ step }: { readonly step: LessonStep | null }) => {
  const { t } = useTranslation()
  const running = (turn: string) => (step?.turn === turn && step.line > 0 ? step.runs : undefined)
  return (
    <dl className="lesson-queues" aria-label={t('lessons.queues')}>
      <Queue
        lane="microtask"
        now={running('microtask')}
        names={step?.microtasks ?? []}
        count={step?.microtasks.length ?? 0}
      />
      <Queue lane="tick" now={running('tick')} names={step?.ticks ?? []} count={step?.ticks.length ?? 0} />
      <Queue lane="check" names={[]} count={step?.immediates ?? 0} />
      <Queue lane="timers" names={[]} count={step?.timers ?? 0} />
    </dl>
  )
}
