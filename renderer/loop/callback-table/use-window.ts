// The table's window on the callbacks of the shown stretch: which there are, which of them are rendered, and how scrolling,
// following and the selection move it. Counterparts: workbench/event-table/scroll-map.ts (the numbers), callback-table.tsx.
import { type RefObject, useCallback, useEffect, useLayoutEffect, useRef, useState } from 'react'
import { type FrameJob, frameLoop } from '../../canvas/frame-loop.ts'
import { loopLog } from '../../loop-log/loop-log.ts'
import { selectionStore } from '../../stores/selection.ts'
import {
  clampTop,
  lastTop,
  rowPx,
  scrollOf,
  spacerPx,
  topAfterScroll,
  topToReveal,
} from '../../workbench/event-table/scroll-map.ts'
import { loopSettings } from '../settings.ts'
import { loopView, selectedPosition } from '../view.ts'
import { type CallbackRow, rowAt, rowCount, rowOf, stretchOf } from './stretch.ts'

/** While records stream in, rows are rendered anew this often at most, ms: nobody reads faster. */
const growthPeriodMs = 100

/** Height of the table's head, which stays in view at the top of what scrolls, px. */
export const headPx = 28

const viewPx = (area: HTMLElement): number => Math.max(0, area.clientHeight - headPx)

export interface TableWindow {
  /** All rows of the shown stretch. */
  readonly rows: number
  /** Those that are rendered, and the index of the first of them. */
  readonly from: number
  readonly shown: readonly CallbackRow[]
  /** Callbacks of the stretch that are hidden because they are own work. */
  readonly hidden: number
  /** How far the first rendered row is cut off at the upper edge, px. */
  readonly cutPx: number
  readonly spacerPx: number
}

const nothing: TableWindow = { rows: 0, from: 0, shown: [], hidden: 0, cutPx: 0, spacerPx: 0 }

export interface TableScroll {
  readonly window: TableWindow
  readonly onScroll: () => void
  /** Rows in view. */
  readonly pageRows: () => number
}

export const useWindow = (scroller: RefObject<HTMLElement | null>): TableScroll => {
  const [window, setWindow] = useState(nothing)
  const job = useRef<FrameJob | null>(null)
  /** The top row with its fraction, and the first callback's number that it counts from. */
  const top = useRef(0)
  const expectedPx = useRef(0)
  const revealed = useRef<number | null>(null)
  /** Rows that the scrolled content is as high as: what a scroll position is to be read against. */
  const renderedRows = useRef(0)

  useEffect(() => {
    const area = scroller.current
    if (area === null) return
    let drawnMs = Number.NEGATIVE_INFINITY
    let firstBefore: number | null = null
    const mine = frameLoop.add('draw', (nowMs) => {
      drawnMs = nowMs
      const { following, viewPaused } = selectionStore.getState()
      const stretch = stretchOf(loopLog, loopView.getState().range, loopSettings.getState().showOwn)
      const rows = rowCount(stretch)
      const size = { rows, viewPx: viewPx(area) }
      // What is read stays where it is while the stretch moves on above it.
      if (firstBefore !== null) top.current -= stretch.first - firstBefore
      firstBefore = stretch.first
      const selected = selectedPosition()
      if (following && !viewPaused) top.current = lastTop(size)
      else if (selected !== revealed.current && selected !== null) {
        const row = rowOf(loopLog, stretch, selected)
        if (row !== null) top.current = topToReveal(size, clampTop(size, top.current), row)
      }
      revealed.current = selected
      top.current = clampTop(size, top.current)
      const from = Math.floor(top.current)
      const to = Math.min(rows, from + Math.ceil(size.viewPx / rowPx) + 1)
      setWindow({
        rows,
        from,
        shown: Array.from({ length: Math.max(0, to - from) }, (_, i) => rowAt(loopLog, stretch, from + i)),
        hidden: stretch.hidden,
        cutPx: Math.round((top.current - from) * rowPx),
        spacerPx: spacerPx(size),
      })
    })
    job.current = mine
    const resize = new ResizeObserver(mine.mark)
    resize.observe(area)
    const soon = () => mine.markIn(Math.max(0, growthPeriodMs - (performance.now() - drawnMs)))
    const stops = [
      loopLog.subscribe(() => {
        if (!selectionStore.getState().viewPaused) soon()
      }),
      loopView.subscribe((state, before) => {
        if (state.range !== before.range) soon()
      }),
      loopSettings.subscribe(mine.mark),
      selectionStore.subscribe((state, before) => {
        if (state.callback !== before.callback || state.following !== before.following) mine.mark()
      }),
      () => resize.disconnect(),
      mine.dispose,
    ]
    mine.mark()
    return () => {
      job.current = null
      for (const stop of stops) stop()
    }
  }, [scroller])

  // The scroll bar follows what was rendered, as soon as the spacer has its new height: a lower one moves the scroller, and
  // the event that tells so must not be taken for a person's.
  useLayoutEffect(() => {
    const area = scroller.current
    if (area === null) return
    renderedRows.current = window.rows
    expectedPx.current = scrollOf({ rows: window.rows, viewPx: viewPx(area) }, top.current)
    if (Math.abs(area.scrollTop - expectedPx.current) > 0.5) area.scrollTop = expectedPx.current
  }, [scroller, window])

  const onScroll = useCallback(() => {
    const area = scroller.current
    if (area === null || Math.abs(area.scrollTop - expectedPx.current) < 1) return
    const size = { rows: renderedRows.current, viewPx: viewPx(area) }
    const up = area.scrollTop < expectedPx.current
    top.current = topAfterScroll(size, top.current, expectedPx.current, area.scrollTop)
    expectedPx.current = area.scrollTop
    // Rows that leave the stretch also move what is left; only who scrolls up lets go.
    if (up && top.current < lastTop(size) - 0.5) selectionStore.getState().setFollowing(false)
    job.current?.mark()
  }, [scroller])

  const pageRows = useCallback(
    () => Math.max(1, Math.floor((scroller.current === null ? 0 : viewPx(scroller.current)) / rowPx) - 1),
    [scroller],
  )
  return { window, onScroll, pageRows }
}
