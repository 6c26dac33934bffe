// Plays a run: goes from step to step in the run's own time, slowed down. Counterpart: store.ts.
import { useEffect } from 'react'
import { goTo, lessonsStore, speedFactor, useLessons } from './store.ts'

/** No step is gone over faster than an eye can follow, and no wait is sat out for longer, in ms. */
const shortestMs = 120
const longestMs = 4000

export const usePlaying = (): void => {
  const playing = useLessons((state) => state.playing)
  const speed = useLessons((state) => state.speed)
  const at = useLessons((state) => state.at)
  const run = useLessons((state) => state.run)
  useEffect(() => {
    if (!playing || run === null) return
    const [here, next] = [run.steps[at], run.steps[at + 1]]
    if (here === undefined || next === undefined) {
      lessonsStore.setState({ playing: false })
      return
    }
    const delayMs = Math.min(longestMs, Math.max(shortestMs, (next.at - here.at) / speedFactor[speed]))
    const timer = setTimeout(() => goTo(at + 1), delayMs)
    return () => clearTimeout(timer)
  }, [playing, speed, at, run])
}
