// Whether what the page shows of the engine's present still holds: it is what the engine said last. Counterparts: capture.ts
// (does the engine run), link-status.ts (is the app reached); the side bar and the Loop screen, which say so.
import { engineStore, useEngine } from './capture.ts'
import { linkStatusStore, useLinkStatus } from './link-status.ts'
import { useViewing } from './viewing.ts'

/** `stopped`: the engine has ended and its sockets with it; `unreached`: nobody can say what has become of them. */
export type Staleness = 'stopped' | 'unreached'

const of = (running: boolean, lost: boolean): Staleness | null => (lost ? 'unreached' : running ? null : 'stopped')

/** Null where the facts hold. */
export const staleness = (): Staleness | null =>
  of(engineStore.getState().running, linkStatusStore.getState().phase === 'lost')

export const useStaleness = (): Staleness | null => {
  const running = useEngine((state) => state.running)
  const lost = useLinkStatus((state) => state.phase === 'lost')
  return of(running, lost)
}

/** Why what is shown is not the loop's present: as above, or an opened file is looked at, of which everything is over. */
export type Absence = Staleness | 'file'

/** Null where the present is shown. */
export const useAbsence = (): Absence | null => {
  const stale = useStaleness()
  return useViewing((state) => state.file !== null) ? 'file' : stale
}

/** Calls the listener when the facts begin or cease to hold. Returns a function that stops. */
export const onStaleness = (listener: () => void): (() => void) => {
  let last = staleness()
  const look = () => {
    const now = staleness()
    if (now === last) return
    last = now
    listener()
  }
  const stops = [engineStore.subscribe(look), linkStatusStore.subscribe(look)]
  return () => {
    for (const stop of stops) stop()
  }
}
