// Sets up i18next once, with every text bundled: nothing is fetched, and the first paint is already translated.
// Counterpart: en.ts, the texts; its shape is what `t` accepts (types.ts).
import i18next from 'i18next'
import { initReactI18next } from 'react-i18next'
import { en } from './en.ts'

export const i18n = i18next.createInstance()

void i18n.use(initReactI18next).init({
  lng: 'en',
  fallbackLng: 'en',
  resources: { en: { translation: en } },
  initAsync: false,
  // React and the canvases never read texts as HTML.
  interpolation: { escapeValue: false },
})

/** Text outside React: canvases, announcements, stores. */
export const t = i18n.t
