// What a handshake came to, as its event tells it: the facts, or the chain that was refused. A capture may come from anybody:
// what has not the shape of these is not shown. Counterparts: tls-section.tsx, workbench/inspector/event-page.tsx.
import { useTranslation } from 'react-i18next'
import type { CertificateFacts, TlsFacts } from '../../preload/contract/tls.ts'
import type { ConnectionId } from '../../preload/contract/vocabulary.ts'
import { eventLog } from '../event-log/event-log.ts'
import { Chain, TlsSection } from './tls-section.tsx'

const isText = (value: unknown): value is string => typeof value === 'string'
const certificateFields = ['subject', 'issuer', 'altNames', 'validFrom', 'validTo', 'sha256'] as const
const isCertificate = (value: unknown): value is CertificateFacts =>
  typeof value === 'object' &&
  value !== null &&
  certificateFields.every((field) => isText((value as Partial<CertificateFacts>)[field]))

const isChain = (value: unknown): value is readonly CertificateFacts[] =>
  Array.isArray(value) && value.every(isCertificate)

const isTlsFacts = (value: object): value is TlsFacts => {
  const facts = value as Partial<TlsFacts>
  const failure = facts.notTrusted
  return (
    isChain(facts.chain) &&
    isText(facts.protocol) &&
    isText(facts.cipher) &&
    (facts.alpn === null || isText(facts.alpn)) &&
    (facts.serverName === null || isText(facts.serverName)) &&
    (failure === null || (isText(failure?.code) && isText(failure.message)))
  )
}

export const HandshakeSection = ({ seq }: { readonly seq: number }) => {
  const { t } = useTranslation()
  const details: unknown = eventLog.details(seq)
  if (typeof details !== 'object' || details === null) return null
  if (isTlsFacts(details)) return <TlsSection facts={details} />
  if (!('chain' in details) || !isChain(details.chain) || details.chain.length === 0) return null
  return (
    <section className="inspector-section" aria-label={t('tls.section')}>
      <div className="inspector-section-head">
        <h3>{t('tls.chain')}</h3>
      </div>
      <Chain chain={details.chain} />
    </section>
  )
}

/** A handshake is among the first events of its connection: behind the attempts of a name with many addresses. */
const eventsSought = 16

/** The event that tells of a connection's handshake, as long as it is held; null where there is none. */
const handshakeOf = (id: ConnectionId): number | null => {
  const track = eventLog.connections.get(id)?.track
  if (track === undefined) return null
  const end = Math.min(track.end, track.first + eventsSought)
  for (let position = track.first; position < end; position++) {
    const seq = track.seqAt(position)
    const kind = eventLog.has(seq) ? eventLog.kind(seq) : null
    if (kind === 'tls-established' || kind === 'tls-failed') return seq
  }
  return null
}

/** The same for a connection that was refused: of those the engine keeps no chain. */
export const ConnectionHandshake = ({ id }: { readonly id: ConnectionId }) => {
  const seq = handshakeOf(id)
  return seq === null ? null : <HandshakeSection seq={seq} />
}
