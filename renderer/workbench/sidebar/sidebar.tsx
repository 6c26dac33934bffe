// The side bar: listeners, clients and relays with their open connections, as a tree of rows that arrows walk. Virtual, so
// that a thousand connections cost what a dozen do. Counterparts: rows.ts makes the rows, stores/endpoints.ts the facts.
// biome-ignore-all lint/a11y/useSemanticElements: a virtual list places its rows freely, which no table can.
// biome-ignore-all lint/a11y/useFocusableInteractive: the row takes the focus, its one cell does not need it.
import { useVirtualizer } from '@tanstack/react-virtual'
import { type FocusEvent, type KeyboardEvent, useLayoutEffect, useMemo, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { ConnectionId, EndpointId } from '../../../preload/contract/vocabulary.ts'
import { useCommands } from '../../link/link.ts'
import { useEngine } from '../../stores/capture.ts'
import { useEndpoints } from '../../stores/endpoints.ts'
import { useLinkStatus } from '../../stores/link-status.ts'
import { selectionStore, useSelection } from '../../stores/selection.ts'
import { runConnectionAction } from '../run-action.ts'
import { ConnectionRow, openHalves, PairRow, pairName } from './connection-row.tsx'
import { EndpointRow } from './endpoint-row.tsx'
import { rowHeight, rowKey, type SidebarRow, sidebarRows } from './rows.ts'
import { SectionRow } from './section-row.tsx'
import './sidebar.css'

const emptyNames = { listener: 'sidebar.noListeners', client: 'sidebar.noClients', relay: 'sidebar.noRelays' } as const

interface Selected {
  readonly connection: ConnectionId | null
  readonly endpoint: EndpointId | null
}

const isSelected = (row: SidebarRow, selection: Selected): boolean => {
  switch (row.kind) {
    case 'endpoint':
      return selection.endpoint === row.endpoint.id
    case 'connection':
      return selection.connection === row.connection.id
    case 'pair':
      return (
        selection.connection !== null &&
        (selection.connection === row.downstream?.id || selection.connection === row.upstream?.id)
      )
    default:
      return false
  }
}

const selectRow = (row: SidebarRow): void => {
  const { selectConnection, selectEndpoint } = selectionStore.getState()
  if (row.kind === 'endpoint') selectEndpoint(row.endpoint.id)
  else if (row.kind === 'connection') selectConnection(row.connection.id)
  else if (row.kind === 'pair') selectConnection((row.downstream ?? row.upstream)?.id ?? null)
}

/** Major and minor: the rest is for bug reports. */
const shortVersion = (version: string | undefined): string => version?.split('.').slice(0, 2).join('.') ?? '–'

const canFocus = (row: SidebarRow): boolean => row.kind !== 'section' && row.kind !== 'empty'

export const Sidebar = () => {
  const { t } = useTranslation()
  const commands = useCommands()
  const endpoints = useEndpoints((state) => state.endpoints)
  const connections = useEndpoints((state) => state.connections)
  const selection: Selected = {
    connection: useSelection((state) => state.connection),
    endpoint: useSelection((state) => state.endpoint),
  }
  const host = useLinkStatus((state) => state.host)
  const running = useEngine((state) => state.running)
  const reached = useLinkStatus((state) => state.phase === 'ready')
  /** What stands here was true once; nobody can say whether it still is. */
  const stale = !running || !reached
  const [unfolded, setUnfolded] = useState<ReadonlySet<EndpointId>>(new Set())
  const rows = useMemo(
    () => sidebarRows(endpoints.values(), connections.values(), unfolded),
    [endpoints, connections, unfolded],
  )
  const scroller = useRef<HTMLDivElement>(null)
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: (i) => rowHeight(rows[i]!),
    getItemKey: (i) => rowKey(rows[i]!),
    overscan: 8,
    paddingEnd: 12,
  })
  const [active, setActive] = useState<string | null>(null)
  /** Where the focus is among the rows, for as long as it is. */
  const focusedIndex = useRef<number | null>(null)
  const selectedIndex = rows.findIndex((row) => isSelected(row, selection))
  const activeIndex = rows.findIndex((row) => rowKey(row) === active)
  /** The one row that Tab reaches. */
  const tabStop = activeIndex >= 0 ? activeIndex : selectedIndex >= 0 ? selectedIndex : rows.findIndex(canFocus)

  const toggleFold = (endpoint: EndpointId) =>
    setUnfolded((held) => {
      const next = new Set(held)
      if (!next.delete(endpoint)) next.add(endpoint)
      return next
    })

  const setFocus = (key: string) => {
    setActive(key)
    // A row that was out of view is drawn first, focused then.
    requestAnimationFrame(() =>
      scroller.current?.querySelector<HTMLElement>(`[data-row='${CSS.escape(key)}']`)?.focus(),
    )
  }

  const focusRow = (index: number) => {
    const row = rows[index]
    if (row === undefined) return
    virtual.scrollToIndex(index)
    selectRow(row)
    setFocus(rowKey(row))
  }

  // A killed connection takes its row with it: the focus goes to the row that stands above, the selection stays, because
  // how the connection ended is what there is to read now.
  // biome-ignore lint/correctness/useExhaustiveDependencies: only a change of the rows can take the focus away.
  useLayoutEffect(() => {
    const index = focusedIndex.current
    if (index === null || activeIndex >= 0 || document.activeElement !== document.body) return
    let above = Math.min(index - 1, rows.length - 1)
    while (above >= 0 && !canFocus(rows[above]!)) above--
    const row = rows[above]
    if (row !== undefined) setFocus(rowKey(row))
  }, [rows])

  const step = (from: number, by: 1 | -1) => {
    for (let i = from + by; i >= 0 && i < rows.length; i += by) {
      if (canFocus(rows[i]!)) {
        focusRow(i)
        return
      }
    }
  }

  const kill = (row: SidebarRow) => {
    if (row.kind === 'connection') void runConnectionAction(commands, row.connection.id, 'reset')
    if (row.kind === 'pair') for (const half of openHalves(row)) void runConnectionAction(commands, half.id, 'reset')
  }

  const onKeyDown = (event: KeyboardEvent<HTMLElement>, index: number, row: SidebarRow) => {
    const element = event.currentTarget
    const onRow = event.target === element
    const parts = [...element.querySelectorAll<HTMLElement>('button')]
    const part = parts.indexOf(event.target as HTMLElement)
    switch (event.key) {
      case 'ArrowDown':
      case 'ArrowUp':
        step(index, event.key === 'ArrowDown' ? 1 : -1)
        break
      case 'Home':
        step(-1, 1)
        break
      case 'End':
        step(rows.length, -1)
        break
      case 'ArrowRight':
        parts[Math.min(part + 1, parts.length - 1)]?.focus()
        break
      case 'ArrowLeft':
        if (part > 0) parts[part - 1]?.focus()
        else element.focus()
        break
      case 'Enter':
      case ' ':
        if (!onRow) return
        if (row.kind === 'more' || row.kind === 'fewer') toggleFold(row.endpoint)
        else selectRow(row)
        break
      case 'Delete':
        kill(row)
        break
      case 'ContextMenu':
      case 'F10':
        if (event.key === 'F10' && !event.shiftKey) return
        element.querySelector<HTMLElement>('.side-more')?.click()
        break
      default:
        return
    }
    event.preventDefault()
    event.stopPropagation()
  }

  const nameOf = (row: SidebarRow): string | undefined => {
    if (row.kind === 'pair') return pairName(t, row)
    if (row.kind === 'connection') return t('sidebar.connection', { id: row.connection.id })
    return undefined
  }

  const content = (row: SidebarRow) => {
    switch (row.kind) {
      case 'section':
        return <SectionRow kind={row.role} count={row.count} />
      case 'empty':
        return <span className="side-empty">{t(emptyNames[row.role])}</span>
      case 'endpoint':
        return <EndpointRow endpoint={row.endpoint} open={row.open} last={row.last} />
      case 'connection':
        return <ConnectionRow connection={row.connection} />
      case 'pair':
        return <PairRow downstream={row.downstream} upstream={row.upstream} />
      case 'more':
      case 'fewer':
        return (
          <span className="side-fold">
            {row.kind === 'more' ? t('sidebar.more', { count: row.hidden }) : t('sidebar.fewer')}
          </span>
        )
    }
  }

  return (
    <section className={stale ? 'sidebar stale' : 'sidebar'} aria-label={t('sidebar.region')} data-pane="sidebar">
      <div className="side-scroll scroll" ref={scroller}>
        <div
          role="treegrid"
          aria-label={t('sidebar.tree')}
          aria-rowcount={rows.length}
          className="side-tree"
          style={{ height: virtual.getTotalSize() }}
        >
          {virtual.getVirtualItems().map((item) => {
            const row = rows[item.index]!
            const focusable = canFocus(row)
            const selected = isSelected(row, selection)
            const level = row.kind === 'section' ? 1 : row.kind === 'endpoint' || row.kind === 'empty' ? 2 : 3
            const name = nameOf(row)
            return (
              <div
                key={item.key}
                role="row"
                data-row={rowKey(row)}
                aria-level={level}
                aria-rowindex={item.index + 1}
                {...(focusable ? { 'aria-selected': selected } : {})}
                {...(name === undefined ? {} : { 'aria-label': name })}
                className={`side-row ${row.kind}${selected ? ' selected' : ''}`}
                style={{ transform: `translateY(${item.start}px)`, height: item.size }}
                tabIndex={focusable ? (item.index === tabStop ? 0 : -1) : undefined}
                onFocus={() => {
                  if (focusable) setActive(rowKey(row))
                  focusedIndex.current = item.index
                }}
                onBlur={(event: FocusEvent<HTMLElement>) => {
                  // A row that is being taken away loses the focus too, but to nobody.
                  if (event.relatedTarget !== null) focusedIndex.current = null
                }}
                onClick={() => {
                  if (row.kind === 'more' || row.kind === 'fewer') toggleFold(row.endpoint)
                  else selectRow(row)
                }}
                onKeyDown={(event) => {
                  if (focusable) onKeyDown(event, item.index, row)
                }}
              >
                <div role="gridcell" className="side-cell">
                  {content(row)}
                </div>
              </div>
            )
          })}
        </div>
      </div>
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
