// The sheet that makes a listener or a client, or edits and starts one that is not running. It closes when the
// thing runs; a start that fails says so under its field, and the next try uses the same endpoint.
// Counterparts: use-endpoint-form.ts (what the fields hold and what became of them), form.ts, problem.ts; relay/ has relays.
import { Dialog } from '@base-ui/react/dialog'
import { type FormEvent, type ReactNode, type RefObject, useEffect, useId, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { parseEscapes } from '../../../preload/contract/notation.ts'
import { type EndpointRole, replies } from '../../../preload/contract/vocabulary.ts'
import { RepliesFold } from '../../replies/replies-fold.tsx'
import { type SheetRequest, useView, viewStore } from '../../stores/view.ts'
import { ConnectivityFields } from '../../tls/connectivity-fields.tsx'
import { Button, CloseButton } from '../../ui/button.tsx'
import { Choice } from '../../ui/choice.tsx'
import { Field } from '../../ui/field.tsx'
import { formatBytes } from '../../ui/format.ts'
import { Kbd } from '../../ui/kbd.tsx'
import { ErrorMark } from '../../ui/marks.tsx'
import type { FieldName } from './form.ts'
import { TryIt } from './try-it.tsx'
import { useEndpointForm } from './use-endpoint-form.ts'
import './sheets.css'

const titles = {
  listener: { fresh: 'sheet.newListener', edit: 'sheet.editListener' },
  client: { fresh: 'sheet.newClient', edit: 'sheet.editClient' },
} as const

const focusFirstInvalid = (form: HTMLFormElement | null) =>
  requestAnimationFrame(() => form?.querySelector<HTMLElement>('[aria-invalid=true]')?.focus())

interface FormProps {
  readonly request: SheetRequest
  /** Says whether closing would lose nothing; the first try is then told. */
  readonly guard: RefObject<() => boolean>
  close(): void
}

const EndpointForm = ({ request, guard, close }: FormProps) => {
  const { t } = useTranslation()
  const { role } = request
  const form = useRef<HTMLFormElement>(null)
  const replyId = useId()
  const {
    answers,
    setAnswers,
    connectivity,
    setConnectivity,
    socketErrors,
    values,
    set,
    errors,
    problem,
    submit,
    pending,
    autoName,
    tried,
    said,
    dirty,
  } = useEndpointForm(request, close)
  const greeting = parseEscapes(values.greeting)
  /** Closing was tried with this not saved. */
  const [warnedOf, setWarnedOf] = useState<string | null>(null)
  const warned = dirty && warnedOf === said

  useEffect(() => {
    guard.current = () => {
      if (!dirty || warned || pending) return true
      setWarnedOf(said)
      return false
    }
  })

  useEffect(() => {
    if (Object.keys(errors).length > 0 || problem !== null) focusFirstInvalid(form.current)
  }, [errors, problem])

  const onSubmit = (event: FormEvent) => {
    event.preventDefault()
    if (!pending) void submit()
  }

  const errorOf = (field: FieldName): ReactNode => {
    if (errors[field] !== undefined) return errors[field]
    if (problem?.field !== field) return null
    const port = problem.suggestedPort
    return (
      <>
        {problem.message}{' '}
        {port === null ? null : (
          <button type="button" className="link-button" onClick={() => set('port', `${port}`)}>
            {t('sheet.use', { port })}
          </button>
        )}
      </>
    )
  }
  const bind = (name: FieldName, label: string) => ({
    name,
    label,
    value: values[name],
    error: errorOf(name),
    onChange: (value: string) => set(name, value),
  })

  const timeout = <Field {...bind('connectTimeoutMs', t('sheet.timeout'))} className="narrow" inputMode="numeric" />
  return (
    <form ref={form} className="sheet-form" onSubmit={onSubmit} noValidate>
      <div className="sheet-body scroll">
        <div className="sheet-section">
          <Field {...bind('name', t('sheet.name'))} placeholder={autoName} aside={t('word.optional')} data-first />
        </div>
        <div className="sheet-section">
          <div className="host-port">
            <Field {...bind('host', t('sheet.host'))} />
            <Field
              {...bind('port', t('sheet.port'))}
              inputMode="numeric"
              {...(role === 'listener' ? { aside: t('sheet.portHelp') } : {})}
            />
          </div>
          <p className="field-help">{t(role === 'listener' ? 'sheet.listenHelp' : 'sheet.clientHelp')}</p>
        </div>
        {role === 'listener' ? (
          <div className="sheet-section">
            <div className="field">
              <span className="field-label" id={replyId}>
                {t('sheet.reply')}
              </span>
              <Choice
                label={t('sheet.reply')}
                labelId={replyId}
                fieldSized
                value={values.reply}
                options={replies.map((reply) => ({
                  value: reply,
                  text: t(`replyChoice.${reply}`),
                  help: t(`replyHelp.${reply}`),
                }))}
                onChange={(reply) => set('reply', reply)}
              />
              <p className="field-help">{t(`replyHelp.${values.reply}`)}</p>
            </div>
            <Field
              {...bind('greeting', t('sheet.greeting'))}
              aside={t('word.optional')}
              help={
                greeting.ok && greeting.bytes.length > 0
                  ? t('sheet.greetingCount', { size: formatBytes(greeting.bytes.length) })
                  : t('sheet.greetingHelp')
              }
            />
          </div>
        ) : (
          <div className="sheet-section">{timeout}</div>
        )}
        {role === 'relay' ? null : (
          <ConnectivityFields role={role} value={connectivity} errors={socketErrors} onChange={setConnectivity} />
        )}
        <RepliesFold value={answers} plain={role === 'listener' ? values.reply : 'discard'} onChange={setAnswers} />
        <div className="sheet-section">
          <Field
            {...bind('snapBytes', t('sheet.snap'))}
            className="narrow"
            inputMode="numeric"
            aside={t('word.optional')}
            placeholder={t('sheet.snapAll')}
          />
          <p className="field-help">{t('sheet.snapHelp')}</p>
        </div>
        <TryIt kind={role} host={values.host} port={values.port} />
      </div>
      {problem !== null && problem.field === null ? (
        <p className="field-error sheet-problem" role="alert">
          <ErrorMark />
          <span>{problem.message}</span>
        </p>
      ) : null}
      <footer className="sheet-foot">
        <span className="grow" role="status">
          {warned ? t('relay.footUnsaved') : tried && !pending ? t('sheet.failedStays') : ''}
        </span>
        <Button weight="quiet" large onClick={close}>
          {t('sheet.cancel')}
        </Button>
        <Button weight="primary" large type="submit" aria-disabled={pending}>
          {pending
            ? t(role === 'client' ? 'sheet.connecting' : 'sheet.starting')
            : t(role === 'client' ? 'sheet.connect' : 'sheet.start')}
          <Kbd>Enter</Kbd>
        </Button>
      </footer>
    </form>
  )
}

/** A relay has a sheet of its own. */
type Request = SheetRequest & { readonly role: Exclude<EndpointRole, 'relay'> }
const isOurs = (request: SheetRequest | null): request is Request => request !== null && request.role !== 'relay'

const titleOf = (request: Request) => titles[request.role][request.endpoint === null ? 'fresh' : 'edit']

export const EndpointSheet = () => {
  const { t } = useTranslation()
  const request = useView((state) => (isOurs(state.sheet) ? state.sheet : null))
  const { closeSheet } = viewStore.getState()
  // What it was about stays while it moves out of sight.
  const [shown, setShown] = useState<{ readonly request: Request; readonly opened: number } | null>(null)
  if (request !== null && request !== shown?.request) setShown({ request, opened: (shown?.opened ?? 0) + 1 })
  const role: EndpointRole = shown?.request.role ?? 'listener'
  const popup = useRef<HTMLDivElement>(null)
  const guard = useRef(() => true)
  return (
    <Dialog.Root
      open={request !== null}
      onOpenChange={(open, details) => {
        if (open) return
        if (guard.current()) closeSheet()
        else details.cancel()
      }}
    >
      <Dialog.Portal>
        <Dialog.Backdrop className="veil" />
        <Dialog.Popup
          ref={popup}
          className={`sheet ${role}`}
          initialFocus={() => popup.current?.querySelector<HTMLElement>('[data-first]') ?? true}
        >
          <header className="sheet-head">
            <Dialog.Title className="sheet-title">{shown === null ? '' : t(titleOf(shown.request))}</Dialog.Title>
            <Kbd>Esc</Kbd>
            <Dialog.Close render={<CloseButton label={t('word.close')} />} />
          </header>
          {shown === null ? null : (
            <EndpointForm key={shown.opened} request={shown.request} guard={guard} close={closeSheet} />
          )}
        </Dialog.Popup>
      </Dialog.Portal>
    </Dialog.Root>
  )
}
