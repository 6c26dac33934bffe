// What time it is on the engine's clock, as well as a page can know: the freshest event tells how far the two clocks stand
// apart. Counterpart: the lifelines, whose right edge is now while they follow.

export interface PageClock {
  /** Told of the newest event's time whenever events have arrived. */
  note(lastAtMs: number): void
  /** Told of the engine's time by another way (the wall clock of the same machine); the freshest news counts. */
  noteNow(nowMs: number): void
  /** ms on the engine's clock; never before the newest event. */
  now(): number
}

/** `clock` is the page's own monotonic clock in ms. */
export const createPageClock = (clock: () => number = () => performance.now()): PageClock => {
  /** Page time at which the engine's clock stood at 0, at the latest. An event arrives late, never early. */
  let epoch = Number.POSITIVE_INFINITY
  let lastAt = 0
  const noteNow = (nowMs: number) => {
    epoch = Math.min(epoch, clock() - nowMs)
  }
  return {
    note(lastAtMs) {
      lastAt = Math.max(lastAt, lastAtMs)
      noteNow(lastAtMs)
    },
    noteNow,
    now: () => (epoch === Number.POSITIVE_INFINITY ? lastAt : Math.max(lastAt, clock() - epoch)),
  }
}
