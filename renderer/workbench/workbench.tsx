// The Wire screen: side bar, lifelines over event table over composer, inspector; split by lines that can be dragged.
// Below 1200 px the inspector lies over the panes when something is selected, below 960 px the side bar is a drawer.

import { Dialog } from '@base-ui/react/dialog'
import { useEffect } from 'react'
import { useTranslation } from 'react-i18next'
import { Group, Panel, Separator } from 'react-resizable-panels'
import { selectionStore } from '../stores/selection.ts'
import { useView, viewStore } from '../stores/view.ts'
import { useViewing } from '../stores/viewing.ts'
import { PaneBoundary } from '../ui/pane-boundary.tsx'
import { Composer } from './composer/composer.tsx'
import { EventTable } from './event-table/event-table.tsx'
import { Inspector } from './inspector/inspector.tsx'
import { Lifelines } from './lifelines/lifelines.tsx'
import { Sidebar } from './sidebar/sidebar.tsx'
import './workbench.css'

export interface WorkbenchProps {
  /** The side bar has a column of its own. */
  readonly sidebarFits: boolean
  /** The inspector has a column of its own. */
  readonly inspectorFits: boolean
}

const storedLayout = (key: string): Record<string, number> | undefined => {
  try {
    const stored: unknown = JSON.parse(localStorage.getItem(`wireloop.layout.${key}`) ?? 'null')
    if (typeof stored !== 'object' || stored === null) return undefined
    return Object.values(stored).every((size) => typeof size === 'number')
      ? (stored as Record<string, number>)
      : undefined
  } catch {
    return undefined
  }
}

const storeLayout = (key: string, layout: Record<string, number>): void => {
  try {
    localStorage.setItem(`wireloop.layout.${key}`, JSON.stringify(layout))
  } catch {
    // the split then holds for this page only
  }
}

const Drawer = () => {
  const { t } = useTranslation()
  const open = useView((state) => state.drawerOpen)
  return (
    <Dialog.Root open={open} onOpenChange={(next) => viewStore.getState().setDrawerOpen(next)}>
      <Dialog.Portal>
        <Dialog.Backdrop className="veil" />
        <Dialog.Popup className="drawer" aria-label={t('sidebar.region')}>
          <Sidebar />
        </Dialog.Popup>
      </Dialog.Portal>
    </Dialog.Root>
  )
}

/**
 * Over the lifelines, never over the rows with their payloads or the composer: opens by itself when something is selected,
 * and goes when it is closed or nothing is.
 */
const FloatingInspector = () => {
  const { t } = useTranslation()
  const open = useView((state) => state.inspectorOpen)
  useEffect(
    () =>
      selectionStore.subscribe((now, before) => {
        const changed =
          now.seq !== before.seq || now.connection !== before.connection || now.endpoint !== before.endpoint
        if (!changed) return
        const something = now.seq !== null || now.connection !== null || now.endpoint !== null
        viewStore.getState().setInspectorOpen(something)
      }),
    [],
  )
  if (!open) return null
  return (
    <div className="floating-inspector">
      <PaneBoundary name={t('inspector.region')}>
        <Inspector floating />
      </PaneBoundary>
    </div>
  )
}

export const Workbench = ({ sidebarFits, inspectorFits }: WorkbenchProps) => {
  const { t } = useTranslation()
  const live = useViewing((state) => state.file === null)
  const columns = `columns-${sidebarFits ? 's' : ''}${inspectorFits ? 'i' : ''}`
  const columnsLayout = storedLayout(columns)
  const rowsLayout = storedLayout('rows')
  return (
    <div className="workbench">
      <Group
        key={columns}
        id={columns}
        orientation="horizontal"
        className="columns"
        {...(columnsLayout === undefined ? {} : { defaultLayout: columnsLayout })}
        onLayoutChanged={(layout, meta) => {
          if (meta.isUserInteraction) storeLayout(columns, layout)
        }}
      >
        {sidebarFits ? (
          <>
            <Panel
              id="sidebar"
              defaultSize={264}
              minSize={200}
              maxSize={420}
              groupResizeBehavior="preserve-pixel-size"
              onResize={({ inPixels }) =>
                document.documentElement.style.setProperty('--sidebar-width', `${inPixels + 1}px`)
              }
            >
              <Sidebar />
            </Panel>
            <Separator className="split vertical" aria-label={t('app.splitSidebar')} />
          </>
        ) : null}
        <Panel id="middle" minSize={380}>
          <div className="middle">
            <div className="rows-area">
              <Group
                id="rows"
                orientation="vertical"
                className="rows"
                {...(rowsLayout === undefined ? {} : { defaultLayout: rowsLayout })}
                onLayoutChanged={(layout, meta) => {
                  if (meta.isUserInteraction) storeLayout('rows', layout)
                }}
              >
                <Panel id="lifelines" defaultSize="56" minSize={120}>
                  <div className="over-lifelines">
                    <div className="pane" data-pane="lifelines">
                      <PaneBoundary name={t('lifelines.title')}>
                        <Lifelines />
                      </PaneBoundary>
                    </div>
                    {inspectorFits ? null : <FloatingInspector />}
                  </div>
                </Panel>
                <Separator className="split horizontal" aria-label={t('app.splitLifelines')} />
                <Panel id="events" minSize={100}>
                  <div className="pane" data-pane="events">
                    <PaneBoundary name={t('eventTable.grid')}>
                      <EventTable />
                    </PaneBoundary>
                  </div>
                </Panel>
              </Group>
            </div>
            {live ? <Composer /> : null}
          </div>
        </Panel>
        {inspectorFits ? (
          <>
            <Separator className="split vertical" aria-label={t('app.splitInspector')} />
            <Panel
              id="inspector"
              defaultSize={372}
              minSize={300}
              maxSize={640}
              groupResizeBehavior="preserve-pixel-size"
            >
              <PaneBoundary name={t('inspector.region')}>
                <Inspector floating={false} />
              </PaneBoundary>
            </Panel>
          </>
        ) : null}
      </Group>
      {sidebarFits ? null : <Drawer />}
    </div>
  )
}
