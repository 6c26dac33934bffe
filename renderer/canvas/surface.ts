// A canvas at the screen's own resolution: its backing store follows the element's size and the device pixel ratio, so
// that everybody draws in CSS pixels and lines stay crisp. Counterpart: whoever draws marks it dirty in the frame loop.

export interface Surface {
  readonly context: CanvasRenderingContext2D
  /** CSS pixels. */
  readonly width: number
  readonly height: number
  /** Device pixels of one CSS pixel. */
  readonly ratio: number
  /** Makes the store fit, clears it and sets the scale; call first in every drawing. */
  begin(): void
  dispose(): void
}

/** `onResize` is called when the element or the pixel ratio has changed, also once at the start. */
export const createSurface = (canvas: HTMLCanvasElement, onResize: () => void): Surface => {
  const context = canvas.getContext('2d')
  if (context === null) throw new Error('this browser gives no 2d context for a canvas')
  let width = canvas.clientWidth
  let height = canvas.clientHeight
  let ratio = window.devicePixelRatio
  const resize = new ResizeObserver(() => {
    width = canvas.clientWidth
    height = canvas.clientHeight
    onResize()
  })
  resize.observe(canvas)
  let ratioQuery: MediaQueryList | undefined
  const watchRatio = () => {
    ratioQuery?.removeEventListener('change', watchRatio)
    ratio = window.devicePixelRatio
    ratioQuery = window.matchMedia(`(resolution: ${ratio}dppx)`)
    ratioQuery.addEventListener('change', watchRatio)
    onResize()
  }
  watchRatio()
  return {
    context,
    get width() {
      return width
    },
    get height() {
      return height
    },
    get ratio() {
      return ratio
    },
    begin() {
      const storeWidth = Math.round(width * ratio)
      const storeHeight = Math.round(height * ratio)
      if (canvas.width !== storeWidth || canvas.height !== storeHeight) {
        canvas.width = storeWidth
        canvas.height = storeHeight
      }
      context.setTransform(ratio, 0, 0, ratio, 0, 0)
      context.clearRect(0, 0, width, height)
    },
    dispose() {
      resize.disconnect()
      ratioQuery?.removeEventListener('change', watchRatio)
    },
  }
}
