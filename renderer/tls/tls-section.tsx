// What TLS has agreed on, and the peer's chain, in the inspector. Names in certificates are the peer's words: text, never markup.
// Counterparts: the contract's TlsFacts, workbench/inspector/connection-page.tsx.
import { useTranslation } from 'react-i18next'
import { type CertificateFacts, generatedIdentity, type TlsFacts } from '../../preload/contract/tls.ts'
import type { EndpointSpec } from '../../preload/contract/vocabulary.ts'
import { LockMark } from '../ui/marks.tsx'
import { Fact, FailureText } from '../workbench/inspector/parts.tsx'
import './tls.css'

const Certificate = ({ certificate, n }: { readonly certificate: CertificateFacts; readonly n: number }) => {
  const { t } = useTranslation()
  const { subject, issuer, altNames, validFrom, validTo, sha256 } = certificate
  return (
    <details className="fold certificate">
      <summary>
        <span className="dim">{n}</span> <span className="data cut">{subject || altNames}</span>
      </summary>
      <dl className="facts">
        <Fact label={t('tls.subject')}>{subject}</Fact>
        {altNames === '' ? null : <Fact label={t('tls.altNames')}>{altNames}</Fact>}
        <Fact label={t('tls.issuer')}>{issuer === subject ? t('tls.selfSigned') : issuer}</Fact>
        <Fact label={t('tls.validity')}>{t('tls.validityValue', { from: validFrom, to: validTo })}</Fact>
        <Fact label={t('tls.fingerprint')}>
          <span className="fingerprint">{sha256}</span>
        </Fact>
      </dl>
    </details>
  )
}

/** Certificates of a chain, leaf first; each folds out. */
export const Chain = ({ chain }: { readonly chain: readonly CertificateFacts[] }) => (
  <div className="chain">
    {chain.map((certificate, i) => (
      <Certificate key={certificate.sha256} certificate={certificate} n={i + 1} />
    ))}
  </div>
)

export const TlsSection = ({ facts }: { readonly facts: TlsFacts }) => {
  const { t } = useTranslation()
  const { protocol, cipher, alpn, serverName, verified, notTrusted, chain, resumed } = facts
  return (
    <section className="inspector-section" aria-label={t('tls.section')}>
      <div className="inspector-section-head">
        <h3>
          <span className="lock-mark">
            <LockMark />
          </span>{' '}
          {t('tls.section')}
        </h3>
        {resumed ? <span className="dim">{t('tls.resumed')}</span> : null}
      </div>
      <dl className="facts">
        <Fact label={t('tls.protocol')}>{protocol}</Fact>
        <Fact label={t('tls.cipher')}>{cipher}</Fact>
        <Fact label={t('tls.alpn')}>{alpn ?? <span className="dim">{t('tls.alpnNone')}</span>}</Fact>
        {serverName === null ? null : <Fact label={t('tls.askedName')}>{serverName}</Fact>}
        <Fact label={t('tls.trust')}>
          {notTrusted !== null ? (
            <FailureText failure={notTrusted} />
          ) : verified ? (
            <>
              {t('tls.trusted')} <span className="dim">{t('tls.trustedPeer')}</span>
            </>
          ) : (
            <span className="dim">{t('tls.notAsked')}</span>
          )}
        </Fact>
      </dl>
      {chain.length === 0 ? null : <Chain chain={chain} />}
      <p className="field-help">{t('tls.inside')}</p>
    </section>
  )
}

/** How an endpoint is set to secure its connections; nothing for clear text. */
export const TlsFact = ({ spec }: { readonly spec: EndpointSpec }) => {
  const { t } = useTranslation()
  const server = spec.role === 'relay' ? spec.listenTls : spec.role === 'listener' ? spec.tls : undefined
  const client = spec.role === 'relay' ? spec.upstreamTls : spec.role === 'client' ? spec.tls : undefined
  return (
    <>
      {server === undefined ? null : (
        <Fact label={t('tls.shows')}>
          {server.identity === generatedIdentity ? t('tls.generated') : server.identity}
        </Fact>
      )}
      {client === undefined ? null : (
        <Fact label={t('tls.trust')}>{t(client.verify ? 'tls.verifies' : 'tls.verifiesNot')}</Fact>
      )}
    </>
  )
}
