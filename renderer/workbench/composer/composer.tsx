// Where a person writes to any open connection: the text, the exact bytes it stands for, and the ways to end the
// connection. Counterparts: message.ts (text to bytes), target-picker.tsx (whom to), stores/composer.ts (what is kept).
import { ChevronUp, History } from 'lucide-react'
import { type KeyboardEvent, useEffect, useLayoutEffect, useMemo, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { type LineEnding, lineEndings } from '../../../preload/contract/notation.ts'
import type { ConnectionId } from '../../../preload/contract/vocabulary.ts'
import { useCommands } from '../../link/link.ts'
import { useEngine } from '../../stores/capture.ts'
import { composerStore, emptyDraft, type SentMessage, useComposer } from '../../stores/composer.ts'
import { useEndpoints } from '../../stores/endpoints.ts'
import { useLinkStatus } from '../../stores/link-status.ts'
import { Button } from '../../ui/button.tsx'
import { LineEnd } from '../../ui/byte-text.tsx'
import { Choice } from '../../ui/choice.tsx'
import { formatCount } from '../../ui/format.ts'
import { Kbd } from '../../ui/kbd.tsx'
import { Segmented } from '../../ui/segmented.tsx'
import { ActionMenu, useConnectionEntries } from '../action-menu.tsx'
import { connectionActions } from '../actions.ts'
import { runConnectionAction } from '../run-action.ts'
import { BytesLine } from './bytes-line.tsx'
import { composeMessage, convertText, largeTextLength, largeTextShown, type WritingMode } from './message.ts'
import { TargetPicker, useTarget } from './target-picker.tsx'
import './composer.css'

const historyListed = 20

const endingNames: Readonly<Record<LineEnding, readonly ('CR' | 'LF')[]>> = {
  none: [],
  lf: ['LF'],
  cr: ['CR'],
  crlf: ['CR', 'LF'],
}

export const Composer = () => {
  const { t } = useTranslation()
  const commands = useCommands()
  const target = useTarget()
  const targetName = useEndpoints((state) => (target === null ? null : state.endpoints.get(target.endpoint)?.spec.name))
  const drafts = useComposer((state) => state.drafts)
  const endings = useComposer((state) => state.endings)
  const history = useComposer((state) => state.history)
  const connectionEntries = useConnectionEntries()
  const field = useRef<HTMLTextAreaElement>(null)
  const [sending, setSending] = useState(false)
  const [failure, setFailure] = useState<{ readonly connection: ConnectionId; readonly message: string } | null>(null)
  /** Where Alt Up and Down stand in the history, and the text that was there before. */
  const walk = useRef<{ readonly position: number; readonly draft: SentMessage } | null>(null)

  const draft = (target === null ? undefined : drafts.get(target.id)) ?? emptyDraft
  const ending: LineEnding = (target === null ? undefined : endings.get(target.endpoint)) ?? 'none'
  const { text, mode } = draft
  const message = useMemo(() => composeMessage(text, mode, ending), [text, mode, ending])
  const large = text.length > largeTextLength
  // A connection that the page remembers is none to write to while nobody is there who has it.
  const running = useEngine((state) => state.running)
  const reached = useLinkStatus((state) => state.phase === 'ready')
  const live = running && reached
  const canSubmit = live && target !== null && message.ok && message.bytes.length > 0 && !sending

  const write = (next: { readonly text?: string; readonly mode?: WritingMode }) => {
    if (target === null) return
    setFailure(null)
    composerStore.getState().setDraft(target.id, { ...draft, ...next })
  }
  const setEnding = (next: LineEnding) => {
    if (target !== null) composerStore.getState().setEnding(target.endpoint, next)
  }
  const recall = (sent: SentMessage) => {
    write({ text: sent.text, mode: sent.mode })
    setEnding(sent.ending)
  }

  const send = async () => {
    if (!canSubmit || target === null || !message.ok) return
    setSending(true)
    const result = await commands.send({ connection: target.id, data: message.bytes })
    setSending(false)
    if (!result.ok) {
      setFailure({ connection: target.id, message: result.failure.message })
      return
    }
    setFailure(null)
    walk.current = null
    composerStore.getState().remember({ text, mode, ending })
    // Kept and marked: typing replaces it, sending again repeats it.
    if (document.activeElement === field.current) field.current?.select()
  }

  const stepHistory = (by: -1 | 1) => {
    const now = walk.current
    if (now === null && by === 1) return
    const position = (now?.position ?? history.length) + by
    if (position < 0) return
    const kept = now?.draft ?? { text, mode, ending }
    const sent = history[position]
    recall(sent ?? kept)
    walk.current = sent === undefined ? null : { position, draft: kept }
  }

  const onKeyDown = (event: KeyboardEvent<HTMLTextAreaElement>) => {
    if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) void send()
    else if (event.altKey && (event.key === 'ArrowUp' || event.key === 'ArrowDown'))
      stepHistory(event.key === 'ArrowUp' ? -1 : 1)
    else if (event.key === 'Escape') field.current?.blur()
    else return
    event.preventDefault()
    event.stopPropagation()
  }

  // A large text never enters the field, which would take seconds to lay it out: it goes where the draft is kept. The
  // browser's own event is needed, because React's stands for another one.
  const takeLargeText = (event: InputEvent) => {
    const added = event.data ?? event.dataTransfer?.getData('text/plain') ?? ''
    const box = field.current
    if (box === null || large || text.length + added.length <= largeTextLength) return
    event.preventDefault()
    walk.current = null
    write({ text: text.slice(0, box.selectionStart) + added + text.slice(box.selectionEnd) })
  }
  const onBeforeInput = useRef(takeLargeText)
  useLayoutEffect(() => {
    onBeforeInput.current = takeLargeText
  })
  useEffect(() => {
    const box = field.current
    const listener = (event: InputEvent) => onBeforeInput.current(event)
    box?.addEventListener('beforeinput', listener)
    return () => box?.removeEventListener('beforeinput', listener)
  }, [])

  const shownFailure = failure !== null && failure.connection === target?.id ? failure.message : null
  return (
    <section className="composer" aria-label={t('composer.region')} data-pane="composer">
      <div className="composer-tools">
        <TargetPicker target={target} />
        <Segmented
          label={t('composer.mode')}
          value={mode}
          choices={[
            { value: 'text', text: t('composer.text') },
            { value: 'hex', text: t('composer.hex') },
          ]}
          onChange={(next) => write({ text: convertText(text, mode, next), mode: next })}
        />
        <Choice
          label={t('composer.eolLabel')}
          side="top"
          prefix={<span className="dim">{t('composer.eol')}</span>}
          value={ending}
          options={lineEndings.map((value) => ({ value, text: t(`composer.eolChoice.${value}`) }))}
          disabled={target === null}
          onChange={setEnding}
        />
        <span className="grow" />
        <ActionMenu
          side="top"
          trigger={
            <Button weight="quiet" disabled={history.length === 0}>
              <History size={14} aria-hidden="true" />
              {t('composer.history')}
              <Kbd>Alt ↑</Kbd>
            </Button>
          }
          groups={[
            {
              entries: history
                .slice(-historyListed)
                .reverse()
                .map((sent, i) => ({
                  id: `${i}`,
                  icon: <span className="caption">{sent.mode === 'hex' ? 'x' : 'T'}</span>,
                  text: sent.text.length > 120 ? `${sent.text.slice(0, 120)}…` : sent.text,
                  run: () => {
                    recall(sent)
                    requestAnimationFrame(() => field.current?.focus())
                  },
                })),
            },
          ]}
        />
      </div>
      <div className="composer-row">
        <div className={message.ok && shownFailure === null ? 'composer-box' : 'composer-box wrong'}>
          <div className="composer-scroll scroll">
            <textarea
              ref={field}
              rows={1}
              className="composer-text data"
              aria-label={t('composer.message')}
              aria-invalid={!message.ok}
              spellCheck={false}
              autoComplete="off"
              placeholder={
                target === null
                  ? t('composer.noTargetHelp')
                  : t(mode === 'text' ? 'composer.placeholderText' : 'composer.placeholderHex')
              }
              disabled={target === null}
              readOnly={large}
              value={large ? text.slice(0, largeTextShown) : text}
              onChange={(event) => {
                walk.current = null
                write({ text: event.target.value })
              }}
              onKeyDown={onKeyDown}
            />
            <div className="composer-mirror data" aria-hidden="true">
              {/* The same text, unseen, gives the field its height and the line ending its place. */}
              <span className="unseen">{large ? text.slice(0, largeTextShown) : text}</span>
              {ending === 'none' || target === null ? '\u200b' : <LineEnd names={endingNames[ending]} accent />}
            </div>
          </div>
          {large ? (
            <p className="composer-line">
              <span className="dim">
                {t('composer.large', { shown: formatCount(largeTextShown), length: formatCount(text.length) })}
              </span>
              <button
                type="button"
                className="link-button"
                onClick={() => {
                  write({ text: '' })
                  field.current?.focus()
                }}
              >
                {t('composer.clear')}
              </button>
            </p>
          ) : null}
          <BytesLine message={message} text={text} failure={shownFailure} />
        </div>
        <Button weight="primary" className="composer-send" data-send disabled={!canSubmit} onClick={() => void send()}>
          {t('composer.send')}
          <Kbd>Ctrl Enter</Kbd>
        </Button>
        <ActionMenu
          side="top"
          trigger={
            <Button className="composer-close" disabled={target === null || !live} aria-label={t('composer.closeMenu')}>
              {t('composer.close')}
              <ChevronUp size={14} aria-hidden="true" />
            </Button>
          }
          groups={[
            {
              ...(target === null ? {} : { title: `${target.id} ${targetName ?? ''}` }),
              entries:
                target === null
                  ? []
                  : connectionEntries(
                      connectionActions(target),
                      (action) => void runConnectionAction(commands, target.id, action),
                      true,
                    ),
            },
          ]}
        />
      </div>
    </section>
  )
}
