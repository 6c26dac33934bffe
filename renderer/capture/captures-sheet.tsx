// The sheet about capture files: what is recorded now and what of it is kept, and the captures that there are. Counterparts:
// recording-now.tsx, limits-form.tsx, capture-list.tsx; stores/view.ts says whether it is open.
import { Dialog } from '@base-ui/react/dialog'
import { useTranslation } from 'react-i18next'
import { useView, viewStore } from '../stores/view.ts'
import { CloseButton } from '../ui/button.tsx'
import { Kbd } from '../ui/kbd.tsx'
import { CaptureList } from './capture-list.tsx'
import './captures.css'
import { LimitsForm } from './limits-form.tsx'
import { RecordingNow } from './recording-now.tsx'
import { useCaptures } from './use-captures.ts'
import { useFileTask } from './use-file-task.ts'

const close = () => viewStore.getState().setCapturesOpen(false)

/** Mounted only while the sheet is open: nothing is asked of the host otherwise. */
const Body = () => {
  const { t } = useTranslation()
  const captures = useCaptures()
  const { recording, without, takeRecording } = captures
  const task = useFileTask(recording?.file ?? null, () => void captures.refresh())
  if (without !== null)
    return (
      <div className="sheet-body capture-empty">
        <p>{t('capture.noFiles')}</p>
        <p className="dim">{without.message}</p>
      </div>
    )
  return (
    <div className="sheet-body scroll captures">
      {recording === null ? (
        <p className="dim capture-empty" aria-busy="true">
          {t('capture.loading')}
        </p>
      ) : (
        <>
          <RecordingNow recording={recording} rate={captures.rate} task={task} />
          <LimitsForm recording={recording} takeRecording={takeRecording} />
        </>
      )}
      <CaptureList captures={captures} left={close} />
    </div>
  )
}

export const CapturesSheet = () => {
  const { t } = useTranslation()
  const open = useView((state) => state.capturesOpen)
  return (
    <Dialog.Root open={open} onOpenChange={(next) => viewStore.getState().setCapturesOpen(next)}>
      <Dialog.Portal>
        <Dialog.Backdrop className="veil" />
        <Dialog.Popup className="sheet captures-sheet">
          <header className="sheet-head">
            <Dialog.Title className="sheet-title">{t('capture.title')}</Dialog.Title>
            <Kbd>Esc</Kbd>
            <Dialog.Close render={<CloseButton label={t('word.close')} />} />
          </header>
          <Body />
        </Dialog.Popup>
      </Dialog.Portal>
    </Dialog.Root>
  )
}
