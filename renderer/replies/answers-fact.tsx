// How a listener or client answers, in a few words: in the side bar and in the inspector; and the message that a rule
// answered. Counterparts: answers.ts, replies-sheet.tsx.
import type { TFunction } from 'i18next'
import { useTranslation } from 'react-i18next'
import type { EndpointInfo, EndpointSpec, EventDetails } from '../../preload/contract/vocabulary.ts'
import { eventLog } from '../event-log/event-log.ts'
import { SeqLink } from '../relay/acted.tsx'
import { Fact } from '../workbench/inspector/parts.tsx'

/** A script, or rules that are on; empty where there are none. */
const answering = (t: TFunction, spec: EndpointSpec): string => {
  if (spec.role === 'relay') return ''
  if (spec.script !== undefined) return t('replies.script')
  const on = (spec.rules ?? []).filter((rule) => rule.on).length
  return on === 0 ? '' : t('replies.foldRules', { count: on })
}

/** The same for a row of the side bar. `trouble`: the script has ended. */
export const answersWords = (
  t: TFunction,
  { spec, scriptFailed }: EndpointInfo,
): { readonly words: string; readonly trouble: boolean } =>
  scriptFailed === undefined
    ? { words: answering(t, spec), trouble: false }
    : { words: t('replies.sideFailed'), trouble: true }

/** Where messages end, what answers them, and why the script does not. */
export const AnswersFact = ({ endpoint }: { readonly endpoint: EndpointInfo }) => {
  const { t } = useTranslation()
  const { spec, scriptFailed } = endpoint
  const framing = spec.framing === undefined ? '' : t(`replies.framing_${spec.framing.kind}`)
  const said = [framing, answering(t, spec)].filter((part) => part !== '').join(', ')
  return said === '' ? null : (
    <Fact label={t('replies.fact')}>
      {said}
      {scriptFailed === undefined ? null : (
        <p className="err-text">
          {scriptFailed.line === 0
            ? t('replies.scriptFailedAnywhere', { message: scriptFailed.error.message })
            : t('replies.scriptFailed', { line: scriptFailed.line, message: scriptFailed.error.message })}
        </p>
      )}
    </Fact>
  )
}

/** Of a matched rule or a failed framing: the chunk with the message's last byte. */
export const MessageChunkFact = ({ seq }: { readonly seq: number }) => {
  const { t } = useTranslation()
  const kind = eventLog.kind(seq)
  if (kind !== 'rule-matched' && kind !== 'framing-failed') return null
  const details = eventLog.details(seq) as EventDetails['rule-matched' | 'framing-failed'] | null
  return details === null ? null : (
    <Fact label={t('replies.chunk')}>
      <SeqLink seq={details.chunk} />
    </Fact>
  )
}
