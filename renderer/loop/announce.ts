// What a screen reader hears about a callback: its words, connection, length, wait and time. Counterpart: the live regions of
// the flame timeline and the ring.
import { eventLog } from '../event-log/event-log.ts'
import { t } from '../i18n/index.ts'
import type { Callback } from '../loop-log/callbacks.ts'
import { formatDuration } from '../ui/format.ts'
import { callbackWords, connectionWords, waitedMs } from './words.ts'

export const announceCallback = (callback: Callback): string => {
  const { what, detail } = callbackWords(eventLog, callback)
  const { id, name } = connectionWords(callback)
  const waited = waitedMs(callback)
  return t('loop.announce', {
    what: [what, detail].filter(Boolean).join(' '),
    connection: id === '' ? '' : t('loop.announceConnection', { id, name }),
    phase: t(`loop.lane.${callback.lane}`),
    iteration: callback.iteration,
    ran: formatDuration(callback.end - callback.start),
    waited: waited === null ? '' : t('loop.announceWaited', { duration: formatDuration(waited) }),
    time: (callback.start / 1000).toFixed(3),
  })
}
