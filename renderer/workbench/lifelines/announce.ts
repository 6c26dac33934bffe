// What a screen reader hears about an event: kind, size or cause, connection, time. Counterpart: the live region in
// chart.tsx.
import type { EndpointId } from '../../../preload/contract/vocabulary.ts'
import { eventLog } from '../../event-log/event-log.ts'
import { t } from '../../i18n/index.ts'
import { endpointsStore } from '../../stores/endpoints.ts'

/** An endpoint's name; empty where it is not known any more. */
export const endpointName = (id: EndpointId | null): string =>
  (id === null ? undefined : endpointsStore.getState().names.get(id)) ?? ''

export const announcement = (seq: number): string => {
  if (!eventLog.has(seq)) return ''
  const kind = eventLog.kind(seq)
  const connection = eventLog.connection(seq)
  const name = endpointName(eventLog.endpoint(seq))
  const time = (eventLog.at(seq) / 1000).toFixed(3)
  if (connection === null) return t('lifelines.announceEndpoint', { kind, name, time })
  if (kind === 'data-received' || kind === 'data-sent')
    return t('lifelines.announceData', { kind, bytes: eventLog.length(seq), connection, name, time })
  return t('lifelines.announceOther', {
    kind,
    cause: t(`lifelines.cause.${eventLog.cause(seq)}`),
    connection,
    name,
    time,
  })
}
