// What still waits for its turn at the playhead, by phase, with who is late; while following, how much ran in the last
// second. Nothing here is guessed: what a phase still holds is known because it was recorded running. Counterpart: ring.tsx.
import { useTranslation } from 'react-i18next'
import { phases } from '../../../preload/contract/loop-columns.ts'
import { eventLog } from '../../event-log/event-log.ts'
import type { Callback } from '../../loop-log/callbacks.ts'
import { useAbsence } from '../../stores/staleness.ts'
import { formatDuration } from '../../ui/format.ts'
import type { Moment } from '../moment.ts'
import { useMoment } from '../moment-store.ts'
import { PhaseMark } from '../phase-mark.tsx'
import { useLoopSettings } from '../settings.ts'
import { selectCallback } from '../view.ts'
import { callbackWords } from '../words.ts'

/** Phases in which libuv runs nothing of Node's that sockets or timers have. */
const unused: ReadonlySet<string> = new Set(['idle', 'prepare'])

const Chip = ({ callback, at }: { readonly callback: Callback; readonly at: number }) => {
  const { t } = useTranslation()
  const { what, detail } = callbackWords(eventLog, callback.seqCount > 1 ? { ...callback, seqCount: 1 } : callback)
  const isTimer = callback.lane === 'timers' && callback.readyAt !== null
  const lateMs = isTimer ? at - callback.readyAt! : 0
  return (
    <button
      type="button"
      className={lateMs >= 1 ? 'queue-chip data late' : 'queue-chip data'}
      onClick={() => selectCallback(callback.position)}
    >
      {callback.connection === null ? null : <b>{callback.connection}</b>}
      {/* Bytes say enough in the narrow column; everything else is named. */}
      <span className="cut">{detail === '' || callback.own ? what : detail}</span>
      {isTimer ? (
        <span>
          {lateMs >= 0
            ? t('loop.queue.late', { duration: formatDuration(lateMs) })
            : t('loop.queue.due', { duration: formatDuration(-lateMs) })}
        </span>
      ) : null}
    </button>
  )
}

const ToCome = ({ moment }: { readonly moment: Moment }) => {
  const { t } = useTranslation()
  if (moment.turn === null) return <p className="queue-title">{t('loop.queue.none')}</p>
  return (
    <>
      <p className="queue-title">{t('loop.queue.toCome', { iteration: moment.turn.number })}</p>
      <dl className="queues">
        {phases
          .filter((phase) => !unused.has(phase))
          .map((phase) => {
            const callbacks = moment.toCome.get(phase) ?? []
            const more = moment.more.get(phase) ?? 0
            return (
              <div key={phase} className="queue">
                <dt>
                  <PhaseMark lane={phase} />
                  {phase === 'poll' ? t('loop.queue.ready') : t(`loop.lane.${phase}`)}
                </dt>
                <dd className="data queue-count">{callbacks.length + more}</dd>
                <dd className="queue-chips">
                  {callbacks.map((callback) => (
                    <Chip key={callback.position} callback={callback} at={moment.at} />
                  ))}
                  {more > 0 ? <span className="dim">{t('loop.queue.more', { count: more })}</span> : null}
                </dd>
              </div>
            )
          })}
      </dl>
    </>
  )
}

export const Queues = () => {
  const { t } = useTranslation()
  const moment = useMoment((state) => state.moment)
  const lately = useMoment((state) => state.lately)
  const watched = useLoopSettings(({ level }) => level === 'callbacks' || level === 'microtasks')
  const stale = useAbsence()
  if (moment !== null) return <ToCome moment={moment} />
  // What is not watched is not nothing, and nobody knows of a last second that was not heard of.
  const counts = watched && stale === null ? lately?.counts : undefined
  const most = counts === undefined ? 1 : Math.max(1, ...phases.map((phase) => counts[phase]))
  return (
    <>
      <p className="queue-title">{t('loop.queue.lately')}</p>
      <dl className="queues">
        {phases
          .filter((phase) => !unused.has(phase))
          .map((phase) => (
            <div key={phase} className="queue">
              <dt>
                <PhaseMark lane={phase} />
                {t(`loop.lane.${phase}`)}
              </dt>
              <dd className="data queue-count">{counts?.[phase] ?? '–'}</dd>
              <dd className="queue-bar" aria-hidden="true">
                <span
                  style={{ width: `${((counts?.[phase] ?? 0) / most) * 100}%`, background: `var(--phase-${phase})` }}
                />
              </dd>
            </div>
          ))}
      </dl>
    </>
  )
}
