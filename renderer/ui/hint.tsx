// A tooltip that names a control and its key; never the only place where something is said.
import { Tooltip } from '@base-ui/react/tooltip'
import type { ReactElement } from 'react'
import { Kbd } from './kbd.tsx'

export interface HintProps {
  readonly text: string
  readonly shortcut?: string
  readonly side?: 'top' | 'bottom' | 'left' | 'right'
  /** The control itself; it takes the trigger's handlers. */
  readonly children: ReactElement<Record<string, unknown>>
}

export const Hint = ({ text, shortcut, side = 'bottom', children }: HintProps) => (
  <Tooltip.Root>
    <Tooltip.Trigger render={children} />
    <Tooltip.Portal>
      <Tooltip.Positioner className="floating" side={side} sideOffset={6}>
        <Tooltip.Popup className="tooltip">
          {text}
          {shortcut === undefined ? null : <Kbd>{shortcut}</Kbd>}
        </Tooltip.Popup>
      </Tooltip.Positioner>
    </Tooltip.Portal>
  </Tooltip.Root>
)
