// The ring of the phases in libuv's order: the phase at the playhead lit, how far its callback is on the arc around it, and
// in the middle the turn and what drains between callbacks. While following, phases light up as things run in them.
// Counterparts: ../moment-store.ts (what is shown), flame/textures.ts (the same textures on canvas).
import type { TFunction } from 'i18next'
import { useId } from 'react'
import { useTranslation } from 'react-i18next'
import { type Phase, phases } from '../../../preload/contract/loop-columns.ts'
import { eventLog } from '../../event-log/event-log.ts'
import { useAbsence } from '../../stores/staleness.ts'
import { formatDuration } from '../../ui/format.ts'
import type { Moment } from '../moment.ts'
import { useMoment } from '../moment-store.ts'
import { PhasePattern } from '../phase-mark.tsx'
import { useLoopSettings } from '../settings.ts'
import { callbackWords } from '../words.ts'

const size = 344
const centreX = size / 2
const centreY = 142
const outer = 116
const inner = 90
const arcRadius = 122
const gap = 0.022
const turn = (2 * Math.PI) / phases.length

/** A point at an angle; 0 is at the top, turning right. */
const point = (radius: number, angle: number): string =>
  `${(centreX + radius * Math.sin(angle)).toFixed(2)} ${(centreY - radius * Math.cos(angle)).toFixed(2)}`

const segment = (i: number): string => {
  const from = i * turn + gap
  const to = (i + 1) * turn - gap
  return `M${point(outer, from)}A${outer} ${outer} 0 0 1 ${point(outer, to)}L${point(inner, to)}A${inner} ${inner} 0 0 0 ${point(inner, from)}Z`
}

const arc = (i: number, share: number): string => {
  const from = i * turn + gap
  const to = from + (turn - 2 * gap) * Math.min(1, Math.max(0.001, share))
  return `M${point(arcRadius, from)}A${arcRadius} ${arcRadius} 0 0 1 ${point(arcRadius, to)}`
}

/** Where a phase's name stands, outside the ring. */
const labelPlace = (i: number) => {
  const angle = (i + 0.5) * turn
  const radius = outer + (i === 3 ? 30 : 14)
  const side = Math.sin(angle)
  return {
    x: centreX + radius * side,
    y: centreY - radius * Math.cos(angle),
    anchor: Math.abs(side) < 0.2 ? 'middle' : side > 0 ? 'start' : 'end',
  } as const
}

/** How far what runs, or the wait, is: 0 to 1; null where nothing of known length is under way. */
const progressOf = (moment: Moment): { readonly doneMs: number; readonly wholeMs: number } | null => {
  if (moment.running !== null)
    return { doneMs: moment.at - moment.running.start, wholeMs: moment.running.end - moment.running.start }
  if (moment.polling && moment.turn !== null)
    return { doneMs: moment.at - moment.turn.start, wholeMs: moment.turn.readyAt - moment.turn.start }
  return null
}

const Middle = ({ moment }: { readonly moment: Moment | null }) => {
  const { t } = useTranslation()
  const lately = useMoment((state) => state.lately)
  const slowMs = useLoopSettings((state) => state.slowMs)
  const off = useLoopSettings((state) => state.level === 'off')
  const stale = useAbsence()
  const iteration = moment === null ? (lately?.iteration ?? 0) : moment.turn?.number
  const progress = moment === null ? null : progressOf(moment)
  const running = moment?.running ?? null
  const slow = running !== null && !running.own && running.end - running.start >= slowMs
  const said =
    progress === null
      ? moment === null
        ? t(stale !== null ? `loop.ring.${stale}` : off ? 'loop.ring.off' : 'loop.ring.live')
        : t('loop.ring.none')
      : t(moment?.polling === true ? 'loop.ring.waitingOf' : 'loop.ring.progress', {
          done: formatDuration(progress.doneMs),
          whole: formatDuration(progress.wholeMs),
        })
  return (
    <div className="ring-middle">
      <span className="ring-caption">{t('loop.ring.iteration')}</span>
      <span className="ring-number">{iteration === undefined || iteration === 0 ? '–' : iteration}</span>
      <span className={slow ? 'ring-progress data err-text' : 'ring-progress data'}>{said}</span>
      <span className="ring-queues">
        <span className="ring-queue">
          {t('loop.lane.tick')} <b className="data">{moment?.ticks ?? '–'}</b>
        </span>
        <span className="ring-queue">
          {t('loop.lane.microtask')} <b className="data">{moment?.microtasks ?? '–'}</b>
        </span>
      </span>
      <span className="ring-caption">{t('loop.ring.between')}</span>
    </div>
  )
}

/** Told to screen readers: turn, phase, and what runs. */
const announcement = (t: TFunction, moment: Moment | null): string => {
  if (moment?.turn === null || moment?.turn === undefined || moment.phase === null) return ''
  const base = { iteration: moment.turn.number, phase: t(`loop.lane.${moment.phase}`) }
  const { running } = moment
  if (running === null) return t('loop.ring.announce', base)
  return t('loop.ring.announceRunning', {
    ...base,
    what: callbackWords(eventLog, running).what,
    done: formatDuration(moment.at - running.start),
    whole: formatDuration(running.end - running.start),
  })
}

export const Ring = () => {
  const { t } = useTranslation()
  const id = useId()
  const moment = useMoment((state) => state.moment)
  const lately = useMoment((state) => state.lately)
  const slowMs = useLoopSettings((state) => state.slowMs)
  const level = useLoopSettings((state) => state.level)
  const progress = moment === null ? null : progressOf(moment)
  const phase = moment === null ? null : moment.phase
  const current = phase === null ? -1 : phases.indexOf(phase as Phase)
  const stale = useAbsence()
  const quiet = lately !== null && lately.lit.size === 0
  const isLit = (candidate: Phase, i: number) =>
    lately === null
      ? i === current
      : stale === null && (lately.lit.has(candidate) || (quiet && candidate === 'poll' && level !== 'off'))
  const slow = moment?.running != null && !moment.running.own && moment.running.end - moment.running.start >= slowMs
  const events = moment?.turn?.events
  const share = progress === null || progress.wholeMs === 0 ? 0 : progress.doneMs / progress.wholeMs
  return (
    <section className="ring" aria-label={t('loop.ring.region')}>
      <svg className="ring-picture" viewBox={`0 0 ${size} 324`} aria-hidden="true">
        {phases.map((candidate) => (
          <PhasePattern key={candidate} id={`${id}${candidate}`} phase={candidate} />
        ))}
        <path className="ring-turn" d={`M${centreX - 16} 10H${centreX + 16}m-6 -4 6 4-6 4`} />
        {phases.map((candidate, i) => (
          <path
            key={candidate}
            className={isLit(candidate, i) ? 'ring-segment lit' : 'ring-segment'}
            d={segment(i)}
            fill={`url(#${id}${candidate})`}
            stroke={`var(--phase-${candidate})`}
          />
        ))}
        {current >= 0 && progress !== null ? (
          <>
            <path className="ring-arc" d={arc(current, 1)} />
            <path className={slow ? 'ring-arc done err' : 'ring-arc done'} d={arc(current, share)} />
            <circle
              className="ring-dot"
              r="4.5"
              cx={centreX + (inner - 9) * Math.sin(current * turn + turn * Math.min(1, share))}
              cy={centreY - (inner - 9) * Math.cos(current * turn + turn * Math.min(1, share))}
            />
          </>
        ) : null}
        {phases.map((candidate, i) => {
          const place = labelPlace(i)
          return (
            <text
              key={candidate}
              className={isLit(candidate, i) ? 'ring-label lit' : 'ring-label'}
              x={place.x}
              y={place.y}
              textAnchor={place.anchor}
              dominantBaseline="middle"
            >
              {t(`loop.lane.${candidate}`)}
            </text>
          )
        })}
        <path className="ring-stem" d={`M${centreX} ${centreY + outer + 8}v12`} />
        <text className="ring-note" x={centreX} y={centreY + outer + 48} textAnchor="middle" dominantBaseline="middle">
          {level === 'off'
            ? t('loop.ring.off')
            : events === undefined
              ? ''
              : t('loop.ring.eventsReady', { count: events })}
        </text>
      </svg>
      <Middle moment={moment} />
      <div className="visually-hidden" aria-live="polite">
        {announcement(t, moment)}
      </div>
    </section>
  )
}
