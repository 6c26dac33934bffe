// What every page of the inspector is made of: facts, moments, addresses, links to other things. Counterparts:
// event-page.tsx, connection-page.tsx, endpoint-page.tsx.
import type { ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import { formatAddress } from '../../../preload/contract/checks.ts'
import type { Failure } from '../../../preload/contract/failure.ts'
import type { Address, Cause, ConnectionId, EndpointId } from '../../../preload/contract/vocabulary.ts'
import { eventLog } from '../../event-log/event-log.ts'
import { useEndpoints } from '../../stores/endpoints.ts'
import { selectionStore } from '../../stores/selection.ts'
import type { Staleness } from '../../stores/staleness.ts'
import { splitSeconds } from '../../ui/format.ts'
import { CauseMark, isTrouble } from '../../ui/marks.tsx'

/** One label with its value; left out where there is no value. */
export const Fact = ({ label, children }: { readonly label: string; readonly children: ReactNode }) => (
  <>
    <dt>{label}</dt>
    <dd className="data">{children}</dd>
  </>
)

/** Seconds since the engine's start, the microseconds dimmed. */
export const Moment = ({ at }: { readonly at: number }) => {
  const [seconds, micros] = splitSeconds(at)
  return (
    <span className="moment">
      {seconds}
      <span className="dim">&#8239;{micros}</span> s
    </span>
  )
}

export const AddressText = ({ address }: { readonly address: Address | null }) =>
  address === null ? <span className="dim">–</span> : formatAddress(address)

/** A cause by its word, in the error colour where it is one. */
export const CauseText = ({ cause }: { readonly cause: Cause }) => {
  const { t } = useTranslation()
  const words = t(`cause.${cause}`)
  return (
    <span className={isTrouble(cause) ? 'cause err-text' : 'cause'}>
      <CauseMark cause={cause} />
      <span>{cause}</span>
      {/* Some causes are their own word. */}
      {words.toLowerCase() === cause.replaceAll('-', ' ') ? null : <span className="dim">{words}</span>}
    </span>
  )
}

/** Beside a state that may not hold any more: when it was true. */
export const LastHeard = ({ stale }: { readonly stale: Staleness | null }) => {
  const { t } = useTranslation()
  return stale === null ? null : <span className="dim">{t(`inspector.stale.${stale}`)}</span>
}

/** The errno name, then its sentence. */
export const FailureText = ({ failure }: { readonly failure: Failure }) => (
  <>
    <span className="err-text">{failure.code}</span>
    <span className="failure-message">{failure.message}</span>
  </>
)

/** A connection's number and name; a click selects it. */
export const ConnectionLink = ({ id }: { readonly id: ConnectionId }) => {
  const name = useEndpoints((state) => {
    // The log knows whose it was for longer than the engine does.
    const endpoint = state.connections.get(id)?.endpoint ?? eventLog.connections.get(id)?.endpoint
    return endpoint === undefined || endpoint === null ? undefined : state.names.get(endpoint)
  })
  return (
    <button type="button" className="inspector-link" onClick={() => selectionStore.getState().selectConnection(id)}>
      {id}
      {name === undefined ? null : ` ${name}`}
    </button>
  )
}

/** An endpoint's name; a click selects it. */
export const EndpointLink = ({ id }: { readonly id: EndpointId }) => {
  const { t } = useTranslation()
  const endpoint = useEndpoints((state) => state.endpoints.get(id))
  const name = useEndpoints((state) => state.names.get(id))
  if (endpoint === undefined)
    return (
      <span className="dim">{name === undefined ? t('inspector.removed') : t('inspector.nameRemoved', { name })}</span>
    )
  return (
    <button type="button" className="inspector-link" onClick={() => selectionStore.getState().selectEndpoint(id)}>
      {endpoint.spec.name}
      {endpoint.spec.name === endpoint.spec.role ? null : (
        <span className="dim"> {t(`word.${endpoint.spec.role}`).toLowerCase()}</span>
      )}
    </button>
  )
}
