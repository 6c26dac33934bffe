// The menus of what can be done to endpoints and connections: same words, marks and keys wherever they open.
// Counterparts: actions.ts says which, run-action.ts does them.
import { Menu } from '@base-ui/react/menu'
import { Check, MessageSquareReply, Pencil, Play, Plug, RotateCw, Square, Trash2, Unplug, Zap } from 'lucide-react'
import type { FocusEvent, KeyboardEvent, ReactElement, ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import { Kbd } from '../ui/kbd.tsx'
import { ClosedHereMark, EofMark, ResetHereMark } from '../ui/marks.tsx'
import type { ConnectionAction, EndpointAction } from './actions.ts'

/** One entry: what it says, what it does. */
export interface MenuEntry {
  readonly id: string
  readonly icon: ReactNode
  readonly text: string
  readonly help?: string
  /** One letter that does it while the menu is open. */
  readonly letter?: string
  readonly danger?: boolean
  /** Of several that exclude each other, the one that holds. */
  readonly chosen?: boolean
  run(): void
}

export interface MenuGroup {
  readonly title?: string
  readonly entries: readonly MenuEntry[]
}

export interface ActionMenuProps {
  /** The button that opens it. */
  readonly trigger: ReactElement<Record<string, unknown>>
  readonly groups: readonly MenuGroup[]
  readonly side?: 'top' | 'bottom'
  readonly align?: 'start' | 'end'
}

const item = (entry: MenuEntry) => (
  <Menu.Item
    key={entry.id}
    className={entry.danger === true ? 'menu-item danger' : 'menu-item'}
    label={entry.text}
    data-letter={entry.letter}
    aria-current={entry.chosen}
    onClick={entry.run}
  >
    <span className="menu-icon">{entry.icon}</span>
    <span className="menu-label">{entry.text}</span>
    {entry.letter === undefined ? null : (
      <span className="menu-key">
        <Kbd>{entry.letter}</Kbd>
      </span>
    )}
    {entry.chosen === true ? (
      <span className="menu-key">
        <Check size={14} aria-hidden="true" />
      </span>
    ) : null}
    {entry.help === undefined ? null : <span className="menu-help">{entry.help}</span>}
  </Menu.Item>
)

export interface MenuPopupProps {
  readonly groups: readonly MenuGroup[]
  readonly side?: 'top' | 'bottom'
  readonly align?: 'start' | 'end'
  /** What it stands beside, where that is not the menu's own trigger. */
  readonly anchor?: HTMLElement
  readonly onFocus?: (event: FocusEvent<HTMLElement>) => void
}

/** What stands in an open menu; inside a `Menu.Root`. */
export const MenuPopup = ({ groups, side = 'bottom', align = 'end', anchor, onFocus }: MenuPopupProps) => {
  const onKeyDownCapture = (event: KeyboardEvent<HTMLElement>) => {
    if (event.ctrlKey || event.altKey || event.metaKey) return
    const letter = event.key.toUpperCase()
    const entry = groups.flatMap((group) => group.entries).find((candidate) => candidate.letter === letter)
    if (entry === undefined) return
    event.preventDefault()
    event.stopPropagation()
    event.currentTarget.querySelector<HTMLElement>(`[data-letter='${entry.letter}']`)?.click()
  }
  return (
    <Menu.Portal>
      <Menu.Positioner className="floating" side={side} align={align} sideOffset={4} anchor={anchor}>
        <Menu.Popup className="menu" onFocus={onFocus} onKeyDownCapture={onKeyDownCapture}>
          {groups.map((group, i) => (
            <Menu.Group key={group.title ?? `${i}`}>
              {i > 0 ? <Menu.Separator className="menu-separator" /> : null}
              {group.title === undefined ? null : (
                <Menu.GroupLabel className="menu-group">{group.title}</Menu.GroupLabel>
              )}
              {group.entries.map(item)}
            </Menu.Group>
          ))}
        </Menu.Popup>
      </Menu.Positioner>
    </Menu.Portal>
  )
}

export const ActionMenu = ({ trigger, ...popup }: ActionMenuProps) => (
  <Menu.Root modal={false}>
    <Menu.Trigger render={trigger} />
    <MenuPopup {...popup} />
  </Menu.Root>
)

const iconOf: Readonly<Record<EndpointAction, ReactNode>> = {
  start: <Play size={14} aria-hidden="true" />,
  retry: <RotateCw size={14} aria-hidden="true" />,
  reconnect: <Plug size={14} aria-hidden="true" />,
  edit: <Pencil size={14} aria-hidden="true" />,
  lab: <Pencil size={14} aria-hidden="true" />,
  replies: <MessageSquareReply size={14} aria-hidden="true" />,
  stopAccepting: <Unplug size={14} aria-hidden="true" />,
  stopTrying: <Square size={14} aria-hidden="true" />,
  stop: <Square size={14} aria-hidden="true" />,
  disconnect: <ClosedHereMark />,
  closeAll: <ClosedHereMark />,
  resetAll: <ResetHereMark />,
  abort: <ResetHereMark />,
  remove: <Trash2 size={14} aria-hidden="true" />,
}

/** Menu entries for an endpoint's actions. */
export const useEndpointEntries = () => {
  const { t } = useTranslation()
  return (actions: readonly EndpointAction[], run: (action: EndpointAction) => void): readonly MenuEntry[] =>
    actions.map((action) => {
      const help = {
        stopAccepting: t('action.stopAcceptingHelp'),
        stop: t('action.stopHelp'),
        closeAll: t('action.closeAllHelp'),
        resetAll: t('action.resetAllHelp'),
        abort: t('action.resetHelp'),
        remove: t('action.removeHelp'),
        start: undefined,
        retry: undefined,
        reconnect: undefined,
        stopTrying: t('action.stopTryingHelp'),
        edit: undefined,
        lab: t('action.labHelp'),
        replies: t('action.repliesHelp'),
        disconnect: t('action.closeHelp'),
      }[action]
      return {
        id: action,
        icon: iconOf[action],
        text: t(`action.${action}`),
        ...(help === undefined ? {} : { help }),
        danger: action === 'resetAll' || action === 'abort',
        run: () => run(action),
      }
    })
}

/** Menu entries for a connection's endings. */
export const useConnectionEntries = () => {
  const { t } = useTranslation()
  return (
    actions: readonly ConnectionAction[],
    run: (action: ConnectionAction) => void,
    letters: boolean,
  ): readonly MenuEntry[] =>
    actions.map((action) => {
      const said = {
        close: { icon: <ClosedHereMark />, text: t('action.closeLabel'), help: t('action.closeHelp'), letter: 'F' },
        halfClose: {
          icon: <EofMark upper />,
          text: t('action.halfClose'),
          help: t('action.halfCloseHelp'),
          letter: 'H',
        },
        reset: { icon: <ResetHereMark />, text: t('action.resetLabel'), help: t('action.resetHelp'), letter: 'X' },
        destroy: {
          icon: <Zap size={14} aria-hidden="true" />,
          text: t('action.destroyLabel'),
          help: t('action.destroyHelp'),
          letter: 'D',
        },
      }[action]
      const { letter, ...rest } = said
      return {
        id: action,
        ...rest,
        ...(letters ? { letter } : {}),
        danger: action === 'reset' || action === 'destroy',
        run: () => run(action),
      }
    })
}
