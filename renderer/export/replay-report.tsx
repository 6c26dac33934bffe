// What became of a replay: what was sent, what came back, and where that was not what is recorded. Counterparts:
// preload/contract/exports.ts (the report), replay-sheet.tsx.
import { useTranslation } from 'react-i18next'
import type { ReplayReport } from '../../preload/contract/exports.ts'
import { formatHex } from '../../preload/contract/notation.ts'
import { formatBytes, formatCount, formatDuration } from '../ui/format.ts'
import { CauseText, Fact, FailureText } from '../workbench/inspector/parts.tsx'

const Answers = ({ report }: { readonly report: ReplayReport }) => {
  const { t } = useTranslation()
  const { difference, notCompared, answerBytes, recordedAnswerBytes } = report
  const show = (bytes: Uint8Array) => (bytes.length === 0 ? t('replay.nothingMore') : formatHex(bytes).toUpperCase())
  if (difference !== null)
    return (
      <>
        <Fact label={t('replay.answers')}>
          <span className="err-text">{t('replay.differ', { offset: formatCount(difference.offset) })}</span>{' '}
          <span className="dim">
            {t('replay.answersOf', { size: formatBytes(answerBytes), recorded: formatBytes(recordedAnswerBytes) })}
          </span>
        </Fact>
        <Fact label={t('replay.recorded')}>{show(difference.recorded)}</Fact>
        <Fact label={t('replay.came')}>{show(difference.came)}</Fact>
      </>
    )
  if (notCompared !== null)
    return <Fact label={t('replay.answers')}>{t('replay.notCompared', { message: notCompared })}</Fact>
  return (
    <Fact label={t('replay.answers')}>
      {t(answerBytes === 0 ? 'replay.none' : 'replay.same')}{' '}
      {answerBytes === 0 ? null : <span className="dim">{formatBytes(answerBytes)}</span>}
    </Fact>
  )
}

export const ReplayFacts = ({ report }: { readonly report: ReplayReport }) => {
  const { t } = useTranslation()
  const { outcome, failure, cause } = report
  return (
    <>
      <p role="status">
        <strong className={outcome === 'done' || outcome === 'cancelled' ? '' : 'err-text'}>
          {t(`replay.outcome.${outcome}`)}
        </strong>
      </p>
      <dl className="facts">
        {failure === null ? null : (
          <Fact label={t('inspector.error')}>
            <FailureText failure={failure} />
          </Fact>
        )}
        {outcome === 'failed' ? null : (
          <>
            <Fact label={t('replay.sent')}>
              {t('replay.of', { sent: formatBytes(report.sentBytes), total: formatBytes(report.recordedBytes) })}{' '}
              {report.missingBytes === 0 ? null : (
                <span className="err-text">{t('replay.missing', { size: formatBytes(report.missingBytes) })}</span>
              )}
            </Fact>
            <Answers report={report} />
            <Fact label={t('replay.took')}>{formatDuration(report.tookMs)}</Fact>
          </>
        )}
        {cause === 'none' ? null : (
          <Fact label={t('replay.ending')}>
            <CauseText cause={cause} />
          </Fact>
        )}
      </dl>
    </>
  )
}
