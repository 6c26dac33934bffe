// What a handshake came to, as its event tells it: the facts, or the chain that was refused. A capture may come from anybody:
// what has not the shape of these is not shown. Counterparts: tls-section.tsx, workbench/inspector/event-page.tsx.
import { useTranslation } from 'react-i18next'
import type { CertificateFacts, TlsFacts } from '../../preload/contract/tls.ts'
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
