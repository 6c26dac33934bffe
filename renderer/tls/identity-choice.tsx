// Which certificate is shown: the workspace's own, one that was imported, or (for a client) none; with what can be done to
// them: import, delete, download what peers are to trust. Counterparts: use-identities.ts, import-form.tsx, main/tls.
import { Download, Trash2 } from 'lucide-react'
import { useId, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { generatedIdentity, type IdentityInfo, type IdentityName } from '../../preload/contract/tls.ts'
import { useCommands } from '../link/link.ts'
import { downloadParts } from '../loop/download.ts'
import { noticeStore } from '../stores/notice.ts'
import { Button } from '../ui/button.tsx'
import { Choice } from '../ui/choice.tsx'
import { ErrorMark } from '../ui/marks.tsx'
import { ImportForm } from './import-form.tsx'
import { useIdentities } from './use-identities.ts'

/** Stands for “none”: no identity has an empty name. */
const none = ''

export interface IdentityChoiceProps {
  readonly label: string
  readonly help: string
  readonly value: IdentityName | null
  /** True where none may be chosen. */
  readonly optional: boolean
  onChange(name: IdentityName | null): void
}

const pemType = 'application/x-pem-file'

export const IdentityChoice = ({ label, help, value, optional, onChange }: IdentityChoiceProps) => {
  const { t } = useTranslation()
  const commands = useCommands()
  const labelId = useId()
  const { list, failure, reload } = useIdentities()
  const [task, setTask] = useState<'import' | 'remove' | null>(null)

  const describe = (identity: IdentityInfo) => {
    const [leaf] = identity.chain
    return {
      value: identity.name,
      text: identity.generated ? t('tls.generated') : identity.name,
      help: identity.generated
        ? t('tls.generatedHelp')
        : t('tls.ownHelp', { subject: leaf?.subject ?? '', until: leaf?.validTo ?? '' }),
    }
  }
  const known = list ?? []
  const missing = value !== null && list !== null && !known.some(({ name }) => name === value)
  const options = [
    ...(optional ? [{ value: none, text: t('tls.noIdentity') }] : []),
    ...known.map(describe),
    ...(value !== null && (missing || list === null) ? [{ value, text: value }] : []),
  ]

  const download = async (what: 'authority' | 'certificate') => {
    const result =
      what === 'authority'
        ? await commands.exportAuthority(null)
        : await commands.exportCertificate({ name: value ?? generatedIdentity })
    if (!noticeStore.getState().report(result) || !result.ok) return
    downloadParts(what === 'authority' ? 'wireloop-ca.pem' : `${value}.pem`, pemType, [result.value])
  }
  const remove = async () => {
    setTask(null)
    if (value === null || !noticeStore.getState().report(await commands.removeIdentity({ name: value }))) return
    onChange(optional ? null : generatedIdentity)
    await reload()
  }

  return (
    <div className="field">
      <span className="field-label" id={labelId}>
        {label}
      </span>
      <div className="tls-row">
        <Choice
          label={label}
          labelId={labelId}
          fieldSized
          className="grow"
          value={value ?? none}
          options={options}
          onChange={(name) => onChange(name === none ? null : name)}
        />
        <Button onClick={() => setTask('import')}>{t('tls.importOwn')}</Button>
      </div>
      {missing ? (
        <p className="field-error" role="alert">
          <ErrorMark />
          <span>{t('tls.gone', { name: value })}</span>
        </p>
      ) : (
        <p className="field-help">{failure === null ? help : failure.message}</p>
      )}
      {task === 'import' ? (
        <ImportForm
          onCancel={() => setTask(null)}
          onImported={(name) => {
            setTask(null)
            onChange(name)
            void reload()
          }}
        />
      ) : null}
      {task === 'remove' && value !== null ? (
        <div className="tls-row">
          <span className="grow">{t('tls.removeSure', { name: value })}</span>
          <Button weight="danger" onClick={() => void remove()}>
            {t('tls.remove')}
          </Button>
          <Button weight="quiet" onClick={() => setTask(null)}>
            {t('tls.keep')}
          </Button>
        </div>
      ) : null}
      {task !== null || value === null || missing ? null : (
        <div className="tls-row">
          {value === generatedIdentity ? (
            <Button weight="quiet" onClick={() => void download('authority')} title={t('tls.downloadAuthorityHelp')}>
              <Download size={14} aria-hidden="true" />
              {t('tls.downloadAuthority')}
            </Button>
          ) : (
            <>
              <Button weight="quiet" onClick={() => void download('certificate')}>
                <Download size={14} aria-hidden="true" />
                {t('tls.downloadCertificate')}
              </Button>
              <Button weight="quiet" onClick={() => setTask('remove')}>
                <Trash2 size={14} aria-hidden="true" />
                {t('tls.remove')}
              </Button>
            </>
          )}
        </div>
      )}
    </div>
  )
}
