// Where a relay listens and where it goes, each address in one box of two fields; what else belongs to the sockets folds out.
// Counterparts: use-relay-form.ts, workbench/sheets (the same fields of listeners and clients).
import { type ClipboardEvent, type ReactNode, useId, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { formatAddress, parseHostPort } from '../../preload/contract/checks.ts'
import { FramingSection } from '../replies/framing-section.tsx'
import { framingOf } from '../replies/framing-values.ts'
import { SocketOptionsFields } from '../tls/connectivity-fields.tsx'
import { ClientTlsFields, ClientTlsSwitch, ServerTlsFields, ServerTlsSwitch } from '../tls/tls-fields.tsx'
import { Field } from '../ui/field.tsx'
import { ErrorMark } from '../ui/marks.tsx'
import { RelayGlyph } from '../ui/wire-drawing.tsx'
import type { FieldName } from '../workbench/sheets/form.ts'
import type { OtherFields, RelayForm } from './use-relay-form.ts'

interface AddressProps {
  readonly legend: string
  readonly help: string
  readonly host: { readonly name: FieldName; readonly label: string }
  readonly port: { readonly name: FieldName; readonly label: string }
  readonly form: RelayForm
  /** Stands right of the box, and below it. */
  readonly beside?: ReactNode
  readonly below?: ReactNode
  errorOf(field: FieldName): ReactNode
}

const AddressFields = ({ legend, help, host, port, form, beside, below, errorOf }: AddressProps) => {
  const { t } = useTranslation()
  const id = useId()
  const errors = { [host.name]: errorOf(host.name), [port.name]: errorOf(port.name) }
  const wrong = [host, port].some(({ name }) => errors[name] !== null)
  const field = ({ name, label }: { readonly name: FieldName; readonly label: string }, className: string) => {
    const error = errors[name] ?? null
    return (
      <input
        className={`address-part data ${className}`}
        name={name}
        aria-label={label}
        aria-invalid={error !== null}
        {...(error === null ? {} : { 'aria-describedby': `${id}-${name}` })}
        spellCheck={false}
        autoComplete="off"
        {...(className === 'port' ? { inputMode: 'numeric' as const } : {})}
        value={form.values[name]}
        onChange={({ target }) => form.set(name, target.value)}
      />
    )
  }
  /** A whole address that is pasted fills both fields. */
  const onPaste = (event: ClipboardEvent<HTMLElement>) => {
    const text = event.clipboardData.getData('text/plain').trim()
    const whole = /:\d{1,5}$/.test(text) ? parseHostPort(text, 0, '127.0.0.1') : null
    if (whole === null || !whole.ok) return
    event.preventDefault()
    form.set(host.name, whole.value.host)
    form.set(port.name, `${whole.value.port}`)
  }
  return (
    <fieldset className="relay-end">
      <legend>{legend}</legend>
      <div className="relay-end-row">
        <span className={wrong ? 'address-box wrong' : 'address-box'} onPaste={onPaste}>
          {field(host, 'host')}
          <span className="dim data" aria-hidden="true">
            :
          </span>
          {field(port, 'port')}
        </span>
        {beside}
      </div>
      {[host, port].map(({ name }) =>
        errors[name] === null ? null : (
          <p key={name} id={`${id}-${name}`} className="field-error" role="alert">
            <ErrorMark />
            <span>{errors[name]}</span>
          </p>
        ),
      )}
      {wrong ? null : <p className="field-help">{help}</p>}
      {below}
      <span className="visually-hidden">{t('sheet.portHelp')}</span>
    </fieldset>
  )
}

export interface RelayEndsProps {
  readonly form: RelayForm
}

export const RelayEnds = ({ form }: RelayEndsProps) => {
  const { t } = useTranslation()
  const [unfolded, setUnfolded] = useState(false)
  const local = form.endpoint?.local ?? null
  const bound = local !== null && `${local.port}` !== form.values.port ? local : null
  const { listenTls, upstreamTls, socket } = form.other
  const setOther = <K extends keyof OtherFields>(name: K, value: OtherFields[K] | null) => {
    const { [name]: _, ...rest } = form.other
    form.setOther(value == null ? (rest as OtherFields) : { ...form.other, [name]: value })
  }
  const errorOf = (name: FieldName): ReactNode => {
    const own = form.errors[name]
    if (own !== undefined) return own
    if (form.problem?.field !== name) return null
    const port = form.problem.suggestedPort
    return (
      <>
        {form.problem.message}{' '}
        {port === null ? null : (
          <button type="button" className="link-button" onClick={() => form.set('port', `${port}`)}>
            {t('sheet.use', { port })}
          </button>
        )}
      </>
    )
  }
  const open =
    unfolded || errorOf('connectTimeoutMs') !== null || errorOf('snapBytes') !== null || !framingOf(form.framing).ok
  return (
    <section className="relay-ends-section" aria-label={t('relay.ends')}>
      <div className="relay-ends">
        <AddressFields
          legend={t('sheet.listen')}
          help={
            bound === null
              ? t(listenTls === undefined ? 'tls.plainServerHelp' : 'tls.serverHelp')
              : t('relay.bound', { address: formatAddress(bound) })
          }
          host={{ name: 'host', label: t('sheet.host') }}
          port={{ name: 'port', label: t('sheet.port') }}
          form={form}
          errorOf={errorOf}
          beside={<ServerTlsSwitch value={listenTls ?? null} onChange={(tls) => setOther('listenTls', tls)} />}
          below={
            listenTls === undefined ? null : (
              <ServerTlsFields compact value={listenTls} onChange={(tls) => setOther('listenTls', tls)} />
            )
          }
        />
        <RelayGlyph />
        <AddressFields
          legend={t('sheet.upstream')}
          help={t('sheet.relayGoesThere')}
          host={{ name: 'upstreamHost', label: t('sheet.upstreamHost') }}
          port={{ name: 'upstreamPort', label: t('sheet.upstreamPort') }}
          form={form}
          errorOf={errorOf}
          beside={<ClientTlsSwitch value={upstreamTls ?? null} onChange={(tls) => setOther('upstreamTls', tls)} />}
          below={
            upstreamTls === undefined ? null : (
              <ClientTlsFields compact value={upstreamTls} onChange={(tls) => setOther('upstreamTls', tls)} />
            )
          }
        />
      </div>
      <details className="relay-more" open={open} onToggle={({ currentTarget }) => setUnfolded(currentTarget.open)}>
        <summary>{t('relay.more')}</summary>
        <div className="relay-more-fields">
          <Field
            label={t('sheet.timeout')}
            inputMode="numeric"
            value={form.values.connectTimeoutMs}
            error={errorOf('connectTimeoutMs')}
            onChange={(value) => form.set('connectTimeoutMs', value)}
          />
          <Field
            label={t('sheet.snap')}
            aside={t('word.optional')}
            placeholder={t('sheet.snapAll')}
            inputMode="numeric"
            value={form.values.snapBytes}
            error={errorOf('snapBytes')}
            help={t('sheet.snapHelp')}
            onChange={(value) => form.set('snapBytes', value)}
          />
        </div>
        <div className="fold-body">
          <FramingSection value={form.framing} onChange={form.setFraming} />
          <SocketOptionsFields value={socket} onChange={(value) => setOther('socket', value)} />
        </div>
      </details>
    </section>
  )
}
