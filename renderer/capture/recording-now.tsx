// The recording that goes on: its file, how full and how fast it is, what was dropped and why it may have no file now.
// Counterparts: use-captures.ts, main/archive/recording.ts.
import { Ellipsis } from 'lucide-react'
import { useTranslation } from 'react-i18next'
import type { RecordingState } from '../../preload/contract/captures.ts'
import { IconButton } from '../ui/button.tsx'
import { formatCount, formatRate, formatSize } from '../ui/format.ts'
import { ErrorMark } from '../ui/marks.tsx'
import { ActionMenu } from '../workbench/action-menu.tsx'
import { useCaptureEntries } from './actions.tsx'
import { TaskPanel, taskMenu, taskOwner } from './task-panel.tsx'
import type { RecordingRate } from './use-captures.ts'
import type { FileTask } from './use-file-task.ts'

export interface RecordingNowProps {
  readonly recording: RecordingState
  readonly rate: RecordingRate | null
  readonly task: FileTask
}

/** The numbers beside it say the same. */
const Gauge = ({ full }: { readonly full: number }) => (
  <span className="capture-gauge" aria-hidden="true">
    <span style={{ width: `${full * 100}%` }} />
  </span>
)

export const RecordingNow = ({ recording, rate, task }: RecordingNowProps) => {
  const { t } = useTranslation()
  const entries = useCaptureEntries()
  const { file, limits, to, reason, waitingEvents, lostEvents } = recording
  const bounded = limits.maxBytes < Number.MAX_SAFE_INTEGER
  const dropped = file?.droppedEvents ?? 0
  return (
    <section className="capture-now" aria-label={t('capture.now')} {...taskOwner}>
      <header className="capture-head">
        <h3>{t('capture.now')}</h3>
        {file === null ? null : (
          <ActionMenu
            trigger={
              <IconButton label={t('capture.about')} {...taskMenu}>
                <Ellipsis size={16} aria-hidden="true" />
              </IconButton>
            }
            groups={[{ entries: entries(['saveLive', 'check', 'compact'], (action) => task.begin(action)) }]}
          />
        )}
      </header>
      {to === 'memory' ? (
        <p className="capture-memory" role="status">
          <ErrorMark />
          <span>
            <strong>{t('capture.memoryTitle')}</strong> {t('capture.memoryDetail', { reason: reason ?? '' })}
          </span>
        </p>
      ) : null}
      <dl className="facts">
        <dt>{t('capture.nowFile')}</dt>
        <dd>
          {file === null ? (
            <span className="dim">{t(to === 'memory' ? 'capture.nowMemory' : 'capture.nowNone')}</span>
          ) : (
            <>
              <span className="capture-name">{file.name}</span>{' '}
              <span className="dim capture-folder">{file.folder}</span>
            </>
          )}
        </dd>
        {file === null ? null : (
          <>
            <dt>{t('capture.size')}</dt>
            <dd className="capture-measure">
              <span className="data">
                {bounded
                  ? t('capture.sizeOf', { size: formatSize(file.sizeBytes), limit: formatSize(limits.maxBytes) })
                  : formatSize(file.sizeBytes)}
              </span>
              {bounded ? <Gauge full={Math.min(1, file.sizeBytes / limits.maxBytes)} /> : null}
              {rate === null ? null : (
                <span className="dim data">{t('capture.rateBytes', { rate: formatRate(rate.bytes) })}</span>
              )}
            </dd>
            <dt>{t('capture.eventsLabel')}</dt>
            <dd className="data">
              {formatCount(file.events)}{' '}
              {rate === null ? null : (
                <span className="dim">{t('capture.rate', { rate: formatCount(rate.events) })}</span>
              )}
            </dd>
            <dt>{t('capture.payload')}</dt>
            <dd className="data">{formatSize(file.payloadBytes)}</dd>
          </>
        )}
        <dt>{t('capture.dropped')}</dt>
        <dd>
          {dropped === 0 && lostEvents === 0 ? <span className="dim">{t('capture.droppedNone')}</span> : null}
          {dropped === 0 ? null : (
            <p className="err-text">{t('capture.droppedEvents', { count: dropped, number: formatCount(dropped) })}</p>
          )}
          {lostEvents === 0 ? null : (
            <p className="err-text">
              {t('capture.lostEvents', { count: lostEvents, number: formatCount(lostEvents) })}
            </p>
          )}
          {waitingEvents === 0 ? null : (
            <p>{t('capture.waiting', { count: waitingEvents, number: formatCount(waitingEvents) })}</p>
          )}
        </dd>
      </dl>
      {file === null ? null : <TaskPanel file={file} task={task} />}
    </section>
  )
}
