// The minimap as a thing to drag: its brush moves, its handles stretch, a press beside it brings it there. Everything that
// it does, the keys do too. Counterpart: draw-minimap.ts.
import { type PointerEvent, useRef } from 'react'
import { useTranslation } from 'react-i18next'
import { bookmarks } from '../../bookmarks/bookmarks.ts'
import { minSpanMs, spanOf, type TimeRange, xToTime } from '../../canvas/time-scale.ts'
import { eventLog } from '../../event-log/event-log.ts'
import { shownNow } from '../../event-log/shown.ts'
import { summaries } from '../../event-log/summaries.ts'
import { payloadSearch } from '../../search/search.ts'
import { selectionStore } from '../../stores/selection.ts'
import { brushEdges, drawMinimap, type MinimapColumns, minimapHeight, minimapTop, readColumns } from './draw-minimap.ts'
import { anyOpen } from './ending.ts'
import { rangeTexts } from './header.tsx'
import { gutterWidth, rightPadding } from './plot.ts'
import { useDrawing } from './use-drawing.ts'
import { lifelinesView, showRange } from './view.ts'

/** While events stream in the strip is drawn anew this often at most, ms: every drawing reads all that is held. */
const growthPeriodMs = 100
/** While something is open the strip grows this often at most, ms. */
const clockPeriodMs = 200

/** What the minimap spans: all that is held, up to now where something goes on. */
export const minimapExtent = (): TimeRange => {
  const startMs = eventLog.firstAt
  const endMs = anyOpen() ? shownNow() : Math.min(shownNow(), eventLog.lastAt)
  return { startMs, endMs: Math.max(endMs, startMs + 1000) }
}

type Grip = 'from' | 'to' | 'whole'
interface Drag {
  readonly grip: Grip
  readonly startX: number
  readonly range: TimeRange
  readonly extent: TimeRange
}

const gripPx = 6

const dragged = (drag: Drag, dx: number, width: number): TimeRange => {
  const byMs = (dx / width) * spanOf(drag.extent)
  const { startMs, endMs } = drag.range
  if (drag.grip === 'from') return { startMs: Math.max(0, Math.min(startMs + byMs, endMs - minSpanMs)), endMs }
  if (drag.grip === 'to') return { startMs, endMs: Math.max(endMs + byMs, startMs + minSpanMs) }
  const start = Math.max(0, startMs + byMs)
  return { startMs: start, endMs: start + endMs - startMs }
}

export const Minimap = () => {
  const { t } = useTranslation()
  const canvas = useRef<HTMLCanvasElement>(null)
  const drag = useRef<Drag | null>(null)
  const cache = useRef<{ readonly key: string; readonly columns: MinimapColumns } | null>(null)

  useDrawing(
    canvas,
    ({ surface, palette, job }) => {
      const { context } = surface
      const width = surface.width - gutterWidth - rightPadding
      if (width <= 0) return
      const extent = minimapExtent()
      const { hits } = payloadSearch
      const { notes, version: marked } = bookmarks.store.getState()
      const key = `${eventLog.version} ${summaries.version} ${hits.count} ${marked} ${extent.startMs} ${extent.endMs} ${width}`
      if (cache.current?.key !== key)
        cache.current = {
          key,
          columns: readColumns({ log: eventLog, summaries, hits, bookmarks: notes.keys() }, extent, width),
        }
      const { seq, hoverAt, viewPaused } = selectionStore.getState()
      const dropped =
        eventLog.droppedOldest > 0 ? t('lifelines.dropped', { time: (extent.startMs / 1000).toFixed(1) }) : null
      drawMinimap({
        context,
        palette,
        left: gutterWidth,
        width,
        extent,
        columns: cache.current.columns,
        range: lifelinesView.getState().range,
        selectedAt: seq !== null && eventLog.has(seq) ? eventLog.at(seq) : null,
        hoverAt,
        dropped,
      })
      if (anyOpen() && !viewPaused) job.markIn(Math.max(clockPeriodMs, spanOf(extent) / width))
      const { from, to } = rangeTexts(extent)
      context.font = `11px ${palette.dataFont}`
      context.fillStyle = palette.colour['text-3']
      context.textAlign = 'right'
      context.fillText(t('lifelines.range', { from, to }), gutterWidth - 8, minimapTop + minimapHeight / 2 + 1)
    },
    growthPeriodMs,
  )

  const place = (event: PointerEvent<HTMLCanvasElement>) => {
    const width = event.currentTarget.clientWidth - gutterWidth - rightPadding
    return { width, x: event.nativeEvent.offsetX - gutterWidth }
  }

  const onPointerDown = (event: PointerEvent<HTMLCanvasElement>) => {
    const { width, x } = place(event)
    if (event.button !== 0 || x < -gripPx || x > width + gripPx) return
    event.currentTarget.setPointerCapture(event.pointerId)
    const extent = minimapExtent()
    let { range } = lifelinesView.getState()
    const { from, to } = brushEdges(extent, range, width)
    let grip: Grip = 'whole'
    if (Math.abs(x - to) <= gripPx && x > (from + to) / 2) grip = 'to'
    else if (Math.abs(x - from) <= gripPx) grip = 'from'
    else if (x < from || x > to) {
      const middle = xToTime(extent, width, x)
      const startMs = Math.max(0, middle - spanOf(range) / 2)
      range = { startMs, endMs: startMs + spanOf(range) }
      showRange(range)
    }
    drag.current = { grip, startX: x, range, extent }
  }

  const onPointerMove = (event: PointerEvent<HTMLCanvasElement>) => {
    const { width, x } = place(event)
    if (drag.current !== null) {
      showRange(dragged(drag.current, x - drag.current.startX, width))
      return
    }
    const extent = minimapExtent()
    const { from, to } = brushEdges(extent, lifelinesView.getState().range, width)
    const onHandle = Math.abs(x - from) <= gripPx || Math.abs(x - to) <= gripPx
    event.currentTarget.style.cursor = onHandle ? 'ew-resize' : x > from && x < to ? 'grab' : 'default'
    selectionStore.getState().hover(x >= 0 && x <= width ? xToTime(extent, width, x) : null)
  }

  const endDrag = () => {
    drag.current = null
  }

  return (
    <div className="lifelines-minimap" aria-hidden="true">
      <canvas
        ref={canvas}
        onPointerDown={onPointerDown}
        onPointerMove={onPointerMove}
        onPointerUp={endDrag}
        onPointerCancel={endDrag}
        onPointerLeave={() => selectionStore.getState().hover(null)}
      />
    </div>
  )
}
