// What became of an export: what is in the file, and what is not. Counterparts: preload/contract/exports.ts (the numbers),
// export-sheet.tsx.
import { CircleCheck } from 'lucide-react'
import { useTranslation } from 'react-i18next'
import type { ExportSummary } from '../../preload/contract/exports.ts'
import { formatBytes, formatCount } from '../ui/format.ts'
import { Fact } from '../workbench/inspector/parts.tsx'

export const SummaryFacts = ({ name, summary }: { readonly name: string; readonly summary: ExportSummary }) => {
  const { t } = useTranslation()
  const { packets, events, connections, payloadBytes, missingBytes, droppedEvents, twins, withoutAddress } = summary
  const missing = [
    missingBytes === 0 ? null : t('export.summary.missingBytes', { size: formatBytes(missingBytes) }),
    droppedEvents === 0
      ? null
      : t('export.summary.droppedEvents', { count: droppedEvents, number: formatCount(droppedEvents) }),
  ].filter((part) => part !== null)
  return (
    <>
      <p className="export-done" role="status">
        <CircleCheck size={14} aria-hidden="true" />
        <strong className="data">{t('export.done', { name })}</strong>
      </p>
      <dl className="facts">
        {packets === 0 ? (
          <Fact label={t('export.summary.events')}>{formatCount(events)}</Fact>
        ) : (
          <Fact label={t('export.summary.packets')}>{formatCount(packets)}</Fact>
        )}
        <Fact label={t('export.summary.connections')}>{formatCount(connections)}</Fact>
        <Fact label={t('export.summary.payload')}>{formatBytes(payloadBytes)}</Fact>
        <Fact label={t('export.summary.size')}>{formatBytes(summary.writtenBytes)}</Fact>
        <Fact label={t('export.summary.missing')}>
          {missing.length === 0 ? t('export.summary.nothing') : <span className="err-text">{missing.join(', ')}</span>}
        </Fact>
        {twins === 0 ? null : (
          <Fact label={t('export.summary.twins')}>
            {t('export.summary.twinsHelp', { count: twins, number: formatCount(twins) })}
          </Fact>
        )}
        {withoutAddress === 0 ? null : (
          <Fact label={t('export.summary.without')}>
            {t('export.summary.withoutHelp', { count: withoutAddress, number: formatCount(withoutAddress) })}
          </Fact>
        )}
      </dl>
    </>
  )
}
