// What no page in this app may ever do, whatever it shows: leave our address, open windows, embed others, use devices.
// The page itself needs none of it. Counterpart: main/page-headers.ts, which fences in what a page loads and runs.
import { app, type Session, type WebContents } from 'electron'
import type { PageAddress } from './page-address.ts'

const lockContents = (contents: WebContents, page: PageAddress): void => {
  // A reload of our own page is a navigation too, and the only one.
  contents.on('will-frame-navigate', (details) => {
    if (!details.isMainFrame || details.url !== page.url) details.preventDefault()
  })
  contents.on('will-navigate', (details) => {
    if (details.url !== page.url) details.preventDefault()
  })
  contents.on('will-redirect', (details) => details.preventDefault())
  contents.on('will-attach-webview', (event) => event.preventDefault())
  contents.setWindowOpenHandler(() => ({ action: 'deny' }))
}

/** Locks every page that will ever be made in this app. Before the first window. */
export const lockPages = (page: PageAddress): void => {
  app.on('web-contents-created', (_event, contents) => lockContents(contents, page))
}

/** Denies every permission and every device: without these handlers Electron grants what a page asks for. */
export const denyPermissions = (session: Session): void => {
  session.setPermissionCheckHandler(() => false)
  session.setPermissionRequestHandler((_contents, _permission, callback) => callback(false))
  session.setDevicePermissionHandler(() => false)
}
