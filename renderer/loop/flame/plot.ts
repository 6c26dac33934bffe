// What every drawing of the flame timeline needs: where the plot is, its time, its lanes, its colours. Made once a frame.
// Counterparts: draw-*.ts.
import type { Context } from '../../canvas/marks.ts'
import type { Palette } from '../../canvas/palette.ts'
import type { LaneBox } from './lane-boxes.ts'
import type { LaneFills } from './textures.ts'
import type { TimeMap } from './time-map.ts'

export interface FlamePlot {
  readonly context: Context
  readonly palette: Palette
  readonly fills: LaneFills
  readonly map: TimeMap
  readonly boxes: readonly LaneBox[]
  /** px: the left edge of the time axis, its width, and the whole height. */
  readonly left: number
  readonly width: number
  readonly height: number
  /** Width of a character of the labels' font, px. */
  readonly charPx: number
}
