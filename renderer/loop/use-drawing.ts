// Ties a canvas to the frame loop for as long as its component lives: drawn again when records, the view, the selection,
// the settings, the names, the colours or the size have changed. Counterparts: canvas/ (loop, surface, palette),
// workbench/lifelines/use-drawing.ts, its twin for the wire.
import { type RefObject, useEffect, useRef } from 'react'
import { type FrameJob, frameLoop } from '../canvas/frame-loop.ts'
import { createPaletteSource, type Palette } from '../canvas/palette.ts'
import { createSurface, type Surface } from '../canvas/surface.ts'
import { loopLog } from '../loop-log/loop-log.ts'
import { endpointsStore } from '../stores/endpoints.ts'
import { selectionStore } from '../stores/selection.ts'
import { createLaneFills, type LaneFills } from './flame/textures.ts'
import { loopSettings } from './settings.ts'

/** While records stream in, they are drawn this often at most, ms. */
const growthPeriodMs = 50

export interface Drawing {
  readonly surface: Surface
  readonly palette: Palette
  readonly fills: LaneFills
  /** Width of a character at 11 px in the data font. */
  readonly charPx: number
  /** To ask for the next frame by the clock. */
  readonly job: FrameJob
}

/** Something else whose changes ask for a drawing. */
export interface Watched {
  subscribe(listener: () => void): () => void
}

/**
 * Calls `draw` in the frame loop with the surface cleared. Answers a function that asks for a drawing. While the view is
 * paused, arriving records ask for none. `watched` must not change.
 */
export const useDrawing = (
  canvas: RefObject<HTMLCanvasElement | null>,
  watched: Watched,
  draw: (drawing: Drawing) => void,
): (() => void) => {
  const latest = useRef(draw)
  latest.current = draw
  const job = useRef<FrameJob | null>(null)
  useEffect(() => {
    const element = canvas.current
    if (element === null) return
    let made: { palette: Palette; ratio: number; fills: LaneFills; charPx: number } | null = null
    const mine = frameLoop.add('draw', () => {
      if (surface.width === 0 || surface.height === 0) return
      surface.begin()
      const { palette } = source
      if (made === null || made.palette !== palette || made.ratio !== surface.ratio) {
        surface.context.font = `500 11px ${palette.dataFont}`
        made = {
          palette,
          ratio: surface.ratio,
          fills: createLaneFills(surface.context, palette, surface.ratio),
          charPx: surface.context.measureText('0'.repeat(100)).width / 100,
        }
      }
      latest.current({ surface, palette, fills: made.fills, charPx: made.charPx, job: mine })
    })
    job.current = mine
    const source = createPaletteSource(mine.mark)
    const surface = createSurface(element, mine.mark)
    const stops = [
      loopLog.subscribe(() => {
        if (!selectionStore.getState().viewPaused) mine.markIn(growthPeriodMs)
      }),
      selectionStore.subscribe(mine.mark),
      watched.subscribe(mine.mark),
      loopSettings.subscribe(mine.mark),
      endpointsStore.subscribe((state, before) => {
        if (state.endpoints !== before.endpoints) mine.markIn(growthPeriodMs)
      }),
      mine.dispose,
      surface.dispose,
      source.dispose,
    ]
    mine.mark()
    return () => {
      job.current = null
      for (const stop of stops) stop()
    }
  }, [canvas, watched])
  const mark = useRef(() => job.current?.mark())
  return mark.current
}
