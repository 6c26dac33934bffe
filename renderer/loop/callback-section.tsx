// The inspector's Callback section: the callback that delivered the event, how long it ran and waited, what else ran in its
// turn, and the way to it in the Loop screen. Counterparts: workbench/inspector/event-page.tsx shows it, loop-log holds it.
import './callback-section.css'
import type { ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import { eventLog } from '../event-log/event-log.ts'
import type { Callback } from '../loop-log/callbacks.ts'
import { loopLog } from '../loop-log/loop-log.ts'
import { Button } from '../ui/button.tsx'
import { formatDuration } from '../ui/format.ts'
import { Kbd } from '../ui/kbd.tsx'
import { Fact, Moment } from '../workbench/inspector/parts.tsx'
import { longWaitMs } from './flame/scene.ts'
import { PhaseMark } from './phase-mark.tsx'
import { useLoopSettings } from './settings.ts'
import { useLoopLog } from './use-loop-log.ts'
import { crossOver, selectCallback } from './view.ts'
import { callbackWords, connectionWords, waitedMs } from './words.ts'

/** Callbacks of the same turn that are listed, and looked at on either side. */
const listed = 8
const reach = 400

/** The callbacks of the same turn, in order, own work left out; those nearest to it where there are many. */
export const sameTurn = (callback: Callback): { readonly callbacks: readonly Callback[]; readonly more: number } => {
  const found: Callback[] = []
  const walk = (step: 1 | -1) => {
    for (let i = callback.position + step, seen = 0; seen < reach; i += step, seen++) {
      if (i < loopLog.callbacks.first || i >= loopLog.callbacks.end) return
      const other = loopLog.callbacks.at(i)
      if (other.iteration !== callback.iteration) return
      if (!other.own && other.lane !== 'tick' && other.lane !== 'microtask') found.push(other)
    }
  }
  walk(-1)
  walk(1)
  const nearest = [callback, ...found].sort(
    (a, b) => Math.abs(a.position - callback.position) - Math.abs(b.position - callback.position),
  )
  return {
    callbacks: nearest.slice(0, listed).sort((a, b) => a.position - b.position),
    more: Math.max(0, nearest.length - listed),
  }
}

const Waited = ({ callback }: { readonly callback: Callback }) => {
  const { t } = useTranslation()
  const waited = waitedMs(callback)
  if (callback.readyAt === null) return <span className="dim">{t('loop.section.notMeasured')}</span>
  if (waited === null) return <span className="dim">{t('loop.section.first')}</span>
  return (
    <>
      <span className={waited >= longWaitMs ? 'err-text' : 'strong'}>{formatDuration(waited)}</span>{' '}
      <span className="dim">{t(callback.lane === 'timers' ? 'loop.section.sinceDue' : 'loop.section.sincePoll')}</span>
    </>
  )
}

const TurnList = ({ callback }: { readonly callback: Callback }) => {
  const { t } = useTranslation()
  const slowMs = useLoopSettings((state) => state.slowMs)
  const { callbacks, more } = sameTurn(callback)
  const longest = Math.max(...callbacks.map(({ start, end }) => end - start), Number.MIN_VALUE)
  return (
    <ol className="turn-list" aria-label={t('loop.section.others')}>
      {callbacks.map((other, i) => {
        const ranMs = other.end - other.start
        const { id, name } = connectionWords(other)
        return (
          <li key={other.position} className={other.position === callback.position ? 'this' : ''}>
            <button type="button" onClick={() => selectCallback(other.position)}>
              <span className="dim">{i + 1}</span>
              <span className="cut">{id === '' ? callbackWords(eventLog, other).what : `${id} ${name}`}</span>
              <span className="turn-bar" aria-hidden="true">
                <span
                  style={{
                    width: `${Math.max(2, (ranMs / longest) * 100)}%`,
                    background: ranMs >= slowMs ? 'var(--err-mark)' : `var(--phase-${other.lane})`,
                  }}
                />
              </span>
              <span className={ranMs >= slowMs ? 'err-text' : ''}>{formatDuration(ranMs)}</span>
            </button>
          </li>
        )
      })}
      {more > 0 ? <li className="dim">{t('loop.section.more', { count: more })}</li> : null}
    </ol>
  )
}

export interface CallbackSectionProps {
  readonly seq: number
  /** Facts that stand in for the callback where it is not known. */
  readonly children: ReactNode
}

export const CallbackSection = ({ seq, children }: CallbackSectionProps) => {
  const { t } = useTranslation()
  // The callback's row comes a little later than its events, and its turn may still be under way.
  useLoopLog((counts) => counts.version)
  const slowMs = useLoopSettings((state) => state.slowMs)
  const id = eventLog.callback(seq)
  const position = id === 0 ? null : loopLog.callbacks.positionOfId(id)
  const callback = position === null ? null : loopLog.callbacks.at(position)
  const ranMs = callback === null ? 0 : callback.end - callback.start
  const newest =
    loopLog.callbacks.end > loopLog.callbacks.first ? loopLog.callbacks.at(loopLog.callbacks.end - 1).id : 0
  const iteration = t('loop.section.iteration', { number: eventLog.iteration(seq) })
  return (
    <section className="inspector-section" aria-label={t('loop.section.title')}>
      <div className="inspector-section-head">
        <h3>{t('loop.section.title')}</h3>
        <Button weight="quiet" className="show-in-loop" onClick={crossOver}>
          {t('loop.section.showInLoop')}
          <Kbd>G</Kbd>
        </Button>
      </div>
      <dl className="facts">
        <Fact label={t('loop.section.phase')}>
          <span className="section-phase">
            {callback === null ? null : (
              <>
                <PhaseMark lane={callback.lane} />
                {t(`loop.lane.${callback.lane}`)}
              </>
            )}
            <span className="dim">{iteration}</span>
          </span>
        </Fact>
        {callback === null ? (
          children
        ) : (
          <>
            <Fact label={t('loop.section.started')}>
              <Moment at={callback.start} />
            </Fact>
            <Fact label={t('loop.section.ran')}>
              <span className={ranMs >= slowMs ? 'err-text' : 'strong'}>{formatDuration(ranMs)}</span>
            </Fact>
            <Fact label={t(callback.lane === 'timers' ? 'loop.section.waited' : 'loop.section.waitedBehind')}>
              <Waited callback={callback} />
            </Fact>
          </>
        )}
      </dl>
      {callback === null ? (
        <p className="legend-help">
          {t(id === 0 ? 'loop.section.notWatched' : id > newest ? 'loop.section.notYet' : 'loop.section.notHeld')}
        </p>
      ) : (
        <TurnList callback={callback} />
      )}
    </section>
  )
}
