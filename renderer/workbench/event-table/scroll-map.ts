// Which rows a scroller shows. A browser draws no element higher than some 33 million px, and the rows of a long log are
// more: above `maxSpacerPx` the scroll bar stands for a share of the log while the wheel still moves by rows.
// Pure numbers. Counterpart: use-window.ts, which owns the element.

export const rowPx = 24
/** The head stays in view above the rows, in the same scroller. */
export const headPx = 28
/** The height that the scrolled content has at most. */
export const maxSpacerPx = 15_000_000

/** Rows and px of what is scrolled; `top` below counts from the first row. */
export interface ScrollSize {
  readonly rows: number
  readonly viewPx: number
}

/** Whole rows in view; what is left over stays free below the last row, so that no row is cut at either end. */
const rowsInView = ({ viewPx }: ScrollSize): number => Math.max(1, Math.floor(viewPx / rowPx))

const naturalPx = (size: ScrollSize): number => size.rows * rowPx + (size.viewPx % rowPx)

export const spacerPx = (size: ScrollSize): number => Math.min(naturalPx(size), maxSpacerPx)

/** The largest top row, so that the last row is in view; 0 where all rows fit. */
export const lastTop = (size: ScrollSize): number => Math.max(0, size.rows - rowsInView(size))

export const clampTop = (size: ScrollSize, top: number): number => Math.min(Math.max(0, top), lastTop(size))

const scrollRange = (size: ScrollSize): number => Math.max(0, spacerPx(size) - size.viewPx)

/** The scroll position, in px, for a top row. */
export const scrollOf = (size: ScrollSize, top: number): number =>
  lastTop(size) === 0 ? 0 : Math.round((top / lastTop(size)) * scrollRange(size))

/**
 * The top row after the scroll position has become `scrollPx`, where `expectedPx` was set for `top`. A small step is the
 * wheel or a key and moves by its px; a large one is the scroll bar, which names a share of the whole.
 */
export const topAfterScroll = (size: ScrollSize, top: number, expectedPx: number, scrollPx: number): number => {
  const range = scrollRange(size)
  if (range === 0) return 0
  if (scrollPx <= 0) return 0
  if (scrollPx >= range - 1) return lastTop(size)
  const step = scrollPx - expectedPx
  return clampTop(size, Math.abs(step) <= 2 * size.viewPx ? top + step / rowPx : (scrollPx / range) * lastTop(size))
}

/** The top row that brings `row` to the middle of the view, or `top` itself where it is in full view already. */
export const topToReveal = (size: ScrollSize, top: number, row: number): number => {
  const visible = rowsInView(size)
  if (row >= top && row + 1 <= top + visible) return top
  return clampTop(size, Math.round(row + 0.5 - visible / 2))
}
