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

/** Does what a key without Ctrl or Alt means to the Loop screen; false where it means nothing. */
export const handleLoopKey = (event: KeyboardEvent): boolean => {
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key
  const action = Object.hasOwn(actions, key) ? actions[key] : undefined
  if (action === undefined) return false
  if (forControls.has(key) && event.target instanceof Element && event.target.closest(controls) !== null) return false
  action()
  return true
}
