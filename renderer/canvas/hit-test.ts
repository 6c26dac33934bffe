// Which event a pointer means: the one nearest in time, of the half of the row that it points at. Counterpart: the
// lifelines, which draw ticks 2 px wide that are hit at 8.
import type { Track, TrackEvent } from '../event-log/track.ts'

/** How many neighbours are looked at each way: more cannot be told apart within a few pixels. */
const reach = 200

/**
 * The position of the track's event nearest to `at` (ms), at most `toleranceMs` away and before position `end`; events of
 * the `preferred` kind win over nearer others. Null where there is none.
 */
export const nearestPosition = (
  track: Track,
  at: number,
  toleranceMs: number,
  end: number,
  preferred: TrackEvent,
): number | null => {
  const middle = Math.min(track.positionOfTime(at), end)
  let best: number | null = null
  let bestDistance = Number.POSITIVE_INFINITY
  for (let i = Math.max(track.first, middle - reach); i < Math.min(end, middle + reach); i++) {
    const distance = Math.abs(track.timeAt(i) - at)
    if (distance > toleranceMs) continue
    // Another kind only where nothing of the preferred one is within reach.
    const weighed = track.eventAt(i) === preferred ? distance : distance + 2 * toleranceMs
    if (weighed < bestDistance) {
      best = i
      bestDistance = weighed
    }
  }
  return best
}
