// The single keys of the look, wherever the focus is: they work while no text field has it and no sheet is open.
// Counterparts: shortcuts.tsx lists them; lifelines/keys.ts does those of the time axis.

import { fail } from '../../preload/contract/failure.ts'
import { bookmarks } from '../bookmarks/bookmarks.ts'
import { stepEvent } from '../event-log/step.ts'
import { stepMatch } from '../event-log/step-match.ts'
import { exportSheetStore } from '../export/store.ts'
import { t } from '../i18n/index.ts'
import { handleLoopKey } from '../loop/keys.ts'
import { crossOver, goToLongest } from '../loop/view.ts'
import { payloadSearch } from '../search/search.ts'
import { noticeStore } from '../stores/notice.ts'
import { selectionStore } from '../stores/selection.ts'
import { isCovered, type View, viewStore, views } from '../stores/view.ts'
import { handleViewKey } from './lifelines/keys.ts'

/** True where a letter typed on this element is text, or moves inside a control. */
const takesText = (element: Element | null): boolean =>
  element !== null &&
  (element.matches('input:not([type=range]), textarea, select, [contenteditable]') ||
    // A menu that is on its way out has let go of the keyboard already.
    element.closest('.menu:not([data-closed])') !== null)

const panes = (): HTMLElement[] =>
  [...document.querySelectorAll<HTMLElement>('[data-pane]')].filter((pane) => pane.checkVisibility())

const firstStop = (pane: HTMLElement): HTMLElement | null =>
  // What is the pane's own comes before the buttons in its head.
  pane.querySelector<HTMLElement>(
    '[role=row][tabindex="0"], [data-pane-focus], [role=application], [role=grid][tabindex="0"], textarea:enabled',
  ) ?? pane.querySelector<HTMLElement>('[tabindex="0"], button:enabled, [role=tab]')

/** F6: the focus goes to the next pane, in the order they stand on the screen. */
export const focusNextPane = (by: 1 | -1): void => {
  const all = panes()
  if (all.length === 0) return
  const current = all.findIndex((pane) => pane.contains(document.activeElement))
  for (let i = 1; i <= all.length; i++) {
    const pane = all[(current + by * i + all.length * 2) % all.length]!
    const stop = firstStop(pane)
    if (stop !== null) {
      stop.focus()
      return
    }
  }
}

/** Clicks what does the same by mouse. False where it is not there, or not possible now. */
const click = (selector: string): boolean => {
  const button = document.querySelector<HTMLButtonElement>(`${selector}:enabled`)
  button?.click()
  return button !== null
}

/** Frames of the screen that a button of the selected event is waited for: the inspector follows the selection a moment later. */
const framesWaited = 120

/** Clicks a button of the event that is selected now, and of no other. */
const clickForEvent = (what: 'data-send-again' | 'data-send-to'): void => {
  const { seq } = selectionStore.getState()
  if (seq === null) return
  let frames = 0
  const look = () => {
    if (selectionStore.getState().seq !== seq || click(`[${what}="${seq}"]`)) return
    if (++frames < framesWaited) requestAnimationFrame(look)
  }
  look()
}

/** Sends the saved message of a digit. */
const sendByKey = (digit: string): void => {
  if (!click(`[data-saved-key="${digit}"]`))
    noticeStore.getState().report(fail('not-found', t('composer.keyFree', { key: digit })))
}

const showView = (view: View | undefined): boolean => {
  if (view === undefined) return false
  viewStore.getState().show(view)
  return true
}

/** Opens the find bar, or goes back to it. False where there are no events to search. */
const find = (): boolean => {
  if (document.querySelector('.event-grid') === null) return false
  payloadSearch.open()
  const field = document.querySelector<HTMLInputElement>('[data-find]')
  field?.focus()
  field?.select()
  return true
}

const withControl = (event: KeyboardEvent): boolean => {
  if (event.key === 'Enter') {
    const send = document.querySelector<HTMLButtonElement>('[data-send]')
    send?.click()
    return send !== null
  }
  if (event.key === 'o' && !event.shiftKey) {
    viewStore.getState().setCapturesOpen(true)
    return true
  }
  if (event.key === 'e' && !event.shiftKey) {
    exportSheetStore.getState().open({ kind: 'export', connection: null })
    return true
  }
  if (event.key === 'f' && !event.shiftKey && viewStore.getState().view === 'wire') return find()
  return /^[1-3]$/.test(event.key) && showView(views[Number(event.key) - 1])
}

const leave = (): boolean => {
  const { drawerOpen, inspectorOpen, setDrawerOpen, setInspectorOpen } = viewStore.getState()
  if (document.activeElement instanceof HTMLElement && takesText(document.activeElement)) {
    document.activeElement.blur()
    return true
  }
  if (drawerOpen) setDrawerOpen(false)
  else if (inspectorOpen) setInspectorOpen(false)
  else if (payloadSearch.store.getState().open) payloadSearch.close()
  else return false
  return true
}

const onWire: Readonly<Record<string, () => void>> = {
  j: () => stepEvent(1),
  k: () => stepEvent(-1),
  p: () => selectionStore.getState().setViewPaused(!selectionStore.getState().viewPaused),
  g: crossOver,
  b: () => {
    if (goToLongest()) viewStore.getState().show('loop')
  },
  '/': () => document.querySelector<HTMLElement>('[data-filter]')?.focus(),
  s: () => document.querySelector<HTMLElement>('[data-pane=composer] textarea')?.focus(),
  x: () => clickForEvent('data-send-again'),
  y: () => click('[data-copy-as]'),
  t: () => clickForEvent('data-send-to'),
  m: () => {
    const { seq } = selectionStore.getState()
    if (seq !== null) void bookmarks.toggle(seq)
  },
}

const anywhere: Readonly<Record<string, () => void>> = {
  l: () => viewStore.getState().openSheet('listener'),
  c: () => viewStore.getState().openSheet('client'),
  r: () => viewStore.getState().openSheet('relay'),
  v: () => viewStore.getState().showLibrary('messages'),
  '?': () => viewStore.getState().setShortcutsOpen(true),
}

/** On the first-run screen these letters do what stands on its buttons. */
const onFirstRun: Readonly<Record<string, () => void>> = {
  l: () => document.querySelector<HTMLElement>('[data-card=listener] [type=submit]')?.click(),
  c: () => document.querySelector<HTMLElement>('[data-card=client] [type=submit]')?.click(),
  r: () => document.querySelector<HTMLElement>('[data-card=relay] [type=submit]')?.click(),
  e: () => viewStore.getState().show('lessons'),
}

/** Enter does what the accented card says, as long as nothing else has the focus. */
const startDefault = (): boolean => {
  const button = document.querySelector<HTMLElement>('[data-default]')
  if (button === null || document.activeElement !== document.body) return false
  button.click()
  return true
}

/** Held down, these would send again and again, or let a mark come and go. */
const oncePerPress: ReadonlySet<string> = new Set(['x', 'm'])

const plain = (event: KeyboardEvent): boolean => {
  const firstRun = document.querySelector('[data-card]') !== null
  if (event.key === 'Enter') return firstRun && startDefault()
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key
  const { view } = viewStore.getState()
  if (view === 'loop' && handleLoopKey(event)) return true
  const wire = view === 'wire'
  if (wire && !firstRun && /^[1-9]$/.test(key)) {
    // Once for a press: a key that is held would send to the peer again and again.
    if (!event.repeat) sendByKey(key)
    return true
  }
  if (key === 'n' && wire && !firstRun) {
    stepMatch(event.shiftKey ? -1 : 1)
    return true
  }
  const action =
    (firstRun ? onFirstRun[key] : undefined) ?? (wire && !firstRun ? onWire[key] : undefined) ?? anywhere[key]
  if (action !== undefined) {
    if (!(event.repeat && oncePerPress.has(key))) action()
    return true
  }
  return wire && !firstRun && handleViewKey(event.key)
}

const handle = (event: KeyboardEvent): boolean => {
  if (event.key === 'F6') {
    focusNextPane(event.shiftKey ? -1 : 1)
    return true
  }
  // A sheet has the keyboard to itself.
  if (isCovered(viewStore.getState()) || exportSheetStore.getState().request !== null) return false
  if (event.key === 'Escape') return leave()
  if (event.ctrlKey || event.metaKey) return !event.altKey && withControl(event)
  if (event.altKey || takesText(document.activeElement)) return false
  return plain(event)
}

/** Listens from now on. Returns a function that stops. */
export const listenForKeys = (): (() => void) => {
  const onKeyDown = (event: KeyboardEvent) => {
    if (!event.defaultPrevented && !event.isComposing && handle(event)) event.preventDefault()
  }
  document.addEventListener('keydown', onKeyDown)
  return () => document.removeEventListener('keydown', onKeyDown)
}
