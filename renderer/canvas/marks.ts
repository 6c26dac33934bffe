// The marks of the look as drawings: ticks, bars, end caps, notches, hatch, brackets. Every function draws at CSS pixels
// and leaves no state behind but colours. Counterparts: ui/marks.tsx (the same marks as 12 px icons), the lifelines.
import type { Cause } from '../../preload/contract/vocabulary.ts'
import { lengthOfWeight } from '../event-log/weight.ts'
import type { Palette } from './palette.ts'
import { textWidth } from './text-width.ts'

export type Context = CanvasRenderingContext2D

/** Height of a data tick in px: 3 to 8, by the logarithm of its bytes, 8 for 64 KiB. */
export const tickHeight = (bytes: number): number =>
  Math.round(Math.min(8, Math.max(3, 2 + (6.2 * Math.log10(Math.max(1, bytes))) / Math.log10(65_536))))

/** `tickHeight` by weight, 0 for weight 0; looked up, because a frame asks for thousands. */
export const tickHeights: Uint8Array = Uint8Array.from({ length: 256 }, (_, weight) =>
  weight === 0 ? 0 : tickHeight(lengthOfWeight(weight)),
)

/**
 * Draws merged ticks: `heights[x]` px for the tick in pixel column `x`, 0 for none. Ticks are 2 px wide; equal neighbours
 * become one rectangle. `up` ticks stand on `y`, others hang from it.
 */
export const drawTicks = (context: Context, heights: Uint8Array, left: number, y: number, up: boolean): void => {
  const end = heights.length
  let height = 0
  let from = 0
  for (let x = 0; x <= end; x++) {
    // A tick in column x covers x - 1 and x, so that it stands centred on its moment.
    const here = x === end ? 0 : Math.max(heights[x]!, x + 1 < end ? heights[x + 1]! : 0)
    if (here === height) continue
    if (height > 0) context.fillRect(left + from, up ? y - height : y, x - from, height)
    height = here
    from = x
  }
}

/** Size of a hollow tick, px. */
export const hollowTick = { width: 5, height: 7 } as const

/**
 * Draws hollow ticks, which say that a fault did something, in the columns of `marked` that are not 0; they hang from `y`, in
 * the colour of what is received. Where they would overlap, one stands for the others.
 */
export const drawHollowTicks = (
  context: Context,
  marked: Uint8Array,
  left: number,
  y: number,
  palette: Palette,
): void => {
  const { width, height } = hollowTick
  context.strokeStyle = palette.colour['recv-mark']
  context.lineWidth = 1
  let free = Number.NEGATIVE_INFINITY
  for (let x = 0; x < marked.length; x++) {
    if (marked[x] === 0 || x < free) continue
    context.strokeRect(left + x - width / 2, y + 0.5, width - 1, height - 1)
    free = x + width + 1
  }
}

/** Fills with rising stripes on a 4 px pitch. */
export const fillHatch = (
  context: Context,
  x: number,
  y: number,
  width: number,
  height: number,
  ground: string,
  stripe: string,
): void => {
  context.save()
  context.beginPath()
  context.rect(x, y, width, height)
  context.clip()
  context.fillStyle = ground
  context.fillRect(x, y, width, height)
  context.strokeStyle = stripe
  context.lineWidth = 1.25
  context.beginPath()
  // Anchored to the page's grid, not to x, so that the stripes stand still while the block grows.
  for (let start = Math.floor((x - height) / 4) * 4; start < x + width; start += 4) {
    context.moveTo(start, y + height)
    context.lineTo(start + height, y)
  }
  context.stroke()
  context.restore()
}

/** 1 px frame just inside the rectangle. */
export const frame = (context: Context, x: number, y: number, width: number, height: number, colour: string): void => {
  context.strokeStyle = colour
  context.lineWidth = 1
  context.strokeRect(x + 0.5, y + 0.5, Math.max(0, width - 1), Math.max(0, height - 1))
}

/** The line of a connection that is not made yet. */
export const drawConnecting = (context: Context, fromX: number, toX: number, y: number, colour: string): void => {
  context.strokeStyle = colour
  context.lineWidth = 2
  context.setLineDash([4, 4])
  context.beginPath()
  context.moveTo(fromX, y)
  context.lineTo(toX, y)
  context.stroke()
  context.setLineDash([])
}

/** A chevron that opens to the left of `x`: still going on. */
export const drawChevron = (context: Context, x: number, y: number, colour: string): void => {
  context.strokeStyle = colour
  context.lineWidth = 1.5
  context.beginPath()
  context.moveTo(x - 4, y - 4)
  context.lineTo(x, y)
  context.lineTo(x - 4, y + 4)
  context.stroke()
}

/** True where an ending is drawn and written in the error colour. */
export const isErrCause = (cause: Cause): boolean =>
  cause !== 'none' && cause !== 'closed-here' && cause !== 'closed-by-peer' && cause !== 'cancelled'

/** Half the width of a cap, px. */
export const capRadius = 5

const drawSquare = (context: Context, x: number, y: number, filled: boolean, palette: Palette): void => {
  context.fillStyle = palette.colour.life
  if (filled) context.fillRect(x - 4, y - 4, 8, 8)
  else {
    context.fillStyle = palette.colour['bg-canvas']
    context.fillRect(x - 4, y - 4, 8, 8)
    context.strokeStyle = palette.colour.life
    context.lineWidth = 2
    context.strokeRect(x - 3, y - 3, 6, 6)
  }
}

const drawCross = (context: Context, x: number, y: number, withBar: boolean): void => {
  context.lineWidth = 2.25
  context.beginPath()
  context.moveTo(x - 4, y - 4)
  context.lineTo(x + 4, y + 4)
  context.moveTo(x + 4, y - 4)
  context.lineTo(x - 4, y + 4)
  if (withBar) {
    context.moveTo(x - 6, y - 5)
    context.lineTo(x - 6, y + 5)
  }
  context.stroke()
}

const drawRound = (context: Context, x: number, y: number, ground: string, clock: boolean): void => {
  context.lineWidth = 1.5
  context.fillStyle = ground
  context.beginPath()
  context.arc(x, y, 5, 0, 2 * Math.PI)
  context.fill()
  context.stroke()
  context.beginPath()
  if (clock) {
    context.moveTo(x, y - 3)
    context.lineTo(x, y)
    context.lineTo(x + 2.5, y)
  } else {
    context.moveTo(x - 3.5, y + 3.5)
    context.lineTo(x + 3.5, y - 3.5)
  }
  context.stroke()
}

const drawTriangle = (context: Context, x: number, y: number, ground: string): void => {
  context.lineWidth = 1.5
  context.fillStyle = ground
  context.beginPath()
  context.moveTo(x, y - 5)
  context.lineTo(x + 5.5, y + 4.5)
  context.lineTo(x - 5.5, y + 4.5)
  context.closePath()
  context.fill()
  context.stroke()
  context.beginPath()
  context.moveTo(x, y - 1.5)
  context.lineTo(x, y + 1.5)
  context.moveTo(x, y + 2.25)
  context.lineTo(x, y + 3.25)
  context.stroke()
}

/** The cap that names how a connection ended, or why it was not made, centred on `x`, `y`. */
export const drawCap = (context: Context, cause: Cause, x: number, y: number, palette: Palette): void => {
  context.strokeStyle = isErrCause(cause) ? palette.colour['err-mark'] : palette.colour.life
  const ground = palette.colour['bg-canvas']
  switch (cause) {
    case 'closed-here':
    case 'closed-by-peer':
      drawSquare(context, x, y, cause === 'closed-here', palette)
      break
    case 'reset-by-peer':
    case 'reset-here':
      drawCross(context, x, y, cause === 'reset-here')
      break
    case 'timed-out':
      drawRound(context, x, y, ground, true)
      break
    case 'error':
      drawTriangle(context, x, y, ground)
      break
    default:
      drawRound(context, x, y, ground, false)
  }
}

/** The torn edge of what was dropped: a zigzag down `x`, with nothing known on its left. */
export const drawTorn = (context: Context, x: number, top: number, bottom: number, colour: string): void => {
  context.strokeStyle = colour
  context.lineWidth = 1
  context.beginPath()
  context.moveTo(x, top)
  for (let y = top, i = 0; y < bottom; y += 4, i++) context.lineTo(x + (i % 2 === 0 ? 3 : 0), Math.min(bottom, y + 4))
  context.stroke()
}

/** An arrow of 9 px: out to the right (we connected), in to the left (we accepted). Starts at `x`. */
export const drawArrow = (context: Context, x: number, y: number, out: boolean, colour: string): void => {
  const tip = out ? x + 9 : x
  const back = out ? -1 : 1
  context.strokeStyle = colour
  context.lineWidth = 1.5
  context.beginPath()
  context.moveTo(x, y)
  context.lineTo(x + 9, y)
  context.moveTo(tip + back * 4, y - 4)
  context.lineTo(tip, y)
  context.lineTo(tip + back * 4, y + 4)
  context.stroke()
}

/** The bracket with a ring that holds a relay's two rows together. */
export const drawBracket = (context: Context, x: number, top: number, bottom: number, palette: Palette): void => {
  const middle = (top + bottom) / 2
  context.strokeStyle = palette.colour['text-3']
  context.lineWidth = 1.5
  context.beginPath()
  context.moveTo(x + 4, top)
  context.lineTo(x, top)
  context.lineTo(x, middle - 3)
  context.moveTo(x, middle + 3)
  context.lineTo(x, bottom)
  context.lineTo(x + 4, bottom)
  context.stroke()
  context.beginPath()
  context.arc(x, middle, 3, 0, 2 * Math.PI)
  context.stroke()
}

/** A text cut with an ellipsis to `maxWidth` px in the context's font. */
export const fitText = (context: Context, text: string, maxWidth: number): string => {
  if (textWidth(context, text) <= maxWidth) return text
  let low = 0
  let high = text.length
  while (low < high) {
    const middle = (low + high + 1) >> 1
    if (textWidth(context, `${text.slice(0, middle)}…`) <= maxWidth) low = middle
    else high = middle - 1
  }
  return low === 0 ? '' : `${text.slice(0, low)}…`
}
