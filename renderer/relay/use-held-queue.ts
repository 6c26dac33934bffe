// The queue of a relay's held chunks for as long as its sheet is open: asked for anew whenever the engine's own state tells
// that something was held, let go or read. Counterpart: held-queue.ts.
import { useEffect, useState } from 'react'
import type { EndpointId, EndpointInfo } from '../../preload/contract/vocabulary.ts'
import { useCommands } from '../link/link.ts'
import { endpointsStore } from '../stores/endpoints.ts'
import { createHeldQueue, type HeldQueue, type KeptEdits } from './held-queue.ts'

let kept: KeptEdits = new Map()
// The next engine counts its chunks and endpoints from 1 again.
endpointsStore.subscribe((now, before) => {
  if (now.startedAtEpochMs !== before.startedAtEpochMs) kept = new Map()
})

/** What changes when chunks come or go: how many are held, and, while some are, how many came and went. */
const signOf = (endpoint: EndpointInfo | undefined): string =>
  endpoint === undefined || endpoint.held === 0
    ? ''
    : `${endpoint.held} ${endpoint.traffic.messagesReceived} ${endpoint.traffic.messagesSent}`

/** Null where there is no relay yet. */
export const useHeldQueue = (id: EndpointId | null): HeldQueue | null => {
  const commands = useCommands()
  const [queue, setQueue] = useState<HeldQueue | null>(null)
  useEffect(() => {
    if (id === null) return
    const made = createHeldQueue(commands, id, kept)
    let sign = signOf(endpointsStore.getState().endpoints.get(id))
    made.refresh()
    const stop = endpointsStore.subscribe((state) => {
      const now = signOf(state.endpoints.get(id))
      if (now === sign) return
      sign = now
      made.refresh()
    })
    setQueue(made)
    return () => {
      stop()
      made.dispose()
      setQueue(null)
    }
  }, [commands, id])
  return queue
}
