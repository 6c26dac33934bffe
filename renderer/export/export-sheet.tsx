// The sheet that takes what is looked at elsewhere: which format, what of it, how far it is, what became of it. Counterparts:
// export-run.ts (does it), export-summary.tsx (the report), store.ts (whether it is open).
import { Dialog } from '@base-ui/react/dialog'
import { type FormEvent, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { EventFilter } from '../../preload/contract/captures.ts'
import {
  type ExportFormat,
  type ExportSpec,
  exportFormats,
  type StreamDirection,
  streamDirections,
} from '../../preload/contract/exports.ts'
import type { ConnectionId } from '../../preload/contract/vocabulary.ts'
import { eventLog } from '../event-log/event-log.ts'
import { eventFilter, useFilter } from '../event-log/filter.ts'
import { useCommands } from '../link/link.ts'
import { useCapture } from '../stores/capture.ts'
import { endpointsStore, useEndpoints } from '../stores/endpoints.ts'
import { selectionStore } from '../stores/selection.ts'
import { Button, CloseButton } from '../ui/button.tsx'
import { Choice } from '../ui/choice.tsx'
import { formatBytes, formatCount, formatSize } from '../ui/format.ts'
import { Kbd } from '../ui/kbd.tsx'
import { ErrorMark } from '../ui/marks.tsx'
import { Segmented } from '../ui/segmented.tsx'
import { Switch } from '../ui/switch.tsx'
import { estimateBytes } from './estimate.ts'
import './export.css'
import { type RunState, useExportRun } from './export-run.ts'
import { SummaryFacts } from './export-summary.tsx'
import { exportSheetStore, useExportSheet } from './store.ts'
import { submitFromSegment } from './submit-key.ts'

type What = 'everything' | 'filtered' | 'connection'

const extensions: Readonly<Record<ExportFormat, string>> = {
  pcapng: 'pcapng',
  jsonl: 'jsonl',
  csv: 'csv',
  raw: 'bin',
  yaml: 'yaml',
}

/** Formats that are of whole connections. */
const isOfStreams = (format: ExportFormat): boolean => format !== 'jsonl' && format !== 'csv'

const fileName = (format: ExportFormat, connection: ConnectionId | null, startedAtEpochMs: number | null): string => {
  const at = new Date(startedAtEpochMs ?? Date.now()).toISOString().slice(0, 19).replace('T', ' ').replaceAll(':', '.')
  return `wireloop ${at}${connection === null ? '' : ` connection ${connection}`}.${extensions[format]}`
}

/** The host tells of so many ended connections at most; where there are as many, there may be more. */
const knownConnections = 1000

/** How many events there are, that match, and about how many bytes they hold. */
const useAmounts = (connection: ConnectionId | null) => {
  const capture = useCapture((state) => state.capture)
  const index = useFilter((state) => state.index)
  const info = useEndpoints((state) => (connection === null ? undefined : state.connections.get(connection)))
  // Of few connections it is known what they carried; a file is never smaller than its pages.
  const [carried] = useState(() => {
    const { connections } = endpointsStore.getState()
    if (connections.size >= knownConnections) return Number.POSITIVE_INFINITY
    let bytes = 0
    for (const { traffic } of connections.values()) bytes += traffic.bytesReceived + traffic.bytesSent
    return bytes
  })
  const events = capture === null ? 0 : capture.nextSeq - capture.firstSeq
  const matches = index === null ? 0 : index.count - index.rank(eventLog.firstSeq)
  const traffic = info?.traffic
  return {
    events,
    matches,
    traffic: traffic ?? null,
    ofConnection:
      traffic === undefined
        ? null
        : {
            events: traffic.messagesReceived + traffic.messagesSent + 4,
            bytes: traffic.bytesReceived + traffic.bytesSent,
          },
    payloadBytes: Math.min(capture?.storedBytes ?? 0, carried),
  }
}

const Progress = ({ state, stop }: { readonly state: RunState; stop(): void }) => {
  const { t } = useTranslation()
  if (state.at === 'choosing') return <p role="status">{t('export.choosing')}</p>
  if (state.at !== 'running') return null
  const share = `${Math.floor(state.share * 100)}\u202f%`
  return (
    <div className="export-progress" role="status">
      <span>{t('export.running', { share })}</span>
      {state.bytes === 0 ? null : (
        <span className="dim data">{t('export.written', { size: formatSize(state.bytes) })}</span>
      )}
      <span className="grow" />
      <Button onClick={stop}>{t('export.stop')}</Button>
      <progress aria-label={t('export.title')} value={state.share} max={1} />
    </div>
  )
}

const Form = ({ proposed, close }: { readonly proposed: ConnectionId | null; close(): void }) => {
  const { t } = useTranslation()
  const commands = useCommands()
  const run = useExportRun(commands)
  const [connection] = useState(() => proposed ?? selectionStore.getState().connection)
  const filtered = useFilter((state) => state.parts.length > 0)
  const startedAt = useEndpoints((state) => state.startedAtEpochMs)
  const amounts = useAmounts(connection)
  const [format, setFormat] = useState<ExportFormat>('pcapng')
  const [chosen, setChosen] = useState<What>(proposed !== null ? 'connection' : filtered ? 'filtered' : 'everything')
  const [direction, setDirection] = useState<StreamDirection>('both')
  const [comments, setComments] = useState(true)
  const onlyOne = format === 'raw'
  const what: What = onlyOne ? 'connection' : chosen
  const impossible = what === 'connection' && connection === null
  const busy = run.state?.at === 'running' || run.state?.at === 'choosing'

  const filter = (): EventFilter => {
    if (what === 'connection' && connection !== null) return { connections: [connection] }
    return what === 'filtered' ? eventFilter.asked() : {}
  }
  const part = amounts.events === 0 ? 0 : amounts.matches / amounts.events
  const about =
    what === 'connection'
      ? amounts.ofConnection === null
        ? null
        : estimateBytes(format, amounts.ofConnection.events, amounts.ofConnection.bytes)
      : what === 'filtered'
        ? estimateBytes(format, amounts.matches, amounts.payloadBytes * part)
        : estimateBytes(format, amounts.events, amounts.payloadBytes)

  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (busy || impossible) return
    if (run.state !== null) {
      run.cancel()
      return
    }
    const spec: ExportSpec = { format, filter: filter(), direction: isOfStreams(format) ? direction : 'both', comments }
    run.start(spec, fileName(format, what === 'connection' ? connection : null, startedAt))
  }

  const options = [
    ...(onlyOne
      ? []
      : [
          {
            value: 'everything' as const,
            text: t('export.everything'),
            help: t('export.everythingHelp', { number: formatCount(amounts.events) }),
          },
        ]),
    ...(filtered && !onlyOne
      ? [
          {
            value: 'filtered' as const,
            text: t(isOfStreams(format) ? 'export.filteredStreams' : 'export.filtered'),
            help: isOfStreams(format)
              ? t('export.filteredStreamsHelp')
              : t('export.filteredHelp', { number: formatCount(amounts.matches) }),
          },
        ]
      : []),
    ...(connection === null
      ? []
      : [
          {
            value: 'connection' as const,
            text: t('export.connection', { id: connection }),
            ...(amounts.traffic === null
              ? {}
              : {
                  help: t('export.connectionHelp', {
                    received: formatBytes(amounts.traffic.bytesReceived),
                    sent: formatBytes(amounts.traffic.bytesSent),
                  }),
                }),
          },
        ]),
  ]

  return (
    <form className="sheet-form" onSubmit={submit} onKeyDown={submitFromSegment} noValidate>
      <div className="sheet-body scroll export-body">
        <fieldset className="export-fields" disabled={busy} aria-label={t('export.title')}>
          <div className="field">
            <span className="field-label">{t('export.format')}</span>
            <Segmented<ExportFormat>
              label={t('export.format')}
              value={format}
              choices={exportFormats.map((value) => ({ value, text: t(`export.formatWord.${value}`) }))}
              onChange={setFormat}
            />
            <p className="field-help">{t(`export.formatHelp.${format}`)}</p>
          </div>
          <div className="field">
            <span className="field-label">{t('export.what')}</span>
            {impossible ? (
              <p className="field-error" role="alert">
                <ErrorMark />
                <span>{t('export.oneOnly')}</span>
              </p>
            ) : (
              <>
                <Choice<What> label={t('export.what')} fieldSized value={what} options={options} onChange={setChosen} />
                <p className="field-help">{options.find((option) => option.value === what)?.help}</p>
              </>
            )}
          </div>
          {format === 'raw' || format === 'yaml' ? (
            <div className="field">
              <span className="field-label">{t('export.direction')}</span>
              <Segmented<StreamDirection>
                label={t('export.direction')}
                value={direction}
                choices={streamDirections.map((value) => ({ value, text: t(`export.directionWord.${value}`) }))}
                onChange={setDirection}
              />
            </div>
          ) : null}
          {format === 'pcapng' ? (
            <div className="export-switch">
              <span className="export-words">
                <span>{t('export.comments')}</span>
                <span className="field-help">{t('export.commentsHelp')}</span>
              </span>
              <Switch label={t('export.comments')} checked={comments} onChange={setComments} />
            </div>
          ) : null}
        </fieldset>
        {run.state === null ? null : (
          <section className="export-report" aria-label={t('export.title')}>
            <Progress state={run.state} stop={run.cancel} />
            {run.state.at === 'failed' ? (
              <p className="field-error" role="alert">
                <ErrorMark />
                <span>{t('export.failed', { message: run.state.message })}</span>
              </p>
            ) : null}
            {run.state.at === 'done' ? <SummaryFacts name={run.state.name} summary={run.state.summary} /> : null}
          </section>
        )}
      </div>
      <footer className="sheet-foot">
        <span className="grow dim">{about === null || busy ? '' : t('export.about', { size: formatSize(about) })}</span>
        <Button weight="quiet" large onClick={close}>
          {t(run.state?.at === 'done' ? 'export.close' : 'export.cancel')}
        </Button>
        <Button weight="primary" large type="submit" aria-disabled={busy || impossible}>
          {t(run.state?.at === 'done' ? 'export.again' : 'export.start')}
          <Kbd>Enter</Kbd>
        </Button>
      </footer>
    </form>
  )
}

export const ExportSheet = () => {
  const { t } = useTranslation()
  const request = useExportSheet((state) => (state.request?.kind === 'export' ? state.request : null))
  const { close } = exportSheetStore.getState()
  const popup = useRef<HTMLDivElement>(null)
  // What it was about stays while it moves out of sight.
  const [shown, setShown] = useState<{ readonly request: NonNullable<typeof request>; readonly opened: number } | null>(
    null,
  )
  if (request !== null && request !== shown?.request) setShown({ request, opened: (shown?.opened ?? 0) + 1 })
  return (
    <Dialog.Root open={request !== null} onOpenChange={(open) => (open ? undefined : close())}>
      <Dialog.Portal>
        <Dialog.Backdrop className="veil" />
        <Dialog.Popup
          ref={popup}
          className="sheet export-sheet"
          initialFocus={() => popup.current?.querySelector<HTMLElement>('.seg-item[data-pressed]') ?? true}
        >
          <header className="sheet-head">
            <Dialog.Title className="sheet-title">{t('export.title')}</Dialog.Title>
            <Kbd>Esc</Kbd>
            <Dialog.Close render={<CloseButton label={t('word.close')} />} />
          </header>
          {shown === null ? null : <Form key={shown.opened} proposed={shown.request.connection} close={close} />}
        </Dialog.Popup>
      </Dialog.Portal>
    </Dialog.Root>
  )
}
