// The side bar: listeners, clients and relays with their open connections, and what the app stands on. Counterparts:
// rows.ts makes the rows, tree.tsx shows them, stores/endpoints.ts has the facts.
import { useCallback, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { EndpointId } from '../../../preload/contract/vocabulary.ts'
import { type EndpointsState, useEndpoints } from '../../stores/endpoints.ts'
import { useLinkStatus } from '../../stores/link-status.ts'
import { useStaleness } from '../../stores/staleness.ts'
import { keepRows, type SidebarRow, sidebarRows } from './rows.ts'
import { Tree } from './tree.tsx'
import './sidebar.css'

/** Major and minor: the rest is for bug reports. */
const shortVersion = (version: string | undefined): string => version?.split('.').slice(0, 2).join('.') ?? '–'

interface Made {
  readonly endpoints: EndpointsState['endpoints']
  readonly connections: EndpointsState['connections']
  readonly unfolded: ReadonlySet<EndpointId>
  readonly rows: readonly SidebarRow[]
}

/** The rows, the very same ones for as long as they show the same. */
const useRows = (unfolded: ReadonlySet<EndpointId>): readonly SidebarRow[] => {
  const made = useRef<Made | null>(null)
  return useEndpoints(({ endpoints, connections }) => {
    const held = made.current
    if (held?.endpoints === endpoints && held.connections === connections && held.unfolded === unfolded)
      return held.rows
    const rows = keepRows(held?.rows ?? [], sidebarRows(endpoints.values(), connections.values(), unfolded))
    made.current = { endpoints, connections, unfolded, rows }
    return rows
  })
}

export const Sidebar = () => {
  const { t } = useTranslation()
  const host = useLinkStatus((state) => state.host)
  const stale = useStaleness()
  const [unfolded, setUnfolded] = useState<ReadonlySet<EndpointId>>(new Set())
  const rows = useRows(unfolded)
  const toggleFold = useCallback(
    (endpoint: EndpointId) =>
      setUnfolded((held) => {
        const next = new Set(held)
        if (!next.delete(endpoint)) next.add(endpoint)
        return next
      }),
    [],
  )
  return (
    <section
      className={stale === null ? 'sidebar' : 'sidebar stale'}
      aria-label={t('sidebar.region')}
      data-pane="sidebar"
    >
      {stale === null || rows.every((row) => row.kind === 'section' || row.kind === 'empty') ? null : (
        <p className="side-stale">
          <strong>{t(`sidebar.stale.${stale}`)}</strong> {t(`sidebar.stale.${stale}Help`)}
        </p>
      )}
      <Tree rows={rows} onFold={toggleFold} />
      <footer className="side-foot">
        <span className="cut">{host === null ? '' : t('sidebar.host', { version: host.version })}</span>
        <span className="cut dim">
          {host === null
            ? ''
            : t('sidebar.versions', {
                uv: shortVersion(host.versions['uv']),
                node: shortVersion(host.versions['node']),
              })}
        </span>
      </footer>
    </section>
  )
}
