// The small padlock on a lifeline's bar where TLS was established. Counterparts: draw-row.ts, renderer/ui/marks.tsx (LockMark).
import type { LoggedConnection } from '../../event-log/connections.ts'
import { type Plot, plotX } from './plot.ts'
import type { RowLook } from './rows.ts'

/** Width of the padlock's body, px; on rows without labels there is no room for it. */
const bodyPx = 7

/** Draws it on the row whose top is at `top` px, up to where the bar ends. */
export const drawLock = (plot: Plot, connection: LoggedConnection, endX: number, top: number, look: RowLook): void => {
  const { context, palette, nowMs } = plot
  const { securedAt } = connection
  if (securedAt === null || securedAt > nowMs || !look.labels) return
  // Beside the stroke of connection-made, which a handshake follows within a pixel or two.
  const x = Math.round(plotX(plot, securedAt)) + 4
  if (x < plot.left || x + bodyPx > endX) return
  const middle = top + look.barTop + look.barHeight / 2
  context.fillStyle = palette.colour['bg-canvas']
  context.fillRect(x - 1, middle - 6, bodyPx + 2, 12)
  context.fillStyle = palette.colour.life
  context.fillRect(x, middle - 1, bodyPx, 5)
  context.strokeStyle = palette.colour.life
  context.lineWidth = 1.5
  context.beginPath()
  context.arc(x + bodyPx / 2, middle - 1.5, 2.25, Math.PI, 0)
  context.stroke()
}
