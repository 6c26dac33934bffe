// One event: when, where, how much, why; its bytes; and the iteration that delivered it. Counterpart: event-log, which
// holds the event.
import { memo } from 'react'
import { useTranslation } from 'react-i18next'
import { formatAddress } from '../../../preload/contract/checks.ts'
import type { Failure } from '../../../preload/contract/failure.ts'
import type { Address, ConnectionId, EventKind, Side } from '../../../preload/contract/vocabulary.ts'
import { NoteSection } from '../../bookmarks/note-section.tsx'
import { eventLog } from '../../event-log/event-log.ts'
import { CallbackSection } from '../../loop/callback-section.tsx'
import { ActedFacts, ActOnFact } from '../../relay/acted.tsx'
import { MessageChunkFact } from '../../replies/answers-fact.tsx'
import { useEndpoints } from '../../stores/endpoints.ts'
import { useLogCounts } from '../../stores/log-counts.ts'
import { selectionStore } from '../../stores/selection.ts'
import { HandshakeSection } from '../../tls/handshake-section.tsx'
import { ByteText } from '../../ui/byte-text.tsx'
import { formatBytes, formatCount, formatDuration, formatWallClock } from '../../ui/format.ts'
import { EventMark } from '../../ui/marks.tsx'
import { Resend } from '../composer/resend.tsx'
import { detailWords } from '../event-table/detail-words.ts'
import { BytesSection } from './bytes-section.tsx'
import { CauseText, ConnectionLink, EndpointLink, Fact, FailureText, Moment } from './parts.tsx'

/** Events of the same iteration that are listed at most, and looked for on either side. */
const neighboursListed = 8
const neighboursSought = 1000

/** The other events that the same turn of the loop recorded, in order; the nearest where there are many. */
const sameIteration = (seq: number): { readonly listed: readonly number[]; readonly more: number } => {
  const iteration = eventLog.iteration(seq)
  const walk = (step: (from: number) => number | null): readonly number[] => {
    const found: number[] = []
    for (let other = step(seq); other !== null && eventLog.has(other); other = step(other)) {
      if (eventLog.iteration(other) !== iteration) break
      found.push(other)
      if (found.length === neighboursSought) break
    }
    return found
  }
  const before = walk((from) => eventLog.previous(from))
  const after = walk((from) => eventLog.next(from))
  const nearest = [...before, ...after].sort((a, b) => Math.abs(a - seq) - Math.abs(b - seq))
  const listed = nearest.slice(0, neighboursListed).sort((a, b) => a - b)
  return { listed, more: nearest.length - listed.length }
}

export const EventLink = ({ seq }: { readonly seq: number }) => (
  <button
    type="button"
    className="inspector-link"
    onClick={() => selectionStore.getState().selectEvent(seq, eventLog.connection(seq))}
  >
    #{seq}
  </button>
)

/** The data event of the other direction that came before: what this one may answer. */
const Answers = ({ seq }: { readonly seq: number }) => {
  const { t } = useTranslation()
  const other = eventLog.answers(seq)
  if (other === null || !eventLog.has(other)) return null
  return (
    <Fact label={t(eventLog.kind(seq) === 'data-received' ? 'inspector.afterSent' : 'inspector.afterReceived')}>
      <span className="one-line">
        <EventLink seq={other} />{' '}
        <span className="strong">{formatDuration(eventLog.at(seq) - eventLog.at(other))}</span>{' '}
        <span className="dim">{t('inspector.before')}</span>
      </span>
      <span className="answer cut dim">
        <ByteText bytes={eventLog.preview(other).subarray(0, 48)} />
      </span>
    </Fact>
  )
}

const DataFacts = ({ seq }: { readonly seq: number }) => {
  const { t } = useTranslation()
  const length = eventLog.length(seq)
  const offset = eventLog.streamOffset(seq)
  return (
    <>
      <Fact label={t('inspector.size')}>
        <span className="strong">{formatBytes(length)}</span>{' '}
        <span className="dim">
          {offset === null
            ? t('inspector.streamUnknown')
            : t('inspector.stream', {
                from: formatCount(offset),
                to: formatCount(Math.max(offset, offset + length - 1)),
              })}
        </span>
      </Fact>
      <Answers seq={seq} />
      <ActedFacts seq={seq} />
    </>
  )
}

/** The details of sockets' own kinds in one shape, each kind with the fields that it has. */
interface AnyDetails {
  readonly error?: Failure | null
  readonly direction?: 'in' | 'out'
  readonly side?: Side | null
  readonly pair?: ConnectionId | null
  readonly local?: Address | null
  readonly remote?: Address
  readonly bufferedBytes?: number
  readonly highWaterBytes?: number
  readonly pausedMs?: number
  readonly unsentBytes?: number
  readonly unreadBytes?: number
  readonly ignoredBytes?: number
  readonly count?: number
}

const wordsOnly: ReadonlySet<EventKind> = new Set([
  'tls-established',
  'tls-failed',
  'rule-matched',
  'script-logged',
  'script-failed',
  'framing-failed',
  'fault-applied',
  'chunk-held',
  'chunk-released',
  'chunk-replaced',
  'step-ended',
  'reconnect-planned',
])

const DetailFacts = ({ seq }: { readonly seq: number }) => {
  const { t } = useTranslation()
  const kind = eventLog.kind(seq)
  const cause = eventLog.cause(seq)
  // What rules, scripts, faults and sequences tell is one sentence, the same as in the table.
  const told = wordsOnly.has(kind)
  const details = (told ? {} : (eventLog.details(seq) ?? {})) as AnyDetails
  return (
    <>
      {told ? <Fact label={t('inspector.what')}>{detailWords(seq)}</Fact> : null}
      {told ? <ActOnFact seq={seq} /> : null}
      {told ? <MessageChunkFact seq={seq} /> : null}
      {cause === 'none' ? null : (
        <Fact label={t('inspector.cause')}>
          <CauseText cause={cause} />
        </Fact>
      )}
      {details.error === undefined || details.error === null ? null : (
        <Fact label={t('inspector.error')}>
          <FailureText failure={details.error} />
        </Fact>
      )}
      {details.count === undefined ? null : (
        <Fact label={t('inspector.notAccepted')}>{t('inspector.notAcceptedCount', { count: details.count })}</Fact>
      )}
      {details.direction === undefined ? null : (
        <Fact label={t('inspector.direction')}>
          {t(details.direction === 'in' ? 'inspector.directionIn' : 'inspector.directionOut')}
        </Fact>
      )}
      {details.side === undefined || details.side === null ? null : (
        <Fact label={t('inspector.side')}>
          {t(details.side === 'upstream' ? 'inspector.sideUpstream' : 'inspector.sideDownstream')}
        </Fact>
      )}
      {details.pair === undefined || details.pair === null ? null : (
        <Fact label={t('inspector.pair')}>
          <ConnectionLink id={details.pair} />
        </Fact>
      )}
      {details.local === undefined || details.local === null ? null : (
        <Fact label={t(kind.startsWith('listener') ? 'inspector.address' : 'inspector.local')}>
          {formatAddress(details.local)}
        </Fact>
      )}
      {details.remote === undefined ? null : <Fact label={t('inspector.remote')}>{formatAddress(details.remote)}</Fact>}
      {details.bufferedBytes === undefined ? null : (
        <Fact label={t('inspector.buffered')}>
          {formatBytes(details.bufferedBytes)}{' '}
          {details.highWaterBytes === undefined ? null : (
            <span className="dim">{t('inspector.highWater', { size: formatBytes(details.highWaterBytes) })}</span>
          )}
        </Fact>
      )}
      {details.pausedMs === undefined ? null : (
        <Fact label={t('inspector.paused')}>{formatDuration(details.pausedMs)}</Fact>
      )}
      {details.unsentBytes === undefined || details.unsentBytes === 0 ? null : (
        <Fact label={t('inspector.unsent')}>
          <span className="err-text">{formatBytes(details.unsentBytes)}</span>
        </Fact>
      )}
      {details.unreadBytes === undefined || details.unreadBytes === 0 ? null : (
        <Fact label={t('inspector.unread')}>
          {formatBytes(details.unreadBytes)} <span className="dim">{t('inspector.unreadHelp')}</span>
        </Fact>
      )}
      {details.ignoredBytes === undefined || details.ignoredBytes === 0 ? null : (
        <Fact label={t('inspector.ignored')}>
          {formatBytes(details.ignoredBytes)} <span className="dim">{t('inspector.ignoredHelp')}</span>
        </Fact>
      )}
    </>
  )
}

/** What the iteration did besides, told by its events, where its callbacks were not watched. */
const SameIteration = ({ seq }: { readonly seq: number }) => {
  const { t } = useTranslation()
  // The iteration may still be running: events that it adds later belong into the list.
  useLogCounts((counts) => (counts.nextSeq - seq < 1000 ? counts.nextSeq : null))
  const { listed, more } = sameIteration(seq)
  return (
    <Fact label={t('inspector.sameIteration')}>
      {listed.length === 0 ? (
        <span className="dim">{t('inspector.alone')}</span>
      ) : (
        <ul className="same-iteration">
          {listed.map((other) => (
            <li key={other}>
              <EventMark kind={eventLog.kind(other)} cause={eventLog.cause(other)} />
              <EventLink seq={other} />
              <span className="cut">{eventLog.kind(other)}</span>
              <span className="dim">{eventLog.connection(other) ?? ''}</span>
            </li>
          ))}
          {more > 0 ? <li className="dim">{t('inspector.andMore', { count: more })}</li> : null}
        </ul>
      )}
    </Fact>
  )
}

/** Rendered anew only for another event: what of it changes later, its parts watch themselves. */
export const EventPage = memo(({ seq }: { readonly seq: number }) => {
  const { t } = useTranslation()
  const startedAt = useEndpoints((state) => state.startedAtEpochMs)
  const at = eventLog.at(seq)
  const kind = eventLog.kind(seq)
  const connection = eventLog.connection(seq)
  const endpoint = eventLog.endpoint(seq)
  const isData = kind === 'data-received' || kind === 'data-sent'
  return (
    <>
      <section className="inspector-section" aria-label={t('inspector.facts')}>
        <dl className="facts">
          <Fact label={t('inspector.time')}>
            <Moment at={at} />{' '}
            {startedAt === null ? null : <span className="dim">{formatWallClock(startedAt + at)}</span>}
          </Fact>
          {connection === null ? null : (
            <Fact label={t('inspector.connection')}>
              <ConnectionLink id={connection} /> <Route id={connection} />
            </Fact>
          )}
          {endpoint === null ? null : (
            <Fact label={t('inspector.endpoint')}>
              <EndpointLink id={endpoint} />
            </Fact>
          )}
          {isData ? <DataFacts seq={seq} /> : <DetailFacts seq={seq} />}
        </dl>
        {isData ? <Resend seq={seq} /> : null}
        <NoteSection seq={seq} />
      </section>
      {isData ? <BytesSection seq={seq} /> : null}
      {kind === 'tls-established' || kind === 'tls-failed' ? <HandshakeSection seq={seq} /> : null}
      <CallbackSection seq={seq}>
        <SameIteration seq={seq} />
      </CallbackSection>
    </>
  )
})

/** From our port to the peer, as far as the log knows the connection. */
const Route = ({ id }: { readonly id: ConnectionId }) => {
  const connection = eventLog.connections.get(id)
  if (connection === undefined) return null
  const { local, remote, direction } = connection
  const here = local === null ? '' : `:${local.port}`
  const there = remote === null ? '' : formatAddress(remote)
  return (
    <span className="dim">
      {here}{' '}
      <span className="one-line">
        {direction === 'out' ? '→' : '←'} {there}
      </span>
    </span>
  )
}
