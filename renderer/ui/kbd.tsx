// A key as it stands on the keyboard. Decoration for who sees it: the control's name never depends on it.
import type { ReactNode } from 'react'

export const Kbd = ({ children }: { readonly children: ReactNode }) => (
  <span className="kbd" aria-hidden="true">
    {children}
  </span>
)
