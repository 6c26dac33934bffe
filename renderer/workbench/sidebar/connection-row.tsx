// One open connection in the side bar, or a relay's two halves as a pair: number, far port, state or traffic, and its end.

import type { TFunction } from 'i18next'
import { useTranslation } from 'react-i18next'
import type { ConnectionId, ConnectionInfo, ConnectionState } from '../../../preload/contract/vocabulary.ts'
import { useCommands } from '../../link/link.ts'
import { isOpen } from '../../stores/endpoints.ts'
import { connectionRate, useLooks } from '../../stores/rates.ts'
import { selectionStore, useSelection } from '../../stores/selection.ts'
import { type Staleness, useStaleness } from '../../stores/staleness.ts'
import { formatRate } from '../../ui/format.ts'
import { runConnectionAction } from '../run-action.ts'
import { KillButton, MoreButton } from './row-button.tsx'
import type { MenuRequest } from './row-menu.tsx'

/** The port that tells this connection from its siblings: the peer's where we accepted, our own where we connected. */
const tellingPort = (connection: ConnectionInfo): string => {
  const address = connection.direction === 'in' ? connection.remote : (connection.local ?? connection.remote)
  return address === null ? '' : `:${address.port}`
}

const stateOrRate = (t: TFunction, state: ConnectionState, rate: number, stale: Staleness | null): string => {
  if (stale !== null) return t(`sidebar.stale.${stale}Connection`)
  return state === 'open' ? formatRate(rate) : t(`connectionState.${state}`)
}

export interface ConnectionRowProps {
  readonly connection: ConnectionInfo
  onMenu(request: MenuRequest): void
}

export const ConnectionRow = ({ connection, onMenu }: ConnectionRowProps) => {
  const { t } = useTranslation()
  const commands = useCommands()
  const { id } = connection
  const rate = useLooks((looks) => connectionRate(looks, id))
  const stale = useStaleness()
  return (
    <>
      <span className="side-elbow" />
      <span className="side-number data">{id}</span>
      <span className="side-port data cut">{tellingPort(connection)}</span>
      <span className="side-state data cut">{stateOrRate(t, connection.state, rate, stale)}</span>
      <span className="side-actions">
        <MoreButton
          name={t('sidebar.connection', { id })}
          onPress={(button, byKey) => onMenu({ button, byKey, endpoint: null, connections: [id], pair: false })}
        />
        <KillButton label={t('sidebar.kill', { id })} onPress={() => void runConnectionAction(commands, id, 'reset')} />
      </span>
    </>
  )
}

export interface Halves {
  readonly downstream: ConnectionInfo | null
  readonly upstream: ConnectionInfo | null
}

export interface PairRowProps extends Halves {
  onMenu(request: MenuRequest): void
}

/** The open halves of a pair. */
export const openHalves = ({ downstream, upstream }: Halves): readonly ConnectionInfo[] =>
  [downstream, upstream].filter((half): half is ConnectionInfo => half !== null && isOpen(half))

const Half = ({ connection }: { readonly connection: ConnectionInfo | null }) => {
  const { t } = useTranslation()
  const selected = useSelection((selection) => connection !== null && selection.connection === connection.id)
  if (connection === null) return <span className="side-half data dim">–</span>
  return (
    <button
      type="button"
      tabIndex={-1}
      className={selected ? 'side-half data selected' : 'side-half data'}
      aria-label={t('sidebar.connection', { id: connection.id })}
      onClick={(event) => {
        event.stopPropagation()
        selectionStore.getState().selectConnection(connection.id)
      }}
    >
      {connection.id}
    </button>
  )
}

export const PairRow = (props: PairRowProps) => {
  const { t } = useTranslation()
  const commands = useCommands()
  const { downstream, upstream, onMenu } = props
  const halves = openHalves(props)
  const rate = useLooks((looks) => Math.max(0, ...halves.map((half) => connectionRate(looks, half.id))))
  const odd = halves.find((half) => half.state !== 'open')
  const stale = useStaleness()
  const kill = () => {
    for (const half of halves) void runConnectionAction(commands, half.id, 'reset')
  }
  const [a, b] = halves
  const killLabel =
    a === undefined || b === undefined
      ? t('sidebar.kill', { id: a?.id ?? 0 })
      : t('sidebar.killPair', { a: a.id, b: b.id })
  return (
    <>
      <span className="side-elbow" />
      <span className="side-pair">
        <Half connection={downstream} />
        <span className="dim" aria-hidden="true">
          ⇆
        </span>
        <Half connection={upstream} />
      </span>
      <span className="side-port data cut">{downstream === null ? '' : tellingPort(downstream)}</span>
      <span className="side-state data cut">{stateOrRate(t, odd?.state ?? 'open', rate, stale)}</span>
      <span className="side-actions">
        <MoreButton
          name={pairName(t, props)}
          onPress={(button, byKey) =>
            onMenu({ button, byKey, endpoint: null, connections: halves.map((half) => half.id), pair: true })
          }
        />
        <KillButton label={killLabel} onPress={kill} />
      </span>
    </>
  )
}

/** What a pair is called, also while a half is missing. */
export const pairName = (t: TFunction, { downstream, upstream }: Halves): string => {
  const number = (id: ConnectionId | undefined) => (id === undefined ? t('word.unknown') : `${id}`)
  return t('sidebar.pair', { a: number(downstream?.id), b: number(upstream?.id) })
}
