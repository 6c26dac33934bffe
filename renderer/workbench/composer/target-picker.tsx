// Whom the composer writes to: follows what is selected, and can be chosen by hand. Counterparts: targets.ts (the rules),
// composer.tsx.
import { useEffect, useMemo, useRef } from 'react'
import { useTranslation } from 'react-i18next'
import { formatAddress } from '../../../preload/contract/checks.ts'
import type { ConnectionId, ConnectionInfo } from '../../../preload/contract/vocabulary.ts'
import { composerStore, useComposer } from '../../stores/composer.ts'
import { endpointsStore, sameButTraffic, useEndpoints } from '../../stores/endpoints.ts'
import { selectionStore } from '../../stores/selection.ts'
import { Choice, type ChoiceOption } from '../../ui/choice.tsx'
import { resolveTarget, type Target, targetsOf } from './targets.ts'

/** Targets that the picker lists at most; the others are reached by selecting them in the side bar. */
const listedTargets = 200

/** The selection moves the composer's aim, but only to what can be written to. */
const followSelection = (): (() => void) =>
  selectionStore.subscribe((now, before) => {
    if (now.connection === before.connection && now.endpoint === before.endpoint) return
    const { connections, endpoints } = endpointsStore.getState()
    const { want } = composerStore.getState()
    if (now.connection !== null) {
      const connection = connections.get(now.connection)
      if (connection !== undefined && resolveTarget(wantedOf(connection), connections, endpoints)?.id === connection.id)
        want(wantedOf(connection))
    } else if (now.endpoint !== null) {
      const wanted = { connection: null, endpoint: now.endpoint, side: null }
      const endpoint = endpoints.get(now.endpoint)
      // A client that connects is what will be written to; anything else without a connection is only looked at.
      const comes = endpoint?.spec.role === 'client' && (endpoint.state === 'starting' || endpoint.state === 'live')
      if (comes || (endpoint !== undefined && resolveTarget(wanted, connections, endpoints) !== null)) want(wanted)
    }
  })

const wantedOf = (connection: ConnectionInfo) => ({
  connection: connection.id,
  endpoint: connection.endpoint,
  side: connection.side,
})

const TargetName = ({ connection, name }: { readonly connection: ConnectionInfo; readonly name: string }) => {
  const { t } = useTranslation()
  const address = connection.remote === null ? '' : formatAddress(connection.remote)
  return (
    <span className="target data">
      <span className="strong">
        {connection.side === null
          ? connection.id
          : t(connection.side === 'upstream' ? 'composer.upstream' : 'composer.downstream', { id: connection.id })}
      </span>{' '}
      <span>{name}</span> <span className="dim">{address}</span>
    </span>
  )
}

/** The connection that the composer writes to now. */
export const useTarget = (): ConnectionInfo | null => {
  const wanted = useComposer((state) => state.wanted)
  const target = useEndpoints(
    ({ connections, endpoints }) => resolveTarget(wanted, connections, endpoints),
    sameButTraffic,
  )
  useEffect(followSelection, [])

  // A client that connected again goes on with the text that its last connection left.
  const previous = useRef<ConnectionInfo | null>(null)
  useEffect(() => {
    if (target === null) return
    const left = previous.current
    if (left !== null && left.id !== target.id && left.endpoint === target.endpoint && left.side === target.side)
      if (!isSendable(left.id)) composerStore.getState().moveDraft(left.id, target.id)
    previous.current = target
  }, [target])
  return target
}

const isSendable = (id: ConnectionId): boolean => {
  const { connections, endpoints } = endpointsStore.getState()
  return targetsOf(connections, endpoints).some((candidate) => candidate.connection.id === id)
}

const sameTargets = (a: readonly Target[], b: readonly Target[]): boolean =>
  a.length === b.length &&
  a.every((target, i) => {
    const other = b[i]!
    return (
      sameButTraffic(target.connection, other.connection) &&
      target.endpoint.spec.name === other.endpoint.spec.name &&
      target.endpoint.spec.role === other.endpoint.spec.role
    )
  })

/** Shows whom the composer writes to, and lets the person choose another; that one is then selected everywhere. */
export const TargetPicker = ({ target }: { readonly target: ConnectionInfo | null }) => {
  const { t } = useTranslation()
  const all = useEndpoints(({ connections, endpoints }) => targetsOf(connections, endpoints), sameTargets)
  const options = useMemo(() => {
    const listed = all.slice(0, listedTargets)
    const own = all.find((candidate) => candidate.connection.id === target?.id)
    if (own !== undefined && !listed.includes(own)) listed.unshift(own)
    const roleWord = { client: t('sidebar.clients'), listener: t('sidebar.listeners'), relay: t('sidebar.relays') }
    return listed.map(({ connection, endpoint }): ChoiceOption<number> => {
      const number =
        connection.side === null
          ? `${connection.id}`
          : t(connection.side === 'upstream' ? 'composer.upstream' : 'composer.downstream', { id: connection.id })
      return {
        value: connection.id,
        text: `${number} ${endpoint.spec.name} ${connection.remote === null ? '' : formatAddress(connection.remote)}`,
        content: <TargetName connection={connection} name={endpoint.spec.name} />,
        group: roleWord[endpoint.spec.role],
      }
    })
  }, [all, target?.id, t])
  return (
    <Choice
      label={t('composer.target')}
      className="target-picker"
      side="top"
      prefix={<span className="dim">{t('composer.to')}</span>}
      value={target?.id ?? null}
      options={options}
      empty={t('composer.noTarget')}
      disabled={options.length === 0}
      onChange={(id) => {
        const connection = endpointsStore.getState().connections.get(id as ConnectionId)
        if (connection === undefined) return
        composerStore.getState().want(wantedOf(connection))
        selectionStore.getState().selectConnection(connection.id)
      }}
    />
  )
}
