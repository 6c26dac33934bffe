// The table's window on the log: which rows are rendered, how scrolling, following, pausing and the selection move it, and
// which events have to be read for it. Counterparts: scroll-map.ts (the numbers), event-table.tsx (the rows).
import { type RefObject, useCallback, useEffect, useLayoutEffect, useRef, useState } from 'react'
import { type FrameJob, frameLoop } from '../../canvas/frame-loop.ts'
import { eventLog } from '../../event-log/event-log.ts'
import { eventFilter } from '../../event-log/filter.ts'
import { eventReader, type Stretch } from '../../event-log/reader.ts'
import { newestShown } from '../../event-log/step.ts'
import { type TableRows, tableRows } from '../../event-log/table-rows.ts'
import { selectionStore } from '../../stores/selection.ts'
import { clampTop, headPx, lastTop, rowPx, scrollOf, spacerPx, topAfterScroll, topToReveal } from './scroll-map.ts'

/** While events stream in, rows are rendered anew this often at most, ms: nobody reads faster. */
const growthPeriodMs = 50
/** While they do, the scroll bar follows this often, ms: setting it makes the browser lay the page out at once. */
const scrollBarPeriodMs = 250

/** Absolute rows (`TableRows.row`). */
export interface TableWindow {
  /** All rows that can be scrolled to. */
  readonly firstRow: number
  readonly endRow: number
  /** Those that are rendered. */
  readonly from: number
  readonly to: number
  /** How far the first rendered row is cut off at the upper edge, px. */
  readonly cutPx: number
  readonly spacerPx: number
  /** Rows that came since the table stopped following, and stand below it. */
  readonly newRows: number
}

/** A bar that stands for a share of the log is set right after scrolling has rested for so long, ms. */
const scrollBarRestMs = 200

/** As far from an end of the bar it is set right at once, px: one turn of the wheel must not reach it. */
const shareRoomPx = (viewPx: number): number => 4 * viewPx
const spacerIsShare = (window: TableWindow): boolean =>
  (window.endRow - window.firstRow) * rowPx > window.spacerPx + rowPx

/** px that the rows have in the scroller. */
const viewOf = (area: HTMLElement): number => Math.max(0, area.clientHeight - headPx)

const nothing: TableWindow = { firstRow: 0, endRow: 0, from: 0, to: 0, cutPx: 0, spacerPx: 0, newRows: 0 }

/** Rows read beyond those in view, each way: so many are there before they are scrolled to. */
const rowsAhead = 100
/** Matches of a filter nearer to each other than this, in events, are read in one go. */
const joinedWithin = 300

/** The events of some rows as stretches to read; each with the one before it, which its delta counts from. */
const stretchesOf = (rows: TableRows, from: number, to: number): readonly Stretch[] => {
  const stretches: { from: number; to: number }[] = []
  for (let row = Math.max(rows.firstRow, from); row < Math.min(rows.endRow, to); row++) {
    const item = rows.row(row)
    if (item.kind !== 'event') continue
    const last = stretches.at(-1)
    if (last !== undefined && item.seq - last.to < joinedWithin) last.to = item.seq + 1
    else stretches.push({ from: item.seq - 1, to: item.seq + 1 })
  }
  return stretches
}

export interface TableScroll {
  readonly window: TableWindow
  readonly onScroll: () => void
  /** Rows in view. */
  readonly pageRows: () => number
}

export const useWindow = (scroller: RefObject<HTMLElement | null>): TableScroll => {
  const [window, setWindow] = useState(nothing)
  const job = useRef<FrameJob | null>(null)
  /** The absolute top row with its fraction; the one truth about where the table stands. At first: the end. */
  const top = useRef(Number.POSITIVE_INFINITY)
  /** The scroll position that belongs to it. */
  const expectedPx = useRef(0)
  const viewPx = useRef(0)
  const scrollBarMs = useRef(Number.NEGATIVE_INFINITY)
  /** The window that the page shows: what the scroll bar's position is a share of. The log may have gone on since. */
  const shown = useRef(nothing)
  const endWhenLetGo = useRef(0)

  useEffect(() => {
    const area = scroller.current
    if (area === null) return
    let drawnMs = Number.NEGATIVE_INFINITY
    let placed = false
    let unread = false
    let filled = 0
    let numbering: unknown = null
    /** The event at the top of the view: where the table stays when its rows are numbered anew. */
    let anchorSeq: number | null = null
    const bringIntoView = (seq: number | null) => {
      const rows = tableRows()
      if (seq === null || !rows.has(seq)) return
      const { firstRow } = rows
      const size = { rows: rows.endRow - firstRow, viewPx: viewPx.current }
      top.current = topToReveal(size, top.current - firstRow, rows.rowOf(seq) - firstRow) + firstRow
    }
    const mine = frameLoop.add('draw', (nowMs) => {
      drawnMs = nowMs
      // Nobody sees it; it is marked again when it has room.
      if (placed && viewPx.current === 0) return
      const { following, viewPaused } = selectionStore.getState()
      const rows = tableRows()
      const { firstRow, endRow } = rows
      const size = { rows: endRow - firstRow, viewPx: viewPx.current }
      if (rows.numbering !== numbering) {
        if (anchorSeq !== null) top.current = rows.rowOf(anchorSeq)
        const { seq } = selectionStore.getState()
        if (numbering !== null && seq !== null && rows.has(seq)) bringIntoView(seq)
        endWhenLetGo.current = endRow
        numbering = rows.numbering
      }
      if (following && !viewPaused) endWhenLetGo.current = endRow
      const relative = clampTop(size, following && !viewPaused ? lastTop(size) : top.current - firstRow)
      top.current = relative + firstRow
      if (!placed && size.viewPx > 0) {
        placed = true
        endWhenLetGo.current = endRow
        if (!following) bringIntoView(selectionStore.getState().seq)
      }
      const from = Math.floor(top.current)
      const to = Math.min(endRow, from + Math.ceil(size.viewPx / rowPx) + 1)
      const topItem = from >= firstRow && from < endRow ? rows.row(from) : null
      anchorSeq = topItem?.kind === 'event' ? topItem.seq : anchorSeq
      const inView = stretchesOf(rows, from, to)
      unread = inView.some((stretch) => eventLog.firstUnheld(stretch.from + 1, stretch.to) < stretch.to)
      const ahead = rows.numbering === eventLog.renumbered ? rowsAhead : 0
      eventReader.want('table', [...inView, ...stretchesOf(rows, from - ahead, to + ahead)])
      setWindow({
        firstRow,
        endRow,
        from,
        to,
        cutPx: Math.round((top.current - from) * rowPx),
        spacerPx: spacerPx(size),
        newRows: following
          ? 0
          : Math.max(0, endRow - Math.max(endWhenLetGo.current, Math.floor(top.current + size.viewPx / rowPx))),
      })
    })
    job.current = mine
    const resize = new ResizeObserver(() => {
      viewPx.current = viewOf(area)
      mine.mark()
    })
    resize.observe(area)
    const stops = [
      eventLog.subscribe(() => {
        // Somebody waits for rows that are in view.
        if (unread && eventLog.filled !== filled) {
          filled = eventLog.filled
          mine.mark()
        } else if (!selectionStore.getState().viewPaused)
          mine.markIn(Math.max(0, growthPeriodMs - (performance.now() - drawnMs)))
      }),
      selectionStore.subscribe((state, before) => {
        if (state.seq !== before.seq && state.seq !== null) {
          // Whoever looks at an event that is not the newest wants it to stay.
          if (state.seq !== newestShown()) state.setFollowing(false)
          bringIntoView(state.seq)
        }
        if (state.seq !== before.seq || state.following !== before.following || state.viewPaused !== before.viewPaused)
          mine.mark()
      }),
      eventFilter.store.subscribe((state, before) => {
        if (state.index !== before.index || state.only !== before.only) mine.mark()
        else if (state.version !== before.version)
          mine.markIn(Math.max(0, growthPeriodMs - (performance.now() - drawnMs)))
      }),
      () => eventReader.want('table', []),
      () => resize.disconnect(),
      mine.dispose,
    ]
    mine.mark()
    return () => {
      job.current = null
      for (const stop of stops) stop()
    }
  }, [scroller])

  // The scroll bar follows what was rendered, after the spacer has its new height. The rows themselves do not hang on it.
  useLayoutEffect(() => {
    shown.current = window
    const area = scroller.current
    if (area === null) return
    const sync = () => {
      const size = { rows: window.endRow - window.firstRow, viewPx: viewPx.current }
      const wantedPx = scrollOf(size, top.current - window.firstRow)
      scrollBarMs.current = performance.now()
      if (Math.abs(expectedPx.current - wantedPx) < 0.5) return
      area.scrollTop = wantedPx
      expectedPx.current = area.scrollTop
    }
    // Where the bar stands for a share of the log, a wheel moves it further than it should: it is set right at rest, unless
    // it comes near an end. Setting it makes the browser lay the page out at once.
    const sharePx = shareRoomPx(viewPx.current)
    const waitMs = selectionStore.getState().following
      ? scrollBarPeriodMs - (performance.now() - scrollBarMs.current)
      : spacerIsShare(window) && expectedPx.current > sharePx && expectedPx.current < window.spacerPx - 2 * sharePx
        ? scrollBarRestMs
        : 0
    if (waitMs <= 0) {
      sync()
      return
    }
    const timer = setTimeout(sync, waitMs)
    return () => clearTimeout(timer)
  }, [scroller, window])

  const onScroll = useCallback(() => {
    const area = scroller.current
    if (area === null || Math.abs(area.scrollTop - expectedPx.current) < 1) return
    if (viewOf(area) !== viewPx.current) {
      // A view that grew at the end of the log is moved by the browser: nobody wished to stop following.
      viewPx.current = viewOf(area)
      expectedPx.current = area.scrollTop
      job.current?.mark()
      return
    }
    const { firstRow, endRow } = shown.current
    const size = { rows: endRow - firstRow, viewPx: viewPx.current }
    const relative = topAfterScroll(size, top.current - firstRow, expectedPx.current, area.scrollTop)
    top.current = relative + firstRow
    expectedPx.current = area.scrollTop
    const { viewPaused, setFollowing } = selectionStore.getState()
    if (!viewPaused) setFollowing(relative >= lastTop(size) - 0.5)
    job.current?.mark()
  }, [scroller])

  const pageRows = useCallback(() => Math.max(1, Math.floor(viewPx.current / rowPx) - 1), [])
  return { window, onScroll, pageRows }
}
