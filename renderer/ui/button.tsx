// Buttons in the few weights that the look knows. Counterpart: styles/controls.css.

import { X } from 'lucide-react'
import type { ButtonHTMLAttributes, ReactElement, ReactNode, Ref } from 'react'
import { Hint } from './hint.tsx'

/** `raised`: on a surface of its own; `quiet`: text only; `primary`: what Enter does; `danger`: drops bytes. */
export type ButtonWeight = 'raised' | 'quiet' | 'primary' | 'danger'

export interface ButtonProps extends ButtonHTMLAttributes<HTMLButtonElement> {
  readonly weight?: ButtonWeight
  readonly large?: boolean
  readonly ref?: Ref<HTMLButtonElement>
}

export const Button = ({ weight = 'raised', large = false, className, type, ...rest }: ButtonProps) => (
  <button
    type={type ?? 'button'}
    className={['button', weight, large ? 'large' : '', className ?? ''].filter(Boolean).join(' ')}
    {...rest}
  />
)

export interface IconButtonProps extends ButtonHTMLAttributes<HTMLButtonElement> {
  /** The accessible name, and the tooltip's text. */
  readonly label: string
  /** The key that does the same; stands in the tooltip. */
  readonly shortcut?: string
  readonly wide?: boolean
  readonly children: ReactNode
  readonly ref?: Ref<HTMLButtonElement>
}

/** A button that shows only an icon: named for everybody who does not see it, explained to who points at it. */
export const IconButton = ({
  label,
  shortcut,
  wide = false,
  className,
  children,
  ...rest
}: IconButtonProps): ReactElement => (
  <Hint text={label} {...(shortcut === undefined ? {} : { shortcut })}>
    <button
      type="button"
      aria-label={label}
      className={['icon-button', wide ? 'wide' : '', className ?? ''].filter(Boolean).join(' ')}
      {...rest}
    >
      {children}
    </button>
  </Hint>
)

/** The cross of a sheet or dialog. It has no tooltip, because that would take the first Esc for itself. */
export const CloseButton = ({
  label,
  ...rest
}: ButtonHTMLAttributes<HTMLButtonElement> & { readonly label: string }) => (
  <button type="button" aria-label={label} className="icon-button wide" {...rest}>
    <X size={16} aria-hidden="true" />
  </button>
)
