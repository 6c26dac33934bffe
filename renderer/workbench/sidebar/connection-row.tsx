// One open connection in the side bar, or a relay's two halves as a pair: number, far port, state or traffic, and its end.

import type { TFunction } from 'i18next'
import { Ellipsis, X } from 'lucide-react'
import { useTranslation } from 'react-i18next'
import type { ConnectionId, ConnectionInfo } from '../../../preload/contract/vocabulary.ts'
import { useCommands } from '../../link/link.ts'
import { isOpen } from '../../stores/endpoints.ts'
import { useRates } from '../../stores/rates.ts'
import { selectionStore, useSelection } from '../../stores/selection.ts'
import { IconButton } from '../../ui/button.tsx'
import { formatRate } from '../../ui/format.ts'
import { ActionMenu, useConnectionEntries } from '../action-menu.tsx'
import { connectionActions } from '../actions.ts'
import { runConnectionAction } from '../run-action.ts'

/** The port that tells this connection from its siblings: the peer's where we accepted, our own where we connected. */
const tellingPort = (connection: ConnectionInfo): string => {
  const address = connection.direction === 'in' ? connection.remote : (connection.local ?? connection.remote)
  return address === null ? '' : `:${address.port}`
}

const stateOrRate = (t: TFunction, connection: ConnectionInfo, rate: number): string =>
  connection.state === 'open' ? formatRate(rate) : t(`connectionState.${connection.state}`)

export const ConnectionRow = ({ connection }: { readonly connection: ConnectionInfo }) => {
  const { t } = useTranslation()
  const commands = useCommands()
  const entries = useConnectionEntries()
  const rate = useRates((rates) => rates.connections.get(connection.id) ?? 0)
  const { id } = connection
  return (
    <>
      <span className="side-elbow" />
      <span className="side-number data">{id}</span>
      <span className="side-port data cut">{tellingPort(connection)}</span>
      <span className="side-state data cut">{stateOrRate(t, connection, rate)}</span>
      <span className="side-actions">
        <ActionMenu
          trigger={
            <IconButton
              label={t('sidebar.actions', { name: t('sidebar.connection', { id }) })}
              className="side-more"
              tabIndex={-1}
            >
              <Ellipsis size={14} aria-hidden="true" />
            </IconButton>
          }
          groups={[
            {
              entries: entries(
                connectionActions(connection),
                (action) => void runConnectionAction(commands, id, action),
                true,
              ),
            },
          ]}
        />
        <IconButton
          label={t('sidebar.kill', { id })}
          shortcut="Del"
          className="side-kill"
          tabIndex={-1}
          onClick={() => void runConnectionAction(commands, id, 'reset')}
        >
          <X size={14} aria-hidden="true" />
        </IconButton>
      </span>
    </>
  )
}

export interface PairRowProps {
  readonly downstream: ConnectionInfo | null
  readonly upstream: ConnectionInfo | null
}

/** The open halves of a pair. */
export const openHalves = ({ downstream, upstream }: PairRowProps): readonly ConnectionInfo[] =>
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
  const entries = useConnectionEntries()
  const { downstream, upstream } = props
  const halves = openHalves(props)
  const rate = useRates((rates) => Math.max(0, ...halves.map((half) => rates.connections.get(half.id) ?? 0)))
  const odd = halves.find((half) => half.state !== 'open')
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
      <span className="side-state data cut">
        {odd === undefined ? formatRate(rate) : t(`connectionState.${odd.state}`)}
      </span>
      <span className="side-actions">
        <ActionMenu
          trigger={
            <IconButton label={t('sidebar.actions', { name: pairName(t, props) })} className="side-more" tabIndex={-1}>
              <Ellipsis size={14} aria-hidden="true" />
            </IconButton>
          }
          groups={halves.map((half) => ({
            title: t(half.side === 'upstream' ? 'composer.upstream' : 'composer.downstream', { id: half.id }),
            entries: entries(
              connectionActions(half),
              (action) => void runConnectionAction(commands, half.id, action),
              false,
            ),
          }))}
        />
        <IconButton label={killLabel} shortcut="Del" className="side-kill" tabIndex={-1} onClick={kill}>
          <X size={14} aria-hidden="true" />
        </IconButton>
      </span>
    </>
  )
}

/** What a pair is called, also while a half is missing. */
export const pairName = (t: TFunction, { downstream, upstream }: PairRowProps): string => {
  const number = (id: ConnectionId | undefined) => (id === undefined ? t('word.unknown') : `${id}`)
  return t('sidebar.pair', { a: number(downstream?.id), b: number(upstream?.id) })
}
