// Saved messages: whom one goes to, and sending it by its key. Counterparts: saved-chips.tsx, renderer/library,
// stores/workspace.ts (keeps them).
import type { CommandMethods } from '../../../preload/contract/api.ts'
import { fail, type Result } from '../../../preload/contract/failure.ts'
import type { ConnectionInfo } from '../../../preload/contract/vocabulary.ts'
import { endpointKey, type SavedMessage, type SavedTarget } from '../../../preload/contract/workspace.ts'
import { t } from '../../i18n/index.ts'
import { composerStore } from '../../stores/composer.ts'
import { canSend, type EndpointsState, endpointsStore } from '../../stores/endpoints.ts'
import { sendMessage } from './sending.ts'
import { resolveTarget } from './targets.ts'

type Facts = Pick<EndpointsState, 'connections' | 'endpoints'>

/** How an open connection is found again in another session. */
export const savedTarget = (connection: ConnectionInfo, { endpoints }: Facts): SavedTarget | null => {
  const endpoint = endpoints.get(connection.endpoint)
  return endpoint === undefined
    ? null
    : { endpoint: endpointKey(endpoint.spec), side: connection.side, name: endpoint.spec.name }
}

/** The newest connection that a saved target means and that can be written to; null for none. */
export const connectionOf = (target: SavedTarget, { connections, endpoints }: Facts): ConnectionInfo | null => {
  let found: ConnectionInfo | null = null
  for (const connection of connections.values()) {
    const spec = endpoints.get(connection.endpoint)?.spec
    if (spec === undefined || endpointKey(spec) !== target.endpoint || !canSend(connection)) continue
    if (target.side !== null && connection.side !== target.side) continue
    if (connection.id > (found?.id ?? 0)) found = connection
  }
  return found
}

/** What a saved target is called: its name, and what stands behind its role. */
export const targetWords = ({ endpoint, name }: SavedTarget): string =>
  name === '' ? endpoint : `${name} (${endpoint})`

/** Sends a saved message to where it goes: its own target, else whatever the composer writes to. */
export const sendSaved = async (commands: CommandMethods, message: SavedMessage): Promise<Result<number>> => {
  const facts = endpointsStore.getState()
  const connection =
    message.target === null
      ? resolveTarget(composerStore.getState().wanted, facts.connections, facts.endpoints)
      : connectionOf(message.target, facts)
  if (connection === null)
    return fail(
      'wrong-state',
      message.target === null
        ? t('composer.savedNoTarget', { name: message.name })
        : t('composer.savedTargetGone', { name: message.name, target: targetWords(message.target) }),
    )
  return sendMessage(commands, connection.id, message)
}
