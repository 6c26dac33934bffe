// Puts the chosen theme on the page, and follows the system where that is the choice. Counterparts: stores/settings.ts,
// styles/tokens.css.
import { settingsStore, type Theme } from '../stores/settings.ts'

/** Wears the theme now and from now on. Returns a function that stops following. */
export const wearTheme = (): (() => void) => {
  const light = window.matchMedia('(prefers-color-scheme: light)')
  const apply = () => {
    const { themeChoice, theme, takeTheme } = settingsStore.getState()
    const wanted: Theme = themeChoice === 'system' ? (light.matches ? 'light' : 'dark') : themeChoice
    document.documentElement.dataset['theme'] = wanted
    if (wanted !== theme) takeTheme(wanted)
  }
  apply()
  light.addEventListener('change', apply)
  const unsubscribe = settingsStore.subscribe(apply)
  return () => {
    light.removeEventListener('change', apply)
    unsubscribe()
  }
}
