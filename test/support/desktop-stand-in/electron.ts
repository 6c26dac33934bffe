// The module that `electron` resolves to in the stand-in: of Electron's main-process API just what main/index.ts and main/desktop import.
// What is missing here is a missing export, or a method that is no function: an error that names it. Each part is typed against
// electron.d.ts, so that it cannot drift from what Electron documents.
//
// What it proves: the built out/main/index.js and out/preload/index.cjs, unchanged, open a window, serve the page with its headers
// (Chromium enforces them), check senders, carry commands and events with their credits, deny navigation, windows and permissions,
// and leave in order. What it cannot: that Electron itself does what its documentation says. docs/desktop.md has the whole list.
import type { Dialog, MenuItemConstructorOptions, NativeTheme } from 'electron'
import { report } from './control.ts'

export { app } from './app.ts'
export { ipcMain } from './ipc-main.ts'
export { MessageChannelMain } from './message-ports.ts'
export { protocol, session } from './session.ts'
export { BrowserWindow } from './window.ts'

/** Menus are native: only what was asked for can be told. */
export const Menu = {
  buildFromTemplate: (template: MenuItemConstructorOptions[]) => template,
  setApplicationMenu: (template: MenuItemConstructorOptions[]) =>
    report({ report: 'menu-set', roles: template.map(({ role }) => role ?? '') }),
}

export const nativeTheme: Pick<NativeTheme, 'shouldUseDarkColors'> = { shouldUseDarkColors: false }

export const dialog: Pick<Dialog, 'showErrorBox'> = {
  showErrorBox: (title, content) => console.error(`${title}: ${content}`),
}
