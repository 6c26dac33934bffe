// One line under the title bar while an opened capture is shown: which file it is, that nothing in it can be changed, and
// the way back to the live recording, which goes on meanwhile. Counterparts: stores/viewing.ts, link/link.ts (`look`).
import './viewing-strip.css'
import { FileClock } from 'lucide-react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { CaptureFileInfo } from '../../preload/contract/captures.ts'
import { useLink } from '../link/link.ts'
import { noticeStore } from '../stores/notice.ts'
import { useViewing } from '../stores/viewing.ts'
import { Button } from '../ui/button.tsx'
import { formatCount, formatSize } from '../ui/format.ts'

const startedOn = (file: CaptureFileInfo): string =>
  new Date(file.startedAtEpochMs).toLocaleString(undefined, { dateStyle: 'medium', timeStyle: 'medium' })

export const ViewingStrip = () => {
  const { t } = useTranslation()
  const link = useLink()
  const file = useViewing((state) => state.file)
  const [leaving, setLeaving] = useState(false)
  if (file === null) return null
  const back = async () => {
    setLeaving(true)
    noticeStore.getState().report(await link.look('live'))
    setLeaving(false)
  }
  return (
    <section className="viewing-strip" aria-label={t('viewing.region')}>
      <FileClock size={16} aria-hidden="true" />
      <strong className="cut" title={`${file.folder}/${file.name}`}>
        {file.name}
      </strong>
      <span className="viewing-facts cut">
        {t('viewing.facts', {
          started: startedOn(file),
          events: formatCount(file.events),
          size: formatSize(file.sizeBytes),
        })}
      </span>
      {file.state === 'damaged' || file.state === 'interrupted' ? (
        <span className={file.state === 'damaged' ? 'err-text' : 'dim'}>{t(`viewing.${file.state}`)}</span>
      ) : null}
      <span className="viewing-readonly">{t('viewing.readOnly')}</span>
      <Button weight="primary" className="viewing-back" disabled={leaving} onClick={() => void back()}>
        {t('viewing.back')}
      </Button>
    </section>
  )
}
