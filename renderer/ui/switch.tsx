// On or off, at once. Built on Base UI's switch. Counterpart: styles/switch.css.
import { Switch as BaseSwitch } from '@base-ui/react/switch'
import '../styles/switch.css'

export interface SwitchProps {
  readonly label: string
  readonly checked: boolean
  readonly disabled?: boolean
  readonly className?: string
  onChange(on: boolean): void
}

export const Switch = ({ label, checked, disabled = false, className, onChange }: SwitchProps) => (
  <BaseSwitch.Root
    className={['switch', className ?? ''].filter(Boolean).join(' ')}
    aria-label={label}
    checked={checked}
    disabled={disabled}
    onCheckedChange={(on) => onChange(on)}
  >
    <BaseSwitch.Thumb className="switch-thumb" />
  </BaseSwitch.Root>
)
