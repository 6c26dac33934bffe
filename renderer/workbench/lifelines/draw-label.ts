// A lifeline's label in the gutter: number, arrow out or in, name, far port; the bracket of a relay's pair.
// Counterpart: draw-row.ts draws the rest of the row.

import { drawArrow, drawBracket, fitText } from '../../canvas/marks.ts'
import { textWidth } from '../../canvas/text-width.ts'
import type { LoggedConnection } from '../../event-log/connections.ts'
import { endOf } from './ending.ts'
import { gutterWidth, type Plot } from './plot.ts'
import type { RowLook } from './rows.ts'

/** Right edge of the numbers where they have at most three digits, px. */
const numberRight = 30
const digitWidth = 7.2
const portRight = gutterWidth - 8
/** The band of a pair leaves room for its bracket, px. */
export const bracketWidth = 12

/** Right edge of the numbers, so that the widest of `largestId` still has the bracket's room on its left. */
export const numbersEnd = (largestId: number): number =>
  Math.max(numberRight, bracketWidth + 2 + `${largestId}`.length * digitWidth)

/** Writes the label of the row whose top is at `top`. */
export const drawLabel = (
  plot: Plot,
  connection: LoggedConnection,
  name: string,
  top: number,
  look: RowLook,
  numberEnd: number,
  selected: boolean,
): void => {
  const { context, palette, nowMs } = plot
  const middle = top + look.height / 2 + 0.5
  const open = (endOf(connection) ?? Number.POSITIVE_INFINITY) > nowMs
  const ink = palette.colour[open || selected ? 'text' : 'text-2']
  context.fillStyle = ink
  context.font = `500 12px ${palette.dataFont}`
  context.textAlign = 'right'
  context.fillText(`${connection.id}`, numberEnd, middle)
  drawArrow(context, numberEnd + 6, middle - 0.5, connection.direction === 'out', palette.colour['text-3'])
  const port = connection.remote === null ? '' : `:${connection.remote.port}`
  context.font = `11px ${palette.dataFont}`
  context.fillStyle = palette.colour['text-3']
  context.fillText(port, portRight, middle)
  const portWidth = textWidth(context, port)
  context.font = `12px ${palette.uiFont}`
  context.fillStyle = ink
  context.textAlign = 'left'
  const nameLeft = numberEnd + 20
  context.fillText(fitText(context, name, portRight - portWidth - 6 - nameLeft), nameLeft, middle)
}

/** Holds the two rows of a pair together; `top` is the upper one's. */
export const drawPairBracket = ({ context, palette }: Plot, top: number, look: RowLook): void => {
  drawBracket(context, 6.5, top + 6.5, top + 2 * look.height - 7.5, palette)
}
