// What the pointer rests on, in words: event, size, time, iteration. Says nothing that the table does not. Counterpart:
// chart.tsx, which knows what is pointed at.
import { useTranslation } from 'react-i18next'
import { eventLog } from '../../event-log/event-log.ts'
import { formatBytes, formatCount, splitSeconds } from '../../ui/format.ts'
import { EventMark } from '../../ui/marks.tsx'

export interface TooltipTarget {
  readonly seq: number
  /** px in the chart. */
  readonly x: number
  readonly y: number
}

/** px from which on the tooltip stands on the pointer's other side, to stay inside the pane. */
const leftFrom = 420

export const Tooltip = ({ target }: { readonly target: TooltipTarget }) => {
  const { t } = useTranslation()
  const { seq, x, y } = target
  if (!eventLog.has(seq)) return null
  const kind = eventLog.kind(seq)
  const cause = eventLog.cause(seq)
  const length = eventLog.length(seq)
  const time = splitSeconds(eventLog.at(seq)).join(' ')
  const said =
    length > 0
      ? t('lifelines.tooltipData', { kind, size: formatBytes(length) })
      : [kind, t(`lifelines.cause.${cause}`)].filter(Boolean).join(', ')
  return (
    <div
      className="lifelines-tooltip tooltip"
      aria-hidden="true"
      style={{ left: x, top: y }}
      data-left={x > leftFrom || undefined}
    >
      <EventMark kind={kind} cause={cause} />
      <span>
        {said}
        <span className="dim">
          {t('lifelines.tooltipAt', { time, iteration: formatCount(eventLog.iteration(seq)) })}
        </span>
      </span>
    </div>
  )
}
