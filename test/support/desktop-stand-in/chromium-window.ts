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
  /** The page has opened a window; `closeForeignPages` closes it. */
  opened(url: string, frameName: string): void
  /** A document of this origin has its preload; the number stands for both until `worldGone`. */
  worldMade(world: number, origin: string): void
  worldGone(world: number): void
  message(world: number, message: FromPreload): void
  loaded(): void
  crashed(): void
  closed(): void
}

/** Permissions by Chromium's name (CDP Browser.setPermission). */
export type ChromiumPermission = 'geolocation' | 'notifications' | 'clipboard-read' | 'clipboard-write' | 'midi'

export interface ChromiumWindow {
  grant(permission: ChromiumPermission, granted: boolean): Promise<void>
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

let pagesBeingOpened = 0

/** A page of ours; all others are closed by `closeForeignPages`. */
const newPage = async (context: BrowserContext): Promise<Page> => {
  pagesBeingOpened++
  try {
    return await context.newPage()
  } finally {
    pagesBeingOpened--
  }
}

/**
 * Closes every page that a page opens. Electron does not make a window that its handler denies; here Chromium has made it, so it
 * is kept from reaching anything and closed.
 */
export const closeForeignPages = async (context: BrowserContext): Promise<void> => {
  // The pages of windows answer their own requests.
  await context.route('**', (route) => route.abort())
  context.on('page', (page) => {
    if (pagesBeingOpened === 0) void page.close()
  })
}

/** A page that answers to main, before it shows anything. */
const openPage = async (context: BrowserContext, options: WindowOptions, hooks: WindowHooks) => {
  const page = await newPage(context)
  const cdp = await context.newCDPSession(page)
  /** Where main itself sends the page: no `will-navigate` for that. */
  let expectedUrl: string | null = null

  watchWorlds(cdp, hooks)
  await cdp.send('Page.enable')
  await cdp.send('Runtime.enable')
  await cdp.send('Runtime.addBinding', { name: bindingName, executionContextName: preloadWorldName })
  await cdp.send('Page.addScriptToEvaluateOnNewDocument', { source: mainWorldScript() })
  const source = preloadWorldScript(options.preload, options.preloadProcess)
  await cdp.send('Page.addScriptToEvaluateOnNewDocument', { source, worldName: preloadWorldName })
  const { windowId } = await cdp.send('Browser.getWindowForTarget')
  const { width, height } = options
  await cdp.send('Browser.setWindowBounds', { windowId, bounds: { width, height } })

  cdp.on('Page.loadEventFired', () => hooks.loaded())
  cdp.on('Page.windowOpen', ({ url, windowName }) => {
    hooks.opened(toMainUrl(url), windowName)
  })
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
    page,
    cdp,
    navigate: async (shownUrl: string) => {
      expectedUrl = shownUrl
      const { errorText } = await cdp.send('Page.navigate', { url: shownUrl })
      if (errorText !== undefined) throw new Error(`${errorText} loading '${toMainUrl(shownUrl)}'`)
    },
  }
}

/** Opens a page in `context` and puts the preload into it. */
export const openChromiumWindow = async (
  context: BrowserContext,
  options: WindowOptions,
  hooks: WindowHooks,
): Promise<ChromiumWindow> => {
  let hasCrashed = false
  const open = async (): ReturnType<typeof openPage> => {
    const opened = await openPage(context, options, {
      ...hooks,
      crashed: () => {
        hasCrashed = true
        hooks.crashed()
      },
    })
    opened.page.once('close', () => {
      if (opened.page === current.page) hooks.closed()
    })
    return opened
  }
  let current = await open()

  return {
    grant: async (name, granted) => {
      const setting = granted ? 'granted' : 'denied'
      await current.cdp.send('Browser.setPermission', { permission: { name }, setting, origin: shownOrigin })
    },
    navigate: (url) => current.navigate(toShownUrl(url)),
    reload: async () => {
      const { currentIndex, entries } = await current.cdp.send('Page.getNavigationHistory')
      const url = entries[currentIndex]?.url ?? 'about:blank'
      if (hasCrashed) {
        // Electron gives the same window a new process; Playwright gives a crashed page up, so here it is a new page.
        const crashed = current
        current = await open()
        hasCrashed = false
        await crashed.page.close()
      }
      await current.navigate(url)
    },
    post: (world, message) => {
      const text = JSON.stringify(JSON.stringify(toWire(message, toBase64)))
      const expression = `${receiverName}(${text})`
      // A document that is left has no world any more; Electron drops such messages too.
      current.cdp.send('Runtime.evaluate', { contextId: world, expression }).catch(() => undefined)
    },
    close: () => current.page.close(),
  }
}
