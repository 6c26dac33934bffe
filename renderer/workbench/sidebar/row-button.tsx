// The buttons of a row: named, plain, and without a tooltip or menu of their own. Counterparts: row-hint.tsx shows the name
// of the one that is pointed at, row-menu.tsx opens beside the one that asks for it.
import { Ellipsis, X } from 'lucide-react'
import type { ReactNode } from 'react'
import { useTranslation } from 'react-i18next'

interface RowButtonProps {
  /** The accessible name, and the hint's text. */
  readonly label: string
  readonly shortcut?: string
  readonly className: string
  readonly opensMenu?: boolean
  readonly children: ReactNode
  onPress(button: HTMLElement, byKey: boolean): void
}

const RowButton = ({ label, shortcut, className, opensMenu = false, children, onPress }: RowButtonProps) => (
  <button
    type="button"
    tabIndex={-1}
    aria-label={label}
    className={`icon-button ${className}`}
    data-hint
    data-shortcut={shortcut}
    {...(opensMenu ? { 'aria-haspopup': 'menu' as const, 'aria-expanded': false } : {})}
    // A click that no pointer made has no detail.
    onClick={(event) => onPress(event.currentTarget, event.detail === 0)}
  >
    {children}
  </button>
)

export interface MoreButtonProps {
  /** What the actions are for. */
  readonly name: string
  onPress(button: HTMLElement, byKey: boolean): void
}

export const MoreButton = ({ name, onPress }: MoreButtonProps) => {
  const { t } = useTranslation()
  return (
    <RowButton label={t('sidebar.actions', { name })} className="side-more" opensMenu onPress={onPress}>
      <Ellipsis size={14} aria-hidden="true" />
    </RowButton>
  )
}

export interface KillButtonProps {
  readonly label: string
  onPress(): void
}

export const KillButton = ({ label, onPress }: KillButtonProps) => (
  <RowButton label={label} shortcut="Del" className="side-kill" onPress={onPress}>
    <X size={14} aria-hidden="true" />
  </RowButton>
)
