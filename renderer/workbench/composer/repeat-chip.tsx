// The chip that repeats the message: a small form while nothing runs, the count and a stop while it does. Counterparts:
// sending.ts (starts it), main/engine/runs/repetition.ts (does it).
import { Popover } from '@base-ui/react/popover'
import { CircleStop, Repeat } from 'lucide-react'
import { type FormEvent, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { RunInfo } from '../../../preload/contract/runs.ts'
import { useCommands } from '../../link/link.ts'
import { noticeStore } from '../../stores/notice.ts'
import { Button } from '../../ui/button.tsx'
import { Field } from '../../ui/field.tsx'
import { formatCount } from '../../ui/format.ts'

/** A day: the longest period. */
const longestMs = 86_400_000

const wholeNumber = (text: string, least: number, most: number): number | null => {
  const value = /^\d+$/.test(text.trim()) ? Number(text) : Number.NaN
  return value >= least && value <= most ? value : null
}

/** `250 ms`, `2 s`; with the narrow space that all units have. */
const formatPeriod = (ms: number): string => (ms % 1000 === 0 ? `${ms / 1000}\u202fs` : `${ms}\u202fms`)

const Running = ({ run }: { readonly run: RunInfo }) => {
  const { t } = useTranslation()
  const commands = useCommands()
  const { everyMs, times, sent, missed } = run.repeat!
  const count = times === null ? formatCount(sent) : `${formatCount(sent)} / ${formatCount(times)}`
  return (
    <button
      type="button"
      className="button raised repeat-chip on"
      aria-label={t('composer.repeatStop', { every: formatPeriod(everyMs), sent: count })}
      onClick={() => void commands.stopRun({ run: run.id }).then((result) => noticeStore.getState().report(result))}
    >
      <Repeat size={14} aria-hidden="true" />
      <span className="strong">{t('composer.repeatEvery', { every: formatPeriod(everyMs) })}</span>
      <span className="data dim">{t('composer.repeatSent', { count: sent, sent: count })}</span>
      {missed === 0 ? null : (
        <span className="data err-text">{t('composer.repeatMissed', { missed: formatCount(missed) })}</span>
      )}
      <CircleStop size={14} aria-hidden="true" />
    </button>
  )
}

export interface RepeatChipProps {
  /** What runs on the connection now. */
  readonly run: RunInfo | null
  readonly disabled: boolean
  start(how: { readonly everyMs: number; readonly times: number | null }): void
}

export const RepeatChip = ({ run, disabled, start }: RepeatChipProps) => {
  const { t } = useTranslation()
  const [open, setOpen] = useState(false)
  const [every, setEvery] = useState('1000')
  const [times, setTimes] = useState('')
  const [tried, setTried] = useState(false)
  if (run !== null) return <Running run={run} />

  const everyMs = wholeNumber(every, 1, longestMs)
  const wantedTimes = times.trim() === '' ? null : wholeNumber(times, 1, Number.MAX_SAFE_INTEGER)
  const timesWrong = times.trim() !== '' && wantedTimes === null
  const submit = (event: FormEvent) => {
    event.preventDefault()
    // Portals bubble to the composer.
    event.stopPropagation()
    setTried(true)
    if (everyMs === null || timesWrong) return
    start({ everyMs, times: wantedTimes })
    setOpen(false)
    setTried(false)
  }
  return (
    <Popover.Root open={open} onOpenChange={setOpen}>
      <Popover.Trigger
        render={
          <Button className="repeat-chip" disabled={disabled} aria-label={t('composer.repeat')}>
            <Repeat size={14} aria-hidden="true" />
            <span className="folds">{t('composer.repeat')}</span>
          </Button>
        }
      />
      <Popover.Portal>
        <Popover.Positioner className="floating" side="top" align="end" sideOffset={4}>
          <Popover.Popup className="menu composer-popover" aria-label={t('composer.repeatTitle')}>
            <form onSubmit={submit} noValidate>
              <Field
                label={t('composer.repeatPeriod')}
                inputMode="numeric"
                value={every}
                error={tried && everyMs === null ? t('composer.repeatPeriodWrong') : null}
                onChange={setEvery}
              />
              <Field
                label={t('composer.repeatTimes')}
                aside={t('word.optional')}
                inputMode="numeric"
                placeholder={t('composer.repeatUntilStopped')}
                value={times}
                error={tried && timesWrong ? t('composer.repeatTimesWrong') : null}
                help={t('composer.repeatHelp')}
                onChange={setTimes}
              />
              <Button type="submit" weight="primary">
                {t('composer.repeatStart')}
              </Button>
            </form>
          </Popover.Popup>
        </Popover.Positioner>
      </Popover.Portal>
    </Popover.Root>
  )
}
