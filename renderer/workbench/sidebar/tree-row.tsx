// One row of the side bar's tree: rendered again only when what it shows, its place, or its part in the selection changes.
// Counterparts: tree.tsx, which takes its keys and clicks; rows.ts, which keeps rows that show the same.
// biome-ignore-all lint/a11y/useSemanticElements: a virtual list places its rows freely, which no table can.
// biome-ignore-all lint/a11y/useFocusableInteractive: the row takes the focus, its one cell does not need it.
import type { TFunction } from 'i18next'
import { memo } from 'react'
import { useTranslation } from 'react-i18next'
import { ConnectionRow, PairRow, pairName } from './connection-row.tsx'
import { EndpointRow } from './endpoint-row.tsx'
import type { MenuRequest } from './row-menu.tsx'
import { canFocus, rowKey, type SidebarRow } from './rows.ts'
import { SectionRow } from './section-row.tsx'

const emptyNames = { listener: 'sidebar.noListeners', client: 'sidebar.noClients', relay: 'sidebar.noRelays' } as const

const nameOf = (t: TFunction, row: SidebarRow): string | undefined => {
  if (row.kind === 'pair') return pairName(t, row)
  if (row.kind === 'connection') return t('sidebar.connection', { id: row.connection.id })
  return undefined
}

const levelOf = (row: SidebarRow): number =>
  row.kind === 'section' ? 1 : row.kind === 'endpoint' || row.kind === 'empty' ? 2 : 3

const Content = ({ row, onMenu }: { readonly row: SidebarRow; onMenu(request: MenuRequest): void }) => {
  const { t } = useTranslation()
  switch (row.kind) {
    case 'section':
      return <SectionRow kind={row.role} count={row.count} />
    case 'empty':
      return <span className="side-empty">{t(emptyNames[row.role])}</span>
    case 'endpoint':
      return <EndpointRow endpoint={row.endpoint} open={row.open} last={row.last} onMenu={onMenu} />
    case 'connection':
      return <ConnectionRow connection={row.connection} onMenu={onMenu} />
    case 'pair':
      return <PairRow downstream={row.downstream} upstream={row.upstream} onMenu={onMenu} />
    case 'more':
    case 'fewer':
      return (
        <span className="side-fold">
          {row.kind === 'more' ? t('sidebar.more', { count: row.hidden }) : t('sidebar.fewer')}
        </span>
      )
  }
}

export interface TreeRowProps {
  readonly row: SidebarRow
  readonly index: number
  readonly topPx: number
  readonly heightPx: number
  readonly selected: boolean
  /** The one row that Tab reaches. */
  readonly tabStop: boolean
  onMenu(request: MenuRequest): void
}

export const TreeRow = memo(({ row, index, topPx, heightPx, selected, tabStop, onMenu }: TreeRowProps) => {
  const { t } = useTranslation()
  const focusable = canFocus(row)
  const name = nameOf(t, row)
  return (
    <div
      role="row"
      data-row={rowKey(row)}
      aria-level={levelOf(row)}
      aria-rowindex={index + 1}
      {...(focusable ? { 'aria-selected': selected } : {})}
      {...(name === undefined ? {} : { 'aria-label': name })}
      className={`side-row ${row.kind}${selected ? ' selected' : ''}`}
      style={{ transform: `translateY(${topPx}px)`, height: heightPx }}
      tabIndex={focusable ? (tabStop ? 0 : -1) : undefined}
    >
      <div role="gridcell" className="side-cell">
        <Content row={row} onMenu={onMenu} />
      </div>
    </div>
  )
})
