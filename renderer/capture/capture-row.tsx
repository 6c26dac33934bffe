// One capture of the list: what it is called, when it was, what is in it, and what can be done with it. Counterparts:
// capture-list.tsx, use-file-task.ts.
import { Ellipsis } from 'lucide-react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { CaptureFileInfo } from '../../preload/contract/captures.ts'
import { useLink } from '../link/link.ts'
import { useViewing } from '../stores/viewing.ts'
import { Button, IconButton } from '../ui/button.tsx'
import { formatCount, formatDuration, formatSize } from '../ui/format.ts'
import { ErrorMark } from '../ui/marks.tsx'
import { ActionMenu } from '../workbench/action-menu.tsx'
import { useCaptureEntries } from './actions.tsx'
import { withoutExtension } from './file-name.ts'
import { TaskPanel, taskMenu, taskOwner } from './task-panel.tsx'
import { useFileTask } from './use-file-task.ts'

export interface CaptureRowProps {
  readonly file: CaptureFileInfo
  /** Files were changed; `deleted` names the one that is gone. */
  changed(deleted: string | null): void
  /** Something else is shown now. */
  left(): void
}

const when = (epochMs: number): string =>
  Number.isFinite(epochMs)
    ? new Date(epochMs).toLocaleString(undefined, { dateStyle: 'medium', timeStyle: 'short' })
    : '–'

const Facts = ({ file }: { readonly file: CaptureFileInfo }) => {
  const { t } = useTranslation()
  const { startedAtEpochMs, lastAt, events, connections, droppedEvents, sizeBytes } = file
  return (
    <span className="capture-facts">
      <span>{when(startedAtEpochMs)}</span>
      <span>{t('capture.lasted', { duration: formatDuration(lastAt) })}</span>
      <span>{t('capture.events', { count: events, number: formatCount(events) })}</span>
      {droppedEvents === 0 ? null : (
        <span className="err-text">{t('capture.droppedShort', { number: formatCount(droppedEvents) })}</span>
      )}
      <span>{t('capture.connections', { count: connections, number: formatCount(connections) })}</span>
      <span>{formatSize(sizeBytes)}</span>
    </span>
  )
}

const State = ({ file: { state } }: { readonly file: CaptureFileInfo }) => {
  const { t } = useTranslation()
  if (state === 'closed') return null
  return (
    <span
      className={state === 'damaged' ? 'capture-state err-text' : 'capture-state'}
      title={t(`capture.stateHelp.${state}`)}
    >
      {state === 'damaged' ? <ErrorMark /> : null}
      {t(`capture.state.${state}`)}
    </span>
  )
}

export const CaptureRow = ({ file, changed, left }: CaptureRowProps) => {
  const { t } = useTranslation()
  const link = useLink()
  const entries = useCaptureEntries()
  const task = useFileTask(file, changed)
  const shown = useViewing((state) => state.file?.id === file.id)
  const [opening, setOpening] = useState(false)
  const [failure, setFailure] = useState<string | null>(null)
  const look = async (at: typeof file.id | 'live') => {
    setOpening(true)
    setFailure(null)
    const looked = await link.look(at)
    setOpening(false)
    if (looked.ok) left()
    else setFailure(looked.failure.message)
  }
  const name = withoutExtension(file.name)
  // What somebody writes, or looks at, is not changed under them.
  const actions =
    file.state === 'recording' || shown
      ? (['save', 'check'] as const)
      : (['save', 'check', 'compact', 'delete'] as const)
  return (
    <li className={shown ? 'capture-row shown' : 'capture-row'} aria-current={shown} {...taskOwner}>
      <div className="capture-line">
        <span className="capture-words">
          <span className="capture-title">
            <strong className="capture-name cut" title={`${file.folder}/${file.name}`}>
              {name}
            </strong>
            {shown ? <span className="capture-state">{t('capture.shown')}</span> : <State file={file} />}
          </span>
          <Facts file={file} />
        </span>
        {shown ? (
          <Button disabled={opening} onClick={() => void look('live')}>
            {t('capture.backToLive')}
          </Button>
        ) : (
          <Button aria-label={t('capture.openLabel', { name })} disabled={opening} onClick={() => void look(file.id)}>
            {opening ? t('capture.opening') : t('capture.openOne')}
          </Button>
        )}
        <ActionMenu
          trigger={
            <IconButton label={t('capture.more', { name })} wide {...taskMenu}>
              <Ellipsis size={16} aria-hidden="true" />
            </IconButton>
          }
          groups={[{ entries: entries(actions, (action) => task.begin(action)) }]}
        />
      </div>
      {failure === null ? null : (
        <p className="field-error capture-task" role="alert">
          <ErrorMark />
          <span>{failure}</span>
        </p>
      )}
      <TaskPanel file={file} task={task} />
    </li>
  )
}
