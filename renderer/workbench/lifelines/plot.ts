// What every drawing of the lifelines needs to know: where the plot is, what time it shows, in which colours, and what is
// selected. Made once a frame. Counterparts: draw-*.ts.

import type { Context } from '../../canvas/marks.ts'
import type { Palette } from '../../canvas/palette.ts'
import { spanOf, type TimeRange, timeToX } from '../../canvas/time-scale.ts'
import type { Older } from './older.ts'

/** Width of the labels' column, px. */
export const gutterWidth = 148
/** Room on the right for the chevrons, px. */
export const rightPadding = 8
export const axisHeight = 20

export interface Plot {
  readonly context: Context
  readonly palette: Palette
  readonly range: TimeRange
  /** ms; nothing after it is drawn. */
  readonly nowMs: number
  /** px: the left edge of the time axis, its width, and the whole height. */
  readonly left: number
  readonly width: number
  readonly height: number
  /** What is known of the stretch before the newest events; null where they cover it. */
  readonly older: Older | null
  /** How strong ticks are drawn, where what matches a filter is drawn over them; 1 where it is left out. */
  readonly tickAlpha?: number
}

/** px at which a time stands. */
export const plotX = (plot: Plot, at: number): number => plot.left + timeToX(plot.range, plot.width, at)

/** ms that one px is long. */
export const msPerPx = (plot: Plot): number => spanOf(plot.range) / plot.width
