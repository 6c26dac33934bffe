// The desktop app, from start to end: register, lock, serve the page, start the workbench, open the window, leave in order.
// Each step is a file of main/desktop; the browser's counterpart is main/serve, the terminal's main/cli.
import { join } from 'node:path'
import { app, type BrowserWindow, dialog, session } from 'electron'
import { registerAppScheme, serveApp } from './desktop/app-protocol.ts'
import { captureArgument, createCaptureDialogs } from './desktop/capture-dialogs.ts'
import { createIpc } from './desktop/ipc.ts'
import { denyPermissions, lockPages } from './desktop/lockdown.ts'
import { setMenu } from './desktop/menu.ts'
import { pageAddress } from './desktop/page-address.ts'
import { stopBeforeQuit } from './desktop/quit.ts'
import { focusWindow, openWindow } from './desktop/window.ts'
import { readPageFiles } from './page-files.ts'
import { createWorkbench } from './workbench.ts'
import { workspaceFileName } from './workspace/workspace-path.ts'

const out = join(import.meta.dirname, '..')
// `electron-vite dev` serves the pages itself; a packaged app listens to no such wish.
const devUrl = app.isPackaged ? undefined : process.env['ELECTRON_RENDERER_URL']
const page = pageAddress(devUrl)
let window: BrowserWindow | null = null

const open = () => {
  window = openWindow(page, join(out, 'preload/index.cjs'))
  window.once('closed', () => {
    window = null
  })
}

const showWindow = () => (window === null ? open() : focusWindow(window))

const serveBuiltPage = async () => {
  const files = await readPageFiles(join(out, 'renderer'))
  if (!files.ok) throw new Error(files.failure.message)
  serveApp(files.value)
}

/** The workbench, with the capture opened that the app was started with; one that cannot be opened keeps no app from starting. */
const startWorkbench = () => {
  const options = {
    captures: { folder: join(app.getPath('userData'), 'captures') },
    dialogs: createCaptureDialogs(() => window),
    workspace: join(app.getPath('userData'), workspaceFileName),
    tls: join(app.getPath('userData'), 'tls'),
  }
  const file = captureArgument(process.argv)
  if (file === null) return createWorkbench(options)
  return createWorkbench({ ...options, open: file }).catch((error: Error) => {
    dialog.showErrorBox(`${file} cannot be opened`, error.message)
    return createWorkbench(options)
  })
}

const start = async () => {
  if (devUrl === undefined) await serveBuiltPage()
  denyPermissions(session.defaultSession, page)

  const workbench = await startWorkbench()
  const ipc = createIpc(workbench, () => window?.webContents ?? null, page.origin)
  stopBeforeQuit(async (graceMs) => {
    await workbench.stop(graceMs)
    ipc.dispose()
  })

  setMenu(process.platform)
  open()
  app.on('second-instance', showWindow)
  app.on('activate', showWindow)
}

// On a Mac an app stays when its last window is closed.
app.on('window-all-closed', () => {
  if (process.platform !== 'darwin') app.quit()
})

if (app.requestSingleInstanceLock()) {
  registerAppScheme()
  app.enableSandbox()
  lockPages(page)
  // Not awaited: the app becomes ready only after this module has ended.
  app
    .whenReady()
    .then(start)
    .catch((error: Error) => {
      dialog.showErrorBox('Wireloop cannot start', error.message)
      app.exit(1)
    })
} else app.quit()
