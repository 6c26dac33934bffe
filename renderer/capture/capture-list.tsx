// The captures that there are, newest first, but for the one that is being recorded. Counterparts: capture-row.tsx,
// use-captures.ts.
import { FolderOpen, RotateCw } from 'lucide-react'
import { useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { ImportButton, ImportReport, useImportPackets } from '../export/import-packets.tsx'
import { useLink } from '../link/link.ts'
import { useLinkStatus } from '../stores/link-status.ts'
import { Button, IconButton } from '../ui/button.tsx'
import { formatCount } from '../ui/format.ts'
import { ErrorMark } from '../ui/marks.tsx'
import { CaptureRow } from './capture-row.tsx'
import { withoutExtension } from './file-name.ts'
import type { Captures } from './use-captures.ts'

/** Rows shown before the rest is asked for: a folder may hold years of captures. */
const shownAtFirst = 30

/** Where the app itself can show a dialog. */
const ChooseFile = ({ left, failed }: { left(): void; failed(message: string | null): void }) => {
  const { t } = useTranslation()
  const link = useLink()
  const desktop = useLinkStatus((state) => state.host?.kind === 'desktop')
  const [choosing, setChoosing] = useState(false)
  if (!desktop) return <span className="dim capture-elsewhere">{t('capture.elsewhere')}</span>
  const choose = async () => {
    setChoosing(true)
    failed(null)
    const looked = await link.look('choose')
    setChoosing(false)
    if (!looked.ok) failed(looked.failure.message)
    else if (looked.value !== null) left()
  }
  return (
    <Button disabled={choosing} onClick={() => void choose()}>
      <FolderOpen size={14} aria-hidden="true" />
      {t('capture.chooseFile')}
    </Button>
  )
}

export const CaptureList = ({ captures, left }: { readonly captures: Captures; left(): void }) => {
  const { t } = useTranslation()
  const { files, failure, recording, refresh } = captures
  const [all, setAll] = useState(false)
  const again = useRef<HTMLButtonElement>(null)
  const [problem, setProblem] = useState<string | null>(null)
  const [deleted, setDeleted] = useState<string | null>(null)
  const packets = useImportPackets(() => void refresh())
  const others = files?.filter(({ id }) => id !== recording?.file?.id) ?? null
  const rows = all ? (others ?? []) : (others ?? []).slice(0, shownAtFirst)
  const hidden = (others?.length ?? 0) - rows.length
  const changed = (gone: string | null) => {
    setDeleted(gone)
    // The row that had the focus goes away.
    if (gone !== null) again.current?.focus()
    void refresh()
  }
  return (
    <section className="capture-recent" aria-label={t('capture.recent')}>
      <header className="capture-head">
        <h3>{t('capture.recent')}</h3>
        {others === null || others.length === 0 ? null : (
          <span className="dim">
            {t('capture.recentCount', { count: others.length, number: formatCount(others.length) })}
          </span>
        )}
        <IconButton ref={again} label={t('capture.refresh')} onClick={() => void refresh()}>
          <RotateCw size={14} aria-hidden="true" />
        </IconButton>
        <span className="grow" />
        <ChooseFile left={left} failed={setProblem} />
        <ImportButton packets={packets} />
      </header>
      <ImportReport packets={packets} left={left} />
      {problem === null ? null : (
        <p className="field-error" role="alert">
          <ErrorMark />
          <span>{problem}</span>
        </p>
      )}
      <p role="status" className={deleted === null ? 'visually-hidden' : 'dim'}>
        {deleted === null ? '' : t('capture.deleted', { name: withoutExtension(deleted) })}
      </p>
      {failure === null ? null : (
        <p className="field-error" role="alert">
          <ErrorMark />
          <span>
            {t('capture.listFailed')} {failure.message}
          </span>
          <button type="button" className="link-button" onClick={() => void refresh()}>
            {t('capture.retry')}
          </button>
        </p>
      )}
      {others === null ? (
        failure === null ? (
          <p className="dim capture-empty" aria-busy="true">
            {t('capture.loading')}
          </p>
        ) : null
      ) : others.length === 0 ? (
        <div className="capture-empty">
          <p>{t('capture.none')}</p>
          <p className="dim">{t('capture.noneHelp')}</p>
        </div>
      ) : (
        <ul className="capture-rows" aria-label={t('capture.recent')}>
          {rows.map((file) => (
            <CaptureRow key={file.id} file={file} changed={changed} left={left} />
          ))}
        </ul>
      )}
      {hidden > 0 ? (
        <Button weight="quiet" className="capture-all" onClick={() => setAll(true)}>
          {t('capture.showAll', { number: formatCount(others?.length ?? 0) })}
        </Button>
      ) : null}
    </section>
  )
}
