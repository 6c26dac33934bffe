// The module that `electron` resolves to in the stand-in: of Electron's main-process API just what main/index.ts and main/desktop import.
// What is missing here is a missing export, or a method that is no function: an error that names it. Each part is typed against
// electron.d.ts, so that it cannot drift from what Electron documents.
//
// What it proves: the built out/main/index.js and out/preload/index.cjs, unchanged, open a window, serve the page with its headers
// (Chromium enforces them), check senders, carry commands and events with their credits, deny navigation, windows and permissions,
// and leave in order. What it cannot: that Electron itself does what its documentation says. docs/desktop.md has the whole list.
import type { Dialog, MenuItemConstructorOptions, NativeTheme, OpenDialogOptions, SaveDialogOptions } from 'electron'
import { onOrder, report } from './control.ts'

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

/** What the person will answer in the next dialogs; without an answer they press Cancel. */
const answers: (string | null)[] = []
onOrder((order) => {
  if (order.order === 'answer-dialog') answers.push(order.path)
})

const ask = (kind: 'open' | 'save', [first, second]: readonly unknown[]): string | null => {
  const options = (second ?? first) as OpenDialogOptions & SaveDialogOptions
  report({
    report: 'dialog-shown',
    kind,
    overWindow: second !== undefined,
    title: options.title ?? '',
    proposes: options.defaultPath ?? null,
    extensions: options.filters?.flatMap(({ extensions }) => extensions) ?? [],
  })
  return answers.shift() ?? null
}

/** Native, too: told, and answered by the test. */
export const dialog: Pick<Dialog, 'showErrorBox' | 'showOpenDialog' | 'showSaveDialog'> = {
  showErrorBox: (title, content) => console.error(`${title}: ${content}`),
  showOpenDialog: async (...args: readonly unknown[]) => {
    const path = ask('open', args)
    return { canceled: path === null, filePaths: path === null ? [] : [path] }
  },
  showSaveDialog: async (...args: readonly unknown[]) => {
    const path = ask('save', args)
    return { canceled: path === null, filePath: path ?? '' }
  },
}
