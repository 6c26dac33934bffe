// The loop on the Wire screen: a strip below the lifelines, on their clock. A click selects the callback; its twin in rows is
// the callback table of the Loop screen, and each event's callback stands in the inspector. Counterpart: draw-strip.ts.
import './strip.css'
import { type PointerEvent, useMemo, useRef } from 'react'
import { useTranslation } from 'react-i18next'
import { spanOf } from '../../canvas/time-scale.ts'
import { eventLog } from '../../event-log/event-log.ts'
import { shownNow } from '../../event-log/shown.ts'
import { loopLog } from '../../loop-log/loop-log.ts'
import { loopSummaries } from '../../loop-log/loop-summaries.ts'
import { whoWaited } from '../../loop-log/waiting.ts'
import { captureStore } from '../../stores/capture.ts'
import { selectionStore } from '../../stores/selection.ts'
import { staleness } from '../../stores/staleness.ts'
import { viewsFile } from '../../stores/viewing.ts'
import { formatDuration } from '../../ui/format.ts'
import { gutterWidth, rightPadding } from '../../workbench/lifelines/plot.ts'
import { lifelinesView } from '../../workbench/lifelines/view.ts'
import { hitCallback } from '../flame/hit.ts'
import { straightMap, type TimeMap } from '../flame/time-map.ts'
import { loopSettings, useLoopSettings } from '../settings.ts'
import { useDrawing } from '../use-drawing.ts'
import { useLoopLog } from '../use-loop-log.ts'
import { selectedPosition } from '../view.ts'
import { firstEventOf } from '../words.ts'
import { drawStrip, type StripWords, stripBoxes } from './draw-strip.ts'

/** How many connections waited, by position; asked for in every frame. */
const createHeld = () => {
  const known = new Map<number, number>()
  return (position: number): number => {
    const before = known.get(position)
    if (before !== undefined) return before
    const { connections, complete } = whoWaited(loopLog, position)
    if (known.size > 500) known.clear()
    if (complete) known.set(position, connections.length)
    return connections.length
  }
}

/** While poll waits, the strip grows this often at most, ms. */
const clockPeriodMs = 200

/** Until when poll has been waiting, as far as a page can know: it has all records that there are, and the loop runs. */
const waitsUntil = (): number | null => {
  const { capture } = captureStore.getState()
  const upToDate = capture !== null && loopLog.nextRecord >= capture.loop.nextRecord
  const runs = staleness() === null && loopSettings.getState().level !== 'off' && !viewsFile()
  return upToDate && runs ? shownNow() : null
}

export const LoopStrip = () => {
  const { t } = useTranslation()
  const canvas = useRef<HTMLCanvasElement>(null)
  const drawn = useRef<TimeMap | null>(null)
  const heldBy = useRef(createHeld())
  // An opened file may have records, whatever its snapshot says of now.
  const records = useLoopLog((counts) => counts.lastAt > 0)
  const off = useLoopSettings((state) => state.level === 'off')
  // Looked up once: a frame asks for the same few words again and again.
  const words = useMemo((): StripWords => {
    const held = new Map<number, string>()
    return {
      title: t('loop.strip.title'),
      poll: t('loop.lane.poll'),
      timers: t('loop.lane.timers'),
      stroke: formatDuration,
      held(count) {
        const known = held.get(count) ?? t('loop.strip.held', { count })
        held.set(count, known)
        return known
      },
    }
  }, [t])

  useDrawing(canvas, lifelinesView, ({ surface, palette, fills, charPx, job }) => {
    const width = surface.width - gutterWidth - rightPadding
    if (width <= 0) return
    const { range } = lifelinesView.getState()
    loopLog.look(range)
    const { seq, hoverAt, viewPaused } = selectionStore.getState()
    const map = straightMap(range, width)
    const waits = waitsUntil()
    // A wait that goes on grows by the clock alone.
    if (waits !== null && waits < range.endMs && !viewPaused) job.markIn(Math.max(clockPeriodMs, spanOf(range) / width))
    drawn.current = map
    drawStrip({
      plot: {
        context: surface.context,
        palette,
        fills,
        map,
        boxes: stripBoxes,
        left: gutterWidth,
        width,
        height: surface.height,
        charPx,
      },
      log: loopLog,
      beyond: { summaries: loopSummaries, heldFrom: loopLog.heldFrom, heldTo: loopLog.heldTo },
      gutterWidth,
      hoverAt,
      selectedAt: seq !== null && eventLog.has(seq) ? eventLog.at(seq) : null,
      selected: selectedPosition(),
      waitsUntil: waits,
      heldBy: heldBy.current,
      words,
    })
  })

  const place = (event: PointerEvent) => {
    const box = event.currentTarget.getBoundingClientRect()
    return { x: event.clientX - box.left - gutterWidth, y: event.clientY - box.top }
  }

  const onPointerUp = (event: PointerEvent) => {
    const map = drawn.current
    const { x, y } = place(event)
    if (map === null || x < 0) return
    const position = hitCallback(loopLog, { map, scene: null }, stripBoxes, x, y, false)
    if (position === null) return
    const callback = loopLog.callbacks.at(position)
    const { setFollowing, selectCallback } = selectionStore.getState()
    setFollowing(false)
    selectCallback(callback.id, firstEventOf(eventLog, callback), callback.connection)
  }

  const onPointerMove = (event: PointerEvent) => {
    const { x } = place(event)
    selectionStore.getState().hover(x < 0 || drawn.current === null ? null : drawn.current.time(x))
  }

  return (
    <div
      className="loop-strip"
      aria-hidden="true"
      onPointerUp={onPointerUp}
      onPointerMove={onPointerMove}
      onPointerLeave={() => selectionStore.getState().hover(null)}
    >
      <canvas ref={canvas} />
      {off && !records ? <span className="loop-strip-off">{t('loop.strip.off')}</span> : null}
    </div>
  )
}
