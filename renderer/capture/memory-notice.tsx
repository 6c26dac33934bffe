// The line under the title bar while recording cannot reach its file: why, and what happens meanwhile. Dismissed for one
// reason, it comes again with another. Counterparts: workbench/notices.tsx (where it stands), captures-sheet.tsx.
import { X } from 'lucide-react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useCapture } from '../stores/capture.ts'
import { viewStore } from '../stores/view.ts'
import { IconButton } from '../ui/button.tsx'
import { ErrorMark } from '../ui/marks.tsx'

/** Why nothing goes into a file now; null where it does, or where nobody wanted one. */
export const useMemoryReason = (): string | null =>
  useCapture(({ recording }) => (recording?.to === 'memory' ? (recording.reason ?? '') : null))

export const MemoryNotice = () => {
  const { t } = useTranslation()
  const reason = useMemoryReason()
  const [dismissed, setDismissed] = useState<string | null>(null)
  if (reason === null) {
    // Once it is over, the same reason is news again.
    if (dismissed !== null) setDismissed(null)
    return null
  }
  if (dismissed === reason) return null
  return (
    <div className="notice" role="alert">
      <ErrorMark />
      <strong>{t('capture.memoryTitle')}</strong>
      <span className="notice-detail cut" title={reason}>
        {t('capture.memoryDetail', { reason })}
      </span>
      <span className="notice-actions">
        <button type="button" className="link-button" onClick={() => viewStore.getState().setCapturesOpen(true)}>
          {t('capture.open')}
        </button>
        <IconButton label={t('capture.memoryDismiss')} onClick={() => setDismissed(reason)}>
          <X size={14} aria-hidden="true" />
        </IconButton>
      </span>
    </div>
  )
}
