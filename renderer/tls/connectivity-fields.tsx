// TLS, sockets and reconnecting in the sheet of a listener or a client. Counterparts: connectivity.ts (the values),
// workbench/sheets/endpoint-sheet.tsx.
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { SocketOptions } from '../../preload/contract/vocabulary.ts'
import { Field } from '../ui/field.tsx'
import { type Connectivity, type SocketErrors, type SocketValues, socketOf, socketValues } from './connectivity.ts'
import { ClientTlsFields, ClientTlsSwitch, ServerTlsFields, ServerTlsSwitch, SwitchField } from './tls-fields.tsx'
import './tls.css'

export interface ConnectivityFieldsProps {
  readonly role: 'listener' | 'client'
  readonly value: Connectivity
  readonly errors: SocketErrors
  onChange(value: Connectivity): void
}

export const ConnectivityFields = ({ role, value, errors, onChange }: ConnectivityFieldsProps) => {
  const { t } = useTranslation()
  const change = (next: Partial<Connectivity>) => onChange({ ...value, ...next })
  const server = role === 'listener'
  const secured = server ? value.serverTls !== null : value.clientTls !== null
  const help = server
    ? t(secured ? 'tls.serverHelp' : 'tls.plainServerHelp')
    : t(secured ? 'tls.clientHelp' : 'tls.plainClientHelp')
  return (
    <>
      <div className="sheet-section">
        <div className="tls-row">
          {server ? (
            <ServerTlsSwitch value={value.serverTls} onChange={(serverTls) => change({ serverTls })} />
          ) : (
            <ClientTlsSwitch value={value.clientTls} onChange={(clientTls) => change({ clientTls })} />
          )}
          <span className="field-help">{help}</span>
        </div>
        {server && value.serverTls !== null ? (
          <ServerTlsFields value={value.serverTls} onChange={(serverTls) => change({ serverTls })} />
        ) : null}
        {!server && value.clientTls !== null ? (
          <ClientTlsFields value={value.clientTls} onChange={(clientTls) => change({ clientTls })} />
        ) : null}
      </div>
      <div className="sheet-section">
        <details className="fold" open={Object.keys(errors).length > 0 ? true : undefined}>
          <summary>{t(server ? 'tls.advanced' : 'tls.advancedClient')}</summary>
          <div className="fold-body">
            <SocketFields value={value.socket} errors={errors} onChange={(socket) => change({ socket })} />
            {server ? null : <ReconnectFields value={value} errors={errors} onChange={change} />}
          </div>
        </details>
      </div>
    </>
  )
}

export interface SocketFieldsProps {
  readonly value: SocketValues
  readonly errors: SocketErrors
  onChange(value: SocketValues): void
}

/** What sockets are set to, of any endpoint. */
export const SocketFields = ({ value, errors, onChange }: SocketFieldsProps) => {
  const { t } = useTranslation()
  const change = (next: Partial<SocketValues>) => onChange({ ...value, ...next })
  return (
    <>
      <SwitchField
        label={t('tls.noDelay')}
        help={t('tls.noDelayHelp')}
        checked={value.noDelay}
        onChange={(noDelay) => change({ noDelay })}
      />
      <div className="tls-columns">
        <Field
          label={t('tls.keepAlive')}
          aside={t('word.optional')}
          inputMode="numeric"
          value={value.keepAlive}
          error={errors.keepAlive === undefined ? null : t(`tls.${errors.keepAlive}`)}
          help={t('tls.keepAliveHelp')}
          onChange={(keepAlive) => change({ keepAlive })}
        />
        <Field
          label={t('tls.highWater')}
          aside={t('word.optional')}
          inputMode="numeric"
          value={value.highWater}
          error={errors.highWater === undefined ? null : t(`tls.${errors.highWater}`)}
          help={t('tls.highWaterHelp')}
          onChange={(highWater) => change({ highWater })}
        />
      </div>
      <p className="field-help">{t('tls.notOffered')}</p>
    </>
  )
}

/** The same for a form that keeps a spec's own options. What is typed wrong is NaN there, which no check lets through. */
export const SocketOptionsFields = ({
  value,
  onChange,
}: {
  readonly value: SocketOptions | undefined
  onChange(value: SocketOptions | undefined): void
}) => {
  const [typed, setTyped] = useState(() => socketValues(value))
  const { errors } = socketOf(typed)
  return (
    <SocketFields
      value={typed}
      errors={errors}
      onChange={(next) => {
        setTyped(next)
        const { socket, errors: wrong } = socketOf(next)
        onChange(
          Object.keys(wrong).length === 0
            ? socket
            : {
                ...socket,
                ...(wrong.keepAlive === undefined ? {} : { keepAliveMs: Number.NaN }),
                ...(wrong.highWater === undefined ? {} : { highWaterBytes: Number.NaN }),
              },
        )
      }}
    />
  )
}

const ReconnectFields = ({
  value: { reconnect },
  errors,
  onChange,
}: Pick<ConnectivityFieldsProps, 'value' | 'errors'> & { onChange(value: Partial<Connectivity>): void }) => {
  const { t } = useTranslation()
  const change = (next: Partial<typeof reconnect>) => onChange({ reconnect: { ...reconnect, ...next } })
  const field = (name: 'firstMs' | 'maxMs' | 'attempts') => {
    const error = errors[name]
    return (
      <Field
        label={t(`tls.${name}`)}
        inputMode="numeric"
        value={reconnect[name]}
        error={error === undefined ? null : t(`tls.${error}`)}
        {...(name === 'attempts' ? { help: t('tls.attemptsHelp') } : {})}
        onChange={(text) => change({ [name]: text })}
      />
    )
  }
  return (
    <>
      <SwitchField
        label={t('tls.reconnect')}
        help={t('tls.reconnectHelp')}
        checked={reconnect.on}
        onChange={(on) => change({ on })}
      />
      {reconnect.on ? (
        <div className="tls-columns three">
          {field('firstMs')}
          {field('maxMs')}
          {field('attempts')}
        </div>
      ) : null}
    </>
  )
}
