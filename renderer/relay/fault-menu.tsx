// The menu of all kinds of faults, each with a sentence; `A` opens it. Counterparts: fault-list.tsx, kinds.ts.
import { Menu } from '@base-ui/react/menu'
import { Plus } from 'lucide-react'
import { useTranslation } from 'react-i18next'
import { type FaultKind, type Flow, faultKinds } from '../../preload/contract/faults.ts'
import { Kbd } from '../ui/kbd.tsx'
import { MenuPopup } from '../workbench/action-menu.tsx'
import { faultIcons } from './fault-words.tsx'

export interface FaultMenuProps {
  readonly flow: Flow
  readonly open: boolean
  /** Its key works here now. */
  readonly withKey: boolean
  onOpen(open: boolean): void
  onChoose(kind: FaultKind): void
}

export const FaultMenu = ({ flow, open, withKey, onOpen, onChoose }: FaultMenuProps) => {
  const { t } = useTranslation()
  return (
    <Menu.Root modal={false} open={open} onOpenChange={onOpen}>
      <Menu.Trigger
        className="button quiet lab-add"
        data-add-fault
        aria-label={t('relay.addFaultLabel', { flow: t(`relay.flow.${flow}`) })}
      >
        <Plus size={14} aria-hidden="true" />
        {t('relay.addFault')}
        {withKey ? <Kbd>A</Kbd> : null}
      </Menu.Trigger>
      <MenuPopup
        align="start"
        groups={[
          {
            entries: faultKinds.map((kind) => ({
              id: kind,
              icon: faultIcons[kind],
              text: t(`relay.kind.${kind}`),
              help: t(`relay.kindHelp.${kind}`),
              run: () => onChoose(kind),
            })),
          },
        ]}
      />
    </Menu.Root>
  )
}
