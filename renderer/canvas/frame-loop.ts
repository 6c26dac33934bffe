// The page's only owner of requestAnimationFrame: parts mark themselves dirty, and once per frame every dirty part runs,
// first those that hand data on, then those that draw it. A hidden window gets no frames; there a timer stands in, so that
// data keeps flowing, and drawing waits until somebody can see it. Counterparts: event-log (data), lifelines and event
// table (draw).

/** `data` jobs run before `draw` jobs, so that what they mark is drawn in the same frame. */
export type FramePhase = 'data' | 'draw'

export interface FrameJob {
  /** Asks for one run in the next frame; marking again before it does nothing. */
  mark(): void
  /**
   * Marks after `delayMs`, unless it is marked or disposed of before. For what is drawn again by the clock or as data pours
   * in: where the page is short of time it takes up to four times as long, so that keys and pointer come first.
   */
  markIn(delayMs: number): void
  dispose(): void
}

export interface FrameLoop {
  /** `run` gets the page's clock in ms (`performance.now()`). A job marked while its phase runs waits for the next frame. */
  add(phase: FramePhase, run: (nowMs: number) => void): FrameJob
  /** To be called when the window has become visible: draws what waited. */
  shown(): void
}

export interface FrameLoopOptions {
  /** Null where there are no frames (tests in Node): the timer does it all. */
  readonly requestFrame: ((run: () => void) => number) | null
  readonly cancelFrame: (handle: number) => void
  /** How long to wait for a frame before running without one. */
  readonly fallbackMs: number
  /** True while nobody can see what is drawn. */
  readonly isHidden: () => boolean
}

interface Job {
  readonly run: (nowMs: number) => void
  timer: ReturnType<typeof setTimeout> | undefined
}

/** Timers that come this late, ms, still count as in time; so much later doubles the delays. */
const inTimeMs = 4
const doublesMs = 12
const mostStretched = 4
/** How much one timer counts among those before it. */
const weight = 0.2

export const createFrameLoop = (options: FrameLoopOptions): FrameLoop => {
  /** How late timers have come lately, ms. */
  let lateMs = 0
  const stretched = (delayMs: number): number =>
    delayMs * Math.min(mostStretched, 1 + Math.max(0, lateMs - inTimeMs) / doublesMs)
  const dirty: Record<FramePhase, Set<Job>> = { data: new Set(), draw: new Set() }
  let frame: number | undefined
  let timer: ReturnType<typeof setTimeout> | undefined
  let running = false

  const runPhase = (phase: FramePhase, nowMs: number) => {
    const jobs = dirty[phase]
    dirty[phase] = new Set()
    for (const job of jobs) {
      try {
        job.run(nowMs)
      } catch (error) {
        // One part's bug must not keep the others from drawing; it still surfaces as an uncaught error.
        queueMicrotask(() => {
          throw error
        })
      }
    }
  }

  const runFrame = () => {
    if (frame !== undefined) options.cancelFrame(frame)
    clearTimeout(timer)
    frame = undefined
    timer = undefined
    const nowMs = performance.now()
    running = true
    runPhase('data', nowMs)
    if (!options.isHidden()) runPhase('draw', nowMs)
    running = false
    schedule()
  }

  /** Asks for a frame where there is something to do in one. */
  const schedule = () => {
    if (running || timer !== undefined) return
    if (dirty.data.size === 0 && (dirty.draw.size === 0 || options.isHidden())) return
    timer = setTimeout(runFrame, options.requestFrame === null ? 0 : options.fallbackMs)
    frame = options.requestFrame?.(runFrame)
  }

  return {
    add(phase, run) {
      const job: Job = { run, timer: undefined }
      let disposed = false
      const mark = () => {
        if (disposed) return
        clearTimeout(job.timer)
        job.timer = undefined
        dirty[phase].add(job)
        schedule()
      }
      return {
        mark,
        markIn(delayMs) {
          if (disposed || job.timer !== undefined || dirty[phase].has(job)) return
          const waitMs = stretched(delayMs)
          const dueMs = performance.now() + waitMs
          job.timer = setTimeout(() => {
            lateMs += (Math.min(100, Math.max(0, performance.now() - dueMs)) - lateMs) * weight
            mark()
          }, waitMs)
        },
        dispose() {
          disposed = true
          clearTimeout(job.timer)
          dirty[phase].delete(job)
        },
      }
    },
    shown: schedule,
  }
}

/** The page's frame loop. */
export const frameLoop: FrameLoop = createFrameLoop({
  requestFrame: typeof requestAnimationFrame === 'function' ? (run) => requestAnimationFrame(run) : null,
  cancelFrame: (handle) => cancelAnimationFrame(handle),
  fallbackMs: 250,
  isHidden: () => typeof document === 'object' && document.hidden,
})

if (typeof document === 'object') document.addEventListener('visibilitychange', () => frameLoop.shown())
