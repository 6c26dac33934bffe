// What is told of an event in a comment: which one it is, the callback that it happened in, why, and its details. Facts of the
// wire and the loop only; specs, certificates' keys and secrets are in no event. Counterpart: pcapng.ts.
import { type EventBatch, isData, rowDetails } from '../../preload/contract/event-columns.ts'
import type { TlsFacts } from '../../preload/contract/tls.ts'
import { causes, type EventKind, eventKinds } from '../../preload/contract/vocabulary.ts'
import type { PhaseNames } from './phase-names.ts'

/** Details of a comment are cut to so many characters: a certificate chain of a stranger may be long. */
const mostDetails = 2000

const tlsWords = ({ protocol, cipher, alpn, serverName, verified }: TlsFacts): string =>
  `${protocol}, ${cipher}${alpn === null ? '' : `, ALPN ${alpn}`}${serverName === null ? '' : `, SNI ${serverName}`}, peer ` +
  `${verified ? 'verified' : 'not verified'}. What was inside TLS stands here as the payload of TCP; on the wire it was encrypted.`

/** Details as JSON on one line, without what needs no words. */
const detailWords = (kind: EventKind, details: object): string => {
  if (kind === 'tls-established') return tlsWords(details as TlsFacts)
  const told = Object.entries(details).filter(
    ([name, value]) =>
      value !== null && value !== 0 && !['local', 'remote', 'direction', 'side', 'pair', 'chain'].includes(name),
  )
  if (told.length === 0) return ''
  const text = JSON.stringify(Object.fromEntries(told))
  return text.length > mostDetails ? `${text.slice(0, mostDetails)}…` : text
}

/** One line about row `i` of a batch. */
export const eventWords = (batch: EventBatch, i: number, phaseNames: PhaseNames): string => {
  const kind = eventKinds[batch.kind[i]!]!
  const cause = causes[batch.cause[i]!]!
  const callback = batch.callback[i]!
  const phase = phaseNames.of(callback)
  const details = isData(batch.kind[i]!) ? null : rowDetails(batch, i)
  const parts = [
    `event ${batch.firstSeq + i} ${kind}`,
    isData(batch.kind[i]!) ? `${batch.length[i]} bytes` : '',
    cause === 'none' ? '' : cause,
    `iteration ${batch.iteration[i]}`,
    callback === 0 ? '' : `callback ${callback}${phase === null ? '' : ` in ${phase}`}`,
  ]
  const words = details === null ? '' : detailWords(kind, details)
  return `${parts.filter(Boolean).join(', ')}${words === '' ? '' : `: ${words}`}`
}
