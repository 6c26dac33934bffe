// What a page's status line says about the app it looks at, and the one place that knows the app's version in main.
// Counterpart: `HostInfo` in preload/contract/api.ts; the preload fills in its own for the desktop.
import manifest from '../package.json' with { type: 'json' }
import type { HostInfo } from '../preload/contract/api.ts'

export const appVersion: string = manifest.version

const shown = ['node', 'uv', 'v8']

/** `HostInfo` of this process, as `wireloop serve` sends it to a page. */
export const serveHostInfo = (): HostInfo => ({
  kind: 'serve',
  version: appVersion,
  versions: Object.fromEntries(shown.map((name) => [name, process.versions[name] ?? ''])),
  platform: process.platform,
})
