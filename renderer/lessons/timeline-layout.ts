// Where things stand on a lesson's timeline. Its clock is squeezed: each step gets the same width and time runs evenly
// between two steps, so that a microsecond of computing and a second of waiting can both be seen. Counterpart: timeline.tsx.
import type { FunctionTrack, LessonRun } from '../../preload/contract/lessons.ts'
import { type Lane, lanes } from '../loop-log/lanes.ts'

export const gutterPx = 216
export const rowPx = 28
/** Width of a step at least: its number has to fit. */
export const minStepPx = 30
const maxTracks = 5

export interface TimelineLayout {
  readonly width: number
  readonly height: number
  readonly tracks: readonly FunctionTrack[]
  /** Lanes with something in them. */
  readonly lanes: readonly Lane[]
  /** The left edge of a step. */
  stepX(index: number): number
  /** Where a moment is. */
  timeX(at: number): number
}

export const layOut = (run: LessonRun, availablePx: number): TimelineLayout => {
  const { steps } = run
  const stepPx = Math.max(minStepPx, (availablePx - gutterPx - 32) / Math.max(1, steps.length))
  const stepX = (index: number) => gutterPx + index * stepPx
  // The file's own code is told by its function's row; that its thread runs it from an immediate is nobody's lesson.
  const used = new Set<Lane>(run.blocks.filter((block) => block.kind !== 'script').map(laneOf))
  if (run.waits.length > 0) used.add('poll')
  const shown = lanes.filter((lane) => used.has(lane))
  const tracks = run.tracks.slice(0, maxTracks)
  return {
    width: stepX(steps.length) + 16,
    height: (tracks.length + shown.length) * rowPx + 8,
    tracks,
    lanes: shown,
    stepX,
    timeX(at) {
      // The last step that has begun: binary search, since there may be thousands of stretches.
      let low = 0
      let high = steps.length - 1
      while (low < high) {
        const middle = (low + high + 1) >> 1
        if (steps[middle]!.at <= at) low = middle
        else high = middle - 1
      }
      const [from, to] = [steps[low]?.at ?? 0, steps[low + 1]?.at ?? run.durationMs]
      const share = to > from ? Math.min(1, Math.max(0, (at - from) / (to - from))) : 0
      return stepX(low) + share * stepPx
    },
  }
}

export const laneOf = (block: LessonRun['blocks'][number]): Lane =>
  block.kind === 'tick' || block.kind === 'microtask' ? block.kind : block.phase
