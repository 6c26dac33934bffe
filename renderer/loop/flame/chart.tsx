// The flame timeline's canvas and the pane over it that takes pointer, wheel and keys: the canvas is hidden from screen
// readers, and the callback table is its twin. Counterparts: draw-flame.ts, ../view.ts.
import { type KeyboardEvent, type PointerEvent, useEffect, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { spanOf } from '../../canvas/time-scale.ts'
import { eventLog } from '../../event-log/event-log.ts'
import { shownNow } from '../../event-log/shown.ts'
import type { Callback } from '../../loop-log/callbacks.ts'
import { loopLog } from '../../loop-log/loop-log.ts'
import { loopSummaries } from '../../loop-log/loop-summaries.ts'
import { selectionStore } from '../../stores/selection.ts'
import { useStaleness } from '../../stores/staleness.ts'
import { formatDuration } from '../../ui/format.ts'
import { announceCallback } from '../announce.ts'
import { handleLoopKey } from '../keys.ts'
import { loopSettings } from '../settings.ts'
import { useDrawing } from '../use-drawing.ts'
import { loopView, moveTo, panBy, selectCallback, selectedPosition, settledRange, showRange, zoomAt } from '../view.ts'
import { flameLabel } from '../words.ts'
import { drawFlame, type FlameWords } from './draw-flame.ts'
import { hitCallback } from './hit.ts'
import { axesHeight, gutterWidth, laneBoxes, rightPadding } from './lane-boxes.ts'
import type { Scene } from './scene.ts'
import { longWaits, squeezedMap, straightMap, type TimeMap } from './time-map.ts'
import { Tooltip, type TooltipTarget } from './tooltip.tsx'

/** While the view follows, the picture moves this often at most, ms. */
const clockPeriodMs = 33
/** How long the pointer rests before the tooltip comes, ms. */
const tooltipDelayMs = 300
/** px that the pointer moves before a press becomes a drag. */
const dragFromPx = 4
/** Labels that are remembered. */
const labelLimit = 2000

/** Labels by position: worked out once, for a frame asks for hundreds. */
const createLabels = () => {
  const labels = new Map<number, string>()
  return (callback: Callback): string => {
    const known = labels.get(callback.position)
    if (known !== undefined) return known
    const label = flameLabel(eventLog, callback)
    // While its events are still on their way a callback has no word of its own yet.
    if (callback.seqCount > 0 && callback.firstSeq >= eventLog.nextSeq) return label
    if (labels.size >= labelLimit) labels.clear()
    labels.set(callback.position, label)
    return label
  }
}

interface Press {
  readonly x: number
  readonly y: number
  readonly startMs: number
  readonly scrubs: boolean
  dragging: boolean
}

export const FlameChart = () => {
  const { t } = useTranslation()
  const canvas = useRef<HTMLCanvasElement>(null)
  const pane = useRef<HTMLDivElement>(null)
  const drawn = useRef<{ map: TimeMap; scene: Scene | null; height: number } | null>(null)
  const press = useRef<Press | null>(null)
  const reducedMotion = useRef(false)
  const labels = useRef(createLabels())
  const [tooltip, setTooltip] = useState<TooltipTarget | null>(null)
  const tooltipTimer = useRef<ReturnType<typeof setTimeout>>(undefined)
  const [announced, setAnnounced] = useState('')
  const live = useStaleness() === null

  const words: FlameWords = {
    time: t('loop.flame.time'),
    iteration: t('loop.flame.iteration'),
    lane: t('loop.lane', { returnObjects: true }),
    notWatched: t('loop.flame.notWatched'),
    label: labels.current,
    wait: (callback, ms) =>
      t(callback.lane === 'timers' ? 'loop.flame.late' : 'loop.flame.waiting', { duration: formatDuration(ms) }),
    jobs: (count) => t('loop.flame.jobs', { count }),
    missing: (records) => t('loop.flame.missing', { count: records }),
    unwatched: (turns) => t('loop.flame.unwatched', { count: turns }),
    collection: (ms) => t('loop.flame.collection', { duration: formatDuration(ms) }),
  }

  const mark = useDrawing(canvas, loopView, ({ surface, palette, fills, charPx, job }) => {
    const range = settledRange(reducedMotion.current)
    loopLog.look(range)
    const width = surface.width - gutterWidth - rightPadding
    if (width <= 0) return
    const { showOwn, slowMs, squeeze, level } = loopSettings.getState()
    const { following, viewPaused, hoverAt } = selectionStore.getState()
    const map = squeeze ? squeezedMap(range, width, longWaits(loopLog.iterations, range)) : straightMap(range, width)
    const { scene } = drawFlame({
      plot: {
        context: surface.context,
        palette,
        fills,
        map,
        boxes: laneBoxes(surface.height),
        left: gutterWidth,
        width,
        height: surface.height,
        charPx,
      },
      log: loopLog,
      beyond: { summaries: loopSummaries, heldFrom: loopLog.heldFrom, heldTo: loopLog.heldTo },
      showOwn,
      slowMs,
      playhead: loopView.getState().playhead,
      hoverAt: hoverAt !== null && hoverAt >= range.startMs && hoverAt <= range.endMs ? hoverAt : null,
      selected: selectedPosition(),
      watchesMicro: level === 'microtasks',
      stoppedAt: live ? null : loopLog.lastAt,
      words,
    })
    drawn.current = { map, scene, height: surface.height }
    // The picture stands still once everything recorded has moved out of it.
    const moving = following && !viewPaused && live && shownNow() - loopLog.lastAt < spanOf(range)
    if (moving) job.markIn(Math.max(reducedMotion.current ? 1000 : clockPeriodMs, spanOf(range) / width))
  })

  // biome-ignore lint/correctness/useExhaustiveDependencies: an end that is not followed by records is drawn too.
  useEffect(mark, [mark, live])

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

  // React listens to the wheel passively; zooming must keep the page from scrolling.
  useEffect(() => {
    const area = pane.current
    if (area === null) return
    const onWheel = (event: WheelEvent) => {
      const x = event.clientX - area.getBoundingClientRect().left - gutterWidth
      if (x < 0 || drawn.current === null) return
      event.preventDefault()
      const unit = event.deltaMode === WheelEvent.DOM_DELTA_PIXEL ? 1 : 16
      const sideways = event.shiftKey || Math.abs(event.deltaX) > Math.abs(event.deltaY)
      if (sideways) panBy(((event.deltaX || event.deltaY) * unit) / drawn.current.map.width)
      else zoomAt(1.002 ** (event.deltaY * unit), drawn.current.map.time(x))
    }
    area.addEventListener('wheel', onWheel, { passive: false })
    return () => area.removeEventListener('wheel', onWheel)
  }, [])

  useEffect(() => () => clearTimeout(tooltipTimer.current), [])

  /** px in the plot, and what stands there. */
  const pointed = (event: PointerEvent) => {
    const box = event.currentTarget.getBoundingClientRect()
    const x = event.clientX - box.left - gutterWidth
    const y = event.clientY - box.top
    const picture = drawn.current
    if (picture === null || x < 0 || x > picture.map.width) return { x, y, at: null, position: null }
    const { showOwn } = loopSettings.getState()
    const position = hitCallback(loopLog, picture, laneBoxes(picture.height), x, y, showOwn)
    return { x, y, at: picture.map.time(x), position }
  }

  const showTooltip = (target: TooltipTarget | null) => {
    clearTimeout(tooltipTimer.current)
    if (target === null || tooltip?.position !== target.position) setTooltip(null)
    if (target !== null) tooltipTimer.current = setTimeout(() => setTooltip(target), tooltipDelayMs)
  }

  const onPointerDown = (event: PointerEvent<HTMLDivElement>) => {
    if (event.button !== 0) return
    const { x, y, at } = pointed(event)
    if (at === null) return
    press.current = { x, y, startMs: loopView.getState().range.startMs, scrubs: y < axesHeight, dragging: false }
    event.currentTarget.setPointerCapture(event.pointerId)
    if (y < axesHeight) moveTo(at)
  }

  const onPointerMove = (event: PointerEvent<HTMLDivElement>) => {
    const { x, y, at, position } = pointed(event)
    const held = press.current
    const picture = drawn.current
    if (held !== null && picture !== null && (held.dragging || Math.abs(x - held.x) >= dragFromPx)) {
      held.dragging = true
      showTooltip(null)
      const { range } = loopView.getState()
      if (held.scrubs) {
        const to = picture.map.time(Math.min(picture.map.width, Math.max(0, x)))
        moveTo(Math.min(Math.max(loopLog.firstAt, to), loopLog.lastAt))
        return
      }
      const startMs = Math.max(0, held.startMs - ((x - held.x) / picture.map.width) * spanOf(range))
      showRange({ startMs, endMs: startMs + spanOf(range) })
      return
    }
    selectionStore.getState().hover(at)
    showTooltip(position === null ? null : { position, x: x + gutterWidth, y })
  }

  const onPointerUp = (event: PointerEvent<HTMLDivElement>) => {
    const held = press.current
    press.current = null
    if (held === null || held.dragging || held.scrubs) return
    const { at, position } = pointed(event)
    if (position !== null) selectCallback(position)
    else if (at !== null) moveTo(Math.min(Math.max(loopLog.firstAt, at), loopLog.lastAt))
  }

  const onPointerLeave = () => {
    selectionStore.getState().hover(null)
    showTooltip(null)
  }

  const onKeyDown = (event: KeyboardEvent<HTMLDivElement>) => {
    if (event.ctrlKey || event.metaKey || event.altKey || !handleLoopKey(event.nativeEvent)) return
    const position = selectedPosition()
    if (position !== null) setAnnounced(announceCallback(loopLog.callbacks.at(position)))
    event.preventDefault()
    event.stopPropagation()
  }

  return (
    <div className="flame-chart">
      <div className="flame-picture" aria-hidden="true">
        <canvas ref={canvas} />
      </div>
      <div
        ref={pane}
        className="flame-pane"
        role="application"
        aria-label={t('loop.flame.label')}
        data-pane-focus
        // biome-ignore lint/a11y/noNoninteractiveTabindex: an application takes the keys itself (WAI-ARIA); biome does not count it
        tabIndex={0}
        onPointerDown={onPointerDown}
        onPointerMove={onPointerMove}
        onPointerUp={onPointerUp}
        onPointerCancel={() => {
          press.current = null
        }}
        onPointerLeave={onPointerLeave}
        onKeyDown={onKeyDown}
      />
      {tooltip === null ? null : <Tooltip target={tooltip} />}
      <div className="visually-hidden" aria-live="polite">
        {announced}
      </div>
    </div>
  )
}
