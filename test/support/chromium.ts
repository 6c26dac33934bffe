// Finds a Chromium on this machine and launches it the way the end-to-end tests and the desktop stand-in need it: headless, as
// root too, and without a single request to the outside. Counterpart: test/e2e/support/build-once.ts, which says so where there is none.
import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'
import { type Browser, type BrowserContext, chromium, type LaunchOptions } from 'playwright-core'

const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable']
const macPath = '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome'

const isExecutable = (path: string): boolean => {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

/** Where Chromium is: `$CHROMIUM`, the `PATH`, the usual places, then Playwright's own download; null where there is none. */
export const chromiumPath = (): string | null => {
  const named = process.env['CHROMIUM']
  // A path that somebody set is meant: falling back to another browser would test something else than they asked for.
  if (named) return isExecutable(named) ? named : null
  const folders = ['/usr/bin', ...(process.env['PATH'] ?? '').split(delimiter)]
  const candidates = [...folders.flatMap((folder) => names.map((name) => join(folder, name))), macPath]
  return [...candidates, chromium.executablePath()].find(isExecutable) ?? null
}

/** One sentence for a person on whose machine `chromiumPath()` is null. */
export const chromiumMissing =
  'No Chromium was found, so the end-to-end tests are skipped: install Chromium or Google Chrome, or run ' +
  '“npx playwright-core install chromium”, or set CHROMIUM to the path of one'

/** Arguments for a headless run in a container; the background services would talk to the outside. */
export const chromiumArgs = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
] as const

const launchOptions = (extraArgs: readonly string[]): LaunchOptions => {
  const executablePath = chromiumPath()
  if (executablePath === null) throw new Error(chromiumMissing)
  return { executablePath, args: [...chromiumArgs, ...extraArgs], headless: true }
}

/** Launches Chromium; the caller closes it. */
export const launchChromium = (extraArgs: readonly string[] = []): Promise<Browser> =>
  chromium.launch(launchOptions(extraArgs))

/**
 * Launches Chromium on a profile folder of its own, as an app that embeds it has one; signals are the app's business. The caller
 * closes the context.
 */
export const launchChromiumProfile = (folder: string, extraArgs: readonly string[] = []): Promise<BrowserContext> =>
  chromium.launchPersistentContext(folder, {
    ...launchOptions(extraArgs),
    viewport: null,
    handleSIGINT: false,
    handleSIGTERM: false,
    handleSIGHUP: false,
  })
