// The one tooltip of the side bar: names the button of a row that is pointed at or focused, as ui/hint.tsx does for other
// controls. A tooltip on every button of every row would cost more than all that the rows show. Counterpart: row-button.tsx.
import { Tooltip } from '@base-ui/react/tooltip'
import { type RefObject, useEffect, useRef, useState } from 'react'
import { Kbd } from '../../ui/kbd.tsx'

/** How long a button is pointed at before its hint comes, as everywhere else (app.tsx), in ms. */
const delayMs = 300
/** How long the pointer may be on its way from the button to the hint, in ms. */
const graceMs = 100

interface Shown {
  readonly button: HTMLElement
  readonly text: string
  readonly shortcut: string | undefined
}

const hintedButton = (event: Event): HTMLElement | null =>
  event.target instanceof Element ? event.target.closest<HTMLElement>('[data-hint]') : null

export const RowHint = ({ rows }: { readonly rows: RefObject<HTMLElement | null> }) => {
  const [shown, setShown] = useState<Shown | null>(null)
  const [open, setOpen] = useState(false)
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined)

  const later = (waitMs: number, run: () => void) => {
    clearTimeout(timer.current)
    timer.current = setTimeout(run, waitMs)
  }
  const hideSoon = () => later(graceMs, () => setOpen(false))

  // biome-ignore lint/correctness/useExhaustiveDependencies: the listeners only reach for refs and state setters.
  useEffect(() => {
    const area = rows.current
    if (area === null) return
    const show = (button: HTMLElement) => {
      setShown({
        button,
        text: button.getAttribute('aria-label') ?? '',
        shortcut: button.dataset['shortcut'],
      })
      setOpen(true)
    }
    const hide = () => {
      clearTimeout(timer.current)
      setOpen(false)
    }
    const ends = new AbortController()
    const on = <K extends keyof HTMLElementEventMap>(type: K, run: (event: HTMLElementEventMap[K]) => void) =>
      area.addEventListener(type, run, { signal: ends.signal })
    on('pointerover', (event) => {
      const button = event.pointerType === 'touch' ? null : hintedButton(event)
      if (button === null) hideSoon()
      else later(delayMs, () => show(button))
    })
    on('pointerleave', hideSoon)
    on('pointerdown', hide)
    on('click', hide)
    on('focusin', (event) => {
      const button = hintedButton(event)
      if (button?.matches(':focus-visible')) show(button)
    })
    on('focusout', hide)
    return () => {
      ends.abort()
      clearTimeout(timer.current)
    }
  }, [rows])

  return (
    <Tooltip.Root open={open && shown?.button.isConnected === true} onOpenChange={(next) => setOpen(next)}>
      <Tooltip.Portal>
        <Tooltip.Positioner className="floating" side="bottom" sideOffset={6} anchor={shown?.button ?? null}>
          <Tooltip.Popup
            className="tooltip"
            onPointerEnter={() => clearTimeout(timer.current)}
            onPointerLeave={hideSoon}
          >
            {shown?.text}
            {shown?.shortcut === undefined ? null : <Kbd>{shown.shortcut}</Kbd>}
          </Tooltip.Popup>
        </Tooltip.Positioner>
      </Tooltip.Portal>
    </Tooltip.Root>
  )
}
