// TLS in a form: clear text or TLS, and how. The value is the spec's own, so that a sheet keeps nothing else; what is wrong with
// it the contract's checks say when it is sent. Counterparts: connectivity-fields.tsx and relay/relay-ends.tsx place it.
import { type ReactNode, useEffect, useId, useState } from 'react'
import { useTranslation } from 'react-i18next'
import {
  generatedIdentity,
  type TlsClientSpec,
  type TlsServerSpec,
  type TlsVersion,
  tlsVersions,
} from '../../preload/contract/tls.ts'
import { useCommands } from '../link/link.ts'
import { Choice } from '../ui/choice.tsx'
import { Field } from '../ui/field.tsx'
import { Segmented } from '../ui/segmented.tsx'
import { Switch } from '../ui/switch.tsx'
import { alpnOf, alpnText, newClientTls, newServerTls } from './connectivity.ts'
import { IdentityChoice } from './identity-choice.tsx'
import { PemField } from './pem-field.tsx'
import './tls.css'

export interface TlsSwitchProps<T> {
  readonly value: T | null
  onChange(value: T | null): void
}

const PlainOrTls = ({ on, onChange }: { readonly on: boolean; onChange(on: boolean): void }) => {
  const { t } = useTranslation()
  return (
    <Segmented
      label={t('tls.transport')}
      value={on ? 'tls' : 'plain'}
      choices={[
        { value: 'plain', text: t('tls.plain') },
        { value: 'tls', text: t('tls.tls') },
      ]}
      onChange={(choice) => onChange(choice === 'tls')}
    />
  )
}

/** Plain or TLS for a side that accepts. What was set is there again when it is switched back. */
export const ServerTlsSwitch = ({ value, onChange }: TlsSwitchProps<TlsServerSpec>) => {
  const [last, setLast] = useState(value ?? newServerTls)
  return (
    <PlainOrTls
      on={value !== null}
      onChange={(on) => {
        if (value !== null) setLast(value)
        onChange(on ? last : null)
      }}
    />
  )
}

/** Plain or TLS for a side that connects. */
export const ClientTlsSwitch = ({ value, onChange }: TlsSwitchProps<TlsClientSpec>) => {
  const [last, setLast] = useState(value ?? newClientTls)
  return (
    <PlainOrTls
      on={value !== null}
      onChange={(on) => {
        if (value !== null) setLast(value)
        onChange(on ? last : null)
      }}
    />
  )
}

const Alpn = ({ value, onChange }: { readonly value: readonly string[]; onChange(value: readonly string[]): void }) => {
  const { t } = useTranslation()
  // As typed: a comma at the end is the beginning of the next name.
  const [text, setText] = useState(() => alpnText(value))
  return (
    <Field
      label={t('tls.alpn')}
      aside={t('word.optional')}
      placeholder="h2, http/1.1"
      value={text}
      onChange={(typed) => {
        setText(typed)
        onChange(alpnOf(typed))
      }}
    />
  )
}

type Common = Pick<TlsServerSpec, 'minVersion' | 'maxVersion' | 'keyLog'>

const Versions = ({ value, onChange }: { readonly value: Common; onChange(value: Common): void }) => {
  const { t } = useTranslation()
  const options = tlsVersions.map((version) => ({ value: version, text: t(`tls.version.${version}`) }))
  const choice = (label: string, chosen: TlsVersion, change: (version: TlsVersion) => void) => (
    <div className="field">
      <span className="field-label">{label}</span>
      <Choice label={label} fieldSized value={chosen} options={options} onChange={change} />
    </div>
  )
  return (
    <div className="tls-columns">
      {choice(t('tls.minVersion'), value.minVersion, (minVersion) =>
        onChange({ minVersion, maxVersion: minVersion > value.maxVersion ? minVersion : value.maxVersion }),
      )}
      {choice(t('tls.maxVersion'), value.maxVersion, (maxVersion) =>
        onChange({ maxVersion, minVersion: maxVersion < value.minVersion ? maxVersion : value.minVersion }),
      )}
    </div>
  )
}

/** A switch with its words and their help. */
export const SwitchField = ({
  label,
  help,
  checked,
  onChange,
}: {
  readonly label: string
  readonly help: string
  readonly checked: boolean
  onChange(on: boolean): void
}) => (
  <div className="switch-field">
    <span className="grow">
      <span className="field-label">{label}</span>
      <span className="field-help">{help}</span>
    </span>
    <Switch label={label} checked={checked} onChange={onChange} />
  </div>
)

const KeyLog = ({ on, onChange }: { readonly on: boolean; onChange(on: boolean): void }) => {
  const { t } = useTranslation()
  const commands = useCommands()
  const [path, setPath] = useState<string | null>(null)
  useEffect(() => {
    if (on) void commands.keyLogFile(null).then((result) => setPath(result.ok ? result.value : null))
  }, [on, commands])
  return (
    <>
      <SwitchField label={t('tls.keyLog')} help={t('tls.keyLogHelp')} checked={on} onChange={onChange} />
      {on && path !== null ? <p className="field-help data wrap">{t('tls.keyLogPath', { path })}</p> : null}
    </>
  )
}

const More = ({
  value,
  onChange,
  flat = false,
  caLabel,
  caHelp,
}: {
  readonly value: Common & { readonly caPem: string }
  /** It stands in a fold already. */
  readonly flat?: boolean
  readonly caLabel?: string
  readonly caHelp?: string
  onChange(value: Partial<Common & { readonly caPem: string }>): void
}) => {
  const { t } = useTranslation()
  return (
    <Folded words={flat ? null : t(caLabel === undefined ? 'tls.moreServer' : 'tls.more')}>
      <Versions value={value} onChange={onChange} />
      {caLabel === undefined ? null : (
        <PemField
          label={caLabel}
          value={value.caPem}
          {...(caHelp === undefined ? {} : { help: caHelp })}
          onChange={(caPem) => onChange({ caPem })}
        />
      )}
      <KeyLog on={value.keyLog === true} onChange={(keyLog) => onChange({ keyLog })} />
    </Folded>
  )
}

export interface TlsFieldsProps<T> {
  readonly value: T
  /** Where two sides share a sheet: what is set most in one row, all else folded. */
  readonly compact?: boolean
  onChange(value: T): void
}

/** All of it, or folded under its words. */
const Folded = ({ words, children }: { readonly words: string | null; readonly children: ReactNode }) =>
  words === null ? (
    children
  ) : (
    <details className="fold">
      <summary>{words}</summary>
      <div className="fold-body">{children}</div>
    </details>
  )

/** How connections that are accepted are secured. */
export const ServerTlsFields = ({ value, compact = false, onChange }: TlsFieldsProps<TlsServerSpec>) => {
  const { t } = useTranslation()
  const labelId = useId()
  const change = (next: Partial<TlsServerSpec>) => onChange({ ...value, ...next })
  return (
    <div className="tls-fields">
      <IdentityChoice
        label={t('tls.identity')}
        help={t('tls.identityHelp')}
        value={value.identity}
        optional={false}
        onChange={(identity) => change({ identity: identity ?? generatedIdentity })}
      />
      <Folded words={compact ? t('tls.restServer') : null}>
        <Alpn value={value.alpn} onChange={(alpn) => change({ alpn })} />
        <div className="field">
          <span className="field-label" id={labelId}>
            {t('tls.clientCertificate')}
          </span>
          <Segmented
            label={t('tls.clientCertificate')}
            value={value.clientCertificate}
            choices={(['no', 'ask', 'require'] as const).map((each) => ({
              value: each,
              text: t(`tls.clientCertificateChoice.${each}`),
            }))}
            onChange={(clientCertificate) => change({ clientCertificate })}
          />
          <p className="field-help">{t(`tls.clientCertificateHelp.${value.clientCertificate}`)}</p>
        </div>
        {value.clientCertificate === 'no' ? null : (
          <PemField label={t('tls.clientCa')} value={value.caPem} onChange={(caPem) => change({ caPem })} />
        )}
        <More value={value} flat={compact} onChange={change} />
      </Folded>
    </div>
  )
}

const ClientIdentity = ({ value, onChange }: TlsFieldsProps<TlsClientSpec>) => {
  const { t } = useTranslation()
  return (
    <IdentityChoice
      label={t('tls.clientIdentity')}
      help={t('tls.clientIdentityHelp')}
      value={value.identity}
      optional
      onChange={(identity) => onChange({ ...value, identity })}
    />
  )
}

/** The name and whether it is checked, side by side. */
const ClientTlsRow = ({ value, onChange }: TlsFieldsProps<TlsClientSpec>) => {
  const { t } = useTranslation()
  return (
    <div className="tls-row">
      <span className="field-label" aria-hidden="true">
        {t('tls.serverName')}
      </span>
      <input
        className="input data grow"
        aria-label={t('tls.serverName')}
        title={t('tls.serverNameHelp')}
        placeholder="localhost"
        spellCheck={false}
        autoComplete="off"
        value={value.serverName}
        onChange={({ target }) => onChange({ ...value, serverName: target.value.trim() })}
      />
      <span className="field-label" title={t(value.verify ? 'tls.verifyHelp' : 'tls.verifyOffHelp')}>
        {t('tls.verify')}
      </span>
      <Switch label={t('tls.verify')} checked={value.verify} onChange={(verify) => onChange({ ...value, verify })} />
    </div>
  )
}

/** How a connection that is made is secured. */
export const ClientTlsFields = ({ value, compact = false, onChange }: TlsFieldsProps<TlsClientSpec>) => {
  const { t } = useTranslation()
  const change = (next: Partial<TlsClientSpec>) => onChange({ ...value, ...next })
  if (compact)
    return (
      <div className="tls-fields">
        <ClientTlsRow value={value} onChange={onChange} />
        <Folded words={t('tls.restClient')}>
          <Alpn value={value.alpn} onChange={(alpn) => change({ alpn })} />
          <ClientIdentity value={value} onChange={onChange} />
          <More value={value} flat caLabel={t('tls.ca')} caHelp={t('tls.caHelp')} onChange={change} />
        </Folded>
      </div>
    )
  return (
    <div className="tls-fields">
      <div className="tls-columns">
        <Field
          label={t('tls.serverName')}
          aside={t('word.optional')}
          placeholder="localhost"
          value={value.serverName}
          onChange={(serverName) => change({ serverName: serverName.trim() })}
        />
        <Alpn value={value.alpn} onChange={(alpn) => change({ alpn })} />
      </div>
      <p className="field-help">{t('tls.serverNameHelp')}</p>
      <SwitchField
        label={t('tls.verify')}
        help={t(value.verify ? 'tls.verifyHelp' : 'tls.verifyOffHelp')}
        checked={value.verify}
        onChange={(verify) => change({ verify })}
      />
      <ClientIdentity value={value} onChange={onChange} />
      <More value={value} caLabel={t('tls.ca')} caHelp={t('tls.caHelp')} onChange={change} />
    </div>
  )
}
