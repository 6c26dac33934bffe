// Tells i18next's types which keys exist, so that a misspelt key is a type error. Counterpart: en.ts.
import type { en } from './en.ts'

declare module 'i18next' {
  interface CustomTypeOptions {
    defaultNS: 'translation'
    resources: { translation: typeof en }
  }
}
