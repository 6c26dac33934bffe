// The keys of the Loop screen, wherever the focus is in it. Counterparts: workbench/keys.ts, which asks here while the
// screen is shown, and workbench/shortcuts.tsx, which lists them.
import { selectionStore } from '../stores/selection.ts'
import { togglePlay } from './playback.ts'
import { loopSettings } from './settings.ts'
import {
  crossOver,
  fitAll,
  follow,
  goToLongest,
  panBy,
  panStep,
  stepCallback,
  stepIteration,
  zoomBy,
  zoomStep,
} from './view.ts'

const actions: Readonly<Record<string, () => void>> = {
  ' ': togglePlay,
  ',': () => stepCallback(-1),
  '.': () => stepCallback(1),
  // Shift with comma and period, as most keyboards have them.
  '<': () => stepIteration(-1),
  '>': () => stepIteration(1),
  ';': () => stepIteration(-1),
  ':': () => stepIteration(1),
  j: () => stepCallback(1),
  k: () => stepCallback(-1),
  ArrowDown: () => stepCallback(1),
  ArrowUp: () => stepCallback(-1),
  ArrowLeft: () => panBy(-panStep),
  ArrowRight: () => panBy(panStep),
  '+': () => zoomBy(1 / zoomStep),
  '=': () => zoomBy(1 / zoomStep),
  '-': () => zoomBy(zoomStep),
  f: fitAll,
  End: follow,
  w: () => loopSettings.getState().set({ squeeze: !loopSettings.getState().squeeze }),
  o: () => loopSettings.getState().set({ showOwn: !loopSettings.getState().showOwn }),
  g: crossOver,
  b: goToLongest,
  p: () => selectionStore.getState().setViewPaused(!selectionStore.getState().viewPaused),
}

/** Keys that a focused control needs for itself. */
const forControls: ReadonlySet<string> = new Set([' ', 'ArrowDown', 'ArrowUp', 'ArrowLeft', 'ArrowRight', 'End'])
const controls = 'button, a, select, input, [role=tab], [role=slider], [role=separator], [role=menuitem], [role=option]'

/** Who clicks a button goes on with the screen's keys; only who came to it by keyboard means the button itself. */
const clickable = 'button:not([aria-haspopup])'
let clicked: Element | null = null

/** Notes which control has its focus from a click, for as long as the screen is shown. Returns a function that stops. */
export const noteClicks = (): (() => void) => {
  // The tab that brought the screen here keeps the arrows to itself for as long as it has the focus.
  const tab = document.querySelector<HTMLElement>('[role=tab]:focus:not(:focus-visible)')
  tab?.blur()
  let pressed = false
  const onDown = () => {
    pressed = true
  }
  const onUp = () => {
    pressed = false
  }
  const onFocus = ({ target }: FocusEvent) => {
    clicked = pressed && target instanceof Element && target.matches(clickable) ? target : null
  }
  const stop = new AbortController()
  const options = { capture: true, signal: stop.signal }
  document.addEventListener('pointerdown', onDown, options)
  document.addEventListener('pointerup', onUp, options)
  document.addEventListener('pointercancel', onUp, options)
  document.addEventListener('focusin', onFocus, options)
  return () => {
    stop.abort()
    clicked = null
  }
}

/** Does what a key without Ctrl or Alt means to the Loop screen; false where it means nothing. */
export const handleLoopKey = (event: KeyboardEvent): boolean => {
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key
  const action = Object.hasOwn(actions, key) ? actions[key] : undefined
  if (action === undefined) return false
  const control = event.target instanceof Element ? event.target.closest(controls) : null
  if (forControls.has(key) && control !== null && control !== clicked) return false
  action()
  return true
}
