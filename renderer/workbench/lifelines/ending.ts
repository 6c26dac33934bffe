// Until when a connection is drawn. Its own last event says so; where the engine thread died no event did, and then the
// engine's facts tell: what they no longer list is not open any more. Counterparts: stores/endpoints, stores/capture.
import type { LoggedConnection } from '../../event-log/connections.ts'
import { eventLog } from '../../event-log/event-log.ts'
import { engineStore } from '../../stores/capture.ts'
import { endpointsStore } from '../../stores/endpoints.ts'
import { viewsFile } from '../../stores/viewing.ts'

/** True where the connection has gone without a word: its cause and exact time are not known. */
const isAbandoned = ({ id, track }: LoggedConnection): boolean => {
  if (viewsFile()) return false
  if (!engineStore.getState().running) return true
  const { seq, connections } = endpointsStore.getState()
  // Only where the log has caught up with the facts: else its ending may still be on its way.
  return seq > 1 && seq <= eventLog.nextSeq && track.size > 0 && track.seqAt(track.first) < seq && !connections.has(id)
}

/** When the connection ended, as far as is known, in ms; null while it is open. */
export const endOf = (connection: LoggedConnection): number | null => {
  if (connection.endedAt !== null) return connection.endedAt
  if (!isAbandoned(connection)) return null
  const { track, startedAt } = connection
  return track.size > 0 ? track.timeAt(track.end - 1) : startedAt
}

/** True while something goes on, so that now moves on without events. In an opened file nothing does. */
export const anyOpen = (): boolean => {
  if (viewsFile()) return false
  for (const connection of eventLog.openConnections) if (endOf(connection) === null) return true
  return false
}
