// Where a person writes to any open connection: the text, the exact bytes it stands for, and the ways to end the
// connection. Counterparts: message.ts (text to bytes), sending.ts, target-picker.tsx (whom to), stores/composer.ts.
import { ChevronUp } from 'lucide-react'
import { type DragEvent, type KeyboardEvent, useEffect, useLayoutEffect, useMemo, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { encodingLabels, type TextEncoding, textEncodings } from '../../../preload/contract/encodings.ts'
import { type LineEnding, lineEndings } from '../../../preload/contract/notation.ts'
import type { ConnectionId } from '../../../preload/contract/vocabulary.ts'
import type { WrittenMessage } from '../../../preload/contract/workspace.ts'
import { useCommands } from '../../link/link.ts'
import { useEngine } from '../../stores/capture.ts'
import {
  chooseSettings,
  composerStore,
  emptyDraft,
  type SentMessage,
  settingsFor,
  useComposer,
  type WritingSettings,
} from '../../stores/composer.ts'
import { endpointsStore, useEndpoints } from '../../stores/endpoints.ts'
import { useLinkStatus } from '../../stores/link-status.ts'
import { noticeStore } from '../../stores/notice.ts'
import { repetitionOn, useRuns } from '../../stores/runs.ts'
import { useWorkspace } from '../../stores/workspace.ts'
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
import { FileBox } from './file-box.tsx'
import { chooseFile, leaveFile, sendFile, stopFile, useFileDraft } from './file-sending.ts'
import { HistoryList } from './history-list.tsx'
import { composeMessage, convertText, largeTextLength, largeTextShown, type WritingMode } from './message.ts'
import { RepeatChip } from './repeat-chip.tsx'
import { savedTarget } from './saved.ts'
import { SavedChips } from './saved-chips.tsx'
import { repeatMessage, sendMessage } from './sending.ts'
import { TargetPicker, useTarget } from './target-picker.tsx'
import './composer.css'

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
  const targetSpec = useEndpoints((state) => (target === null ? undefined : state.endpoints.get(target.endpoint)?.spec))
  const targetName = targetSpec?.name ?? null
  const drafts = useComposer((state) => state.drafts)
  const chosenSettings = useComposer((state) => (target === null ? undefined : state.settings.get(target.endpoint)))
  const keptSettings = useWorkspace((state) => state.parts.endpointSettings)
  const run = useRuns((state) => repetitionOn(state.runs, target?.id))
  const fileDraft = useFileDraft(target?.id)
  const history = useComposer((state) => state.history)
  const connectionEntries = useConnectionEntries()
  const field = useRef<HTMLTextAreaElement>(null)
  const [sending, setSending] = useState(false)
  const [failure, setFailure] = useState<{ readonly connection: ConnectionId; readonly message: string } | null>(null)
  /** Where Alt Up and Down stand in the history, and the text that was there before. */
  const walk = useRef<{ readonly position: number; readonly draft: SentMessage } | null>(null)

  const draft = (target === null ? undefined : drafts.get(target.id)) ?? emptyDraft
  const settings = settingsFor(chosenSettings, keptSettings, targetSpec)
  const { ending, encoding } = settings
  const { text, mode } = draft
  const message = useMemo(() => composeMessage(text, mode, ending, encoding), [text, mode, ending, encoding])
  const written: WrittenMessage = { text, mode, ending, encoding }
  const large = text.length > largeTextLength
  // A connection that the page remembers is none to write to while nobody is there who has it.
  const running = useEngine((state) => state.running)
  const reached = useLinkStatus((state) => state.phase === 'ready')
  const live = running && reached
  const composed = message.ok && message.bytes.length > 0
  const canSubmit = live && target !== null && !sending && (fileDraft === null ? composed : fileDraft.file !== null)

  const write = (next: { readonly text?: string; readonly mode?: WritingMode }) => {
    if (target === null) return
    setFailure(null)
    composerStore.getState().setDraft(target.id, { ...draft, ...next })
  }
  const setSettings = (next: Partial<WritingSettings>) => {
    if (target !== null && targetSpec !== undefined)
      chooseSettings(target.endpoint, targetSpec, { ...settings, ...next })
  }
  const recall = (sent: SentMessage) => {
    if (target !== null) leaveFile(target.id)
    write({ text: sent.text, mode: sent.mode })
    setSettings({ ending: sent.ending, encoding: sent.encoding ?? 'utf-8' })
  }
  const setMode = (next: WritingMode | 'file') => {
    if (target === null) return
    setFailure(null)
    if (next === 'file') chooseFile(target.id, null)
    else {
      leaveFile(target.id)
      write({ text: convertText(text, mode, next, encoding), mode: next })
    }
  }

  const send = async () => {
    if (!canSubmit || target === null) return
    if (fileDraft !== null) {
      await sendFile(commands, target.id)
      return
    }
    setSending(true)
    const result = await sendMessage(commands, target.id, written)
    setSending(false)
    if (!result.ok) {
      setFailure({ connection: target.id, message: result.failure.message })
      return
    }
    setFailure(null)
    walk.current = null
    // Kept and marked: typing replaces it, sending again repeats it.
    // Not where more was typed while it was on its way: the next letter would replace that.
    const shown = large ? text.slice(0, largeTextShown) : text
    if (document.activeElement === field.current && field.current?.value === shown) field.current.select()
  }

  const stepHistory = (by: -1 | 1) => {
    const now = walk.current
    if (now === null && by === 1) return
    const position = (now?.position ?? history.length) + by
    if (position < 0) return
    const kept = now?.draft ?? written
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

  const drop = (event: DragEvent) => {
    const file = event.dataTransfer.files[0]
    if (file === undefined || target === null) return
    event.preventDefault()
    chooseFile(target.id, file)
  }
  const repeat = (how: { readonly everyMs: number; readonly times: number | null }) => {
    if (target !== null)
      void repeatMessage(commands, target.id, written, how).then((result) => noticeStore.getState().report(result))
  }
  const fileUnderWay = fileDraft?.phase === 'sending'

  const shownFailure = failure !== null && failure.connection === target?.id ? failure.message : null
  return (
    <section
      className="composer"
      aria-label={t('composer.region')}
      data-pane="composer"
      onDragOver={(event) => {
        if (target !== null && event.dataTransfer.types.includes('Files')) event.preventDefault()
      }}
      onDrop={drop}
    >
      <div className="composer-tools">
        <TargetPicker target={target} />
        <Segmented
          label={t('composer.mode')}
          value={fileDraft === null ? mode : 'file'}
          choices={[
            { value: 'text', text: t('composer.text') },
            { value: 'hex', text: t('composer.hex') },
            { value: 'file', text: t('composer.file') },
          ]}
          onChange={setMode}
        />
        {fileDraft !== null ? null : (
          <Choice
            label={t('composer.eolLabel')}
            side="top"
            prefix={<span className="dim">{t('composer.eol')}</span>}
            value={ending}
            options={lineEndings.map((value) => ({ value, text: t(`composer.eolChoice.${value}`) }))}
            disabled={target === null}
            onChange={(next: LineEnding) => setSettings({ ending: next })}
          />
        )}
        {fileDraft !== null || mode === 'hex' ? null : (
          <Choice
            label={t('composer.encoding')}
            side="top"
            className="composer-encoding"
            value={encoding}
            options={textEncodings.map((value) => ({ value, text: encodingLabels[value] }))}
            disabled={target === null}
            onChange={(next: TextEncoding) => setSettings({ encoding: next })}
          />
        )}
        <span className="grow" />
        <HistoryList
          history={history}
          recall={(sent) => {
            recall(sent)
            requestAnimationFrame(() => field.current?.focus())
          }}
        />
        <RepeatChip run={run} disabled={!live || target === null || !composed || fileDraft !== null} start={repeat} />
      </div>
      <div className="composer-row">
        <div
          className={
            fileDraft !== null || (message.ok && shownFailure === null) ? 'composer-box' : 'composer-box wrong'
          }
        >
          {fileDraft === null || target === null ? null : <FileBox connection={target.id} draft={fileDraft} />}
          <div className="composer-scroll scroll" hidden={fileDraft !== null}>
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
          {large && fileDraft === null ? (
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
          {fileDraft === null ? <BytesLine message={message} text={text} failure={shownFailure} /> : null}
        </div>
        {fileUnderWay && target !== null ? (
          <Button className="composer-send" onClick={() => stopFile(target.id)}>
            {t('composer.stopFile')}
          </Button>
        ) : (
          <Button
            weight="primary"
            className="composer-send"
            data-send
            disabled={!canSubmit}
            onClick={() => void send()}
          >
            {t('composer.send')}
            <Kbd>Ctrl Enter</Kbd>
          </Button>
        )}
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
      <SavedChips
        written={target !== null && fileDraft === null && composed ? written : null}
        target={target === null ? null : savedTarget(target, endpointsStore.getState())}
      />
    </section>
  )
}
