// What a callback is called: the protocol's own word for what it did, taken from the events that it produced; where it
// produced none, what kind of callback it is. Counterparts: the contract's vocabulary; the flame timeline, the table, the
// lint card and the inspector all say the same words.

import type { EventLog } from '../event-log/event-log.ts'
import { t } from '../i18n/index.ts'
import type { Callback } from '../loop-log/callbacks.ts'
import { endpointsStore } from '../stores/endpoints.ts'
import { formatBytes, formatDuration } from '../ui/format.ts'

export interface CallbackWords {
  /** `data-received`, `timer`, … */
  readonly what: string
  /** Its bytes, or how many more events it produced; empty where there is nothing to add. */
  readonly detail: string
}

/** Resource types that have a word of their own where no event tells more. */
const namedTypes = {
  TCPSERVERWRAP: 'accept',
  TCPWRAP: 'read',
  TCPCONNECTWRAP: 'connect',
  WRITEWRAP: 'written',
  SHUTDOWNWRAP: 'shutDown',
  GETADDRINFOREQWRAP: 'lookup',
  Timeout: 'timer',
  Immediate: 'immediate',
  TickObject: 'tick',
  PROMISE: 'microtask',
  Microtask: 'microtask',
  MESSAGEPORT: 'message',
  WORKER: 'worker',
} as const

const ownTypes = { Immediate: 'heartbeat', Timeout: 'publish', MESSAGEPORT: 'port' } as const

/** What must be known of events to name the callback that produced them. */
export type NamingEvents = Pick<EventLog, 'has' | 'kind' | 'length'>

/** The first event that it produced and that is held; null where there is none. */
export const firstEventOf = (log: Pick<EventLog, 'has'>, callback: Callback): number | null => {
  for (let seq = callback.firstSeq; seq < callback.firstSeq + callback.seqCount; seq++) if (log.has(seq)) return seq
  return null
}

export const callbackWords = (log: NamingEvents, callback: Callback): CallbackWords => {
  const seq = callback.own ? null : firstEventOf(log, callback)
  if (seq !== null) {
    const length = log.length(seq)
    const more = callback.seqCount - 1
    const parts = [length > 0 ? formatBytes(length) : '', more > 0 ? t('loop.moreEvents', { count: more }) : '']
    return { what: log.kind(seq), detail: parts.filter((part) => part !== '').join(' ') }
  }
  const own = callback.own && callback.type in ownTypes ? ownTypes[callback.type as keyof typeof ownTypes] : null
  if (own !== null) return { what: t(`loop.own.${own}`), detail: t('loop.own.tag') }
  if (callback.type === 'block-loop') return { what: t('loop.type.block'), detail: t('loop.blockAsked') }
  const named = callback.type in namedTypes ? namedTypes[callback.type as keyof typeof namedTypes] : null
  return {
    what: named === null ? t('loop.type.other') : t(`loop.type.${named}`),
    detail: callback.own ? t('loop.own.tag') : '',
  }
}

/** `3 redis`; the name is empty where the endpoint is not known any more. */
export const connectionWords = (callback: Callback): { readonly id: string; readonly name: string } => ({
  id: callback.connection === null ? '' : `${callback.connection}`,
  name: (callback.endpoint === null ? undefined : endpointsStore.getState().names.get(callback.endpoint)) ?? '',
})

/** One line for the flame timeline: `data-received · conn 3 · 12 B · 80 µs`. */
export const flameLabel = (log: EventLog, callback: Callback): string => {
  const { what, detail } = callbackWords(log, callback.seqCount > 1 ? { ...callback, seqCount: 1 } : callback)
  const connection = callback.connection === null ? '' : t('loop.conn', { id: callback.connection })
  return [what, connection, detail, formatDuration(callback.end - callback.start)]
    .filter((part) => part !== '')
    .join(' · ')
}

/** How long it waited to run, in ms; null where that was not measured, also for the first one that poll delivered. */
export const waitedMs = (callback: Callback): number | null =>
  callback.readyAt === null || callback.start <= callback.readyAt ? null : callback.start - callback.readyAt
