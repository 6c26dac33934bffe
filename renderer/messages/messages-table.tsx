// The messages of the streams in a table: first chunk, number of chunks, size, time, payload. Only the rows in view exist.
// Counterparts: messages.ts (finds them), event-table.tsx (its twin with a row a chunk).
import './messages.css'
import { useVirtualizer } from '@tanstack/react-virtual'
import { type KeyboardEvent, memo, useEffect, useMemo, useRef } from 'react'
import { useTranslation } from 'react-i18next'
import { useStore } from 'zustand'
import { eventFilter, useFilter } from '../event-log/filter.ts'
import type { SeqIndex } from '../event-log/seq-index.ts'
import { useEndpoints } from '../stores/endpoints.ts'
import { selectionStore, useSelection } from '../stores/selection.ts'
import { ByteText } from '../ui/byte-text.tsx'
import { formatCount, splitSeconds } from '../ui/format.ts'
import { ReceivedMark, SentMark } from '../ui/marks.tsx'
import { Part } from '../workbench/event-table/part.tsx'
import { messages, mostMessages } from './messages.ts'
import { holds, selectMessage, useSelectedMessage } from './selected-message.ts'
import type { Message } from './stream-cutter.ts'

const rowPx = 24
const columns = ['first', 'time', 'connection', 'direction', 'chunksHead', 'size', 'payload'] as const
const endAligned: ReadonlySet<string> = new Set(['first', 'time', 'chunksHead', 'size'])

const matches = (message: Message, index: SeqIndex): boolean => message.seqs.some((seq) => index.has(seq))

const Row = memo(
  ({
    message,
    row,
    name,
    selected,
    dimmed,
  }: {
    readonly message: Message
    /** From 1, the head included. */
    readonly row: number
    readonly name: string
    readonly selected: boolean
    readonly dimmed: boolean
  }) => {
    const { t } = useTranslation()
    const [seconds, micros] = splitSeconds(message.at)
    return (
      <Part
        id={`message-row-${row}`}
        role="row"
        className="event-row message-row"
        aria-rowindex={row}
        aria-selected={selected}
        data-dimmed={dimmed || undefined}
        onClick={() => selectMessage(message)}
      >
        <Part role="gridcell" className="end dim">
          {message.firstSeq}
        </Part>
        <Part role="gridcell" className="end">
          {seconds}
          <span className="micros dim">{micros}</span>
        </Part>
        <Part role="gridcell" className="conn cut">
          {message.connection} <span className="dim">{name}</span>
        </Part>
        <Part role="gridcell" className="event">
          {message.direction === 'sent' ? <SentMark /> : <ReceivedMark />}
          {t(`messages.${message.direction}`)}
        </Part>
        <Part role="gridcell" className="end">
          {formatCount(message.chunks)}
        </Part>
        <Part role="gridcell" className="end">
          {formatCount(message.size)}
        </Part>
        <Part role="gridcell" className="payload cut">
          {message.complete ? null : <span className="message-open">{t('messages.unfinished')}</span>}
          <ByteText bytes={message.head} />
          {message.size > message.head.length ? '…' : null}
        </Part>
      </Part>
    )
  },
)

export const MessagesTable = () => {
  const { t } = useTranslation()
  const scroller = useRef<HTMLDivElement>(null)
  const version = useStore(messages.store, (state) => state.version)
  const { messages: all, fromSeq, reading, failure, dropped } = messages.store.getState()
  const index = useFilter((state) => state.index)
  const only = useFilter((state) => state.only)
  const filterVersion = useFilter((state) => state.version)
  const names = useEndpoints((state) => state.names)
  const connections = useEndpoints((state) => state.connections)
  const following = useSelection((state) => state.following && !state.viewPaused)
  const selectedSeq = useSelection((state) => state.seq)
  const chosen = useSelectedMessage()
  useEffect(() => messages.use(), [])
  // biome-ignore lint/correctness/useExhaustiveDependencies: the lists grow in place, their versions tell
  const shown = useMemo(
    () => (only && index !== null ? all.filter((message) => matches(message, index)) : all),
    [all, version, only, index, filterVersion],
  )
  const virtual = useVirtualizer({
    count: shown.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowPx,
    overscan: 8,
  })
  const count = shown.length
  useEffect(() => {
    if (following && count > 0) virtual.scrollToIndex(count - 1)
  }, [following, count, virtual])

  // What is selected when the view is opened is to be seen.
  const revealed = useRef(false)
  const isSelected = (message: Message) =>
    chosen === null ? selectedSeq !== null && holds(message, selectedSeq) : chosen === message
  const current = shown.findIndex(isSelected)

  useEffect(() => {
    if (revealed.current || current < 0) return
    revealed.current = true
    if (!following) virtual.scrollToIndex(current, { align: 'center' })
  }, [current, following, virtual])

  const step = (to: number) => {
    const message = shown[Math.max(0, Math.min(count - 1, to))]
    if (message === undefined) return
    selectMessage(message)
    virtual.scrollToIndex(shown.indexOf(message))
  }
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return
    const page = Math.max(1, Math.floor((scroller.current?.clientHeight ?? 0) / rowPx) - 2)
    const from = current < 0 ? count : current
    const to: Readonly<Record<string, number>> = {
      ArrowDown: from + 1,
      ArrowUp: from - 1,
      j: from + 1,
      k: from - 1,
      PageDown: from + page,
      PageUp: from - page,
      Home: 0,
      End: count - 1,
    }
    const target = to[event.key]
    if (target === undefined) return
    step(target)
    if (event.key === 'End') selectionStore.getState().setFollowing(true)
    event.preventDefault()
    event.stopPropagation()
  }

  const onScroll = () => {
    const area = scroller.current
    if (area === null || selectionStore.getState().viewPaused) return
    if (area.scrollTop + area.clientHeight < area.scrollHeight - 2 * rowPx)
      selectionStore.getState().setFollowing(false)
  }

  const active = virtual.getVirtualItems().some((item) => item.index === current)
  const dims = index !== null && !only && eventFilter.store.getState().parts.length > 0
  return (
    <div className="event-area">
      <Part
        ref={scroller}
        role="grid"
        className="event-grid scroll"
        aria-label={t('messages.grid')}
        aria-rowcount={count + 1}
        aria-colcount={columns.length}
        aria-activedescendant={active ? `message-row-${current + 2}` : undefined}
        tabIndex={0}
        onKeyDown={onKeyDown}
        onWheel={onScroll}
      >
        <Part role="row" className="event-head message-row" aria-rowindex={1}>
          {columns.map((column) => (
            <Part key={column} role="columnheader" className={endAligned.has(column) ? `end ${column}` : column}>
              {t(`messages.${column}`)}
            </Part>
          ))}
        </Part>
        <Part role="rowgroup" className="message-body" style={{ height: virtual.getTotalSize() }}>
          {virtual.getVirtualItems().map((item) => {
            const message = shown[item.index]
            if (message === undefined) return null
            const endpoint = connections.get(message.connection)?.endpoint
            return (
              <Part key={item.key} role="presentation" className="message-place" style={{ top: item.start }}>
                <Row
                  message={message}
                  row={item.index + 2}
                  name={(endpoint === undefined ? undefined : names.get(endpoint)) ?? ''}
                  selected={item.index === current}
                  dimmed={dims && !matches(message, index)}
                />
              </Part>
            )
          })}
        </Part>
      </Part>
      <p className="messages-note" role="status">
        {failure === '' ? null : <span className="err-text">{t('messages.failed', { message: failure })}</span>}
        {reading ? <span>{t('messages.reading')}</span> : null}
        {count === 0 && !reading ? <span>{t('messages.none')}</span> : null}
        {fromSeq > 1 || dropped > 0 ? (
          <span>{t('messages.from', { seq: fromSeq, most: formatCount(mostMessages) })}</span>
        ) : null}
      </p>
    </div>
  )
}
