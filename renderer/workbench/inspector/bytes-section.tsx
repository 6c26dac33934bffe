// The payload of a data event as hex, text or decoded: what travelled with the event at once, the rest read from the capture when
// there is more. Counterparts: hex-view.tsx, decoders/, messages/, the
// `readPayload` command.
import { Check, Copy } from 'lucide-react'
import { useEffect, useMemo, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { formatHex } from '../../../preload/contract/notation.ts'
import { CursorNumbers } from '../../decoders/cursor-numbers.tsx'
import { DecodedView, useDecoderName } from '../../decoders/decoded-view.tsx'
import { useDecoded } from '../../decoders/use-decoded.ts'
import { eventLog } from '../../event-log/event-log.ts'
import { CopyAsMenu } from '../../export/copy-as-menu.tsx'
import { useCommands } from '../../link/link.ts'
import { useFrameStarts } from '../../messages/frame-starts.ts'
import { type ByteMark, MarkedBytes } from '../../search/marked-bytes.tsx'
import { payloadSearch, useSearch } from '../../search/search.ts'
import { IconButton } from '../../ui/button.tsx'
import { formatBytes, formatCount } from '../../ui/format.ts'
import { Segmented } from '../../ui/segmented.tsx'
import { firstShown, mostShown, nextShown } from './hex-dump.ts'
import { HexView } from './hex-view.tsx'

type View = 'hex' | 'text' | 'decoded'

/** What is known of a payload: the bytes, and whether more are being read or could not be. */
interface Read {
  /** Whose bytes they are. */
  readonly seq: number
  readonly bytes: Uint8Array
  readonly state: 'whole' | 'reading' | 'failed'
  readonly message: string
}

const usePayload = (seq: number): { readonly read: Read; readonly retry: () => void } => {
  const commands = useCommands()
  const length = eventLog.length(seq)
  // The log's bytes are a view that its chunk owns; they are copied for as long as the inspector shows them.
  const preview = useMemo(() => eventLog.preview(seq).slice(), [seq])
  const [read, setRead] = useState<Read | null>(null)
  const [attempt, setAttempt] = useState(0)
  // biome-ignore lint/correctness/useExhaustiveDependencies: `attempt` is there to read again.
  useEffect(() => {
    setRead(null)
    if (preview.length >= length) return
    let wanted = true
    void commands.readPayload({ seq }).then((result) => {
      if (!wanted) return
      setRead(
        result.ok
          ? { seq, bytes: result.value.data, state: 'whole', message: '' }
          : { seq, bytes: preview, state: 'failed', message: result.failure.message },
      )
    })
    return () => {
      wanted = false
    }
  }, [commands, seq, preview, length, attempt])
  const initial: Read = { seq, bytes: preview, state: preview.length >= length ? 'whole' : 'reading', message: '' }
  return { read: read?.seq === seq ? read : initial, retry: () => setAttempt((count) => count + 1) }
}

const CopyButton = ({ bytes, view }: { readonly bytes: Uint8Array; readonly view: View }) => {
  const { t } = useTranslation()
  const [copied, setCopied] = useState(false)
  useEffect(() => {
    if (!copied) return
    const timer = setTimeout(() => setCopied(false), 1500)
    return () => clearTimeout(timer)
  }, [copied])
  const copy = async () => {
    const text = view === 'text' ? new TextDecoder().decode(bytes) : formatHex(bytes).toUpperCase()
    try {
      await navigator.clipboard.writeText(text)
      setCopied(true)
    } catch {
      // The browser refused; the bytes can still be marked and copied by hand.
      setCopied(false)
    }
  }
  return (
    <IconButton
      label={copied ? t('word.copied') : t(view === 'text' ? 'inspector.copyText' : 'inspector.copyHex')}
      onClick={() => void copy()}
    >
      {copied ? <Check size={14} aria-hidden="true" /> : <Copy size={14} aria-hidden="true" />}
    </IconButton>
  )
}

export const BytesSection = ({ seq }: { readonly seq: number }) => {
  const { t } = useTranslation()
  // The view stays as it was chosen from event to event; how much of the bytes is shown does not.
  const [view, setView] = useState<View>('hex')
  const [shown, setShown] = useState(firstShown)
  const [shownOf, setShownOf] = useState(seq)
  const [cursor, setCursor] = useState<number | null>(null)
  const [linked, setLinked] = useState<ByteMark | null>(null)
  if (shownOf !== seq) {
    setShownOf(seq)
    setShown(firstShown)
    setCursor(null)
    setLinked(null)
  }
  const { read, retry } = usePayload(seq)
  const total = eventLog.length(seq)
  const visible = Math.min(shown, read.bytes.length)
  const matches = useSearch((state) => state.matches)
  // biome-ignore lint/correctness/useExhaustiveDependencies: the number of matches stands for what was found
  const marks = useMemo(
    () => payloadSearch.hits.in(seq).map(({ offset, length }) => ({ from: offset, to: offset + length })),
    [seq, matches],
  )
  // A match that is gone to is to be seen.
  const reach = marks[0] === undefined ? 0 : Math.min(mostShown, marks[0].to + 64)
  if (reach > shown && reach <= read.bytes.length) setShown(reach)
  // So is a field that is pointed at.
  if (linked !== null && linked.from >= shown && linked.from < Math.min(mostShown, read.bytes.length))
    setShown(Math.min(mostShown, linked.from + firstShown))
  const endpoint = eventLog.endpoint(seq)
  const decodes = view === 'decoded'
  const payload = useDecoded(read.bytes, endpoint, decodes)
  const nameOf = useDecoderName()
  const frames = useFrameStarts(seq)
  const next = nextShown(shown, read.bytes.length, mostShown)
  return (
    <section className="inspector-section" aria-label={t('inspector.bytes')}>
      <div className="inspector-section-head">
        <h3>{t('inspector.bytes')}</h3>
        <Segmented<View>
          label={t('inspector.bytesView')}
          value={view}
          choices={[
            { value: 'hex', text: t('inspector.hex') },
            { value: 'text', text: t('inspector.text') },
            { value: 'decoded', text: payload.as === null ? t('decode.decoded') : nameOf(payload.as) },
          ]}
          onChange={setView}
        />
        <CopyButton bytes={read.bytes} view={view} />
        <CopyAsMenu bytes={read.bytes} connection={eventLog.connection(seq)} />
      </div>
      {decodes ? <DecodedView payload={payload} endpoint={endpoint} byte={cursor} onLink={setLinked} /> : null}
      {view === 'text' ? (
        <div className="text-view data selectable">
          <MarkedBytes bytes={read.bytes.subarray(0, visible)} marks={marks} lines />
        </div>
      ) : (
        <HexView
          bytes={read.bytes}
          shown={visible}
          marks={marks}
          linked={decodes ? linked : null}
          frames={frames.starts}
          cursor={cursor}
          onCursor={setCursor}
        />
      )}
      {frames.words === '' ? null : <p className="inspector-note">{frames.words}</p>}
      {view === 'hex' ? <CursorNumbers bytes={read.bytes} at={cursor} /> : null}
      <p className="inspector-note">
        <span>{t('inspector.shown', { shown: formatCount(visible), total: formatBytes(total) })}</span>
        {next > visible ? (
          <button type="button" className="link-button" onClick={() => setShown(next)}>
            {t('inspector.showMore', { size: formatBytes(next - visible) })}
          </button>
        ) : null}
      </p>
      {read.state === 'reading' ? <p className="inspector-note">{t('inspector.loadingBytes')}</p> : null}
      {read.state === 'failed' ? (
        <p className="inspector-note err-text" role="alert">
          <span>{t('inspector.payloadFailed', { message: read.message })}</span>
          <button type="button" className="link-button" onClick={retry}>
            {t('inspector.retry')}
          </button>
        </p>
      ) : null}
      {read.state === 'whole' && read.bytes.length < total ? (
        <p className="inspector-note">
          {t('inspector.notKept', { kept: formatBytes(read.bytes.length), total: formatBytes(total) })}
        </p>
      ) : null}
    </section>
  )
}
