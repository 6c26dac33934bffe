// The page: title bar, what concerns all of it, the view that is on, and the layers above. Counterpart: main.tsx starts it.
import { CSPProvider } from '@base-ui/react/csp-provider'
import { Tabs } from '@base-ui/react/tabs'
import { Tooltip } from '@base-ui/react/tooltip'
import { useEffect, useSyncExternalStore } from 'react'
import { useTranslation } from 'react-i18next'
import { CapturesSheet } from './capture/captures-sheet.tsx'
import { ExportSheet } from './export/export-sheet.tsx'
import { ReplaySheet } from './export/replay-sheet.tsx'
import { FirstRun } from './first-run/first-run.tsx'
import { LessonsView } from './lessons/lessons.tsx'
import { LibrarySheet } from './library/library-sheet.tsx'
import { type Link, LinkProvider } from './link/link.ts'
import { LoopView } from './loop/loop.tsx'
import { RelaySheet } from './relay/relay-sheet.tsx'
import { RepliesSheet } from './replies/replies-sheet.tsx'
import { useEndpoints } from './stores/endpoints.ts'
import { useLinkStatus } from './stores/link-status.ts'
import { useLogCounts } from './stores/log-counts.ts'
import { useView, type View, viewStore } from './stores/view.ts'
import { useViewing } from './stores/viewing.ts'
import { PaneBoundary } from './ui/pane-boundary.tsx'
import { listenForKeys } from './workbench/keys.ts'
import { Notices } from './workbench/notices.tsx'
import { EndpointSheet } from './workbench/sheets/endpoint-sheet.tsx'
import { Shortcuts } from './workbench/shortcuts.tsx'
import { TitleBar } from './workbench/title-bar/title-bar.tsx'
import { ViewingStrip } from './workbench/viewing-strip.tsx'
import { Workbench } from './workbench/workbench.tsx'

/** Follows a media query. */
const useMedia = (query: string): boolean =>
  useSyncExternalStore(
    (onChange) => {
      const media = window.matchMedia(query)
      media.addEventListener('change', onChange)
      return () => media.removeEventListener('change', onChange)
    },
    () => window.matchMedia(query).matches,
  )

const Wire = ({ sidebarFits, inspectorFits }: { readonly sidebarFits: boolean; readonly inspectorFits: boolean }) => {
  const known = useLinkStatus((state) => state.known)
  const untouched = useEndpoints((state) => state.endpoints.size === 0)
  const empty = useLogCounts((state) => state.nextSeq <= 1 && state.count === 0)
  const loading = useLinkStatus((state) => state.loadingUntilSeq !== null && state.loadingUntilSeq > 1)
  const live = useViewing((state) => state.file === null)
  // Until the app has said what there is, neither screen would be true.
  if (!known) return <div className="before-known" />
  if (live && untouched && empty && !loading) return <FirstRun />
  return <Workbench sidebarFits={sidebarFits} inspectorFits={inspectorFits} />
}

const isFirstRunShown = (untouched: boolean, empty: boolean, known: boolean): boolean => !known || (untouched && empty)

export const App = ({ link }: { readonly link: Link }) => {
  const { t } = useTranslation()
  const view = useView((state) => state.view)
  const sidebarFits = useMedia('(min-width: 960px)')
  const inspectorFits = useMedia('(min-width: 1200px)')
  const known = useLinkStatus((state) => state.known)
  const live = useViewing((state) => state.file === null)
  const untouched = useEndpoints((state) => state.endpoints.size === 0)
  const empty = useLogCounts((state) => state.nextSeq <= 1 && state.count === 0)
  useEffect(listenForKeys, [])
  const withSidebar = view === 'wire' && !isFirstRunShown(untouched, empty, known)
  return (
    <LinkProvider value={link}>
      <CSPProvider disableStyleElements>
        <Tooltip.Provider delay={300}>
          <Tabs.Root
            className={['app', withSidebar && sidebarFits ? 'with-sidebar' : '', live ? '' : 'views-file']
              .filter(Boolean)
              .join(' ')}
            value={view}
            onValueChange={(next: View) => viewStore.getState().show(next)}
          >
            <TitleBar sidebarInDrawer={withSidebar && !sidebarFits} />
            <Notices />
            <ViewingStrip />
            <main className="views">
              <Tabs.Panel value="wire" className="view" tabIndex={-1} keepMounted>
                <Wire sidebarFits={sidebarFits} inspectorFits={inspectorFits} />
              </Tabs.Panel>
              <Tabs.Panel value="loop" className="view" tabIndex={-1}>
                <PaneBoundary name={t('app.loop')}>
                  <LoopView />
                </PaneBoundary>
              </Tabs.Panel>
              <Tabs.Panel value="lessons" className="view" tabIndex={-1}>
                <LessonsView />
              </Tabs.Panel>
            </main>
          </Tabs.Root>
          <EndpointSheet />
          <RelaySheet />
          <RepliesSheet />
          <CapturesSheet />
          <ExportSheet />
          <ReplaySheet />
          <LibrarySheet />
          <Shortcuts />
        </Tooltip.Provider>
      </CSPProvider>
    </LinkProvider>
  )
}
