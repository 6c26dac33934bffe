// The keys that change what the lifelines show, wherever the focus is. Counterparts: chart.tsx (its own focus), the
// workbench's keys (everywhere else).
import { selectionStore } from '../../stores/selection.ts'
import { fitAll, panBy, panStep, zoomBy, zoomStep } from './view.ts'

const actions: Readonly<Record<string, () => void>> = {
  f: fitAll,
  F: fitAll,
  End: () => selectionStore.getState().setFollowing(true),
  '+': () => zoomBy(1 / zoomStep),
  '=': () => zoomBy(1 / zoomStep),
  '-': () => zoomBy(zoomStep),
  ArrowLeft: () => panBy(-panStep),
  ArrowRight: () => panBy(panStep),
}

/** Does what a key (`KeyboardEvent.key`, without modifiers) means to the lifelines; false where it means nothing. */
export const handleViewKey = (key: string): boolean => {
  const action = Object.hasOwn(actions, key) ? actions[key] : undefined
  action?.()
  return action !== undefined
}
