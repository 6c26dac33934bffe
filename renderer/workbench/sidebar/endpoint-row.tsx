// One endpoint in the side bar: state, name, address, what it does, traffic now, and its actions.

import type { TFunction } from 'i18next'
import { RotateCw } from 'lucide-react'
import { useTranslation } from 'react-i18next'
import { formatAddress } from '../../../preload/contract/checks.ts'
import { flows } from '../../../preload/contract/faults.ts'
import type { Cause, ConnectionInfo, EndpointInfo } from '../../../preload/contract/vocabulary.ts'
import { useCommands } from '../../link/link.ts'
import { faultsOn } from '../../relay/chain.ts'
import { answersWords } from '../../replies/answers-fact.tsx'
import { type Staleness, useStaleness } from '../../stores/staleness.ts'
import { ReconnectingWords } from '../../tls/reconnecting-words.tsx'
import { formatCount } from '../../ui/format.ts'
import { isTrouble, LockMark, StatusDot } from '../../ui/marks.tsx'
import { causeOfCode } from '../causes.ts'
import { runEndpointAction } from '../run-action.ts'
import { MoreButton } from './row-button.tsx'
import type { MenuRequest } from './row-menu.tsx'
import { Sparkline } from './sparkline.tsx'

/** Where an endpoint stands or goes, in one line. */
export const endpointAddress = (endpoint: EndpointInfo): string => {
  const { spec } = endpoint
  // A client's own port changes with every connection; what it is about is where it goes.
  const here = formatAddress(spec.role === 'client' ? spec : (endpoint.local ?? spec))
  if (spec.role !== 'relay') return here
  const sameHost = spec.upstreamHost === spec.host
  const upstream = formatAddress({ host: spec.upstreamHost, port: spec.upstreamPort })
  return `${here} → ${sameHost ? `:${spec.upstreamPort}` : upstream}`
}

/** Why an endpoint is not live, or how its last connection ended. */
export const endpointCause = (endpoint: EndpointInfo, last: ConnectionInfo | null): Cause => {
  if (endpoint.state === 'failed' && endpoint.reason !== null) {
    const cause = causeOfCode(endpoint.reason.code)
    return cause === 'error' && last !== null ? last.cause : cause
  }
  return last?.cause ?? 'none'
}

/** True where TLS is spoken on a side of it. */
const isSecured = ({ spec }: EndpointInfo): boolean =>
  spec.role === 'relay' ? (spec.listenTls ?? spec.upstreamTls) !== undefined : spec.tls !== undefined

/** What an endpoint does now, in two or three words; `trouble` where they are to be read first. */
export const endpointWords = (
  t: TFunction,
  endpoint: EndpointInfo,
  last: ConnectionInfo | null,
  stale: Staleness | null,
): { readonly words: string; readonly trouble: boolean } => {
  // What has failed or was stopped before stays so; all else has ended with the engine, or nobody knows.
  if (stale !== null && endpoint.state !== 'failed' && endpoint.state !== 'stopped')
    return { words: t(`sidebar.stale.${stale}Words`), trouble: false }
  const cause = endpointCause(endpoint, last)
  const { spec } = endpoint
  if (endpoint.state === 'failed') return { words: t(`cause.${cause === 'none' ? 'error' : cause}`), trouble: true }
  if (endpoint.state === 'starting' && spec.role === 'client')
    return { words: t('endpointState.connecting'), trouble: false }
  if (spec.role === 'client') {
    if (endpoint.connectionsNow > 0 && endpoint.scriptFailed !== undefined) return answersWords(t, endpoint)
    if (endpoint.connectionsNow > 0) return { words: t('endpointState.connected'), trouble: false }
    if (endpoint.state === 'stopping') return { words: t('endpointState.stopping'), trouble: false }
    return cause === 'none'
      ? { words: t('endpointState.stopped'), trouble: false }
      : { words: t(`cause.${cause}`), trouble: isTrouble(cause) }
  }
  if (endpoint.state !== 'live') return { words: t(`endpointState.${endpoint.state}`), trouble: false }
  if (endpoint.notAccepted !== null)
    return { words: t('sidebar.notAccepted', { number: formatCount(endpoint.notAccepted.count) }), trouble: true }
  if (spec.role === 'listener') {
    const answers = answersWords(t, endpoint)
    return answers.words === '' ? { words: t(`reply.${spec.reply}`), trouble: false } : answers
  }
  // A relay listens on although the service behind it is away: that is what there is to know about it.
  if (last?.side === 'upstream' && last.state === 'failed')
    return { words: t('sidebar.upstreamFailed', { cause: t(`cause.${last.cause}`).toLowerCase() }), trouble: true }
  return { words: labWords(t, endpoint), trouble: false }
}

/** What a relay does to what passes: what waits for a person comes first. */
const labWords = (t: TFunction, { spec, held }: EndpointInfo): string => {
  if (held > 0) return t('relay.side.held', { count: held })
  if (spec.role !== 'relay' || spec.lab === undefined) return ''
  const { lab } = spec
  const acting = faultsOn(lab)
  if (acting > 0) return t('relay.side.faultsOn', { count: acting })
  return flows.some((flow) => lab[flow].intercept.on) ? t('relay.side.intercepting') : ''
}

export interface EndpointRowProps {
  readonly endpoint: EndpointInfo
  /** Open connections, a relay's pair counted once. */
  readonly open: number
  readonly last: ConnectionInfo | null
  onMenu(request: MenuRequest): void
}

export const EndpointRow = ({ endpoint, open, last, onMenu }: EndpointRowProps) => {
  const { t } = useTranslation()
  const commands = useCommands()
  const stale = useStaleness()
  const { words, trouble } = endpointWords(t, endpoint, last, stale)
  const name = endpoint.spec.name
  return (
    <>
      <span className="side-dot">
        <StatusDot endpoint={endpoint} lastCause={endpointCause(endpoint, last)} />
      </span>
      <span className="side-name cut">
        {name}
        {isSecured(endpoint) ? (
          <span className="lock-mark">
            <LockMark />
          </span>
        ) : null}
      </span>
      <span className="side-now data">
        {stale === null ? <Sparkline endpoint={endpoint.id} /> : null}
        {endpoint.state === 'failed' || stale !== null ? null : formatCount(open)}
      </span>
      <span className={words === '' ? 'side-address wide data cut' : 'side-address data cut'}>
        {endpointAddress(endpoint)}
      </span>
      <span className={trouble ? 'side-words cut err-text' : 'side-words cut'}>
        {endpoint.reconnecting === undefined || endpoint.state !== 'starting' || stale !== null ? (
          words
        ) : (
          <ReconnectingWords reconnecting={endpoint.reconnecting} short />
        )}
      </span>
      <span className="side-actions">
        {endpoint.state === 'failed' ? (
          <button
            type="button"
            tabIndex={-1}
            className="side-retry"
            aria-label={t('sidebar.retry', { name })}
            onClick={() => void runEndpointAction(commands, endpoint, 'retry')}
          >
            <RotateCw size={12} aria-hidden="true" />
            {t('word.retry')}
          </button>
        ) : null}
        <MoreButton
          name={name}
          onPress={(button, byKey) => onMenu({ button, byKey, endpoint: endpoint.id, connections: [], pair: false })}
        />
      </span>
    </>
  )
}
