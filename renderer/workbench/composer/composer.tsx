// Where a person writes to any open connection: the text, the exact bytes it stands for, and the ways to end the
// connection. Counterparts: message.ts (text to bytes), targets.ts (whom to), stores/composer.ts (what is kept).
import { ChevronUp, History } from 'lucide-react'
import { type KeyboardEvent, useEffect, useLayoutEffect, useMemo, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { formatAddress, maxSendBytes } from '../../../preload/contract/checks.ts'
import { type LineEnding, lineEndings } from '../../../preload/contract/notation.ts'
import type { ConnectionId, ConnectionInfo, EndpointInfo } from '../../../preload/contract/vocabulary.ts'
import { useCommands } from '../../link/link.ts'
import { composerStore, emptyDraft, type SentMessage, useComposer } from '../../stores/composer.ts'
import { endpointsStore, useEndpoints } from '../../stores/endpoints.ts'
import { selectionStore } from '../../stores/selection.ts'
import { Button } from '../../ui/button.tsx'
import { LineEnd } from '../../ui/byte-text.tsx'
import { Choice, type ChoiceOption } from '../../ui/choice.tsx'
import { formatBytes, formatCount } from '../../ui/format.ts'
import { Kbd } from '../../ui/kbd.tsx'
import { ErrorMark } from '../../ui/marks.tsx'
import { Segmented } from '../../ui/segmented.tsx'
import { ActionMenu, useConnectionEntries } from '../action-menu.tsx'
import { connectionActions } from '../actions.ts'
import { runConnectionAction } from '../run-action.ts'
import {
  composeMessage,
  convertText,
  largeTextLength,
  largeTextShown,
  type Message,
  mistakeContext,
  previewBytes,
  type WritingMode,
} from './message.ts'
import { resolveTarget, targetsOf } from './targets.ts'
import './composer.css'

/** Targets that the picker lists at most; the others are reached by selecting them in the side bar. */
const listedTargets = 200
/** Bytes of the live preview; the line is cut sooner where it is narrower. */
const previewLimit = 96
const historyListed = 20

/** The selection moves the composer's aim, but only to what can be written to. */
const followSelection = (): (() => void) =>
  selectionStore.subscribe((now, before) => {
    if (now.connection === before.connection && now.endpoint === before.endpoint) return
    const { connections, endpoints } = endpointsStore.getState()
    const { want } = composerStore.getState()
    if (now.connection !== null) {
      const connection = connections.get(now.connection)
      if (connection !== undefined && resolveTarget(wantedOf(connection), connections, endpoints)?.id === connection.id)
        want(wantedOf(connection))
    } else if (now.endpoint !== null) {
      const wanted = { connection: null, endpoint: now.endpoint, side: null }
      const endpoint = endpoints.get(now.endpoint)
      // A client that connects is what will be written to; anything else without a connection is only looked at.
      const comes = endpoint?.spec.role === 'client' && (endpoint.state === 'starting' || endpoint.state === 'live')
      if (comes || (endpoint !== undefined && resolveTarget(wanted, connections, endpoints) !== null)) want(wanted)
    }
  })

const wantedOf = (connection: ConnectionInfo) => ({
  connection: connection.id,
  endpoint: connection.endpoint,
  side: connection.side,
})

const TargetName = ({ connection, name }: { readonly connection: ConnectionInfo; readonly name: string }) => {
  const { t } = useTranslation()
  const address = connection.remote === null ? '' : formatAddress(connection.remote)
  return (
    <span className="target data">
      <span className="strong">
        {connection.side === null
          ? connection.id
          : t(connection.side === 'upstream' ? 'composer.upstream' : 'composer.downstream', { id: connection.id })}
      </span>{' '}
      <span>{name}</span> <span className="dim">{address}</span>
    </span>
  )
}

const useTarget = () => {
  const connections = useEndpoints((state) => state.connections)
  const endpoints = useEndpoints((state) => state.endpoints)
  const wanted = useComposer((state) => state.wanted)
  const target = resolveTarget(wanted, connections, endpoints)
  useEffect(followSelection, [])

  // A client that connected again goes on with the text that its last connection left.
  const previous = useRef<ConnectionInfo | null>(null)
  useEffect(() => {
    if (target === null) return
    const left = previous.current
    if (left !== null && left.id !== target.id && left.endpoint === target.endpoint && left.side === target.side)
      if (!isSendable(left.id)) composerStore.getState().moveDraft(left.id, target.id)
    previous.current = target
  }, [target])
  return { target, connections, endpoints }
}

const isSendable = (id: ConnectionId): boolean => {
  const { connections, endpoints } = endpointsStore.getState()
  return targetsOf(connections, endpoints).some((candidate) => candidate.connection.id === id)
}

const TargetPicker = ({ target }: { readonly target: ConnectionInfo | null }) => {
  const { t } = useTranslation()
  const connections = useEndpoints((state) => state.connections)
  const endpoints = useEndpoints((state) => state.endpoints)
  const options = useMemo(() => {
    const all = targetsOf(connections, endpoints)
    const listed = all.slice(0, listedTargets)
    const own = all.find((candidate) => candidate.connection.id === target?.id)
    if (own !== undefined && !listed.includes(own)) listed.unshift(own)
    const roleWord = { client: t('sidebar.clients'), listener: t('sidebar.listeners'), relay: t('sidebar.relays') }
    return listed.map(({ connection, endpoint }): ChoiceOption<number> => {
      const number =
        connection.side === null
          ? `${connection.id}`
          : t(connection.side === 'upstream' ? 'composer.upstream' : 'composer.downstream', { id: connection.id })
      return {
        value: connection.id,
        text: `${number} ${endpoint.spec.name} ${connection.remote === null ? '' : formatAddress(connection.remote)}`,
        content: <TargetName connection={connection} name={endpoint.spec.name} />,
        group: roleWord[endpoint.spec.role],
      }
    })
  }, [connections, endpoints, target?.id, t])
  return (
    <Choice
      label={t('composer.target')}
      className="target-picker"
      side="top"
      prefix={<span className="dim">{t('composer.to')}</span>}
      value={target?.id ?? null}
      options={options}
      empty={t('composer.noTarget')}
      disabled={options.length === 0}
      onChange={(id) => {
        const connection = connections.get(id as ConnectionId)
        if (connection === undefined) return
        composerStore.getState().want(wantedOf(connection))
        selectionStore.getState().selectConnection(connection.id)
      }}
    />
  )
}

/** What stands under the text: the bytes, or what is wrong with it. */
const BytesLine = ({ message, text, failure }: { message: Message; text: string; failure: string | null }) => {
  const { t } = useTranslation()
  if (failure !== null)
    return (
      <p className="composer-line err-text" role="alert">
        <ErrorMark />
        <span className="cut">{t('composer.sendFailed', { message: failure })}</span>
      </p>
    )
  if (!message.ok && message.problem === 'too-long')
    return (
      <p className="composer-line err-text" role="alert">
        <ErrorMark />
        <span className="cut">
          {t('composer.tooLong', { size: formatCount(message.length), limit: formatBytes(maxSendBytes) })}
        </span>
      </p>
    )
  if (!message.ok) {
    const { before, wrong, after } = mistakeContext(text, message.at, message.span)
    return (
      <p className="composer-line err-text" role="alert">
        <ErrorMark />
        <span className="mistake data" aria-hidden="true">
          {before}
          <em>{wrong}</em>
          {after}
        </span>
        <span className="cut">{message.message}</span>
        <span className="composer-count">{t('composer.at', { position: formatCount(message.at + 1) })}</span>
      </p>
    )
  }
  const preview = previewBytes(message.bytes, message.endingLength, previewLimit)
  return (
    <p className="composer-line data">
      <span className="visually-hidden">{t('composer.preview')}</span>
      <span className="composer-typed cut">{preview.cut ? `${preview.typed} …` : preview.typed}</span>
      <span className="composer-ending">{preview.ending}</span>
      <span className="composer-count">
        {message.bytes.length === 0 ? t('composer.nothing') : formatBytes(message.bytes.length)}
      </span>
    </p>
  )
}

const endingNames: Readonly<Record<LineEnding, readonly ('CR' | 'LF')[]>> = {
  none: [],
  lf: ['LF'],
  cr: ['CR'],
  crlf: ['CR', 'LF'],
}

export const Composer = () => {
  const { t } = useTranslation()
  const commands = useCommands()
  const { target, endpoints } = useTarget()
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
  const endpoint: EndpointInfo | undefined = target === null ? undefined : endpoints.get(target.endpoint)
  const canSubmit = target !== null && message.ok && message.bytes.length > 0 && !sending

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
            <Button className="composer-close" disabled={target === null} aria-label={t('composer.closeMenu')}>
              {t('composer.close')}
              <ChevronUp size={14} aria-hidden="true" />
            </Button>
          }
          groups={[
            {
              ...(target === null || endpoint === undefined ? {} : { title: `${target.id} ${endpoint.spec.name}` }),
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
