// One listener, client or relay: what it is set to, what became of it, its traffic, and what can be done to it.
import { useTranslation } from 'react-i18next'
import { formatAddress } from '../../../preload/contract/checks.ts'
import type { EndpointInfo } from '../../../preload/contract/vocabulary.ts'
import { useCommands } from '../../link/link.ts'
import { LabFact } from '../../relay/lab-fact.tsx'
import { AnswersFact } from '../../replies/answers-fact.tsx'
import { useEndpoints } from '../../stores/endpoints.ts'
import { useStaleness } from '../../stores/staleness.ts'
import { ReconnectingWords } from '../../tls/reconnecting-words.tsx'
import { TlsFact } from '../../tls/tls-section.tsx'
import { Button } from '../../ui/button.tsx'
import { ByteText } from '../../ui/byte-text.tsx'
import { formatBytes, formatCount } from '../../ui/format.ts'
import { useEndpointEntries } from '../action-menu.tsx'
import { endpointActions } from '../actions.ts'
import { runEndpointAction } from '../run-action.ts'
import { AddressText, CauseText, ConnectionLink, Fact, FailureText, LastHeard } from './parts.tsx'

/** Connections that are listed at most; the side bar has them all. */
const connectionsListed = 8

const Ended = ({ endpoint }: { readonly endpoint: EndpointInfo }) => {
  const { t } = useTranslation()
  const connections = useEndpoints((state) => state.connections)
  const own = [...connections.values()].filter((connection) => connection.endpoint === endpoint.id).reverse()
  if (own.length === 0) return null
  return (
    <section className="inspector-section" aria-label={t('inspector.connections')}>
      <div className="inspector-section-head">
        <h3>{t('inspector.newest')}</h3>
      </div>
      <ul className="connection-list data">
        {own.slice(0, connectionsListed).map((connection) => (
          <li key={connection.id}>
            <ConnectionLink id={connection.id} />
            <span className="cut dim">{connection.remote === null ? '' : formatAddress(connection.remote)}</span>
            {connection.cause === 'none' ? (
              <span>{t(`connectionState.${connection.state}`)}</span>
            ) : (
              <CauseText cause={connection.cause} />
            )}
          </li>
        ))}
      </ul>
    </section>
  )
}

export const EndpointPage = ({ endpoint }: { readonly endpoint: EndpointInfo }) => {
  const { t } = useTranslation()
  const commands = useCommands()
  const entries = useEndpointEntries()
  const stale = useStaleness()
  const { spec, traffic } = endpoint
  return (
    <>
      <section className="inspector-section" aria-label={t('inspector.facts')}>
        <dl className="facts">
          <Fact label={t('inspector.state')}>
            {t(`endpointState.${endpoint.state}`)}{' '}
            {endpoint.reconnecting === undefined || endpoint.state !== 'starting' || stale !== null ? null : (
              <span className="dim">
                <ReconnectingWords reconnecting={endpoint.reconnecting} />
              </span>
            )}
            <LastHeard stale={stale} />
          </Fact>
          {endpoint.reason === null ? null : (
            <Fact label={t('inspector.reason')}>
              <FailureText failure={endpoint.reason} />
            </Fact>
          )}
          {spec.role === 'client' ? (
            <Fact label={t('inspector.target')}>{formatAddress(spec)}</Fact>
          ) : (
            <Fact label={t(endpoint.local === null ? 'inspector.address' : 'inspector.bound')}>
              {endpoint.local === null ? (
                <span className="dim">{formatAddress(spec)}</span>
              ) : (
                <AddressText address={endpoint.local} />
              )}
            </Fact>
          )}
          {spec.role === 'relay' ? (
            <Fact label={t('inspector.upstream')}>
              {formatAddress({ host: spec.upstreamHost, port: spec.upstreamPort })}
            </Fact>
          ) : null}
          <LabFact endpoint={endpoint} />
          {spec.role === 'listener' ? (
            <Fact label={t('inspector.reply')}>{t(`reply.${spec.reply}`)}</Fact>
          ) : (
            <Fact label={t('inspector.timeout')}>{formatCount(spec.connectTimeoutMs)} ms</Fact>
          )}
          <AnswersFact endpoint={endpoint} />
          <TlsFact spec={spec} />
          {spec.snapBytes === undefined ? null : (
            <Fact label={t('inspector.snap')}>{t('inspector.snapValue', { size: formatBytes(spec.snapBytes) })}</Fact>
          )}
          {spec.role === 'listener' && spec.greeting.length > 0 ? (
            <Fact label={t('inspector.greeting')}>
              <ByteText bytes={spec.greeting.subarray(0, 256)} />
            </Fact>
          ) : null}
        </dl>
      </section>
      <section className="inspector-section" aria-label={t('inspector.traffic')}>
        <dl className="facts">
          <Fact label={t('inspector.connections')}>
            {t('inspector.connectionsValue', {
              now: formatCount(endpoint.connectionsNow),
              total: formatCount(endpoint.connectionsTotal),
            })}
          </Fact>
          {endpoint.notAccepted === null ? null : (
            <Fact label={t('inspector.notAccepted')}>
              {formatCount(endpoint.notAccepted.count)} <FailureText failure={endpoint.notAccepted.error} />
            </Fact>
          )}
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
        </dl>
      </section>
      <section className="inspector-section inspector-actions" aria-label={t('inspector.actions')}>
        {entries(endpointActions(endpoint), (action) => void runEndpointAction(commands, endpoint, action)).map(
          (entry) => (
            <Button key={entry.id} onClick={entry.run} className={entry.danger === true ? 'danger' : ''}>
              {entry.icon}
              {entry.text}
            </Button>
          ),
        )}
      </section>
      <Ended endpoint={endpoint} />
    </>
  )
}
