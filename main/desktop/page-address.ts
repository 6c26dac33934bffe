// Where the window's page lives, and the scheme it is served under: `app://wireloop/` from the built renderer. Counterparts:
// app-protocol.ts serves it, sender.ts and lockdown.ts admit nothing else.

/** The scheme of our page, and its host. */
export const appScheme = 'app'
export const appHost = 'wireloop'

export interface PageAddress {
  readonly url: string
  /** As Chromium serialises it, RFC 6454. */
  readonly origin: string
}

/** The page to open: the built one, or that of `electron-vite dev` where it serves one. */
export const pageAddress = (devUrl: string | undefined): PageAddress => {
  if (devUrl === undefined) return { url: `${appScheme}://${appHost}/`, origin: `${appScheme}://${appHost}` }
  const { href, origin } = new URL(devUrl)
  return { url: href, origin }
}
