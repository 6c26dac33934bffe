// The phases' textures, so that no phase is told by its colour alone: dots, stripes in four directions, cross-hatch, on a
// 4 px pitch. Counterparts: loop/phase-mark.tsx draws the same ones in SVG; the look names them.
import { type Phase, phases } from '../../../preload/contract/loop-columns.ts'
import type { Context } from '../../canvas/marks.ts'
import type { ColourToken, Palette } from '../../canvas/palette.ts'
import { type Lane, lanes, microtaskLane, tickLane } from '../../loop-log/lanes.ts'

/** Side of the repeated tile, CSS px. */
export const pitch = 4

export type Texture = 'dots' | 'horizontal' | 'rising' | 'solid' | 'falling' | 'cross' | 'vertical'
export const textureOf: Readonly<Record<Phase, Texture>> = {
  pending: 'dots',
  idle: 'horizontal',
  prepare: 'rising',
  poll: 'solid',
  check: 'falling',
  closing: 'cross',
  timers: 'vertical',
}

export const laneColour = (lane: Lane): ColourToken =>
  lane === 'tick' || lane === 'microtask' ? 'micro' : `phase-${lane}`

/** Draws one tile at the origin, in the context's own stroke and fill. */
const drawTile = (context: Context, texture: Texture): void => {
  const line = (x0: number, y0: number, x1: number, y1: number) => {
    context.moveTo(x0, y0)
    context.lineTo(x1, y1)
  }
  context.lineWidth = 1.25
  context.beginPath()
  switch (texture) {
    case 'dots':
      context.arc(2, 2, 1, 0, 2 * Math.PI)
      context.fill()
      return
    case 'horizontal':
      line(0, 2, 4, 2)
      break
    case 'vertical':
      line(2, 0, 2, 4)
      break
    // Stripes that leave the tile at one corner must enter it at the opposite one.
    case 'rising':
      for (const shift of [-4, 0, 4]) line(shift - 1, 5, shift + 5, -1)
      break
    case 'falling':
      for (const shift of [-4, 0, 4]) line(shift - 1, -1, shift + 5, 5)
      break
    case 'cross':
      for (const shift of [-4, 0, 4]) {
        line(shift - 1, 5, shift + 5, -1)
        line(shift - 1, -1, shift + 5, 5)
      }
      break
    case 'solid':
      context.fillRect(0, 0, pitch, pitch)
      return
  }
  context.stroke()
}

/** What a lane's blocks are filled with: by index into `lanes`, wide ones and those too narrow for a texture. */
export interface LaneFills {
  readonly wide: readonly (string | CanvasPattern)[]
  readonly narrow: readonly string[]
  /** Poll that waits. */
  readonly wait: string | CanvasPattern
}

/** Made once a palette and pixel ratio. */
export const createLaneFills = (context: Context, palette: Palette, ratio: number): LaneFills => {
  const narrow = lanes.map((lane) => palette.colour[laneColour(lane)])
  const wide = narrow.map((colour, i): string | CanvasPattern => {
    if (i === tickLane || i === microtaskLane) return colour
    const texture = textureOf[phases[i]!]
    if (texture === 'solid') return colour
    return repeated(context, ratio, colour, (tile) => {
      tile.fillStyle = colour
      tile.strokeStyle = colour
      tile.globalAlpha = 0.25
      tile.fillRect(0, 0, pitch, pitch)
      tile.globalAlpha = 1
      drawTile(tile, texture)
    })
  })
  const wait = repeated(context, ratio, palette.colour.wait, (tile) => {
    tile.fillStyle = palette.colour.wait
    tile.fillRect(0, 0, pitch, pitch)
    tile.strokeStyle = palette.colour['wait-line']
    drawTile(tile, 'rising')
  })
  return { wide, narrow, wait }
}

/** A pattern of one tile; the plain colour where the browser gives none. */
const repeated = (context: Context, ratio: number, colour: string, draw: (tile: Context) => void) => {
  const tile = document.createElement('canvas')
  tile.width = Math.round(pitch * ratio)
  tile.height = Math.round(pitch * ratio)
  const tileContext = tile.getContext('2d')
  if (tileContext === null) return colour
  tileContext.scale(tile.width / pitch, tile.height / pitch)
  draw(tileContext)
  const pattern = context.createPattern(tile, 'repeat')
  if (pattern === null) return colour
  // Patterns repeat in the canvas's own pixels; the context is scaled to CSS pixels.
  pattern.setTransform(new DOMMatrix().scale(1 / ratio))
  return pattern
}
