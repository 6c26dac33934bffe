// The lifelines' canvas and the transparent scroller over it, which takes the pointer, the wheel and the keys: the canvas
// itself is hidden from screen readers, and the event table is its twin. Counterparts: draw-chart.ts, view.ts.
import { type KeyboardEvent, type PointerEvent, useEffect, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { bookmarks } from '../../bookmarks/bookmarks.ts'
import { nearestPosition } from '../../canvas/hit-test.ts'
import { spanOf, type TimeRange, xToTime } from '../../canvas/time-scale.ts'
import type { LoggedConnection } from '../../event-log/connections.ts'
import { eventLog } from '../../event-log/event-log.ts'
import { eventFilter } from '../../event-log/filter.ts'
import { eventReader } from '../../event-log/reader.ts'
import { shownNextSeq, shownNow } from '../../event-log/shown.ts'
import { selectSeq, stepEvent } from '../../event-log/step.ts'
import { summaries } from '../../event-log/summaries.ts'
import { highlights } from '../../highlights/highlights.ts'
import { selectionStore, useSelection } from '../../stores/selection.ts'
import { formatCount } from '../../ui/format.ts'
import { announcement, endpointName } from './announce.ts'
import { type ChartWords, drawChart } from './draw-chart.ts'
import type { MatchLayer } from './draw-matches.ts'
import { anyOpen } from './ending.ts'
import { handleViewKey } from './keys.ts'
import { nearestRead, olderIn, wantedIn } from './older.ts'
import { axisHeight, gutterWidth, rightPadding } from './plot.ts'
import { type LifelineRow, orderRows, type RowLook, rowLook } from './rows.ts'
import { Tooltip, type TooltipTarget } from './tooltip.tsx'
import { useDrawing } from './use-drawing.ts'
import { isMoving, lifelinesView, panBy, revealTime, settledRange, zoomAt } from './view.ts'

/** While something is open and the view follows, the picture moves this often at most, ms. */
const clockPeriodMs = 50
/** How strong the ticks are drawn that do not match the filter. */
const dimmedAlpha = 0.45
/** How long the pointer rests before the tooltip comes, ms. */
const tooltipDelayMs = 300

/** While connections come and go all the time, rows are laid out anew this often at most, ms. */
const layoutPeriodMs = 100

interface Layout {
  readonly version: number
  /** `performance.now()`. */
  readonly madeMs: number
  readonly rows: readonly LifelineRow[]
  readonly look: RowLook
}

const layOut = (): Layout => {
  const rows = orderRows(eventLog.connections)
  return {
    version: eventLog.connectionsVersion,
    madeMs: performance.now(),
    rows,
    look: rowLook(rows.length),
  }
}

/** px of the time axis, as drawn: a scroll bar lies over it and takes nothing away. */
const plotWidth = (area: HTMLElement): number => area.offsetWidth - gutterWidth - rightPadding

interface Pointed {
  readonly connection: LoggedConnection
  readonly seq: number | null
}

export const Chart = () => {
  const { t } = useTranslation()
  const canvas = useRef<HTMLCanvasElement>(null)
  const scroller = useRef<HTMLDivElement>(null)
  const spacer = useRef<HTMLDivElement>(null)
  const layout = useRef<Layout>({ version: -1, madeMs: Number.NEGATIVE_INFINITY, rows: [], look: rowLook(0) })
  const reducedMotion = useRef(false)
  const [connections, setConnections] = useState(0)
  const [tooltip, setTooltip] = useState<TooltipTarget | null>(null)
  const tooltipTimer = useRef<ReturnType<typeof setTimeout>>(undefined)
  const [announced, setAnnounced] = useState('')

  const words: ChartWords = {
    seconds: t('lifelines.seconds'),
    clock: t('lifelines.clock'),
    halfClosed: t('lifelines.halfClosed'),
    cause: t('lifelines.cause', { returnObjects: true }),
    missing: (events) => t('lifelines.missing', { events: formatCount(events) }),
  }

  const mark = useDrawing(canvas, ({ surface, palette, job }) => {
    const area = scroller.current
    if (area === null) return
    const { following, connection, seq, hoverAt, viewPaused } = selectionStore.getState()
    const waitMs = layout.current.madeMs + layoutPeriodMs - performance.now()
    if (layout.current.version !== eventLog.connectionsVersion && waitMs > 0) job.markIn(waitMs)
    else if (layout.current.version !== eventLog.connectionsVersion) {
      const atBottom = area.scrollTop + area.clientHeight >= area.scrollHeight - 2
      layout.current = layOut()
      const { rows, look } = layout.current
      spacer.current!.style.height = `${rows.length * look.height}px`
      // The newest connection stays in view for who has not scrolled away from it.
      if (atBottom && following) area.scrollTop = area.scrollHeight
      setConnections(rows.length)
    }
    const { rows, look } = layout.current
    const range = settledRange(reducedMotion.current)
    const width = surface.width - gutterWidth - rightPadding
    if (width <= 0) return
    const { index: filterIndex } = eventFilter.store.getState()
    drawChart({
      plot: {
        context: surface.context,
        palette,
        range,
        nowMs: shownNow(),
        left: gutterWidth,
        width,
        height: surface.height,
        older: olderIn(eventLog, summaries, range),
        tickAlpha: filterIndex === null ? 1 : dimmedAlpha,
      },
      log: eventLog,
      rows,
      look,
      scrollTop: area.scrollTop,
      selectedConnection: connection,
      selectedSeq: seq,
      hoverAt,
      nameOf: (item) => endpointName(item.endpoint),
      words,
      layers: [
        ...highlights.store.getState().active.flatMap(({ rule, matches }): MatchLayer[] => {
          const { index } = matches.store.getState()
          return index === null ? [] : [{ index, colour: palette.colour[`highlight-${rule.colour}`] }]
        }),
        ...(filterIndex === null ? [] : [{ index: filterIndex, colour: null }]),
      ],
      bookmarks: bookmarks.store.getState().notes.keys(),
    })
    eventReader.want('lifelines', wantedIn(eventLog, summaries, range))
    const moves = following ? isMoving() : anyOpen() && shownNow() <= range.endMs
    if (moves && !viewPaused) job.markIn(Math.max(reducedMotion.current ? 1000 : clockPeriodMs, spanOf(range) / width))
  })

  useEffect(() => {
    const query = window.matchMedia('(prefers-reduced-motion: reduce)')
    const take = () => {
      reducedMotion.current = query.matches
      mark()
    }
    take()
    query.addEventListener('change', take)
    return () => query.removeEventListener('change', take)
  }, [mark])

  // Whatever is selected anywhere comes into view here: its moment and its row.
  useEffect(() => eventLog.subscribe(revealOnceHeld), [])
  useEffect(() => () => eventReader.want('lifelines', []), [])
  useEffect(
    () =>
      selectionStore.subscribe((state, before) => {
        if (state.seq !== before.seq) revealSelected()
        const area = scroller.current
        if (state.connection === before.connection || state.connection === null || area === null) return
        const { rows, look } = layout.current
        const row = rows.findIndex((item) => item.connection.id === state.connection)
        if (row < 0) return
        const top = row * look.height
        if (top < area.scrollTop) area.scrollTop = top
        else if (top + look.height > area.scrollTop + area.clientHeight)
          area.scrollTop = top + look.height - area.clientHeight
      }),
    [],
  )

  // React listens to the wheel passively; zooming must keep the page from scrolling.
  useEffect(() => {
    const area = scroller.current
    if (area === null) return
    const onWheel = (event: WheelEvent) => {
      const x = event.clientX - area.getBoundingClientRect().left - gutterWidth
      if (x < 0) return
      event.preventDefault()
      const width = plotWidth(area)
      const unit = event.deltaMode === WheelEvent.DOM_DELTA_PIXEL ? 1 : 16
      const sideways = event.shiftKey || Math.abs(event.deltaX) > Math.abs(event.deltaY)
      if (sideways) panBy(((event.deltaX || event.deltaY) * unit) / width)
      else zoomAt(1.002 ** (event.deltaY * unit), xToTime(lifelinesView.getState().range, width, x))
    }
    area.addEventListener('wheel', onWheel, { passive: false })
    return () => area.removeEventListener('wheel', onWheel)
  }, [])

  const pointed = (event: PointerEvent | React.MouseEvent): (Pointed & { readonly at: number | null }) | null => {
    const area = scroller.current!
    const box = area.getBoundingClientRect()
    const { rows, look } = layout.current
    const y = event.clientY - box.top + area.scrollTop
    const x = event.clientX - box.left - gutterWidth
    const width = plotWidth(area)
    const { range } = lifelinesView.getState()
    const at = x >= 0 && x <= width + rightPadding ? xToTime(range, width, x) : null
    const row = rows[Math.floor(y / look.height)]
    if (row === undefined) return null
    const seq = at === null ? null : hitSeq(row.connection, at, y % look.height, look, range, width)
    return { connection: row.connection, seq, at }
  }

  const showTooltip = (target: TooltipTarget | null) => {
    clearTimeout(tooltipTimer.current)
    if (target === null || tooltip?.seq !== target.seq) setTooltip(null)
    if (target !== null) tooltipTimer.current = setTimeout(() => setTooltip(target), tooltipDelayMs)
  }
  useEffect(() => () => clearTimeout(tooltipTimer.current), [])

  const onPointerMove = (event: PointerEvent<HTMLDivElement>) => {
    const place = pointed(event)
    const box = event.currentTarget.getBoundingClientRect()
    const x = event.clientX - box.left
    const width = plotWidth(event.currentTarget)
    const free = x < gutterWidth ? null : xToTime(lifelinesView.getState().range, width, x - gutterWidth)
    const seq = place?.seq ?? null
    selectionStore.getState().hover(seq === null ? free : eventLog.at(seq))
    showTooltip(seq === null ? null : { seq, x, y: event.clientY - box.top + axisHeight })
  }

  const onPointerLeave = () => {
    selectionStore.getState().hover(null)
    showTooltip(null)
  }

  const onClick = (event: React.MouseEvent<HTMLDivElement>) => {
    const place = pointed(event)
    if (place === null) return
    if (place.seq !== null) selectSeq(place.seq)
    else selectionStore.getState().selectConnection(place.connection.id)
  }

  const onKeyDown = (event: KeyboardEvent<HTMLDivElement>) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return
    const by = stepKeys[event.key]
    if (by !== undefined) {
      stepEvent(by)
      const { seq } = selectionStore.getState()
      if (seq !== null) setAnnounced(announcement(seq))
    } else if (!handleViewKey(event.key)) return
    event.preventDefault()
    event.stopPropagation()
  }

  const selectedMissing = useSelection((state) => state.seq === null)
  return (
    <div className="lifelines-chart">
      <div className="lifelines-picture" aria-hidden="true">
        <canvas ref={canvas} />
      </div>
      <div
        ref={scroller}
        className="lifelines-scroller scroll"
        role="application"
        aria-label={t('lifelines.label', { connections })}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: an application takes the keys itself (WAI-ARIA); biome does not count it
        tabIndex={0}
        onScroll={mark}
        onPointerMove={onPointerMove}
        onPointerLeave={onPointerLeave}
        onClick={onClick}
        onKeyDown={onKeyDown}
      >
        <div ref={spacer} />
      </div>
      {tooltip === null ? null : <Tooltip target={tooltip} />}
      <div className="visually-hidden" aria-live="polite">
        {selectedMissing ? '' : announced}
      </div>
    </div>
  )
}

/** The selected event whose time is only known roughly yet. */
let roughly: number | null = null

const revealSelected = (): void => {
  const { seq } = selectionStore.getState()
  roughly = null
  if (seq === null) return
  if (eventLog.has(seq)) {
    revealTime(eventLog.at(seq))
    return
  }
  roughly = seq
  const at = summaries.timeNear(seq)
  if (at !== null) revealTime(at)
}

const revealOnceHeld = (): void => {
  if (roughly !== null && eventLog.has(roughly)) revealSelected()
}

const stepKeys: Readonly<Record<string, number>> = { ArrowDown: 1, ArrowUp: -1, j: 1, k: -1, J: 1, K: -1 }

/** The event that the pointer means at this height of the row; null for none. */
const hitSeq = (
  connection: LoggedConnection,
  at: number,
  y: number,
  look: RowLook,
  range: TimeRange,
  width: number,
): number | null => {
  const { track } = connection
  const preferred = y < look.barTop ? 'sent' : y >= look.barTop + look.barHeight ? 'received' : 'other'
  const tolerance = (4 * spanOf(range)) / width
  if (eventLog.tailSeq === eventLog.nextSeq || at < eventLog.tailAt) {
    const seq = nearestRead(eventLog, connection.id, at, tolerance, preferred)
    if (seq !== null) return seq
  }
  const position = nearestPosition(track, at, tolerance, track.positionOfSeq(shownNextSeq()), preferred)
  return position === null ? null : track.seqAt(position)
}
