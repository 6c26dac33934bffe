// What was done to a chunk on its way through a relay, where a chunk is shown: a few words in the table's row, every act with
// its event in the inspector, and the write that it left as. Counterparts: event-log/acts.ts, the engine's lab, which
// records each act right before it hands the bytes on.
import { useTranslation } from 'react-i18next'
import type { EventDetails } from '../../preload/contract/vocabulary.ts'
import { type ActKind, actKinds } from '../event-log/acts.ts'
import { eventLog } from '../event-log/event-log.ts'
import { t } from '../i18n/index.ts'
import { useLogCounts } from '../stores/log-counts.ts'
import { selectionStore } from '../stores/selection.ts'
import { formatDuration } from '../ui/format.ts'
import { EventMark } from '../ui/marks.tsx'
import { effectWords } from '../workbench/event-table/detail-words.ts'
import { Fact } from '../workbench/inspector/parts.tsx'

/** Acts that the inspector lists at most. */
const listed = 12
/** How far before a write its last act is looked for. */
const reach = 32

const isActKind = (kind: string): kind is ActKind => (actKinds as readonly string[]).includes(kind)

/** What one act did, without saying to which chunk; `named` says which fault or rule it was, too. */
const actWords = (seq: number, named: boolean): string => {
  switch (eventLog.kind(seq)) {
    case 'fault-applied': {
      const details = eventLog.details<'fault-applied'>(seq)
      if (details === null) return ''
      return named ? `${details.fault}: ${effectWords(details.effect)}` : effectWords(details.effect)
    }
    case 'chunk-released': {
      const details = eventLog.details<'chunk-released'>(seq)
      if (details === null) return ''
      return t('relay.acted.held', {
        duration: formatDuration(details.heldMs),
        decision: t(`relay.acted.decision.${details.decision}`),
      })
    }
    case 'chunk-replaced': {
      const details = eventLog.details<'chunk-replaced'>(seq)
      return details === null ? '' : t('relay.acted.replaced', { name: details.name, count: details.count })
    }
    case 'chunk-held':
      return t('relay.acted.heldNow')
    default:
      return ''
  }
}

/** The acts on a chunk; of a chunk that was let go, that it was held is said by that. */
const tellingActs = (chunk: number): readonly number[] => {
  const acts = eventLog.acts(chunk)
  return acts.some((act) => eventLog.kind(act) === 'chunk-released')
    ? acts.filter((act) => eventLog.kind(act) !== 'chunk-held')
    : acts
}

/** What was done to a chunk, in the few words that a row has room for; empty where nothing was. */
export const actedWords = (chunk: number): string => {
  const acts = tellingActs(chunk)
  if (acts.length === 0) return ''
  const delayOf = (act: number) =>
    eventLog.kind(act) === 'fault-applied' ? (eventLog.details<'fault-applied'>(act)?.effect.delayedMs ?? 0) : 0
  // What it took longest for tells most; else what was done to it last.
  const telling = acts.reduce((best, act) => (delayOf(act) >= delayOf(best) ? act : best))
  const words = actWords(telling, false)
  return acts.length > 1 ? `${words} +${acts.length - 1}` : words
}

/** The write that a chunk, or the last part of it, left as: it follows the last act in the same turn. Null where none did. */
export const leftAs = (chunk: number): number | null => {
  const last = eventLog.acts(chunk).at(-1)
  const from = eventLog.connection(chunk)
  if (last === undefined || from === null || eventLog.kind(last) === 'chunk-held') return null
  const pair = eventLog.connections.get(from)?.pair ?? null
  for (let seq = eventLog.next(last), left = reach; seq !== null && left > 0; seq = eventLog.next(seq), left--) {
    if (!eventLog.has(seq) || eventLog.iteration(seq) !== eventLog.iteration(last)) return null
    if (eventLog.kind(seq) === 'data-sent' && eventLog.connection(seq) === pair) return seq
    // Another act on another chunk: what follows is that one's.
    if (isActKind(eventLog.kind(seq)) && eventLog.connection(seq) === from) return null
  }
  return null
}

/** The chunk that a write was before faults, a person or a replacement did something to it; null where nothing did. */
export const cameAs = (sent: number): number | null => {
  const to = eventLog.connection(sent)
  const pair = to === null ? null : (eventLog.connections.get(to)?.pair ?? null)
  if (pair === null) return null
  for (
    let seq = eventLog.previous(sent), left = reach;
    seq !== null && left > 0;
    seq = eventLog.previous(seq), left--
  ) {
    if (!eventLog.has(seq) || eventLog.iteration(seq) !== eventLog.iteration(sent)) return null
    if (!isActKind(eventLog.kind(seq)) || eventLog.connection(seq) !== pair) continue
    const details = eventLog.details(seq) as EventDetails[ActKind] | null
    const chunk = details?.chunk ?? null
    return chunk !== null && leftAs(chunk) === sent ? chunk : null
  }
  return null
}

export const SeqLink = ({ seq }: { readonly seq: number }) => (
  <button
    type="button"
    className="inspector-link"
    onClick={() => selectionStore.getState().selectEvent(seq, eventLog.has(seq) ? eventLog.connection(seq) : null)}
  >
    #{seq}
  </button>
)

/** Facts about a chunk or a write in a relay's lab; nothing where nothing was done to it. */
export const ActedFacts = ({ seq }: { readonly seq: number }) => {
  const { t } = useTranslation()
  // Acts come later than what they are done to.
  useLogCounts(() => eventLog.acts(seq).join())
  if (!eventLog.has(seq)) return null
  if (eventLog.kind(seq) === 'data-sent') {
    const chunk = cameAs(seq)
    return chunk === null ? null : (
      <Fact label={t('relay.acted.cameAs')}>
        <SeqLink seq={chunk} /> <span className="dim">{eventLog.has(chunk) ? actedWords(chunk) : ''}</span>
      </Fact>
    )
  }
  const acts = tellingActs(seq)
  if (acts.length === 0) return null
  const sent = leftAs(seq)
  return (
    <>
      <Fact label={t('relay.acted.title')}>
        <ul className="same-iteration acts">
          {acts.slice(0, listed).map((act) => (
            <li key={act}>
              <EventMark kind={eventLog.kind(act)} cause={eventLog.cause(act)} />
              <SeqLink seq={act} />
              <span className="acted-words">{actWords(act, true)}</span>
            </li>
          ))}
          {acts.length > listed ? (
            <li className="dim">{t('relay.acted.more', { count: acts.length - listed })}</li>
          ) : null}
        </ul>
      </Fact>
      {sent === null ? null : (
        <Fact label={t('relay.acted.leftAs')}>
          <SeqLink seq={sent} />{' '}
          <span className="dim">
            {formatDuration(eventLog.at(sent) - eventLog.at(seq))} {t('relay.acted.later')}
          </span>
        </Fact>
      )}
    </>
  )
}

/** Of an act: the chunk that it was done to. */
export const ActOnFact = ({ seq }: { readonly seq: number }) => {
  const { t } = useTranslation()
  if (!isActKind(eventLog.kind(seq))) return null
  const chunk = (eventLog.details(seq) as EventDetails[ActKind] | null)?.chunk ?? null
  return chunk === null ? null : (
    <Fact label={t('relay.acted.chunk')}>
      <SeqLink seq={chunk} />
    </Fact>
  )
}
