// What can be done to a capture file, as menu entries: the same words for a row of the list and for the recording.
// Counterparts: use-file-task.ts (does it), workbench/action-menu.tsx (shows it).
import { Copy, ShieldCheck, Shrink, Trash2 } from 'lucide-react'
import type { ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import type { MenuEntry } from '../workbench/action-menu.tsx'
import type { TaskName } from './use-file-task.ts'

/** `saveLive` differs from `save` in its words only. */
export type CaptureAction = 'save' | 'saveLive' | 'check' | 'compact' | 'delete'

const icons: Readonly<Record<TaskName, ReactNode>> = {
  save: <Copy size={14} aria-hidden="true" />,
  check: <ShieldCheck size={14} aria-hidden="true" />,
  compact: <Shrink size={14} aria-hidden="true" />,
  delete: <Trash2 size={14} aria-hidden="true" />,
}

export const useCaptureEntries = () => {
  const { t } = useTranslation()
  return (actions: readonly CaptureAction[], run: (task: TaskName) => void): readonly MenuEntry[] =>
    actions.map((action) => {
      const task = action === 'saveLive' ? 'save' : action
      const said = {
        save: { text: t('capture.saveAs'), help: t('capture.saveAsHelp') },
        saveLive: { text: t('capture.saveAs'), help: t('capture.saveLiveHelp') },
        check: { text: t('capture.check'), help: t('capture.checkHelp') },
        compact: { text: t('capture.compact'), help: t('capture.compactHelp') },
        delete: { text: t('capture.delete'), help: t('capture.deleteHelp') },
      }[action]
      return { id: task, icon: icons[task], ...said, danger: task === 'delete', run: () => run(task) }
    })
}
