// Measures of a stretch for React, worked out anew at most a few times a second and only where records have come.
// Counterparts: loop-log/measures.ts (the arithmetic), metrics/ and pill.tsx (the numbers).
import { useEffect, useState } from 'react'
import { loopLog } from '../loop-log/loop-log.ts'
import { type Measures, measure } from '../loop-log/measures.ts'
import { selectionStore } from '../stores/selection.ts'
import { onStaleness } from '../stores/staleness.ts'
import { loopSettings } from './settings.ts'
import { loopNow, loopView } from './view.ts'

/** The stretch that is measured where nothing longer is shown, ms. */
export const leastStretchMs = 10_000

/** From and to, in ms on the event clock. */
export type Stretch = () => readonly [fromAt: number, toAt: number]

/** The last 10 s, or what there is of them. */
export const lately: Stretch = () => {
  // Records arrive up to a fifth of a second late; until then nothing is known, and nothing is measured.
  const toAt = loopNow()
  return [Math.max(loopLog.firstAt, toAt - leastStretchMs), toAt]
}

/** What the flame timeline shows, and at least 10 s up to its end. */
export const aroundShown: Stretch = () => {
  const { range } = loopView.getState()
  if (selectionStore.getState().following) {
    const [fromAt, toAt] = lately()
    return [Math.max(loopLog.firstAt, Math.min(fromAt, range.startMs)), toAt]
  }
  const toAt = Math.min(range.endMs, Math.max(loopLog.lastAt, loopLog.firstAt + 1))
  return [Math.max(loopLog.firstAt, Math.min(range.startMs, toAt - leastStretchMs)), toAt]
}

/** Under full traffic the arithmetic takes one part in this many of the page's time, at most. */
const costShare = 25

/** Null while nothing is recorded. `periodMs`: the shortest time between two renders. */
export const useMeasures = (stretch: Stretch, periodMs: number): Measures | null => {
  const [measures, setMeasures] = useState<Measures | null>(null)
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined
    let costMs = 0
    const take = () => {
      timer = undefined
      const startedMs = performance.now()
      const [fromAt, toAt] = stretch()
      // The newest records have a stretch that ends with them, whatever is looked at.
      const log = toAt >= loopLog.live.firstAt && loopLog.live.lastAt > 0 ? loopLog.live : loopLog
      setMeasures(toAt > fromAt && log.version > 0 ? measure(log, fromAt, toAt, loopSettings.getState().slowMs) : null)
      costMs = performance.now() - startedMs
    }
    const soon = () => {
      timer ??= setTimeout(take, Math.max(periodMs, costMs * costShare))
    }
    take()
    const stops = [
      loopLog.subscribe(() => {
        if (!selectionStore.getState().viewPaused) soon()
      }),
      loopView.subscribe((state, before) => {
        if (state.range !== before.range && !selectionStore.getState().following) soon()
      }),
      loopSettings.subscribe(soon),
      onStaleness(soon),
      () => clearTimeout(timer),
    ]
    return () => {
      for (const stop of stops) stop()
    }
  }, [stretch, periodMs])
  return measures
}
