// The callbacks of the shown stretch in rows, only the visible ones in the page: the keyboard's and the screen reader's way
// to everything that the flame timeline draws. Counterparts: use-window.ts (scrolling), ../flame (its twin on canvas).
import { type KeyboardEvent, memo, useRef } from 'react'
import { useTranslation } from 'react-i18next'
import { eventLog } from '../../event-log/event-log.ts'
import { loopLog } from '../../loop-log/loop-log.ts'
import { useEndpoints } from '../../stores/endpoints.ts'
import { selectionStore, useSelection } from '../../stores/selection.ts'
import { formatDuration, splitSeconds } from '../../ui/format.ts'
import { Part } from '../../workbench/event-table/part.tsx'
import { longWaitMs } from '../flame/scene.ts'
import { PhaseMark } from '../phase-mark.tsx'
import { useLoopSettings } from '../settings.ts'
import { follow, moveTo, selectCallback, stepCallback } from '../view.ts'
import { callbackWords, connectionWords, waitedMs } from '../words.ts'
import { useWindow } from './use-window.ts'

const columns = ['iteration', 'started', 'phase', 'callback', 'connection', 'ran', 'waited'] as const
const endAligned: ReadonlySet<string> = new Set(['iteration', 'started', 'ran', 'waited'])

const rowId = (position: number): string => `callback-row-${position}`

interface RowProps {
  readonly position: number
  /** `aria-rowindex`, from 1, the head included. */
  readonly index: number
  readonly selected: boolean
  readonly slowMs: number
  /** The endpoint's, so that a new name is rendered. */
  readonly name: string
  /** Changes once the events that name it have come. */
  readonly what: string
  readonly detail: string
}

const Row = memo(({ position, index, selected, slowMs, name, what, detail }: RowProps) => {
  const { t } = useTranslation()
  const callback = loopLog.callbacks.at(position)
  const [seconds, micros] = splitSeconds(callback.start)
  const ranMs = callback.end - callback.start
  const waited = waitedMs(callback)
  const slow = !callback.own && ranMs >= slowMs
  return (
    <Part
      id={rowId(position)}
      className={callback.own ? 'callback-row own' : 'callback-row'}
      role="row"
      aria-rowindex={index}
      aria-selected={selected}
      data-callback={callback.id}
      onClick={() => selectCallback(position)}
      onPointerEnter={() => selectionStore.getState().hover(callback.start)}
    >
      <Part role="gridcell" className="end dim">
        {callback.iteration}
      </Part>
      <Part role="gridcell" className="end">
        {seconds}
        <span className="micros dim">{micros}</span>
      </Part>
      <Part role="gridcell" className="phase">
        <PhaseMark lane={callback.lane} />
        {t(`loop.lane.${callback.lane}`)}
      </Part>
      <Part role="gridcell" className="what cut">
        {what} <span className="dim">{detail}</span>
      </Part>
      <Part role="gridcell" className="conn cut">
        {callback.connection === null ? null : `${callback.connection} `}
        <span className="dim">{name}</span>
      </Part>
      <Part role="gridcell" className={slow ? 'end err-text' : 'end'}>
        {formatDuration(ranMs)}
      </Part>
      <Part
        role="gridcell"
        className={waited !== null && waited >= longWaitMs && !callback.own ? 'end err-text' : 'end dim'}
      >
        {waited === null ? t('loop.table.none') : formatDuration(waited)}
      </Part>
    </Part>
  )
})

/** A garbage collection: nobody's callback, so it is not selected; a click brings the playhead there. */
const CollectionRow = ({ start, end, index }: { start: number; end: number; index: number }) => {
  const { t } = useTranslation()
  const [seconds, micros] = splitSeconds(start)
  return (
    <Part
      className="callback-row own"
      role="row"
      aria-rowindex={index}
      onClick={() => moveTo(start, false)}
      onPointerEnter={() => selectionStore.getState().hover(start)}
    >
      <Part role="gridcell" className="end" />
      <Part role="gridcell" className="end">
        {seconds}
        <span className="micros dim">{micros}</span>
      </Part>
      <Part role="gridcell" className="phase" />
      <Part role="gridcell" className="what cut">
        {t('loop.trace.collections')}
      </Part>
      <Part role="gridcell" className="conn" />
      <Part role="gridcell" className="end">
        {formatDuration(end - start)}
      </Part>
      <Part role="gridcell" className="end dim">
        {t('loop.table.none')}
      </Part>
    </Part>
  )
}

export const CallbackTable = () => {
  const { t } = useTranslation()
  const scroller = useRef<HTMLDivElement>(null)
  const { window, onScroll, pageRows } = useWindow(scroller)
  const selected = useSelection((state) => state.callback)
  const slowMs = useLoopSettings((state) => state.slowMs)
  useEndpoints((state) => state.endpoints)
  let activeId: string | undefined
  const { callbacks } = loopLog
  const rows = window.shown.map((row, i) => {
    const index = window.from + i + 2
    if (row.kind === 'gap')
      return (
        <Part key={`gap-${row.key}`} className="callback-row gap" role="row" aria-rowindex={index}>
          <Part role="gridcell" aria-colspan={columns.length}>
            {t('loop.table.gap', { count: row.records })}
          </Part>
        </Part>
      )
    if (row.kind === 'collection')
      return <CollectionRow key={`collection-${row.start}`} start={row.start} end={row.end} index={index} />
    // Between the frame that chose the window and this rendering the log may have dropped some of it.
    if (row.position < callbacks.first || row.position >= callbacks.end) return null
    const callback = callbacks.at(row.position)
    const isSelected = callback.id === selected
    if (isSelected) activeId = rowId(row.position)
    const { what, detail } = callbackWords(eventLog, callback)
    return (
      <Row
        key={row.position}
        position={row.position}
        index={index}
        selected={isSelected}
        slowMs={slowMs}
        name={connectionWords(callback).name}
        what={what}
        detail={detail}
      />
    )
  })

  const onKeyDown = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return
    const by = { ArrowDown: 1, ArrowUp: -1, PageDown: pageRows(), PageUp: -pageRows() }[event.key]
    if (by !== undefined) stepCallback(by)
    else if (event.key === 'End') follow()
    else if (event.key === 'Home') stepCallback(Number.NEGATIVE_INFINITY)
    else return
    event.preventDefault()
    event.stopPropagation()
  }

  return (
    <div className="callback-table">
      {/* The grid is its own scroller: what scrolls must be reached by keyboard, and the keys are the grid's. */}
      <Part
        ref={scroller}
        role="grid"
        className="callback-grid scroll"
        onScroll={onScroll}
        aria-label={t('loop.table.grid')}
        aria-rowcount={window.rows + 1}
        aria-colcount={columns.length}
        aria-activedescendant={activeId}
        tabIndex={0}
        onKeyDown={onKeyDown}
        onPointerLeave={() => selectionStore.getState().hover(null)}
      >
        <Part role="row" className="callback-head" aria-rowindex={1}>
          {columns.map((column) => (
            <Part key={column} role="columnheader" className={endAligned.has(column) ? `end ${column}` : column}>
              {t(`loop.table.${column}`)}
            </Part>
          ))}
        </Part>
        <Part className="callback-spacer" role="rowgroup" style={{ height: window.spacerPx }}>
          <Part className="callback-window" role="presentation">
            <Part role="presentation" style={{ transform: `translateY(${-window.cutPx}px)` }}>
              {rows}
            </Part>
          </Part>
        </Part>
      </Part>
      {window.rows > 0 ? null : (
        <p className="callback-empty">
          {t('loop.table.empty')}
          {window.hidden > 0 ? <span>{t('loop.table.emptyHidden', { count: window.hidden })}</span> : null}
        </p>
      )}
    </div>
  )
}
