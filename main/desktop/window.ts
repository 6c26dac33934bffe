// The one window: sandboxed, shown when it has something to show, reloaded when its page's process is gone. It owns no facts of
// its own; a new page asks the engine for a snapshot and goes on. Counterparts: preload/index.ts, lockdown.ts.
import { BrowserWindow, nativeTheme } from 'electron'
import type { PageAddress } from './page-address.ts'

/** `bg-canvas` of the design, so that nothing flashes before the page has drawn. */
const backgrounds = { dark: '#0B0E10', light: '#FFFFFF' } as const
/** Page processes that may end in a row, each within `crashLoopMs` of the one before, until reloading is given up. */
const crashesInARow = 3
const crashLoopMs = 10_000

const reloadAfterCrash = ({ webContents }: BrowserWindow): void => {
  let crashes = 0
  let lastAtMs = Number.NEGATIVE_INFINITY
  webContents.on('render-process-gone', (_event, { reason, exitCode }) => {
    if (reason === 'clean-exit') return
    const nowMs = performance.now()
    crashes = nowMs - lastAtMs < crashLoopMs ? crashes + 1 : 1
    lastAtMs = nowMs
    console.error(`The window's page process is gone (${reason}, exit code ${exitCode})`)
    if (crashes > crashesInARow) return
    // Not from within the event: a navigation while the old process is still being taken down has crashed Electron (pull 51900).
    setImmediate(() => {
      if (!webContents.isDestroyed()) webContents.reload()
    })
  })
}

/** Opens the window on `page`; `preload` is the path of the one CommonJS file that the sandbox takes. */
export const openWindow = (page: PageAddress, preload: string): BrowserWindow => {
  const window = new BrowserWindow({
    title: 'Wireloop',
    width: 1440,
    height: 900,
    minWidth: 720,
    minHeight: 480,
    show: false,
    backgroundColor: nativeTheme.shouldUseDarkColors ? backgrounds.dark : backgrounds.light,
    webPreferences: {
      preload,
      sandbox: true,
      contextIsolation: true,
      nodeIntegration: false,
      webSecurity: true,
      spellcheck: false,
    },
  })
  window.once('ready-to-show', () => window.show())
  reloadAfterCrash(window)
  window.loadURL(page.url).catch((error: Error) => console.error(`The page did not load: ${error.message}`))
  return window
}

/** Brings the window to the front, wherever it is. */
export const focusWindow = (window: BrowserWindow): void => {
  if (window.isMinimized()) window.restore()
  window.focus()
}
