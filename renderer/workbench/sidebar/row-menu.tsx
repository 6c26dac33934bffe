// The one menu of the side bar: opened beside the row's button that asked for it, listing what can be done to that row's
// endpoint or connections now. A menu in every row would cost more than all that the rows show. Counterpart: tree.tsx.
import { Menu } from '@base-ui/react/menu'
import { type FocusEvent, useEffect, useRef } from 'react'
import { useTranslation } from 'react-i18next'
import type { ConnectionId, ConnectionInfo, EndpointId } from '../../../preload/contract/vocabulary.ts'
import { useCommands } from '../../link/link.ts'
import { endpointsStore, sameButTraffic, useEndpoints } from '../../stores/endpoints.ts'
import { type MenuGroup, MenuPopup, useConnectionEntries, useEndpointEntries } from '../action-menu.tsx'
import { connectionActions, endpointActions } from '../actions.ts'
import { runConnectionAction, runEndpointAction } from '../run-action.ts'

/** Which row asked, and the button that it asked with. */
export interface MenuRequest {
  readonly button: HTMLElement
  /** Opened by a key: the first entry then has the focus at once. */
  readonly byKey: boolean
  readonly endpoint: EndpointId | null
  /** One connection, or the open halves of a pair. */
  readonly connections: readonly ConnectionId[]
  readonly pair: boolean
}

const sameConnections = (a: readonly ConnectionInfo[], b: readonly ConnectionInfo[]): boolean =>
  a.length === b.length && a.every((connection, i) => sameButTraffic(connection, b[i] ?? null))

/** What the menu offers as things are now; no groups where what it was opened for is gone. */
const useGroups = ({ endpoint: endpointId, connections: ids, pair }: MenuRequest): readonly MenuGroup[] => {
  const { t } = useTranslation()
  const commands = useCommands()
  const ofEndpoint = useEndpointEntries()
  const ofConnection = useConnectionEntries()
  const actions = useEndpoints((state) => {
    const endpoint = endpointId === null ? undefined : state.endpoints.get(endpointId)
    return endpoint === undefined ? '' : endpointActions(endpoint).join(' ')
  })
  const connections = useEndpoints(
    (state) =>
      ids.flatMap((id) => {
        const connection = state.connections.get(id)
        return connection !== undefined && connectionActions(connection).length > 0 ? [connection] : []
      }),
    sameConnections,
  )
  const endpoint = endpointId === null ? undefined : endpointsStore.getState().endpoints.get(endpointId)
  if (endpoint !== undefined && actions !== '')
    return [
      {
        entries: ofEndpoint(endpointActions(endpoint), (action) => void runEndpointAction(commands, endpoint, action)),
      },
    ]
  return connections.map((connection) => ({
    ...(pair
      ? {
          title: t(connection.side === 'upstream' ? 'composer.upstream' : 'composer.downstream', { id: connection.id }),
        }
      : {}),
    entries: ofConnection(
      connectionActions(connection),
      (action) => void runConnectionAction(commands, connection.id, action),
      !pair,
    ),
  }))
}

export interface RowMenuProps {
  readonly request: MenuRequest
  readonly open: boolean
  onClose(): void
  /** The menu is closed and has left the page. */
  onClosed(): void
}

const within = (button: HTMLElement, target: EventTarget | null): boolean =>
  target instanceof Node && button.contains(target)

export const RowMenu = ({ request, open, onClose, onClosed }: RowMenuProps) => {
  const { button } = request
  const groups = useGroups(request)
  const isOpen = open && groups.length > 0
  // The button shows that its menu is open; the row need not be rendered for that.
  useEffect(() => {
    if (!isOpen) return
    button.toggleAttribute('data-popup-open', true)
    button.setAttribute('aria-expanded', 'true')
    return () => {
      button.toggleAttribute('data-popup-open', false)
      button.setAttribute('aria-expanded', 'false')
    }
  }, [button, isOpen])
  // Whoever opened it by a key is on its first entry at once; the menu itself gets the focus first.
  const stepIn = useRef(request.byKey)
  const onFocus = (event: FocusEvent<HTMLElement>) => {
    if (!stepIn.current || event.target !== event.currentTarget) return
    stepIn.current = false
    event.currentTarget.querySelector<HTMLElement>('[role=menuitem]')?.focus()
  }
  return (
    <Menu.Root
      modal={false}
      open={isOpen}
      onOpenChange={(next, { event }) => {
        // A press of the button closes by itself, as it opened.
        const byButton =
          within(button, event.target) || ('relatedTarget' in event && within(button, event.relatedTarget))
        if (!next && !byButton) onClose()
      }}
      onOpenChangeComplete={(next) => {
        if (!next) onClosed()
      }}
    >
      <MenuPopup groups={groups} anchor={button} onFocus={onFocus} />
    </Menu.Root>
  )
}
