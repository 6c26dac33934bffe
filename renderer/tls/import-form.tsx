// Brings a certificate and its key to the host, which keeps them. The key is on this page only until then. It stands inside
// the sheet's own form, so it has no form element: Enter in its fields imports. Counterparts: identity-choice.tsx, main/tls/pem.ts.
import { type KeyboardEvent, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { Failure } from '../../preload/contract/failure.ts'
import type { IdentityName } from '../../preload/contract/tls.ts'
import { useCommands } from '../link/link.ts'
import { Button } from '../ui/button.tsx'
import { Field } from '../ui/field.tsx'
import { ErrorMark } from '../ui/marks.tsx'
import { PemField } from './pem-field.tsx'

const fields = ['name', 'certificatePem', 'keyPem', 'passphrase'] as const
type FieldName = (typeof fields)[number]

export interface ImportFormProps {
  onImported(name: IdentityName): void
  onCancel(): void
}

export const ImportForm = ({ onImported, onCancel }: ImportFormProps) => {
  const { t } = useTranslation()
  const commands = useCommands()
  const [values, setValues] = useState<Readonly<Record<FieldName, string>>>({
    name: '',
    certificatePem: '',
    keyPem: '',
    passphrase: '',
  })
  const [failure, setFailure] = useState<Failure | null>(null)
  const [pending, setPending] = useState(false)
  const asksPassphrase = failure?.code === 'encrypted-key' || values.passphrase !== ''
  const set = (field: FieldName) => (text: string) => setValues((held) => ({ ...held, [field]: text }))
  const errorOf = (field: FieldName) => (failure?.path === field ? failure.message : null)
  const elsewhere = failure !== null && !fields.some((field) => field === failure.path)

  const submit = async () => {
    if (pending) return
    setPending(true)
    const { passphrase, ...pair } = values
    const result = await commands.importIdentity({
      ...pair,
      name: pair.name.trim(),
      ...(passphrase === '' ? {} : { passphrase }),
    })
    setPending(false)
    if (result.ok) onImported(result.value.name)
    else setFailure(result.failure)
  }
  const onKeyDown = (event: KeyboardEvent<HTMLElement>) => {
    if (event.key === 'Escape') {
      event.stopPropagation()
      onCancel()
    }
    if (event.key !== 'Enter' || !(event.target instanceof HTMLInputElement)) return
    event.preventDefault()
    void submit()
  }
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset's legend cannot stand in a flex column with its fields
    <div role="group" className="tls-import" aria-label={t('tls.importTitle')} onKeyDown={onKeyDown}>
      <Field label={t('tls.importName')} value={values.name} error={errorOf('name')} onChange={set('name')} autoFocus />
      <PemField
        label={t('tls.importCertificate')}
        value={values.certificatePem}
        error={errorOf('certificatePem')}
        onChange={set('certificatePem')}
      />
      <PemField
        label={t('tls.importKey')}
        value={values.keyPem}
        help={t('tls.importKeyHelp')}
        error={errorOf('keyPem')}
        secret
        onChange={set('keyPem')}
      />
      {asksPassphrase ? (
        <Field
          label={t('tls.passphrase')}
          type="password"
          value={values.passphrase}
          help={t('tls.passphraseHelp')}
          error={errorOf('passphrase')}
          onChange={set('passphrase')}
        />
      ) : null}
      {elsewhere ? (
        <p className="field-error" role="alert">
          <ErrorMark />
          <span>{failure.message}</span>
        </p>
      ) : null}
      <div className="tls-row">
        <Button onClick={() => void submit()} aria-disabled={pending}>
          {t('tls.import')}
        </Button>
        <Button weight="quiet" onClick={onCancel}>
          {t('tls.cancel')}
        </Button>
      </div>
    </div>
  )
}
