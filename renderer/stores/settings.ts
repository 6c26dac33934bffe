// The person's choices that outlive the page, kept in the browser's own storage. Counterpart: settings/theme.ts puts the
// theme on the page; canvases watch `theme` to draw again.
import { useStore } from 'zustand'
import { createStore } from 'zustand/vanilla'

export const themeChoices = ['system', 'dark', 'light'] as const
export type ThemeChoice = (typeof themeChoices)[number]
export type Theme = 'dark' | 'light'

const themeKey = 'wireloop.theme'

export interface SettingsState {
  readonly themeChoice: ThemeChoice
  /** The theme on the page now: the choice, or what the system prefers. */
  readonly theme: Theme
  chooseTheme(choice: ThemeChoice): void
  /** Called by settings/theme.ts once the page wears the theme. */
  takeTheme(theme: Theme): void
}

const storedChoice = (): ThemeChoice => {
  // Storage may be refused altogether (private windows, tests without a page): then the system decides.
  try {
    const stored = localStorage.getItem(themeKey)
    return themeChoices.find((choice) => choice === stored) ?? 'system'
  } catch {
    return 'system'
  }
}

const storeChoice = (choice: ThemeChoice): void => {
  try {
    localStorage.setItem(themeKey, choice)
  } catch {
    // the choice then holds for this page only
  }
}

export const settingsStore = createStore<SettingsState>()((set) => ({
  themeChoice: storedChoice(),
  theme: 'dark',
  chooseTheme: (themeChoice) => {
    storeChoice(themeChoice)
    set({ themeChoice })
  },
  takeTheme: (theme) => set({ theme }),
}))

export const useSettings = <T>(pick: (state: SettingsState) => T): T => useStore(settingsStore, pick)
