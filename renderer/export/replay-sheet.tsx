// The sheet that sends one direction of a connection again to a live target, and tells how the answers compare. Counterparts:
// use-replay.ts (does it), replay-report.tsx (the result), store.ts (whether it is open).
import { Dialog } from '@base-ui/react/dialog'
import { type FormEvent, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { formatAddress, parseHost, parsePort } from '../../preload/contract/checks.ts'
import { maxReplayWaitMs } from '../../preload/contract/exports-checks.ts'
import type { ConnectionInfo } from '../../preload/contract/vocabulary.ts'
import { useCommands } from '../link/link.ts'
import { useEndpoints } from '../stores/endpoints.ts'
import { useViewing } from '../stores/viewing.ts'
import { Button, CloseButton } from '../ui/button.tsx'
import { Field } from '../ui/field.tsx'
import { formatBytes } from '../ui/format.ts'
import { Kbd } from '../ui/kbd.tsx'
import { ErrorMark } from '../ui/marks.tsx'
import { Segmented } from '../ui/segmented.tsx'
import './export.css'
import { ReplayFacts } from './replay-report.tsx'
import { exportSheetStore, useExportSheet } from './store.ts'
import { submitFromSegment } from './submit-key.ts'
import { useReplay } from './use-replay.ts'

const speeds = ['1', '2', '10', '0'] as const
type Speed = (typeof speeds)[number]
type Direction = 'received' | 'sent'

/** What the side that opened the connection sent is what a server can be asked again. */
const usual = (connection: ConnectionInfo): Direction => (connection.direction === 'in' ? 'received' : 'sent')

const targetOf = (connection: ConnectionInfo) => (connection.direction === 'in' ? connection.local : connection.remote)

const Form = ({ connection, close }: { readonly connection: ConnectionInfo; close(): void }) => {
  const { t } = useTranslation()
  const replay = useReplay(useCommands())
  const live = useViewing((state) => state.file === null)
  const target = targetOf(connection)
  const [direction, setDirection] = useState<Direction>(() => usual(connection))
  const [host, setHost] = useState(target?.host ?? '127.0.0.1')
  const [port, setPort] = useState(target === null ? '' : `${target.port}`)
  const [speed, setSpeed] = useState<Speed>('1')
  const [wait, setWait] = useState('1000')
  const [tried, setTried] = useState(false)
  const parsedHost = parseHost(host)
  const parsedPort = parsePort(port, 1)
  const waitMs = /^\d{1,6}$/.test(wait.trim()) ? Number(wait) : 0
  const waitIsWrong = waitMs < 1 || waitMs > maxReplayWaitMs
  const size = direction === 'received' ? connection.traffic.bytesReceived : connection.traffic.bytesSent
  const running = replay.state?.at === 'running'
  const peer = connection.remote === null ? '–' : formatAddress(connection.remote)

  const submit = (event: FormEvent) => {
    event.preventDefault()
    setTried(true)
    if (running || !parsedHost.ok || !parsedPort.ok || waitIsWrong) return
    replay.start({
      connection: connection.id,
      direction,
      host: parsedHost.value,
      port: parsedPort.value,
      speed: Number(speed),
      waitMs,
    })
  }

  return (
    <form className="sheet-form" onSubmit={submit} onKeyDown={submitFromSegment} noValidate>
      <div className="sheet-body scroll export-body">
        <fieldset className="export-fields" disabled={running} aria-label={t('replay.title', { id: connection.id })}>
          <div className="field">
            <span className="field-label">{t('replay.what')}</span>
            <Segmented<Direction>
              label={t('replay.what')}
              value={direction}
              choices={(['received', 'sent'] as const).map((value) => ({
                value,
                text: t(`replay.direction.${value}`),
              }))}
              onChange={setDirection}
            />
            <p className="field-help">{t(`replay.directionHelp.${direction}`, { size: formatBytes(size), peer })}</p>
          </div>
          <div className="host-port">
            <Field
              label={t('replay.host')}
              value={host}
              onChange={setHost}
              error={tried && !parsedHost.ok ? parsedHost.failure.message : null}
            />
            <Field
              label={t('replay.port')}
              value={port}
              inputMode="numeric"
              onChange={setPort}
              error={tried && !parsedPort.ok ? parsedPort.failure.message : null}
            />
          </div>
          <div className="field">
            <span className="field-label">{t('replay.speed')}</span>
            <Segmented<Speed>
              label={t('replay.speed')}
              value={speed}
              choices={speeds.map((value) => ({ value, text: t(`replay.speedWord.${value}`) }))}
              onChange={setSpeed}
            />
          </div>
          <Field
            className="narrow"
            label={t('replay.wait')}
            value={wait}
            inputMode="numeric"
            onChange={setWait}
            error={tried && waitIsWrong ? t('replay.waitWrong') : null}
          />
        </fieldset>
        {replay.state === null ? null : (
          <section className="export-report" aria-label={t('replay.answers')}>
            {replay.state.at === 'running' ? (
              <div className="export-progress" role="status">
                <span className="data">
                  {t('replay.running', {
                    sent: formatBytes(replay.state.sentBytes),
                    total: formatBytes(size),
                    answers: formatBytes(replay.state.answerBytes),
                  })}
                </span>
                <span className="grow" />
                <Button onClick={replay.stop}>{t('replay.stop')}</Button>
              </div>
            ) : null}
            {replay.state.at === 'refused' ? (
              <p className="field-error" role="alert">
                <ErrorMark />
                <span>{replay.state.failure.message}</span>
              </p>
            ) : null}
            {replay.state.at === 'ended' ? <ReplayFacts report={replay.state.report} /> : null}
          </section>
        )}
      </div>
      <footer className="sheet-foot">
        <span className="grow dim">{live ? '' : t('replay.seeLive')}</span>
        <Button weight="quiet" large onClick={close}>
          {t('export.close')}
        </Button>
        <Button weight="primary" large type="submit" aria-disabled={running}>
          {t(replay.state?.at === 'ended' ? 'replay.again' : 'replay.start')}
          <Kbd>Enter</Kbd>
        </Button>
      </footer>
    </form>
  )
}

export const ReplaySheet = () => {
  const { t } = useTranslation()
  const request = useExportSheet((state) => (state.request?.kind === 'replay' ? state.request : null))
  const connection = useEndpoints((state) => (request === null ? undefined : state.connections.get(request.connection)))
  const { close } = exportSheetStore.getState()
  const popup = useRef<HTMLDivElement>(null)
  // As it was when it was opened: the engine may forget it meanwhile.
  const [shown, setShown] = useState<{ readonly request: typeof request; readonly connection: ConnectionInfo } | null>(
    null,
  )
  if (request !== null && connection !== undefined && request !== shown?.request) setShown({ request, connection })
  return (
    <Dialog.Root open={request !== null && shown !== null} onOpenChange={(open) => (open ? undefined : close())}>
      <Dialog.Portal>
        <Dialog.Backdrop className="veil" />
        <Dialog.Popup
          ref={popup}
          className="sheet export-sheet"
          initialFocus={() => popup.current?.querySelector<HTMLElement>('.seg-item[data-pressed]') ?? true}
        >
          <header className="sheet-head">
            <Dialog.Title className="sheet-title">
              {shown === null ? '' : t('replay.title', { id: shown.connection.id })}
            </Dialog.Title>
            <Kbd>Esc</Kbd>
            <Dialog.Close render={<CloseButton label={t('word.close')} />} />
          </header>
          {shown === null ? null : <Form key={`${shown.connection.id}`} connection={shown.connection} close={close} />}
        </Dialog.Popup>
      </Dialog.Portal>
    </Dialog.Root>
  )
}
