// How wide a text is drawn: the same ones are written in frame after frame, and measuring costs more than drawing. Forgotten
// when a font has come, because texts then are as wide as that one makes them. Counterparts: everybody who writes on a canvas.

/** Texts that are remembered: labels and axis ticks of some screens. */
const mostTexts = 4000

const widths = new Map<string, number>()

/** px of a text in the context's font. */
export const textWidth = (context: CanvasRenderingContext2D, text: string): number => {
  const key = `${context.font}\n${text}`
  let width = widths.get(key)
  if (width === undefined) {
    if (widths.size >= mostTexts) widths.clear()
    width = context.measureText(text).width
    widths.set(key, width)
  }
  return width
}

if (typeof document === 'object') document.fonts.addEventListener('loadingdone', () => widths.clear())
