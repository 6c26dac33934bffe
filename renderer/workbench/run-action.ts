// Does what a menu or a button asks, and shows the failure where there is one. Counterpart: actions.ts.
import type { CommandMethods } from '../../preload/contract/api.ts'
import type { ConnectionId, EndpointInfo } from '../../preload/contract/vocabulary.ts'
import { noticeStore } from '../stores/notice.ts'
import { selectionStore } from '../stores/selection.ts'
import { viewStore } from '../stores/view.ts'
import type { ConnectionAction, EndpointAction } from './actions.ts'

/** Answers whether it went well. */
export const runEndpointAction = async (
  commands: CommandMethods,
  endpoint: EndpointInfo,
  action: EndpointAction,
): Promise<boolean> => {
  const { report } = noticeStore.getState()
  const target = { endpoint: endpoint.id }
  switch (action) {
    case 'start':
    case 'retry':
    case 'reconnect':
      return report(await commands.startEndpoint(target))
    case 'edit':
    case 'lab':
      viewStore.getState().openSheet(endpoint.spec.role, endpoint.id)
      return true
    case 'replies':
      viewStore.getState().showReplies(endpoint.id)
      return true
    case 'stopAccepting':
      return report(await commands.stopAccepting(target))
    case 'stop':
    case 'stopTrying':
    case 'disconnect':
      return report(await commands.stopEndpoint(target))
    case 'closeAll':
      return report(await commands.closeAll({ ...target, how: 'close' }))
    case 'resetAll':
    case 'abort':
      return report(await commands.closeAll({ ...target, how: 'reset' }))
    case 'remove': {
      const removed = report(await commands.removeEndpoint(target))
      const selection = selectionStore.getState()
      if (removed && selection.endpoint === endpoint.id) selection.selectEndpoint(null)
      return removed
    }
  }
}

/** Answers whether it went well. */
export const runConnectionAction = async (
  commands: CommandMethods,
  connection: ConnectionId,
  action: ConnectionAction,
): Promise<boolean> => noticeStore.getState().report(await commands[action]({ connection }))
