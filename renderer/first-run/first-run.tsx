// The first screen: one end of a wire to start with, a lesson, and the clock that is already running. It gives way to the
// workbench as soon as there is an endpoint or an event. Counterpart: app.tsx decides.
import { GraduationCap } from 'lucide-react'
import { type FormEvent, type ReactNode, useEffect, useId, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { Result } from '../../preload/contract/failure.ts'
import { type EndpointRole, type EndpointSpec, type Reply, replies } from '../../preload/contract/vocabulary.ts'
import { useCommands } from '../link/link.ts'
import { endpointsStore } from '../stores/endpoints.ts'
import { noticeStore } from '../stores/notice.ts'
import { selectionStore } from '../stores/selection.ts'
import { viewStore } from '../stores/view.ts'
import { Button } from '../ui/button.tsx'
import { Choice } from '../ui/choice.tsx'
import { Kbd } from '../ui/kbd.tsx'
import { ErrorMark } from '../ui/marks.tsx'
import { WireDrawing } from '../ui/wire-drawing.tsx'
import { defaultConnectTimeoutMs, parseAddress } from '../workbench/sheets/form.ts'
import { Strip } from './strip.tsx'
import './first-run.css'

/** Starts what a card describes; the workbench that follows shows how it went. */
const useStart = () => {
  const commands = useCommands()
  const busy = useRef(false)
  return async (spec: EndpointSpec) => {
    // A second press while the first is on its way would start the same thing twice.
    if (busy.current) return
    busy.current = true
    const result = await commands.createEndpoint({ spec })
    busy.current = false
    if (!noticeStore.getState().report(result) || !result.ok) return
    endpointsStore.getState().takeEndpoint(result.value)
    selectionStore.getState().selectEndpoint(result.value.id)
  }
}

interface CardProps {
  readonly kind: EndpointRole
  readonly accented?: boolean
  readonly title: string
  readonly text: string
  readonly button: string
  readonly shortcut: string
  readonly error: string | null
  readonly children: ReactNode
  start(): void
}

const Card = ({ kind, accented = false, title, text, button, shortcut, error, children, start }: CardProps) => {
  const form = useRef<HTMLFormElement>(null)
  useEffect(() => {
    if (error !== null) form.current?.querySelector<HTMLElement>('[aria-invalid=true]')?.focus()
  }, [error])
  return (
    <form
      ref={form}
      className={accented ? 'card accented' : 'card'}
      data-card={kind}
      noValidate
      onSubmit={(event: FormEvent) => {
        event.preventDefault()
        start()
      }}
    >
      <WireDrawing kind={kind} />
      <h3>{title}</h3>
      <p className="card-text">{text}</p>
      <div className={error === null ? 'card-field' : 'card-field wrong'}>{children}</div>
      <Button
        type="submit"
        large
        weight={accented ? 'primary' : 'raised'}
        className="card-button"
        {...(accented ? { 'data-default': true } : {})}
      >
        {button}
        <Kbd>{shortcut}</Kbd>
      </Button>
      {error === null ? null : (
        <p className="field-error" role="alert">
          <ErrorMark />
          <span>{error}</span>
        </p>
      )}
    </form>
  )
}

interface AddressInputProps {
  readonly label: string
  readonly value: string
  readonly invalid: boolean
  onChange(value: string): void
}

const AddressInput = ({ label, value, invalid, onChange }: AddressInputProps) => (
  <input
    className="data"
    aria-label={label}
    aria-invalid={invalid}
    spellCheck={false}
    autoComplete="off"
    value={value}
    onChange={(event) => onChange(event.target.value)}
  />
)

/** A text that is checked when its card is started, and is no longer wrong once it is edited. */
const useAddress = (initial: string, lowest: 0 | 1) => {
  const [text, setText] = useState(initial)
  const [error, setError] = useState<string | null>(null)
  const check = (): Result<{ host: string; port: number }> => {
    const result = parseAddress(text, lowest)
    setError(result.ok ? null : result.failure.message)
    return result
  }
  const onChange = (next: string) => {
    setText(next)
    setError(null)
  }
  return { text, error, check, input: { value: text, invalid: error !== null, onChange } }
}

const ListenerCard = () => {
  const { t } = useTranslation()
  const start = useStart()
  const address = useAddress('127.0.0.1:8888', 0)
  const [reply, setReply] = useState<Reply>('echo')
  return (
    <Card
      kind="listener"
      accented
      title={t('firstRun.listenerTitle')}
      text={t('firstRun.listenerText')}
      button={t('firstRun.start')}
      shortcut="L"
      error={address.error}
      start={() => {
        const parsed = address.check()
        if (!parsed.ok) return
        const name = t(`sheet.listenerName.${reply}`)
        void start({ role: 'listener', name, ...parsed.value, reply, greeting: new Uint8Array(0) })
      }}
    >
      <AddressInput label={t('firstRun.listenAddress')} {...address.input} />
      <Choice<Reply>
        label={t('firstRun.answer')}
        className="card-choice"
        value={reply}
        options={replies.map((value) => ({ value, text: t(`replyChoice.${value}`), help: t(`replyHelp.${value}`) }))}
        onChange={setReply}
      />
    </Card>
  )
}

const ClientCard = () => {
  const { t } = useTranslation()
  const start = useStart()
  const address = useAddress('127.0.0.1:8888', 1)
  return (
    <Card
      kind="client"
      title={t('firstRun.clientTitle')}
      text={t('firstRun.clientText')}
      button={t('firstRun.connect')}
      shortcut="C"
      error={address.error}
      start={() => {
        const parsed = address.check()
        if (!parsed.ok) return
        const spec = { name: t('sheet.clientName'), ...parsed.value, connectTimeoutMs: defaultConnectTimeoutMs }
        void start({ role: 'client', ...spec })
      }}
    >
      <AddressInput label={t('firstRun.connectAddress')} {...address.input} />
    </Card>
  )
}

const RelayCard = () => {
  const { t } = useTranslation()
  const start = useStart()
  const here = useAddress('127.0.0.1:8080', 0)
  const there = useAddress('127.0.0.1:8888', 1)
  return (
    <Card
      kind="relay"
      title={t('firstRun.relayTitle')}
      text={t('firstRun.relayText')}
      button={t('firstRun.relay')}
      shortcut="R"
      error={here.error ?? there.error}
      start={() => {
        const from = here.check()
        const to = there.check()
        if (!from.ok || !to.ok) return
        void start({
          role: 'relay',
          name: t('sheet.relayName'),
          ...from.value,
          upstreamHost: to.value.host,
          upstreamPort: to.value.port,
          connectTimeoutMs: defaultConnectTimeoutMs,
        })
      }}
    >
      <AddressInput label={t('firstRun.relayAddress')} {...here.input} />
      <span className="card-arrow" aria-hidden="true">
        →
      </span>
      <AddressInput label={t('firstRun.relayTarget')} {...there.input} />
    </Card>
  )
}

export const FirstRun = () => {
  const { t } = useTranslation()
  const titleId = useId()
  const { openSheet, show, setShortcutsOpen } = viewStore.getState()
  return (
    <section className="first-run scroll" aria-labelledby={titleId}>
      <div className="first-run-middle">
        <h2 id={titleId}>{t('firstRun.title')}</h2>
        <p className="first-run-subtitle">{t('firstRun.subtitle')}</p>
        <section className="cards" aria-label={t('sidebar.region')} data-pane="cards">
          <ListenerCard />
          <ClientCard />
          <RelayCard />
        </section>
        <button type="button" className="lesson-row" data-pane="lesson" onClick={() => show('lessons')}>
          <GraduationCap size={20} aria-hidden="true" />
          <span className="lesson-title">{t('firstRun.lesson')}</span>
          <span className="cut">{t('firstRun.lessonText')}</span>
          <span className="lesson-state">{t('firstRun.lessonState')}</span>
          <Kbd>E</Kbd>
        </button>
        <div className="first-run-more">
          <span className="dim">{t('firstRun.everyOption')}</span>
          <Button weight="quiet" onClick={() => openSheet('listener')}>
            {t('sidebar.newListener')}
          </Button>
          <Button weight="quiet" onClick={() => openSheet('client')}>
            {t('sidebar.newClient')}
          </Button>
          <Button weight="quiet" onClick={() => openSheet('relay')}>
            {t('sidebar.newRelay')}
          </Button>
          <Button weight="quiet" className="end" onClick={() => setShortcutsOpen(true)}>
            {t('firstRun.keys')}
            <Kbd>?</Kbd>
          </Button>
        </div>
      </div>
      <Strip />
    </section>
  )
}
