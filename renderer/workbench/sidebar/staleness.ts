// Whether what the side bar shows still holds: it is what the engine said last. Counterparts: stores/capture.ts (does the
// engine run), stores/link-status.ts (is the app reached); sidebar.tsx and the rows.
import { useEngine } from '../../stores/capture.ts'
import { useLinkStatus } from '../../stores/link-status.ts'

/** `stopped`: the engine has ended and its sockets with it; `unreached`: nobody can say what has become of them. */
export type Staleness = 'stopped' | 'unreached'

/** Null where the facts hold. */
export const useStaleness = (): Staleness | null => {
  const running = useEngine((state) => state.running)
  const lost = useLinkStatus((state) => state.phase === 'lost')
  if (lost) return 'unreached'
  return running ? null : 'stopped'
}
