// Saves the recording, or what is shown of it, for Perfetto and Chrome's own viewer. Counterparts: trace-export.ts (the
// text), download.ts (the file).
import { Download } from 'lucide-react'
import { useTranslation } from 'react-i18next'
import { eventLog } from '../event-log/event-log.ts'
import { loopLog } from '../loop-log/loop-log.ts'
import { IconButton } from '../ui/button.tsx'
import { ActionMenu } from '../workbench/action-menu.tsx'
import { downloadParts } from './download.ts'
import { loopSettings } from './settings.ts'
import { type TraceStretch, traceParts } from './trace-export.ts'
import { useLoopLog } from './use-loop-log.ts'
import { loopView } from './view.ts'
import { callbackWords } from './words.ts'

export const ExportMenu = () => {
  const { t } = useTranslation()
  const empty = useLoopLog((counts) => counts.version === 0)
  const save = (name: string, stretch: TraceStretch | null) => {
    const parts = traceParts(loopLog, {
      stretch,
      own: loopSettings.getState().showOwn,
      nameOf: (callback) => {
        const { what, detail } = callbackWords(eventLog, callback)
        const connection = callback.connection === null ? '' : t('loop.conn', { id: callback.connection })
        return [what, connection, detail].filter(Boolean).join(' · ')
      },
      words: {
        process: t('loop.trace.process'),
        turns: t('loop.trace.turns'),
        lane: t('loop.lane', { returnObjects: true }),
        collections: t('loop.trace.collections'),
        ownWork: t('loop.trace.ownWork'),
        pollWaits: t('loop.trace.pollWaits'),
        collection: t('loop.trace.collection'),
        waiting: t('loop.trace.waiting'),
      },
    })
    downloadParts(name, 'application/json', parts)
  }
  return (
    <ActionMenu
      trigger={
        <IconButton label={t('loop.flame.export')} disabled={empty}>
          <Download size={14} aria-hidden="true" />
        </IconButton>
      }
      groups={[
        {
          title: t('loop.flame.exportTitle'),
          entries: [
            {
              id: 'shown',
              icon: <Download size={14} aria-hidden="true" />,
              text: t('loop.flame.exportShown'),
              help: t('loop.flame.exportHelp'),
              run: () => {
                const { range } = loopView.getState()
                save('wireloop-loop-part.json', { fromAt: range.startMs, toAt: range.endMs })
              },
            },
            {
              id: 'all',
              icon: <Download size={14} aria-hidden="true" />,
              text: t('loop.flame.exportAll'),
              help: t('loop.flame.exportHelp'),
              run: () => save('wireloop-loop.json', null),
            },
          ],
        },
      ]}
    />
  )
}
