// What a row says in words where its event carries no payload: addresses, causes, errors, buffers. Counterpart: the
// contract's EventDetails; the inspector shows the same facts one by one.
import { formatAddress } from '../../../preload/contract/checks.ts'
import type { FaultEffect } from '../../../preload/contract/faults.ts'
import type { EventDetails, EventKind } from '../../../preload/contract/vocabulary.ts'
import { eventLog } from '../../event-log/event-log.ts'
import { t } from '../../i18n/index.ts'
import { formatBytes, formatDuration } from '../../ui/format.ts'

type Words = { readonly [K in EventKind]: (details: EventDetails[K], seq: number) => string }

const causeWord = (seq: number) => t(`lifelines.cause.${eventLog.cause(seq)}`)

const lostWords = (details: EventDetails['connection-lost'], seq: number): string => {
  const { error, unsentBytes, unreadBytes, ignoredBytes } = details
  const cause = causeWord(seq)
  const parts = [
    error === null ? cause : t('eventTable.detail.failed', { cause, code: error.code }),
    unsentBytes > 0 ? t('eventTable.detail.unsent', { size: formatBytes(unsentBytes) }) : '',
    unreadBytes > 0 ? t('eventTable.detail.unread', { size: formatBytes(unreadBytes) }) : '',
    ignoredBytes > 0 ? t('eventTable.detail.ignored', { size: formatBytes(ignoredBytes) }) : '',
  ]
  return parts.filter((part) => part !== '').join(', ')
}

const failedWords = (details: EventDetails['connection-failed'], seq: number): string => {
  const cause = causeWord(seq)
  const { code } = details.error
  const id = eventLog.connection(seq)
  const connection = id === null ? undefined : eventLog.connections.get(id)
  if (eventLog.cause(seq) !== 'timed-out' || connection === undefined || !connection.startKnown)
    return t('eventTable.detail.failed', { cause, code })
  return t('eventTable.detail.failedAfter', {
    cause,
    code,
    duration: formatDuration(eventLog.at(seq) - connection.startedAt),
  })
}

const words: Words = {
  'listener-started': ({ local }) => t('eventTable.detail.on', { address: formatAddress(local) }),
  'listener-stopped': ({ local }) =>
    local === null ? '' : t('eventTable.detail.on', { address: formatAddress(local) }),
  'listener-failed': ({ error, local }, seq) =>
    t('eventTable.detail.attempt', { address: formatAddress(local), cause: causeWord(seq), code: error.code }),
  'connection-started': ({ remote, side }) => towards('to', remote, side),
  'attempt-failed': ({ remote, error }, seq) =>
    t('eventTable.detail.attempt', { address: formatAddress(remote), cause: causeWord(seq), code: error.code }),
  'connection-made': ({ remote, direction, side }) => towards(direction === 'in' ? 'from' : 'to', remote, side),
  'connection-failed': failedWords,
  'data-received': () => '',
  'data-sent': () => '',
  'eof-received': () => t('eventTable.detail.eofReceived'),
  'eof-sent': () => t('eventTable.detail.eofSent'),
  'writing-paused': ({ bufferedBytes, highWaterBytes }) =>
    t('eventTable.detail.writingPaused', { size: formatBytes(bufferedBytes), mark: formatBytes(highWaterBytes) }),
  'writing-resumed': ({ bufferedBytes, pausedMs }) =>
    t('eventTable.detail.writingResumed', { size: formatBytes(bufferedBytes), duration: formatDuration(pausedMs) }),
  'reading-paused': () => t('eventTable.detail.readingPaused'),
  'reading-resumed': () => t('eventTable.detail.readingResumed'),
  'connection-lost': lostWords,
  'accept-failed': ({ count, error }) => t('eventTable.detail.notAccepted', { count, code: error.code }),
  'tls-established': ({ protocol, cipher, alpn }) =>
    [protocol, cipher, alpn ?? ''].filter((part) => part !== '').join(', '),
  'tls-failed': ({ error }) => t('eventTable.detail.error', { message: error.message, code: error.code }),
  'rule-matched': ({ rule, name }) =>
    name === '' ? t('eventTable.detail.ruleNumber', { number: rule + 1 }) : t('eventTable.detail.rule', { name }),
  'script-logged': ({ text }) => text,
  'script-failed': ({ error, line }) =>
    line === 0 ? error.message : t('eventTable.detail.atLine', { message: error.message, line }),
  'framing-failed': ({ error }) => error.message,
  'fault-applied': ({ fault, effect }) => t('eventTable.detail.fault', { fault, effect: effectWords(effect) }),
  'chunk-held': ({ held, flow }) => t('eventTable.detail.held', { held, flow }),
  'chunk-released': ({ held, decision, bytes, heldMs }) =>
    t(`eventTable.detail.released.${decision}`, { held, size: formatBytes(bytes), duration: formatDuration(heldMs) }),
  'chunk-replaced': ({ name, count }) => t('eventTable.detail.replaced', { name, count }),
  'step-ended': ({ step, name, passed, message, tookMs }) =>
    t(`eventTable.detail.step.${passed ? 'passed' : 'failed'}`, {
      number: step + 1,
      name,
      message,
      duration: formatDuration(tookMs),
    }),
  'reconnect-planned': ({ attempt, inMs }) =>
    t('eventTable.detail.reconnect', { attempt, duration: formatDuration(inMs) }),
}

/** What a fault did to a chunk, in a few words. */
export const effectWords = (effect: FaultEffect): string => {
  const parts: string[] = []
  if (effect.delayedMs !== undefined)
    parts.push(t('eventTable.effect.delayed', { duration: formatDuration(effect.delayedMs) }))
  if (effect.slices !== undefined) parts.push(t('eventTable.effect.sliced', { count: effect.slices }))
  if (effect.cutAt !== undefined) parts.push(t('eventTable.effect.cut', { at: effect.cutAt }))
  if (effect.droppedBytes !== undefined)
    parts.push(t('eventTable.effect.dropped', { size: formatBytes(effect.droppedBytes) }))
  if (effect.flippedBits !== undefined)
    parts.push(t('eventTable.effect.flipped', { count: effect.flippedBits, at: effect.firstFlippedAt ?? 0 }))
  if (effect.ended !== undefined) parts.push(t(`eventTable.effect.ended.${effect.ended}`))
  return parts.join(', ')
}

const towards = (
  way: 'to' | 'from',
  remote: EventDetails['connection-started']['remote'],
  side: EventDetails['connection-started']['side'],
): string => {
  const address = formatAddress(remote)
  return side === null
    ? t(`eventTable.detail.${way}`, { address })
    : t(`eventTable.detail.${way}Via`, { address, side: t(`eventTable.side.${side}`) })
}

/** One line about a held event that is not data. */
export const detailWords = (seq: number): string => {
  const kind = eventLog.kind(seq)
  // Kinds and details belong together by the contract; the table of words is keyed by the same kinds.
  const say = words[kind] as (details: EventDetails[EventKind], seq: number) => string
  const details = eventLog.details(seq)
  return details === null && !kindsWithoutDetails.has(kind) ? causeWord(seq) : say(details, seq)
}

/** What the contract gives no details (`EventDetails` is null): their words need none. */
const kindsWithoutDetails: ReadonlySet<EventKind> = new Set([
  'data-received',
  'data-sent',
  'eof-received',
  'eof-sent',
  'reading-paused',
  'reading-resumed',
])
