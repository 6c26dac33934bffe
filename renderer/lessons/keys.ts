// The keys of the Lessons screen; they come before the page's own. Counterparts: workbench/keys.ts (the page's), store.ts.
import type { CommandMethods } from '../../preload/contract/api.ts'
import { viewStore } from '../stores/view.ts'
import {
  chooseNext,
  edit,
  lessonsStore,
  play,
  reset,
  runChosen,
  setSize,
  stepBy,
  stepIteration,
  stopEditing,
  toggleList,
} from './store.ts'

/** True where the key belongs to the control that has the focus. */
const belongsToControl = (event: KeyboardEvent): boolean => {
  const target = event.target instanceof Element ? event.target : null
  if (target?.closest('input, textarea, select, [contenteditable], [data-editor=on]') != null) return true
  return (event.key === ' ' || event.key === 'Enter') && target?.closest('button, a, [role=tab]') != null
}

const withControl = (event: KeyboardEvent): boolean => {
  if (event.key === '+' || event.key === '=') setSize(1)
  else if (event.key === '-') setSize(-1)
  else return false
  return true
}

const plain = (event: KeyboardEvent, commands: CommandMethods): boolean => {
  const actions: Readonly<Record<string, () => void>> = {
    ',': () => stepBy(-1),
    '.': () => stepBy(1),
    '<': () => stepIteration(-1),
    '>': () => stepIteration(1),
    ' ': play,
    Home: () => stepBy(Number.NEGATIVE_INFINITY),
    End: () => stepBy(Number.POSITIVE_INFINITY),
    PageDown: () => chooseNext(1, commands),
    PageUp: () => chooseNext(-1, commands),
    '[': toggleList,
    e: edit,
    x: () => void runChosen(commands),
    z: () => reset(commands),
  }
  const action = actions[event.key]
  action?.()
  return action !== undefined
}

/** Listens from now on. Returns a function that stops. */
export const listenForLessonKeys = (commands: CommandMethods): (() => void) => {
  const onKeyDown = (event: KeyboardEvent) => {
    const { sheet, shortcutsOpen, capturesOpen } = viewStore.getState()
    if (event.defaultPrevented || event.isComposing || event.altKey) return
    if (sheet !== null || shortcutsOpen || capturesOpen) return
    if (event.key === 'Escape' && lessonsStore.getState().editing) {
      stopEditing()
      event.preventDefault()
      return
    }
    const handled =
      event.ctrlKey || event.metaKey ? withControl(event) : !belongsToControl(event) && plain(event, commands)
    if (handled) event.preventDefault()
  }
  // On the way down, so that a letter that means something here does not also open one of the workbench's sheets.
  document.addEventListener('keydown', onKeyDown, true)
  return () => document.removeEventListener('keydown', onKeyDown, true)
}
