// The system's dialogs for capture files: which one to open, and where a copy goes. The page never names a path, nor learns of
// more than the file. Counterparts: main/capture-commands.ts (asks), renderer/capture (where the buttons are).
import { extname } from 'node:path'
import { type BrowserWindow, dialog } from 'electron'
import { captureExtension } from '../archive/capture-paths.ts'
import type { CaptureDialogs } from '../workbench.ts'

const filters = [{ name: 'Wireloop captures', extensions: [captureExtension.slice(1)] }]

/** Of a file that is to have this name: captures, or whatever else is exported. */
const filtersFor = (name: string) => {
  const extension = extname(name)
  return extension === captureExtension || extension === ''
    ? filters
    : [{ name: extension.slice(1), extensions: [extension.slice(1)] }]
}

/** `window`: the one that the dialogs belong to, which waits for them; null while there is none. */
export const createCaptureDialogs = (window: () => BrowserWindow | null): CaptureDialogs => ({
  async chooseCapture() {
    const options = { title: 'Open a capture', filters, properties: ['openFile' as const] }
    const over = window()
    const { canceled, filePaths } = await (over === null
      ? dialog.showOpenDialog(options)
      : dialog.showOpenDialog(over, options))
    return canceled ? null : (filePaths[0] ?? null)
  },
  async choosePlace(name) {
    const options = { title: 'Save as', defaultPath: name, filters: filtersFor(name) }
    const over = window()
    const { canceled, filePath } = await (over === null
      ? dialog.showSaveDialog(options)
      : dialog.showSaveDialog(over, options))
    return canceled || filePath === '' ? null : filePath
  },
})

/** The capture that the app was started with (a double click, `wireloop FILE`); null for none. */
export const captureArgument = (argv: readonly string[]): string | null =>
  argv.slice(1).find((word) => !word.startsWith('-') && word.endsWith(captureExtension)) ?? null
