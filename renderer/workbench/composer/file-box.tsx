// What stands in the composer's field when a file is to be sent: which one, how much of it has gone. Counterpart:
// file-sending.ts.
import { FileUp } from 'lucide-react'
import { useRef } from 'react'
import { useTranslation } from 'react-i18next'
import type { ConnectionId } from '../../../preload/contract/vocabulary.ts'
import { Button } from '../../ui/button.tsx'
import { formatBytes, formatSize } from '../../ui/format.ts'
import { ErrorMark } from '../../ui/marks.tsx'
import { chooseFile, type FileDraft } from './file-sending.ts'

export const FileBox = ({ connection, draft }: { readonly connection: ConnectionId; readonly draft: FileDraft }) => {
  const { t } = useTranslation()
  const input = useRef<HTMLInputElement>(null)
  const { file, phase, sentBytes, message } = draft
  const share = file === null || file.size === 0 ? 0 : sentBytes / file.size
  return (
    <div className="composer-file">
      <input
        ref={input}
        type="file"
        className="visually-hidden"
        tabIndex={-1}
        aria-label={t('composer.fileInput')}
        data-file-input
        onChange={(event) => {
          const chosen = event.target.files?.[0]
          if (chosen !== undefined) chooseFile(connection, chosen)
          // The same one may be chosen again.
          event.target.value = ''
        }}
      />
      <div className="composer-file-head">
        <Button data-choose-file disabled={phase === 'sending'} onClick={() => input.current?.click()}>
          <FileUp size={14} aria-hidden="true" />
          {t('composer.chooseFile')}
        </Button>
        <span className="data cut">
          {file === null ? <span className="dim">{t('composer.dropFile')}</span> : file.name}
        </span>
      </div>
      <p className={phase === 'failed' ? 'composer-line err-text' : 'composer-line'} role="status">
        {phase === 'failed' ? <ErrorMark /> : null}
        {phase === 'sending' ? (
          <span
            className="composer-progress"
            role="progressbar"
            aria-label={t('composer.fileProgress')}
            aria-valuemin={0}
            aria-valuemax={100}
            aria-valuenow={Math.floor(share * 100)}
          >
            <span style={{ width: `${share * 100}%` }} />
          </span>
        ) : null}
        <span className="cut">
          {phase === 'failed'
            ? t('composer.fileFailed', { sent: formatSize(sentBytes), message })
            : phase === 'idle'
              ? t('composer.fileHelp')
              : t(`composer.filePhase.${phase}`, { sent: formatSize(sentBytes) })}
        </span>
        <span className="composer-count">{file === null ? t('composer.nothing') : formatBytes(file.size)}</span>
      </p>
    </div>
  )
}
