// One connection: its state, ends, traffic, and the ways to end it. Counterpart: the engine's own facts in
// stores/endpoints.ts.
import { Download, Repeat2 } from 'lucide-react'
import { useEffect, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { ConnectionInfo } from '../../../preload/contract/vocabulary.ts'
import { exportSheetStore } from '../../export/store.ts'
import { useCommands } from '../../link/link.ts'
import { isOpen, useEndpoints } from '../../stores/endpoints.ts'
import { useStaleness } from '../../stores/staleness.ts'
import { ConnectionHandshake } from '../../tls/handshake-section.tsx'
import { TlsSection } from '../../tls/tls-section.tsx'
import { Button } from '../../ui/button.tsx'
import { formatBytes, formatCount, formatDuration, formatWallClock } from '../../ui/format.ts'
import { useConnectionEntries } from '../action-menu.tsx'
import { connectionActions } from '../actions.ts'
import { runConnectionAction, runEndpointAction } from '../run-action.ts'
import { AddressText, CauseText, ConnectionLink, EndpointLink, Fact, FailureText, LastHeard, Moment } from './parts.tsx'

/** The wall clock, once a second while somebody reads how long something has lasted. */
const useNow = (running: boolean): number => {
  const [now, setNow] = useState(Date.now)
  useEffect(() => {
    if (!running) return
    const timer = setInterval(() => setNow(Date.now()), 1000)
    return () => clearInterval(timer)
  }, [running])
  return now
}

const Lifetime = ({ connection }: { readonly connection: ConnectionInfo }) => {
  const { t } = useTranslation()
  const startedAt = useEndpoints((state) => state.startedAtEpochMs)
  const stale = useStaleness()
  const open = isOpen(connection)
  const now = useNow(open)
  // How long it has lasted by now nobody knows.
  if (startedAt === null || (open && stale !== null)) return null
  const end = connection.endedAt ?? now - startedAt
  const lasted = Math.max(0, end - connection.startedAt)
  return (
    <Fact label={t(open ? 'inspector.openFor' : 'inspector.duration')}>
      {/* A running clock in whole seconds: finer would only flicker. */}
      {formatDuration(open ? Math.floor(lasted / 1000) * 1000 : lasted)}
    </Fact>
  )
}

export const ConnectionPage = ({ connection }: { readonly connection: ConnectionInfo }) => {
  const { t } = useTranslation()
  const commands = useCommands()
  const entries = useConnectionEntries()
  const startedAt = useEndpoints((state) => state.startedAtEpochMs)
  const endpoint = useEndpoints((state) => state.endpoints.get(connection.endpoint))
  const stale = useStaleness()
  const { traffic } = connection
  const actions = connectionActions(connection)
  const canReconnect =
    stale === null &&
    endpoint !== undefined &&
    endpoint.spec.role === 'client' &&
    endpoint.connectionsNow === 0 &&
    (endpoint.state === 'stopped' || endpoint.state === 'failed')
  return (
    <>
      <section className="inspector-section" aria-label={t('inspector.facts')}>
        <dl className="facts">
          <Fact label={t('inspector.state')}>
            {t(`connectionStateLong.${connection.state}`)} {isOpen(connection) ? <LastHeard stale={stale} /> : null}
          </Fact>
          {connection.cause === 'none' ? null : (
            <Fact label={t('inspector.cause')}>
              <CauseText cause={connection.cause} />
            </Fact>
          )}
          {connection.error === null ? null : (
            <Fact label={t('inspector.error')}>
              <FailureText failure={connection.error} />
            </Fact>
          )}
          <Fact label={t('inspector.endpoint')}>
            <EndpointLink id={connection.endpoint} />
          </Fact>
          <Fact label={t('inspector.direction')}>
            {t(connection.direction === 'in' ? 'inspector.directionIn' : 'inspector.directionOut')}
          </Fact>
          {connection.side === null ? null : (
            <Fact label={t('inspector.side')}>
              {t(connection.side === 'upstream' ? 'inspector.sideUpstream' : 'inspector.sideDownstream')}
            </Fact>
          )}
          {connection.pair === null ? null : (
            <Fact label={t('inspector.pair')}>
              <ConnectionLink id={connection.pair} />
            </Fact>
          )}
          <Fact label={t('inspector.local')}>
            <AddressText address={connection.local} />
          </Fact>
          <Fact label={t('inspector.remote')}>
            <AddressText address={connection.remote} />
          </Fact>
        </dl>
      </section>
      {connection.tls === null ? <ConnectionHandshake id={connection.id} /> : <TlsSection facts={connection.tls} />}
      <section className="inspector-section" aria-label={t('inspector.traffic')}>
        <dl className="facts">
          <Fact label={t('inspector.started')}>
            <Moment at={connection.startedAt} />{' '}
            {startedAt === null ? null : (
              <span className="dim">{formatWallClock(startedAt + connection.startedAt)}</span>
            )}
          </Fact>
          {connection.madeAt === null || connection.direction === 'in' ? null : (
            <Fact label={t('inspector.made')}>{formatDuration(connection.madeAt - connection.startedAt)}</Fact>
          )}
          <Lifetime connection={connection} />
          <Fact label={t('inspector.received')}>
            {formatBytes(traffic.bytesReceived)}{' '}
            <span className="dim">
              {t('inspector.messages', {
                count: traffic.messagesReceived,
                number: formatCount(traffic.messagesReceived),
              })}
            </span>
          </Fact>
          <Fact label={t('inspector.sent')}>
            {formatBytes(traffic.bytesSent)}{' '}
            <span className="dim">
              {t('inspector.writes', { count: traffic.messagesSent, number: formatCount(traffic.messagesSent) })}
            </span>
          </Fact>
          {connection.bufferedBytes === 0 && !connection.writingPaused ? null : (
            <Fact label={t('inspector.buffered')}>
              {formatBytes(connection.bufferedBytes)}{' '}
              {connection.writingPaused ? <span className="dim">{t('inspector.writingPaused')}</span> : null}
            </Fact>
          )}
        </dl>
      </section>
      {actions.length === 0 && !canReconnect ? null : (
        <section className="inspector-section inspector-actions" aria-label={t('inspector.actions')}>
          {entries(actions, (action) => void runConnectionAction(commands, connection.id, action), false).map(
            (entry) => (
              <Button key={entry.id} onClick={entry.run} className={entry.danger === true ? 'danger' : ''}>
                {entry.icon}
                {entry.text}
              </Button>
            ),
          )}
          {canReconnect ? (
            <Button onClick={() => void runEndpointAction(commands, endpoint, 'reconnect')}>
              {t('action.reconnect')}
            </Button>
          ) : null}
        </section>
      )}
      <section className="inspector-section inspector-actions" aria-label={t('export.open')}>
        <Button onClick={() => exportSheetStore.getState().open({ kind: 'export', connection: connection.id })}>
          <Download size={14} aria-hidden="true" />
          {t('export.open')}
        </Button>
        {traffic.bytesReceived + traffic.bytesSent === 0 ? null : (
          <Button onClick={() => exportSheetStore.getState().open({ kind: 'replay', connection: connection.id })}>
            <Repeat2 size={14} aria-hidden="true" />
            {t('replay.open')}
          </Button>
        )}
      </section>
    </>
  )
}
