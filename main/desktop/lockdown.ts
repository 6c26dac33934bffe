// What no page in this app may ever do, whatever it shows: leave our address, open windows, embed others, use devices.
// The page itself needs none of it but the clipboard. Counterpart: main/page-headers.ts, which fences in what a page loads and runs.
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

/**
 * Denies every permission and every device, but for one: our own page may put text into the clipboard when a person clicks Copy
 * (Chromium asks for the click itself). Without these handlers Electron grants what any page asks for.
 */
export const denyPermissions = (session: Session, page: PageAddress): void => {
  const isAllowed = (permission: string, asker: string) =>
    permission === 'clipboard-sanitized-write' && (asker === page.origin || asker.startsWith(`${page.origin}/`))
  session.setPermissionCheckHandler((_contents, permission, asker) => isAllowed(permission, asker))
  session.setPermissionRequestHandler((_contents, permission, callback, { requestingUrl }) =>
    callback(isAllowed(permission, requestingUrl)),
  )
  session.setDevicePermissionHandler(() => false)
}
