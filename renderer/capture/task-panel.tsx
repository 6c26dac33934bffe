// The question, the progress or the report of what is done to one capture, right below it. Counterpart: use-file-task.ts.
import { X } from 'lucide-react'
import { type FormEvent, useEffect, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { CaptureFileInfo, CheckReport } from '../../preload/contract/captures.ts'
import { Button, IconButton } from '../ui/button.tsx'
import { Field } from '../ui/field.tsx'
import { formatCount, formatSize } from '../ui/format.ts'
import { ErrorMark } from '../ui/marks.tsx'
import { copyName, fileNameOf, withoutExtension } from './file-name.ts'
import type { FileTask } from './use-file-task.ts'

/** Problems shown before the rest is only counted. */
const shownProblems = 12

interface PanelProps {
  readonly file: CaptureFileInfo
  readonly task: FileTask
}

const NameForm = ({ file, task }: PanelProps) => {
  const { t } = useTranslation()
  const [typed, setTyped] = useState(() => copyName(file.name))
  const [tried, setTried] = useState(false)
  const name = fileNameOf(typed)
  const submit = (event: FormEvent) => {
    event.preventDefault()
    setTried(true)
    if (name !== null) void task.save(name)
  }
  return (
    <form className="capture-naming" onSubmit={submit} noValidate>
      <Field
        label={t('capture.saveName')}
        value={typed}
        autoFocus
        error={tried && name === null ? t('capture.nameInvalid') : null}
        help={tried && name === null ? null : t('capture.saveIn')}
        onFocus={(event) => event.target.select()}
        onChange={setTyped}
      />
      <Button weight="primary" type="submit">
        {t('capture.save')}
      </Button>
      <Button weight="quiet" onClick={task.close}>
        {t('capture.cancel')}
      </Button>
    </form>
  )
}

const Report = ({ report }: { readonly report: CheckReport }) => {
  const { t } = useTranslation()
  const { problems, segments, events } = report
  if (problems.length === 0)
    return (
      <p>
        {events === 0
          ? t('capture.checkGoodEmpty')
          : t('capture.checkGood', { segments: formatCount(segments), events: formatCount(events) })}
      </p>
    )
  return (
    <div>
      <p className="err-text">
        {t('capture.checkBad', {
          count: problems.length,
          number: formatCount(problems.length),
          events: formatCount(events),
        })}
      </p>
      <ul className="capture-problems">
        {problems.slice(0, shownProblems).map((problem) => (
          <li key={problem}>{problem}</li>
        ))}
        {problems.length > shownProblems ? (
          <li className="dim">{t('capture.checkMore', { number: formatCount(problems.length - shownProblems) })}</li>
        ) : null}
      </ul>
    </div>
  )
}

const Told = ({ file, task }: PanelProps) => {
  const { t } = useTranslation()
  const { state } = task
  switch (state?.at) {
    case 'failed':
      return (
        <p className="field-error" role="alert">
          <ErrorMark />
          <span>{state.message}</span>
          <button type="button" className="link-button" onClick={() => task.begin(state.task)}>
            {t('capture.retry')}
          </button>
        </p>
      )
    case 'saved':
      return (
        <p>{t('capture.saved', { name: withoutExtension(state.copy.name), size: formatSize(state.copy.sizeBytes) })}</p>
      )
    case 'checked':
      return <Report report={state.report} />
    case 'compacted':
      return (
        <p>
          {state.gainedBytes > 0
            ? t('capture.compacted', { size: formatSize(state.gainedBytes) })
            : t('capture.compactedNone')}
        </p>
      )
    case 'running':
      return (
        <p className="dim">
          {state.task === 'check'
            ? t('capture.checking', { size: formatSize(file.sizeBytes) })
            : t(
                state.task === 'save'
                  ? 'capture.saving'
                  : state.task === 'delete'
                    ? 'capture.deleting'
                    : 'capture.compacting',
              )}
        </p>
      )
    default:
      return null
  }
}

/** Marks what a panel belongs to, and the button in it that the focus goes back to. */
export const taskOwner = { 'data-task-owner': '' } as const
export const taskMenu = { 'data-task-menu': '' } as const

export const TaskPanel = ({ file, task }: PanelProps) => {
  const { t } = useTranslation()
  const { state } = task
  const panel = useRef<HTMLDivElement>(null)
  const at = state?.at
  // biome-ignore lint/correctness/useExhaustiveDependencies: each question and each report is to be seen
  useEffect(() => {
    // Answers a promise in newer browsers, which is no clean-up.
    panel.current?.scrollIntoView({ block: 'nearest' })
  }, [at])
  if (state === null) return null
  /** What had the focus goes away. */
  const giveFocusBack = () =>
    panel.current?.closest('[data-task-owner]')?.querySelector<HTMLElement>('[data-task-menu]')?.focus()
  const close = () => {
    giveFocusBack()
    task.close()
  }
  if (state.at === 'naming')
    return (
      <div ref={panel} className="capture-task">
        <NameForm
          file={file}
          task={{
            ...task,
            close,
            save: (name) => {
              giveFocusBack()
              return task.save(name)
            },
          }}
        />
      </div>
    )
  if (state.at === 'asking')
    return (
      // biome-ignore lint/a11y/useSemanticElements: a question in place, not a layer of its own
      <div ref={panel} className="capture-task asks" role="group" aria-label={t('capture.delete')}>
        <p>
          {t('capture.deleteAsk', {
            name: withoutExtension(file.name),
            events: formatCount(file.events),
            size: formatSize(file.sizeBytes),
          })}
        </p>
        <Button
          weight="danger"
          onClick={() => {
            giveFocusBack()
            void task.delete()
          }}
        >
          {t('capture.deleteYes')}
        </Button>
        <Button weight="raised" autoFocus onClick={close}>
          {t('capture.cancel')}
        </Button>
      </div>
    )
  return (
    <div ref={panel} className="capture-task" aria-live="polite" aria-busy={state.at === 'running'}>
      <Told file={file} task={task} />
      {state.at === 'running' ? null : (
        <IconButton label={t('capture.close')} onClick={close}>
          <X size={14} aria-hidden="true" />
        </IconButton>
      )}
    </div>
  )
}
