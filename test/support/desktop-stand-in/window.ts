// `BrowserWindow`, its WebContents and its main frame: main's side of one Chromium page. Counterpart: chromium-window.ts.
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type {
  BrowserWindowConstructorOptions,
  BrowserWindow as ElectronWindow,
  IpcMainEvent,
  IpcMainInvokeEvent,
  WebContents,
  WebFrameMain,
} from 'electron'
import { app } from './app.ts'
import { type ChromiumWindow, openChromiumWindow, type WindowHooks } from './chromium-window.ts'
import { report } from './control.ts'
import { ipcMain } from './ipc-main.ts'
import { KnownEvents, preventable } from './known-events.ts'
import type { MessagePortMain } from './message-ports.ts'
import { protocol, session } from './session.ts'
import type { FromPreload, ToPreload } from './wire.ts'

/** The permissions that are put to main, as Electron spells them and as Chromium does. */
const permissions = [
  ['geolocation', 'geolocation'],
  ['notifications', 'notifications'],
  ['clipboard-read', 'clipboard-read'],
  ['clipboard-sanitized-write', 'clipboard-write'],
  ['midi', 'midi'],
] as const

/** The main frame of one document: what `senderFrame` is while that document stands. */
class MainFrame implements Pick<WebFrameMain, 'origin' | 'postMessage'> {
  readonly parent = null
  readonly origin: string
  readonly #ports = new Map<number, MessagePortMain>()
  readonly #post: (message: ToPreload) => void

  constructor(origin: string, post: (message: ToPreload) => void) {
    this.origin = origin
    this.#post = post
  }

  postMessage(channel: string, message: unknown, transfer: readonly unknown[] = []): void {
    const ports = (transfer as MessagePortMain[]).map((port) => {
      const id = this.#ports.size + 1
      this.#ports.set(id, port)
      return id
    })
    this.#post({ type: 'message', channel, message: structuredClone(message), ports })
    for (const id of ports)
      this.#ports.get(id)?.transfer({
        post: (data) => this.#post({ type: 'port-message', port: id, data }),
        close: () => this.#post({ type: 'port-closed', port: id }),
      })
  }

  fromPort(message: Extract<FromPreload, { port: number }>): void {
    const port = this.#ports.get(message.port)
    if (message.type === 'port-message') port?.fromPage(message.data)
    else port?.pageGone()
  }

  gone(): void {
    for (const port of this.#ports.values()) port.pageGone()
  }
}

class StandInWebContents
  extends KnownEvents
  implements Pick<WebContents, 'setWindowOpenHandler' | 'reload' | 'isDestroyed'>
{
  readonly #page: Promise<ChromiumWindow>
  readonly #frames = new Map<number, MainFrame>()
  #isDestroyed = false
  #openHandler: Parameters<WebContents['setWindowOpenHandler']>[0] = () => ({ action: 'allow' })

  /** `open` makes the page; `loaded` and `closed` are the window's. */
  constructor(open: (hooks: WindowHooks) => Promise<ChromiumWindow>, window: Pick<WindowHooks, 'loaded' | 'closed'>) {
    // The last two do not happen here: our handlers never redirect, and Chromium alone has no webview.
    super('will-frame-navigate', 'will-navigate', 'render-process-gone', 'will-redirect', 'will-attach-webview')
    this.#page = open({
      loaded: window.loaded,
      closed: () => {
        this.#isDestroyed = true
        window.closed()
      },
      request: (request) => protocol.answer(request),
      mayNavigate: (url, isMainFrame) => this.#mayNavigate(url, isMainFrame),
      opened: (url, frameName) => this.#opened(url, frameName),
      worldMade: (world, origin) =>
        this.#frames.set(
          world,
          new MainFrame(origin, (message) => void this.#page.then((page) => page.post(world, message))),
        ),
      worldGone: (world) => {
        this.#frames.get(world)?.gone()
        this.#frames.delete(world)
      },
      message: (world, message) => this.#receive(world, message),
      crashed: () => this.emit('render-process-gone', preventable({}), { reason: 'crashed', exitCode: 1 }),
    })
  }

  setWindowOpenHandler(handler: Parameters<WebContents['setWindowOpenHandler']>[0]): void {
    this.#openHandler = handler
  }

  isDestroyed(): boolean {
    return this.#isDestroyed
  }

  reload(): void {
    this.#page.then((page) => page.reload())
  }

  async load(url: string): Promise<void> {
    const page = await this.#page
    for (const [name, chromiumName] of permissions) {
      const isGranted = await session.defaultSession.grants(this.#asElectrons(), name, 'app://wireloop')
      await page.grant(chromiumName, isGranted)
    }
    await page.navigate(url)
  }

  async destroy(): Promise<void> {
    await (await this.#page).close()
  }

  #mayNavigate(url: string, isMainFrame: boolean): boolean {
    const details = preventable({ url, isMainFrame, isSameDocument: false, frame: null })
    this.emit('will-frame-navigate', details)
    if (isMainFrame && !details.defaultPrevented) this.emit('will-navigate', details, url)
    if (details.defaultPrevented) report({ report: 'navigation-denied', url })
    return !details.defaultPrevented
  }

  #opened(url: string, frameName: string): void {
    const referrer = { url: '', policy: 'no-referrer' } as const
    const details = { url, frameName, features: '', disposition: 'foreground-tab', referrer } as const
    if (this.#openHandler(details).action === 'deny') report({ report: 'window-denied', url })
    else throw new Error(`The desktop stand-in opens no second window (for ${url})`)
  }

  #receive(world: number, message: FromPreload): void {
    const frame = this.#frames.get(world)
    if (message.type === 'port-message' || message.type === 'port-closed') {
      frame?.fromPort(message)
      return
    }
    // A message of a document that is left arrives without its frame, as under Electron.
    const event = { sender: this, senderFrame: frame ?? null }
    if (message.type === 'send') {
      ipcMain.deliver(event as unknown as IpcMainEvent, message.channel, message.args)
      return
    }
    const { id } = message
    const answer = (reply: ToPreload) => void this.#page.then((page) => page.post(world, reply))
    ipcMain.answer(event as unknown as IpcMainInvokeEvent, message.channel, message.args).then(
      (value) => answer({ type: 'result', id, value }),
      (error: Error) => answer({ type: 'error', id, message: error.message }),
    )
  }

  #asElectrons(): WebContents {
    return this as unknown as WebContents
  }
}

const electronVersion: string = createRequire(import.meta.url)('electron/package.json').version

/** What the stand-in takes for granted of a window; another kind of window would need another stand-in. */
const mustBeSandboxed = ({
  sandbox,
  contextIsolation,
  nodeIntegration,
  webSecurity,
}: Electron.WebPreferences): void => {
  if (sandbox === false || contextIsolation === false || nodeIntegration === true || webSecurity === false)
    throw new Error('The desktop stand-in has only sandboxed windows with context isolation and web security')
}

type Surface = Pick<ElectronWindow, 'show' | 'focus' | 'isMinimized' | 'restore' | 'loadURL'>

export class BrowserWindow extends KnownEvents implements Surface {
  static readonly #all = new Set<BrowserWindow>()
  readonly webContents: StandInWebContents

  static getAllWindows(): BrowserWindow[] {
    return [...BrowserWindow.#all]
  }

  constructor(options: BrowserWindowConstructorOptions = {}) {
    super('ready-to-show', 'closed')
    app.mustBeReady('new BrowserWindow')
    const { preload, ...preferences } = options.webPreferences ?? {}
    mustBeSandboxed(preferences)
    const preloadProcess = {
      versions: { ...process.versions, electron: electronVersion, chrome: app.context.browser()?.version() ?? '' },
      platform: process.platform,
      type: 'renderer',
      sandboxed: true,
    }
    const content = {
      width: options.width ?? 800,
      height: options.height ?? 600,
      preload: preload === undefined ? '' : readFileSync(preload, 'utf8'),
      preloadProcess,
    }
    this.webContents = new StandInWebContents((hooks) => openChromiumWindow(app.context, content, hooks), {
      loaded: () => {
        report({ report: 'page-loaded' })
        this.emit('ready-to-show')
      },
      closed: () => this.#close(),
    })
    BrowserWindow.#all.add(this)
    app.windowOpened(this)
    app.emit('web-contents-created', {}, this.webContents)
  }

  show(): void {
    report({ report: 'window-shown' })
  }

  focus(): void {}

  isMinimized(): boolean {
    return false
  }

  restore(): void {}

  loadURL(url: string): Promise<void> {
    return this.webContents.load(url)
  }

  destroy(): void {
    this.webContents.destroy()
  }

  #close(): void {
    if (!BrowserWindow.#all.delete(this)) return
    this.emit('closed')
    app.windowClosed(this)
  }
}
