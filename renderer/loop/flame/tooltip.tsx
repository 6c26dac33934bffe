// What the pointer rests on, in words: callback, connection, how long, when. Says nothing that the table does not.
// Counterpart: chart.tsx, which knows what is pointed at.
import { useTranslation } from 'react-i18next'
import { eventLog } from '../../event-log/event-log.ts'
import { loopLog } from '../../loop-log/loop-log.ts'
import { formatDuration, splitSeconds } from '../../ui/format.ts'
import { PhaseMark } from '../phase-mark.tsx'
import { callbackWords, connectionWords, waitedMs } from '../words.ts'

export interface TooltipTarget {
  readonly position: number
  /** px in the chart. */
  readonly x: number
  readonly y: number
}

export const Tooltip = ({ target }: { readonly target: TooltipTarget }) => {
  const { t } = useTranslation()
  const { position, x, y } = target
  if (position < loopLog.callbacks.first || position >= loopLog.callbacks.end) return null
  const callback = loopLog.callbacks.at(position)
  const { what, detail } = callbackWords(eventLog, callback)
  const connection = connectionWords(callback)
  const waited = waitedMs(callback)
  const time = splitSeconds(callback.start).join(' ')
  return (
    <div className="flame-tooltip tooltip" aria-hidden="true" style={{ left: x, top: y }}>
      <PhaseMark lane={callback.lane} />
      <span>
        {[what, detail].filter(Boolean).join(' ')}
        {connection.id === '' ? '' : ` · ${[connection.id, connection.name].filter(Boolean).join(' ')}`}
        <span className="dim">
          {t('loop.flame.tooltipRan', { duration: formatDuration(callback.end - callback.start) })}
          {waited === null ? '' : `, ${t('loop.flame.tooltipWaited', { duration: formatDuration(waited) })}`}
        </span>
        <span className="dim">{t('loop.flame.tooltipAt', { time, iteration: callback.iteration })}</span>
      </span>
    </div>
  )
}
