// The sheet of what a person keeps: saved messages, sequences with their runner, endpoints, and files in and out.
// Counterparts: the panels beside it, stores/workspace.ts (what is kept), stores/view.ts (whether it is open).
import { Dialog } from '@base-ui/react/dialog'
import { Tabs } from '@base-ui/react/tabs'
import { useTranslation } from 'react-i18next'
import { type LibraryTab, useView, viewStore } from '../stores/view.ts'
import { useWorkspace } from '../stores/workspace.ts'
import { CloseButton } from '../ui/button.tsx'
import { Kbd } from '../ui/kbd.tsx'
import { EndpointsPanel } from './endpoints-panel.tsx'
import './library.css'
import { MessagesPanel } from './messages-panel.tsx'
import { SequencesPanel } from './sequences-panel.tsx'
import { TransferPanel } from './transfer-panel.tsx'

const tabs = [
  ['messages', 'library.messages', MessagesPanel],
  ['sequences', 'library.sequences', SequencesPanel],
  ['endpoints', 'library.endpoints', EndpointsPanel],
  ['files', 'library.files', TransferPanel],
] as const

const Where = () => {
  const { t } = useTranslation()
  const path = useWorkspace((state) => state.path)
  return <p className="library-path dim">{path === null ? t('library.memory') : t('library.path', { path })}</p>
}

/** Mounted only while the sheet is open. */
const Body = ({ tab }: { readonly tab: LibraryTab }) => {
  const { t } = useTranslation()
  const known = useWorkspace((state) => state.known)
  const problem = useWorkspace((state) => state.problem)
  if (!known)
    return (
      <div className="sheet-body library-panel">
        <p className="dim" aria-busy="true">
          {t('library.loading')}
        </p>
      </div>
    )
  return (
    <Tabs.Root
      className="sheet-body scroll"
      value={tab}
      onValueChange={(next: LibraryTab) => viewStore.getState().showLibrary(next)}
    >
      {problem === null ? null : (
        <p className="library-problem" role="alert">
          {problem.message}
        </p>
      )}
      <div className="library-tabs">
        <Tabs.List className="seg" aria-label={t('library.tabs')}>
          {tabs.map(([value, words]) => (
            <Tabs.Tab key={value} value={value} className="seg-item tab">
              {t(words)}
            </Tabs.Tab>
          ))}
        </Tabs.List>
      </div>
      {tabs.map(([value, , Panel]) => (
        <Tabs.Panel key={value} value={value} className="library-panel" tabIndex={-1}>
          <Panel />
          <Where />
        </Tabs.Panel>
      ))}
    </Tabs.Root>
  )
}

export const LibrarySheet = () => {
  const { t } = useTranslation()
  const tab = useView((state) => state.library)
  return (
    <Dialog.Root
      open={tab !== null}
      onOpenChange={(next) => viewStore.getState().showLibrary(next ? 'messages' : null)}
    >
      <Dialog.Portal>
        <Dialog.Backdrop className="veil" />
        <Dialog.Popup className="sheet library-sheet">
          <header className="sheet-head">
            <Dialog.Title className="sheet-title">{t('library.title')}</Dialog.Title>
            <Kbd>Esc</Kbd>
            <Dialog.Close render={<CloseButton label={t('word.close')} />} />
          </header>
          {tab === null ? null : <Body tab={tab} />}
        </Dialog.Popup>
      </Dialog.Portal>
    </Dialog.Root>
  )
}
