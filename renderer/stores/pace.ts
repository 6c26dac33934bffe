// Lets something happen at once when it is asked for after a rest, and at most once a period while it is asked for all the
// time: how fast facts that pour in are rendered. Counterparts: endpoints.ts and log-counts.ts.

/** The shortest time between two renders that one store's growth causes, in ms: nobody reads faster. */
export const renderPeriodMs = 200

export interface Pace {
  /** Runs now, or at the end of the period that the last run began. */
  ask(): void
  /** Runs now, whenever the last run was. */
  now(): void
  /** Drops a run that is still to come. */
  dispose(): void
}

export const createPace = (run: () => void, periodMs: number = renderPeriodMs): Pace => {
  let lastMs = Number.NEGATIVE_INFINITY
  let timer: ReturnType<typeof setTimeout> | undefined
  const now = () => {
    clearTimeout(timer)
    timer = undefined
    lastMs = performance.now()
    run()
  }
  return {
    ask() {
      if (timer !== undefined) return
      const waitMs = lastMs + periodMs - performance.now()
      if (waitMs <= 0) now()
      else timer = setTimeout(now, waitMs)
    },
    now,
    dispose: () => clearTimeout(timer),
  }
}
