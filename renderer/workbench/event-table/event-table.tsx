// The event table: every event in a row, only the visible ones in the page. The keyboard's and the screen reader's way to
// everything that the lifelines draw. Counterparts: use-window.ts (scrolling), event-row.tsx (a row), lifelines (its twin).
import './event-table.css'
import { ArrowDown } from 'lucide-react'
import { type CSSProperties, type KeyboardEvent, type ReactNode, useRef } from 'react'
import { useTranslation } from 'react-i18next'
import { formatAddress } from '../../../preload/contract/checks.ts'
import { useBookmarks } from '../../bookmarks/bookmarks.ts'
import { eventLog } from '../../event-log/event-log.ts'
import { eventFilter, useFilter } from '../../event-log/filter.ts'
import { stepEvent, stepToEnd } from '../../event-log/step.ts'
import { tableRows } from '../../event-log/table-rows.ts'
import { highlights, useHighlights } from '../../highlights/highlights.ts'
import { MessagesTable } from '../../messages/messages-table.tsx'
import { useRowsView } from '../../messages/rows-view.ts'
import { holds, useSelectedMessage } from '../../messages/selected-message.ts'
import { actedWords } from '../../relay/acted.tsx'
import type { Hit } from '../../search/hits.ts'
import { payloadSearch, useSearch } from '../../search/search.ts'
import { useEndpoints } from '../../stores/endpoints.ts'
import { selectionStore, useSelection } from '../../stores/selection.ts'
import { formatCount, splitSeconds } from '../../ui/format.ts'
import { EventBar } from './event-bar.tsx'
import { EventRow, GapRow, rowId } from './event-row.tsx'
import { Part } from './part.tsx'
import { headPx, rowPx } from './scroll-map.ts'
import { type TableWindow, useWindow } from './use-window.ts'

const columns = ['seq', 'time', 'delta', 'connection', 'event', 'size', 'payload', 'iteration'] as const
/** px of the first column: six digits' room, more where the log has come further. */
const seqWidth = (largest: number): number => Math.max(48, Math.ceil(`${largest}`.length * 7.25) + 6)
/** px of the time's column: three digits of seconds and six behind them, more where recording has gone on for longer. */
const timeWidth = (lastMs: number): number => 92 + Math.max(0, splitSeconds(lastMs)[0].length - '999.999'.length) * 7.25
/** The hint on what to do stands below so many rows at most, and only where this many more would have room. */
const hintRows = 4
const hintRoomRows = 2
const endAligned: ReadonlySet<string> = new Set(['seq', 'time', 'delta', 'size', 'iteration'])

const Head = () => {
  const { t } = useTranslation()
  return (
    <Part role="row" className="event-head" aria-rowindex={1}>
      {columns.map((column) => (
        <Part key={column} role="columnheader" className={endAligned.has(column) ? `end ${column}` : column}>
          {t(`eventTable.${column}`)}
        </Part>
      ))}
    </Part>
  )
}

/** The seq of the event that the pointer points at, here or in the lifelines; null for none. */
const useHoveredSeq = (): number | null =>
  useSelection(({ hoverAt }) => {
    if (hoverAt === null) return null
    const seq = eventLog.seqAtTime(hoverAt)
    return eventLog.has(seq) && eventLog.at(seq) === hoverAt ? seq : null
  })

/** Matches in a row as one word, so that it is rendered anew only when they change. */
const hitsText = (hits: readonly Hit[]): string => hits.map(({ offset, length }) => `${offset}+${length}`).join(' ')

const Rows = ({ window }: { readonly window: TableWindow }) => {
  const names = useEndpoints((state) => state.names)
  const selectedSeq = useSelection((state) => state.seq)
  const hoveredSeq = useHoveredSeq()
  const matches = useSearch((state) => state.matches)
  const notes = useBookmarks((state) => state.notes)
  const index = useFilter((state) => state.index)
  const only = useFilter((state) => state.only)
  const dims = index !== null && !only
  useHighlights((state) => state.version)
  const message = useSelectedMessage()
  const rows: ReactNode[] = []
  const all = tableRows()
  // Between the frame that chose the window and this rendering the log may have dropped some of it.
  for (let row = Math.max(window.from, all.firstRow); row < Math.min(window.to, all.endRow); row++) {
    const item = all.row(row)
    const rowIndex = row - window.firstRow + 2
    if (item.kind === 'gap') {
      rows.push(<GapRow key={row} index={rowIndex} events={item.events} oldest={item.oldest} />)
      continue
    }
    const { seq } = item
    const held = eventLog.has(seq)
    const endpoint = held ? eventLog.endpoint(seq) : null
    rows.push(
      <EventRow
        key={row}
        row={row}
        seq={seq}
        index={rowIndex}
        held={held}
        afterHeld={eventLog.has(seq - 1)}
        hits={matches === 0 ? '' : hitsText(payloadSearch.hits.in(seq))}
        name={(endpoint === null ? undefined : names.get(endpoint)) ?? ''}
        acted={held ? actedWords(seq) : ''}
        selected={seq === selectedSeq}
        hovered={seq === hoveredSeq}
        dimmed={dims && seq < index.endSeq && !index.has(seq)}
        note={notes.get(seq) ?? null}
        highlight={highlights.of(seq)}
        inMessage={message !== null && holds(message, seq)}
      />,
    )
  }
  return rows
}

/** Said where the filter leaves nothing. */
const NoMatch = () => {
  const { t } = useTranslation()
  return (
    <p className="event-empty no-match" style={{ top: headPx }}>
      {t('eventTable.noMatch')}
      <button type="button" className="link-button" onClick={() => eventFilter.set([])}>
        {t('eventTable.clear')}
      </button>
    </p>
  )
}

const Empty = ({ rows }: { readonly rows: number }) => {
  const { t } = useTranslation()
  const address = useEndpoints(({ endpoints }) => {
    for (const { state, local, spec } of endpoints.values())
      if (state === 'live' && local !== null && spec.role !== 'client') return formatAddress(local)
    return null
  })
  return (
    <p className="event-empty" style={{ top: headPx + rows * rowPx }}>
      {address === null ? t('eventTable.emptyNoListener') : t('eventTable.empty', { address })}
    </p>
  )
}

/** Chunks, as the loop saw them, or the messages in them. */
export const EventTable = () => {
  const rows = useRowsView()
  return (
    <div className="event-table">
      <EventBar />
      {rows === 'messages' ? <MessagesTable /> : <ChunksTable />}
    </div>
  )
}

const ChunksTable = () => {
  const { t } = useTranslation()
  const scroller = useRef<HTMLDivElement>(null)
  const { window, onScroll, pageRows } = useWindow(scroller)
  const selectedSeq = useSelection((state) => state.seq)
  const viewPaused = useSelection((state) => state.viewPaused)
  const all = tableRows()
  const activeRow = selectedSeq !== null && all.has(selectedSeq) ? all.rowOf(selectedSeq) : null
  const activeId =
    activeRow !== null && activeRow >= window.from && activeRow < window.to ? rowId(activeRow) : undefined
  const anyBytes = eventLog.totals.messagesReceived + eventLog.totals.messagesSent > 0
  const rows = window.endRow - window.firstRow
  const noMatch = useFilter((state) => state.only && state.index !== null && state.index.count === 0)
  const hint = !anyBytes && rows <= hintRows && rows + hintRoomRows <= pageRows()

  const onKeyDown = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return
    const act = keys[event.key]
    if (act === undefined) return
    act(pageRows())
    event.preventDefault()
    event.stopPropagation()
  }

  return (
    <div className="event-area">
      <Part
        ref={scroller}
        role="grid"
        className="event-grid scroll"
        onScroll={onScroll}
        style={
          {
            '--seq-width': `${seqWidth(eventLog.nextSeq)}px`,
            '--time-width': `${timeWidth(eventLog.lastAt)}px`,
          } as CSSProperties
        }
        aria-label={t('eventTable.grid')}
        aria-rowcount={rows + 1}
        aria-colcount={columns.length}
        aria-activedescendant={activeId}
        tabIndex={0}
        onKeyDown={onKeyDown}
        onPointerLeave={() => selectionStore.getState().hover(null)}
      >
        <Head />
        <Part className="event-body" role="rowgroup">
          <Part className="event-spacer" role="presentation" style={{ height: window.spacerPx }}>
            <Part className="event-window" role="presentation">
              <Part role="presentation" style={{ transform: `translateY(${-window.cutPx}px)` }}>
                <Rows window={window} />
              </Part>
            </Part>
          </Part>
        </Part>
      </Part>
      {noMatch ? <NoMatch /> : hint ? <Empty rows={rows} /> : null}
      {window.newRows > 0 && !viewPaused ? (
        <button type="button" className="event-new" onClick={() => selectionStore.getState().setFollowing(true)}>
          <ArrowDown size={12} />
          {t('eventTable.new', { events: formatCount(window.newRows) })}
        </button>
      ) : null}
    </div>
  )
}

const followNewest = () => {
  stepToEnd('newest')
  selectionStore.getState().setFollowing(true)
}

/** Key → what it does, given the rows of a page. */
const keys: Readonly<Record<string, (pageRows: number) => void>> = {
  ArrowDown: () => stepEvent(1),
  ArrowUp: () => stepEvent(-1),
  j: () => stepEvent(1),
  J: () => stepEvent(1),
  k: () => stepEvent(-1),
  K: () => stepEvent(-1),
  PageDown: (pageRows) => stepEvent(pageRows),
  PageUp: (pageRows) => stepEvent(-pageRows),
  Home: () => stepToEnd('oldest'),
  End: followNewest,
}
