// One line under the title bar where something concerns the whole page: the link to the app is lost, the loop has ended,
// a button's command failed. Recorded data stays readable below it.
import { X } from 'lucide-react'
import type { ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import { MemoryNotice } from '../capture/memory-notice.tsx'
import { useLink } from '../link/link.ts'
import { useEngine } from '../stores/capture.ts'
import { useLinkStatus } from '../stores/link-status.ts'
import { noticeStore, useNotice } from '../stores/notice.ts'
import { IconButton } from '../ui/button.tsx'
import { ErrorMark } from '../ui/marks.tsx'
import './notices.css'

/** Tries after which a lost app has probably been started anew, under another address. */
const triesUntilAdvice = 6

const Notice = ({ title, detail, children }: { title: string; detail?: string; children?: ReactNode }) => (
  <div className="notice" role="alert">
    <ErrorMark />
    <strong>{title}</strong>
    {detail === undefined ? null : <span className="notice-detail cut">{detail}</span>}
    <span className="notice-actions">{children}</span>
  </div>
)

const LinkNotice = () => {
  const { t } = useTranslation()
  const link = useLink()
  const phase = useLinkStatus((state) => state.phase)
  const failedTries = useLinkStatus((state) => state.failedTries)
  if (phase === 'ready' || (phase === 'connecting' && failedTries < 2)) return null
  const retry = (
    <button type="button" className="link-button" onClick={link.retry}>
      {t('connectionToApp.retryNow')}
    </button>
  )
  if (phase === 'connecting')
    return (
      <Notice title={t('connectionToApp.unreachable')} detail={t('connectionToApp.unreachableDetail')}>
        {retry}
      </Notice>
    )
  return (
    <Notice
      title={t('connectionToApp.lost')}
      detail={t(failedTries < triesUntilAdvice ? 'connectionToApp.lostDetail' : 'connectionToApp.lostLong')}
    >
      {retry}
    </Notice>
  )
}

const EngineNotice = () => {
  const { t } = useTranslation()
  const running = useEngine((state) => state.running)
  const message = useEngine((state) => state.message)
  if (running) return null
  return (
    <Notice title={t('connectionToApp.engineStopped')} detail={message || t('connectionToApp.engineStoppedDetail')} />
  )
}

const CommandNotice = () => {
  const { t } = useTranslation()
  const message = useNotice((state) => state.message)
  if (message === null) return null
  return (
    <Notice title={t('action.failedTitle')} detail={message}>
      <IconButton label={t('action.dismiss')} onClick={() => noticeStore.getState().dismiss()}>
        <X size={14} aria-hidden="true" />
      </IconButton>
    </Notice>
  )
}

export const Notices = () => (
  <div className="notices">
    <LinkNotice />
    <EngineNotice />
    <MemoryNotice />
    <CommandNotice />
  </div>
)
