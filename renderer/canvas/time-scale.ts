// Milliseconds ↔ pixels: the visible stretch of time, and what zooming, panning and fitting make of it. Pure values: every
// function answers a new range. Counterparts: the axis, the lifelines, the minimap.

/** A stretch of the engine's clock, in ms; `endMs` > `startMs`. */
export interface TimeRange {
  readonly startMs: number
  readonly endMs: number
}

/** The shortest stretch that is shown: 50 µs, so that neighbouring events of one callback stand apart. */
export const minSpanMs = 0.05
/** The longest: a month. */
export const maxSpanMs = 31 * 24 * 3_600_000

export const spanOf = (range: TimeRange): number => range.endMs - range.startMs

const clampSpan = (spanMs: number): number => Math.min(maxSpanMs, Math.max(minSpanMs, spanMs))

/** Pixels from the left edge of `widthPx` at which a time stands. */
export const timeToX = (range: TimeRange, widthPx: number, at: number): number =>
  ((at - range.startMs) / spanOf(range)) * widthPx

/** The time at a pixel. */
export const xToTime = (range: TimeRange, widthPx: number, x: number): number =>
  range.startMs + (x / widthPx) * spanOf(range)

/** Shows `factor` times as much time (below 1 zooms in); the time `anchorMs` stays where it is. Never before 0. */
export const zoomed = (range: TimeRange, factor: number, anchorMs: number): TimeRange => {
  const span = spanOf(range)
  const nextSpan = clampSpan(span * factor)
  const share = (anchorMs - range.startMs) / span
  const startMs = Math.max(0, anchorMs - share * nextSpan)
  return { startMs, endMs: startMs + nextSpan }
}

/** Moves by `byMs`, keeping the span; never before 0, and never so far that nothing but the future is in view. */
export const panned = (range: TimeRange, byMs: number, lastMs: number): TimeRange => {
  const span = spanOf(range)
  const startMs = Math.max(0, Math.min(range.startMs + byMs, Math.max(0, lastMs - span * 0.1)))
  return { startMs, endMs: startMs + span }
}

/** All from `firstMs` to `lastMs`, with room on the right for the word of the last ending. */
export const fitted = (firstMs: number, lastMs: number): TimeRange => {
  const span = clampSpan(Math.max(lastMs - firstMs, 1) * 1.1)
  return { startMs: firstMs, endMs: firstMs + span }
}

/** The same span, ending at `nowMs`; before a span has passed it starts at 0. */
export const following = (range: TimeRange, nowMs: number): TimeRange => {
  const span = spanOf(range)
  const startMs = Math.max(0, nowMs - span)
  return { startMs, endMs: startMs + span }
}

/** The same span, moved as little as is needed to hold `at` with a tenth of the span around it. */
export const revealing = (range: TimeRange, at: number): TimeRange => {
  if (at >= range.startMs && at <= range.endMs) return range
  const span = spanOf(range)
  const startMs = Math.max(0, at < range.startMs ? at - span * 0.1 : at - span * 0.9)
  return { startMs, endMs: startMs + span }
}

export interface AxisTicks {
  readonly stepMs: number
  /** Times of the ticks, in ms, ascending. */
  readonly ticks: readonly number[]
}

const steps = [1, 2, 5]
const secondSteps = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14_400, 21_600, 43_200, 86_400]

/** The shortest round step (1, 2, 5 × 10ⁿ; whole minutes and hours above 10 s) that is not below `leastMs`. */
export const niceStep = (leastMs: number): number => {
  if (leastMs > 5000) {
    const seconds = secondSteps.find((step) => step * 1000 >= leastMs)
    if (seconds !== undefined) return seconds * 1000
    return Math.ceil(leastMs / 86_400_000) * 86_400_000
  }
  const power = 10 ** Math.floor(Math.log10(leastMs))
  for (const step of steps) if (step * power >= leastMs * (1 - 1e-9)) return step * power
  return 10 * power
}

/** Ticks at round times, at least `leastPx` apart. */
export const axisTicks = (range: TimeRange, widthPx: number, leastPx: number): AxisTicks => {
  const stepMs = niceStep((spanOf(range) / Math.max(widthPx, leastPx)) * leastPx)
  const ticks: number[] = []
  // Counted from whole multiples, so that rounding does not add up over the ticks.
  for (let i = Math.ceil(range.startMs / stepMs - 1e-9); i * stepMs <= range.endMs + stepMs * 1e-9; i++)
    ticks.push(i * stepMs)
  return { stepMs, ticks }
}

/** A time on the axis in seconds, with as many decimals as the step needs: `5`, `5.25`, `5.008431`. */
export const axisLabel = (at: number, stepMs: number): string => {
  const decimals = Math.min(6, Math.max(0, Math.ceil(-Math.log10(stepMs / 1000) - 1e-9)))
  return (at / 1000).toFixed(decimals)
}

/** From this far on, ms, whole seconds are written as hours, minutes and seconds. */
const clockFromMs = 3_600_000

/** True where the ticks of a range are whole seconds beyond the first hour: `1:02:03` says more than `3723`. */
export const readsAsClock = (range: TimeRange, stepMs: number): boolean => stepMs >= 1000 && range.endMs >= clockFromMs

/** A time of whole seconds as `h:mm:ss`. */
export const clockLabel = (at: number): string => {
  const seconds = Math.round(at / 1000)
  const two = (value: number) => value.toString().padStart(2, '0')
  return `${Math.floor(seconds / 3600)}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`
}
