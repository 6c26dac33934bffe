// The rows of the side bar as a tree that arrows walk. Virtual, so that a thousand connections cost what a dozen do; keys,
// clicks and focus are taken here for all rows. Counterparts: rows.ts makes the rows, tree-row.tsx draws one.
// biome-ignore-all lint/a11y/useSemanticElements: a virtual list places its rows freely, which no table can.
import { useVirtualizer } from '@tanstack/react-virtual'
import {
  type FocusEvent,
  type KeyboardEvent,
  type MouseEvent,
  useCallback,
  useLayoutEffect,
  useRef,
  useState,
} from 'react'
import { useTranslation } from 'react-i18next'
import type { ConnectionId, EndpointId, EndpointInfo } from '../../../preload/contract/vocabulary.ts'
import { eventFilter } from '../../event-log/filter.ts'
import { useCommands } from '../../link/link.ts'
import { selectionStore, useSelection } from '../../stores/selection.ts'
import { viewStore } from '../../stores/view.ts'
import { endpointActions } from '../actions.ts'
import { runConnectionAction } from '../run-action.ts'
import { openHalves } from './connection-row.tsx'
import { RowHint } from './row-hint.tsx'
import { type MenuRequest, RowMenu } from './row-menu.tsx'
import { canFocus, rowHeight, rowKey, type SidebarRow } from './rows.ts'
import { TreeRow } from './tree-row.tsx'

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

/** A relay opens by a key, in whatever state it can be changed. */
const isRelayToEdit = (endpoint: EndpointInfo): boolean =>
  endpoint.spec.role === 'relay' && endpointActions(endpoint).some((action) => action === 'lab' || action === 'edit')

const selectRow = (row: SidebarRow): void => {
  const { selectConnection, selectEndpoint } = selectionStore.getState()
  if (row.kind === 'endpoint') selectEndpoint(row.endpoint.id)
  else if (row.kind === 'connection') selectConnection(row.connection.id)
  else if (row.kind === 'pair') selectConnection((row.downstream ?? row.upstream)?.id ?? null)
}

export interface TreeProps {
  readonly rows: readonly SidebarRow[]
  /** Shows all of an endpoint's connections, or only the first. */
  onFold(endpoint: EndpointId): void
}

export const Tree = ({ rows, onFold }: TreeProps) => {
  const { t } = useTranslation()
  const commands = useCommands()
  const selection: Selected = {
    connection: useSelection((state) => state.connection),
    endpoint: useSelection((state) => state.endpoint),
  }
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
  const [menu, setMenu] = useState<{ readonly request: MenuRequest; readonly open: boolean } | null>(null)
  /** Where the focus is among the rows, for as long as it is. */
  const focusedIndex = useRef<number | null>(null)
  const selectedIndex = rows.findIndex((row) => isSelected(row, selection))
  const activeIndex = rows.findIndex((row) => rowKey(row) === active)
  const tabStop = activeIndex >= 0 ? activeIndex : selectedIndex >= 0 ? selectedIndex : rows.findIndex(canFocus)

  const onMenu = useCallback((request: MenuRequest) => {
    // That is where the focus goes back to.
    request.button.focus()
    setMenu((held) =>
      held?.open === true && held.request.button === request.button
        ? { ...held, open: false }
        : { request, open: true },
    )
  }, [])
  const closeMenu = useCallback(() => setMenu((held) => (held === null ? null : { ...held, open: false })), [])

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

  /** The focus of a row that has gone goes to the row that stands above. */
  const rescueFocus = () => {
    const index = focusedIndex.current
    if (index === null || activeIndex >= 0 || document.activeElement !== document.body) return
    let above = Math.min(index - 1, rows.length - 1)
    while (above >= 0 && !canFocus(rows[above]!)) above--
    const row = rows[above]
    if (row !== undefined) setFocus(rowKey(row))
  }

  // A killed connection takes its row with it, but the selection stays, because how the connection ended is what there is
  // to read now.
  // biome-ignore lint/correctness/useExhaustiveDependencies: only a change of the rows can take the focus away.
  useLayoutEffect(rescueFocus, [rows])

  const onMenuClosed = () => {
    setMenu((held) => (held?.open === true ? held : null))
    rescueFocus()
    if (scroller.current?.contains(document.activeElement) !== true) focusedIndex.current = null
  }

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

  /** The row that an event happened in, with its element. */
  const rowAt = (target: EventTarget) => {
    const element = target instanceof Element ? target.closest<HTMLElement>('[data-row]') : null
    const index = element === null ? -1 : rows.findIndex((row) => rowKey(row) === element.dataset['row'])
    return element === null || index < 0 ? null : { element, index, row: rows[index]! }
  }

  const onKeyDown = (event: KeyboardEvent<HTMLElement>) => {
    const at = rowAt(event.target)
    if (at === null || !canFocus(at.row)) return
    const { element, index, row } = at
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
      case 'e':
        if (!onRow) return
        if (event.key !== ' ' && row.kind === 'endpoint' && isRelayToEdit(row.endpoint)) {
          selectRow(row)
          viewStore.getState().openSheet('relay', row.endpoint.id)
          break
        }
        if (event.key === 'e') return
        if (row.kind === 'more' || row.kind === 'fewer') onFold(row.endpoint)
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

  const onClick = (event: MouseEvent<HTMLElement>) => {
    const at = rowAt(event.target)
    if (at === null) return
    if (at.row.kind === 'more' || at.row.kind === 'fewer') onFold(at.row.endpoint)
    else selectRow(at.row)
  }

  /** Filters by a connection, or by both halves of a pair. */
  const onDoubleClick = (event: MouseEvent<HTMLElement>) => {
    const row = rowAt(event.target)?.row
    const meant =
      row?.kind === 'connection' ? [row.connection] : row?.kind === 'pair' ? [row.downstream, row.upstream] : []
    for (const connection of meant) if (connection !== null) eventFilter.add({ by: 'connection', id: connection.id })
  }

  const onFocus = (event: FocusEvent<HTMLElement>) => {
    const at = rowAt(event.target)
    if (at === null) return
    if (canFocus(at.row)) setActive(rowKey(at.row))
    focusedIndex.current = at.index
  }

  const onBlur = (event: FocusEvent<HTMLElement>) => {
    // A row that is being taken away loses the focus too, but to nobody; and what its menu takes, it gives back.
    const to = event.relatedTarget
    if (to !== null && to.closest('[role=menu]') === null) focusedIndex.current = null
  }

  return (
    <div className="side-scroll scroll" ref={scroller}>
      <div
        role="treegrid"
        aria-label={t('sidebar.tree')}
        aria-rowcount={rows.length}
        className="side-tree"
        style={{ height: virtual.getTotalSize() }}
        onKeyDown={onKeyDown}
        onClick={onClick}
        onDoubleClick={onDoubleClick}
        onFocus={onFocus}
        onBlur={onBlur}
      >
        {virtual.getVirtualItems().map((item) => {
          const row = rows[item.index]!
          return (
            <TreeRow
              key={item.key}
              row={row}
              index={item.index}
              topPx={item.start}
              heightPx={item.size}
              selected={isSelected(row, selection)}
              tabStop={item.index === tabStop}
              onMenu={onMenu}
            />
          )
        })}
      </div>
      <RowHint rows={scroller} />
      {menu === null ? null : (
        <RowMenu request={menu.request} open={menu.open} onClose={closeMenu} onClosed={onMenuClosed} />
      )}
    </div>
  )
}
