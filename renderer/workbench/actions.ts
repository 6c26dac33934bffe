// What can be done to an endpoint or a connection in the state it is in. Pure lists; action-menu.tsx shows them and
// run-action.ts does them, so that the side bar's menus and the inspector's buttons never disagree.
import type { ConnectionInfo, EndpointInfo } from '../../preload/contract/vocabulary.ts'
import { canSend, isOpen } from '../stores/endpoints.ts'
import { staleness } from '../stores/staleness.ts'
import { viewsFile } from '../stores/viewing.ts'

export type EndpointAction =
  | 'start'
  | 'retry'
  | 'reconnect'
  | 'edit'
  /** A relay that runs: faults, intercept and addresses, from the next chunk on. */
  | 'lab'
  /** A listener or client that runs: rules, script and framing, from the next message on. */
  | 'replies'
  | 'stopAccepting'
  | 'stop'
  | 'disconnect'
  | 'closeAll'
  | 'resetAll'
  /** A client's next attempts. */
  | 'stopTrying'
  /** A client's one connection. */
  | 'abort'
  | 'remove'

export type ConnectionAction = 'close' | 'halfClose' | 'reset' | 'destroy'

/** In the order they are shown; the ones that drop bytes or facts come last. */
export const endpointActions = (endpoint: EndpointInfo): readonly EndpointAction[] => {
  // What an opened file tells of is over, and what is out of reach takes no orders.
  if (viewsFile() || staleness() !== null) return []
  const client = endpoint.spec.role === 'client'
  const open = endpoint.connectionsNow > 0
  const many: readonly EndpointAction[] = open ? ['closeAll', 'resetAll'] : []
  const lab: readonly EndpointAction[] = endpoint.spec.role === 'relay' ? ['lab'] : ['replies']
  switch (endpoint.state) {
    case 'failed':
      return ['retry', 'edit', ...(client ? [] : many), 'remove']
    case 'stopped':
      return [client ? 'reconnect' : 'start', 'edit', ...many, 'remove']
    case 'live':
      return client
        ? open
          ? [...lab, 'disconnect', 'abort', 'remove']
          : ['reconnect', 'edit', 'remove']
        : [...lab, 'stopAccepting', 'stop', ...many, 'remove']
    case 'starting':
      // It waits before it tries again.
      if (endpoint.reconnecting !== undefined) return ['reconnect', 'stopTrying', 'edit', 'remove']
      return [...lab, ...many, 'remove']
    case 'stopping':
      return [...lab, ...many, 'remove']
  }
}

export const connectionActions = (connection: ConnectionInfo): readonly ConnectionAction[] => {
  if (!isOpen(connection) || viewsFile() || staleness() !== null) return []
  if (canSend(connection)) return ['close', 'halfClose', 'reset', 'destroy']
  // Nothing was made yet, or our own end is closed: giving up is all that is left.
  return connection.state === 'half-closed-here' ? ['close', 'reset', 'destroy'] : ['reset']
}
