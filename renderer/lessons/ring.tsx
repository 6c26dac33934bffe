// Where the loop is at this step: the phase, the iteration, and what drains between callbacks. Counterparts: queues.tsx
// (what waits), loop/ring (the same picture of the live loop), loop/phase-mark.tsx (the same textures).
import { useId } from 'react'
import { useTranslation } from 'react-i18next'
import type { LessonStep } from '../../preload/contract/lessons.ts'
import { phases } from '../../preload/contract/loop-columns.ts'
import { PhasePattern } from '../loop/phase-mark.tsx'
import { formatDuration } from '../ui/format.ts'

const width = 328
const height = 300
const centre = { x: width / 2, y: 136 }
const outer = 104
const inner = 82
const gap = 0.03
const turn = (2 * Math.PI) / phases.length

/** A point at an angle; 0 is at the top, turning right. */
const point = (radius: number, angle: number): string =>
  `${(centre.x + radius * Math.sin(angle)).toFixed(2)} ${(centre.y - radius * Math.cos(angle)).toFixed(2)}`

const segment = (i: number): string => {
  const [from, to] = [i * turn + gap, (i + 1) * turn - gap]
  return `M${point(outer, from)}A${outer} ${outer} 0 0 1 ${point(outer, to)}L${point(inner, to)}A${inner} ${inner} 0 0 0 ${point(inner, from)}Z`
}

const labelPlace = (i: number) => {
  const angle = (i + 0.5) * turn
  const radius = outer + (i === 3 ? 26 : 12)
  const side = Math.sin(angle)
  return {
    x: centre.x + radius * side,
    y: centre.y - radius * Math.cos(angle) + 4,
    textAnchor: Math.abs(side) < 0.2 ? 'middle' : side > 0 ? 'start' : 'end',
  } as const
}

export const LessonRing = ({ step }: { readonly step: LessonStep | null }) => {
  const { t } = useTranslation()
  const id = useId()
  const what =
    step === null ? null : step.waitedMs > 0 ? 'wait' : step.line === 0 ? 'end' : (step.turn satisfies string)
  const draining = step?.turn === 'tick' || step?.turn === 'microtask'
  return (
    <section className="lesson-ring" aria-label={t('lessons.ring')}>
      <svg width={width} height={height} viewBox={`0 0 ${width} ${height}`} aria-hidden="true">
        {phases.map((phase) => (
          <PhasePattern key={phase} id={`${id}${phase}`} phase={phase} />
        ))}
        <path className="lesson-ring-turn" d={`M${centre.x - 16} 10H${centre.x + 16}m-6 -4 6 4-6 4`} />
        {phases.map((phase, i) => (
          <path
            key={phase}
            className={phase === step?.phase ? 'lesson-ring-segment lit' : 'lesson-ring-segment'}
            d={segment(i)}
            fill={`url(#${id}${phase})`}
            stroke={`var(--phase-${phase})`}
          />
        ))}
        {phases.map((phase, i) => (
          <text
            key={phase}
            className={phase === step?.phase ? 'lesson-ring-label lit' : 'lesson-ring-label'}
            {...labelPlace(i)}
          >
            {t(`loop.lane.${phase}`)}
          </text>
        ))}
      </svg>
      <div className="lesson-ring-middle">
        <span>{t('lessons.iteration')}</span>
        <span className="lesson-ring-number">{step === null ? '–' : step.iteration}</span>
        <b className="data">{what === null ? '' : t(`lessons.turn.${what}`)}</b>
        <span className="lesson-ring-queues">
          <span className={step?.turn === 'tick' ? 'now' : ''}>
            {t('loop.lane.tick')} <b>{step === null ? '–' : step.ticks.length + Number(step.turn === 'tick')}</b>
          </span>
          <span className={step?.turn === 'microtask' ? 'now' : ''}>
            {t('loop.lane.microtask')}{' '}
            <b>{step === null ? '–' : step.microtasks.length + Number(step.turn === 'microtask')}</b>
          </span>
        </span>
        <span>{draining ? t('lessons.betweenCallbacks') : '\u00a0'}</span>
      </div>
      <p className="lesson-ring-note">
        {step !== null && step.waitedMs > 0
          ? t('lessons.pollNote', { count: step.pollEvents, duration: formatDuration(step.waitedMs) })
          : '\u00a0'}
      </p>
    </section>
  )
}
