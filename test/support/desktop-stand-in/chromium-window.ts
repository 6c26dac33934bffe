// One page of real Chromium as the content of a BrowserWindow: requests are answered by main's protocol handlers, navigations and new
// windows are put to main first, the preload's messages are carried both ways. Counterparts: window.ts (main's side of it),
// page-worlds.ts (the page's side).
import type { BrowserContext, CDPSession, Page, Route } from 'playwright-core'
import { shownOrigin, toMainOrigin, toMainUrl, toShownUrl } from './addresses.ts'
import { bindingName, mainWorldScript, preloadWorldName, preloadWorldScript, receiverName } from './page-worlds.ts'
import { type FromPreload, fromWire, type ToPreload, toWire } from './wire.ts'

/** What a window asks of main and tells it; addresses are main's. */
export interface WindowHooks {
  /** Answers a request under main's scheme. */
  request(request: Request): Promise<Response>
  /** True where a navigation that the page or its user began may go on. */
  mayNavigate(url: string, isMainFrame: boolean): boolean
  /** True where a new window may open. */
  mayOpen(url: string, frameName: string): boolean
  /** A document of this origin has its preload; the number stands for both until `worldGone`. */
  worldMade(world: number, origin: string): void
  worldGone(world: number): void
  message(world: number, message: FromPreload): void
  loaded(): void
  crashed(): void
  closed(): void
}

export interface ChromiumWindow {
  navigate(url: string): Promise<void>
  reload(): Promise<void>
  /** In the order of calls; to a world that is gone by then, nothing. */
  post(world: number, message: ToPreload): void
  close(): Promise<void>
}

export interface WindowOptions {
  readonly width: number
  readonly height: number
  /** The text of the preload, and the `process` it sees. */
  readonly preload: string
  readonly preloadProcess: unknown
}

const toBase64 = (bytes: Uint8Array) => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64')
const fromBase64 = (text: string) => Buffer.from(text, 'base64')

const answer = async (route: Route, hooks: WindowHooks): Promise<void> => {
  const sent = route.request()
  const headers = Object.entries(await sent.allHeaders()).filter(([name]) => !name.startsWith(':'))
  const response = await hooks.request(new Request(toMainUrl(sent.url()), { method: sent.method(), headers }))
  await route.fulfill({
    status: response.status,
    headers: Object.fromEntries(response.headers),
    body: Buffer.from(await response.arrayBuffer()),
  })
}

/** Keeps account of the preload's worlds, one a document, and carries their messages. */
const watchWorlds = (cdp: CDPSession, hooks: WindowHooks): void => {
  const worlds = new Set<number>()
  const gone = (world: number) => {
    if (worlds.delete(world)) hooks.worldGone(world)
  }
  cdp.on('Runtime.executionContextCreated', ({ context }) => {
    if (context.name !== preloadWorldName) return
    worlds.add(context.id)
    hooks.worldMade(context.id, toMainOrigin(context.origin))
  })
  cdp.on('Runtime.executionContextDestroyed', ({ executionContextId }) => gone(executionContextId))
  cdp.on('Runtime.executionContextsCleared', () => [...worlds].forEach(gone))
  cdp.on('Runtime.bindingCalled', ({ name, payload, executionContextId }) => {
    if (name === bindingName)
      hooks.message(executionContextId, fromWire(JSON.parse(payload), fromBase64) as FromPreload)
  })
  cdp.on('Inspector.targetCrashed', () => {
    for (const world of [...worlds]) gone(world)
    hooks.crashed()
  })
}

/** Opens a page in `context` and puts the preload into it. */
export const openChromiumWindow = async (
  context: BrowserContext,
  { width, height, preload, preloadProcess }: WindowOptions,
  hooks: WindowHooks,
): Promise<ChromiumWindow> => {
  const page: Page = await context.newPage()
  const cdp = await context.newCDPSession(page)
  /** Where main itself sends the page: no `will-navigate` for that. */
  let expectedUrl: string | null = null

  watchWorlds(cdp, hooks)
  await cdp.send('Page.enable')
  await cdp.send('Runtime.enable')
  await cdp.send('Runtime.addBinding', { name: bindingName, executionContextName: preloadWorldName })
  await cdp.send('Page.addScriptToEvaluateOnNewDocument', { source: mainWorldScript() })
  const source = preloadWorldScript(preload, preloadProcess)
  await cdp.send('Page.addScriptToEvaluateOnNewDocument', { source, worldName: preloadWorldName })
  const { windowId } = await cdp.send('Browser.getWindowForTarget')
  await cdp.send('Browser.setWindowBounds', { windowId, bounds: { width, height } })

  cdp.on('Page.loadEventFired', () => hooks.loaded())
  cdp.on('Page.windowOpen', ({ url, windowName }) => {
    // Electron would not have made it; here Chromium has, and it is closed before its first request (app.ts) is answered.
    if (!hooks.mayOpen(toMainUrl(url), windowName)) page.once('popup', (popup) => popup.close())
  })
  page.once('close', () => hooks.closed())
  await page.route('**', async (route) => {
    const request = route.request()
    if (request.isNavigationRequest()) {
      const isMainFrame = request.frame() === page.mainFrame()
      const isExpected = isMainFrame && request.url() === expectedUrl
      if (isMainFrame) expectedUrl = null
      if (!isExpected && !hooks.mayNavigate(toMainUrl(request.url()), isMainFrame)) return route.abort('aborted')
    }
    return request.url().startsWith(`${shownOrigin}/`) ? answer(route, hooks) : route.continue()
  })

  return {
    navigate: async (url) => {
      expectedUrl = toShownUrl(url)
      const { errorText } = await cdp.send('Page.navigate', { url: expectedUrl })
      if (errorText !== undefined) throw new Error(`${errorText} loading '${url}'`)
    },
    reload: async () => {
      const { currentIndex, entries } = await cdp.send('Page.getNavigationHistory')
      expectedUrl = entries[currentIndex]?.url ?? null
      await cdp.send('Page.reload')
    },
    post: (world, message) => {
      const text = JSON.stringify(JSON.stringify(toWire(message, toBase64)))
      // A document that is left has no world any more; Electron drops such messages too.
      cdp.send('Runtime.evaluate', { contextId: world, expression: `${receiverName}(${text})` }).catch(() => undefined)
    },
    close: () => page.close(),
  }
}
