// `app`: becomes ready when Chromium runs and the main module has ended, quits in Electron's order of events, and takes its signals.
// Chromium belongs to this process, as it does to Electron's. Counterparts: window.ts, run.ts.
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { App } from 'electron'
import type { BrowserContext } from 'playwright-core'
import { launchChromiumProfile } from '../chromium.ts'
import { closeForeignPages } from './chromium-window.ts'
import { report } from './control.ts'
import { KnownEvents, preventable } from './known-events.ts'

/** What `app` knows of a window. */
interface Window {
  destroy(): void
}

type Surface = Pick<
  App,
  'isPackaged' | 'getPath' | 'requestSingleInstanceLock' | 'enableSandbox' | 'whenReady' | 'isReady' | 'quit' | 'exit'
>

class StandInApp extends KnownEvents implements Surface {
  // `electron .` on a checkout is not packaged either.
  readonly isPackaged = false
  readonly #windows = new Set<Window>()
  readonly #ready: Promise<void>
  #becomeReady: () => void = () => undefined
  #context: BrowserContext | null = null
  #profile: string | null = null
  #isReady = false
  #isQuitting = false

  constructor() {
    // The last two do not happen here: no second instance, no dock.
    super(
      'web-contents-created',
      'window-all-closed',
      'before-quit',
      'will-quit',
      'quit',
      'second-instance',
      'activate',
    )
    this.#ready = new Promise((resolve) => {
      this.#becomeReady = resolve
    })
  }

  requestSingleInstanceLock(): boolean {
    return true
  }

  getPath(name: string): string {
    if (name !== 'userData') throw new Error(`app.getPath('${name}') is not in the stand-in`)
    if (this.#profile === null) throw new Error('app.getPath is used before the stand-in has a profile')
    return this.#profile
  }

  enableSandbox(): void {
    this.mustNotBeReady('app.enableSandbox')
  }

  whenReady(): Promise<void> {
    return this.#ready
  }

  isReady(): boolean {
    return this.#isReady
  }

  quit(): void {
    const event = preventable({})
    this.emit('before-quit', event)
    if (event.defaultPrevented) return
    this.#isQuitting = true
    for (const window of [...this.#windows]) window.destroy()
    if (this.#windows.size === 0) this.#shutDown()
  }

  exit(code = 0): void {
    const end = () => process.exit(code)
    // Never rejects in practice; a Chromium that is gone already is as good as one that was closed.
    Promise.resolve(this.#context?.close()).then(end, end)
  }

  // From here on: what the stand-in's other parts use, not Electron's API.

  get context(): BrowserContext {
    if (this.#context === null) throw new Error('Chromium is used before the app is ready')
    return this.#context
  }

  mustNotBeReady(api: string): void {
    if (this.#isReady) throw new Error(`${api} must be called before the app is ready`)
  }

  mustBeReady(api: string): void {
    if (!this.#isReady) throw new Error(`${api} must not be used before the app is ready`)
  }

  /** Starts Chromium on a profile folder; the caller then runs the main module and calls `mainEnded`. */
  async launch(profile: string): Promise<void> {
    this.#profile = profile
    this.#context = await launchChromiumProfile(profile, ['--remote-debugging-port=0'])
    await closeForeignPages(this.#context)
    const [port] = (await readFile(join(profile, 'DevToolsActivePort'), 'utf8')).split('\n')
    report({ report: 'started', debuggingPort: Number(port) })
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => this.quit())
  }

  /** Electron, too, becomes ready only when the main module has ended: one that awaits `whenReady` at its top level hangs. */
  mainEnded(): void {
    this.#isReady = true
    this.#becomeReady()
  }

  windowOpened(window: Window): void {
    this.#windows.add(window)
  }

  windowClosed(window: Window): void {
    this.#windows.delete(window)
    if (this.#windows.size > 0) return
    if (this.#isQuitting) this.#shutDown()
    else if (!this.emit('window-all-closed')) this.quit()
  }

  #shutDown(): void {
    const event = preventable({})
    this.emit('will-quit', event)
    if (event.defaultPrevented) {
      this.#isQuitting = false
      return
    }
    this.emit('quit', {}, 0)
    this.exit(0)
  }
}

export const app = new StandInApp()
