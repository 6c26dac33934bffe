// Ties a canvas to the frame loop for as long as its component lives: drawn again when the log, the selection, the range,
// the names, the colours or the size have changed. Counterparts: canvas/ (loop, surface, palette), minimap.tsx, chart.tsx.
import { type RefObject, useEffect, useRef } from 'react'
import { bookmarks } from '../../bookmarks/bookmarks.ts'
import { type FrameJob, frameLoop } from '../../canvas/frame-loop.ts'
import { createPaletteSource, type Palette } from '../../canvas/palette.ts'
import { createSurface, type Surface } from '../../canvas/surface.ts'
import { eventLog } from '../../event-log/event-log.ts'
import { eventFilter } from '../../event-log/filter.ts'
import { highlights } from '../../highlights/highlights.ts'
import { payloadSearch } from '../../search/search.ts'
import { engineStore } from '../../stores/capture.ts'
import { endpointsStore } from '../../stores/endpoints.ts'
import { selectionStore } from '../../stores/selection.ts'
import { lifelinesView } from './view.ts'

export interface Drawing {
  readonly surface: Surface
  readonly palette: Palette
  /** To ask for the next frame by the clock. */
  readonly job: FrameJob
}

/**
 * Calls `draw` in the frame loop with the surface cleared. Answers a function that asks for a drawing. While the view is
 * paused, arriving events ask for none; else for one in `growthPeriodMs` at most.
 */
export const useDrawing = (
  canvas: RefObject<HTMLCanvasElement | null>,
  draw: (drawing: Drawing) => void,
  growthPeriodMs = 50,
): (() => void) => {
  const latest = useRef(draw)
  latest.current = draw
  const job = useRef<FrameJob | null>(null)
  useEffect(() => {
    const element = canvas.current
    if (element === null) return
    const mine = frameLoop.add('draw', () => {
      if (surface.width === 0 || surface.height === 0) return
      surface.begin()
      latest.current({ surface, palette: source.palette, job: mine })
    })
    job.current = mine
    const source = createPaletteSource(mine.mark)
    const surface = createSurface(element, mine.mark)
    let filled = 0
    const stops = [
      eventLog.subscribe(() => {
        const waitedFor = eventLog.filled !== filled
        filled = eventLog.filled
        if (selectionStore.getState().viewPaused && !waitedFor) return
        mine.markIn(growthPeriodMs)
      }),
      selectionStore.subscribe(mine.mark),
      lifelinesView.subscribe((state) => {
        if (state.movedBy === 'hand') mine.mark()
      }),
      // Its counters change all the time under traffic.
      endpointsStore.subscribe(() => mine.markIn(growthPeriodMs)),
      engineStore.subscribe(mine.mark),
      // They change with every batch under traffic.
      eventFilter.store.subscribe((state, before) => {
        if (state.index !== before.index) mine.mark()
        else if (state.version !== before.version) mine.markIn(growthPeriodMs)
      }),
      highlights.store.subscribe(() => mine.markIn(growthPeriodMs)),
      bookmarks.store.subscribe(mine.mark),
      payloadSearch.store.subscribe((state, before) => {
        if (state.matches !== before.matches) mine.mark()
      }),
      mine.dispose,
      surface.dispose,
      source.dispose,
    ]
    return () => {
      job.current = null
      for (const stop of stops) stop()
    }
  }, [canvas, growthPeriodMs])
  const mark = useRef(() => job.current?.mark())
  return mark.current
}
